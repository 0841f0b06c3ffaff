"""The command: it trains, says beforehand what it costs, goes on after a kill, stops when asked, refuses in words."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from lora import image
from lora.check import FILE_NAME

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def album(tmp_path_factory) -> Path:
    """Six pictures of 64 px with captions."""
    folder = tmp_path_factory.mktemp("album")
    rng = np.random.default_rng(0)
    for index in range(6):
        Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(folder / f"{index}.png")
        (folder / f"{index}.txt").write_text(f"picture {index}")
    return folder


def command(album: Path, base: Path, out: Path, *more: str) -> list[str]:
    return [
        str(album), "--base", str(base), "--out", str(out / "mine"), "--work", str(out / "work"), "--batch", "4",
        "--rank", "2", "--sheet-every", "0", "--sample-steps", "1", "--prompt", "one", *more,
    ]  # fmt: skip


def started(arguments: list[str], **more: str) -> subprocess.Popen:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | more
    return subprocess.Popen(
        [sys.executable, "-m", "lora.image", *arguments], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(path: Path, process: subprocess.Popen) -> None:
    for _ in range(3000):
        if path.exists():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError(f"{path} never came")


def test_a_killed_run_goes_on_and_ends_with_the_same_adapter(album, base, tmp_path, capsys):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    killed = started(command(album, base, parts, "--steps", "40", "--checkpoint-minutes", "0"))  # saves every step
    wait_for(parts / "work" / "mine" / "checkpoint.safetensors", killed)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    behind = image.checkpoint_step(parts / "work" / "mine")
    assert 0 < behind < 40
    assert not (parts / "mine").exists()
    assert image.main(command(album, base, parts, "--steps", "40", "--threads", "1")) == 0
    assert f"Going on from step {behind}." in capsys.readouterr().out
    assert image.main(command(album, base, whole, "--steps", "40", "--threads", "1")) == 0
    one, other = (load_file(folder / "mine" / FILE_NAME) for folder in (whole, parts))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(album, base, tmp_path, capsys):
    checkpoint, calm = tmp_path / "work" / "mine" / "checkpoint.safetensors", threading.Event()

    def interrupt() -> None:
        while not checkpoint.exists() and not calm.wait(0.01):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    threading.Thread(target=interrupt, daemon=True).start()
    status = image.main(command(album, base, tmp_path, "--steps", "100000", "--checkpoint-minutes", "0"))
    calm.set()
    assert status == image.STOPPED
    behind = image.checkpoint_step(checkpoint.parent)
    assert behind > 0
    assert f"Stopped after step {behind}; the same command goes on" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
    assert signal.getsignal(signal.SIGINT) == before


def test_a_dry_run_tells_the_cost_and_writes_nothing(album, base, tmp_path, capsys):
    assert image.main(command(album, base, tmp_path, "--epochs", "10", "--dry-run", "--pieces", "2")) == 0
    said = capsys.readouterr().out
    assert "6 pictures of 64 px. 20 steps (10.0 epochs) in about" in said
    assert list(tmp_path.iterdir()) == []


def test_short_memory_is_refused_unless_the_person_insists(album, base, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("lora.memory.room_mb", lambda device: 10.0)
    assert image.main(command(album, base, tmp_path, "--steps", "1")) == 2
    assert "MB of memory and there are 10. Add --gradient-checkpointing" in capsys.readouterr().err
    assert image.main(command(album, base, tmp_path, "--steps", "1", "--yes", "--gradient-checkpointing")) == 0


def test_every_epoch_has_a_sheet_of_before_and_after(adapter):
    sheets = sorted((adapter.parent / "work" / "wash" / "samples").iterdir())
    assert [sheet.name for sheet in sheets] == ["step_000008.png", "step_000012.png"]  # 2 steps an epoch, every fourth
    page = np.asarray(Image.open(sheets[-1])).astype(float)
    assert page.shape == (2 * 64 + 40, 4 * 64, 3)
    assert np.abs(page[:64] - page[64:128]).mean() > 0.1
    first = np.asarray(Image.open(sheets[0])).astype(float)
    assert np.array_equal(first[:64], page[:64])
    assert not np.array_equal(first[64:128], page[64:128])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--base", "nowhere"], "could not be loaded"),
        (["--batch", "1", "--pieces", "2"], "cannot be cut"),
        (["--rank", "3"], "other settings: rank, alpha"),
    ],
)
def test_refusals_are_one_sentence_and_no_adapter(album, base, tmp_path, capsys, changed, said):
    if "--rank" in changed:
        assert image.main(command(album, base, tmp_path, "--steps", "1", "--out", str(tmp_path / "x" / "mine"))) == 0
        capsys.readouterr()
    assert image.main(command(album, base, tmp_path, "--steps", "1", *changed)) == 2
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    "wrong", [["--minutes", "-1"], ["--steps", "0"], ["--steps", "3", "--epochs", "3"], ["--rank", "x"]]
)
def test_senseless_numbers_are_refused_by_the_parser(album, base, tmp_path, wrong):
    with pytest.raises(SystemExit):
        image.main(command(album, base, tmp_path, *wrong))
