"""What an adapter file says about itself, and whether it fits a base model.

Its header is enough to list adapters without loading a framework, and to refuse one before diffusers accepts it
silently and loads nothing; its numbers are read once, when it is about to be used, to see that it changes something.

A LoRA pair for a layer of weight (out, in, ...) is a down matrix (rank, in, ...) and an up matrix (out, rank, ...).
Three spellings are in use: PEFT's `lora_A`/`lora_B`, diffusers' older `lora.down`/`lora.up`, and kohya's
`lora_unet_..._to_q.lora_down` with underscores for dots; diffusers reads them all, but no mixture of the last with
others.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UserError
from core.models import WEIGHTS
from lora.header import Header, read_header, read_values

FILE_NAME = "pytorch_lora_weights.safetensors"
Shapes = Mapping[str, tuple[int, ...]]
"""Parameter names and shapes, as in a state dict."""

_MATRIX = re.compile(
    r"(?P<module>.+)\.(?P<side>lora_A|lora_B|lora\.down|lora\.up|lora_down|lora_up)(\.default)?\.weight$"
)
_DOWN = ("lora_A", "lora.down", "lora_down")
_TEXT_ENCODER = ("text_encoder.", "lora_te_", "lora_te1_")
_KOHYA = ("lora_unet_", "lora_te_", "lora_te1_")
_OTHER_KINDS = {
    r"\.hada_": "LyCORIS LoHa", r"\.lokr_": "LyCORIS LoKr", r"\.lora_mid": "LyCORIS LoCon with a core",
    r"\.oft_": "OFT",
    r"\.dora_scale$|\.lora_magnitude_vector": "DoRA", r"\.on_input$": "IA3", r"\.diff(_b)?$": "full weights",
}  # fmt: skip
_FIRST_STAGE = "stable-diffusion-v1"

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
class _Pair:
    """The names and shapes of a layer's two matrices, "" and () where one is missing."""

    module: str
    down: str = ""
    up: str = ""
    down_shape: tuple[int, ...] = ()
    up_shape: tuple[int, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Both are there and meet in the same rank, which is not 0."""
        meet = min(len(self.down_shape), len(self.up_shape)) >= 2 and self.down_shape[0] == self.up_shape[1]
        return meet and 0 not in (*self.down_shape, *self.up_shape)

    def fits(self, layer: tuple[int, ...] | None) -> bool:
        """Whether down takes the input of a layer of this weight, in its window, and up gives its output."""
        if layer is None or len(layer) < 2:
            return False
        wanted_up = (layer[0], *self.up_shape[1:2], *(1 for _ in layer[2:]))
        return self.down_shape[1:] == layer[1:] and self.up_shape == wanted_up


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

    Raises UserError when it is missing, not safetensors, or holds no LoRA weights that diffusers could load.
    """
    path = path / FILE_NAME if path.is_dir() else path
    header = read_header(path)
    if path.suffix != ".safetensors":  # diffusers would read it as a pickle
        raise UserError(f"{path.name} is not named .safetensors.", "Rename it, if it is what it claims to be.")
    pairs = _pairs(header, path.name)
    said, ranks = header.metadata, [pair.down_shape[0] for pair in pairs]
    trigger = said.get("modelspec.trigger_phrase", "")
    return AdapterInfo(
        name=path.parent.name if path.name == FILE_NAME else path.stem,
        path=path,
        base=said.get("base_model") or said.get("ss_sd_model_name") or said.get("modelspec.architecture", ""),
        licence=said.get("modelspec.license", "unknown"),
        rank=max(ranks),
        alpha=_number(said.get("alpha") or said.get("ss_network_alpha"), default=float(max(ranks))),
        triggers=tuple(word.strip() for word in trigger.split(",") if word.strip()),
        description=said.get("modelspec.description", ""),
    )


def check_adapter(path: Path, unet: Shapes, *, base: str = "") -> AdapterInfo:
    """The adapter's info when all its layers fit the UNet whose parameters are `unet`, and it changes something.

    A UNet that holds other adapters already, whose layers PEFT has wrapped, counts as the bare one. `base` is the name
    of the model in use, if that is known. Raises UserError (a sentence and a hint) for a file that is no LoRA, whose
    names would match nothing and so be ignored silently, that was made for another base model, whose header lies about
    its rank, that is all zeros, or that holds a number which is none.
    """
    info = adapter_info(path)
    header = read_header(info.path)
    pairs = _pairs(header, info.path.name)
    painting = [pair for pair in pairs if not pair.module.startswith(_TEXT_ENCODER)]
    if not painting:
        raise UserError(
            f"The adapter {info.name} changes only the text encoder.", "Choose one that changes the picture."
        )
    _check_base(info, header, painting, unet, base)
    _check_rank(info, header, painting)
    _check_values(info, header, painting)
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
    return {key: shape for file in files for key, shape in read_header(file).shapes.items()}


def _pairs(header: Header, name: str) -> list[_Pair]:
    """The layers' pairs. Raises UserError when there are none, or something else is among them."""
    found: dict[str, dict[str, str]] = {}
    strange = []
    for key in header.tensors:
        if match := _MATRIX.match(key):
            found.setdefault(match["module"], {})["down" if match["side"] in _DOWN else "up"] = key
        elif not key.endswith(".alpha"):
            strange.append(key)
    kinds = {kind for part, kind in _OTHER_KINDS.items() if any(re.search(part, key) for key in strange)}
    if kinds:
        raise UserError(f"{name} is an adapter of another kind ({', '.join(sorted(kinds))}).", "Choose a plain LoRA.")
    if not found:
        raise UserError(f"{name} holds no LoRA weights.", "Choose an adapter file, not a whole model.")
    if strange or len({module.startswith(_KOHYA) for module in found}) > 1:
        odd = f"{len(strange)} tensors besides LoRA matrices, such as {strange[0]}" if strange else "two spellings"
        raise UserError(f"{name} holds {odd}: it would not load.", "Choose a plain LoRA adapter.")
    shapes = header.shapes
    pairs = [
        _Pair(module, **sides, **{f"{side}_shape": shapes[key] for side, key in sides.items()})  # type: ignore[arg-type]
        for module, sides in found.items()
    ]
    broken = [pair.module for pair in pairs if not pair.is_whole]
    if broken:
        raise UserError(
            f"{name} is damaged: the matrices of {broken[0]} do not belong together (of {len(broken)} of {len(pairs)} "
            "layers).", "Get it again.",
        )  # fmt: skip
    return pairs


def _check_base(info: AdapterInfo, header: Header, pairs: list[_Pair], unet: Shapes, base: str) -> None:
    plain = {name.replace(".base_layer.", "."): shape for name, shape in unet.items()}
    weights = {name.removesuffix(".weight"): shape for name, shape in plain.items() if name.endswith(".weight")}
    layers = {f"unet.{name}": shape for name, shape in weights.items()}
    layers |= {f"lora_unet_{name.replace('.', '_')}": shape for name, shape in weights.items()}
    if all(pair.module in weights for pair in pairs):
        raise UserError(
            f"The adapter {info.name} names its layers without the prefix 'unet.', so nothing of it would be loaded.",
            "Save it again with StableDiffusionPipeline.save_lora_weights.",
        )
    misfits = [pair.module for pair in pairs if not pair.fits(layers.get(pair.module))]
    # Models of Stable Diffusion 1's family share their adapters, whatever their names
    is_family = header.metadata.get("modelspec.architecture", "").startswith(_FIRST_STAGE)
    other = base and not is_family and "base_model" in header.metadata and info.base != base
    if misfits or other:
        made_for = f" ({info.base})" if info.base else ""
        how = f"{len(misfits)} of its {len(pairs)} layers do not fit" if misfits else f"the model in use is {base}"
        raise UserError(
            f"The adapter {info.name} was made for another base model{made_for}: {how}.",
            "Choose an adapter for the model in use, or change the model.",
        )


def _check_rank(info: AdapterInfo, header: Header, pairs: list[_Pair]) -> None:
    """Raises UserError where the matrices have another rank than the header says, by which diffusers goes."""
    ranks = {pair.down_shape[0] for pair in pairs}
    settings = _settings(info, header)
    told = [header.metadata.get("rank"), header.metadata.get("ss_network_dim")]
    told.append(None if settings.get("rank_pattern") else settings.get("r"))
    for said in told:
        rank = _number(str(said), default=0) if said is not None else 0  # kohya says "Dynamic" of a resized adapter
        if rank and rank not in ranks:
            raise UserError(
                f"The adapter {info.name} says rank {rank:g}, but its matrices have rank {info.rank}.",
                "Its file is damaged or was changed; get it again.",
            )


def _settings(info: AdapterInfo, header: Header) -> dict[str, Any]:
    """PEFT's settings for the UNet as diffusers keeps them in the header, {} where it does not."""
    raw = header.metadata.get("lora_adapter_metadata")
    try:
        known = dict(json.loads(raw)) if raw else {}
    except (ValueError, TypeError) as error:
        raise UserError(f"The adapter {info.name} has settings that cannot be read.", "Get it again.") from error
    return {name.removeprefix("unet."): value for name, value in known.items() if name.startswith("unet.")}


def _check_values(info: AdapterInfo, header: Header, pairs: list[_Pair]) -> None:
    changes = False
    for pair in pairs:
        down, up = (read_values(info.path, header.tensors[key]) for key in (pair.down, pair.up))
        if not np.isfinite(down).all() or not np.isfinite(up).all():
            raise UserError(
                f"The adapter {info.name} holds numbers that are none (in {pair.module}).",
                "Get it again, or train anew.",
            )
        alpha = header.tensors.get(f"{pair.module}.alpha")
        scale = read_values(info.path, alpha) if alpha is not None else np.ones(1)
        changes = changes or bool(scale.any() and down.any() and up.any())
    if not changes or _settings(info, header).get("lora_alpha") == 0:
        raise UserError(f"The adapter {info.name} changes nothing: it is all zeros.", "Choose another, or train it.")


def _number(text: str | None, *, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
