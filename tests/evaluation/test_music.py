"""The measures of written music, on scores whose figures are known."""

from pathlib import Path

import numpy as np
import pytest

from core.types import MusicRequest
from corpus import composer, score
from corpus.score import Header
from evaluation import music
from pipelines.pretrain.music_card import MEASURED, Run, card


def piece(notes: list[int], header: Header | None = None) -> np.ndarray:
    """One crotchet after another as the tune, in semitones above the tonic; C major, bass on its root."""
    header = header or Header()
    tokens = np.zeros((score.N_STREAMS, score.N_HEADER_FRAMES + 4 * len(notes)), np.int64)
    tokens[:, : score.N_HEADER_FRAMES] = header.pack()
    tokens[score.CHORD, score.N_HEADER_FRAMES :] = score.chord_token(0, "major")
    for beat, semitones in enumerate(notes):
        at = score.N_HEADER_FRAMES + 4 * beat
        tokens[score.MELODY, at : at + 4] = [score.FIRST_PITCH + semitones - score.MELODY_LOWEST, *[score.HOLD] * 3]
        tokens[score.BASS, at] = score.FIRST_PITCH - score.BASS_LOWEST
    return tokens


TUNE = [0, 2, 4, 5, 7, 5, 4, 2, 0, 4, 7, 4, 2, 2, 0, 0]


def test_figures_of_known_scores() -> None:
    returning = piece(TUNE + TUNE)
    wrong = piece([1, 3] * 8)
    wrong[score.BASS, score.N_HEADER_FRAMES :: 8] += 1  # every other bass note a semitone off
    figures = music.sense([returning, wrong], set(music.two_bar_tunes(returning)))
    assert figures.in_scale == pytest.approx(32 / 48, abs=1e-3)
    assert figures.bass_in_chord == pytest.approx(40 / 48, abs=1e-3)
    assert figures.bars_returning == 1.0
    assert figures.copied == pytest.approx(7 / 10)
    assert figures.distinct == 1.0
    assert figures.without_tune == figures.without_bass == 0.0
    assert figures.without_chords == 1.0


def test_bars_without_a_tune_do_not_count_as_returning() -> None:
    silent = piece([])
    silent = np.pad(silent, ((0, 0), (0, 256)))
    figures = music.sense([silent, silent], set())
    assert figures.bars_returning == figures.copied == figures.distinct == 0.0
    assert figures.without_tune == 1.0


def test_the_composers_own_pieces_score_as_the_rules_promise() -> None:
    asked = music.requests(10, seed=3)
    pieces = [music.composed(request, 128) for request in asked]
    assert all(p.shape == (8, 130) for p in pieces)
    assert music.sense(pieces, set()).in_scale == 1.0
    assert set(music.heeded(asked, [Header.unpack(p) for p in pieces]).values()) == {1.0}
    assert {request.genre for request in asked} == set(composer.GENRES)


def test_heeding_is_counted_per_field() -> None:
    asked = [MusicRequest("", tempo_bpm=100.0, genre="jazz", emotion="sadness", key="A minor")] * 2
    headers = [
        Header("jazz", "sadness", 102, 9, "minor"),
        Header("rock", "sadness", 100, 9, "major"),
    ]
    assert music.heeded(asked, headers) == {
        "genre": 0.5, "emotion": 1.0, "tempo": 0.5, "tempo within 4 %": 1.0, "key": 0.5,
    }  # fmt: skip


def test_figures_go_between_the_marks_of_the_card(tmp_path: Path) -> None:
    run = Run(10, 2, 30, 1.0, 0, 5_000_000, "a machine", [1.0] * 8, [0.5] * 8, [2.0] * 8)
    path = tmp_path / "README.md"
    path.write_text(card(run))
    music.write_into(path, "| figure | 1 |")
    text = path.read_text()
    assert text.startswith("---\nlicense: apache-2.0\n")
    assert f"{MEASURED[0]}\n| figure | 1 |\n{MEASURED[1]}" in text
    assert "Not measured yet" not in text
    path.write_text("no marks")
    with pytest.raises(ValueError, match="no place"):
        music.write_into(path, "x")
