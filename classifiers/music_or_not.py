"""Is this music at all? The recipe and training of the network that tells music from speech, noise and birdsong.

AUC in 5-fold cross-validation on real music and speech, then one network on everything.
"""

from pathlib import Path
from typing import Any

import numpy as np

from classifiers import datasets, fitting, measures, network, noises
from core import features

LABELS = ("music",)
VIEWS = ("thin",)
RECIPE = fitting.Recipe((12, 24, 32, 32), "sigmoid", "binary_crossentropy", (48, 144), 0.08)


def train(minutes: float, seed: int, *, cache: Path, work: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """The network and its figures after `minutes` of processor time in all."""
    mel, is_music, _ = datasets.music_or_speech(cache)
    real = [features.thin(datasets.from_bytes(m)) for m in mel]
    songs = [features.thin(datasets.from_bytes(m)) for m in datasets.emotify(cache).mel]
    songs += list(datasets.gtzan("train").views)
    fake = [features.thin(features.log_mel(noise)) for noise in noises.not_music(80, seed)]
    targets = np.concatenate([is_music, np.ones(len(songs)), np.zeros(len(fake))])[:, None].astype(np.float32)
    # every kind weighs the same however many examples there are of it
    shares = [(is_music == 1) * 0.25 / is_music.sum(), (is_music == 0) * 0.3 / (is_music == 0).sum()]
    kinds = [shares[0] + shares[1], np.full(len(songs), 0.25 / len(songs)), np.full(len(fake), 0.2 / len(fake))]
    examples = fitting.Examples([*real, *songs, *fake], targets, np.concatenate(kinds).astype(np.float32))
    seconds = minutes * 60 / 6
    guesses = fitting.cross_validated(RECIPE, examples, seconds=seconds, seed=seed, n_tested=len(real))[:, 0]
    figures = {
        "cv_auc": round(measures.auc(guesses, is_music), 4),
        "cv_accuracy": round(float(((guesses > 0.5) == is_music).mean()), 4),
        "n": len(guesses),
    }
    return network.ensemble([fitting.fitted(RECIPE, examples, seconds=seconds, seed=seed + 10)]), figures
