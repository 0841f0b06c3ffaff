"""Statistics of timbre, rhythm and harmony as a Keras network with nothing to learn; the emotion network reads them.

With 300 tracks to learn from, filters that music analysis has agreed on tell more than filters learned anew: cepstral
means and deviations, changes over several lags, flux in bands, autocorrelated onsets (Tzanetakis and Cook 2002; Pampalk
2006), and, invariant to the key, how much of each interval and of each kind of chord the spectral peaks hold. The mel
bands above 1 kHz are half a semitone apart, so the smooth view still has enough of the pitch classes for that.

Input: (batch, columns, 128), a smooth view in [0, 1], at least 32 columns; output: (batch, N) statistics, all finite,
independent of how many columns there are but for their scatter. Layers and keras.ops only: the model is saved with the
network that uses it, loads in safe mode on every backend, and is exported with it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core import features, runtime
from core.features import N_MELS

Floats = npt.NDArray[np.float32]

UNIT = 8.0
"""The view times this is in tens of dB: statistics near one."""
LAGS = (1, 2, 4, 8, 16, 24)  # columns, 0.1 to 2.2 s
_BEAT_LAGS = range(3, 17)  # 0.28 to 1.5 s
# Below 700 Hz a band is wider than a semitone, but that is where the loudest partials are: both are told.
_REGISTERS_HZ = ((200.0, 4500.0), (700.0, 6000.0))
_CHORD_COLUMNS = 8  # 0.74 s: about as long as a chord lasts
# Major, minor, bare fifth, diminished, augmented, the major and the pentatonic scale, in semitones from the tonic.
_CHORDS = ((0, 4, 7), (0, 3, 7), (0, 7), (0, 3, 6), (0, 4, 8), (0, 2, 4, 5, 7, 9, 11), (0, 2, 4, 7, 9))


def build() -> Any:
    """The network of statistics, (batch, columns, 128) -> (batch, N)."""
    keras = runtime.keras()
    inputs = keras.Input((None, N_MELS))
    view = keras.layers.Rescaling(UNIT)(inputs)
    statistics = [*_timbre(view), *_changes(view), *_onsets(view), *_harmony(view)]
    return keras.Model(inputs, keras.layers.Concatenate()(statistics), trainable=False, name="descriptors")


def _timbre(view: Any) -> list[Any]:
    ops = runtime.keras().ops
    cepstrum, bands = _fixed(view, _cosines(20)), _fixed(view, _grouped(N_MELS, 4))
    level = ops.mean(view, axis=2, keepdims=True)
    unit = (cepstrum - ops.mean(cepstrum, axis=1, keepdims=True)) / ops.expand_dims(_std(cepstrum) + 0.05, 1)
    lower = np.tril(np.ones((12, 12), bool), -1)
    return [
        ops.mean(cepstrum, axis=1),
        _std(cepstrum),
        _products(unit[:, :, :12], np.eye(144, dtype=np.float32)[:, lower.ravel()]),
        _std(bands),
        *_above(bands, (3, 5, 6.5)),
        *_above(level, (1, 2, 3, 4, 5, 6)),
    ]


def _changes(view: Any) -> list[Any]:
    ops = runtime.keras().ops
    cepstrum, broad = _fixed(view, _cosines(20)), _fixed(view, _grouped(N_MELS, 16))
    rise = ops.relu(_step(_fixed(view, _grouped(N_MELS, 4)), 1))
    slow = [_std(_step(cepstrum, lag)) for lag in LAGS]
    return [*slow, *(_size(_step(broad, lag)) for lag in LAGS), ops.mean(rise, axis=1), _std(rise)]


def _onsets(view: Any) -> list[Any]:
    """How strong the onsets are, and how alike they are some columns later."""
    ops = runtime.keras().ops
    onset = ops.mean(ops.relu(_step(view, 1)), axis=2, keepdims=True)
    centred = onset - ops.mean(onset, axis=1, keepdims=True)
    repeats = [ops.mean(centred[:, lag:] * centred[:, :-lag], axis=1) for lag in _BEAT_LAGS]
    strength = ops.mean(centred * centred, axis=1) + 0.01
    return [
        ops.mean(onset, axis=1),
        _std(onset),
        *_above(onset, (0.1, 0.2, 0.3, 0.5)),
        ops.concatenate(repeats, axis=1) / strength,
    ]


def _harmony(view: Any) -> list[Any]:
    """How tonal the spectrum is, how sustained its peaks, and which intervals and chords they make."""
    ops = runtime.keras().ops
    curvature = _fixed(view, np.diff(np.eye(N_MELS, dtype=np.float32), 2, axis=1))
    peaks = ops.relu(-curvature)
    pooled = _grouped(124, 4)
    waver = runtime.keras().layers.AveragePooling1D(4, 1)(peaks) - peaks[:, 3:]
    unsteady = _size(waver) / (ops.mean(peaks, axis=1) + 0.05)
    tonal = [_fixed(statistic[:, :124], pooled) for statistic in (_size(curvature), unsteady)]
    chords = [statistic for register in _REGISTERS_HZ for statistic in _chords(peaks, register)]
    return [*tonal, _fixed(_std(peaks)[:, :64], _grouped(64, 4)), *chords]


def _chords(peaks: Any, register_hz: tuple[float, float]) -> list[Any]:
    layers, ops = runtime.keras().layers, runtime.keras().ops
    classes = layers.AveragePooling1D(_CHORD_COLUMNS)(_fixed(peaks, _pitch_classes(*register_hz)))
    classes = classes / (ops.sqrt(ops.sum(ops.square(classes), axis=2, keepdims=True) + 1e-6))
    mean = ops.mean(classes, axis=1)
    strength = ops.sqrt(ops.sum(ops.square(mean), axis=1, keepdims=True) + 1e-6)
    chords = ops.max(layers.Reshape((-1, len(_CHORDS), 12))(_fixed(classes, _chord_profiles())), axis=3)
    mean_chords = layers.Reshape((len(_CHORDS), 12))(_fixed(mean, _chord_profiles()))
    return [
        ops.mean(chords, axis=1),
        _std(chords),
        ops.mean(ops.relu(chords[:, :, :1] - chords[:, :, 1:2]), axis=1),  # major rather than minor
        ops.max(mean_chords, axis=2),
        _products(ops.expand_dims(mean / strength, 1), _intervals()),
        _products(classes, _intervals()),
        strength,
        ops.max(mean, axis=1, keepdims=True),
        *(ops.mean(_size(_step(classes, lag)), axis=1, keepdims=True) for lag in (1, 2, 3)),
    ]


def _std(x: Any) -> Any:
    """Over time, (batch, k); the small part keeps the slope finite where nothing moves."""
    ops = runtime.keras().ops
    return ops.sqrt(ops.var(x, axis=1) + 1e-6)


def _size(x: Any) -> Any:
    ops = runtime.keras().ops
    return ops.mean(ops.abs(x), axis=1)


def _step(x: Any, lag: int) -> Any:
    return x[:, lag:] - x[:, :-lag]


def _above(x: Any, levels: Sequence[float]) -> list[Any]:
    """Means of what exceeds each level: between them they tell the distribution, without sorting."""
    ops = runtime.keras().ops
    return [ops.mean(ops.relu(x - level), axis=1) for level in levels]


def _products(x: Any, chosen: Floats) -> Any:
    """Means over time of the products of all pairs of the k columns of x, summed as `chosen` (k * k, m) says."""
    keras = runtime.keras()
    pairs = keras.ops.mean(keras.ops.expand_dims(x, 3) * keras.ops.expand_dims(x, 2), axis=1)
    return _fixed(keras.layers.Reshape((chosen.shape[0],))(pairs), chosen)


def _fixed(x: Any, matrix: Floats) -> Any:
    """x (..., k) times matrix (k, m), as a layer that is not trained."""
    layer = runtime.keras().layers.Dense(matrix.shape[1], use_bias=False, trainable=False)
    product = layer(x)
    layer.set_weights([matrix.astype(np.float32)])
    return product


def _cosines(n: int) -> Floats:
    """The first `n` of the orthonormal discrete cosine transform (II), (128, n)."""
    basis = np.cos(np.pi * np.outer(np.arange(N_MELS) + 0.5, np.arange(n)) / N_MELS) * np.sqrt(2 / N_MELS)
    basis[:, 0] /= np.sqrt(2)
    return basis.astype(np.float32)


def _grouped(n: int, size: int) -> Floats:
    """Means of `size` neighbours, (n, n // size)."""
    return (np.repeat(np.eye(n // size), size, axis=0) / size).astype(np.float32)


def _pitch_classes(low_hz: float, high_hz: float) -> Floats:
    """From the 126 bands that can be peaks to pitch classes, (126, 12): a band counts for those within a semitone."""
    filters = features.mel_filters()
    bins = np.linspace(0, features.RATE_HZ / 2, filters.shape[1])
    hz = (filters @ bins) / filters.sum(axis=1)
    apart = (69 + 12 * np.log2(hz[:, None] / 440) - np.arange(12) + 6) % 12 - 6
    heard = (hz > low_hz) & (hz < high_hz)
    return (np.maximum(0, 1 - np.abs(apart)) * heard[:, None]).astype(np.float32)[1:-1]


def _chord_profiles() -> Floats:
    """Each of _CHORDS on each of the twelve tonics, of length one and without a mean, (12, chords * 12)."""
    profiles = [[1.0 if k in chord else -len(chord) / (12 - len(chord)) for k in range(12)] for chord in _CHORDS]
    turned = [np.roll(p, k) / np.linalg.norm(p) for p in profiles for k in range(12)]
    return np.stack(turned, axis=1).astype(np.float32)


def _intervals() -> Floats:
    """Which of the 144 pairs of pitch classes are 1 to 6 semitones apart, upwards, (144, 6)."""
    above = (np.arange(12)[:, None] - np.arange(12)) % 12
    return np.stack([(above == k).ravel() for k in range(1, 7)], axis=1).astype(np.float32)
