"""The trained ears at work: a log-mel spectrogram in, genre, emotion and "is this music?" out.

Weights live in weights/{genre,emotion,music_or_not}: model.keras, and config.json with the labels, the view the network
sees, its calibration and the feature parameters it was trained with. All three are loaded once, as one cache entry.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import measures, network
from core import features, runtime
from core.models import LOADED, WEIGHTS
from core.types import Scores

Floats = npt.NDArray[np.float32]

VIEWS: dict[str, Callable[[Floats], Floats]] = {"thin": features.thin, "smooth": features.smooth}
NAMES = ("genre", "emotion", "music_or_not")
WINDOW_FRAMES = 1293
"""30 s, the length of the tracks the networks learned from."""

_FAINT_DB = -50.0  # a window this far below the loudest one has nothing to tell


@dataclass(frozen=True)
class Classifier:
    """A loaded network and what its config says; `temperature` calibrates its probabilities."""

    model: Any
    labels: tuple[str, ...]
    view: str
    temperature: float


@dataclass(frozen=True)
class Judgement:
    """What the three networks say about a clip."""

    genre: Scores
    emotion: Scores
    music_probability: float


def load(folder: Path) -> Classifier:
    """A classifier from `folder`; ValueError when it was trained with other features than core.features computes."""
    config = json.loads((folder / "config.json").read_text())
    if config["features"] != features.PARAMETERS:
        raise ValueError(f"{folder} was trained with other features: {config['features']}")
    model = runtime.keras().saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    return Classifier(model, tuple(config["labels"]), config["view"], float(config["temperature"]))


def ears() -> dict[str, Classifier]:
    """The three classifiers, loaded at the first call."""
    return LOADED.get("ears", lambda: {name: load(WEIGHTS / name) for name in NAMES})


def listen(mel_db: Floats) -> Judgement:
    """Judge a clip's log-mel spectrogram (128, frames); means over windows of 30 s, at most eight."""
    three = ears()
    windows = network.windows(mel_db, WINDOW_FRAMES)
    loudest = windows.max()
    stretches = [w - w.max() for w in windows if w.max() > loudest + _FAINT_DB]
    views = {name: np.stack([view(np.maximum(s, -features.TOP_DB)) for s in stretches]) for name, view in VIEWS.items()}
    means = {name: network.predict(one.model, views[one.view]).mean(axis=0) for name, one in three.items()}
    genre = measures.tempered(means["genre"].astype(np.float64), three["genre"].temperature)
    return Judgement(
        _scores(three["genre"].labels, genre),
        _scores(three["emotion"].labels, means["emotion"]),
        round(float(means["music_or_not"][0]), 4),
    )


def _scores(labels: tuple[str, ...], values: npt.NDArray) -> Scores:
    # shares of listeners add up to more than one (people choose several); here they are shares of one whole
    shares = values.astype(np.float64) / values.sum()
    return Scores(labels, tuple(float(s) for s in shares))
