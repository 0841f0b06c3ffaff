"""Two processes learn what one learns.

torchrun starts them: `accelerate launch --cpu` starts one process only, however many it is asked for.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

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


def test_two_processes_learn_what_one_learns(base, tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for index in range(5):
        Image.new("RGB", (64, 64), (50 * index, 90, 200)).save(album / f"{index}.png")
        (album / f"{index}.txt").write_text(f"picture {index}")
    common = [
        str(album), "--base", str(base), "--batch", "5", "--rank", "2", "--steps", "5", "--sheet-every", "0",
        "--learning-rate", "0.02", "--sample-steps", "1", "--prompt", "one",
    ]  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launch = [
        sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", str(port),
        "-m", "lora.image",
    ]  # fmt: skip
    two = subprocess.run(
        [*launch, *common, "--out", str(tmp_path / "two" / "mine"), "--work", str(tmp_path / "two")],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert two.returncode == 0, two.stderr
    assert two.stdout.count("5 pictures of 64 px, 2 processes.") == 1  # only the first speaks
    assert image.main([*common, "--out", str(tmp_path / "one" / "mine"), "--work", str(tmp_path / "one")]) == 0
    one, other = (_ups(tmp_path / name / "mine" / FILE_NAME) for name in ("one", "two"))
    assert one.norm() > 0.01  # they begin as zeros
    assert (one - other).norm() < 0.1 * one.norm()  # Adam makes much of how small slopes were rounded


def _ups(path: Path) -> torch.Tensor:
    """All up matrices in one row."""
    return torch.cat([value.float().flatten() for key, value in sorted(load_file(path).items()) if "lora_B" in key])
