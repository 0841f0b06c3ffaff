"""True peaks, and a look-ahead limiter that keeps them under a ceiling, for whole clips and for streams alike.

True peak is ITU-R BS.1770-4 Annex 2's: the largest magnitude after oversampling four times. The limiter knows what is
coming LOOK_S ahead: its gain has arrived before the peak does, moves along a Hann window and recovers by RELEASE_DB_S.
The gain at a sample is a mean of minima over windows that all contain that sample, so it is never above what the peak
there allows. What a gain in motion adds between samples is less than MARGIN_DB.

Samples are float32 (channels, n), all channels share one gain; peaks and gains are float32 (n,).
"""

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

OVERSAMPLING = 4
LOOK_S = 0.005
RELEASE_DB_S = 50.0
MARGIN_DB = 0.05
_TAPS = 20
_REACH = 12
"""Samples on each side that a peak depends on: half the taps, and a neighbour."""
_AT_ONCE = 1 << 17  # samples oversampled together: five minutes must not need gigabytes


def true_peak_dbtp(samples: Floats) -> float:
    """The true peak in dB of full scale; -120 for silence."""
    return decibels(float(true_peaks(samples).max(initial=0.0)))


def decibels(level: float) -> float:
    """20 log10, at least -120."""
    return float(20 * np.log10(max(level, 1e-6)))


def true_peaks(samples: Floats) -> Floats:
    """The largest magnitude within one sample to either side of each sample, over the channels; shape (n,)."""
    n = samples.shape[1]
    found = np.zeros(n, np.float32)
    for start in range(0, n, _AT_ONCE):
        end = min(n, start + _AT_ONCE)
        first, last = max(0, start - _REACH), min(n, end + _REACH)
        found[start:end] = _peaks_around(samples[:, first:last])[start - first : end - first]
    return found


def _peaks_around(samples: Floats) -> Floats:
    """The same for a stretch that is short enough to be oversampled at once."""
    from scipy.signal import oaconvolve

    size = np.abs(samples).max(axis=0, initial=0.0)
    if not size.any():
        return np.asarray(size, np.float32)
    between = np.zeros_like(size)  # a sample and the next
    for taps in _phases():
        fine = oaconvolve(samples, taps[None], axes=1)[:, _TAPS // 2 : _TAPS // 2 + len(size)]
        np.maximum(between, np.abs(fine).max(axis=0), out=between)
    np.maximum(size, between, out=size)
    np.maximum(size[1:], between[:-1], out=size[1:])
    return size


@cache
def _phases() -> tuple[Floats, ...]:
    """The filters, shape (_TAPS,), of the values a quarter, half and three quarters of the way to the next sample."""
    from scipy.signal import firwin

    prototype = OVERSAMPLING * firwin(OVERSAMPLING * _TAPS + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0))
    return tuple(prototype[phase::OVERSAMPLING].astype(np.float32) for phase in range(1, OVERSAMPLING))


class GainRider:
    """Peaks -> gains in dB (<= 0) that hold them under the ceiling; gains come `delay` samples after their peaks."""

    def __init__(self, rate_hz: int, ceiling_db: float) -> None:
        self._look = max(1, round(LOOK_S * rate_hz))
        self._ceiling_db = ceiling_db - MARGIN_DB
        self._step_db = RELEASE_DB_S / rate_hz
        self._released = np.zeros(self._look, np.float32)  # dB allowed, from `look` before the next gain to come
        window = np.hanning(self._look + 3)[1:-1]
        self._window = (window / window.sum()).astype(np.float32)

    @property
    def delay(self) -> int:
        return self._look

    def push(self, peaks: Floats) -> Floats:
        """The gains that are settled by now."""
        from scipy.ndimage import minimum_filter1d
        from scipy.signal import oaconvolve

        self._released = np.concatenate([self._released, self._allowed(peaks)])
        n = len(self._released) - 2 * self._look
        if n <= 0:
            return np.zeros(0, np.float32)
        if self._released.any():
            size = self._look + 1
            least = minimum_filter1d(self._released, size)[size // 2 :][: len(self._released) - self._look]
            gains = np.minimum(oaconvolve(least, self._window, "valid"), 0).astype(np.float32)
        else:
            gains = np.zeros(n, np.float32)
        self._released = self._released[n:]
        return gains

    def _allowed(self, peaks: Floats) -> Floats:
        """What each peak allows, in dB, recovering by a fixed step a sample: a running minimum of lines."""
        over = self._ceiling_db - 20 * np.log10(np.maximum(peaks, 1e-6).astype(np.float64))
        rise = self._step_db * np.arange(1, len(peaks) + 1)
        lowest = np.minimum.accumulate(np.concatenate([self._released[-1:], np.minimum(over, 0) - rise]))[1:]
        return np.minimum(lowest + rise, 0).astype(np.float32)


class Limiter:
    """A stream under the ceiling: `push` pieces (channels, n), then `finish`; the same samples however they are cut."""

    def __init__(self, rate_hz: int, channels: int, ceiling_db: float) -> None:
        self._rider = GainRider(rate_hz, ceiling_db)
        self._heard = np.zeros((channels, _REACH), np.float32)  # what peaks are still to be taken from
        self._waiting = np.zeros((channels, 0), np.float32)

    def push(self, samples: Floats) -> Floats:
        """What is settled by now, float32 (channels, m); it lags by `_REACH` samples and the look-ahead."""
        self._heard = np.concatenate([self._heard, samples], axis=1)
        self._waiting = np.concatenate([self._waiting, samples], axis=1)
        n = self._heard.shape[1] - 2 * _REACH
        if n <= 0:
            return self._waiting[:, :0]
        gains = self._rider.push(true_peaks(self._heard)[_REACH : _REACH + n])
        self._heard = self._heard[:, n:]
        ready, self._waiting = self._waiting[:, : len(gains)], self._waiting[:, len(gains) :]
        return amplified(ready, gains)

    def finish(self) -> Floats:
        """The rest."""
        n = self._waiting.shape[1]
        return self.push(np.zeros((self._waiting.shape[0], _REACH + self._rider.delay), np.float32))[:, :n]


def amplified(samples: Floats, gains_db: Floats) -> Floats:
    """Each sample by its gain."""
    return samples * np.power(np.float32(10), gains_db / np.float32(20)) if gains_db.any() else samples
