"""What a Stable Diffusion base sees of the examples: latents and text states, computed once.

Latents (n, C, h, w) are scaled as the UNet knows them; text states are (n, tokens, width). Neither changes while an
adapter of the UNet is trained. Where the text encoder learns too, its states are made anew from the token ids.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import StableDiffusionPipeline

from core.errors import UserError
from core.precision import plain_attention
from core.runtime import compute
from lora.examples import Examples

_EAGER_SIDE = 32
"""Latents up to this side: a map of all places against all fits into memory."""


@dataclass(frozen=True)
class Encoded:
    """Latents, text states and token ids (n, tokens) of the examples, and those of the empty caption (1, ...)."""

    latents: torch.Tensor
    texts: torch.Tensor
    empty: torch.Tensor
    ids: torch.Tensor
    empty_ids: torch.Tensor

    def __len__(self) -> int:
        return len(self.latents)


def load_base(where: str, *, device: str | None = None) -> Any:
    """The pipeline in directory (or Hub id) `where`, frozen, on `device` (this machine's own unless given).

    Raises UserError when it is not there or is no Stable Diffusion pipeline.
    """
    try:
        pipeline = StableDiffusionPipeline.from_pretrained(
            where, dtype=torch.float32, use_safetensors=True, safety_checker=None, requires_safety_checker=False
        )  # float32 though the files may hold float16: the adapter's small steps would vanish in it
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise UserError(
            f"{where} could not be loaded as a Stable Diffusion pipeline.", "Give a diffusers directory or a Hub id."
        ) from error
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(False)
    pipeline.to(device or compute().device)
    if int(pipeline.unet.config.sample_size) <= _EAGER_SIDE:
        plain_attention(pipeline.unet)
    return pipeline


def native_size_px(pipeline: Any) -> int:
    """The side of the pictures that the base was trained on."""
    return int(pipeline.unet.config.sample_size) * int(pipeline.vae_scale_factor)


@torch.no_grad()
def encode(pipeline: Any, examples: Examples, *, trigger: str = "") -> Encoded:
    """Latents and text states of all examples; `trigger` is put in front of every second caption."""
    said = [f"{trigger}, {c}" if trigger and i % 2 else c for i, c in enumerate(examples.captions)]
    group = 16 if examples.pixels.shape[1] <= 256 else 2  # a full autoencoder takes 1 GB for a picture of 512 px
    latents = [_latents(pipeline, examples.pixels[start : start + group]) for start in range(0, len(said), group)]
    ids, empty_ids = token_ids(pipeline, said), token_ids(pipeline, [""])
    texts = [text_states(pipeline.text_encoder, ids[start : start + 64]) for start in range(0, len(said), 64)]
    empty = text_states(pipeline.text_encoder, empty_ids)
    return Encoded(torch.cat(latents), torch.cat(texts), empty, ids, empty_ids)


def _latents(pipeline: Any, pixels: Any) -> torch.Tensor:
    shown = torch.from_numpy(pixels).to(pipeline.unet.device).permute(0, 3, 1, 2).float() / 127.5 - 1
    made = pipeline.vae.encode(shown)
    latents = made.latents if hasattr(made, "latents") else made.latent_dist.mode()
    return latents * pipeline.vae.config.scaling_factor


def token_ids(pipeline: Any, captions: list[str]) -> torch.Tensor:
    """Ids (n, tokens) on the pipeline's device, cut and filled up to the tokenizer's window."""
    window = pipeline.tokenizer.model_max_length
    made = pipeline.tokenizer(captions, padding="max_length", max_length=window, truncation=True, return_tensors="pt")
    return made.input_ids.to(pipeline.unet.device)


def text_states(encoder: Any, ids: torch.Tensor) -> torch.Tensor:
    """What the UNet reads of the words, (n, tokens, width)."""
    return encoder(ids)[0]


def digest(pipeline: Any, encoded: Encoded) -> str:
    """16 hexadecimal digits that name the examples and the base; another base or picture gives others.

    Of the base its vectors (norms and biases, 1 in 1000 of its numbers) are read: training changes them all.
    """
    made = hashlib.sha256()
    vectors = [p for _, p in sorted(pipeline.unet.named_parameters()) if p.ndim == 1]
    for tensor in (*vectors, encoded.latents, encoded.ids):
        made.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return made.hexdigest()[:16]
