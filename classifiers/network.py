"""The one small CNN behind every classifier here, in Keras 3, and how a view is prepared for it.

Input: (batch, columns, 128), a log-mel view in [0, 1], any number of columns from MIN_COLUMNS; output: (batch, labels).
Four convolutions see patches of the spectrogram, the bands are merged, and mean and maximum over time make the answer
independent of the length. Several such networks trained from different seeds are averaged inside one model: on few
hundred training tracks that is worth more than one larger network. Only layers that Keras loads in safe mode.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import runtime
from core.features import N_MELS

Floats = npt.NDArray[np.float32]

MIN_COLUMNS = 32
"""Views with fewer columns are repeated up to this: the network halves them four times before it decides."""


def build(n_labels: int, *, channels: Sequence[int], activation: str, dropout: float = 0.4) -> Any:
    """One member. `channels` of the four convolutions; `activation` "softmax" (one label) or "sigmoid" (several)."""
    keras = runtime.keras()
    layers = keras.layers
    inputs = keras.Input((None, N_MELS))
    x = trunk(layers.Rescaling(2.0, -0.5)(inputs), channels)
    x = layers.Dropout(0.2)(x)
    x = layers.Conv1D(128, 1, activation="relu")(x)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])
    outputs = layers.Dense(n_labels, activation=activation)(layers.Dropout(dropout)(x))
    return keras.Model(inputs, outputs)


def trunk(view: Any, channels: Sequence[int], *, initializer: Any = "glorot_uniform", epsilon: float = 1e-3) -> Any:
    """Convolutions over patches of (batch, columns, 128), bands merged: (batch, columns / 16, features).

    `initializer` of the kernels; `epsilon` keeps batch normalisation from dividing by nothing.
    """
    layers = runtime.keras().layers
    x = layers.Reshape((-1, N_MELS, 1))(view)
    for i, width in enumerate(channels):
        size, strides = (5, 2) if i == 0 else (3, 1)
        x = layers.Conv2D(width, size, strides=strides, padding="same", use_bias=False, kernel_initializer=initializer)(
            x
        )
        x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.95, epsilon=epsilon)(x))
        x = layers.MaxPooling2D(2)(x) if i < 3 else x
    return layers.Reshape((-1, N_MELS // 16 * channels[-1]))(x)


def ensemble(members: Sequence[Any]) -> Any:
    """One model that averages the members' probabilities; copies, so that no optimiser's state is saved with them."""
    keras = runtime.keras()
    members = [copied(member, f"member_{k}") for k, member in enumerate(members)]
    inputs = keras.Input((None, N_MELS))
    outputs = [member(inputs) for member in members]
    return keras.Model(inputs, keras.layers.Average()(outputs) if len(outputs) > 1 else outputs[0])


def rounded(model: Any) -> Any:
    """The model with its weights rounded to half precision: where they are stored that way, nothing is lost."""
    model.set_weights([np.asarray(w, np.float16).astype(np.float32) for w in model.get_weights()])
    return model


def save(model: Any, path: Path) -> None:
    """Write a .keras file, compressed: Keras leaves it plain, and rounded weights take half the room."""
    model.save(path)
    with zipfile.ZipFile(path) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in parts.items():
            # without the time of day: the same weights make the same file
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


def copied(member: Any, name: str | None = None) -> Any:
    """The same network without an optimiser's state, called `name` in the model that it becomes a part of."""
    # not clone_model: it compiles the copy as well, optimiser and all
    config = member.get_config()
    twin = type(member).from_config(config | {"name": name} if name else config)
    twin.set_weights(member.get_weights())
    return twin


def starts(n: int, width: int, *, hop: int, at_most: int) -> npt.NDArray[np.int64]:
    """Where windows of `width` (at most n) begin: evenly from the first to the last, about `hop` apart or further."""
    count = min(at_most, 1 + round((n - width) / hop))
    return np.linspace(0, n - width, count).astype(np.int64)


def windows(spectrogram: Floats, width: int, *, at_most: int = 8) -> Floats:
    """Half-overlapping windows spread evenly over (128, n): (windows, 128, width), or one of all n if shorter."""
    n = spectrogram.shape[1]
    width = min(width, n)
    begins = starts(n, width, hop=max(1, width // 2), at_most=at_most)
    return np.stack([spectrogram[:, s : s + width] for s in begins])


def predict(model: Any, *views: Floats) -> Floats:
    """Probabilities (batch, labels) of each of the model's views (batch, 128, columns), all in one call.

    The model is called directly: Keras's own predict loop costs more than these networks.
    """
    batches = [_batch(view) for view in views]
    answer = model(batches if len(batches) > 1 else batches[0], training=False)
    return as_numpy(answer)


def as_numpy(answer: Any) -> Floats:
    """What a model answers on any backend, as float32."""
    # keras.ops.convert_to_numpy goes a way through torch that NumPy 2 has deprecated
    plain = answer.detach().cpu().numpy() if hasattr(answer, "detach") else np.asarray(answer)
    return plain.astype(np.float32)


def _batch(view: Floats) -> Floats:
    columns = view.shape[2]
    if columns < MIN_COLUMNS:
        view = np.tile(view, (1, 1, -(-MIN_COLUMNS // columns)))[:, :, :MIN_COLUMNS]
    return np.ascontiguousarray(np.swapaxes(view, 1, 2), dtype=np.float32)
