"""The trained parts as a Stable Diffusion directory: put together, read, written in shards, and sampled for a look."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from PIL import Image

from corpus.captions import EMOTIONS, GENRES, Fields, image_prompt

SHARD_SIZE = "9MB"


def scheduler() -> DPMSolverMultistepScheduler:
    """DPM-Solver++ on the schedule that training uses."""
    return DPMSolverMultistepScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, prediction_type="v_prediction",
        algorithm_type="dpmsolver++", timestep_spacing="trailing", final_sigmas_type="zero",
        rescale_betas_zero_snr=True, steps_offset=1,
    )  # fmt: skip


def pipeline(vae: Any, encoder: Any, tokenizer: Any, model: Any) -> StableDiffusionPipeline:
    """The four parts as Stable Diffusion."""
    pipe = StableDiffusionPipeline(
        vae=vae, text_encoder=encoder, tokenizer=tokenizer, unet=model, scheduler=scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    return pipe


def loaded(directory: Path) -> StableDiffusionPipeline:
    """A pipeline that was exported, in float32."""
    pipe = StableDiffusionPipeline.from_pretrained(
        directory, dtype=torch.float32, safety_checker=None, requires_safety_checker=False
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def export(pipe: StableDiffusionPipeline, directory: Path) -> None:
    """Write the pipeline in float16, each file under 10 MB, readable by everybody; replaces `directory` at once."""
    scratch = directory.with_suffix(".writing")
    shutil.rmtree(scratch, ignore_errors=True)
    half = pipeline(
        copy.deepcopy(pipe.vae).half(), copy.deepcopy(pipe.text_encoder).half(), pipe.tokenizer,
        copy.deepcopy(pipe.unet).half(),
    )  # fmt: skip
    half.save_pretrained(scratch, safe_serialization=True, max_shard_size=SHARD_SIZE)
    for path in scratch.rglob("*.json"):
        _forget_path(path)
    for path in scratch.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # safetensors writes 0600
    shutil.rmtree(directory, ignore_errors=True)
    scratch.rename(directory)


def _forget_path(path: Path) -> None:
    """Take out of a configuration where on this machine its weights were read from."""
    settings = json.loads(path.read_text())
    if settings.pop("_name_or_path", None) is not None:
        path.write_text(json.dumps(settings, indent=2) + "\n")


def sample_sheet(pipe: StableDiffusionPipeline, path: Path, *, steps: int = 12, guidance: float = 2.5) -> None:
    """Ten genres (columns), two emotions each, from the canonical prompts."""
    prompts = [
        image_prompt(Fields(genre=genre, emotion=EMOTIONS[(i + 4 * row) % 9], tempo_bpm=70 + 12 * i))
        for row in range(2)
        for i, genre in enumerate(GENRES)
    ]
    images = pipe(
        prompts, num_inference_steps=steps, guidance_scale=guidance, generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images  # fmt: skip
    rows = [np.concatenate(list(images[start : start + 10]), 1) for start in (0, 10)]
    Image.fromarray((np.concatenate(rows, 0) * 255).round().astype(np.uint8)).save(path)
