"""The graph agrees with Keras on torch and on tensorflow, and no graph of another network is served."""

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifiers import listener, network, serving
from core.models import ROOT, WEIGHTS

TOLERANCE = 1e-4
_KERAS_ANSWERS = """
import json, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent))
from classifiers import network, serving
from core import runtime
from core.models import WEIGHTS
from test_serving import batches
rows = {"backend": runtime.keras().backend.backend()}
for name in sys.argv[2:]:
    model = serving.load(WEIGHTS / name)
    rows[name] = [network.predict(model, *given).tolist() for given in batches(name)]
print(json.dumps(rows))
"""


def batches(name: str) -> list[list[np.ndarray]]:
    """Two batches of as many views as the network looks at, no two of the same length."""
    n_views = len(json.loads((WEIGHTS / name / "config.json").read_text())["views"])
    rng = np.random.default_rng(0)
    sizes = [(2, 64, 150), (1, 20, 90)]
    return [[rng.random((n, 128, first + k * step), np.float32) for k in range(n_views)] for n, first, step in sizes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the smallest shipped network."""
    return Path(shutil.copytree(WEIGHTS / "music_or_not", tmp_path / "music_or_not"))


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_the_graphs_agree_with_keras(backend: str) -> None:
    settings = {"KERAS_BACKEND": backend, "SYNTHESETE_EARS": "keras", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-W", "ignore", "-c", _KERAS_ANSWERS, __file__, *listener.NAMES]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    assert rows.pop("backend") == backend
    for name in listener.NAMES:
        graph = serving.load(WEIGHTS / name)
        assert isinstance(graph, serving.Graph)
        for given, answer in zip(batches(name), rows[name], strict=True):
            assert np.abs(network.predict(graph, *given) - np.array(answer)).max() < TOLERANCE, name


@pytest.mark.parametrize("name", listener.NAMES)
def test_shipped_graphs_are_of_the_shipped_networks(name: str) -> None:
    graph = serving.Graph(WEIGHTS / name / "model.onnx")
    assert graph.digest == serving.digest(WEIGHTS / name / "model.keras"), f"run python -m classifiers.export {name}"


@pytest.mark.parametrize("name", listener.NAMES)
def test_a_window_is_judged_alike_in_any_company(name: str) -> None:
    graph = serving.load(WEIGHTS / name)
    two = batches(name)[0]
    alone = [view[1:] for view in two]
    assert np.abs(network.predict(graph, *two)[1:] - network.predict(graph, *alone)).max() < 1e-5


def test_a_network_trained_anew_is_not_served_by_the_old_graph(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SYNTHESETE_EARS", "onnx")
    assert isinstance(serving.load(folder), serving.Graph)
    with (folder / "model.keras").open("ab") as file:
        file.write(b"\0")  # a zip archive with a byte after it still loads
    with pytest.raises(serving.StaleError, match=r"python -m classifiers.export music_or_not"):
        serving.load(folder)
    monkeypatch.delenv("SYNTHESETE_EARS")
    with caplog.at_level(logging.WARNING):
        assert not isinstance(serving.load(folder), serving.Graph)
    assert "is not of its model.keras" in caplog.text


def test_a_missing_graph_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_EARS", "onnx")
    (folder / "model.onnx").unlink()
    with pytest.raises(serving.StaleError, match="no exported graph"):
        serving.load(folder)


def test_other_settings_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_EARS", "tflite")
    with pytest.raises(ValueError, match="onnx or keras"):
        serving.load(folder)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_a_process_that_describes_stays_small() -> None:
    code = (
        "import re, sys, numpy as np\n"
        "from core.types import AudioClip\n"
        "from pipelines.describe import describe\n"
        "describe(AudioClip(np.random.default_rng(0).normal(0, 0.1, (2, 44100 * 20)).astype(np.float32), 44100))\n"
        "print([m for m in ('torch', 'tensorflow', 'keras', 'numba') if m in sys.modules])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    frameworks, peak_kb = done.stdout.splitlines()
    assert frameworks == "[]"
    assert int(peak_kb) < 400_000
