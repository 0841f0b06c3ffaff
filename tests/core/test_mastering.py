"""Loudness and ceiling of whole clips and of streams, for music and for signals made to break them."""

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest

from core.limiter import true_peak_dbtp
from core.mastering import CEILING_DBTP, LIVE_DB_S, TARGET_LUFS, LiveMaster, master
from core.types import AudioClip

RATE = 32000
Floats = npt.NDArray[np.float32]


def clip(samples: npt.NDArray) -> AudioClip:
    return AudioClip(np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32), RATE)


def band(seconds: float, *, level: float = 0.1, beat_s: float = 0.5) -> npt.NDArray[np.float64]:
    """Something like music: a chord that swells and a drum on the beats, (n,)."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 277.2, 329.6)) * (1 + 0.3 * np.sin(0.8 * time_s))
    drum = np.random.default_rng(0).standard_normal(len(time_s)) * np.exp(-30 * (time_s % beat_s))
    return level * (chord / 3 + drum)


def lufs(samples: Floats) -> float:
    return float(pyloudnorm.Meter(RATE).integrated_loudness(samples.T.astype(np.float64)))


def streamed(whole: AudioClip, sizes: list[int]) -> Floats:
    pieces: list[AudioClip] = []
    live = LiveMaster(pieces.append)
    start = 0
    while start < whole.samples.shape[1]:
        size = sizes[len(pieces) % len(sizes)]
        live.push(clip(whole.samples[:, start : start + size]))
        start += size
    live.finish()
    return np.concatenate([piece.samples for piece in pieces], axis=1)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [1.0, 7.0])
def test_music_gets_the_loudness_under_the_ceiling(level: float, channels: int, seconds: float) -> None:
    made = master(clip(np.tile(band(seconds, level=level), (channels, 1))))
    assert made.samples.shape == (channels, round(seconds * RATE))
    assert lufs(made.samples) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert true_peak_dbtp(made.samples) <= CEILING_DBTP


def _clicks(every_s: float) -> npt.NDArray[np.float64]:
    samples = np.zeros(5 * RATE)
    samples[:: round(every_s * RATE)] = 1.0
    return samples


EXTREMES = {
    "silence": np.zeros(3 * RATE),
    "nothing but an offset": np.full(3 * RATE, 0.7),
    "full scale at 997 Hz": np.sin(2 * np.pi * 997 * np.arange(3 * RATE) / RATE),
    "full scale near half the rate": np.sin(2 * np.pi * 15_000 * np.arange(3 * RATE) / RATE),
    "square": np.sign(np.sin(2 * np.pi * 110 * np.arange(3 * RATE) / RATE)),
    "clicks": _clicks(1.0),
    "dense clicks": _clicks(0.01),
    "one click": _clicks(9.0),
    "noise": np.random.default_rng(0).standard_normal(3 * RATE),
    "not a number": np.where(np.arange(3 * RATE) % 997 == 0, np.nan, band(3.0)),
    "short": band(0.05),
    "very short": band(0.001),
    "hardly there": 1e-5 * band(3.0),
}


@pytest.mark.parametrize("kind", EXTREMES)
def test_extremes_are_finite_and_under_the_ceiling(kind: str) -> None:
    raw = clip(EXTREMES[kind])
    for made in (master(raw).samples, streamed(raw, [9000, 100])):
        assert made.shape == raw.samples.shape
        assert np.isfinite(made).all()
        assert true_peak_dbtp(made) <= CEILING_DBTP


def test_long_clips_are_worked_on_in_stretches_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = clip(band(3.0))
    whole = master(raw).samples
    monkeypatch.setattr("core.mastering._AT_ONCE", 7000)
    assert np.abs(master(raw).samples - whole).max() < 1e-5


def test_what_is_silent_stays_silent() -> None:
    for kind in ("silence", "nothing but an offset"):
        assert np.abs(master(clip(EXTREMES[kind])).samples).max() < 1e-6


def test_steady_extremes_still_get_the_loudness() -> None:
    for kind in ("full scale at 997 Hz", "full scale near half the rate", "noise", "not a number"):
        assert lufs(master(clip(EXTREMES[kind])).samples) == pytest.approx(TARGET_LUFS, abs=0.2)


def test_the_end_fades_only_where_the_music_does_not() -> None:
    going_on, dying = band(4.0), band(4.0) * np.exp(-2 * np.maximum(0, np.arange(4 * RATE) / RATE - 1))
    dying[-1600:] = 0
    cut, left = master(clip(going_on)).samples[0], master(clip(dying)).samples[0]
    assert np.abs(cut[-320:]).max() < 0.02 * np.abs(cut[-RATE:]).max()
    assert np.abs(cut[-RATE : -RATE + 3200]).max() > 0.2
    gain = left[2 * RATE : -3200] @ dying[2 * RATE : -3200] / (dying[2 * RATE : -3200] @ dying[2 * RATE : -3200])
    assert left[-3200:-1600] == pytest.approx(gain * dying[-3200:-1600], abs=1e-3)


def test_it_opens_without_a_click() -> None:
    raw = clip(np.cos(2 * np.pi * 300 * np.arange(2 * RATE) / RATE))
    for made in (master(raw).samples[0], streamed(raw, [8000])[0]):
        assert abs(made[0]) < 1e-3
        assert np.abs(np.diff(made[:200])).max() < 1.1 * np.abs(np.diff(made[1000:2000])).max()


def test_a_lead_in_is_treated_alike_but_not_measured() -> None:
    loud_first = np.concatenate([6 * band(2.0), band(6.0)])
    made = master(clip(loud_first), lead_in_s=2.0)
    assert lufs(made.samples[:, 2 * RATE :]) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert true_peak_dbtp(made.samples) <= CEILING_DBTP


def test_a_stream_is_as_long_as_what_came_in_and_has_no_seams() -> None:
    tone = clip(0.2 * np.sin(2 * np.pi * 220 * np.arange(6 * RATE) / RATE))
    made = streamed(tone, [20_000, 700, 33_000])[0]
    assert len(made) == 6 * RATE
    # the second difference of a tone is its curvature; a step or a kink stands out of it by far
    bend = np.abs(np.diff(made[500:-2000], 2))
    assert bend.max() < 1.05 * np.abs(made).max() * (2 * np.pi * 220 / RATE) ** 2


@pytest.mark.parametrize("level", [0.05, 0.12, 0.5])
def test_a_streams_gain_moves_slowly_towards_the_target(level: float) -> None:
    tone = clip(level * np.sin(2 * np.pi * 220 * np.arange(20 * RATE) / RATE))
    made = streamed(tone, [40_000])
    power = np.square(made[0, 1600:-3200]).reshape(-1, 1600).mean(axis=1)
    moves_db = np.diff(10 * np.log10(power)) / (1600 / RATE)
    assert np.abs(moves_db).max() < min(1.0, 1.05 * LIVE_DB_S)
    late = made[:, -6 * RATE : -3200]
    assert lufs(late) == pytest.approx(TARGET_LUFS, abs=3.0)
    assert true_peak_dbtp(made) <= CEILING_DBTP


def test_sound_of_the_expected_loudness_is_streamed_at_the_target() -> None:
    raw = band(12.0)
    raw *= 10 ** ((-18 - lufs(clip(raw).samples)) / 20)
    assert lufs(streamed(clip(raw), [40_000])) == pytest.approx(TARGET_LUFS, abs=0.5)


def test_a_stream_without_pieces_ends_without_one() -> None:
    got: list[AudioClip] = []
    LiveMaster(got.append).finish()
    assert got == []
