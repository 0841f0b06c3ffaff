"""Levels: the tables are what the synthesizer plays today, and pieces come out where the engines want them."""

import numpy as np
import pytest

from core.loudness import integrated
from corpus.captions import GENRES
from corpus.composer import compose
from corpus.levels import GENRE_GAINS_DB, KIT_LUFS, PROGRAM_LUFS, REFERENCE_LUFS, _groove, _scale, part_gain_db
from corpus.performance import to_notes
from corpus.render import render
from corpus.score import KITS


@pytest.mark.parametrize("program", [0, 30, 33, 73, 89])
def test_programs_are_as_loud_as_the_table_says(program: int) -> None:
    assert _scale(program) == pytest.approx(PROGRAM_LUFS[program], abs=0.3)
    assert _scale(program) + part_gain_db(program, is_drum=False) == pytest.approx(REFERENCE_LUFS, abs=0.3)


def test_kits_are_as_loud_as_the_table_says() -> None:
    assert {kit.program for kit in KITS} == KIT_LUFS.keys()
    assert _groove(16) == pytest.approx(KIT_LUFS[16], abs=0.3)


def test_pieces_leave_headroom_around_18_lufs() -> None:
    assert GENRE_GAINS_DB.keys() == set(GENRES)
    sounds = [render(to_notes(compose(60 + i, genre=g, seconds=5.0)), mastered=False) for i, g in enumerate(GENRES)]
    loudness = [integrated(sound, 32000) for sound in sounds]
    assert -22 < np.mean(loudness) < -16  # most of a piece so short is an introduction
    assert max(np.abs(sound).max() for sound in sounds) < 0.93
