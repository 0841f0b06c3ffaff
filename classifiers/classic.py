"""The genre classifier of the tutorials, as a yardstick under the honest split: `python -m classifiers.classic`.

13 MFCCs of short segments into three convolutions (V. Velardo, "Deep Learning for Audio with Python"; there
with random splits, where segments of one track stand on both sides). Here: train on the fault-filtered train split, the
epoch chosen on valid, test once; the answer for a track is the mean over its segments.

The MFCCs are made from the stored view (11 frames a second, floor -40 dB): the orthonormal DCT-II of its 128 bands.
Five segments a track of 66 frames (6 s): as near to the tutorials' 130 frames of 3 s as the view's rate allows.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import datasets, measures, network
from core import features, runtime
from corpus.captions import GENRES

Floats = npt.NDArray[np.float32]

FIGURES = Path(__file__).with_suffix(".json")
N_MFCC, SEGMENTS, FRAMES = 13, 5, 66
_BATCH, _RATE = 32, 1e-4


@dataclass(frozen=True)
class Figures:
    """What a run gives: accuracies by track, the test's 95 % interval (None while developing), and how it was made."""

    valid_accuracy: float
    n_valid: int
    test_accuracy: float | None
    test_interval: tuple[float, ...] | None
    n_test: int | None
    epoch: int
    epochs: int
    parameters: int
    seed: int
    command: str


def mfcc(views: Floats) -> Floats:
    """The first 13 cepstral coefficients of thinned views (n, 128, columns) in [0, 1]: (n, columns, 13), in dB."""
    decibel = (views - 1) * -features.THIN_FLOOR_DB
    n = views.shape[1]
    basis = np.cos(np.pi * np.arange(N_MFCC)[:, None] * (np.arange(n) + 0.5) / n) * np.sqrt(2 / n)
    basis[0] /= np.sqrt(2)
    return np.einsum("km,nmc->nck", basis, decibel).astype(np.float32)


def segments(coefficients: Floats) -> Floats:
    """(n, columns, 13) cut into (n, 5, 66, 13); the few columns left over at the end are not used."""
    n = len(coefficients)
    return coefficients[:, : SEGMENTS * FRAMES].reshape(n, SEGMENTS, FRAMES, N_MFCC)


def build() -> Any:
    """The tutorials' network: (batch, 66, 13, 1) -> (batch, 10)."""
    keras = runtime.keras()
    layers = keras.layers
    model = keras.Sequential([keras.Input((FRAMES, N_MFCC, 1))])
    for kernel, pool in ((3, 3), (3, 3), (2, 2)):
        model.add(layers.Conv2D(32, kernel, activation="relu"))
        model.add(layers.MaxPooling2D(pool, strides=2, padding="same"))
        model.add(layers.BatchNormalization())
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(len(GENRES), activation="softmax"))
    return model


def fit(minutes: float, seed: int, *, test: bool, epochs: int | None = None) -> Figures:
    """Train for `minutes` of processor time, or exactly `epochs`, and keep the epoch with the best valid accuracy;
    `test` is looked at once."""
    keras = runtime.keras()
    keras.utils.set_random_seed(seed)
    parts = {name: datasets.gtzan(name) for name in ("train", "valid", *(("test",) if test else ()))}
    inputs = {name: segments(mfcc(part.views)) for name, part in parts.items()}
    mean, spread = inputs["train"].mean(axis=(0, 1, 2)), inputs["train"].std(axis=(0, 1, 2))
    inputs = {name: (x - mean) / spread for name, x in inputs.items()}
    model = build()
    model.compile(keras.optimizers.Adam(_RATE), "sparse_categorical_crossentropy")
    x, y = inputs["train"].reshape(-1, FRAMES, N_MFCC, 1), np.repeat(parts["train"].targets, SEGMENTS)
    rng, ends = np.random.default_rng(seed), time.process_time() + 60 * minutes
    best, weights, epoch, chosen = 0.0, model.get_weights(), 0, 0
    while epoch < epochs if epochs is not None else time.process_time() < ends:
        epoch += 1
        for rows in np.array_split(rng.permutation(len(x)), len(x) // _BATCH):
            model.train_on_batch(x[rows], y[rows])
        accuracy = measures.accuracy(by_track(model, inputs["valid"]), parts["valid"].targets)
        if accuracy > best:
            best, weights, chosen = accuracy, model.get_weights(), epoch
    model.set_weights(weights)
    right = n_test = None
    if test:
        guesses = by_track(model, inputs["test"]).argmax(axis=1)
        right, n_test = int((guesses == parts["test"].targets).sum()), len(guesses)
    return Figures(
        round(best, 4),
        len(parts["valid"].targets),
        None if right is None or n_test is None else round(right / n_test, 4),
        None if right is None or n_test is None else tuple(round(x, 4) for x in measures.wilson(right, n_test)),
        n_test,
        chosen,
        epoch,
        model.count_params(),
        seed,
        f"python -m classifiers.classic --minutes {minutes:g} --seed {seed}{' --test' if test else ''}",
    )


def by_track(model: Any, tracks: Floats) -> Floats:
    """The mean probabilities over each track's segments: (n, 5, 66, 13) -> (n, 10)."""
    # called directly: Keras's predict loop loads tensorflow whatever the backend
    answer = model(tracks.reshape(-1, FRAMES, N_MFCC, 1), training=False)
    return network.as_numpy(answer).reshape(len(tracks), SEGMENTS, -1).mean(axis=1)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.classic")
    parser.add_argument("--minutes", type=float, default=2.0, help="of processor time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test", action="store_true", help=f"look at test, once, and write {FIGURES.name}")
    options = parser.parse_args()
    runtime.share_cores()
    figures = asdict(fit(options.minutes, options.seed, test=options.test))
    print(json.dumps(figures, indent=1))
    if options.test:
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
