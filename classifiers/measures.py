"""How good a classifier is: accuracy, recall, log loss, KL, correlations, AUC, their intervals; its temperature.

Probabilities are (n, labels), classes (n,) whole numbers.
"""

from collections.abc import Callable, Sequence

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


def spearmans(guesses: Array, targets: Array) -> list[float]:
    """Spearman's rank correlation of each column; ties share their mean rank."""
    return pearsons(np.apply_along_axis(_ranks, 0, guesses), np.apply_along_axis(_ranks, 0, targets))


def kl(guesses: Array, targets: Array) -> float:
    """Mean Kullback-Leibler divergence of the guesses from the targets in nats, the rows of both made to sum to 1."""
    p, q = (np.maximum(a, 0) / np.maximum(a, 0).sum(axis=1, keepdims=True) for a in (targets, guesses))
    return float((p * np.log(np.maximum(p, 1e-12) / np.maximum(q, 1e-9))).sum(axis=1).mean())


def aucs_top_quarter(guesses: Array, targets: Array) -> list[float]:
    """Of each column, how well the guesses pick out the quarter of the rows with the highest targets.

    Rows tied with the last of the quarter belong to it.
    """
    quarter = -(-len(targets) // 4)
    least = np.sort(targets, axis=0)[-quarter]
    return [auc(guesses[:, k], (targets[:, k] >= least[k]).astype(int)) for k in range(targets.shape[1])]


def interval(figure: Callable[[Array], float], n: int, *, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of `figure(rows)`, `rows` being n row numbers drawn with repetition (Efron 1979)."""
    rng = np.random.default_rng(seed)
    low, high = np.percentile([figure(rng.integers(0, n, n)) for _ in range(draws)], [2.5, 97.5])
    return float(low), float(high)


def wilson(right: int, n: int, *, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share, `right` of `n`; 95 % by default (Wilson 1927)."""
    share, shrunk = right / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / shrunk
    half = z / shrunk * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def macro_f1(probabilities: Array, classes: Array) -> float:
    """The mean over the labels of the harmonic mean of precision and recall; 0 for a label that is never met."""
    guesses, scores = probabilities.argmax(axis=1), []
    for k in range(probabilities.shape[1]):
        met = int((guesses == k).sum() + (classes == k).sum())
        scores.append(2 * float(((guesses == k) & (classes == k)).sum()) / met if met else 0.0)
    return float(np.mean(scores))


def confusion(probabilities: Array, classes: Array) -> Array:
    """How many of each class (rows) were taken for which (columns), (labels, labels)."""
    n = probabilities.shape[1]
    pairs = np.bincount(classes * n + probabilities.argmax(axis=1), minlength=n * n)
    return pairs.reshape(n, n)


def reliability(probabilities: Array, classes: Array, *, bins: int = 15, equal_mass: bool = False) -> Array:
    """Rows of (mean confidence, accuracy, count) for the filled bins of the largest probability, (<= bins, 3).

    Bins are equally wide in [0, 1], or hold equally many examples (`equal_mass`).
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == classes
    if equal_mass:
        groups = np.array_split(np.argsort(confidence, kind="stable"), bins)
    else:
        place = np.minimum((confidence * bins).astype(int), bins - 1)
        groups = [np.flatnonzero(place == k) for k in range(bins)]
    return np.array([(confidence[g].mean(), right[g].mean(), len(g)) for g in groups if len(g)])


def ece(probabilities: Array, classes: Array, *, bins: int = 15, equal_mass: bool = False) -> float:
    """Expected calibration error: the mean distance of confidence and accuracy over the bins (Naeini et al. 2015)."""
    rows = reliability(probabilities, classes, bins=bins, equal_mass=equal_mass)
    return float((rows[:, 2] * np.abs(rows[:, 0] - rows[:, 1])).sum() / rows[:, 2].sum())


def _ranks(values: Array) -> Array:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
