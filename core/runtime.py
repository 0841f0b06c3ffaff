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
