"""The synthesised noises are finite, audible, all different, and the same for a seed."""

import numpy as np

from classifiers import noises
from core.features import RATE_HZ


def test_noises_are_sound_and_reproducible() -> None:
    first, again = list(noises.not_music(16, 3)), list(noises.not_music(16, 3))
    for a, b in zip(first, again, strict=True):
        assert a.shape == (noises.SECONDS * RATE_HZ,)
        assert a.dtype == np.float32
        assert np.isfinite(a).all()
        assert 0.05 < np.abs(a).max() < 1
        assert (a == b).all()
    assert len({a.tobytes() for a in first}) == 16
