"""What the classifiers see: log-mel spectrograms and their views. Tempo is in core.rhythm, key in core.harmony.

The log-mel spectrogram is librosa's with its defaults (22,050 Hz, Hann window of 2048, hop 512, 128 Slaney bands,
power in dB below the loudest cell, floor at -80 dB), computed here without importing librosa: a description should
start fast. The tests hold it against librosa and against the stored GTZAN views.

Shapes: mono samples (n,); log-mel (128, frames) float32 in dB, frames = 1 + n // 512.
"""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

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


def _mel_power(mono: Floats) -> Floats:
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)
    return np.concatenate([mel_filters() @ block.T for block in power_spectra(mono, window, HOP)], axis=1)


def power_spectra(mono: Floats, window: Floats, hop: int) -> Iterator[Floats]:
    """Power spectra of centred, zero-padded frames in blocks of shape (frames, len(window) // 2 + 1)."""
    padded = np.pad(mono, len(window) // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[::hop]
    for start in range(0, len(frames), _BLOCK_FRAMES):
        spectrum = np.fft.rfft(frames[start : start + _BLOCK_FRAMES] * window)
        yield (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
