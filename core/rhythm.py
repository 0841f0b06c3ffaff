"""Tempo and beats: a pulse is searched in the onsets, a learned table decides how people would count it.

The autocorrelation of the onset strength (the tempogram of Grosche, Mueller & Kurth 2010) says which periods repeat.
Every tempo then gets a score: a weighted sum of how strongly its own period, its multiples and its fractions repeat, in
all bands, in the low ones (kick and bass) and in the high ones (cymbals), plus a prior for the genres (Ellis 2007). The
weights are those of a multinomial logistic regression over tempi (`python -m classifiers.tempo` learns them), so the
scores are log-odds and the share of probability at the winner is the confidence. Beats are placed by Ellis' dynamic
programming. librosa computes the same onsets, tempogram and beats (the tests compare), but compiles for seven seconds
at its first call, and one frame after the other; here everything is numpy over whole blocks.

Shapes: log-mel (128, frames) in dB as core.features makes it; onsets (3, frames): all bands, low, high.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.features import FRAMES_PER_SECOND, HOP, N_FFT
from core.types import Beats

Floats = npt.NDArray[np.floating]

TEMPI_BPM = np.geomspace(36, 288, 361)
"""The tempi that are scored: 120 an octave, 0.6 % apart."""
SLOWEST_BPM, FASTEST_BPM = 37.0, 232.0
"""Only between these is a tempo answered: what is beyond, nobody taps and no engine plays."""


@dataclass(frozen=True)
class TempoPrior:
    """How likely tempi are before listening: log-normal around `centre_bpm`, `spread` in octaves, weighted."""

    weight: float
    centre_bpm: float
    spread: float


ANY_TEMPO = TempoPrior(1.0, 112.0, 0.8)

TEMPO_PRIORS: dict[str, tuple[float, float]] = {
    "blues": (110, 0.44), "classical": (112, 0.50), "country": (103, 0.52), "disco": (111, 0.45),
    "hiphop": (105, 0.33), "jazz": (110, 0.51), "metal": (120, 0.46), "pop": (98, 0.35),
    "reggae": (139, 0.42), "rock": (93, 0.38),
}  # fmt: skip
"""Centre in bpm and spread in octaves of the tempi people tap, by genre: the GTZAN annotations as if four more of
112 bpm and half an octave had been among each genre's. `python -m classifiers.tempo` prints them."""

WINDOW = 384
"""Frames of a tempogram's window, 8.9 s, as in librosa."""
_STEP = 16  # frames between two windows: 0.37 s, the pulse does not change faster
_LOW, _HIGH = slice(0, 16), slice(80, 128)  # mel bands up to 430 Hz and from 3.5 kHz
_LONGEST = 0.8  # of the window: longer lags are seen by a few frames only
_LEAST_FADING, _LEAST = 0.05, 0.03
_FLOOR = 0.02  # of a prior, against its peak: no tempo is out of the question

MULTIPLES = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 3 / 2, 2, 3, 4)
"""Of a beat: the periods whose strength is weighed in all bands together..."""
BAND_MULTIPLES = (1 / 2, 1, 2, 4)
"""...and those weighed in the low and in the high bands alone."""


@dataclass(frozen=True)
class Counting:
    """How people count a pulse: a weight for each column of `evidence` and one for the prior."""

    weights: tuple[float, ...]
    prior_weight: float


COUNTING = Counting(
    weights=(
        -0.334, -0.928, 0.602, -0.072, 0.373, 0.111, -0.156, -0.007, 1.085, 0.874,
        -0.315, 0.91, 1.041, 2.388,
        -0.188, -0.176, 0.482, 0.378,
    ),
    prior_weight=1.378,
)  # fmt: skip
"""What `python -m classifiers.tempo` learned from 61 GTZAN clips, 320 composed pieces and 120 bare pulses: a tempo
gains where two, three and four of its beats repeat, and the kick after two or four; it loses where a third does."""

_RIVALS = (1 / 3, 1 / 2, 2, 3)  # what one person counts against another
_WITHIN = 6  # steps of TEMPI_BPM either way, 3.5 %: what counts as the same tempo
_TIGHTNESS = 100.0  # of the beats, as in librosa
_ENOUGH = 16  # beats, before a line through them is better than the score of tempi


def onset_strength(mel_db: Floats) -> npt.NDArray[np.float32]:
    """How much louder each frame is than the one before, mean over the bands; shape (frames,), as librosa's default."""
    rise = np.maximum(0, np.diff(mel_db, axis=1)).mean(axis=0)
    lag = 1 + N_FFT // (2 * HOP)  # one for the difference, two because frames are centred
    return np.concatenate([np.zeros(lag, np.float32), rise])[: mel_db.shape[1]].astype(np.float32)


def onsets(mel_db: Floats) -> npt.NDArray[np.float32]:
    """The onset strength of all bands, the low and the high ones, shape (3, frames)."""
    return np.stack([onset_strength(mel_db[bands]) for bands in (slice(None), _LOW, _HIGH)])


def tempogram(strength: Floats, step: int = 1) -> npt.NDArray[np.float64]:
    """Autocorrelation around every `step`-th frame, (..., frames) to (..., windows, WINDOW); 1 at lag 0, as librosa."""
    edges = [(0, 0)] * (strength.ndim - 1) + [(WINDOW // 2, WINDOW // 2)]
    return _autocorrelations(np.pad(strength.astype(np.float64), edges, mode="linear_ramp"), strength.shape[-1], step)


def evidence(strengths: Floats) -> npt.NDArray[np.float64]:
    """What speaks for each of TEMPI_BPM, from onsets (3, frames): (361, 18), logarithms of how strongly lags repeat."""
    # without its mean the autocorrelation of noise is near zero, so what stands out is a pulse
    centred = strengths - strengths.mean(axis=1, keepdims=True)
    repeats = tempogram(centred, _STEP).mean(axis=1) / np.maximum(_fading(strengths.shape[1]), _LEAST_FADING)
    beat, lags = 60 * FRAMES_PER_SECOND / TEMPI_BPM, np.arange(int(_LONGEST * WINDOW) + 1)
    rows = [(0, m) for m in MULTIPLES] + [(band, m) for band in (1, 2) for m in BAND_MULTIPLES]
    strengths_at = [np.interp(m * beat, lags, repeats[band, : len(lags)], right=0) for band, m in rows]
    return np.log(_LEAST + np.maximum(np.stack(strengths_at, axis=1), 0))


def log_prior(priors: Sequence[TempoPrior]) -> npt.NDArray[np.float64]:
    """Log density of the mixture at each of TEMPI_BPM, its maximum about 0 and its floor about log 0.02."""
    octaves = np.log2(TEMPI_BPM)
    density = np.zeros(len(octaves))
    for prior in priors:
        z = (octaves - math.log2(prior.centre_bpm)) / prior.spread
        density += prior.weight / prior.spread * np.exp(-0.5 * z * z)
    return np.log(density / density.max() + _FLOOR)


def priors_of(genres: Mapping[str, float]) -> list[TempoPrior]:
    """The mixture for genres with their probabilities."""
    return [TempoPrior(share, *TEMPO_PRIORS[genre]) for genre, share in genres.items()]


def beats(mel_db: Floats, priors: Sequence[TempoPrior] = (ANY_TEMPO,), *, counting: Counting = COUNTING) -> Beats:
    """Tempo, its rival (a half, a third, double or three times as fast) and the beat times; 36 to 240 bpm.

    The confidence is the probability that a person would tap this tempo (within 4 %). Without any onset it is 0 and
    there are no beats.
    """
    strengths, prior = onsets(mel_db), log_prior(priors)
    if strengths[0].max(initial=0) <= 0 or strengths.shape[1] < 16:
        likely = float(TEMPI_BPM[prior.argmax()])
        return Beats(round(likely, 1), 0.0, round(likely / 2 if likely > 100 else likely * 2, 1))
    score = evidence(strengths) @ np.array(counting.weights) + counting.prior_weight * prior
    score[(TEMPI_BPM < SLOWEST_BPM) | (TEMPI_BPM > FASTEST_BPM)] = -np.inf
    shares = np.exp(score - score.max())
    mass = np.convolve(shares / shares.sum(), np.ones(2 * _WITHIN + 1), "same")
    best = int(score.argmax())
    coarse = float(TEMPI_BPM[best])
    times_s = track(_in_its_spread(strengths[0]) + _in_its_spread(strengths[1]), coarse) / FRAMES_PER_SECOND
    tempo = _refined(coarse, times_s)
    times = tuple(round(float(t), 3) for t in times_s)
    return Beats(round(tempo, 1), round(float(mass[best]), 3), round(tempo * _rival(best, score), 1), times)


def track(strength: Floats, tempo_bpm: float) -> npt.NDArray[np.intp]:
    """The frames of the beats, about one period apart and on strong onsets (Ellis 2007; librosa's, untrimmed)."""
    period = round(60 * FRAMES_PER_SECOND / tempo_bpm)
    local = _smoothed(strength / max(float(strength.std(ddof=1)), 1e-12), period)
    total, links = _linked(local, period)
    peaks = np.flatnonzero((np.diff(total, prepend=total[0]) > 0) & (np.diff(total, append=total[-1]) <= 0))
    strong = peaks[total[peaks] >= 0.5 * np.median(total[peaks])] if len(peaks) else peaks
    frame, found = int(strong[-1]) if len(strong) else len(total) - 1, []
    while frame >= 0:
        found.append(frame)
        frame = int(links[frame])
    sounding = np.flatnonzero(local > 0)
    return np.array([f for f in found[::-1] if sounding[0] <= f <= sounding[-1]], np.intp)


def _in_its_spread(strength: Floats) -> Floats:
    """Onsets of a band made comparable. Kick and bass count twice where beats are placed: offbeats are high."""
    return strength / max(float(strength.std()), 1e-9)


def _smoothed(strength: Floats, period: int) -> npt.NDArray[np.float64]:
    """Onsets blurred over a 32nd of the period, the same length."""
    window = np.exp(-0.5 * (np.arange(-period, period + 1) * 32 / period) ** 2)
    return np.convolve(strength, window, "full")[period : period + len(strength)].astype(np.float64)


def _linked(local: npt.NDArray[np.float64], period: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """The best total that ends at each frame, and the beat before it (-1: none).

    A beat lies half a period to two periods after the one before, so half a period of frames depends on nothing among
    themselves and is done at once.
    """
    lags = np.arange(max(1, round(period / 2)), 2 * period + 1)
    strain = -_TIGHTNESS * np.log(lags / period) ** 2
    total = np.full(2 * period + len(local), -np.inf)
    links = np.full(len(local), -1, np.intp)
    for start in range(0, len(local), lags[0]):
        frames = np.arange(start, min(start + lags[0], len(local)))
        reached = total[2 * period + frames[:, None] - lags] + strain
        nearest = reached.argmax(axis=1)
        best = reached[np.arange(len(frames)), nearest]
        linked = np.isfinite(best)
        total[2 * period + frames] = local[frames] + np.where(linked, best, 0)
        links[frames] = np.where(linked, frames - lags[nearest], -1)
    links[: int((local >= 0.01 * local.max()).argmax())] = -1  # the first beat is one that can be heard
    return total[2 * period :], links


def _autocorrelations(padded: npt.NDArray[np.float64], n: int, step: int) -> npt.NDArray[np.float64]:
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, axis=-1)[..., :n:step, :] * window
    spectra = np.fft.rfft(frames, 2 * WINDOW)
    repeats = np.fft.irfft(spectra.real**2 + spectra.imag**2)[..., :WINDOW]
    peak = np.abs(repeats).max(axis=-1, keepdims=True)
    return np.asarray(repeats / np.where(peak > 0, peak, 1))


def _fading(n: int) -> npt.NDArray[np.float64]:
    """What a steady pulse in `n` frames would leave at each lag: both the window and the clip end."""
    return _autocorrelations(np.pad(np.ones(n), WINDOW // 2), n, _STEP).mean(axis=0)


def _rival(best: int, score: npt.NDArray[np.float64]) -> float:
    """The likeliest other way to count the tempo, as a factor."""
    inside = [f for f in _RIVALS if SLOWEST_BPM <= f * TEMPI_BPM[best] <= FASTEST_BPM]
    return max(inside, key=lambda f: float(score[np.abs(np.log(TEMPI_BPM / TEMPI_BPM[best] / f)) < 0.04].max()))


def _refined(tempo_bpm: float, times_s: Floats) -> float:
    """The tempo of the straight line through the beats, unless it strays: frames are 23 ms, a line averages that."""
    if len(times_s) < _ENOUGH:
        return tempo_bpm
    line = 60 / float(np.polyfit(np.arange(len(times_s)), times_s, 1)[0])
    return line if abs(line / tempo_bpm - 1) < 0.03 else tempo_bpm
