"""The noises of the rejection table: sound, the same for a seed, none of them one that the network learned from."""

import numpy as np
import pytest

from classifiers import noises
from core.features import RATE_HZ
from evaluation import rejection


@pytest.mark.parametrize("kind", rejection.NOISES)
def test_every_kind_is_sound_and_drawn_by_seed(kind: str) -> None:
    first, second = rejection.noise(kind, 2, 0)
    again = next(rejection.noise(kind, 1, 0))
    assert first.shape == second.shape == (rejection.SECONDS * RATE_HZ,)
    assert np.isfinite(first).all()
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert np.abs(first).max() == pytest.approx(0.4) if kind != "near silence" else 0 < np.abs(first).max() < 4e-4


def test_no_kind_is_one_of_the_training_noises() -> None:
    assert not {f.__name__ for f in rejection.NOISES.values()} & set(vars(noises))


def test_noise_is_not_music_and_a_chord_progression_is() -> None:
    assert (rejection.judged(rejection.noise("rain", 2, 1)) < 0.5).all()
    assert (rejection.judged(rejection.bare_music.pieces(2, 99)) > 0.5).all()
