"""How good a classifier is: accuracy, log loss, recall, correlation, AUC; and the temperature that calibrates it.

Probabilities are (n, labels), classes (n,) whole numbers.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray


def accuracy(probabilities: Array, classes: Array) -> float:
    """Share of rows whose largest probability is at the right class."""
    return float((probabilities.argmax(axis=1) == classes).mean())


def log_loss(probabilities: Array, classes: Array) -> float:
    """Mean -log of the right class's probability, in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(classes)), classes], 1e-9)).mean())


def recalls(probabilities: Array, classes: Array, labels: Sequence[str]) -> dict[str, float]:
    """Of each label's examples, the share that was recognised."""
    right = probabilities.argmax(axis=1) == classes
    return {label: round(float(right[classes == k].mean()), 3) for k, label in enumerate(labels)}


def tempered(probabilities: Array, temperature: float) -> Array:
    """p^(1/T), normalised: over-confident (T > 1) or timid (T < 1) distributions put right (Guo et al. 2017)."""
    logits = np.log(np.maximum(probabilities, 1e-9)) / temperature
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def best_temperature(probabilities: Array, classes: Array) -> float:
    """The temperature in 0.4 to 3 with the smallest log loss."""
    grid = np.geomspace(0.4, 3, 60)
    return round(float(min(grid, key=lambda t: log_loss(tempered(probabilities, t), classes))), 3)


def pearsons(guesses: Array, targets: Array) -> list[float]:
    """Pearson correlation of each column."""
    return [float(np.corrcoef(guesses[:, k], targets[:, k])[0, 1]) for k in range(targets.shape[1])]


def auc(scores: Array, positive: Array) -> float:
    """The chance that a positive scores above a negative, ties counting half."""
    above = scores[positive == 1][:, None] - scores[positive == 0][None]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())
