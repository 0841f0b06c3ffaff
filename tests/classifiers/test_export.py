"""The exporter makes a graph of any length and batch, marked with the network it is of, and leaves nothing behind."""

from pathlib import Path

import numpy as np
import pytest

from classifiers import export, network, serving
from core import runtime

pytest.importorskip("tf2onnx", reason="exporting needs requirements-dev.txt")


def test_a_fresh_network_is_exported_and_agrees(tmp_path: Path) -> None:
    runtime.keras().utils.set_random_seed(0)
    members = [network.build(3, channels=(4, 4, 6, 6), activation="softmax") for _ in range(2)]
    model = network.ensemble(members)
    model.save(tmp_path / "model.keras")
    export.export(tmp_path)
    graph = serving.Graph(tmp_path / "model.onnx")
    assert graph.digest == serving.digest(tmp_path / "model.keras")
    for shape in ((1, 128, 32), (4, 128, 101)):
        views = np.random.default_rng(0).random(shape, np.float32)
        assert np.abs(network.predict(graph, views) - network.predict(model, views)).max() < 1e-4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.keras", "model.onnx"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no model\.keras"):
        export.export(tmp_path)
