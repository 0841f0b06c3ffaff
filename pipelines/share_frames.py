"""The frames of a shared film: the picture drifts slowly, swells on every beat, and wears the music's spectrum.

A frame shows what is heard from its beginning until the next one's. Levels are (frames, BARS) in [0, 1]; pulses
(frames,) in [0, 1], 1 in the frame in which a beat falls and fading after it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.audio import resample
from core.features import RATE_HZ, power_spectra
from core.types import AudioClip

Floats = npt.NDArray[np.float32]
Box = tuple[float, float, float, float]

FPS = 25
SIDE_PX = 720
"""The side of the square with a frame's area."""
BARS = 40
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 10_000.0
_RANGE_DB = 42.0
_FALL = 0.80  # of a bar's level from frame to frame: half is gone after an eighth of a second
_FADE_S = 0.16  # of a pulse
_SWELL, _FLASH = 0.035, 0.14  # how much larger and brighter the picture is on a beat
_SLACK = 1.16  # the picture is so much larger than the frame at rest: room to drift
_STRIP = 0.20  # of the height, in which the bars stand
_WINDOW = 2048


@dataclass(frozen=True)
class Film:
    """Frames, made while they are asked for: uint8 (height, width, 3), both sides even."""

    picture: Image.Image
    pulses: Floats
    levels: Floats
    width_px: int
    height_px: int

    @property
    def n(self) -> int:
        return len(self.pulses)

    def __iter__(self) -> Iterator[npt.NDArray[np.uint8]]:
        tint = _tint(self.picture)
        for index, (pulse, levels) in enumerate(zip(self.pulses, self.levels, strict=True)):
            box = _view(self.picture.size, (self.width_px, self.height_px), index / FPS, float(pulse))
            shown = self.picture.resize((self.width_px, self.height_px), Image.Resampling.BILINEAR, box=box)
            if pulse > 0.02:
                shown = shown.point(_brighter(float(pulse)))
            frame = np.array(shown)
            _lay_bars(frame, levels, tint)
            yield frame


def film(pixels: npt.NDArray[np.uint8], clip: AudioClip, beat_times_s: Sequence[float]) -> Film:
    """The film of a picture to a clip: a frame every 40 ms, at least one."""
    n = max(1, round(clip.seconds * FPS))
    width, height = frame_size(pixels.shape[1], pixels.shape[0])
    size = (round(width * _SLACK), round(height * _SLACK))
    picture = Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.LANCZOS)
    return Film(picture, pulses(beat_times_s, n), spectrum(clip, n), width, height)


def frame_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Even sides of the picture's proportions with the area of a square of SIDE_PX."""
    shape = math.sqrt(width_px / height_px)
    return 2 * round(SIDE_PX * shape / 2), 2 * round(SIDE_PX / shape / 2)


def pulses(beat_times_s: Sequence[float], n: int) -> Floats:
    """1 in the frame in which a beat falls, fading until the next."""
    beats = np.sort(np.asarray(beat_times_s, np.float64))
    starts = np.floor(beats * FPS + 1e-6)  # a beat on a frame's edge belongs to the frame that it begins
    frames = np.arange(n)
    last = np.searchsorted(starts, frames, side="right") - 1
    since_s = (frames - np.append(starts, -np.inf)[last]) / FPS
    return np.exp(-since_s / _FADE_S).astype(np.float32)


def spectrum(clip: AudioClip, n: int) -> Floats:
    """How loud each of BARS bands, equally wide on a scale of octaves, is in each frame; they rise at once and fall
    slowly. The loudest moment of the clip reaches the top."""
    mono = resample(AudioClip(clip.mono()[None], clip.rate), RATE_HZ).samples[0]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
    bands = _bands()
    power = np.concatenate([block @ bands for block in power_spectra(mono, window, RATE_HZ // FPS)])
    decibel = 10 * np.log10(np.maximum(power, 1e-7))
    levels = np.clip(1 + (decibel - max(float(decibel.max()), -20.0)) / _RANGE_DB, 0, 1)
    levels = np.concatenate([levels, np.zeros((max(0, n - len(levels)), BARS))])[:n]
    for before, now in pairwise(levels):
        np.maximum(now, _FALL * before, out=now)
    return levels.astype(np.float32)


def _bands() -> Floats:
    """(bins, BARS): which bins a band is the sum of; a band narrower than a bin takes its share of the bins around."""
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BARS + 1) / RATE_HZ * _WINDOW
    bins = np.arange(_WINDOW // 2 + 1)[:, None]
    return np.clip(np.minimum(bins + 0.5, edges[1:]) - np.maximum(bins - 0.5, edges[:-1]), 0, 1).astype(np.float32)


def _view(size: tuple[int, int], frame: tuple[int, int], time_s: float, pulse: float) -> Box:
    """The part of the picture that is shown at a moment, as left, top, right and bottom."""
    zoom = 1 + 0.05 * (1 + math.sin(2 * math.pi * time_s / 23)) + _SWELL * pulse
    width, height = frame[0] * _SLACK / zoom / 1.02, frame[1] * _SLACK / zoom / 1.02
    across, down = math.sin(2 * math.pi * time_s / 31), math.sin(2 * math.pi * time_s / 41 + 1)
    left, top = (size[0] - width) / 2 * (1 + 0.9 * across), (size[1] - height) / 2 * (1 + 0.9 * down)
    return max(0.0, left), max(0.0, top), min(size[0], left + width), min(size[1], top + height)


def _brighter(pulse: float) -> list[int]:
    """A table for Image.point: a little light added, most in the middle tones, nothing clipped."""
    values = np.arange(256) / 255
    return [int(v) for v in np.round(255 * (values + _FLASH * pulse * 4 * values * (1 - values) * 0.6))] * 3


def _tint(picture: Image.Image) -> Floats:
    """The colour of the bars: the picture's brightest, half way to white."""
    small = np.asarray(picture.resize((32, 32)), np.float32).reshape(-1, 3)
    brightest = small[np.argsort(small.sum(axis=1))[-20:]].mean(axis=0)
    return np.asarray((brightest + 255) / 2, np.float32)


def _lay_bars(frame: npt.NDArray[np.uint8], levels: Floats, tint: Floats) -> None:
    """Bars along the foot, in place: light on a shade, so that they show on any picture."""
    height, width = frame.shape[:2]
    tall = int(height * _STRIP)
    foot = int(height * 0.03)
    strip = frame[height - foot - tall : height - foot]
    place = np.arange(width) * (BARS + 2) / width - 1  # in bars; one is left free on either side
    bar = np.clip(place, 0, BARS - 1).astype(int)
    inside = (place >= 0) & (place < BARS) & (np.abs(place % 1 - 0.5) < 0.34)
    heights = np.where(inside, 2 + levels[bar] * (tall - 2), 0)
    up = (tall - np.arange(tall))[:, None]
    mask = (0.82 * np.clip(heights - up + 1, 0, 1)).astype(np.float32)[..., None]
    strip[:] = (strip + mask * (tint - strip)).astype(np.uint8)
