"""Paint: ImageRequest -> GeneratedImage, by a Stable Diffusion pipeline with LoRA adapters.

One loading path serves both tiers: `core.models.resolve("image")` names a directory or a Hub id in the format of
Stable Diffusion 1.x. Noise is drawn on the CPU from the seed. Adapters are weighed with `set_adapters` for one request
and switched off after it, never fused, so that no request sees another's adapters. A model paints one picture at a
time; a second client waits for it and can be cancelled while it waits.
"""

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UserError
from core.models import LOADED, Model, resolve
from core.prompts import clean_prompt
from core.runtime import check_seed, compute, cpu_generator, turn
from core.types import GeneratedImage, ImageRequest, Progress, Provenance, no_progress

MAX_STEPS = 100
MAX_GUIDANCE = 30.0
MAX_WEIGHT = 2.0
SIZES_PX = {"bundled": (128, 512), "full": (64, 1024)}
STEPS = {"bundled": 12, "full": 25}
GUIDANCE = {"bundled": 2.5, "full": 7.5}


@dataclass
class _Painter:
    """A loaded pipeline, who may use it now, and the adapters it has read so far."""

    pipe: Any
    busy: threading.Lock = field(default_factory=threading.Lock)
    adapters: set[str] = field(default_factory=set)

    @property
    def multiple_px(self) -> int:
        return int(self.pipe.vae_scale_factor)

    @property
    def native_px(self) -> int:
        return int(self.pipe.unet.config.sample_size * self.pipe.vae_scale_factor)


def illustrate(request: ImageRequest, *, progress: Progress = no_progress) -> GeneratedImage:
    """Paint one picture; the same request gives the same pixels.

    `progress` is called once a step and may raise, which ends the job within that step and leaves the model usable.
    Raises UserError for a request outside the limits, for an unknown adapter and for weights that cannot be loaded.
    """
    model = resolve("image")
    request = _checked(request, model)
    progress(0.0, "loading the picture model")
    painter = _painter(model)
    request = _sized(request, model, painter)
    with turn(painter.busy, progress, "waiting for another picture"):
        started = time.monotonic()
        try:
            _switch_on(painter, request.adapters)
            pixels = _paint(painter.pipe, request, progress)
        finally:
            _switch_off(painter)
    seconds = time.monotonic() - started
    return GeneratedImage(pixels, request, _provenance(model, request, seconds))


def adapters() -> list[dict[str, Any]]:
    """The adapters that `ImageRequest.adapters` may name, as plain JSON values."""
    from lora.check import list_adapters

    return [info.as_json() for info in list_adapters()]


def warm() -> None:
    """Load the present picture model, so that the first picture does not wait for it."""
    _painter(resolve("image"))


def _checked(request: ImageRequest, model: Model) -> ImageRequest:
    """The request with its texts cleaned and steps and guidance filled in, or UserError."""
    prompt = clean_prompt(request.prompt, what="picture prompt")
    negative = clean_prompt(request.negative_prompt, what="negative prompt")
    if not prompt:
        raise UserError("The picture prompt is empty.", "Say in a few words what to paint.")
    steps = STEPS[model.tier] if request.steps is None else request.steps
    guidance = GUIDANCE[model.tier] if request.guidance is None else request.guidance
    _within("The number of steps", steps, 1, MAX_STEPS, whole=True)
    _within("The guidance", guidance, 0.0, MAX_GUIDANCE)
    if request.size_px is not None:
        _within("The size in pixels", request.size_px, *SIZES_PX[model.tier], whole=True)
    return replace(
        request, prompt=prompt, negative_prompt=negative, seed=check_seed(request.seed), steps=int(steps),
        guidance=float(guidance), adapters=_known(request.adapters),
    )  # fmt: skip


def _within(what: str, value: float, low: float, high: float, *, whole: bool = False) -> None:
    if not low <= value <= high or (whole and int(value) != value):
        kind = "a whole number" if whole else "a number"
        raise UserError(f"{what} is {value}.", f"Use {kind} from {low:g} to {high:g}.")


def _known(chosen: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """The chosen adapters, those of weight 0 left out."""
    names = [row["name"] for row in adapters()] if chosen else []
    for name, weight in chosen:
        if name not in names:
            raise UserError(f"There is no adapter {name!r}.", f"Choose one of: {', '.join(names) or 'none installed'}.")
        _within(f"The weight of adapter {name!r}", weight, -MAX_WEIGHT, MAX_WEIGHT)
    return tuple((name, float(weight)) for name, weight in chosen if weight)


def _sized(request: ImageRequest, model: Model, painter: _Painter) -> ImageRequest:
    low, high = SIZES_PX[model.tier]
    size_px = min(max(painter.native_px, low), high) if request.size_px is None else int(request.size_px)
    if size_px % painter.multiple_px:
        raise UserError(f"The size {size_px} px does not fit.", f"Use a multiple of {painter.multiple_px}.")
    return replace(request, size_px=size_px)


def _painter(model: Model) -> _Painter:
    return LOADED.get(f"image:{model.where}", lambda: _Painter(_load(model)))  # type: ignore[no-any-return]


def _load(model: Model) -> Any:
    """The pipeline on the device of `compute()`; UserError when the weights are not there or not readable."""
    from diffusers import StableDiffusionPipeline
    from diffusers.utils import logging

    logging.set_verbosity_error()  # a prompt past the text window is cut quietly; so is the absent safety checker
    choice = compute()
    try:
        pipe = StableDiffusionPipeline.from_pretrained(
            model.where, revision=model.revision or None, dtype=choice.torch_dtype, use_safetensors=True,
            safety_checker=None, requires_safety_checker=False,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        hint = "Check SYNTHESETE_TIER and SYNTHESETE_IMAGE_MODEL, or the network for a model that is not cached."
        raise UserError(f"The picture model {model.name} could not be loaded.", hint) from error
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(choice.device)


def _switch_on(painter: _Painter, chosen: tuple[tuple[str, float], ...]) -> None:
    """Read the chosen adapters where that has not happened yet, and weigh them; raises UserError for a misfit."""
    if not chosen:
        return
    from lora.check import check_adapter

    paths = {row["name"]: Path(row["path"]) for row in adapters()}
    for name, _ in chosen:
        if name not in painter.adapters:
            check_adapter(paths[name], {key: tuple(p.shape) for key, p in painter.pipe.unet.named_parameters()})
            painter.pipe.load_lora_weights(paths[name].parent, weight_name=paths[name].name, adapter_name=_slot(name))
            painter.adapters.add(name)
    painter.pipe.enable_lora()
    painter.pipe.set_adapters([_slot(name) for name, _ in chosen], [weight for _, weight in chosen])


def _slot(name: str) -> str:
    """The adapter's name inside PEFT, where a dot would part it."""
    return name.replace(".", "_")


def _switch_off(painter: _Painter) -> None:
    if painter.adapters:
        painter.pipe.disable_lora()


def _paint(pipe: Any, request: ImageRequest, progress: Progress) -> np.ndarray:
    """uint8 pixels of shape (size, size, 3)."""
    steps = request.steps or 1

    def stepped(_: Any, step: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        progress(min(1.0, (step + 1) / (steps + 1)), f"painting, step {min(step + 1, steps)} of {steps}")
        return tensors

    result = pipe(
        request.prompt, negative_prompt=request.negative_prompt, num_inference_steps=steps,
        guidance_scale=request.guidance, height=request.size_px, width=request.size_px,
        generator=cpu_generator(request.seed), output_type="np", callback_on_step_end=stepped,
    )  # fmt: skip
    progress(1.0, "painted")
    return np.asarray((result.images[0] * 255).round(), np.uint8)


def _provenance(model: Model, request: ImageRequest, seconds: float) -> Provenance:
    return Provenance(
        model=model.name, revision=model.revision, tier=model.tier, licence=model.licence,
        adapters=tuple(f"{name}:{weight:g}" for name, weight in request.adapters),
        device=compute().device, seconds_taken=round(seconds, 3),
    )  # fmt: skip
