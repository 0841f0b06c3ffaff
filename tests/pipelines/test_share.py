"""The shared film: what players need of it, sound and picture in step, and nothing left of one that was stopped."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from core.errors import Cancelled
from core.types import AudioClip
from pipelines import share_frames
from pipelines.share import share
from pipelines.share_frames import BARS, FPS, frame_size, pulses, spectrum

RATE = 32_000
BEAT_S = 1.53


@dataclass(frozen=True)
class Seen:
    """A film as a player gets it: frames (n, height, width, 3), the sound's samples (channels, n) and its rate."""

    frames: npt.NDArray[np.uint8]
    times_s: npt.NDArray[np.float64]
    sound: npt.NDArray[np.float32]
    rate: int
    metadata: dict[str, str]


def seen(path: Path) -> Seen:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        decoded = list(container.decode(video=0))
        metadata = dict(container.metadata)
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    frames = np.stack([frame.to_ndarray(format="rgb24") for frame in decoded]).astype(np.uint8, copy=False)
    return Seen(frames, np.array([float(frame.time) for frame in decoded]), sound, rate, metadata)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Films of 240 px: the tests look at many frames, not at fine ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(share_frames, "SIDE_PX", 240)
        yield


@pytest.fixture(scope="module")
def picture() -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[:96, :128]
    return np.stack([60 + x, 40 + y, 90 + 40 * np.sin(x / 9)], -1).astype(np.uint8)


@pytest.fixture(scope="module")
def click() -> AudioClip:
    """Three seconds with one click, in stereo."""
    samples = np.zeros((2, 3 * RATE), np.float32)
    start = round(BEAT_S * RATE)
    samples[:, start : start + 600] = 0.6 * np.exp(-np.arange(600) / 150) * np.sin(np.arange(600) * 0.7)
    return AudioClip(samples, RATE, "one click")


@pytest.fixture(scope="module")
def film(picture: npt.NDArray[np.uint8], click: AudioClip, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    path = tmp_path_factory.mktemp("film") / "new" / "film.mp4"
    told = {"title": "A click", "comment": "Prompt: a click.", "settings": '{"format": 1}'}
    assert share(picture, click, path, beat_times_s=(BEAT_S,), **told) == path
    assert [p.name for p in path.parent.iterdir()] == ["film.mp4"]
    head = path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # plays while it loads
    return seen(path)


def test_it_is_as_long_as_the_clip(film: Seen) -> None:
    assert len(film.frames) == 3 * FPS
    assert film.times_s == pytest.approx(np.arange(3 * FPS) / FPS, abs=1e-3)
    assert film.sound.shape[1] / film.rate == pytest.approx(3, abs=1 / FPS)
    assert film.rate == RATE


def test_it_says_what_it_is(film: Seen) -> None:
    assert film.metadata["title"] == "A click"
    assert film.metadata["comment"] == "Prompt: a click."
    assert film.metadata["synthesete"] == '{"format": 1}'


def test_it_keeps_the_pictures_shape_with_even_sides(film: Seen) -> None:
    height, width = film.frames.shape[1:3]
    assert (width % 2, height % 2) == (0, 0)
    assert width / height == pytest.approx(128 / 96, rel=0.01)


def test_the_frames_have_the_area_of_720_px_squared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share_frames, "SIDE_PX", 720)
    assert frame_size(512, 512) == (720, 720)
    assert frame_size(9, 16) == (540, 960)
    assert frame_size(341, 256) == (830, 624)


def test_picture_and_sound_are_in_step(film: Seen) -> None:
    light = film.frames[:, : int(0.7 * film.frames.shape[1])].mean(axis=(1, 2, 3))
    flash_s = film.times_s[np.diff(light).argmax() + 1]
    heard_s = np.abs(film.sound).max(axis=0).argmax() / film.rate
    assert heard_s == pytest.approx(BEAT_S, abs=0.005)
    assert abs(flash_s - heard_s) <= 1 / FPS
    assert light.argmax() == np.diff(light).argmax() + 1
    assert light[int(BEAT_S * FPS) + 15] < light.max() - 5  # it fades


def test_the_spectrum_moves_with_the_sound(film: Seen) -> None:
    foot = film.frames[:, int(0.78 * film.frames.shape[1]) :].astype(float).mean(axis=(1, 2, 3))
    rest = film.frames[:, : int(0.7 * film.frames.shape[1])].astype(float).mean(axis=(1, 2, 3))
    risen = foot - rest  # what the flash does to both is gone
    peak = int(risen.argmax())
    assert abs(peak / FPS - BEAT_S) <= 2 / FPS
    assert risen[peak] - np.median(risen) > 4


def test_without_beats_it_drifts(picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    hiss = AudioClip(np.zeros((1, 11_025), np.float32), 11_025)
    film = seen(share(picture, hiss, tmp_path / "still.mp4"))
    steps = np.abs(np.diff(film.frames.astype(np.int16), axis=0)).mean(axis=(1, 2, 3))
    assert np.abs(film.frames[0].astype(int) - film.frames[-1]).mean() > 0.5
    assert steps.max() < 1.5
    assert film.rate == 44_100


def test_the_beats_are_heard_where_none_are_given(picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    samples = np.zeros((1, 6 * 22_050), np.float32)
    burst = 0.5 * np.exp(-np.arange(800) / 120) * np.random.default_rng(0).standard_normal(800)
    for beat in range(1, 12):
        samples[0, beat * 11_025 : beat * 11_025 + 800] = burst
    film = seen(share(picture, AudioClip(samples, 22_050), tmp_path / "pulse.mp4"))
    light = film.frames[:, : int(0.7 * film.frames.shape[1])].mean(axis=(1, 2, 3))
    jumps = np.flatnonzero(np.diff(light) > 2) + 1
    assert len(jumps) >= 8
    assert np.abs(jumps / FPS % 0.5 - 0.5 * (jumps / FPS % 0.5 > 0.25)).max() <= 2 / FPS


@pytest.mark.parametrize("stop_at", [0.0, 0.5, 0.99])
def test_stopping_leaves_nothing(
    stop_at: float, picture: npt.NDArray[np.uint8], click: AudioClip, tmp_path: Path
) -> None:
    def stop(fraction: float, what: str) -> None:
        if fraction >= stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        share(picture, click, tmp_path / "film.mp4", beat_times_s=(1,), progress=stop)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n", [1, 900, 6400])
def test_very_short_clips_are_filmed(n: int, picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    clip = AudioClip(np.full((1, n), 0.1, np.float32), RATE)
    film = seen(share(picture, clip, tmp_path / "short.mp4"))
    assert len(film.frames) == max(1, round(n / RATE * FPS))


def test_a_pulse_begins_in_the_frame_of_its_beat_and_fades() -> None:
    pulse = pulses((0.4, 1.0, 0.99), 50)
    assert pulse[:10].max() == 0
    assert pulse[[10, 24, 25]] == pytest.approx(1)
    assert (np.diff(pulse[10:24]) < 0).all()
    assert pulses((), 5).max() == 0


def test_a_tone_raises_its_own_bar() -> None:
    t = np.arange(RATE) / RATE
    for hz in (100, 1000, 6000):
        levels = spectrum(AudioClip((0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)[None], RATE), 25)
        assert levels.shape == (25, BARS)
        bar = int(np.log(hz / 50) / np.log(200) * BARS)
        assert abs(int(levels[12].argmax()) - bar) <= 1
        assert levels[12].max() == pytest.approx(1, abs=0.02)
    assert spectrum(AudioClip(np.zeros((1, RATE), np.float32), RATE), 25).max() == 0


def test_it_is_filmed_at_least_in_real_time(
    picture: npt.NDArray[np.uint8], click: AudioClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_frames, "SIDE_PX", 720)
    second = AudioClip(click.samples[:, RATE : 2 * RATE], RATE)
    taken = []
    for _ in range(3):
        started = time.process_time()
        share(picture, second, tmp_path / "film.mp4", beat_times_s=(0.5,))
        taken.append(time.process_time() - started)
    assert min(taken) < second.seconds
