"""A join has no click, no jump in level, nothing missing and nothing added."""

import numpy as np
import numpy.typing as npt
import pytest

from core.limiter import true_peak_dbtp
from core.types import AudioClip, GeneratedClip, MusicRequest, Provenance
from pipelines.joining import join

RATE = 32000
Doubles = npt.NDArray[np.float64]


def clip(samples: Doubles, rate: int = RATE) -> AudioClip:
    return AudioClip(np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32), rate, "a clip")


def made(rest: Doubles, lead_in: Doubles | None = None) -> GeneratedClip:
    request = MusicRequest("on", mode="continue")
    origin = Provenance("m", "", "rules", "Apache-2.0")
    return GeneratedClip(clip(rest), request, origin, lead_in=None if lead_in is None else clip(lead_in))


def music(seconds: float, *, seed: int = 0, level: float = 0.1, rate: int = RATE) -> Doubles:
    """Pink-ish noise in stereo: steady, and unlike any other seed's."""
    from scipy.signal import lfilter

    white = np.random.default_rng(seed).standard_normal((2, round(seconds * rate)))
    return np.asarray(level * lfilter([0.3], [1, -0.9], white, axis=1))


def tone(start_s: float, end_s: float, *, hz: float = 220.0, level: float = 0.2) -> Doubles:
    time_s = np.arange(round(start_s * RATE), round(end_s * RATE)) / RATE
    return np.tile(level * np.sin(2 * np.pi * hz * time_s), (2, 1))


def levels_db(samples: npt.NDArray, step_s: float = 0.1) -> Doubles:
    n = round(step_s * RATE)
    whole = samples[:, : samples.shape[1] // n * n]
    return 10 * np.log10(np.square(whole).reshape(2, -1, n).mean(axis=(0, 2)))


@pytest.mark.parametrize("lead_s", [None, 0.5, 1.5, 5.0])
def test_matched_music_keeps_its_level_and_length(lead_s: float | None) -> None:
    lead_in = None if lead_s is None else music(lead_s, seed=1)
    joined = join(clip(music(4.0)), made(music(3.0, seed=2), lead_in)).samples
    assert joined.shape == (2, 7 * RATE)
    near = levels_db(joined)
    assert np.abs(near - np.median(near)).max() < 1.0


@pytest.mark.parametrize("gain_db", [-9.0, 9.0])
def test_the_source_takes_the_level_of_what_follows(gain_db: float) -> None:
    quiet = music(4.0) * 10 ** (gain_db / 20)
    joined = join(clip(quiet), made(music(3.0, seed=2), music(1.0, seed=1))).samples
    near = levels_db(joined)
    assert np.abs(near - np.median(near)).max() < 1.0


def test_a_wave_that_goes_on_goes_on_without_a_click() -> None:
    whole = tone(0.0, 6.0)
    joined = join(clip(tone(0.0, 3.0)), made(tone(3.0, 6.0), tone(2.0, 3.0))).samples
    assert np.abs(joined - whole).max() < 0.01


def test_without_a_lead_in_there_is_no_click_either() -> None:
    joined = join(clip(tone(0.0, 3.0)), made(tone(0.4, 3.4, hz=311.0))).samples
    steepest = np.abs(np.diff(tone(0.0, 1.0, hz=311.0))).max()
    assert np.abs(np.diff(joined)).max() < 1.5 * steepest


@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (22050, 2), (8000, 1)])
def test_rate_and_channels_are_those_of_the_continuation(rate: int, channels: int) -> None:
    source = clip(music(2.5, rate=rate)[:channels], rate)
    joined = join(source, made(music(1.0, seed=2), music(1.0, seed=1)))
    assert (joined.rate, joined.samples.shape) == (RATE, (2, round(3.5 * RATE)))


def test_a_source_shorter_than_the_lead_in_and_silent_ones_are_joined() -> None:
    assert join(clip(music(1.0)), made(music(2.0), music(4.0))).seconds == 3.0
    silent = np.zeros((2, RATE))
    assert np.isfinite(join(clip(silent), made(music(2.0))).samples).all()
    assert np.abs(join(clip(music(1.0)), made(silent)).samples).max() < 1.0


def test_the_ceiling_holds_where_a_source_is_raised() -> None:
    quiet_end = np.concatenate([music(3.0, level=0.9), music(4.0, level=0.05)], axis=1)
    joined = join(clip(np.clip(quiet_end, -1, 1)), made(music(3.0, level=0.2)))
    assert true_peak_dbtp(joined.samples) <= -1.0
