"""The baselines' features on sounds whose answer is known, and the size the large network is said to have."""

import numpy as np
import pytest

from classifiers import baselines
from core import features


def test_log_spectrogram_shows_a_tone_where_it_is() -> None:
    t = np.arange(15 * features.RATE_HZ) / features.RATE_HZ
    late = np.where(t < 4, 0, np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    picture = baselines.log_spectrogram(late, start=2 * features.RATE_HZ)
    assert picture.shape == (baselines.BINS, baselines.FRAMES)
    assert picture.max() == pytest.approx(1)
    assert picture.min() >= -1
    assert picture[:, -1].argmax() == round(1000 * 2048 / features.RATE_HZ)
    # the tone begins two seconds into the piece
    assert np.flatnonzero(picture[93] > 0.5)[0] == pytest.approx(2 * features.FRAMES_PER_SECOND, abs=3)


def test_hand_made_statistics_of_a_constant_and_of_a_beat() -> None:
    constant = np.full((128, 400), -20.0, np.float32)
    beat = constant.copy()
    beat[:, ::20] = -10
    still, moving = baselines.hand_made(constant), baselines.hand_made(beat)
    assert still.shape == moving.shape == (70,)
    assert still[20:62] == pytest.approx(np.zeros(42), abs=1e-3)  # no deviation, no onset
    assert moving[60] == pytest.approx(10 * 19 / 399, rel=0.01)  # mean onset: nineteen steps up by 10 dB


def test_the_large_network_has_twenty_million_parameters() -> None:
    model = baselines.large_cnn(9)
    assert model.count_params() == pytest.approx(20e6, rel=0.05)
    weighted = [layer for layer in model.layers if type(layer).__name__ in ("Conv2D", "Dense")]
    assert len(weighted) == 12
