"""Notes out of probabilities, and basic-pitch's own file where it is installed."""

import numpy as np
import pytest

from core.types import AudioClip
from corpus.notation import read_midi
from corpus.sheet import read_sheet
from pipelines.engines import polyphony
from pipelines.engines.polyphony import beside_the_drums, notes_of
from pipelines.engines.transcription import transcribe

FRAME_S = 256 / 22_050


def probabilities(*held: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Onsets and notes of 200 frames in which (first frame, frames, key) sound."""
    onsets, notes = np.zeros((200, 88), np.float32), np.zeros((200, 88), np.float32)
    for first, length, key in held:
        onsets[first, key] = 0.9
        notes[first : first + length, key] = 0.8
    return onsets, notes


def test_notes_begin_at_onsets_and_end_where_they_fade() -> None:
    first, second = notes_of(*probabilities((10, 40, 39), (100, 20, 43)))
    assert (first.pitch, second.pitch) == (60, 64)
    assert first.start_s == pytest.approx(10 * FRAME_S)
    assert first.end_s == pytest.approx(50 * FRAME_S)
    assert second.end_s - second.start_s == pytest.approx(20 * FRAME_S)


def test_a_key_struck_again_is_two_notes_and_a_click_is_none() -> None:
    assert len(notes_of(*probabilities((10, 60, 39), (40, 30, 39)))) == 2
    assert notes_of(*probabilities((10, 3, 39))) == []


def test_notes_lie_on_the_grid_of_the_transcription() -> None:
    silence = transcribe(np.zeros((1, 64_000), np.float32), 32_000)
    piece = beside_the_drums(notes_of(*probabilities((10, 40, 39))), silence)
    assert [track.name for track in piece.tracks] == ["piano"]
    assert piece.tracks[0].notes[0].start_s == pytest.approx(10 * FRAME_S)


def test_without_the_package_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polyphony, "find_spec", lambda name: None)
    assert polyphony.transcribe_to_midi(AudioClip(np.zeros((1, 100), np.float32), 100)) is None


@pytest.mark.skipif(polyphony.model_file() is None, reason="basic-pitch is not installed")
def test_the_real_network_hears_a_third() -> None:
    seconds = np.arange(64_000) / 32_000
    tones = np.sin(2 * np.pi * np.array([[261.63], [329.63]]) * seconds).sum(axis=0) * np.exp(-seconds)
    midi = polyphony.transcribe_to_midi(AudioClip((0.3 * tones).astype(np.float32)[None], 32_000))
    assert midi is not None
    assert {60, 64} <= {note.pitch for note in read_sheet(midi).notes}
    assert read_midi(midi).shape[0] == 8
