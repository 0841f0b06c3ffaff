"""How a clip makes listeners feel: the recipe and training of the emotion network on Emotify's shares of listeners.

Two parts look at the same view and are averaged: perceptrons on statistics of timbre, rhythm and harmony
(classifiers.descriptors), and a small CNN. Five-fold cross-validation by track measures the recipe: nothing is chosen
on a held-out fold, and its tracks are judged in the windows in which classifiers.listener judges a clip. The network
that ships is then trained by the same recipe on all tracks.

Training windows are a minute, 30, 10 and 6 s long, in decibels below the loudest cell of the minute or of 30 s around,
so that short windows, of which a clip's timeline is made, are as familiar as whole tracks. A track that few listeners
judged weighs less.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import datasets, descriptors, fitting, listener, measures, network
from core import features, runtime
from corpus.captions import EMOTIONS

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]

LABELS = EMOTIONS
VIEWS = ("smooth",)
FILES = ("out_of_fold.json",)
"""What training leaves in the work folder to lie beside the weights."""
RECIPE = fitting.Recipe(
    (16, 32, 64), "sigmoid", "binary_crossentropy", (96, 192), 0.03, 0.3, 0.02, blanked_bands=0, blanked_time=0.0
)
CNN_SHARE = 0.2
FOLDS = 5
_COLUMNS = (323, 108, 65)  # 30, 10 and 6 s, cut from stretches of 30 s; the whole minute comes on top

_PERCEPTRONS, _HIDDEN, _STEPS, _RATE, _DECAY = 12, 32, 600, 2e-3, 0.3
_LEAST_SPREAD, _BOUND = 0.01, 4.0
_DOUBT = 15  # listeners: a track judged by so many weighs half of one judged by very many


@dataclass(frozen=True)
class Material:
    """Emotify ready to learn from: `views` by track (the minute, its 30 s stretches), and statistics of its windows."""

    stored: datasets.Emotify
    views: list[list[Floats]]
    statistics: Floats  # (windows, N)
    track: Whole  # of each window
    weight: Floats  # of each window: tracks weigh the same whatever their number of windows, and so do lengths


def train(minutes: float, seed: int, *, cache: Path, work: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """Five folds for the figures, then the network on everything; `minutes` are those of the six CNNs together."""
    material = _material(datasets.emotify(cache))
    n, seconds = len(material.views), minutes * 60 / (FOLDS + 1)
    fold = folds(n)

    def made(name: str, tracks: Whole, k: int) -> Any:
        path = None if work is None else work / f"{name}.keras"
        return fitting.kept(path, lambda: _fitted(material, tracks, seconds=seconds, seed=seed + k))

    guesses = {window_s: np.zeros((n, len(EMOTIONS))) for window_s in (6.0, listener.WINDOW_S, 20.0, 30.0, 60.0)}
    for k in range(FOLDS):
        model = made(f"fold_{k}", np.flatnonzero(fold != k), k)
        for held in np.flatnonzero(fold == k):
            mel_db = datasets.from_bytes(material.stored.mel[held])
            for window_s, answers in guesses.items():
                answers[held] = judged(model, mel_db, window_s)
        mean = _mean_pearson(guesses[listener.WINDOW_S][fold == k], _shares(material)[fold == k])
        print(f"  fold {k}: mean Pearson {mean:.3f}", flush=True)
    shown = guesses[listener.WINDOW_S].round(4)
    if work is not None:
        out_of_fold = {"tracks": material.stored.names, "labels": EMOTIONS, "fold": fold.tolist()}
        (work / FILES[0]).write_text(json.dumps(out_of_fold | {"shares": shown.tolist()}) + "\n")
    by_window = {f"{s:g}_s": round(_mean_pearson(g, _shares(material)), 4) for s, g in guesses.items()}
    model = made("all", np.arange(n), 10)
    return model, figures(shown, _shares(material)) | {"cv_mean_pearson_by_window": by_window}


def folds(n: int) -> Whole:
    """Which fold each of `n` tracks is held out in; the same whatever the seed of the training."""
    return np.random.default_rng(0).permutation(n) % FOLDS


def judged(model: Any, mel_db: Floats, window_s: float = listener.WINDOW_S) -> npt.NDArray[np.float64]:
    """The shares for a clip's log-mel spectrogram (128, frames), as the listener pools them; windows half overlap
    unless they are the listener's."""
    hop_s = listener.HOP_S if window_s == listener.WINDOW_S else window_s / 2
    heard = listener.stretches(mel_db, window_s, hop_s=hop_s, at_most=listener.MAX_WINDOWS)
    answers = network.predict(model, np.stack([features.smooth(stretch) for stretch in heard.mel_db]))
    return listener.pooled(answers.astype(np.float64), heard.loud)


def figures(guesses: npt.NDArray, shares: npt.NDArray) -> dict[str, Any]:
    """Everything that is reported of out-of-fold guesses (n, 9) against the shares of listeners (n, 9)."""
    low, high = measures.interval(lambda rows: _mean_pearson(guesses[rows], shares[rows]), len(shares))
    return {
        "cv_mean_pearson": round(_mean_pearson(guesses, shares), 4),
        "cv_mean_pearson_95": [round(low, 3), round(high, 3)],
        "cv_mean_spearman": round(float(np.mean(measures.spearmans(guesses, shares))), 4),
        "cv_auc_top_quarter": round(float(np.mean(measures.aucs_top_quarter(guesses, shares))), 4),
        "cv_kl": round(measures.kl(guesses, shares), 4),
        "cv_top_right": round(measures.accuracy(guesses, shares.argmax(axis=1)), 4),
        "cv_pearson": _by_label(measures.pearsons(guesses, shares)),
        "cv_spearman": _by_label(measures.spearmans(guesses, shares)),
        "n": len(shares),
    }


def _by_label(values: Sequence[float]) -> dict[str, float]:
    return dict(zip(EMOTIONS, [round(v, 3) for v in values], strict=True))


def _mean_pearson(guesses: npt.NDArray, shares: npt.NDArray) -> float:
    return float(np.mean(measures.pearsons(guesses, shares)))


def _shares(material: Material) -> Floats:
    return material.stored.targets


def _material(stored: datasets.Emotify) -> Material:
    views = [_stretches(datasets.from_bytes(mel)) for mel in stored.mel]
    model = descriptors.build()
    rows: list[Floats] = []
    track: list[int] = []
    weight: list[float] = []
    for k, (minute, *halves) in enumerate(views):
        cuts = [minute[None], *(np.concatenate([network.windows(h, c) for h in halves]) for c in _COLUMNS)]
        for cut in cuts:
            rows.append(network.predict(model, cut))
            track += [k] * len(cut)
            weight += [1 / len(cut)] * len(cut)
    return Material(stored, views, np.concatenate(rows), np.array(track), np.array(weight, np.float32))


def _stretches(mel_db: Floats) -> list[Floats]:
    """Views of the minute and of its half-overlapping stretches of 30 s, each in decibels below its loudest cell."""
    halves = network.windows(mel_db, round(listener.TRACK_S * features.FRAMES_PER_SECOND))
    return [features.smooth(np.maximum(m - m.max(), -features.TOP_DB)) for m in (mel_db, *halves)]


def _fitted(material: Material, tracks: Whole, *, seconds: float, seed: int) -> Any:
    """The whole network, trained on `tracks` alone."""
    keras = runtime.keras()
    keras.utils.set_random_seed(seed)
    perceptrons, cnn = _perceptrons(material, tracks, seed), _cnn(material, tracks, seconds=seconds, seed=seed)
    inputs = keras.Input((None, features.N_MELS))
    parts = ((perceptrons, 1 - CNN_SHARE), (cnn, CNN_SHARE))
    return keras.Model(inputs, keras.layers.Add()([keras.layers.Rescaling(w)(part(inputs)) for part, w in parts]))


def _cnn(material: Material, tracks: Whole, *, seconds: float, seed: int) -> Any:
    shares = _shares(material)
    views = [(view, k) for k in tracks for view in material.views[k]]
    examples = fitting.Examples([view for view, _ in views], shares[[k for _, k in views]])
    model = fitting.build(RECIPE, len(EMOTIONS))
    slopes, _ = model.layers[-1].get_weights()
    model.layers[-1].set_weights([slopes, _log_odds(shares[tracks].mean(axis=0))])
    fitting.fit(model, examples, RECIPE, seconds=seconds, seed=seed)
    return model


def _perceptrons(material: Material, tracks: Whole, seed: int) -> Any:
    """Several perceptrons on the statistics, each trained on its own batches, averaged: (batch, columns, 128) -> 9."""
    chosen = np.isin(material.track, tracks)
    statistics, track = material.statistics[chosen], material.track[chosen]
    keras = runtime.keras()
    # some statistics hardly vary in Emotify: without a floor and bounds, another kind of sound would be off the scale
    spread = np.maximum(statistics.std(axis=0), _LEAST_SPREAD)
    # not a Normalization layer: what it holds are no weights, and the exporter would make inputs of them
    standardised = keras.layers.BatchNormalization(center=False, scale=False, epsilon=1e-12, trainable=False)
    standardised.build((None, statistics.shape[1]))
    standardised.set_weights([statistics.mean(axis=0), spread**2])
    inputs = keras.Input((None, features.N_MELS))
    known = keras.ops.clip(standardised(descriptors.build()(inputs)), -_BOUND, _BOUND)
    first, second = _untrained(statistics.shape[1], _shares(material)[tracks].mean(axis=0))
    learned = ((statistics - statistics.mean(axis=0)) / spread).clip(-_BOUND, _BOUND)
    _learn((first, second), learned, material, track, material.weight[chosen], seed)
    copies = keras.layers.RepeatVector(_PERCEPTRONS)(known)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(second(first(copies))))


def _untrained(n_statistics: int, shares: Floats) -> tuple[Any, Any]:
    """The two layers of all perceptrons, (batch, perceptrons, N) -> (..., hidden) -> (..., 9), starting at `shares`."""
    keras = runtime.keras()
    start = keras.initializers.RandomUniform
    first = keras.layers.EinsumDense(
        "bmd,mdh->bmh",
        (_PERCEPTRONS, _HIDDEN),
        activation="relu",
        bias_axes="mh",
        kernel_initializer=start(-(n_statistics**-0.5), n_statistics**-0.5),
    )
    second = keras.layers.EinsumDense(
        "bmh,mho->bmo",
        (_PERCEPTRONS, len(EMOTIONS)),
        activation="sigmoid",
        bias_axes="mo",
        kernel_initializer=start(-0.3 * _HIDDEN**-0.5, 0.3 * _HIDDEN**-0.5),
    )
    first.build((None, _PERCEPTRONS, n_statistics))
    second.build((None, _PERCEPTRONS, _HIDDEN))
    second.set_weights([second.get_weights()[0], np.tile(_log_odds(shares), (_PERCEPTRONS, 1))])
    return first, second


def _learn(
    layers: tuple[Any, Any], statistics: Floats, material: Material, track: Whole, weight: Floats, seed: int
) -> None:
    """Train the two layers in place, with mixup and dropout, for a fixed number of steps."""
    keras = runtime.keras()
    inputs = keras.Input((_PERCEPTRONS, statistics.shape[1]))
    hidden = keras.layers.Dropout(0.5)(layers[0](keras.layers.Dropout(0.3)(inputs)))
    model = keras.Model(inputs, layers[1](hidden))
    model.compile(keras.optimizers.AdamW(_RATE, weight_decay=_DECAY), "binary_crossentropy")
    rng, shape = np.random.default_rng(seed), (fitting.BATCH, _PERCEPTRONS)
    listeners = material.stored.listeners[track]
    trust = (listeners / (listeners + _DOUBT)).astype(np.float32)
    shares, p = _shares(material)[track], weight / weight.sum()
    for step in range(_STEPS):
        rate = min(1.0, (step + 1) / 20) * (0.02 + 0.49 * (1 + np.cos(np.pi * step / _STEPS)))
        model.optimizer.learning_rate.assign(_RATE * rate)
        a, b = (rng.choice(len(statistics), shape, p=p) for _ in range(2))
        lam = rng.beta(0.4, 0.4, shape).astype(np.float32)
        lam = np.where(rng.random(shape) < 0.5, np.maximum(lam, 1 - lam), np.float32(1))[..., None]
        mixed, target = (of[a] * lam + of[b] * (1 - lam) for of in (statistics, shares))
        model.train_on_batch(mixed, target, sample_weight=trust[a] / trust.mean())


def _log_odds(shares: Floats) -> Floats:
    return np.log(shares / (1 - shares)).astype(np.float32)
