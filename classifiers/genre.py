"""Which of GTZAN's ten genres: the recipe and training of the genre network.

Two ways of looking are averaged, each by several small members from different seeds. The thin view is 30 s at eleven
frames a second; the fine view has every frame and the whole 80 dB, but of GTZAN only the first 3 s of each track are
stored that way. A member joins a CNN with perceptrons on statistics (classifiers.descriptors); every second one of the
thin view has a CNN that sees each band without its mean and in units of its deviation over time, so that it cannot go
by a record's sound.

Trained on `train` of the fault-filtered split, snapshots chosen and calibrated on `valid`, `test` reported once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import datasets, descriptors, fitting, measures, network
from core import runtime
from core.features import N_MELS
from corpus.captions import GENRES

Floats = npt.NDArray[np.float32]

LABELS = GENRES
VIEWS = ("thin", "fine")
MEMBERS = {"thin": 6, "fine": 2}
"""Every second one of the thin view sees contrast. All count the same: the fine view, of 3 s, for a quarter."""
RECIPES = {
    view: fitting.Recipe((16, 32, 48, 64), "softmax", "categorical_crossentropy", (columns,), 0.05, keeps_floor=True)
    for view, columns in (("thin", 128), ("fine", 104))
}
_PATIENCE = {"thin": 1.0, "fine": 1.7}  # members of the thin view begin to learn by heart after a thousand steps


def train(minutes: float, seed: int, *, cache: Path, work: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """The network of two views and its figures; the budget is shared equally by the members."""
    share = minutes * 60 / sum(_PATIENCE[view] * n for view, n in MEMBERS.items())
    train_, valid, test = (datasets.gtzan(split) for split in ("train", "valid", "test"))
    one_hot = np.eye(len(GENRES), dtype=np.float32)[train_.targets]

    def made(view: str, k: int) -> Any:
        held = _view(valid, view)

        def check(whole: Any) -> float:
            p = network.predict(whole, held)
            return -measures.log_loss(measures.tempered(p, measures.best_temperature(p, valid.targets)), valid.targets)

        def make() -> Any:
            runtime.keras().utils.set_random_seed(seed + k)
            member = build(len(GENRES), RECIPES[view], contrast=view == "thin" and k % 2 == 1)
            examples = fitting.Examples(_view(train_, view), one_hot)
            whole, seconds = _alone(member), share * _PATIENCE[view]
            fitting.fit(whole, examples, RECIPES[view], seconds=seconds, seed=seed + k, check=lambda: check(whole))
            return member

        return fitting.kept(None if work is None else work / f"{view}_{k}.keras", make)

    model = network.rounded(join([[made(view, k) for k in range(MEMBERS[view])] for view in VIEWS]))
    return model, _figures(model, valid, test)


def build(n_labels: int, recipe: fitting.Recipe, *, contrast: bool) -> Any:
    """One member: a view (batch, columns, 128) and its statistics (batch, k) -> (batch, labels)."""
    keras = runtime.keras()
    layers = keras.layers
    # kernels begin small (He 2015 with a slope of the square root of 5): batch normalisation undoes the scale, and what
    # is left are larger steps, worth 0.03 nats on valid
    small = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    view, statistics = keras.Input((None, N_MELS)), keras.Input(descriptors.build().output_shape[1:])
    levels = _contrast(view) if contrast else layers.Rescaling(2.0, -0.5)(view)
    x = network.trunk(levels, recipe.channels, initializer=small, epsilon=1e-5)
    x = layers.Conv1D(96, 1, activation="relu", kernel_initializer=small)(layers.Dropout(0.2)(x))
    known = keras.ops.clip(layers.BatchNormalization(momentum=0.95)(statistics), -4, 4)
    known = layers.Dense(64, activation="relu", kernel_initializer=small)(layers.Dropout(0.4)(known))
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x), known])
    answer = layers.Dense(n_labels, activation=recipe.activation, kernel_initializer=small)
    return keras.Model([view, statistics], answer(layers.Dropout(recipe.dropout)(x)))


def _alone(member: Any) -> Any:
    """A member that measures its statistics itself, as it is trained: (batch, columns, 128) -> (batch, labels)."""
    keras = runtime.keras()
    view = keras.Input((None, N_MELS))
    return keras.Model(view, member([view, descriptors.build()(view)]))


def _contrast(view: Any) -> Any:
    """Each band about its mean over time, in units of its deviation; a little more for bands where nothing moves."""
    ops = runtime.keras().ops
    mean, variance = ops.mean(view, axis=1, keepdims=True), ops.var(view, axis=1, keepdims=True)
    return 0.5 * (view - mean) / (ops.sqrt(variance + 1e-6) + 0.1)


def join(members: Sequence[Sequence[Any]]) -> Any:
    """One network of VIEWS from members for each: the geometric mean of their probabilities, normalised."""
    keras = runtime.keras()
    inputs = [keras.Input((None, N_MELS), name=view) for view in VIEWS]
    statistics = descriptors.build()
    seen = [(view, statistics(view)) for view in inputs]  # once a view, whatever the number of members
    answers = [
        network.copied(member, f"{name}_{k}")(list(x))
        for name, x, some in zip(VIEWS, seen, members, strict=True)
        for k, member in enumerate(some)
    ]
    logits = keras.layers.Average()([keras.ops.log(answer + 1e-4) for answer in answers])
    return keras.Model(inputs, keras.layers.Activation("softmax")(logits))


def _figures(model: Any, valid: datasets.Tracks, test: datasets.Tracks) -> dict[str, Any]:
    temperature = measures.best_temperature(_predicted(model, valid), valid.targets)
    figures: dict[str, Any] = {"temperature": temperature}
    for split, tracks in (("valid", valid), ("test", test)):
        p = measures.tempered(_predicted(model, tracks), temperature)
        figures[f"{split}_accuracy"] = round(measures.accuracy(p, tracks.targets), 4)
        right = int((p.argmax(axis=1) == tracks.targets).sum())
        figures[f"{split}_accuracy_95"] = [round(end, 3) for end in measures.wilson(right, len(p))]
        figures[f"{split}_log_loss"] = round(measures.log_loss(p, tracks.targets), 4)
        figures[f"n_{split}"] = len(p)
    figures["test_recall"] = measures.recalls(p, test.targets, GENRES)
    return figures


def _predicted(model: Any, tracks: datasets.Tracks) -> Floats:
    return network.predict(model, *(_view(tracks, view) for view in VIEWS))


def _view(tracks: datasets.Tracks, view: str) -> Floats:
    return {"thin": tracks.views, "fine": tracks.fine}[view]
