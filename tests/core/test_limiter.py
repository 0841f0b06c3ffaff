"""True peaks against FFmpeg and against theory; the limiter keeps its promise however a stream is cut."""

import numpy as np
import numpy.typing as npt
import pytest

from core.limiter import MARGIN_DB, RELEASE_DB_S, Limiter, true_peak_dbtp, true_peaks

RATE = 32000
Floats = npt.NDArray[np.float32]


def noise(seconds: float, level: float, *, channels: int = 2, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def limited(samples: Floats, ceiling_db: float, cuts: list[int] | None = None) -> Floats:
    limiter = Limiter(RATE, samples.shape[0], ceiling_db)
    pieces = [limiter.push(piece) for piece in np.split(samples, cuts or [], axis=1)]
    return np.concatenate([*pieces, limiter.finish()], axis=1)


def ffmpeg_true_peak(samples: Floats) -> float:
    """The `ebur128` filter's, which oversamples to 192 kHz; linear, with three digits."""
    import av
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=f"1/{RATE}")
    meter, sink = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = RATE, 0
    graph.push(frame)
    graph.push(None)
    found = 0.0
    while True:
        try:
            found = float(graph.pull().metadata["lavfi.r128.true_peak"])
        except (av.BlockingIOError, av.EOFError):
            return found


def test_the_peak_between_samples_is_found() -> None:
    # a quarter of the rate, sampled 45 degrees off its peaks: every sample is 3 dB below the peak between them
    samples = np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4)[None].astype(np.float32)
    middle = true_peaks(samples)[1000:3000]
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-3.01, abs=0.01)
    assert 20 * np.log10(middle) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_true_peak_is_ffmpegs(seed: int) -> None:
    from scipy.signal import lfilter

    music = lfilter([1], [1, -0.7], noise(1.5, 0.1, seed=seed), axis=1).astype(np.float32)
    assert true_peak_dbtp(music) == pytest.approx(20 * np.log10(ffmpeg_true_peak(music)), abs=0.2)


def test_long_sound_is_measured_in_stretches_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = true_peaks(samples := noise(1.0, 0.3))
    monkeypatch.setattr("core.limiter._AT_ONCE", 5000)
    assert np.abs(true_peaks(samples) - whole).max() < 1e-5


@pytest.mark.parametrize("samples", [np.zeros((2, 0)), np.zeros((1, 5)), np.zeros((2, 40000))])
def test_silence_is_minus_120(samples: npt.NDArray[np.float64]) -> None:
    assert true_peak_dbtp(samples.astype(np.float32)) == -120
    assert np.array_equal(limited(samples.astype(np.float32), -1.0), samples)


@pytest.mark.parametrize("level", [0.05, 0.4, 4.0])
def test_the_ceiling_holds_and_is_used(level: float) -> None:
    made = limited(noise(2.0, level), -1.0)
    assert made.shape == (2, 2 * RATE)
    if level < 0.1:
        assert np.array_equal(made, noise(2.0, level))  # nothing to do
    else:
        assert -1.3 < true_peak_dbtp(made) <= -1.0


def test_a_stream_is_limited_alike_however_it_is_cut() -> None:
    samples = noise(1.0, 0.4)
    cuts = np.sort(np.random.default_rng(1).integers(0, RATE, 40)).tolist()
    assert np.abs(limited(samples, -1.0, cuts) - limited(samples, -1.0)).max() < 1e-5


def test_the_gain_comes_before_the_peak_and_goes_slowly() -> None:
    samples = np.full((1, RATE), 0.1, np.float32)
    samples[:, RATE // 2] = 2.0
    gain_db = 20 * np.log10(limited(samples, -1.0)[0] / samples[0])
    assert gain_db[RATE // 2] <= -7.0 - MARGIN_DB + 0.01  # 2.0 is 6 dB over full scale
    assert gain_db[: RATE // 2 - RATE // 90] == pytest.approx(0, abs=1e-4)  # look-ahead is 5 ms
    assert np.diff(gain_db).max() < 1.5 * RELEASE_DB_S / RATE
    assert np.abs(np.diff(gain_db)).max() < 0.2
