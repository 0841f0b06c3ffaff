"""A LoRA adapter: put into a pipeline before training, and written to a file that says what it is.

LoRA (Hu et al. 2021, arXiv 2106.09685) adds (alpha / rank) up @ down to a frozen layer; here through PEFT, on the
attention and the convolutions of the UNet, and on the attention of the text encoder where that learns too.
The file is what diffusers' `load_lora_weights` reads; its header carries the adapter's facts by the names of
ModelSpec (https://github.com/Stability-AI/ModelSpec), and rank, alpha and base once more by those of kohya's trainer.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from lora.check import FILE_NAME
from lora.encoded import native_size_px

TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2", "proj_in", "proj_out"]
"""Attention alone recolours; texture and line need the convolutions."""

TEXT_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj"]


@dataclass(frozen=True)
class Recipe:
    """What is trained and how; `trigger` words go in front of half the captions. `batch` counts the pictures of one
    step over all pieces and processes."""

    name: str
    base: str
    description: str
    trigger: str = ""
    licence: str = "Apache-2.0"
    rank: int = 8
    alpha: int = 8
    batch: int = 16
    drop_caption: float = 0.1  # so that guidance, which compares with the empty caption, keeps its meaning
    snr_gamma: float = 5.0
    text_encoder: bool = False


def put_in(pipeline: Any, recipe: Recipe, *, seed: int) -> dict[str, torch.nn.Module]:
    """Give `pipeline` an adapter that changes nothing yet; returns the parts that learn, by name."""
    torch.manual_seed(seed)
    learning = {"unet": TARGETS} | ({"text_encoder": TEXT_TARGETS} if recipe.text_encoder else {})
    for part, targets in learning.items():
        getattr(pipeline, part).add_adapter(
            LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, init_lora_weights="gaussian", target_modules=targets)
        )
    return {part: getattr(pipeline, part) for part in learning}


def save(pipeline: Any, recipe: Recipe, folder: Path) -> Path:
    """Write the adapter in `pipeline` to `folder`/FILE_NAME as float16, with its card's facts in the header."""
    folder.mkdir(parents=True, exist_ok=True)
    layers = _layers(pipeline.unet)
    facts = pipeline.unet.peft_config["default"].to_dict()  # without it readers take alpha for the rank
    words = _layers(pipeline.text_encoder) if recipe.text_encoder else None
    word_facts = pipeline.text_encoder.peft_config["default"].to_dict() if recipe.text_encoder else None
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        StableDiffusionPipeline.save_lora_weights(
            scratch, layers, words,
            unet_lora_adapter_metadata=facts, text_encoder_lora_adapter_metadata=word_facts,
        )  # fmt: skip
        written = Path(scratch) / FILE_NAME
        with safe_open(written, "pt") as file:
            metadata = file.metadata() | header(pipeline, recipe)
        save_file(load_file(written), written, metadata)
        written.chmod(0o644)  # safetensors writes 0600, which another user's server cannot read
        os.replace(written, folder / FILE_NAME)
    return folder / FILE_NAME


def _layers(model: Any) -> dict[str, torch.Tensor]:
    return {key: value.half().cpu() for key, value in get_peft_model_state_dict(model).items()}


def header(pipeline: Any, recipe: Recipe) -> dict[str, str]:
    """The adapter's facts for the file's header; every value is text."""
    size_px, width = native_size_px(pipeline), pipeline.unet.config.cross_attention_dim
    is_sd1 = width == 768
    prediction = {"v_prediction": "v"}.get(pipeline.scheduler.config.prediction_type, "epsilon")
    return {
        "base_model": recipe.base,
        "rank": str(recipe.rank),
        "alpha": str(recipe.alpha),
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": f"{'stable-diffusion-v1' if is_sd1 else recipe.base}/lora",
        "modelspec.implementation": "diffusers",
        "modelspec.title": recipe.name,
        "modelspec.description": recipe.description,
        "modelspec.date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "modelspec.license": recipe.licence,
        "modelspec.trigger_phrase": recipe.trigger,
        "modelspec.resolution": f"{size_px}x{size_px}",
        "modelspec.prediction_type": prediction,
        "ss_sd_model_name": recipe.base,
        "ss_base_model_version": "sd_v1" if is_sd1 else recipe.base,
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(recipe.rank),
        "ss_network_alpha": str(recipe.alpha),
        "ss_resolution": f"({size_px}, {size_px})",
        "ss_v2": "False",
    }
