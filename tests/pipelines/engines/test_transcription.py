"""Sound to score: tempo, bar lines, key and chords of made-up and composed clips, and what silence gives."""

import time
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from core.types import AudioClip
from corpus import score
from corpus.notation import read_midi
from corpus.performance import to_notes
from corpus.render import render
from corpus.score import HOLD, Header
from pipelines.engines.transcription import Transcription, midi_estimate, transcribe

RATE_HZ = 32_000
CHORDS = ((0, "major"), (9, "minor"), (5, "major"), (7, "major"))
MUSIC = slice(score.N_HEADER_FRAMES, None)


def song(tempo_bpm: int = 104, tonic: int = 2, n_bars: int = 8) -> np.ndarray:
    """I vi IV V with drums, bass, piano and a tune, a chord a bar."""
    header = Header(tempo_bpm=tempo_bpm, tonic=tonic, melody=73)
    music = np.zeros((score.N_STREAMS, 16 * n_bars), np.int64)
    music[score.DYNAMICS] = 5
    for bar in range(n_bars):
        root, quality = CHORDS[bar % 4]
        at = slice(16 * bar, 16 * bar + 16)
        music[score.CHORD, at] = score.chord_token(root, quality)
        music[score.DRUMS, at] = [5, 0, 4, 0, 6, 0, 4, 0, 5, 0, 5, 0, 6, 0, 4, 0]
        near = root if root < 7 else root - 12
        low = score.FIRST_PITCH - score.BASS_LOWEST + near
        music[score.BASS, at] = [low, *[HOLD] * 7] * 2
        music[score.ACCOMPANIMENT, at] = [2, HOLD, HOLD, HOLD] * 4
        tune = score.FIRST_PITCH - score.MELODY_LOWEST + 12 + near + np.array([0, 4, 7, 4])
        music[score.MELODY, at] = np.stack([tune, *[np.full(4, HOLD)] * 3], axis=1).ravel()
    return np.concatenate([header.pack(), music], axis=1)


@cache
def heard(tempo_bpm: int = 104, tonic: int = 2, cut_s: float = 0.0) -> Transcription:
    sound = render(to_notes(song(tempo_bpm, tonic)), rate=RATE_HZ)
    return transcribe(sound[:, round(cut_s * RATE_HZ) :], RATE_HZ)


def sung(places: npt.NDArray[np.int64]) -> float:
    return float((places > HOLD).mean())


@pytest.mark.parametrize(("tempo_bpm", "tonic"), [(104, 2)])
def test_tempo_and_key_are_found(tempo_bpm: int, tonic: int) -> None:
    found = heard(tempo_bpm, tonic)
    assert found.header.tempo_bpm == tempo_bpm
    assert found.tempo_bpm == pytest.approx(tempo_bpm, rel=0.005)
    assert found.header.tonic == tonic
    assert found.key == f"{score.TONICS[tonic]} major"


@pytest.mark.parametrize("cut_s", [0.0, 1.3])
def test_step_zero_is_a_bar_line_and_the_last_step_ends_with_the_clip(cut_s: float) -> None:
    found = heard(cut_s=cut_s)
    bar_s = 4 * 60 / 104
    off_s = (found.offset_s + cut_s + bar_s / 2) % bar_s - bar_s / 2
    assert abs(off_s) < 0.04
    assert 0 <= found.offset_s + 0.04 < bar_s
    step_s = bar_s / 16
    n_steps = found.tokens.shape[1] - score.N_HEADER_FRAMES
    assert found.end_s == pytest.approx(found.offset_s + n_steps * step_s, abs=0.02)
    assert abs(found.end_s - (8 * bar_s - cut_s)) < 0.6 * step_s


def test_chords_bass_and_drums_are_written_down() -> None:
    found, true = heard().tokens, song()
    n = min(found.shape[1], true.shape[1]) - score.N_HEADER_FRAMES
    found, true = found[:, MUSIC][:, :n], true[:, MUSIC][:, :n]
    roots = (found[score.CHORD] - 1) // 10 == (true[score.CHORD] - 1) // 10
    assert roots.mean() > 0.85
    for bit in (1, 2):
        f = 2 * (found[score.DRUMS] & true[score.DRUMS] & bit > 0).sum()
        assert f / ((found[score.DRUMS] & bit > 0).sum() + (true[score.DRUMS] & bit > 0).sum()) > 0.7
    begins = np.arange(0, n, 16)
    assert ((found[score.BASS] - true[score.BASS])[begins] % 12 == 0).mean() > 0.7
    assert not found[score.EXTRA].any()


def test_the_form_is_unknown() -> None:
    tokens = heard().tokens
    row = tokens[score.POSITION, MUSIC]
    np.testing.assert_array_equal(row[:64], score.position_row("theme", 0, 64, None))
    assert np.all(tokens >= 0)
    assert np.all(tokens < score.VOCABULARY)


@pytest.mark.parametrize("n", [0, 10, 40_000])
def test_silence_is_rests(n: int) -> None:
    found = transcribe(np.zeros((2, n), np.float32), RATE_HZ)
    assert not found.tokens[score.MELODY, MUSIC].any()
    assert found.tempo_confidence == 0
    assert found.tokens.shape[1] > score.N_HEADER_FRAMES


@pytest.mark.parametrize("seconds", [0.6, 2.0])
def test_short_and_toneless_clips_are_taken_down_somehow(seconds: float) -> None:
    hiss = np.random.default_rng(0).normal(0, 0.1, (1, round(seconds * RATE_HZ))).astype(np.float32)
    found = transcribe(hiss, RATE_HZ)
    assert to_notes(found.tokens).seconds > 0
    assert sung(found.tokens[score.MELODY, MUSIC]) < 0.3


def test_ten_seconds_take_little_time() -> None:
    sound = render(to_notes(song()), rate=RATE_HZ, seconds=10.0)
    transcribe(sound, RATE_HZ)
    before = time.process_time()
    transcribe(sound, RATE_HZ)
    assert time.process_time() - before < 3  # 0.7 s on an idle core


def test_a_clip_has_an_estimate_in_midi() -> None:
    sound = render(to_notes(song()), rate=RATE_HZ, seconds=8.0)
    tokens = read_midi(midi_estimate(AudioClip(sound, RATE_HZ)))
    assert Header.unpack(tokens).tempo_bpm == 104
    assert tokens[score.DRUMS, MUSIC].any()
