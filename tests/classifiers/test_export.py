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


def test_a_known_standardisation_is_part_of_the_graph(tmp_path: Path) -> None:
    keras = runtime.keras()
    mean, variance = np.arange(128, dtype=np.float32), np.full(128, 4, np.float32)
    inputs = keras.Input((None, 128))
    known = keras.layers.Normalization(mean=mean, variance=variance)(inputs)
    keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(known)).save(tmp_path / "model.keras")
    export.export(tmp_path)
    views = np.random.default_rng(0).random((2, 128, 40), np.float32)
    expected = (views.mean(axis=2) - mean) / 2
    assert np.abs(network.predict(serving.Graph(tmp_path / "model.onnx"), views) - expected).max() < 1e-3


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no model\.keras"):
        export.export(tmp_path)
