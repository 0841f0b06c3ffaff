"""Integrated loudness by ITU-R BS.1770-4, several times faster than filtering sample by sample.

The K-weighting (a high shelf of +4 dB above 1.5 kHz, a high pass at 38 Hz; the coefficients are pyloudnorm's, R.
Bristow-Johnson's cookbook formulas, at any rate) has forgotten everything after a tenth of a second: its impulse
response decays as exp(-2 pi 38 t). So it is applied to overlapping stretches by fast convolution (overlap-save), all in
float32, and only the energies of the gating blocks are kept. The tests hold the result against pyloudnorm.

Samples are float32 (channels, n); one or two channels, whose gains are 1.
"""

import math
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

SILENCE_LUFS = -70.0
"""The absolute gate: quieter than this is silence."""

_BLOCK_S, _STEP = 0.4, 0.25  # gating blocks overlap by three quarters
BLOCKS_EVERY_S = _BLOCK_S * _STEP
_GATE_LU = -10.0
_OFFSET = -0.691  # makes a full-scale 1 kHz tone in one channel -3.01
_MEMORY_S = 0.1  # after which less than 1e-10 of a sample is left in the filters
_AT_ONCE = 2  # stretches transformed together: more leave the cache, and ten minutes must not need gigabytes


def integrated(samples: Floats, rate_hz: int) -> float:
    """Loudness in LUFS, at least -70; clips under 0.44 s are measured in one block of nine tenths of their length."""
    return gated(block_powers(samples, rate_hz)) if samples.shape[1] else SILENCE_LUFS


def block_powers(samples: Floats, rate_hz: int) -> Doubles:
    """The K-weighted mean power of each gating block, summed over the channels; of consecutive stretches of a stream
    they may be strung together for `gated`."""
    n = samples.shape[1]
    block_s = min(_BLOCK_S, 0.9 * n / rate_hz)
    count = round((n / rate_hz - block_s) / (block_s * _STEP)) + 1
    first = (block_s * _STEP * np.arange(count) * rate_hz).astype(np.int64)
    last = np.minimum((block_s * (_STEP * np.arange(count) + 1) * rate_hz).astype(np.int64), n)
    edges = np.unique(np.concatenate([[0], first, last]))
    energy = np.concatenate([[0.0], np.cumsum(_energies(samples, rate_hz, edges))])
    power = (energy[np.searchsorted(edges, last)] - energy[np.searchsorted(edges, first)]) / (block_s * rate_hz)
    return np.asarray(power, np.float64)


def gated(power: Doubles) -> float:
    """The loudness in LUFS of the mean power over the blocks above both gates, at least -70."""
    heard = power[_lufs(power) >= SILENCE_LUFS]
    if not len(heard):
        return SILENCE_LUFS
    heard = heard[_lufs(heard) > _lufs(heard.mean()) + _GATE_LU]
    return max(SILENCE_LUFS, float(_lufs(heard.mean()))) if len(heard) else SILENCE_LUFS


def _lufs(power: Doubles) -> Doubles:
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 1e-20)))


def _energies(samples: Floats, rate_hz: int, edges: npt.NDArray[np.int64]) -> Doubles:
    """The K-weighted energy between consecutive `edges` (and up to the end), summed over the channels."""
    weight = _k_weight(rate_hz)
    size = 2 * (len(weight) - 1)
    memory = int(_MEMORY_S * rate_hz)
    advance, n = size - memory, samples.shape[1]
    sums = np.zeros(len(edges))
    for start in range(0, n, advance * _AT_ONCE):
        end = min(n, start + advance * _AT_ONCE)
        rows = -(-(end - start) // advance)
        for channel in samples:
            piece = np.zeros(memory + rows * advance, np.float32)
            before = min(start, memory)
            piece[memory - before : memory + end - start] = channel[start - before : end]
            frames = np.lib.stride_tricks.sliding_window_view(piece, size)[::advance]
            heard = np.fft.irfft(np.fft.rfft(frames) * weight, size)[:, memory:].reshape(-1)[: end - start]
            within = edges[(edges > start) & (edges < end)]
            cuts = np.concatenate([[start], within]) - start
            np.add.at(
                sums, np.searchsorted(edges, cuts + start, side="right") - 1, np.add.reduceat(np.square(heard), cuts)
            )
    return sums


@cache
def _k_weight(rate_hz: int) -> npt.NDArray[np.complex64]:
    """The frequency response of both filters at the bins of a transform several times as long as their memory."""
    size = 1 << math.ceil(math.log2(6 * _MEMORY_S * rate_hz))
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    shelf, high_pass = _high_shelf(rate_hz, 1500.0, 4.0), _high_pass(rate_hz, 38.0)
    response = np.ones(len(z), np.complex128)
    for b, a in (shelf, high_pass):
        response *= (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    return response.astype(np.complex64)


Biquad = tuple[tuple[float, float, float], tuple[float, float, float]]


def _high_shelf(rate_hz: int, corner_hz: float, gain_db: float) -> Biquad:
    amplitude, w = 10 ** (gain_db / 40), 2 * math.pi * corner_hz / rate_hz
    slope = 2 * math.sqrt(amplitude) * math.sin(w) / math.sqrt(2)  # Q is 1 / sqrt(2)
    up, down, cosine = amplitude + 1, amplitude - 1, math.cos(w)
    b = (up + down * cosine + slope, -2 * (down + up * cosine), up + down * cosine - slope)
    a = (up - down * cosine + slope, 2 * (down - up * cosine), up - down * cosine - slope)
    return (amplitude * b[0], amplitude * b[1], amplitude * b[2]), a


def _high_pass(rate_hz: int, corner_hz: float) -> Biquad:
    w = 2 * math.pi * corner_hz / rate_hz
    cosine, slope = math.cos(w), math.sin(w)  # Q is 1 / 2
    return ((1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2), (1 + slope, -2 * cosine, 1 - slope)
