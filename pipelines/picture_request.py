"""A picture request made definite: every value held to its limits, and what was left open chosen by the model.

`limits` says the same limits to a page, from the model's configuration alone: nothing is loaded for it.
"""

import json
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.models import Model, folder_of
from core.prompts import clean_prompt
from core.runtime import MAX_SEED
from core.types import ASPECTS, ImageRequest, Layout
from pipelines.adapting import MAX_WEIGHT, known
from pipelines.framing import SideLimits, frame, sizes_px
from pipelines.picture_model import SIZES_PX
from pipelines.picture_tiers import QUICK, Additions, Sampling, additions, read_index

MAX_STEPS = 100
MAX_GUIDANCE = 30.0
GUIDED = 1.5
"""The smallest guidance at which a negative prompt is seen to act; up to 1 the UNet does not even read it."""
MOST_VARIATIONS = 9
UPSCALES = (1, 2)
LAYOUT_STRENGTH = {"bundled": 0.35, "full": 0.3}
"""Unless told. The small latents of the bundled model keep less of a drawing under the same noise."""


@dataclass(frozen=True)
class Bounds:
    """What a model can do, and what it does unless told; `notes` are sentences for the page."""

    sides: SideLimits
    native_px: int
    sampling: Sampling
    max_steps: int
    reads_negative: bool
    layout_strength: float
    notes: tuple[str, ...]


CONFIGURATION = ("unet/config.json", "vae/config.json", "scheduler/scheduler_config.json")
UNSEEN = ({"sample_size": 64}, {"block_out_channels": [128, 256, 512, 512]}, dict[str, Any]())
"""What those files of Stable Diffusion 1.5 would say."""


def bounds(row: Model) -> Bounds:
    """The bounds of a model, read from its configuration files. Raises UserError when they are not there."""
    added = additions(row, read_index(row))
    folder = folder_of(row, CONFIGURATION, fetch=True)
    if folder is None:
        raise UserError(f"The picture model {row.name} is not complete.", f"It needs {', '.join(CONFIGURATION)}.")
    return _bounds(row, added, *_configuration(folder))


def _bounds_so_far(row: Model) -> Bounds:
    """The same without asking the Hub: a model that has yet to come is taken to be like Stable Diffusion 1.5."""
    folder = folder_of(row, ("model_index.json", *CONFIGURATION))
    if folder is None and not row.is_directory:
        note = f"{row.name} is fetched when the first picture is painted, which takes minutes."
        return _bounds(row, Additions(QUICK[row.tier], notes=(note,)), *UNSEEN)
    if folder is None:
        return bounds(row)
    return _bounds(row, additions(row, read_index(row, fetch=False), fetch=False), *_configuration(folder))


def _configuration(folder: Path) -> list[dict[str, Any]]:
    return [json.loads((folder / name).read_text("utf-8")) for name in CONFIGURATION]


def _bounds(
    row: Model, added: Additions, unet: dict[str, Any], vae: dict[str, Any], scheduler: dict[str, Any]
) -> Bounds:
    cell_px = 2 ** (len(vae["block_out_channels"]) - 1)
    low_px, high_px = SIZES_PX[row.tier]
    return Bounds(
        sides=SideLimits(low_px, high_px, cell_px),
        native_px=min(max(unet["sample_size"] * cell_px, low_px), high_px),
        sampling=added.sampling,
        max_steps=_max_steps(added.sampling, scheduler),
        reads_negative=unet.get("time_cond_proj_dim") is None,  # else guidance is a number that the UNet reads
        layout_strength=LAYOUT_STRENGTH[row.tier],
        notes=added.notes,
    )


def _max_steps(sampling: Sampling, scheduler: dict[str, Any]) -> int:
    """A consistency model's schedule is picked from the steps that it was distilled from."""
    if sampling.scheduler == "lcm":
        return sampling.original_inference_steps
    return int(scheduler.get("original_inference_steps") or MAX_STEPS)


def limits(row: Model) -> dict[str, Any]:
    """What a request may ask of a model, as plain JSON; sizes by aspect, for wide ones reach a limit sooner.

    Never asks the Hub, for the page waits for it.
    """
    b = _bounds_so_far(row)
    sides, sampling = b.sides, b.sampling
    return {
        "model": row.name,
        "tier": row.tier,
        "size_px": {"default": b.native_px, "low": sides.low_px, "high": sides.high_px, "step": sides.multiple_px},
        "aspects": {name: _aspect_json(name, b) for name in ASPECTS},
        "steps": {"default": sampling.steps, "low": 1, "high": b.max_steps},
        "guidance": {
            "default": sampling.guidance, "low": 0.0, "high": MAX_GUIDANCE, "note": sampling.max_guidance_note,
        },
        "negative_prompt": {"acts": b.reads_negative, "guidance": max(GUIDED, sampling.guidance)},
        "layout_strength": {"default": b.layout_strength, "low": 0.0, "high": 1.0},
        "adapter_weight": {"default": 1.0, "low": -MAX_WEIGHT, "high": MAX_WEIGHT},
        "upscale": list(UPSCALES),
        "variations": {"low": 1, "high": MOST_VARIATIONS},
        "notes": list(b.notes),
    }  # fmt: skip


def _aspect_json(aspect: str, b: Bounds) -> dict[str, int]:
    low_px, high_px = sizes_px(aspect, b.sides)
    made = frame(_default_px(aspect, b), aspect, b.sides)
    return {"low": low_px, "high": high_px, "width_px": made.width_px, "height_px": made.height_px}


def _default_px(aspect: str, b: Bounds) -> int:
    """The model's own size, or the nearest at which this aspect fits."""
    low_px, high_px = sizes_px(aspect, b.sides)
    return min(max(b.native_px, low_px), high_px)


def resolved(request: ImageRequest, row: Model) -> ImageRequest:
    """The request with texts cleaned, every open choice made and nothing out of bounds; else UserError.

    A strength without a layout is dropped. With a negative prompt the guidance is at least GUIDED.
    """
    b = bounds(row)
    prompt, negative = _text(request.prompt, "picture prompt"), _text(request.negative_prompt, "negative prompt")
    if not prompt:
        raise UserError("The picture prompt is empty.", "Say in a few words what to paint.")
    if negative and not b.reads_negative:
        raise UserError(f"The model {row.name} reads no negative prompt.", "Leave it empty.")
    size_px = _default_px(request.aspect, b) if request.size_px is None else request.size_px
    size_px = int(within("The size in pixels", size_px, b.sides.low_px, b.sides.high_px, whole=True))
    frame(size_px, request.aspect, b.sides)
    if request.upscale not in UPSCALES or isinstance(request.upscale, bool):
        raise UserError(f"A picture cannot be enlarged {request.upscale} times.", "Use 1 (as painted) or 2.")
    return replace(
        request, prompt=prompt, negative_prompt=negative, size_px=size_px, upscale=int(request.upscale),
        seed=int(within("The seed", request.seed, 0, MAX_SEED, whole=True)), steps=_steps(request, b),
        guidance=_guidance(request, b, is_negated=bool(negative)), adapters=known(request.adapters),
        layout_strength=_layout_strength(request, b),
    )  # fmt: skip


def _steps(request: ImageRequest, b: Bounds) -> int:
    steps = b.sampling.steps if request.steps is None else request.steps
    return int(within("The number of steps", steps, 1, b.max_steps, whole=True))


def _guidance(request: ImageRequest, b: Bounds, *, is_negated: bool) -> float:
    guidance = b.sampling.guidance if request.guidance is None else request.guidance
    guidance = within("The guidance", guidance, 0.0, MAX_GUIDANCE)
    return GUIDED if is_negated and guidance <= 1 else guidance


def _layout_strength(request: ImageRequest, b: Bounds) -> float | None:
    if request.layout is None:
        return None
    if not isinstance(request.layout, Layout):
        raise UserError("The layout is not one of a clip.", "Make it from a clip with pipelines.layout.layout_of.")
    strength = b.layout_strength if request.layout_strength is None else request.layout_strength
    return within("The strength of the layout", strength, 0.0, 1.0)


def _text(text: str, what: str) -> str:
    if not isinstance(text, str):
        raise UserError(f"The {what} is no text.", "Write it in words.")
    return clean_prompt(text, what=what)


def within(what: str, value: float, low: float, high: float, *, whole: bool = False) -> float:
    """The value itself, or UserError where it is no number from `low` to `high`."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (whole and int(value) != value):
        kind, shown = ("a whole number", int) if whole else ("a number", "{:g}".format)
        raise UserError(f"{what} is {value!r}.", f"Use {kind} from {shown(low)} to {shown(high)}.")
    return float(value)
