"""How a picture model samples, and what is added to it: quick sampling (LCM-LoRA) and a small decoder (TAESD).

Nothing here asks which tier serves. A directory says it by what lies in it: the class in model_index.json, the
scheduler, a `few_steps` or `lcm` folder with a LoRA and perhaps a sampling.json. For a Stable Diffusion from the Hub
the additions are the rows of core.models; SYNTHESETE_IMAGE_LCM and SYNTHESETE_IMAGE_DECODER name other folders, or
"off".

LCM-LoRA: Luo et al. 2023 (arXiv 2311.05556). TAESD: https://github.com/madebyollin/taesd. Turbo: adversarial diffusion
distillation, Sauer et al. 2023 (arXiv 2311.17042), sampled from the last timestep ("trailing") without guidance.
"""

import json
import os
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.models import LCM_LORA, TINY_DECODER, TINY_DECODER_XL, Model, folder_of

KINDS = {"StableDiffusionPipeline": "sd", "StableDiffusionXLPipeline": "sdxl"}
LCM_FILE = "pytorch_lora_weights.safetensors"
OWN_FOLDERS = ("few_steps", "lcm")
"""Where a directory keeps a LoRA of its own for quick sampling."""
DECODER_FILES = ("config.json", "diffusion_pytorch_model.safetensors")
_SD_LATENT_SCALE = {"sd": 0.18215, "sdxl": 0.13025}


@dataclass(frozen=True)
class Sampling:
    """Defaults of a picture; `scheduler` "own" (as the directory ships it), "lcm" or "turbo"."""

    steps: int
    guidance: float
    scheduler: str = "own"
    original_inference_steps: int = 50

    @property
    def max_guidance_note(self) -> str:
        """A sentence about guidance where few steps bound it, else ""."""
        return _INSIDE if self.scheduler == "own" and self.guidance <= 1 else _GUIDANCE_NOTES[self.scheduler]


OWN = {"bundled": Sampling(12, 2.5), "full": Sampling(25, 7.5)}
QUICK = {"bundled": Sampling(6, 1.5, "lcm"), "full": Sampling(4, 1.0, "lcm")}
TURBO = Sampling(2, 0.0, "turbo")
_GUIDANCE_NOTES = {
    "own": "",
    "lcm": "This model paints in few steps: guidance above 2 burns the colours, up to 1 it reads no negative prompt.",
    "turbo": "This model paints without guidance: up to 1 it reads no negative prompt, above that colours burn.",
}
_INSIDE = "This model has its guidance inside: up to 1 it reads no negative prompt, above 3 colours burn."


@dataclass(frozen=True)
class Additions:
    """Folders of what is added to a pipeline, None where it is not there, and what a person should know about it."""

    sampling: Sampling
    lcm: Path | None = None
    decoder: Path | None = None
    notes: tuple[str, ...] = ()


def read_index(row: Model, *, fetch: bool = True) -> dict[str, Any]:
    """The model_index.json of a directory or Hub model; UserError where there is none that can be read."""
    folder = folder_of(row, ("model_index.json",), fetch=fetch)
    try:
        index = json.loads((folder / "model_index.json").read_text("utf-8")) if folder else None
    except ValueError:
        index = None
    if not isinstance(index, dict) or index.get("_class_name") not in KINDS:
        what = "could not be loaded" if not isinstance(index, dict) else f"is a {index.get('_class_name')}"
        hint = "Check SYNTHESETE_TIER and SYNTHESETE_IMAGE_MODEL (a Stable Diffusion 1, 2 or XL), or the network."
        raise UserError(f"The picture model {row.name} {what}.", hint)
    return index


def additions(row: Model, index: dict[str, Any], *, fetch: bool = True) -> Additions:
    """What belongs to the model whose model_index.json is `index`; nothing is loaded.

    For a model of the Hub what is not cached is asked of the Hub, once in a process; not with HF_HUB_OFFLINE, nor
    without `fetch`.
    """
    kind = KINDS[index["_class_name"]]
    decoder, decoder_notes = _decoder(row, index, kind, fetch=fetch)
    if _is_turbo(row, index):
        return Additions(TURBO, None, decoder, decoder_notes)
    lcm, lcm_notes = _lcm(row, kind, fetch=fetch)
    sampling = OWN[row.tier] if lcm is None else _read_sampling(lcm, QUICK[row.tier])
    return Additions(sampling, lcm, decoder, lcm_notes + decoder_notes)


def _is_turbo(row: Model, index: dict[str, Any]) -> bool:
    """Turbo models ship an Euler scheduler that starts at the last timestep; others start elsewhere or use another."""
    if "turbo" in row.name.lower():
        return True
    folder = folder_of(row, ("scheduler/scheduler_config.json",), fetch=True)
    spacing = json.loads((folder / "scheduler/scheduler_config.json").read_text("utf-8")) if folder else {}
    return index["scheduler"][1].startswith("Euler") and spacing.get("timestep_spacing") == "trailing"


def _lcm(row: Model, kind: str, *, fetch: bool) -> tuple[Path | None, tuple[str, ...]]:
    """The folder of the quick-sampling LoRA: the model's own, that of the setting, or the one for SD 1.x."""
    setting = os.environ.get("SYNTHESETE_IMAGE_LCM", "")
    own = _own_folder(row)
    if setting == "off" or row.tier == "bundled":
        return (None if setting == "off" else own), ()
    if own and not setting:
        return own, ()
    if kind != "sd" and not setting:
        return None, ()  # the row is for Stable Diffusion 1.x
    found = _looked_for(row, _named(LCM_LORA, setting), (LCM_FILE,), fetch=fetch)
    steps = OWN[row.tier].steps
    note = f"Quick sampling ({setting or LCM_LORA.where}) is not at hand: a picture takes {steps} steps instead of 4."
    return found, () if found else (note,)


def _own_folder(row: Model) -> Path | None:
    """The folder with a LoRA for quick sampling that a directory brings."""
    found = [Path(row.where) / name for name in OWN_FOLDERS if row.is_directory]
    return next((folder for folder in found if (folder / LCM_FILE).is_file()), None)


def _decoder(row: Model, index: dict[str, Any], kind: str, *, fetch: bool) -> tuple[Path | None, tuple[str, ...]]:
    """The folder of a small decoder, for models that bring the large one."""
    setting = os.environ.get("SYNTHESETE_IMAGE_DECODER", "")
    if setting == "off" or index["vae"][1] != "AutoencoderKL":
        return None, ()
    wanted = _named(TINY_DECODER if kind == "sd" else TINY_DECODER_XL, setting)
    found = _looked_for(row, wanted, DECODER_FILES, fetch=fetch)
    note = f"The small decoder ({wanted.where}) is not at hand: the full one takes several times longer on a CPU."
    return found, () if found else (note,)


def _looked_for(row: Model, wanted: Model, files: tuple[str, ...], *, fetch: bool) -> Path | None:
    """The folder of an addition to `row`; beside a directory nothing is fetched."""
    return folder_of(wanted, files) or (_fetched_once(wanted, files) if fetch and not row.is_directory else None)


@cache
def _fetched_once(wanted: Model, files: tuple[str, ...]) -> Path | None:
    return folder_of(wanted, files, fetch=True)


def _named(row: Model, setting: str) -> Model:
    return replace(row, where=setting, revision="") if setting else row


def _read_sampling(folder: Path, default: Sampling) -> Sampling:
    """The sampling.json beside a LoRA laid over `default`; UserError for settings that mean nothing."""
    path = folder / "sampling.json"
    if not path.is_file():
        return default
    try:
        said = dict(json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{path.name} of {folder.parent.name} cannot be read.", "It must hold a JSON object."
        ) from error
    unknown = said.keys() - {field.name for field in fields(Sampling)}
    if unknown or said.get("scheduler", "lcm") not in ("lcm", "own"):
        what = f"an unknown setting {min(unknown)!r}" if unknown else f"the scheduler {said['scheduler']!r}"
        raise UserError(f"{path} has {what}.", 'The scheduler is "lcm" or "own".')
    return replace(default, **said)
