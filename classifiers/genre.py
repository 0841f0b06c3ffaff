"""Which of GTZAN's ten genres: the recipe and training of the genre network.

Trained on `train` of the fault-filtered split, snapshots chosen and calibrated on `valid`, `test` reported once.
"""

from pathlib import Path
from typing import Any

import numpy as np

from classifiers import datasets, fitting, measures, network
from corpus.captions import GENRES

LABELS = GENRES
VIEW = "thin"
RECIPE = fitting.Recipe((24, 48, 96, 96), "softmax", "categorical_crossentropy", (128,), 0.05)


def train(minutes: float, seed: int, *, cache: Path, work: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """Three members, each with its own seed; the average's temperature from `valid`."""
    parts = {split: datasets.gtzan(split) for split in ("train", "valid", "test")}
    examples = fitting.Examples(parts["train"].views, np.eye(len(GENRES), dtype=np.float32)[parts["train"].targets])
    valid = parts["valid"]

    def check(member: Any) -> float:
        return measures.accuracy(fitting.predict_all(member, valid.views), valid.targets)

    members = [fitting.fitted(RECIPE, examples, seconds=minutes * 20, seed=seed + k, check=check) for k in range(3)]
    model = network.ensemble(members)
    temperature = measures.best_temperature(fitting.predict_all(model, valid.views), valid.targets)
    figures: dict[str, Any] = {"temperature": temperature}
    for split in ("valid", "test"):
        p = measures.tempered(fitting.predict_all(model, parts[split].views), temperature)
        figures[f"{split}_accuracy"] = round(measures.accuracy(p, parts[split].targets), 4)
        figures[f"{split}_log_loss"] = round(measures.log_loss(p, parts[split].targets), 4)
        figures[f"n_{split}"] = len(p)
    figures["test_recall"] = measures.recalls(p, parts["test"].targets, GENRES)
    return model, figures
