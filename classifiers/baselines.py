"""What the emotion network is compared with, in the same folds: `python -m classifiers.baselines svr|deep`.

svr    one support vector regression an emotion on hand-made features: MFCC, onset and chroma statistics
deep   a CNN of twelve layers and 20 million parameters on log-spectrograms of 10 s, (1025, 431), as in tutorials: what
       a large network makes of 256 tracks, and how far it gets within a budget

Figures are those of classifiers.emotion.figures, in baselines.json beside this file. scikit-learn is needed for `svr`
and is a development dependency.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import datasets, emotion, network
from core import harmony, runtime

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]

FIGURES = Path(__file__).with_suffix(".json")
BINS, FRAMES, HOP = 1025, 431, 512
"""A log-spectrogram: 22,050 Hz, n_fft 2048; 431 frames are 10 s."""
_RATE, _BATCH, _TESTED = 1e-4, 8, 5  # a track is judged in this many windows, spread evenly


def svr(cache: Path) -> dict[str, Any]:
    """Figures of support vector machines with a radial kernel, C 0.3 and epsilon 0.05, on standardised features."""
    from sklearn.svm import SVR

    stored = datasets.emotify(cache)
    chroma = np.stack([harmony.chroma(mono) for mono in _excerpts(stored.names)])
    made = np.concatenate([np.stack([hand_made(datasets.from_bytes(mel)) for mel in stored.mel]), chroma], axis=1)
    fold, guesses = emotion.folds(len(made)), np.zeros_like(stored.targets)
    for k in range(emotion.FOLDS):
        rest, held = fold != k, fold == k
        x = (made - made[rest].mean(axis=0)) / (made[rest].std(axis=0) + 1e-9)
        for label in range(guesses.shape[1]):
            machine = SVR(C=0.3, epsilon=0.05, gamma=0.5 / x.shape[1])
            guesses[held, label] = machine.fit(x[rest], stored.targets[rest, label]).predict(x[held])
    return emotion.figures(guesses, stored.targets) | {"features": made.shape[1]}


def hand_made(mel_db: Floats) -> Floats:
    """Mean and deviation of 20 MFCC, deviation of their differences, statistics of onsets and loudness, (70,)."""
    from scipy.fft import dct

    mfcc = dct(mel_db, axis=0, norm="ortho")[:20]
    onset, level = np.maximum(0, np.diff(mel_db, axis=1)).mean(axis=0), mel_db.mean(axis=0)
    parts = [mfcc.mean(axis=1), mfcc.std(axis=1), np.diff(mfcc, axis=1).std(axis=1)]
    parts += [
        [onset.mean(), onset.std()],
        np.percentile(onset, [50, 90, 99]),
        np.percentile(level, [5, 25, 50, 75, 95]),
    ]
    return np.concatenate(parts).astype(np.float32)


def deep(minutes: float, n_folds: int, seed: int) -> dict[str, Any]:
    """Figures of the large CNN on the held-out tracks of `n_folds` folds; `minutes` of processor time for each."""
    names, shares = datasets.emotify_shares()
    fold = emotion.folds(len(names))
    sounds = list(_excerpts(names))
    guesses, steps = np.zeros_like(shares), list[int]()
    for k in range(n_folds):
        runtime.keras().utils.set_random_seed(seed + k)
        model = large_cnn(shares.shape[1])
        steps.append(_trained(model, sounds, shares, np.flatnonzero(fold != k), minutes, seed + k))
        for held in np.flatnonzero(fold == k):
            starts = np.linspace(0, len(sounds[held]) - FRAMES * HOP, _TESTED).astype(int)
            batch = np.stack([log_spectrogram(sounds[held], start) for start in starts])
            guesses[held] = network.as_numpy(model(batch, training=False)).mean(axis=0)
    tested = fold < n_folds
    training = {"folds": n_folds, "minutes_a_fold": minutes, "epochs": _epochs(steps, int((fold != 0).sum()))}
    return emotion.figures(guesses[tested], shares[tested]) | {"parameters": model.count_params()} | training


def large_cnn(n_labels: int) -> Any:
    """Ten convolutions and two dense layers, 20 million parameters: (batch, 1025, 431) -> (batch, labels)."""
    keras = runtime.keras()
    layers = keras.layers
    inputs = keras.Input((BINS, FRAMES))
    x = layers.Reshape((BINS, FRAMES, 1))(inputs)
    for i, width in enumerate((16, 32, 64, 64, 128, 128, 256, 256, 512, 512)):
        x = layers.Conv2D(width, 3, strides=1 if i else 2, padding="same", use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.MaxPooling2D(2)(x) if i % 2 else x
    x = layers.Dropout(0.3)(layers.Dense(304, activation="relu")(layers.Flatten()(x)))
    return keras.Model(inputs, layers.Dense(n_labels, activation="sigmoid")(x))


def log_spectrogram(mono: Floats, start: int) -> Floats:
    """10 s from sample `start` on, in dB below the loudest cell and down to -80, scaled to [-1, 1], (1025, 431)."""
    import librosa

    piece = mono[start : start + (FRAMES - 1) * HOP]
    power = np.abs(librosa.stft(piece, n_fft=2048, hop_length=HOP)) ** 2
    return (librosa.power_to_db(power, ref=np.max) / 40 + 1).astype(np.float32)


def _trained(model: Any, sounds: Sequence[Floats], shares: Floats, tracks: Whole, minutes: float, seed: int) -> int:
    """Train until the budget is spent, the rate falling to nothing with it; the number of steps."""
    rng = np.random.default_rng(seed)
    model.compile(runtime.keras().optimizers.Adam(_RATE), "binary_crossentropy")
    started, steps = time.process_time(), 0
    while (spent := (time.process_time() - started) / (minutes * 60)) < 1:
        model.optimizer.learning_rate.assign(_RATE * (1 - spent))
        chosen = rng.choice(tracks, _BATCH, replace=False)
        starts = [int(rng.integers(0, len(sounds[k]) - FRAMES * HOP)) for k in chosen]
        batch = np.stack([log_spectrogram(sounds[k], s) for k, s in zip(chosen, starts, strict=True)])
        model.train_on_batch(batch, shares[chosen])
        steps += 1
    return steps


def _epochs(steps: Sequence[int], tracks: int) -> list[float]:
    return [round(n * _BATCH / tracks, 1) for n in steps]


def _excerpts(names: Sequence[str]) -> "list[Floats]":
    folder = datasets.data_folder() / "emotify" / "audio"
    return [datasets.sound(folder / f"{name}.opus") for name in names]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one baseline and keep its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=("svr", "deep"))
    parser.add_argument("--cache", type=Path, default=datasets.CACHE, help="folder for decoded audio")
    parser.add_argument("--minutes", type=float, default=15.0, help="processor minutes a fold (deep)")
    parser.add_argument("--folds", type=int, default=emotion.FOLDS, help="how many of the five folds (deep)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    figures = svr(args.cache) if args.name == "svr" else deep(args.minutes, args.folds, args.seed)
    kept = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    FIGURES.write_text(json.dumps(kept | {args.name: figures}, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
