"""The library on a real Ray of two workers: real clips through a cluster's address, crashes and hangs on a local one.

Everything that speaks to Ray runs in processes of its own, as the command does.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from core.errors import UserError
from pipelines import library_ray
from pipelines.library_crew import CRASHED
from pipelines.library_rows import describer

pytest.importorskip("ray", reason="ray is not installed (requirements-ray.txt)")

ROOT = Path(__file__).resolve().parent.parent.parent
JAZZ = ROOT / "examples" / "jazz-nostalgia-96bpm.ogg"
ROCK = ROOT / "examples" / "rock-power-138bpm.ogg"
CLUSTER = """
import ray
about = ray.init(address="local", num_cpus=2, include_dashboard=False, object_store_memory=80 * 2**20)
print(about.address_info["gcs_address"], flush=True)
input()
"""
EARS = """
import os, signal, time

def make():
    return judge

def judge(path):
    name = os.path.basename(path)
    if name == "crash.wav":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "hang.wav":
        time.sleep(600)
    return {"seconds": 1.0, "key_confidence": float(os.environ["OMP_NUM_THREADS"])}
"""
DRIVER = """
import sys
from pathlib import Path
from types import SimpleNamespace
import ears_for_ray
from pipelines.library import Options, run

options = Options(workers=2, ray="local", time_limit_s=3)
report = run(Path(sys.argv[1]), Path(sys.argv[2]), options, ears_for_ray.make)
print(report.described, report.refused)
"""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
"""Clusters of this version let nobody in without a token; one given so is not left in the home folder."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster that somebody else started."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=os.environ | QUIET,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    yield next(line.strip() for line in process.stdout if ":" in line)
    process.communicate("\n", timeout=60)


def test_real_clips_on_a_cluster(cluster: str, tmp_path: Path) -> None:
    folder, out = tmp_path / "music", tmp_path / "library.parquet"
    folder.mkdir()
    for clip in (JAZZ, ROCK):
        (folder / clip.name).write_bytes(clip.read_bytes())
    (folder / "broken.wav").write_text("no sound")
    command = [sys.executable, "-m", "pipelines.describe", str(folder), "--out", str(out), "--ray", cluster]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | QUIET, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 described, 1 refused; ")
    table = pq.read_table(out).to_pydict()
    assert table["path"] == ["broken.wav", JAZZ.name, ROCK.name]
    assert "is not a sound file" in table["error"][0]
    assert table["tempo_bpm"][1:] == pytest.approx([96, 138], abs=1)


def test_a_crash_and_a_hang_cost_one_row_each_on_a_local_ray(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "t.parquet"
    folder.mkdir()
    (tmp_path / "ears_for_ray.py").write_text(EARS)
    for name in ("a.wav", "crash.wav", "hang.wav", "y.wav", "z.wav"):
        (folder / name).write_text(name)
    environment = os.environ | QUIET | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    command = [sys.executable, "-c", DRIVER, str(folder), str(out)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines()[-1] == "3 2", done.stderr  # before that Ray tells of the worker that died
    table = pq.read_table(out).to_pydict()
    assert table["error"][1] == CRASHED
    assert "longer than 3 s" in table["error"][2]
    assert [table["key_confidence"][i] for i in (0, 3, 4)] == [1.0, 1.0, 1.0]


def test_without_ray_or_a_cluster_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(**settings: object) -> None:
        raise ConnectionError(f"nobody at {settings['address']}")

    for stand_in, sentence in (
        (None, r"pip install -r requirements-ray\.txt"),
        (SimpleNamespace(init=refuse), r"No Ray cluster lets us in at 10\.0\.0\.1:6379\. Check the address"),
    ):
        monkeypatch.setitem(sys.modules, "ray", stand_in)
        outcomes = library_ray.outcomes(
            ["a"], describer, folder=tmp_path, address="10.0.0.1:6379", workers=1, limit_s=1
        )  # fmt: skip
        with pytest.raises(UserError, match=sentence):
            next(outcomes)
