"""A trained network ready to judge: its exported graph in onnxruntime, or the Keras model itself.

The graph (model.onnx, written by classifiers.export beside model.keras) starts in a tenth of a second and needs neither
torch nor tensorflow; it carries the SHA-256 of the Keras file it was made from, so that a network trained anew is never
served by an old graph. SYNTHESETE_EARS chooses: "onnx" or "keras"; unset, the graph where it is there and up to date,
else Keras with a warning in the log. Keras runs on the backend that KERAS_BACKEND names, torch by default.
"""

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import runtime

Floats = npt.NDArray[np.float32]

LOG = logging.getLogger("synthesete.ears")
DIGEST = "model.keras sha256"
"""The entry of the graph's metadata that names the Keras file it was made from."""


class StaleError(ValueError):
    """The exported graph is missing, or was not made from the Keras file beside it."""


class Graph:
    """An exported graph, called as Keras models are: (batch, columns, 128), or a list of them, to (batch, labels)."""

    def __init__(self, file: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # the networks are small: a second thread gains less than the stages that run beside them lose
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = [one.name for one in self._session.get_inputs()]
        self.digest: str = self._session.get_modelmeta().custom_metadata_map.get(DIGEST, "")

    def __call__(self, views: Floats | list[Floats], *, training: bool = False) -> Floats:
        batches = views if isinstance(views, list) else [views]
        answer: Floats = self._session.run(None, dict(zip(self._inputs, batches, strict=True)))[0]
        return answer


def load(folder: Path) -> Any:
    """The network in `folder`, callable with (batch, columns, 128).

    Raises StaleError where SYNTHESETE_EARS=onnx and there is no graph of this network, ValueError for another setting.
    """
    choice = os.environ.get("SYNTHESETE_EARS", "")
    if choice not in ("", "onnx", "keras"):
        raise ValueError(f"SYNTHESETE_EARS is {choice!r}: set it to onnx or keras")
    if choice == "keras":
        return _keras(folder)
    try:
        return _graph(folder)
    except StaleError as error:
        if choice == "onnx":
            raise
        LOG.warning("%s; Keras serves it, which is slower", error)
        return _keras(folder)


def digest(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _graph(folder: Path) -> Graph:
    file, mend = folder / "model.onnx", f"run python -m classifiers.export {folder.name}"
    if not file.exists():
        raise StaleError(f"{folder.name} has no exported graph: {mend}")
    graph = Graph(file)
    if graph.digest != digest(folder / "model.keras"):
        raise StaleError(f"the exported graph of {folder.name} is not of its model.keras: {mend}")
    return graph


def _keras(folder: Path) -> Any:
    return runtime.keras().saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
