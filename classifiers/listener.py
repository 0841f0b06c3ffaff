"""The trained ears at work: a log-mel spectrogram in, genre and emotion along the clip and "is this music?" out.

Genre and emotion are judged in overlapping windows, all of one length in one call of a network. Those of 10 s make the
timeline, and the clip's emotion pools them; its genre pools windows of 30 s, which are right more often (GTZAN's valid
tracks: 69 % against 66 %). The networks learned from tracks of 30 s, each in decibels below its own loudest cell, so a
window's reference is the loudest cell of the 30 s around it: a quiet bar of a loud song stays quiet.

Weights live in weights/{genre,emotion,music_or_not}: model.keras, its exported graph model.onnx, and config.json with
the labels, the view the network sees, its calibration and the feature parameters it was trained with. All three are
loaded once, as one cache entry.
"""

import json
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

NAMES = ("genre", "emotion", "music_or_not")
WINDOW_S, HOP_S = 10.0, 2.0
"""Length and distance of the windows in which genre and emotion are judged; one shorter clip is one window."""
MAX_WINDOWS = 48
"""A clip of more windows than these gets fewer, further apart."""
TRACK_S = 30.0
"""The length of the tracks that the networks learned from; a clip's genre and whether it is music are judged in
windows of it, half overlapping."""

_FAINT_DB = -50.0  # a window this far below the loudest one has nothing to tell


@dataclass(frozen=True)
class Classifier:
    """A loaded network and what its config says; `temperature` calibrates its probabilities."""

    model: Any
    labels: tuple[str, ...]
    views: tuple[str, ...]
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
    """Windows (n, 128, frames), dB below the loudest cell of the 30 s around each; only the `loud` ones vote.

    `mean_db` and `deviation_db` are those of all cells of the 30 s around each window, (n,).
    """

    mel_db: Floats
    mean_db: Floats
    deviation_db: Floats
    centres_s: tuple[float, ...]
    loud: npt.NDArray[np.bool_]

    def view(self, name: str) -> Floats:
        """What a network sees of every window, (n, 128, columns) in [0, 1]; `name` "thin", "smooth" or "fine"."""
        if name == "fine":
            levels = zip(self.mel_db, self.mean_db, self.deviation_db, strict=True)
            return np.stack([features.fine(mel, float(mean), float(deviation)) for mel, mean, deviation in levels])
        return np.stack([{"thin": features.thin, "smooth": features.smooth}[name](mel) for mel in self.mel_db])


def load(folder: Path) -> Classifier:
    """A classifier from `folder`; ValueError when it was trained with other features than core.features computes."""
    config = json.loads((folder / "config.json").read_text())
    if config["features"] != features.PARAMETERS:
        raise ValueError(f"{folder} was trained with other features: {config['features']}")
    return Classifier(
        serving.load(folder), tuple(config["labels"]), tuple(config["views"]), float(config["temperature"])
    )


def ears() -> dict[str, Classifier]:
    """The three classifiers, loaded at the first call."""
    return LOADED.get("ears", lambda: {name: load(WEIGHTS / name) for name in NAMES})


def listen(mel_db: Floats) -> Judgement:
    """Judge a clip's log-mel spectrogram (128, frames), in decibels."""
    three = ears()
    short = stretches(mel_db, WINDOW_S, hop_s=HOP_S, at_most=MAX_WINDOWS)
    tracks = stretches(mel_db, TRACK_S, hop_s=TRACK_S / 2, at_most=8)
    genre, emotion = _judged(three["genre"], short), _judged(three["emotion"], short)
    music = _judged(three["music_or_not"], tracks)
    # a clip that fits into one short window was judged as a whole already
    wide = genre if len(genre) == 1 else _judged(three["genre"], tracks)
    temperature = three["genre"].temperature
    whole = measures.tempered(pooled(wide, tracks.loud), temperature)
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
    levels = {int(f): _levels(mel_db[:, f : f + around]) for f in np.unique(first)}
    reference, mean, deviation = np.array([levels[int(f)] for f in first], np.float32).T
    loudest = np.array([peaks[b : b + width].max() for b in begins])
    cut = np.stack([mel_db[:, b : b + width] - r for b, r in zip(begins, reference, strict=True)])
    centres = tuple(round(float(c), 2) for c in (begins + width / 2) / features.FRAMES_PER_SECOND)
    return Stretches(np.maximum(cut, -features.TOP_DB), mean, deviation, centres, loudest > peaks.max() + _FAINT_DB)


def _levels(mel_db: Floats) -> tuple[float, float, float]:
    """The loudest cell in dB, and mean and deviation of all cells in dB below it."""
    loudest = float(mel_db.max())
    below = np.maximum(mel_db - loudest, -features.TOP_DB)
    return loudest, float(below.mean()), float(below.std())


def pooled(probabilities: Doubles, loud: npt.NDArray[np.bool_]) -> Doubles:
    """The answer for a clip (labels,) from those for its windows (n, labels): the mean over the loud ones."""
    return probabilities[loud].mean(axis=0)


def _judged(one: Classifier, heard: Stretches) -> Doubles:
    return network.predict(one.model, *(heard.view(name) for name in one.views)).astype(np.float64)


def _scores(labels: tuple[str, ...], values: Doubles) -> Scores:
    # shares of listeners add up to more than one (people choose several); here they are shares of one whole
    shares = values / values.sum()
    return Scores(labels, tuple(float(s) for s in shares))
