"""The trained ears at work: a log-mel spectrogram in, genre and emotion along the clip and "is this music?" out.

Genre and emotion are judged in overlapping windows, all of them in one call of each network; the answer for the clip
pools them. The networks learned from tracks of 30 s, each in decibels below its own loudest cell, so a window's
reference is the loudest cell of the 30 s around it: a quiet bar of a loud song stays quiet.

Weights live in weights/{genre,emotion,music_or_not}: model.keras, its exported graph model.onnx, and config.json with
the labels, the view the network sees, its calibration and the feature parameters it was trained with. All three are
loaded once, as one cache entry.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import measures, network, serving
from core import features
from core.models import LOADED, WEIGHTS
from core.types import Scores, Timeline

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

VIEWS: dict[str, Callable[[Floats], Floats]] = {"thin": features.thin, "smooth": features.smooth}
NAMES = ("genre", "emotion", "music_or_not")
WINDOW_S, HOP_S = 10.0, 2.0
"""Length and distance of the windows in which genre and emotion are judged; one shorter clip is one window."""
MAX_WINDOWS = 48
"""A clip of more windows than these gets fewer, further apart."""
TRACK_S = 30.0
"""The length of the tracks that the networks learned from; music-or-not is judged on windows of it."""

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
    timeline: Timeline


@dataclass(frozen=True)
class Stretches:
    """Windows (n, 128, frames), dB below the loudest cell of the 30 s around each; only the `loud` ones vote."""

    mel_db: Floats
    centres_s: tuple[float, ...]
    loud: npt.NDArray[np.bool_]


def load(folder: Path) -> Classifier:
    """A classifier from `folder`; ValueError when it was trained with other features than core.features computes."""
    config = json.loads((folder / "config.json").read_text())
    if config["features"] != features.PARAMETERS:
        raise ValueError(f"{folder} was trained with other features: {config['features']}")
    return Classifier(serving.load(folder), tuple(config["labels"]), config["view"], float(config["temperature"]))


def ears() -> dict[str, Classifier]:
    """The three classifiers, loaded at the first call."""
    return LOADED.get("ears", lambda: {name: load(WEIGHTS / name) for name in NAMES})


def listen(mel_db: Floats) -> Judgement:
    """Judge a clip's log-mel spectrogram (128, frames), in decibels."""
    three = ears()
    short = stretches(mel_db, WINDOW_S, hop_s=HOP_S, at_most=MAX_WINDOWS)
    tracks = stretches(mel_db, TRACK_S, hop_s=TRACK_S / 2, at_most=8)
    genre, emotion, music = (
        _judged(three["genre"], short),
        _judged(three["emotion"], short),
        _judged(three["music_or_not"], tracks),
    )
    temperature = three["genre"].temperature
    whole = measures.tempered(pooled(genre, short.loud), temperature)
    along = measures.tempered(genre, temperature)
    labels = {name: one.labels for name, one in three.items()}
    return Judgement(
        _scores(labels["genre"], whole),
        _scores(labels["emotion"], pooled(emotion, short.loud)),
        round(float(pooled(music, tracks.loud)[0]), 4),
        Timeline(
            round(short.mel_db.shape[2] / features.FRAMES_PER_SECOND, 3),
            short.centres_s,
            tuple(_scores(labels["genre"], p) for p in along),
            tuple(_scores(labels["emotion"], p) for p in emotion),
        ),
    )


def stretches(mel_db: Floats, window_s: float, *, hop_s: float, at_most: int) -> Stretches:
    """Windows of `window_s` seconds, or the whole where that is shorter, spread evenly over (128, frames)."""
    n = mel_db.shape[1]
    width, hop, around = (round(s * features.FRAMES_PER_SECOND) for s in (window_s, hop_s, TRACK_S))
    width = min(width, n)
    begins = network.starts(n, width, hop=hop, at_most=at_most)
    peaks = mel_db.max(axis=0)
    first = np.clip(begins + (width - around) // 2, 0, max(0, n - around))
    reference = np.array([peaks[f : f + around].max() for f in first])
    loudest = np.array([peaks[b : b + width].max() for b in begins])
    cut = np.stack([mel_db[:, b : b + width] - r for b, r in zip(begins, reference, strict=True)])
    centres = (begins + width / 2) / features.FRAMES_PER_SECOND
    return Stretches(
        np.maximum(cut, -features.TOP_DB), tuple(round(float(c), 2) for c in centres), loudest > peaks.max() + _FAINT_DB
    )


def pooled(probabilities: Doubles, loud: npt.NDArray[np.bool_]) -> Doubles:
    """The answer for a clip (labels,) from those for its windows (n, labels): the mean over the loud ones."""
    return probabilities[loud].mean(axis=0)


def _judged(one: Classifier, heard: Stretches) -> Doubles:
    view = VIEWS[one.view]
    return network.predict(one.model, np.stack([view(stretch) for stretch in heard.mel_db])).astype(np.float64)


def _scores(labels: tuple[str, ...], values: Doubles) -> Scores:
    # shares of listeners add up to more than one (people choose several); here they are shares of one whole
    shares = values / values.sum()
    return Scores(labels, tuple(float(s) for s in shares))
