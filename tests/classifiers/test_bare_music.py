"""Bare music is sound, of the stated length, drawn by seed; drum loops of different splits are different."""

from itertools import islice

import numpy as np
import pytest

from classifiers import bare_music
from classifiers.datasets import data_folder
from core.features import RATE_HZ

NEEDS_MIDI = pytest.mark.skipif(not (data_folder() / "midi").is_dir(), reason="the shared MIDI files are not here")


def check(sounds: list[np.ndarray]) -> None:
    for sound in sounds:
        assert sound.dtype == np.float32
        assert bare_music.LEAST_SECONDS * RATE_HZ <= len(sound) <= bare_music.SECONDS * RATE_HZ
        assert np.isfinite(sound).all()
        assert 0.05 < np.abs(sound).max() <= 1


def test_solos_and_pieces() -> None:
    solos, pieces = list(bare_music.solos(2, 1)), list(bare_music.pieces(2, 1))
    check([*solos, *pieces])
    assert np.allclose(next(bare_music.solos(1, 1)), solos[0], atol=1e-6)
    assert len({s.tobytes() for s in (*solos, *pieces)}) == 4


@NEEDS_MIDI
def test_drum_loops_and_piano() -> None:
    learnt = list(islice(bare_music.drum_loops(2, 0), 2))
    held = list(islice(bare_music.drum_loops(2, 0, split="test"), 2))
    check([*learnt, *held, *islice(bare_music.piano(2, 0), 2)])
    assert len({s.tobytes() for s in (*learnt, *held)}) == 4
