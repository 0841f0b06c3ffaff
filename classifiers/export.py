"""Export the trained networks for serving: `python -m classifiers.export [genre|emotion|music_or_not ...]`.

weights/NAME/model.keras becomes weights/NAME/model.onnx, with batch and columns of any size. Keras can export such
sizes from tensorflow only (through tf2onnx), so the work is done in a process with that backend whatever backend
trained. Training rounds weights to half precision (network.rounded), so most are stored that way, at half the size,
without changing a number. The tests hold the graph against Keras on both backends.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import serving
from classifiers.listener import NAMES
from core import runtime
from core.features import N_MELS
from core.models import ROOT, WEIGHTS

_WORTH_HALVING = 64  # numbers; a smaller array would not pay for the node that widens it


def export(folder: Path) -> None:
    """Write `folder`/model.onnx from `folder`/model.keras.

    Raises FileNotFoundError where there is no such file, RuntimeError with the exporter's words where that fails.
    """
    if not (folder / "model.keras").is_file():
        raise FileNotFoundError(f"{folder} holds no model.keras")
    command = [sys.executable, "-m", "classifiers.export", "--folder", str(folder.resolve())]
    quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=os.environ | quiet, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{folder} could not be exported:\n{done.stderr[-2000:]}")


def _convert(folder: Path) -> None:
    import onnx

    keras = runtime.keras()
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    scratch = folder / ".model.onnx.writing"
    try:
        _embed(model)
        names = [one.name for one in model.inputs]
        views = [keras.InputSpec(shape=(None, None, N_MELS), dtype="float32", name=name) for name in names]
        signature = views if len(views) == 1 else [views]
        model.export(str(scratch), format="onnx", verbose=False, input_signature=signature)
        graph = onnx.load(scratch)
        if len(graph.graph.input) != len(names):
            raise RuntimeError(f"the graph wants {[one.name for one in graph.graph.input]}, not just the views {names}")
        _name_sizes(graph)
        _halve(graph)
        onnx.helper.set_model_props(graph, {serving.DIGEST: serving.digest(folder / "model.keras")})
        onnx.save(graph, scratch)
        os.replace(scratch, folder / "model.onnx")
    finally:
        scratch.unlink(missing_ok=True)


def _embed(model: Any) -> None:
    """Make known means and variances NumPy's: tensors made while loading would become inputs of the graph."""
    for layer in model._flatten_layers():
        if isinstance(layer, runtime.keras().layers.Normalization):
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)


def _name_sizes(graph: "onnx.ModelProto") -> None:  # noqa: F821
    """Call the free sizes what they are; views differ in columns, so those go by the name of the view."""
    for value in (*graph.graph.input, *graph.graph.output):
        for size, name in zip(value.type.tensor_type.shape.dim, ("batch", f"{value.name} columns"), strict=False):
            if not size.HasField("dim_value"):
                size.dim_param = name


def _halve(graph: "onnx.ModelProto") -> None:  # noqa: F821
    """Store in half precision what that changes nothing of; onnxruntime widens it once, while loading."""
    from onnx import TensorProto, helper, numpy_helper

    for stored in list(graph.graph.initializer):
        wide = numpy_helper.to_array(stored)
        with np.errstate(over="ignore"):
            half = wide.astype(np.float16)
        if wide.dtype != np.float32 or wide.size < _WORTH_HALVING or not np.array_equal(half.astype(np.float32), wide):
            continue
        name = f"{stored.name}/half"
        graph.graph.initializer.remove(stored)
        graph.graph.initializer.append(numpy_helper.from_array(half, name))
        graph.graph.node.insert(0, helper.make_node("Cast", [name], [stored.name], to=TensorProto.FLOAT))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command; with --folder it is the process that `export` starts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="all three by default")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.folder:
        _convert(args.folder)
        return
    for name in args.names or NAMES:
        export(WEIGHTS / name)
        print(WEIGHTS / name / "model.onnx")


if __name__ == "__main__":
    main()
