"""How a clip makes listeners feel: the recipe and training of the emotion network on Emotify's shares of listeners."""

from pathlib import Path
from typing import Any

import numpy as np

from classifiers import datasets, fitting, measures, network
from core import features
from corpus.captions import EMOTIONS

LABELS = EMOTIONS
VIEW = "smooth"
RECIPE = fitting.Recipe((16, 32, 64, 64), "sigmoid", "binary_crossentropy", (192,), 0.03)


def train(minutes: float, seed: int, *, cache: Path, work: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """Five folds for the figure, then two members on everything; the budget is shared equally by the seven."""
    stored = datasets.emotify(cache)
    examples = fitting.Examples([features.smooth(datasets.from_bytes(m)) for m in stored.mel], stored.targets)
    seconds = minutes * 60 / 7
    guesses = fitting.cross_validated(RECIPE, examples, seconds=seconds, seed=seed)
    pearson = measures.pearsons(guesses, stored.targets)
    figures = {
        "cv_pearson": dict(zip(EMOTIONS, [round(r, 3) for r in pearson], strict=True)),
        "cv_mean_pearson": round(float(np.mean(pearson)), 4),
        "cv_top_right": round(measures.accuracy(guesses, stored.targets.argmax(axis=1)), 4),
        "n": len(guesses),
    }
    members = [fitting.fitted(RECIPE, examples, seconds=seconds, seed=seed + 10 + k) for k in range(2)]
    return network.ensemble(members), figures
