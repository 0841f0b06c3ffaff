"""How the networks learn from few hundred tracks: augmented batches, averaged weights, members kept between runs.

Augmentation: random crops, a random smooth equaliser, a shift of a band or two, SpecAugment (Park et al. 2019) and
mixup (Zhang et al. 2018). The weights that stay are an exponential mean of those along the way. A budget is processor
time, so that a busy machine changes how long a run takes and not what it learns.

Shapes: a view is (128, columns) float32 in [0, 1]; a batch (32, columns, 128) views and (32, labels) targets.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import network
from core import features, runtime

Floats = npt.NDArray[np.float32]

BATCH = 32
PEAK_RATE = 2e-3
EMA = 0.98
COLUMNS_30_S = 334


@dataclass(frozen=True)
class Examples:
    """`views` (128, columns) each, `targets` (n, labels), and how often each is drawn against the others."""

    views: Sequence[Floats]
    targets: Floats
    weights: Floats | None = None

    def part(self, chosen: npt.NDArray[np.int64]) -> "Examples":
        weights = None if self.weights is None else self.weights[chosen]
        return Examples([self.views[i] for i in chosen], self.targets[chosen], weights)


@dataclass(frozen=True)
class Recipe:
    """What differs between the networks and how they are trained."""

    channels: tuple[int, ...]
    activation: str
    loss: str
    crops: tuple[int, ...]  # columns of a batch, one of these (each new length costs a compilation)
    equaliser: float  # standard deviation of the random gain, in parts of the view's range
    dropout: float = 0.4
    weight_decay: float = 1e-2
    blanked_bands: int = 20  # SpecAugment blanks up to this many bands
    blanked_time: float = 0.2  # and up to this share of the columns
    mixed: float = 0.5  # share of a batch that is mixed up with other examples
    keeps_floor: bool = False  # whether the equaliser leaves alone what the view shows as below its floor


def build(recipe: Recipe, n_labels: int) -> Any:
    """A fresh member after `recipe`."""
    return network.build(n_labels, channels=recipe.channels, activation=recipe.activation, dropout=recipe.dropout)


def fit(
    model: Any,
    examples: Examples,
    recipe: Recipe,
    *,
    seconds: float,
    seed: int,
    check: Callable[[], float] | None = None,
) -> list[float]:
    """Train for `seconds`; the averaged weights stay, or those with the highest `check()` of ten along the way.

    Returns the checks.
    """
    keras = runtime.keras()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model.compile(keras.optimizers.AdamW(PEAK_RATE, weight_decay=recipe.weight_decay, global_clipnorm=1.0), recipe.loss)
    started, step, next_check = time.process_time(), 0, 0.3
    mean, best, checks = model.get_weights(), model.get_weights(), list[float]()
    while (share := (time.process_time() - started) / seconds) < 1:
        rate = min(1.0, (step + 1) / 50) * (0.02 + 0.49 * (1 + np.cos(np.pi * share)))
        model.optimizer.learning_rate.assign(PEAK_RATE * rate)
        model.train_on_batch(*draw(examples, recipe, rng))
        step += 1
        decay = min(EMA, step / (step + 10))
        mean = [decay * m + (1 - decay) * w for m, w in zip(mean, model.get_weights(), strict=True)]
        if check is not None and share >= next_check:
            now = model.get_weights()
            model.set_weights(mean)
            checks.append(check())
            best = mean if checks[-1] >= max(checks) else best
            model.set_weights(now)
            next_check = share + 0.07
    model.set_weights(best if checks else mean)
    print(f"  {step} steps, {step * BATCH / len(examples.views):.0f} epochs", np.round(checks, 3), flush=True)
    return checks


def draw(examples: Examples, recipe: Recipe, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """One augmented batch: (32, columns, 128) views and (32, labels) targets."""
    p = None if examples.weights is None else examples.weights / examples.weights.sum()
    first, second = (rng.choice(len(examples.views), BATCH, p=p) for _ in range(2))
    columns = int(rng.choice(recipe.crops))
    lam = rng.beta(0.4, 0.4, BATCH).astype(np.float32)
    lam = np.where(rng.random(BATCH) < recipe.mixed, np.maximum(lam, 1 - lam), np.float32(1))
    a, b = (np.stack([crop(examples.views[i], columns, recipe, rng) for i in chosen]) for chosen in (first, second))
    mixed = a * lam[:, None, None] + b * (1 - lam[:, None, None])
    return mixed, examples.targets[first] * lam[:, None] + examples.targets[second] * (1 - lam[:, None])


def crop(view: Floats, columns: int, recipe: Recipe, rng: np.random.Generator) -> Floats:
    """A random stretch through a random equaliser, with a band and a moment blanked; (columns, 128)."""
    start = int(rng.integers(0, max(1, view.shape[1] - columns + 1)))
    piece = np.resize(view[:, start : start + columns].T, (columns, features.N_MELS))
    gains = np.interp(np.arange(features.N_MELS), np.linspace(0, 127, 6), rng.normal(0, recipe.equaliser, 6))
    piece = np.roll(piece, int(rng.integers(-2, 3)), axis=1)
    heard = piece > 0 if recipe.keeps_floor else 1
    piece = np.clip(piece + gains.astype(np.float32) * heard, 0, 1)
    band = int(rng.integers(0, max(1, recipe.blanked_bands)))
    stretch = int(rng.integers(0, max(1, int(columns * recipe.blanked_time))))
    low, begin = int(rng.integers(0, features.N_MELS - band)), int(rng.integers(0, columns - stretch))
    piece[:, low : low + band] = 0
    piece[begin : begin + stretch] = 0
    return piece


def predict_all(model: Any, views: Sequence[Floats], columns: int = COLUMNS_30_S) -> Floats:
    """Mean probabilities over each view's half-overlapping windows of `columns`, shape (n, labels)."""
    return np.stack([network.predict(model, network.windows(v, columns)).mean(axis=0) for v in views])


def fitted(recipe: Recipe, examples: Examples, *, seconds: float, seed: int) -> Any:
    """A member built and trained after `recipe`."""
    runtime.keras().utils.set_random_seed(seed)
    model = build(recipe, examples.targets.shape[1])
    fit(model, examples, recipe, seconds=seconds, seed=seed)
    return model


def kept(path: Path | None, make: Callable[[], Any]) -> Any:
    """The model stored at `path` (.keras), or made now and stored there: a killed run goes on with the next member."""
    if path is None:
        return make()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f"writing-{path.name}")
        network.copied(make()).save(scratch)
        scratch.rename(path)
    return runtime.keras().saving.load_model(path, compile=False, safe_mode=True)
