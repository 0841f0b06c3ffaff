"""The music in the picture: a clip as three curves, and the curves as a drawing from which a picture is painted.

Two clips of one caption share every word, so words alone give them one picture. What sets them apart, when the tune
climbs, where it is loud, how busy it is, becomes the composition: `layout_of` hears it, `draw` draws it as a landscape
in the colours that the prompt names, and diffusion starts from that drawing.

A curve has LAYOUT_POINTS values in [0, 1] along the clip's time. Frames are 1024 samples at 22,050 Hz, 512 apart:
half of those that the classifiers see, which is fine enough for points a fraction of a second apart, and twice as fast.
"""

import numpy as np
import numpy.typing as npt

from core.audio import resample
from core.features import FRAMES_PER_SECOND, HOP, N_FFT, N_MELS, RATE_HZ, mel_filters, power_spectra
from core.rhythm import onset_strength
from core.types import LAYOUT_POINTS, AudioClip, Beats, Layout
from pipelines.layout_drawing import draw

__all__ = ["draw", "layout_of"]

Floats = npt.NDArray[np.floating]

MIDDLE_HZ, OCTAVES = 600.0, 1.2
"""Where music mostly has the centre of its spectrum, which is drawn half way up, and how far from there the contour has
come three quarters of the way to its edge. Example clips lie between 320 and 760 Hz."""
STRETCH, MOVING_OCTAVES = 3.0, 0.3
"""A clip's rises and falls are drawn up to so much larger, until they deviate by so much: most move by 0.1 to 0.3."""
LOUDNESS_RANGE_DB = 24.0
BUSY, STRONGEST_DB = 30.0, 12.0
"""Onsets in a second times their strength in dB, each up to the strongest: where `beats` reaches 0.63."""

_WINDOW = N_FFT // 2
_FLOOR_DB = -60.0  # of a band, against the loudest: what is below is no onset
_SILENCE = 1e-9  # mean square
_SMOOTHING = 0.7  # points: the deviation of the bell that a point looks through
_RHYTHM_S = 0.4  # the least deviation of the bell through which onsets are counted: a beat alone is no rhythm
_ON_BEAT_S = 0.07


def layout_of(clip: AudioClip, beats: Beats | None = None) -> Layout:
    """The clip as a composition; the same clip gives the same layout. Any rate, length and number of channels.

    An onset on one of the `beats` counts twice. Silence is flat and low.
    """
    mono = _mono(clip)
    covered = _covered(len(mono))
    mel_power, power = _powers(mono)
    if not len(mono) or power.max() < _SILENCE * _WINDOW:
        return Layout(*[(0.0,) * LAYOUT_POINTS] * 3)
    look = _look(len(covered), clip.seconds, 1 / FRAMES_PER_SECOND)
    count = _look(len(covered), clip.seconds, _RHYTHM_S)
    onsets = _onsets(mel_power) * _accents(len(covered), beats)
    busy = FRAMES_PER_SECOND * (count @ onsets) / count.sum(axis=1)
    decibel = 10 * np.log10(np.maximum(look @ power / (look @ covered), _SILENCE))
    return Layout(
        contour=_curve(_contour(mel_power, look)),
        loudness=_curve(1 + (decibel - decibel.max()) / LOUDNESS_RANGE_DB),
        beats=_curve(1 - np.exp(-busy / BUSY)),
    )


def _curve(values: Floats) -> tuple[float, ...]:
    """Rounded, so that it reads well as JSON."""
    return tuple(round(float(value), 3) for value in np.clip(values, 0, 1))


def _mono(clip: AudioClip) -> npt.NDArray[np.float32]:
    """The mean of the channels at 22,050 Hz, or the first where they cancel out."""
    mono = clip.mono()
    if len(clip.samples) > 1 and mono.size and np.ptp(mono) < 1e-3 * np.ptp(clip.samples[0]):
        mono = np.ascontiguousarray(clip.samples[0])
    return resample(AudioClip(mono[None], clip.rate), RATE_HZ).samples[0]


def _covered(n: int) -> Floats:
    """Which share of each frame's window lies inside `n` samples: the first and the last hear silence in part."""
    window = np.concatenate([[0], np.cumsum(_hann() ** 2)])
    starts = np.arange(1 + n // HOP) * HOP - _WINDOW // 2
    inside = window[np.clip(n - starts, 0, _WINDOW)] - window[np.clip(-starts, 0, _WINDOW)]
    return np.asarray(inside / window[-1])


def _hann() -> npt.NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)


def _powers(mono: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """The power in mel bands, shape (128, frames), and in all from 43 Hz up, shape (frames,)."""
    filters = mel_filters()[:, ::2]  # every second bin of a window twice as long is a bin of this one
    blocks = [(filters @ block.T, block[:, 2:].sum(axis=1)) for block in power_spectra(mono, _hann(), HOP)]
    bands, whole = zip(*blocks, strict=True)
    return np.concatenate(bands, axis=1), np.concatenate(whole)


def _look(n_frames: int, seconds: float, least_s: float) -> Floats:
    """How much each point sees of each frame, shape (LAYOUT_POINTS, frames): a bell about the point's moment."""
    points_s = (np.arange(LAYOUT_POINTS) + 0.5) * seconds / LAYOUT_POINTS
    spread_s = max(_SMOOTHING * seconds / LAYOUT_POINTS, least_s)
    away = (np.arange(n_frames) / FRAMES_PER_SECOND - points_s[:, None]) / spread_s
    return np.asarray(np.exp(-0.5 * away**2), np.float32)


def _contour(mel_power: Floats, look: Floats) -> Floats:
    """How high the spectrum's centre lies on a scale of octaves; loud frames decide, silent ones rest at the mean."""
    heard = np.cbrt(mel_power)  # as loud as it seems (Stevens' power law): by amplitude it is the bass that decides
    weight = heard.sum(axis=0)
    height = np.log2(_centres_hz() / MIDDLE_HZ) @ heard / np.maximum(weight, 1e-12)
    mean = float(height @ weight / weight.sum())
    rest = 1e-3 * look.sum(axis=1) * weight.max()
    moves = (look @ (weight * (height - mean))) / (look @ weight + rest)
    stretch = min(STRETCH, max(1.0, MOVING_OCTAVES / max(float(moves.std()), 1e-6)))
    return np.asarray(0.5 + 0.5 * np.tanh((mean + stretch * moves) / OCTAVES))


def _centres_hz() -> Floats:
    """Where each mel band's filter has its middle."""
    filters = mel_filters()
    bins_hz = np.linspace(0, RATE_HZ / 2, filters.shape[1])
    return np.asarray(filters @ bins_hz / filters.sum(axis=1)).reshape(N_MELS)


def _onsets(mel_power: Floats) -> Floats:
    """The onset strength in dB where it peaks, else 0, shape (frames,); out of silence every onset is as strong."""
    decibel = 10 * np.log10(np.maximum(mel_power, 1e-10))
    strength = onset_strength(np.maximum(decibel, decibel.max() + _FLOOR_DB))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(strength, 2), 5)
    peaks = (strength == around.max(axis=1)) & (strength > 1.2 * around.mean(axis=1) + 0.3)
    return np.where(peaks, np.minimum(strength, STRONGEST_DB), 0)


def _accents(n_frames: int, beats: Beats | None) -> Floats:
    """2 for frames near a beat, else 1."""
    if beats is None or not beats.times_s:
        return np.ones(n_frames, np.float32)
    times_s = np.arange(n_frames) / FRAMES_PER_SECOND
    near = np.abs(times_s[:, None] - np.asarray(beats.times_s)).min(axis=1) < _ON_BEAT_S
    return np.where(near, np.float32(2), np.float32(1))
