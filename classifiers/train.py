"""Train a classifier and write it with its card: `python -m classifiers.train genre --minutes 7 --seed 0`.

genre     GTZAN's thinned views; trained on `train`, snapshot chosen and calibrated on `valid`, `test` reported once
emotion   Emotify's shares of listeners; mean Pearson correlation in 5-fold cross-validation, then all 320 excerpts
music_or_not  music against speech and synthesised noise; AUC in 5-fold cross-validation, then everything

Works with both Keras backends (KERAS_BACKEND=tensorflow or torch); --threads bounds what it takes of the machine.
Augmentation: random crops, a random smooth equaliser, a shift of a band or two, SpecAugment (Park et al. 2019) and
mixup (Zhang et al. 2018) on half of the examples.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import cards, datasets, measures, network, noises
from core import features, runtime
from core.models import WEIGHTS
from corpus.captions import EMOTIONS, GENRES

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
    """What differs between the three networks."""

    channels: tuple[int, ...]
    activation: str
    loss: str
    crops: tuple[int, ...]  # columns of a batch, one of these (each new length costs a compilation)
    equaliser: float  # standard deviation of the random gain, in parts of the view's range
    dropout: float = 0.4


RECIPES = {
    "genre": Recipe((24, 48, 96, 96), "softmax", "categorical_crossentropy", (128,), 0.05),
    "emotion": Recipe((16, 32, 64, 64), "sigmoid", "binary_crossentropy", (192,), 0.03),
    "music_or_not": Recipe((12, 24, 32, 32), "sigmoid", "binary_crossentropy", (48, 144), 0.08),
}


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
    model.compile(keras.optimizers.AdamW(PEAK_RATE, weight_decay=1e-2, clipnorm=1.0), recipe.loss)
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
    lam = np.where(rng.random(BATCH) < 0.5, np.float32(1), np.maximum(lam, 1 - lam))
    a, b = (np.stack([crop(examples.views[i], columns, recipe, rng) for i in chosen]) for chosen in (first, second))
    mixed = a * lam[:, None, None] + b * (1 - lam[:, None, None])
    return mixed, examples.targets[first] * lam[:, None] + examples.targets[second] * (1 - lam[:, None])


def crop(view: Floats, columns: int, recipe: Recipe, rng: np.random.Generator) -> Floats:
    """A random stretch through a random equaliser, with a band and a moment blanked; (columns, 128)."""
    start = int(rng.integers(0, max(1, view.shape[1] - columns + 1)))
    piece = np.resize(view[:, start : start + columns].T, (columns, features.N_MELS))
    gains = np.interp(np.arange(features.N_MELS), np.linspace(0, 127, 6), rng.normal(0, recipe.equaliser, 6))
    piece = np.clip(np.roll(piece, int(rng.integers(-2, 3)), axis=1) + gains.astype(np.float32), 0, 1)
    band, stretch = int(rng.integers(0, 20)), int(rng.integers(0, columns // 5))
    low, begin = int(rng.integers(0, features.N_MELS - band)), int(rng.integers(0, columns - stretch))
    piece[:, low : low + band] = 0
    piece[begin : begin + stretch] = 0
    return piece


def predict_all(model: Any, views: Sequence[Floats]) -> Floats:
    """Mean probabilities over each view's windows of 30 s, shape (n, labels)."""
    return np.stack([network.predict(model, network.windows(v, COLUMNS_30_S)).mean(axis=0) for v in views])


def train_genre(minutes: float, seed: int, cache: Path) -> tuple[Any, dict[str, Any]]:
    """Three members, each with its own seed; the average's temperature from `valid`."""
    parts = {split: datasets.gtzan(split) for split in ("train", "valid", "test")}
    examples = Examples(parts["train"].views, np.eye(len(GENRES), dtype=np.float32)[parts["train"].targets])
    valid = parts["valid"]
    members = []
    for k in range(3):
        runtime.keras().utils.set_random_seed(seed + k)
        member = _build("genre", len(GENRES))

        def check(member: Any = member) -> float:
            return measures.accuracy(predict_all(member, valid.views), valid.targets)

        fit(member, examples, RECIPES["genre"], seconds=minutes * 20, seed=seed + k, check=check)
        members.append(member)
    model = network.ensemble(members)
    temperature = measures.best_temperature(predict_all(model, valid.views), valid.targets)
    figures: dict[str, Any] = {"temperature": temperature}
    for split in ("valid", "test"):
        p = measures.tempered(predict_all(model, parts[split].views), temperature)
        figures[f"{split}_accuracy"] = round(measures.accuracy(p, parts[split].targets), 4)
        figures[f"{split}_log_loss"] = round(measures.log_loss(p, parts[split].targets), 4)
        figures[f"n_{split}"] = len(p)
    figures["test_recall"] = measures.recalls(p, parts["test"].targets, GENRES)
    return model, figures


def train_emotion(minutes: float, seed: int, cache: Path) -> tuple[Any, dict[str, Any]]:
    """Five folds for the figure, then two members on everything; the budget is shared equally by the seven."""
    stored = datasets.emotify(cache)
    examples = Examples([features.smooth(datasets.from_bytes(m)) for m in stored.mel], stored.targets)
    seconds = minutes * 60 / 7
    guesses = _cross_validated("emotion", examples, seconds, seed)
    pearson = measures.pearsons(guesses, stored.targets)
    figures = {
        "cv_pearson": dict(zip(EMOTIONS, [round(r, 3) for r in pearson], strict=True)),
        "cv_mean_pearson": round(float(np.mean(pearson)), 4),
        "cv_top_right": round(measures.accuracy(guesses, stored.targets.argmax(axis=1)), 4),
        "n": len(guesses),
    }
    members = [_fitted("emotion", examples, seconds, seed + 10 + k) for k in range(2)]
    return network.ensemble(members), figures


def train_music(minutes: float, seed: int, cache: Path) -> tuple[Any, dict[str, Any]]:
    """Five folds for the figure on real music and speech, then one network on everything."""
    mel, is_music, _ = datasets.music_or_speech(cache)
    real = [features.thin(datasets.from_bytes(m)) for m in mel]
    songs = [features.thin(datasets.from_bytes(m)) for m in datasets.emotify(cache).mel]
    songs += list(datasets.gtzan("train").views)
    fake = [features.thin(features.log_mel(noise)) for noise in noises.not_music(80, seed)]
    targets = np.concatenate([is_music, np.ones(len(songs)), np.zeros(len(fake))])[:, None].astype(np.float32)
    # every kind weighs the same however many examples there are of it
    shares = [(is_music == 1) * 0.25 / is_music.sum(), (is_music == 0) * 0.3 / (is_music == 0).sum()]
    kinds = [shares[0] + shares[1], np.full(len(songs), 0.25 / len(songs)), np.full(len(fake), 0.2 / len(fake))]
    examples = Examples([*real, *songs, *fake], targets, np.concatenate(kinds).astype(np.float32))
    seconds = minutes * 60 / 6
    guesses = _cross_validated("music_or_not", examples, seconds, seed, n_tested=len(real))[:, 0]
    figures = {
        "cv_auc": round(measures.auc(guesses, is_music), 4),
        "cv_accuracy": round(float(((guesses > 0.5) == is_music).mean()), 4),
        "n": len(guesses),
    }
    return network.ensemble([_fitted("music_or_not", examples, seconds, seed + 10)]), figures


def _build(name: str, n_labels: int) -> Any:
    recipe = RECIPES[name]
    return network.build(n_labels, channels=recipe.channels, activation=recipe.activation, dropout=recipe.dropout)


def _fitted(name: str, examples: Examples, seconds: float, seed: int) -> Any:
    runtime.keras().utils.set_random_seed(seed)
    model = _build(name, examples.targets.shape[1])
    fit(model, examples, RECIPES[name], seconds=seconds, seed=seed)
    return model


def _cross_validated(
    name: str, examples: Examples, seconds: float, seed: int, *, n_tested: int | None = None
) -> Floats:
    """Each of the first `n_tested` examples as judged by a network that did not see its fold, (n_tested, labels)."""
    n = n_tested or len(examples.views)
    fold = np.random.default_rng(seed).permutation(n) % 5
    guesses = np.zeros((n, examples.targets.shape[1]), np.float32)
    for k in range(5):
        held = np.flatnonzero(fold == k)
        rest = np.setdiff1d(np.arange(len(examples.views)), held)
        model = _fitted(name, examples.part(rest), seconds, seed + k)
        guesses[held] = predict_all(model, [examples.views[i] for i in held])
    return guesses


TRAINERS = {"genre": train_genre, "emotion": train_emotion, "music_or_not": train_music}
LABELS = {"genre": GENRES, "emotion": EMOTIONS, "music_or_not": ("music",)}
VIEWS = {"genre": "thin", "emotion": "smooth", "music_or_not": "thin"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one classifier and write weights/NAME/{model.keras, config.json, README.md}."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=sorted(TRAINERS))
    parser.add_argument("--minutes", type=float, default=6.0, help="processor minutes of training in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=datasets.CACHE, help="folder for decoded audio")
    parser.add_argument("--out", type=Path, help="folder to write to; weights/NAME by default")
    args = parser.parse_args(arguments)
    _use_threads(args.threads)
    model, figures = TRAINERS[args.name](args.minutes, args.seed, args.cache)
    out = args.out or WEIGHTS / args.name
    out.mkdir(parents=True, exist_ok=True)
    model.save(out / "model.keras")
    config = {
        "labels": list(LABELS[args.name]),
        "view": VIEWS[args.name],
        "columns": COLUMNS_30_S,
        "temperature": figures.pop("temperature", 1.0),
        "features": features.PARAMETERS,
        "figures": figures,
        "training": {"minutes": args.minutes, "seed": args.seed, "backend": runtime.keras().backend.backend()},
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (out / "README.md").write_text(cards.card(args.name, config))
    print(json.dumps(figures, indent=2))


def _use_threads(n: int) -> None:
    os.environ["OMP_NUM_THREADS"] = str(n)
    if runtime.keras().backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(n)
        tf.config.threading.set_inter_op_parallelism_threads(n)
    else:
        import torch

        torch.set_num_threads(n)


if __name__ == "__main__":
    main()
