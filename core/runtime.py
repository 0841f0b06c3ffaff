"""Where and how computation happens: device and dtype, seeds, threads, the Keras backend.

Nothing is probed at import; torch and keras are imported inside the functions that need them.
Noise is drawn on the CPU from the seed, so that a seed means the same result on every device.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from core.errors import UserError
from core.types import Progress

if TYPE_CHECKING:
    import torch

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Compute:
    """A device and dtype, by torch's names, with the reason they were chosen."""

    device: str
    dtype: str
    reason: str

    @property
    def torch_dtype(self) -> "torch.dtype":
        import torch

        return getattr(torch, self.dtype)


def share_cores() -> None:
    """Let threads that wait sleep instead of spin; every command calls this before anything imports torch.

    GNU OpenMP's threads spin by default. Where another process wants the cores, the one spinning keeps the one that it
    waits for from running: on two busy cores a picture took over 100 s so, and 1.2 s with sleeping threads.
    OpenBLAS's threads spin as well and cannot be told to sleep, so NumPy multiplies on the caller's thread alone: the
    spectrogram of 30 s takes 20 ms instead of 100 ms on busy cores, and the same on idle ones.
    """
    from threadpoolctl import threadpool_limits

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    threadpool_limits(1, "blas")


@contextmanager
def turn(lock: threading.Lock, progress: Progress, what: str) -> Iterator[None]:
    """Hold `lock` within the block; while waiting for it `progress(0, what)` is called, which may raise Cancelled."""
    while not lock.acquire(timeout=0.2):
        progress(0.0, what)
    try:
        yield
    finally:
        lock.release()


@cache
def compute() -> Compute:
    """Pick device and dtype once: CUDA in float16, Apple's MPS in float32, else the CPU in float32."""
    import torch

    if torch.cuda.is_available():
        return Compute("cuda", "float16", f"CUDA device {torch.cuda.get_device_name(0)}")
    if torch.backends.mps.is_available():
        return Compute("mps", "float32", "Apple GPU")
    return Compute("cpu", "float32", f"no GPU found; {torch.get_num_threads()} CPU threads")


@cache
def multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for products of bfloat16 (AVX-512 BF16, AMX, ARM's BF16).

    There a Stable Diffusion step takes a third of its float32 time; elsewhere bfloat16 is emulated, and slower.
    """
    import torch

    known: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # an older torch does not tell
    return any("bf16" in name and bool(there) for name, there in known.items())


def free_bytes(device: str) -> int | None:
    """Memory that may still be taken on `device` ("cpu", "cuda"), in bytes; None where the system does not say.

    On the CPU what the kernel calls available, or less where the process is in a container with a lower limit.
    """
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    if not Path("/proc/meminfo").is_file():
        return None
    known = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(known["MemAvailable"].split()[0]) * 1024
    limit = _container_free_bytes(Path("/sys/fs/cgroup"))
    return available if limit is None else min(available, limit)


def _container_free_bytes(folder: Path) -> int | None:
    """What a control group (version 2) leaves free; pages of files it can drop do not count as taken."""
    try:
        limit = int((folder / "memory.max").read_text())
        taken = int((folder / "memory.current").read_text())
        pages = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return limit - taken + int(pages["inactive_file"])
    except (OSError, ValueError, KeyError):  # no such group, or its limit is the word "max"
        return None


def draw_seed() -> int:
    """A fresh seed in 0..MAX_SEED, to be shown and reused."""
    return secrets.randbelow(MAX_SEED + 1)


def check_seed(seed: int) -> int:
    """The seed itself, or UserError when it is not a whole number in 0..MAX_SEED."""
    if isinstance(seed, bool) or int(seed) != seed or not 0 <= seed <= MAX_SEED:
        raise UserError(f"The seed {seed} is out of range.", f"Use a whole number from 0 to {MAX_SEED}.")
    return int(seed)


def cpu_generator(seed: int) -> "torch.Generator":
    """A CPU torch generator for `seed`."""
    import torch

    return torch.Generator("cpu").manual_seed(check_seed(seed))


def keras() -> ModuleType:
    """The keras module: for training, and for judging where the exported graphs are not used (classifiers.serving).

    The torch backend by default: no second framework in the app's process. KERAS_BACKEND=tensorflow is honoured; it
    must be set before the first call.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras as module

    return module
