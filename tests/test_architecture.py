"""The house rules that a machine can check: import direction, light imports, no pickle, no machine paths."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("core", "corpus", "classifiers", "lora", "pipelines", "evaluation", "page", "app")
"""Bottom to top; a module imports its own floor and those below. evaluation is not below the app (see there)."""
SOURCES = sorted(
    path for floor in FLOORS for path in [*(ROOT / floor).rglob("*.py"), ROOT / f"{floor}.py"] if path.is_file()
)
TEXTS = sorted(
    path
    for path in ROOT.rglob("*")
    if path.suffix in {".py", ".md", ".txt", ".toml", ".json", ".css", ".js"}
    and not {".git", ".venv", "venv", "outputs", "runs"} & set(path.relative_to(ROOT).parts)
)


def floor_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Top-level packages that a module imports anywhere in its body."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    floor = floor_of(path)
    allowed = set(FLOORS[: FLOORS.index(floor) + 1])
    if floor in ("app", "page"):
        allowed.discard("evaluation")
    above = (imported(path) & set(FLOORS)) - allowed
    assert not above, f"{floor} may not import {above}"


def test_the_rule_can_fail(tmp_path: Path) -> None:
    module = tmp_path / "m.py"
    module.write_text("def f():\n    from pipelines import compose\n")
    assert imported(module) == {"pipelines"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_loads_a_pickle(path: Path) -> None:
    source = path.read_text()
    assert not imported(path) & {"pickle", "joblib", "dill", "cloudpickle", "shelve"}
    assert not re.search(r"torch\.load\(|allow_pickle=True|safe_mode=False|read_pickle", source)


def test_importing_the_app_loads_no_framework() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import app; import json;"
        "print(json.dumps({'seconds': time.perf_counter() - start,"
        "'heavy': [m for m in ('torch', 'tensorflow', 'keras', 'librosa', 'diffusers', 'transformers')"
        " if m in sys.modules]}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["heavy"] == []
    assert answer["seconds"] < 8


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_machine_paths(path: Path) -> None:
    places = "|".join(["work", "farm", "opt/wheels", "opt/pypi", "root"])
    assert not re.search(rf"(?<![\w.])/({places})/", path.read_text(errors="replace"))


def test_weights_are_small_and_of_safe_kinds() -> None:
    files = [path for path in (ROOT / "weights").rglob("*") if path.is_file()]
    assert files
    assert max(path.stat().st_size for path in files) < 10 * 2**20
    assert sum(path.stat().st_size for path in files) < 80 * 2**20
    unsafe = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".joblib", ".npy", ".h5"}
    assert not [path for path in files if path.suffix in unsafe]


def test_every_direct_dependency_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-ray.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[\w.-]+==[\w.]+", line), line
