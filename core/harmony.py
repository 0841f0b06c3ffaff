"""Which notes sound, and the key they make: tuned chroma from spectral peaks, matched with profiles of the 24 keys.

A tone is a peak of the spectrum that lasts for two frames and stands out of its neighbourhood: drums do neither. Peaks
are measured between bins, the tuning of the whole clip is taken out, and each counts for the pitch class it is near.
The profiles are `bgate` of A. Faraldo, S. Jorda & P. Herrera, "A multi-profile method for key estimation in EDM", AES
2017: of six published sets they did best on composed pieces (`python -m evaluation.rhythm` has the figures).

Shapes: mono samples (n,) at 22,050 Hz; chroma (12,) from C upwards.
"""

import numpy as np
import numpy.typing as npt

from core.features import RATE_HZ, power_spectra

Floats = npt.NDArray[np.float32]

TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Pitch classes as corpus.captions spells keys."""

MAJOR = (1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30)
MINOR = (1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23)
"""Weights of the twelve degrees, from the tonic upwards."""

_FFT = 8192  # 0.37 s, bins 2.7 Hz apart: a semitone at the bottom of a bass is two of them
_HOP = _FFT // 2
_LOWEST_HZ, _HIGHEST_HZ = 60, 2000
_NEIGHBOURS = 61  # bins, 164 Hz, over which a peak has to stand out
_OFF_TUNE = 0.2  # semitones off the tuning at which a peak counts 0.6
_CLEAR = 0.04  # spread of a chroma: composed pieces have 0.043 to 0.07, hiss 0.02, and hiss should not be sure
TEMPERATURE = 0.06
"""Of the softmax over correlations, so that confidence is the share of keys found right (composed pieces)."""


def chroma(mono: Floats) -> Floats:
    """How strong each pitch class is, shape (12,) from C, summing to 1 (all zeros for silence)."""
    pitch, weight = tones(mono)
    if not weight.sum() > 0:
        return np.zeros(12, np.float32)
    tuning = np.angle(np.sum(weight * np.exp(2j * np.pi * pitch))) / (2 * np.pi)
    nearest = np.round(pitch - tuning)
    weight = weight * np.exp(-0.5 * ((pitch - tuning - nearest) / _OFF_TUNE) ** 2)
    classes = np.bincount(nearest.astype(int) % 12, weight, minlength=12)
    return (classes / classes.sum()).astype(np.float32)


def tones(mono: Floats) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The spectral peaks of all frames: MIDI pitches (fractions too) and weights, both of shape (n,)."""
    low, high = (int(hz * _FFT / RATE_HZ) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    blocks = power_spectra(mono, np.hanning(_FFT).astype(np.float32), _HOP)
    magnitude = np.sqrt(np.concatenate([block[:, low - 1 : high + 1] for block in blocks]))
    middle = magnitude[:, 1:-1]
    frame, bin_ = np.nonzero((middle > magnitude[:, :-2]) & (middle >= magnitude[:, 2:]) & (middle > 0))
    left, here, right = (np.log(magnitude[frame, bin_ + side] + 1e-12) for side in range(3))
    shift = 0.5 * (left - right) / np.minimum(left - 2 * here + right, -1e-9)
    around = _means(middle)[frame, bin_]
    weight = np.maximum(0, _lasting(middle)[frame, bin_] / around - 1) * np.sqrt(around)
    pitch = 69 + 12 * np.log2((low + bin_ + shift) * (RATE_HZ / _FFT / 440))
    return pitch.astype(np.float64), weight.astype(np.float64)


def key(pitch_classes: Floats) -> tuple[str, float]:
    """The likeliest of the 24 keys by correlation with the profiles, and its probability."""
    names = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]
    spread = float(pitch_classes.std())
    if spread < 1e-6:
        return "C major", 1 / 24
    odds = np.exp(correlations(pitch_classes) * min(1, spread / _CLEAR) / TEMPERATURE)
    return names[int(odds.argmax())], round(float(odds.max() / odds.sum()), 3)


def correlations(
    pitch_classes: Floats, major: tuple[float, ...] = MAJOR, minor: tuple[float, ...] = MINOR
) -> npt.NDArray[np.float64]:
    """Pearson's correlation with each key's profile, shape (24,): major keys from C, then minor ones."""
    profiles = np.array([np.roll(profile, k) for profile in (major, minor) for k in range(12)])
    profiles = (profiles - profiles.mean(axis=1, keepdims=True)) / profiles.std(axis=1, keepdims=True)
    return np.asarray(profiles @ ((pitch_classes - pitch_classes.mean()) / pitch_classes.std()) / 12)


def _lasting(magnitude: Floats) -> Floats:
    """What of each bin is there in the frame before or after as well, shape (frames, bins)."""
    if len(magnitude) < 2:
        return magnitude
    before, after = np.vstack([magnitude[:1], magnitude[:-1]]), np.vstack([magnitude[1:], magnitude[-1:]])
    before[0], after[-1] = after[0], before[-1]
    return np.minimum(magnitude, np.maximum(before, after))


def _means(magnitude: Floats) -> npt.NDArray[np.float64]:
    """The mean over _NEIGHBOURS bins around each, mirrored at the ends, shape (frames, bins)."""
    half = _NEIGHBOURS // 2
    sums = np.cumsum(np.pad(magnitude, ((0, 0), (half + 1, half)), mode="symmetric"), axis=1, dtype=np.float64)
    return np.maximum((sums[:, _NEIGHBOURS:] - sums[:, :-_NEIGHBOURS]) / _NEIGHBOURS, 1e-12)
