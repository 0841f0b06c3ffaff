"""What the classifiers see and what is measured directly: log-mel spectrograms, onsets, tempo and beats, chroma, key.

The log-mel spectrogram is librosa's with its defaults (22,050 Hz, Hann window of 2048, hop 512, 128 Slaney bands,
power in dB below the loudest cell, floor at -80 dB), computed here without importing librosa: a description should
start fast. The tests hold it against librosa and against the stored GTZAN views.

Shapes: mono samples (n,); log-mel (128, frames) float32 in dB, frames = 1 + n // 512; chroma (12,) from C upwards.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from core.types import Beats

Floats = npt.NDArray[np.float32]

RATE_HZ = 22_050
N_FFT = 2048
HOP = 512
N_MELS = 128
TOP_DB = 80.0
FRAMES_PER_SECOND = RATE_HZ / HOP
PARAMETERS = {"rate_hz": RATE_HZ, "n_fft": N_FFT, "hop": HOP, "n_mels": N_MELS, "top_db": TOP_DB}
"""What a classifier's file records, and refuses to be served without."""

THIN_STEP = 3.8695
"""Frames between two columns of the thinned view: the stored GTZAN view has 334 columns for 30 s."""
THIN_FLOOR_DB = -40.0
SMOOTH_FRAMES = 4
FINE_RANGE = 2.5

TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Pitch classes as corpus.captions spells keys."""

_BLOCK_FRAMES = 1024  # frames transformed at once: ten minutes must not need gigabytes


@cache
def mel_filters() -> Floats:
    """Slaney's triangular filters on the mel scale, each of unit area, shape (128, 1025).

    Linear below 1 kHz (200/3 Hz a mel), logarithmic above (27 mels to a factor of 6.4): M. Slaney, Auditory Toolbox.
    """
    corner, step = 15.0, math.log(6.4) / 27
    top = corner + math.log(RATE_HZ / 2 / 1000) / step
    mels = np.linspace(0, top, N_MELS + 2)
    edges = np.where(mels < corner, mels * 200 / 3, 1000 * np.exp(step * (mels - corner)))
    bins = np.linspace(0, RATE_HZ / 2, N_FFT // 2 + 1)
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32)


def log_mel(mono: Floats) -> Floats:
    """The log-mel spectrogram of samples at 22,050 Hz, shape (128, 1 + n // 512), dB below its loudest cell.

    Digital silence gives zeros, as in librosa: every cell is as loud as the loudest.
    """
    power = _mel_power(mono)
    decibel = 10 * np.log10(np.maximum(power, 1e-10))
    decibel -= decibel.max()
    return np.maximum(decibel, -TOP_DB)


def thin(mel_db: Floats) -> Floats:
    """The stored 11 frames/s view: one frame in 3.8695, floor at -40 dB; (128, columns) in [0, 1].

    `mel_db` is at most 0: decibel below the loudest cell of the track, of which it may be any stretch.
    """
    n = max(1, math.ceil((mel_db.shape[1] - 0.6) / THIN_STEP - 0.5))
    frames = np.minimum(np.round((np.arange(n) + 0.5) * THIN_STEP + 0.1).astype(int), mel_db.shape[1] - 1)
    return np.maximum(0, 1 - mel_db[:, frames] / THIN_FLOOR_DB).astype(np.float32)


def smooth(mel_db: Floats) -> Floats:
    """Means over four frames, the whole 80 dB range: (128, ceil(frames / 4)) in [0, 1], 10.8 columns a second."""
    starts = np.arange(0, mel_db.shape[1], SMOOTH_FRAMES)
    counts = np.diff(np.append(starts, mel_db.shape[1]))
    return (1 + np.add.reduceat(mel_db, starts, axis=1) / counts / TOP_DB).astype(np.float32)


def fine(mel_db: Floats, mean_db: float, deviation_db: float) -> Floats:
    """Every frame, about the mean of the 30 s around and in units of their deviation: (128, frames) in [0, 1]."""
    return fine_units((mel_db - mean_db) / max(deviation_db, 1e-3))


def fine_units(standard: Floats) -> Floats:
    """From deviations about the mean to [0, 1]: what is FINE_RANGE deviations or more away is at the edge."""
    return np.clip(0.5 + standard / (2 * FINE_RANGE), 0, 1).astype(np.float32)


def onset_strength(mel_db: Floats) -> Floats:
    """How much louder each frame is than the one before, mean over the bands; shape (frames,), as librosa's default."""
    rise = np.maximum(0, np.diff(mel_db, axis=1)).mean(axis=0)
    lag = 1 + N_FFT // (2 * HOP)  # one for the difference, two because frames are centred
    return np.concatenate([np.zeros(lag, np.float32), rise])[: mel_db.shape[1]].astype(np.float32)


@dataclass(frozen=True)
class TempoPrior:
    """How likely tempi are before listening: log-normal around `centre_bpm`, `spread` in octaves, weighted."""

    weight: float
    centre_bpm: float
    spread: float


ANY_TEMPO = TempoPrior(1.0, 112.0, 0.8)

_TEMPI_BPM = np.geomspace(40, 240, 500)
_MULTIPLES = (1 / 3, 1 / 2, 2, 3)  # what one person counts against another
# A pulse repeats at two periods as well. Weight and sharpness were chosen on the 61 GTZAN clips with known tempo;
# adding half periods helps those a little and pulls a plain metronome down an octave, so it was left out.
_DOUBLE, _SHARPNESS, _LEAST = 0.5, 2.5, 0.03


def beats(mel_db: Floats, priors: Sequence[TempoPrior] = (ANY_TEMPO,)) -> Beats:
    """Tempo, its rival (a half, a third, double or three times as fast) and the beat times.

    The autocorrelation of the onsets says which periods repeat, the priors which of them people would tap (Ellis
    2007 with a mixture of priors); librosa's dynamic programming then places the beats. Without any onset the
    confidence is 0 and there are no beats.
    """
    import librosa

    onsets = onset_strength(mel_db)
    prior = _log_prior(priors)
    if onsets.max(initial=0) <= 0 or len(onsets) < 16:
        likely = float(_TEMPI_BPM[prior.argmax()])
        return Beats(round(likely, 1), 0.0, round(likely / 2 if likely > 100 else likely * 2, 1))
    # without its mean the autocorrelation of noise is near zero, so what stands out is a pulse
    repeats = librosa.feature.tempogram(onset_envelope=onsets - onsets.mean(), sr=RATE_HZ, hop_length=HOP).mean(axis=1)
    evidence = _SHARPNESS * np.log(_LEAST + np.maximum(_strength_of_tempi(repeats), 0))
    best = int((evidence + prior).argmax())
    rival, share = _rival(best, evidence + _log_prior([ANY_TEMPO]))
    times_s = librosa.beat.beat_track(
        onset_envelope=onsets, sr=RATE_HZ, hop_length=HOP, bpm=_TEMPI_BPM[best], units="time", trim=False
    )[1]
    tempo = _refined(float(_TEMPI_BPM[best]), times_s)
    confidence = round(share * _clarity(repeats, tempo), 3)
    times = tuple(round(float(t), 3) for t in times_s)
    return Beats(round(tempo, 1), confidence, round(tempo * rival, 1), times)


def _log_prior(priors: Sequence[TempoPrior]) -> npt.NDArray[np.float64]:
    """Log density of the mixture at each of _TEMPI_BPM, its maximum 0."""
    octaves = np.log2(_TEMPI_BPM)
    density = np.zeros(len(octaves))
    for prior in priors:
        z = (octaves - math.log2(prior.centre_bpm)) / prior.spread
        density += prior.weight / prior.spread * np.exp(-0.5 * z * z)
    return np.log(np.maximum(density / density.max(), 1e-12))


def _strength_of_tempi(repeats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lags, at = 60 * FRAMES_PER_SECOND / _TEMPI_BPM, np.arange(len(repeats))
    return np.interp(lags, at, repeats) + _DOUBLE * np.interp(2 * lags, at, repeats, right=0)


def _rival(best: int, score: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The likeliest other way to count the tempo, as a factor, and the share of the two that the first one has."""
    inside = [f for f in _MULTIPLES if _TEMPI_BPM[0] <= f * _TEMPI_BPM[best] <= _TEMPI_BPM[-1]]
    scores = {f: float(score[np.abs(np.log(_TEMPI_BPM / _TEMPI_BPM[best] / f)) < 0.04].max()) for f in inside}
    rival = max(scores, key=lambda f: scores[f])
    return rival, 1 / (1 + math.exp(scores[rival] - score[best]))


def _clarity(repeats: npt.NDArray[np.float64], tempo_bpm: float) -> float:
    """The autocorrelation one beat apart, 0 (noise) to 1 (a metronome), freed from the fading of the window."""
    lag = 60 * FRAMES_PER_SECOND / tempo_bpm
    window = np.hanning(len(repeats))
    fading = np.correlate(window, window, "full")[len(window) - 1 + round(lag)] / (window @ window)
    near = float(np.interp([lag - 0.5, lag, lag + 0.5], np.arange(len(repeats)), repeats).max())
    return float(np.clip(near / fading, 0, 1))


def _refined(tempo_bpm: float, times_s: npt.NDArray[np.float64]) -> float:
    """The tempo of the straight line through the beats, unless it strays: frames are 23 ms, a line averages that."""
    if len(times_s) < 8:
        return tempo_bpm
    line = 60 / float(np.polyfit(np.arange(len(times_s)), times_s, 1)[0])
    return line if abs(line / tempo_bpm - 1) < 0.03 else tempo_bpm


# Krumhansl's profiles as corrected for audio by Sha'ath (2011), from the tonic upwards.
_MAJOR = (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4)
_MINOR = (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2)
_CHROMA_FFT = 8192
_KEY_TEMPERATURE = 0.06  # of the softmax over correlations; makes a plain cadence about 0.8 sure


def chroma(mono: Floats) -> Floats:
    """How strong each pitch class is, shape (12,) from C, summing to 1 (all zeros for silence).

    Only local maxima of the spectrum from 60 to 2000 Hz count, so that drums and noise weigh little; the tuning is
    measured first, and log compression keeps one loud note from being the whole answer.
    """
    window = np.hanning(_CHROMA_FFT).astype(np.float32)
    power = np.concatenate(list(_spectra(mono, window, _CHROMA_FFT // 2)))
    low, high = (int(hz * _CHROMA_FFT / RATE_HZ) for hz in (60, 2000))
    level = np.log(np.maximum(power, 1e-10))[:, low - 1 : high + 1]
    left, middle, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
    peak = (middle > left) & (middle >= right) & (middle > level.max(axis=1, keepdims=True) - math.log(1e5))
    shift = 0.5 * (left - right)[peak] / np.minimum(left - 2 * middle + right, -1e-9)[peak]
    bins = np.broadcast_to(np.arange(low, high), middle.shape)[peak] + shift
    weight = np.log1p(100 * np.sqrt(np.exp(middle - middle.max()))[peak])
    pitch = 69 + 12 * np.log2(np.maximum(bins, 1) * RATE_HZ / _CHROMA_FFT / 440)
    tuning = np.angle(np.sum(weight * np.exp(2j * np.pi * pitch))) / (2 * np.pi)
    classes = np.bincount(np.round(pitch - tuning).astype(int) % 12, weight, minlength=12)
    return (classes / max(classes.sum(), 1e-9)).astype(np.float32)


def key(pitch_classes: Floats) -> tuple[str, float]:
    """The likeliest of the 24 keys by correlation with Krumhansl's profiles, and its probability."""
    spread = float(pitch_classes.std())
    if spread < 1e-6:
        return "C major", 1 / 24
    names = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]
    profiles = np.array([np.roll(profile, k) for profile in (_MAJOR, _MINOR) for k in range(12)])
    profiles = (profiles - profiles.mean(axis=1, keepdims=True)) / profiles.std(axis=1, keepdims=True)
    correlation = profiles @ ((pitch_classes - pitch_classes.mean()) / spread) / 12
    odds = np.exp((correlation - correlation.max()) / _KEY_TEMPERATURE)
    return names[int(odds.argmax())], round(float(1 / odds.sum()), 3)


def _mel_power(mono: Floats) -> Floats:
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)
    return np.concatenate([mel_filters() @ block.T for block in _spectra(mono, window, HOP)], axis=1)


def _spectra(mono: Floats, window: Floats, hop: int) -> Iterator[Floats]:
    """Power spectra of centred, zero-padded frames in blocks of shape (frames, bins)."""
    padded = np.pad(mono, len(window) // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[::hop]
    for start in range(0, len(frames), _BLOCK_FRAMES):
        spectrum = np.fft.rfft(frames[start : start + _BLOCK_FRAMES] * window)
        yield (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
