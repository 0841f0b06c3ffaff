"""What the players do at each step of a grid: two small networks that have heard composed pieces look at the spectra.

One judges strokes: at a step, rises and levels of six bands -> kick, snare, cymbal, tom, crash. The other judges tones:
at a step and a pitch, the tones around it, its harmonics and what it is a harmonic of -> bass, tune, struck, sounding;
the same weights for every pitch. `python -m pipelines.pretrain.transcription` trains both, here they are numpy.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.models import WEIGHTS
from pipelines.engines.spectra import ATTACKS_PER_S, N_TONES, Spectra, between, loudest_near, sampled

Floats = npt.NDArray[np.float32]

FOLDER = WEIGHTS / "transcription"
STROKES = ("kick", "snare", "cymbal", "tom", "crash")
BASS, TUNE, STRUCK, SOUNDING = range(4)
_AROUND = (-24, -19, -12, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 9, 12, 16, 19, 24, 28, 31, 36)
"""Semitones from a pitch at which its tones, their harmonics and those it is a harmonic of are looked at..."""
_BEFORE_AND_AFTER = (0, 12, 19)
"""...and at which it is looked at a step earlier and later."""
_CENTRE = 36


@dataclass(frozen=True)
class Layers:
    """A perceptron: weights (out, in), biases (out,), and the mean and spread of its inputs."""

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    mean: Floats
    spread: Floats

    def __call__(self, inputs: Floats) -> Floats:
        """Logits (..., outputs) of inputs (..., features)."""
        values = (inputs - self.mean) / self.spread
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = values @ weight.T + bias
            values = values / (1 + np.exp(-values))  # SiLU
        return np.asarray(values @ self.weights[-1].T + self.biases[-1], np.float32)


@dataclass(frozen=True)
class Networks:
    """Both networks; `rests` are the logits of no bass and of no tune."""

    strokes: Layers
    tones: Layers
    rests: Floats


def load(folder: Path = FOLDER) -> Networks:
    """Read model.safetensors."""
    from safetensors.numpy import load_file

    arrays = load_file(folder / "model.safetensors")

    def layers(name: str) -> Layers:
        n = sum(key.startswith(f"{name}.weight.") for key in arrays)
        weights, biases = (tuple(arrays[f"{name}.{kind}.{i}"] for i in range(n)) for kind in ("weight", "bias"))
        return Layers(weights, biases, arrays[f"{name}.mean"], arrays[f"{name}.spread"])

    return Networks(layers("strokes"), layers("tones"), arrays["rests"])


@cache
def networks() -> Networks:
    """The bundled ones, read at the first call."""
    return load()


def stroke_features(spectra: Spectra, times_s: npt.NDArray[np.float64]) -> Floats:
    """What the first network sees at each time: rises, rises against the clip's strong ones, levels, (n, 18)."""
    rises = loudest_near(spectra.fluxes, times_s)
    strong = np.percentile(rises, 90, axis=1, keepdims=True)
    levels = sampled(spectra.levels, times_s + 0.02, ATTACKS_PER_S)
    return np.concatenate([rises, rises / (strong + 0.05), levels]).T.astype(np.float32)


def tone_strengths(spectra: Spectra, edges_s: npt.NDArray[np.float64]) -> Floats:
    """How strong each tone is in each step, (n, N_TONES): 0 silent, 1 as the strongest steps."""
    tones = between(spectra.tones, edges_s + 0.01)
    loud = float(np.quantile(tones.max(axis=1), 0.9)) + 1e-9
    return (np.log1p(100 * tones / loud) / np.log(101)).astype(np.float32)


def tone_features(strengths: Floats) -> Floats:
    """What the second network sees at each step and pitch, (n, N_TONES, features)."""
    n, width = strengths.shape
    padded = np.pad(strengths, ((1, 1), (40, 40)))

    def seen(later: int, higher: int) -> Floats:
        return padded[1 + later : 1 + later + n, 40 + higher : 40 + higher + width]

    higher = np.maximum.accumulate(np.pad(strengths, ((0, 0), (0, 1)))[:, ::-1], axis=1)[:, ::-1][:, 1:]
    lower = np.maximum.accumulate(np.pad(strengths, ((0, 0), (1, 0))), axis=1)[:, :-1]
    place = np.broadcast_to((np.arange(width, dtype=np.float32) - _CENTRE) / 20, (n, width))
    fullness = np.broadcast_to(strengths.mean(axis=1, keepdims=True), (n, width))
    looks = [seen(0, by) for by in _AROUND] + [seen(later, by) for later in (-1, 1) for by in _BEFORE_AND_AFTER]
    return np.stack([*looks, higher, lower, place, place**2, fullness], axis=-1).astype(np.float32)


def line(logits: Floats, rest: float, *, change: float) -> npt.NDArray[np.int64]:
    """The likeliest line through logits (n, pitches): the place of the pitch at each step, -1 where there is none."""
    from corpus.harmonic_analysis import fewest_changes

    all_logits = np.concatenate([logits, np.full((len(logits), 1), rest, np.float32)], axis=1)
    costs = np.log(np.exp(all_logits - all_logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
    costs = costs - (all_logits - all_logits.max(axis=1, keepdims=True))
    path = fewest_changes(costs.astype(np.float64), np.full(len(logits), change))
    return np.where(path == N_TONES, -1, path)
