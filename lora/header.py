"""Reading a safetensors file without a framework, trusting nothing in it.

The file begins with the length of its header (little-endian uint64) and the header, JSON that names every tensor with
its type, shape and place, and carries free metadata (https://github.com/huggingface/safetensors#format); then come the
bytes of the tensors without gaps. Everything is checked before anything is believed: a file may be cut off, be
another program's, or be a pickle, which runs whatever it likes when it is read.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import UserError

MAX_HEADER_BYTES = 20_000_000
"""Ten times and more what adapters have; the format allows 100 MB, which take seconds to parse."""

_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_HINT = "Choose a LoRA adapter in safetensors form."


@dataclass(frozen=True)
class Tensor:
    """What the header says of one tensor; `start` and `end` count bytes of the file."""

    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Header:
    """Tensors by name, and the metadata."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tensor.shape for name, tensor in self.tensors.items()}


def read_header(path: Path) -> Header:
    """The header of the file at `path`. Raises UserError when it is missing, cut off, or no safetensors file."""
    if not path.is_file():
        raise UserError(f"There is no adapter at {path.name}.", _HINT)
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if start.startswith(_PICKLES):
            raise UserError(
                f"{path.name} is a pickle, which could run any program when it is read.", "Ask for a safetensors file."
            )
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= size - 8:
            raise UserError(f"{path.name} is not a safetensors file, or was cut off.", _HINT)
        if length > MAX_HEADER_BYTES:
            raise UserError(f"The header of {path.name} takes {length / 1e6:.0f} MB; that is no adapter.", _HINT)
        raw = file.read(length)
    try:
        entries = dict(json.loads(raw))
        metadata = {str(key): str(value) for key, value in dict(entries.pop("__metadata__", None) or {}).items()}
        tensors = {str(name): _tensor(entry, 8 + length) for name, entry in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UserError(f"{path.name} is not a safetensors file.", _HINT) from error
    if any(tensor.end > size for tensor in tensors.values()):
        raise UserError(f"{path.name} was cut off: its header promises more than is there.", "Load it down again.")
    return Header(tensors, metadata)


def read_values(path: Path, tensor: Tensor) -> npt.NDArray[np.float32]:
    """The numbers of a tensor of floats, flat."""
    with path.open("rb") as file:
        file.seek(tensor.start)
        raw = file.read(tensor.end - tensor.start)
    match tensor.kind:
        case "BF16":  # the upper half of a float32
            return (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
        case "F16" | "F32" | "F64":
            return np.frombuffer(raw, f"<f{_BYTES[tensor.kind]}").astype(np.float32)
        case other:
            raise UserError(f"{path.name} holds numbers of type {other}, no floats.", _HINT)


def _tensor(entry: dict[str, object], data_start: int) -> Tensor:
    """Raises ValueError, TypeError or KeyError where the entry is no tensor's, or contradicts itself."""
    kind, shape = str(entry["dtype"]), tuple(int(n) for n in entry["shape"])  # type: ignore[attr-defined]
    first, last = (int(n) for n in entry["data_offsets"])  # type: ignore[attr-defined]
    if first < 0 or any(n < 0 for n in shape) or last - first != math.prod(shape) * _BYTES.get(kind, 1):
        raise ValueError("a tensor of another size than its shape")
    return Tensor(kind, shape, data_start + first, data_start + last)
