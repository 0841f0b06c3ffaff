"""Train a LoRA adapter on a Stable Diffusion base: a few new matrices that give every picture another hand.

LoRA (Hu et al. 2021, arXiv 2106.09685) adds (alpha / rank) up @ down to a frozen layer; here on the attention and the
convolutions of the UNet, through PEFT. The loss is that of the base (its scheduler's betas and prediction type), with
min-SNR weights (Hang et al. 2023, arXiv 2303.09556). Latents (n, C, h, w) and text states (n, tokens, width) never
change during training, so they are computed once.

    python -m lora.image --style watercolour --base weights/image --out weights/lora/watercolour --minutes 5
    python -m lora.image --data FOLDER --base DIR --out DIR       pictures, each with its caption in a .txt beside it
"""

import argparse
import json
import os
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline
from diffusers.training_utils import compute_snr
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.fit import FitConfig, fit
from core.runtime import compute
from corpus.manners import STYLES, stylise
from corpus.painter import caption, draw_spec, paint
from lora.check import FILE_NAME

TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2", "proj_in", "proj_out"]
"""Attention alone recolours; texture and line need the convolutions."""

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True)
class Recipe:
    """What is trained and how; `trigger` words go in front of half the captions."""

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


@dataclass(frozen=True)
class Examples:
    """Pictures uint8 (n, size, size, 3) and a caption for each."""

    pixels: npt.NDArray[np.uint8]
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Encoded:
    """What the base sees of the examples: scaled latents, text states, and the state of the empty caption."""

    latents: torch.Tensor
    texts: torch.Tensor
    empty: torch.Tensor


def styled_examples(style: str, count: int, *, size_px: int, seed: int = 0) -> Examples:
    """Painted pictures in another hand, with their captions."""
    rng, pixels, captions = random.Random(f"{style}-{seed}"), [], []
    for index in range(count):
        spec = draw_spec(rng)
        pixels.append(stylise(paint(spec, rng.getrandbits(32), size_px=size_px), style, index))
        captions.append(caption(spec, rng))
    return Examples(np.stack(pixels), tuple(captions))


def folder_examples(folder: Path, *, size_px: int) -> Examples:
    """The pictures of a folder, cropped to the middle square, each captioned by the .txt of the same name.

    Raises UserError when there is no such folder, no picture, or a caption is missing.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.", "Give a folder of pictures with captions.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
    bare = [path.name for path in files if not path.with_suffix(".txt").is_file()]
    if not files or bare:
        what = f"{bare[0]} has no caption" if bare else f"{folder.name} holds no pictures"
        raise UserError(f"{what}.", "Put a .txt with the caption beside each picture (.png, .jpg, .webp).")
    pixels = np.stack([_square(path, size_px) for path in files])
    return Examples(pixels, tuple(path.with_suffix(".txt").read_text("utf-8").strip() for path in files))


def _square(path: Path, size_px: int) -> npt.NDArray[np.uint8]:
    try:
        with Image.open(path) as file:
            picture = file.convert("RGB")
    except OSError as error:
        raise UserError(f"{path.name} cannot be read as a picture.", "Remove it or save it again.") from error
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size_px, size_px), Image.Resampling.LANCZOS, box=box))


def load_base(where: str) -> Any:
    """The pipeline in directory (or Hub id) `where`, frozen, on this machine's device."""
    pipeline = StableDiffusionPipeline.from_pretrained(
        where, dtype=torch.float32, use_safetensors=True, safety_checker=None, requires_safety_checker=False
    )  # float32 though the files may hold float16: the adapter's small steps would vanish in it
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(False)
    return pipeline.to(compute().device)


def native_size_px(pipeline: Any) -> int:
    """The side of the pictures that the base was trained on."""
    return int(pipeline.unet.config.sample_size) * int(pipeline.vae_scale_factor)


@torch.no_grad()
def encode(pipeline: Any, examples: Examples, *, trigger: str = "") -> Encoded:
    """Latents and text states of all examples; `trigger` is put in front of every second caption."""
    latents, texts, device = [], [], pipeline.unet.device
    said = [f"{trigger}, {c}" if trigger and i % 2 else c for i, c in enumerate(examples.captions)]
    for start in range(0, len(said), 16):
        pixels = torch.from_numpy(examples.pixels[start : start + 16]).to(device)
        made = pipeline.vae.encode(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)
        latent = made.latents if hasattr(made, "latents") else made.latent_dist.mode()
        latents.append(latent * pipeline.vae.config.scaling_factor)
        texts.append(_text_states(pipeline, said[start : start + 16]))
    return Encoded(torch.cat(latents), torch.cat(texts), _text_states(pipeline, [""]))


def _text_states(pipeline: Any, captions: list[str]) -> torch.Tensor:
    states, _ = pipeline.encode_prompt(
        captions, device=pipeline.unet.device, num_images_per_prompt=1, do_classifier_free_guidance=False
    )
    return states


def diffusion_loss(
    unet: Any, schedule: Any, encoded: Encoded, recipe: Recipe, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """The min-SNR weighted loss of one random batch, and the plain mean squared error.

    Raises UserError for a prediction type other than epsilon, v_prediction and sample.
    """
    device = encoded.latents.device
    rows = torch.randint(len(encoded.latents), (recipe.batch,), generator=generator)
    times = torch.randint(schedule.config.num_train_timesteps, (recipe.batch,), generator=generator).to(device)
    clean = encoded.latents[rows.to(device)]
    noise = torch.randn(clean.shape, generator=generator).to(device)
    dropped = (torch.rand(recipe.batch, generator=generator) < recipe.drop_caption).to(device)
    texts = torch.where(dropped[:, None, None], encoded.empty, encoded.texts[rows.to(device)])
    with torch.autocast(device.type, torch.bfloat16):
        made = unet(schedule.add_noise(clean, noise, times), times, texts).sample
    target, weight = _target_and_weight(schedule, clean, noise, times, recipe.snr_gamma)
    error = (made.float() - target).pow(2).mean((1, 2, 3))
    return {"loss": (weight * error).mean(), "mse": error.mean()}


def _target_and_weight(
    schedule: Any, clean: torch.Tensor, noise: torch.Tensor, times: torch.Tensor, gamma: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the UNet should say, and min(SNR, gamma) translated into that quantity's units, shape (B,)."""
    snr = compute_snr(schedule, times)
    kept = snr.clamp(max=gamma)
    match schedule.config.prediction_type:
        case "v_prediction":
            # One more than min-SNR's own: where a schedule ends in pure noise that vanishes, and with it the first
            # step of sampling, which sets the lights and darks of the whole picture, would stay the base's
            return schedule.get_velocity(clean, noise, times), (kept + 1) / (snr + 1)
        case "epsilon":
            return noise, kept / snr.clamp(min=1e-6)
        case "sample":
            return clean, kept
        case other:
            raise UserError(f"Adapters cannot be trained for prediction type {other!r}.", "Choose an SD 1.x base.")


def train(pipeline: Any, examples: Examples, recipe: Recipe, *, fitting: FitConfig, work: Path) -> dict[str, float]:
    """Put an adapter into `pipeline` and train it; checkpoints go to `work`. Returns the last log row."""
    schedule = DDPMScheduler.from_config(pipeline.scheduler.config)
    encoded = encode(pipeline, examples, trigger=recipe.trigger)
    torch.manual_seed(fitting.seed)
    pipeline.unet.add_adapter(
        LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, init_lora_weights="gaussian", target_modules=TARGETS)
    )
    unet = pipeline.unet.train()
    row = fit(
        {"unet": unet},
        lambda step, generator: diffusion_loss(unet, schedule, encoded, recipe, generator),
        out=work,
        config=fitting,
    )
    unet.eval()
    return row


def save(pipeline: Any, recipe: Recipe, folder: Path) -> Path:
    """Write the adapter in `pipeline` to `folder`/FILE_NAME as float16, with its card's facts in the header."""
    folder.mkdir(parents=True, exist_ok=True)
    layers = {key: value.half().cpu() for key, value in get_peft_model_state_dict(pipeline.unet).items()}
    adapter = pipeline.unet.peft_config["default"].to_dict()  # without it readers take alpha for the rank
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        StableDiffusionPipeline.save_lora_weights(scratch, layers, unet_lora_adapter_metadata=adapter)
        written = Path(scratch) / FILE_NAME
        with safe_open(written, "pt") as file:
            metadata = file.metadata() | header(pipeline, recipe)
        save_file(load_file(written), written, metadata)
        written.chmod(0o644)  # safetensors writes 0600, which another user's server cannot read
        os.replace(written, folder / FILE_NAME)
    return folder / FILE_NAME


def header(pipeline: Any, recipe: Recipe) -> dict[str, str]:
    """The adapter's facts by the names of the ModelSpec standard (https://github.com/Stability-AI/ModelSpec)."""
    size_px, width = native_size_px(pipeline), pipeline.unet.config.cross_attention_dim
    kind = "stable-diffusion-v1" if width == 768 else recipe.base
    prediction = {"v_prediction": "v"}.get(pipeline.scheduler.config.prediction_type, "epsilon")
    return {
        "base_model": recipe.base,
        "rank": str(recipe.rank),
        "alpha": str(recipe.alpha),
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": f"{kind}/lora",
        "modelspec.implementation": "diffusers",
        "modelspec.title": recipe.name,
        "modelspec.description": recipe.description,
        "modelspec.license": recipe.licence,
        "modelspec.trigger_phrase": recipe.trigger,
        "modelspec.resolution": f"{size_px}x{size_px}",
        "modelspec.prediction_type": prediction,
    }


def main(argv: list[str] | None = None) -> None:
    """Train one adapter from the command line."""
    options = _parser().parse_args(argv)
    torch.set_num_threads(options.threads)
    pipeline = load_base(options.base)
    size_px = options.size or native_size_px(pipeline)
    name = options.out.name
    if options.style:
        examples = styled_examples(options.style, options.pictures, size_px=size_px, seed=options.seed)
        description = f"Pictures in the manner of a {options.style}, learned from {options.pictures} painted by rules."
    else:
        examples = folder_examples(options.data, size_px=size_px)
        description = f"Learned from {len(examples.captions)} pictures of {options.data.name}."
    recipe = Recipe(
        name, options.base_name or Path(options.base).name, description,
        trigger=options.trigger if options.trigger is not None else options.style or "",
        licence=options.licence, rank=options.rank, alpha=options.rank, batch=options.batch,
    )  # fmt: skip
    fitting = FitConfig(
        minutes=options.minutes, steps=options.steps, learning_rate=options.learning_rate, warmup_steps=30,
        weight_decay=0.0, ema=0.99, seed=options.seed,
    )  # fmt: skip
    row = train(pipeline, examples, recipe, fitting=fitting, work=options.work / name)
    path = save(pipeline, recipe, options.out)
    print(json.dumps({"adapter": str(path), "bytes": path.stat().st_size} | row))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lora.image", description=main.__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--style", choices=sorted(STYLES), help="learn a manner of the painter")
    source.add_argument("--data", type=Path, help="learn from a folder of pictures with captions in .txt files")
    parser.add_argument("--base", required=True, help="a diffusers Stable Diffusion 1.x directory or Hub id")
    parser.add_argument("--base-name", default="", help="the base's name for the header (default: its folder)")
    parser.add_argument("--out", type=Path, required=True, help="the adapter's folder, named as the adapter")
    parser.add_argument("--work", type=Path, default=Path("runs/lora"), help="checkpoints and logs")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--steps", type=int, default=None, help="train exactly so many steps instead")
    parser.add_argument("--pictures", type=int, default=400, help="how many to paint for --style")
    parser.add_argument("--size", type=int, default=None, help="pixels a side (default: the base's own)")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--trigger", default=None, help="words put before half the captions (default: the style)")
    parser.add_argument("--licence", default="Apache-2.0", help="of the pictures, hence of the adapter")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser


if __name__ == "__main__":
    main()
