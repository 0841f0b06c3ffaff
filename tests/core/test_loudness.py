"""Loudness: the standard's tone, and pyloudnorm as the oracle on all rates, lengths and levels."""

import numpy as np
import pyloudnorm
import pytest

from core import loudness


def varied(rate_hz: int, seconds: float, channels: int, seed: int = 0) -> np.ndarray:
    """Noise under a level that wanders over 40 dB, with a hum, a constant and a silent stretch."""
    rng = np.random.default_rng(seed)
    n = int(seconds * rate_hz)
    level = 10 ** (np.interp(np.linspace(0, 1, n), np.linspace(0, 1, 9), rng.uniform(-40, 0, 9)) / 20)
    sound = 0.2 * rng.normal(size=(channels, n)) * level + 0.1 * np.sin(2 * np.pi * 50 * np.arange(n) / rate_hz) + 0.02
    sound[:, n // 2 : n // 2 + n // 5] = 0
    return sound.astype(np.float32)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 22_050, 44_100, 96_000])
@pytest.mark.parametrize("seconds", [1, 1.37, 17.3])
def test_as_pyloudnorm_says(rate_hz: int, seconds: float) -> None:
    for channels in (1, 2):
        sound = varied(rate_hz, seconds, channels)
        expected = pyloudnorm.Meter(rate_hz).integrated_loudness(sound.T.astype(np.float64))
        assert loudness.integrated(sound, rate_hz) == pytest.approx(expected, abs=0.005)


def test_a_full_scale_tone_in_one_channel() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000).astype(np.float32)
    assert loudness.integrated(tone[None], 48_000) == pytest.approx(-3.01, abs=0.05)
    assert loudness.integrated(np.stack([tone, tone]), 48_000) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("n", [1, 100, 9000])
def test_clips_shorter_than_a_block_have_a_number(n: int) -> None:
    sound = varied(22_050, 1, 1)[:, :n]
    assert loudness.SILENCE_LUFS <= loudness.integrated(sound, 22_050) < 0


def test_silence_is_the_gate() -> None:
    assert loudness.integrated(np.zeros((2, 48_000), np.float32), 48_000) == loudness.SILENCE_LUFS
    assert loudness.integrated(np.full((1, 48_000), 1e-5, np.float32), 48_000) == loudness.SILENCE_LUFS


def test_a_long_clip_takes_memory_for_a_few_stretches_only() -> None:
    import tracemalloc

    sound = np.zeros((1, 44_100 * 240), np.float32)
    sound[:, ::1000] = 0.5
    tracemalloc.start()
    try:
        loudness.integrated(sound, 44_100)
        assert tracemalloc.get_traced_memory()[1] < 30e6 < sound.nbytes
    finally:
        tracemalloc.stop()
