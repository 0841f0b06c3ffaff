"""The three pictures of a clip that a transcription is read from: of its attacks, its strokes and its tones.

Attacks and strokes need time (windows of 46 ms every 10 ms), tones need pitch (186 and 372 ms, every 23 ms): tones are
spectral peaks measured between bins and counted for the semitone they are nearest to once the clip's tuning is out.

Shapes: mono samples (n,) at 22,050 Hz; attacks (3, frames) of low, middle and high bands; fluxes and levels (6, frames)
by the bands of EDGES_HZ; tones (frames, N_TONES) by semitones from LOWEST_PITCH.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.features import RATE_HZ, power_spectra

Floats = npt.NDArray[np.floating]

_WINDOW, _HOP = 1024, 220
ATTACKS_PER_S = RATE_HZ / _HOP
EDGES_HZ = (0, 100, 250, 800, 3000, 7000, 11_026)
_ATTACK_BANDS_HZ = ((0, 160), (160, 3000), (4500, 11_026))
LATE_S = 0.012
"""How much earlier than its attack a sound is seen: windows reach ahead."""

LOWEST_PITCH, N_TONES, _CROSSING = 24, 72, 52
"""MIDI pitches of the tones; those below the crossing are seen through the long window."""
_TONE_HOP = 512
TONES_PER_S = RATE_HZ / _TONE_HOP
_LONG, _SHORT = 8192, 4096
_OFF_TUNE = 0.25  # semitones
_FAINT = 1e-4  # of the strongest bin: peaks below are noise


@dataclass(frozen=True)
class Spectra:
    """What was measured. `tuning` in semitones, within a half of one."""

    attacks: Floats
    fluxes: Floats
    levels: Floats
    tones: Floats
    tuning: float
    seconds: float


def spectra_of(mono: npt.NDArray[np.float32]) -> Spectra:
    """Measure samples (n,) at 22,050 Hz."""
    power = _powers(mono, _WINDOW, _HOP)
    tones, tuning = _tones(mono)
    return Spectra(_attacks(power), *_strokes(power), tones, tuning, len(mono) / RATE_HZ)


def _powers(mono: npt.NDArray[np.float32], window: int, hop: int) -> Floats:
    return np.concatenate(list(power_spectra(mono, np.hanning(window).astype(np.float32), hop)))


def _rises(levels: Floats) -> Floats:
    """How much each column rises around each frame."""
    return np.pad(np.maximum(0, levels[2:] - levels[:-2]), ((1, 1), (0, 0)))


def _attacks(power: Floats) -> Floats:
    """Rises of forty bands spaced as hearing is, each of three ranges in units of its spread."""
    edges = np.unique(np.round(np.geomspace(1, 512, 44)).astype(int))
    bands = np.add.reduceat(power, edges[:-1], axis=1)
    rises = _rises(np.log10(bands + 1e-6 * max(float(bands.max()), 1e-12)))
    hz = edges[:-1] * RATE_HZ / _WINDOW
    ranges = np.stack([rises[:, (hz >= low) & (hz < high)].mean(axis=1) for low, high in _ATTACK_BANDS_HZ])
    width = min(101, ranges.shape[1])  # about a second
    around = np.stack([np.convolve(row, np.full(width, 1 / width), "same") for row in ranges])
    clear = np.maximum(ranges - 0.5 * around, 0)
    return np.asarray(clear / (clear.std(axis=1, keepdims=True) + 1e-9))


def _strokes(power: Floats) -> tuple[Floats, Floats]:
    """Mean rise of the bins of each band, and its level below the loudest; both in tens of decibels."""
    faintest = 1e-7 * max(float(power.max()), 1e-12)
    hz = np.arange(power.shape[1]) * RATE_HZ / _WINDOW
    bands = [(hz >= low) & (hz < high) for low, high in pairwise(EDGES_HZ)]
    rises = _rises(np.log10(power + faintest))
    levels = np.stack([np.log10(power[:, band].mean(axis=1) + faintest) for band in bands])
    return np.stack([rises[:, band].mean(axis=1) for band in bands]), levels - levels.max()


def _tones(mono: npt.NDArray[np.float32]) -> tuple[Floats, float]:
    """Tones by semitone, and the tuning, found in the middle register."""
    high = _peaks(mono, _SHORT, 45, LOWEST_PITCH + N_TONES + 4)
    low = _peaks(mono, _LONG, LOWEST_PITCH, 64)
    tuning = float(np.angle(np.sum(high.weight * np.exp(2j * np.pi * high.pitch)))) / (2 * np.pi)
    above, below = high.by_semitone(tuning), low.by_semitone(tuning)
    below *= 0.5  # a window of twice the length doubles a tone
    crossing = _CROSSING - LOWEST_PITCH
    return np.concatenate([below[:, :crossing], above[:, crossing:]], axis=1), tuning


@dataclass(frozen=True)
class _Peaks:
    """Spectral peaks: frame, MIDI pitch with fractions, magnitude; (n,) each."""

    frame: npt.NDArray[np.intp]
    pitch: Floats
    weight: Floats
    n_frames: int

    def by_semitone(self, tuning: float) -> Floats:
        """(frames, N_TONES)."""
        nearest = np.round(self.pitch - tuning)
        weight = self.weight * np.exp(-0.5 * ((self.pitch - tuning - nearest) / _OFF_TUNE) ** 2)
        place = nearest.astype(int) - LOWEST_PITCH
        inside = (place >= 0) & (place < N_TONES)
        cells = self.frame[inside] * N_TONES + place[inside]
        counted = np.bincount(cells, weight[inside], minlength=self.n_frames * N_TONES)
        return np.asarray(counted, np.float64).reshape(self.n_frames, N_TONES)


def _peaks(mono: npt.NDArray[np.float32], window: int, lowest: int, highest: int) -> _Peaks:
    first, last = (int(440 * 2 ** ((pitch - 69.5) / 12) * window / RATE_HZ) for pitch in (lowest, highest + 1))
    first = max(2, first)
    magnitude = np.sqrt(_powers(mono, window, _TONE_HOP)[:, first - 1 : last + 2])
    middle = magnitude[:, 1:-1]
    is_peak = (middle > magnitude[:, :-2]) & (middle >= magnitude[:, 2:])
    frame, place = np.nonzero(is_peak & (middle > _FAINT * magnitude.max(initial=0)))
    left, here, right = (np.log(magnitude[frame, place + side] + 1e-12) for side in range(3))
    shift = 0.5 * (left - right) / np.minimum(left - 2 * here + right, -1e-9)
    pitch = 69 + 12 * np.log2((first + place + shift) * RATE_HZ / window / 440)
    return _Peaks(frame, pitch, middle[frame, place], len(magnitude))


@cache
def _steady(n: int) -> Floats:
    return np.arange(n, dtype=float)


def sampled(rows: Floats, times_s: Floats, rate_hz: float) -> Floats:
    """Rows (n, frames) at the times, whatever their shape: (n, *times)."""
    frames = _steady(rows.shape[1])
    return np.stack([np.interp(times_s * rate_hz, frames, row, left=0, right=0) for row in rows])


def loudest_near(rows: Floats, times_s: Floats, before_s: float = 0.03, after_s: float = 0.04) -> Floats:
    """The greatest value of each row of attacks or strokes around each time, (n, len(times))."""
    near = np.arange(-before_s, after_s + 1e-6, 0.01)
    return np.asarray(sampled(rows, times_s[:, None] + near - LATE_S, ATTACKS_PER_S).max(axis=2))


def between(tones: Floats, edges_s: Floats, *, power: float = 1.0) -> Floats:
    """Mean of `tones ** power` from each edge to the next, (len(edges) - 1, N_TONES)."""
    sums = np.cumsum(np.vstack([np.zeros((1, tones.shape[1])), tones**power]), axis=0)
    frames = np.clip(edges_s * TONES_PER_S + 0.5, 0, len(tones))
    at, share = np.minimum(frames.astype(int), len(tones) - 1), np.mod(frames, 1)[:, None]
    share = np.where(frames[:, None] >= len(tones), 1.0, share)
    reached = sums[at] * (1 - share) + sums[at + 1] * share
    lasting = np.maximum(np.diff(edges_s) * TONES_PER_S, 1e-9)[:, None]
    return np.asarray(np.diff(reached, axis=0) / lasting)
