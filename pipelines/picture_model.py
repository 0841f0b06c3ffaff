"""A Stable Diffusion pipeline ready to paint: loaded for this machine, with what its tier adds, and its defaults.

Who paints (`pipelines.illustrate`) knows neither tiers nor devices: it asks a `PictureModel` for its pipeline, limits
and defaults, and for pixels of latents. Stable Diffusion 1, 2 and XL are told apart by their model_index.json.
"""

import os
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UserError
from core.models import LOADED, Model
from core.runtime import Compute, compute, multiplies_bfloat16
from pipelines import previews
from pipelines.picture_memory import place
from pipelines.picture_tiers import KINDS, LCM_FILE, OWN, Additions, Sampling, additions, read_index
from pipelines.previews import Pixels

SETTINGS = ("IMAGE_LCM", "IMAGE_DECODER", "IMAGE_ATTENTION", "SAFETY")
"""What of the environment makes another model of the same weights."""
SIZES_PX = {"bundled": (128, 512), "full": (64, 1024)}


@dataclass
class PictureModel:
    """A loaded pipeline, who may use it now, the adapters it has read so far, and what it does unless told.

    `image_to_image` is made of the same parts as `pipe`. `notes` are sentences for the page.
    `checker` is a safety checker with its image processor, or None.
    """

    pipe: Any
    image_to_image: Any
    row: Model
    kind: str
    sampling: Sampling
    notes: tuple[str, ...] = ()
    checker: tuple[Any, Any] | None = None
    busy: threading.Lock = field(default_factory=threading.Lock)
    adapters: set[str] = field(default_factory=set)

    @property
    def multiple_px(self) -> int:
        return int(self.pipe.vae_scale_factor)

    @property
    def native_px(self) -> int:
        return int(self.pipe.unet.config.sample_size * self.pipe.vae_scale_factor)

    @property
    def sizes_px(self) -> tuple[int, int]:
        return SIZES_PX[self.row.tier]

    @property
    def steps(self) -> int:
        return self.sampling.steps

    @property
    def guidance(self) -> float:
        return self.sampling.guidance

    @property
    def max_guidance_note(self) -> str:
        return self.sampling.max_guidance_note

    @property
    def has_safety_checker(self) -> bool:
        return self.checker is not None

    def decode(self, latents: Any) -> Pixels:
        """uint8 pixels (B, height, width, 3) of finished latents (B, C, h, w)."""
        return previews.decode(self.pipe.vae, latents.to(self.pipe._execution_device))

    def preview(self, latents: Any) -> Pixels:
        """A rough small view, uint8 (H, W, 3), of what these latents (B, C, h, w) are becoming, side by side."""
        expected = self.pipe.scheduler.expected
        shown = expected if expected is not None and expected.shape == latents.shape else latents
        small = 2 if type(self.pipe.vae).__name__ == "AutoencoderTiny" else 4
        return previews.preview(self.pipe.vae, shown.to(self.pipe._execution_device), times_smaller=small)

    def is_blocked(self, pixels: Pixels) -> list[bool]:
        """Of each picture, uint8 (B, height, width, 3), whether the safety checker would hide it."""
        if self.checker is None:
            return [False] * len(pixels)
        import torch

        network, processor = self.checker
        seen = processor(list(pixels), return_tensors="pt").pixel_values
        with torch.inference_mode():
            _, blocked = network(images=[np.empty(0)] * len(pixels), clip_input=seen.to(network.device, network.dtype))
        return [bool(one) for one in blocked]


def picture_model(row: Model) -> PictureModel:
    """The model of that row, loaded once; UserError when its weights are not there or not readable."""
    settings = [os.environ.get(f"SYNTHESETE_{name}", "") for name in SETTINGS]
    key = "|".join([f"image:{row.where}", *settings])
    return LOADED.get(key, lambda: _load(row))  # type: ignore[no-any-return]


def _load(row: Model) -> PictureModel:
    from diffusers.utils import logging

    from pipelines import token_downsampling

    logging.set_verbosity_error()  # a prompt past the text window is cut quietly; so is the absent safety checker
    index, choice = read_index(row), _compute()
    wanted = additions(row, index)
    pipe = _pipeline(row, choice, wanted)
    sampling, notes = wanted.sampling, wanted.notes
    if wanted.lcm and not _fuse(pipe, wanted.lcm):
        sampling = OWN[row.tier]
        notes = (f"Quick sampling does not fit {row.name}: a picture takes {sampling.steps} steps.", *notes)
    _set_scheduler(pipe, sampling)
    if choice.device == "cpu" and row.tier == "full" and os.environ.get("SYNTHESETE_IMAGE_ATTENTION", "") != "whole":
        token_downsampling.apply(pipe.unet)
    other = _image_to_image(pipe, choice)
    checker, checker_notes = _safety_checker(row, index, choice)
    notes += checker_notes + place(pipe, choice)
    return PictureModel(pipe, other, row, KINDS[index["_class_name"]], sampling, notes, checker)


def _compute() -> Compute:
    """This machine's device and dtype; a CPU that multiplies bfloat16 does so, in a third of the time."""
    choice = compute()
    halves = choice.device == "cpu" and multiplies_bfloat16()
    return replace(choice, dtype="bfloat16", reason=f"{choice.reason}, bfloat16") if halves else choice


def _pipeline(row: Model, choice: Compute, wanted: Additions) -> Any:
    from diffusers import AutoencoderTiny, DiffusionPipeline

    loading: dict[str, Any] = {"dtype": choice.torch_dtype, "use_safetensors": True}
    try:
        if wanted.decoder:
            loading["vae"] = AutoencoderTiny.from_pretrained(wanted.decoder, **loading)
        pipe = DiffusionPipeline.from_pretrained(
            row.where, revision=row.revision or None, variant=_variant(row), safety_checker=None,
            requires_safety_checker=False, **loading,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        hint = "Check SYNTHESETE_TIER and SYNTHESETE_IMAGE_MODEL, or the network for a model that is not cached."
        raise UserError(f"The picture model {row.name} could not be loaded.", hint) from error
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _variant(row: Model) -> str | None:
    """The name "fp16" for a directory that holds the weights in half precision alone, as Turbo is often downloaded."""
    files = list((Path(row.where) / "unet").glob("*.safetensors"))
    return "fp16" if files and all(".fp16." in file.name for file in files) else None


def _fuse(pipe: Any, lcm: Path) -> bool:
    """Add the quick-sampling LoRA to the weights for good; False where it was made for another UNet.

    Beside the weights it would cost a part of every step, and style adapters are laid over fused weights just as well.
    """
    from lora.check import check_adapter

    try:
        check_adapter(lcm / LCM_FILE, {name: tuple(weight.shape) for name, weight in pipe.unet.named_parameters()})
    except UserError:
        return False
    pipe.load_lora_weights(lcm, weight_name=LCM_FILE, adapter_name="lcm")
    pipe.fuse_lora(adapter_names=["lcm"])
    pipe.unload_lora_weights()
    return True


def _set_scheduler(pipe: Any, sampling: Sampling) -> None:
    from diffusers import LCMScheduler

    if sampling.scheduler == "lcm":
        steps = sampling.original_inference_steps
        pipe.scheduler = LCMScheduler.from_config(pipe.scheduler.config, original_inference_steps=steps)
    elif sampling.scheduler == "turbo":
        pipe.scheduler = type(pipe.scheduler).from_config(pipe.scheduler.config, timestep_spacing="trailing")
    previews.watch(pipe.scheduler)


def _image_to_image(pipe: Any, choice: Compute) -> Any:
    from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionXLImg2ImgPipeline

    kind = KINDS[type(pipe).__name__]
    made = StableDiffusionImg2ImgPipeline if kind == "sd" else StableDiffusionXLImg2ImgPipeline
    # unless told, it would leave out a small decoder and turn the shared parts to float32
    other = made.from_pipe(pipe, vae=pipe.vae, dtype=choice.torch_dtype)
    other.set_progress_bar_config(disable=True)
    return other


def _safety_checker(row: Model, index: dict[str, Any], choice: Compute) -> tuple[Any, tuple[str, ...]]:
    """The checker that the directory brings, with its image processor; SYNTHESETE_SAFETY=off leaves it out."""
    if not (index.get("safety_checker") or [None])[0] or os.environ.get("SYNTHESETE_SAFETY", "") == "off":
        return None, ()
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessorPil

    revision = row.revision or None
    try:
        network = StableDiffusionSafetyChecker.from_pretrained(
            row.where, subfolder="safety_checker", revision=revision, variant=_variant(row), dtype=choice.torch_dtype,
            use_safetensors=True,
        )  # fmt: skip
        processor = CLIPImageProcessorPil.from_pretrained(row.where, subfolder="feature_extractor", revision=revision)
    except (OSError, ValueError):
        return None, ("The safety checker of this model is not at hand: pictures are not checked.",)
    return (network.to(choice.device).eval(), processor), ()
