"""What an adapter file says about itself, and whether it fits a base model; reads headers, never the weights.

A safetensors file begins with the length of its header (little-endian uint64) and the header, JSON that names every
tensor with its shape and carries free metadata (https://github.com/huggingface/safetensors#format). That is enough to
list adapters without loading a framework, and to refuse one before diffusers accepts it silently and loads nothing.

A LoRA pair for a layer of weight (out, in, ...) is a down matrix (rank, in, ...) and an up matrix (out, rank, ...).
Three spellings are in use: PEFT's `lora_A`/`lora_B`, diffusers' older `lora.down`/`lora.up`, and kohya's
`lora_unet_..._to_q.lora_down` with underscores for dots; diffusers reads them all.
"""

import json
import logging
import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import UserError
from core.models import WEIGHTS

FILE_NAME = "pytorch_lora_weights.safetensors"
Shapes = Mapping[str, tuple[int, ...]]
"""Parameter names and shapes, as in a state dict."""

_MAX_HEADER_BYTES = 100_000_000  # the format's own limit
_PAIR = re.compile(
    r"(?P<module>.+)\.(?P<side>lora_A|lora_B|lora\.down|lora\.up|lora_down|lora_up)(\.default)?\.weight$"
)
_TEXT_ENCODER = ("text_encoder.", "lora_te_", "lora_te1_")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AdapterInfo:
    """One adapter: `name` is its folder (or file) name, `base` the model it was trained on, "" where unsaid."""

    name: str
    path: Path
    base: str
    licence: str
    rank: int
    alpha: float
    triggers: tuple[str, ...]
    description: str

    def as_json(self) -> dict[str, object]:
        """Plain JSON values, the path as text."""
        return asdict(self) | {"path": str(self.path), "triggers": list(self.triggers)}


@dataclass(frozen=True)
class _Header:
    shapes: Shapes
    metadata: Mapping[str, str]


def list_adapters(folder: Path = WEIGHTS / "lora") -> list[AdapterInfo]:
    """The adapters in `folder`, by name: NAME/pytorch_lora_weights.safetensors or NAME.safetensors.

    A file that is not an adapter is left out and logged; a folder that is not there holds none.
    """
    found = []
    for path in sorted([*folder.glob(f"*/{FILE_NAME}"), *folder.glob("*.safetensors")]):
        try:
            found.append(adapter_info(path))
        except UserError as error:
            _log.warning("%s", error)
    return sorted(found, key=lambda info: info.name)


def adapter_info(path: Path) -> AdapterInfo:
    """What the header of the adapter at `path` (a file, or a folder with FILE_NAME) says.

    Raises UserError when it is missing, not safetensors, or holds no LoRA weights.
    """
    path = path / FILE_NAME if path.is_dir() else path
    header = _read_header(path)
    downs = [shape for key, shape in header.shapes.items() if (m := _PAIR.match(key)) and _is_down(m["side"])]
    if not downs:
        raise UserError(f"{path.name} holds no LoRA weights.", "Choose an adapter file, not a whole model.")
    said, rank = header.metadata, downs[0][0]
    trigger = said.get("modelspec.trigger_phrase", "")
    return AdapterInfo(
        name=path.parent.name if path.name == FILE_NAME else path.stem,
        path=path,
        base=said.get("base_model") or said.get("ss_sd_model_name") or said.get("modelspec.architecture", ""),
        licence=said.get("modelspec.license", "unknown"),
        rank=rank,
        alpha=_number(said.get("alpha") or said.get("ss_network_alpha"), default=float(rank)),
        triggers=tuple(word.strip() for word in trigger.split(",") if word.strip()),
        description=said.get("modelspec.description", ""),
    )


def check_adapter(path: Path, unet: Shapes) -> AdapterInfo:
    """The adapter's info when all its layers fit the UNet whose parameters are `unet`.

    A UNet that holds other adapters already, whose layers PEFT has wrapped, counts as the bare one.
    Raises UserError (a sentence and a hint) for a file that is no LoRA, whose names would match nothing and so be
    ignored silently, or that was made for another base model.
    """
    info = adapter_info(path)
    plain = {name.replace(".base_layer.", "."): shape for name, shape in unet.items()}
    weights = {name.removesuffix(".weight"): shape for name, shape in plain.items() if name.endswith(".weight")}
    layers = {f"unet.{name}": shape for name, shape in weights.items()}
    layers |= {f"lora_unet_{name.replace('.', '_')}": shape for name, shape in weights.items()}
    pairs = [(m, shape) for key, shape in _read_header(info.path).shapes.items() if (m := _PAIR.match(key))]
    pairs = [(m, shape) for m, shape in pairs if not m["module"].startswith(_TEXT_ENCODER)]
    if not pairs:
        raise UserError(
            f"The adapter {info.name} changes only the text encoder.", "Choose one that changes the picture."
        )
    if all(m["module"] in weights for m, _ in pairs):
        raise UserError(
            f"The adapter {info.name} names its layers without the prefix 'unet.', so nothing of it would be loaded.",
            "Save it again with StableDiffusionPipeline.save_lora_weights.",
        )
    misfits = [m["module"] for m, shape in pairs if not _fits(layers.get(m["module"]), shape, m["side"])]
    if misfits:
        made_for = f" ({info.base})" if info.base else ""
        raise UserError(
            f"The adapter {info.name} was made for another base model{made_for}: "
            f"{len(misfits)} of its {len(pairs)} matrices do not fit.",
            "Choose an adapter for the model in use, or change the model.",
        )
    return info


def base_shapes(directory: Path) -> dict[str, tuple[int, ...]]:
    """The parameters of the UNet in a diffusers pipeline directory, from the headers of its safetensors files.

    Raises UserError when there are none.
    """
    files = sorted((directory / "unet").glob("*.safetensors"))
    if not files:
        raise UserError(
            f"{directory.name} holds no UNet in safetensors form.", "Choose a diffusers pipeline directory."
        )
    return {key: shape for file in files for key, shape in _read_header(file).shapes.items()}


def _fits(layer: tuple[int, ...] | None, matrix: tuple[int, ...], side: str) -> bool:
    """Whether a down matrix takes the layer's input or an up matrix gives its output."""
    if layer is None or len(matrix) < 2:
        return False
    return layer[1:2] == matrix[1:2] if _is_down(side) else layer[0] == matrix[0]


def _is_down(side: str) -> bool:
    return side in ("lora_A", "lora.down", "lora_down")


def _number(text: str | None, *, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


def _read_header(path: Path) -> _Header:
    hint = "Choose a LoRA adapter in safetensors form."
    if not path.is_file():
        raise UserError(f"There is no adapter at {path.name}.", hint)
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(_MAX_HEADER_BYTES, path.stat().st_size):
            raise UserError(f"{path.name} is not a safetensors file.", hint)
        raw = file.read(length)
    try:
        entries = dict(json.loads(raw))
        metadata = dict(entries.pop("__metadata__", {}))
        shapes = {key: tuple(int(n) for n in entry["shape"]) for key, entry in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path.name} is not a safetensors file.", hint) from error
    return _Header(shapes, metadata)
