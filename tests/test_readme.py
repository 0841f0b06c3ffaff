"""The README's commands are the ones that work."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_one_command_runs_the_app_and_one_the_tests() -> None:
    assert re.search(r"^pip install -r requirements\.txt && python app\.py$", README, re.M)
    assert re.search(r"^pip install -r requirements-dev\.txt && pytest$", README, re.M)


def test_the_space_front_matter_fits_the_pins() -> None:
    front = README.split("---")[1]
    fields = dict(line.split(": ", 1) for line in front.strip().splitlines() if ": " in line)
    pins = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line)
    assert fields["sdk"] == "gradio"
    assert fields["sdk_version"] == pins["gradio"]
    assert fields["app_file"] == "app.py"


def test_every_module_that_the_readme_runs_exists() -> None:
    modules = set(re.findall(r"python -m ([\w.]+)", README))
    assert modules
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_every_endpoint_of_the_readme_is_served() -> None:
    source = "".join(path.read_text() for path in [ROOT / "app.py", *(ROOT / "page").glob("*.py")])
    names = set(re.findall(r'api_name="/(\w+)"', README))
    assert names >= {"describe", "illustrate", "compose", "compose_stream", "run", "engines", "adapters", "health"}
    for name in names:
        assert re.search(rf"""api_name=["']/?{name}["']""", source) or f'"{name}"' in source, name
