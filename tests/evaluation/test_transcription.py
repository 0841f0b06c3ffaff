"""The marks of a transcription: a perfect one gets all of them, a wrong one loses those it should."""

import numpy as np
import pytest

from corpus import score
from corpus.composer import compose
from corpus.performance import to_notes
from corpus.score import Header
from evaluation.transcription import Marks, f_measure, marked, piece, tables
from pipelines.engines.transcription import Transcription

SECONDS = 12.0


def perfect(tokens: np.ndarray, *, offset_s: float = 0.0, tempo: float = 1.0) -> Transcription:
    """What an ear that hears everything would write, late by `offset_s` and at `tempo` times the tempo."""
    header, end_s = Header.unpack(tokens), to_notes(tokens).seconds
    return Transcription(tokens, tempo * header.tempo_bpm, offset_s, end_s, header.key, 1.0, 1.0, ())


@pytest.fixture(scope="module")
def tokens() -> np.ndarray:
    return compose(5, genre="pop", emotion="joyful_activation", seconds=SECONDS, ending=False).astype(int)


def test_a_perfect_transcription_gets_every_mark(tokens: np.ndarray) -> None:
    marks = marked(tokens, perfect(tokens), SECONDS)
    assert (marks.acc1, marks.acc2, marks.key, marks.bar_line) == (True,) * 4
    assert marks.mirex == 1
    assert marks.roots == 1
    assert (marks.bass or 0) > 0.97
    assert (marks.tune or 0) > 0.97
    assert all(right == found == true for right, found, true in marks.strokes.values())


def test_half_the_tempo_is_right_only_as_a_multiple(tokens: np.ndarray) -> None:
    marks = marked(tokens, perfect(tokens, tempo=0.5), SECONDS)
    assert not marks.acc1
    assert marks.acc2
    assert (marks.roots or 0) < 1


def test_a_late_bar_line_and_wrong_chords_are_seen(tokens: np.ndarray) -> None:
    wrong = tokens.copy()
    music = wrong[:, score.N_HEADER_FRAMES :]
    music[score.CHORD] = (music[score.CHORD] - 1 + 60) % 120 + 1
    music[score.DRUMS] = music[score.MELODY] = 0
    marks = marked(tokens, perfect(wrong, offset_s=0.2), SECONDS)
    assert not marks.bar_line
    assert marks.roots == 0
    assert marks.tune == 0
    assert marks.strokes["kick"][:2] == (0, 0)


def test_the_table_names_every_figure() -> None:
    none = dict.fromkeys(("kick", "snare", "cymbal"), (1, 2, 2))
    text = tables([Marks(True, True, False, 0.5, True, 0.8, None, 0.4, none, None)] * 3)
    assert "| key, MIREX | 0.50 |" in text
    assert "| kick, F-measure | 0.50 |" in text
    assert f_measure([(0, 0, 0)]) == 0


def test_the_pieces_are_the_same_every_time() -> None:
    np.testing.assert_array_equal(piece(7, 3, 5.0), piece(7, 3, 5.0))
    assert piece(7, 3, 5.0).tolist() != piece(8, 3, 5.0).tolist()
