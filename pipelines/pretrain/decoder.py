"""Teach the decoder of the bundled picture model to finish what its UNet begins.

A small UNet puts an edge nearly where it should be, and its latents are a little off those that the decoder has seen:
decoded, outlines wobble and small things melt. So the decoder learns from such latents: those of a painting are made
noisy up to some time, drawn again by the UNet with DDIM, and decoded; it shall give the painting's crop, in the eyes of
a critic, too (pipelines.pretrain.adversary). UNet, text encoder and encoder stay as they are, and so do latents and
adapters.

    python -m pipelines.pretrain.decoder --pipeline WHOLE/pipeline --latents WHOLE/latents.npy --minutes 20 --out DIR
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from core.fit import FitConfig, fit
from core.precision import plain_attention, precision
from pipelines.pretrain.adversary import Critic
from pipelines.pretrain.autoencoder import HELD_OUT, judged, to_tensor
from pipelines.pretrain.bundle import export, sample_sheet, scheduler
from pipelines.pretrain.diffusion import noised, stepped, velocity
from pipelines.pretrain.image import Dataset, later_run, learned
from pipelines.pretrain.pictures import SIZE_PX, Pictures


@dataclass(frozen=True)
class Drafts:
    """How latents are spoilt: a `clean_share` of them only by noise of `latent_noise` (they have unit variance), the
    rest made noisy up to at most `latest` of the schedule and drawn again in `strides` steps."""

    batch: int = 4
    crop_px: int = 128
    clean_share: float = 0.3
    latent_noise: float = 0.08
    latest: float = 0.45
    strides: int = 2
    fool: float = 0.05


def redrawn(
    unet: Any, latents: torch.Tensor, text: torch.Tensor, alphas: torch.Tensor, start: int, *, strides: int
) -> torch.Tensor:
    """Scaled `latents` (B, C, s, s) made noisy up to time `start` and drawn again in `strides` steps of DDIM."""
    times = np.linspace(start, 0, strides + 1).round().astype(int)[:-1].tolist()
    powers = [*alphas[times], torch.ones_like(alphas[0])]
    sample = noised(latents, _noise_like(latents), powers[0])
    for now, power, after in zip(times, powers[:-1], powers[1:], strict=True):
        with torch.no_grad():
            seen = velocity(unet, sample, now, text)
        sample = stepped(sample, seen, power, after)
    return sample


def train(
    pipe: StableDiffusionPipeline, pictures: Pictures, data: Dataset, drafts: Drafts, *, fitting: FitConfig, out: Path
) -> Path:
    """Train the decoder; writes sheets and `out/pipeline`, and returns the latter."""
    vae, unet, device = pipe.vae, pipe.unet, pipe.unet.device
    alphas = scheduler().alphas_cumprod.to(device)
    for part in (unet, pipe.text_encoder, vae.encoder):
        part.requires_grad_(False)
    plain_attention(unet)  # as when it was trained
    torch.manual_seed(fitting.seed)
    critic = Critic().to(device, memory_format=torch.channels_last)

    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        rows = torch.randint(len(data) - HELD_OUT, (drafts.batch,), generator=generator)
        latents = data.latents[rows].float().to(device)
        if float(torch.rand((), generator=generator)) < drafts.clean_share:
            draft = latents + drafts.latent_noise * _noise_like(latents)
        else:
            with torch.no_grad():
                text = pipe.text_encoder(data.ids[rows, 0].to(device)).last_hidden_state
            start = int(torch.randint(1, int(drafts.latest * len(alphas)), (), generator=generator))
            draft = redrawn(unet, latents, text, alphas, start, strides=drafts.strides)
        cropped, real = crop_both(draft, pictures, rows, drafts.crop_px, generator)
        with precision(device):
            made = vae.decode(cropped / vae.config.scaling_factor).sample
        return judged(made.float(), real, critic, drafts.fool)

    def show(step: int) -> None:
        with torch.no_grad():
            sample_sheet(pipe, out / f"sheet_{step:06d}.png")
        export(pipe, out / "pipeline")

    fit({"decoder": vae.decoder, "critic": critic}, loss, out=out, config=fitting, sample=show)
    show(0)
    return out / "pipeline"


def crop_both(
    latents: torch.Tensor, pictures: Pictures, rows: torch.Tensor, crop_px: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The same random place of each latent (B, C, n, n) and of its picture (B, 3, crop_px, crop_px)."""
    factor = SIZE_PX // latents.shape[-1]
    cells = crop_px // factor
    cut, real = [], []
    for latent, row in zip(latents, rows.tolist(), strict=True):
        y, x = torch.randint(latents.shape[-1] - cells + 1, (2,), generator=generator).tolist()
        cut.append(latent[:, y : y + cells, x : x + cells])
        top, left = y * factor, x * factor
        real.append(pictures[row][top : top + crop_px, left : left + crop_px])
    return torch.stack(cut), to_tensor(np.stack(real)).to(latents.device)


def _noise_like(latents: torch.Tensor) -> torch.Tensor:
    """Drawn on the CPU, so that every device learns the same."""
    return torch.randn(latents.shape).to(latents.device)


def main() -> None:
    """Teach the decoder of a picture model to finish what its UNet begins."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--learning-rate", type=float, default=6e-4)
    parser.add_argument("--fool", type=float, default=Drafts.fool, help="weight of the critic")
    options = later_run(parser)
    pipe, pictures, data = learned(options)
    pipe.vae.to(memory_format=torch.channels_last)
    fitting = FitConfig(
        minutes=options.minutes, steps=options.steps, learning_rate=options.learning_rate, weight_decay=1e-4,
        ema=0.995, beta2=0.99, flat_share=0.5, seed=options.seed, sample_every_share=0.25,
    )  # fmt: skip
    print(train(pipe, pictures, data, Drafts(fool=options.fool), fitting=fitting, out=options.out))


if __name__ == "__main__":
    main()
