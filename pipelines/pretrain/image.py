"""Train the bundled picture model: a CLIP text encoder and a UNet on latents of painted, captioned pictures.

The result is a directory in Stable Diffusion's own format. Its UNet predicts v (Salimans & Ho 2022) under a noise
schedule that ends in pure noise and is sampled with trailing steps (Lin et al. 2023, https://arxiv.org/abs/2305.08891):
without that the mean colour of a picture leaks through the noise and palettes come out grey. The loss weight is that of
min-SNR (Hang et al. 2023, https://arxiv.org/abs/2303.09556) with one added to its numerator, since the plain weight
vanishes at pure noise and leaves the first step untrained.

Latents are (n, C, s, s) float16, scaled to unit variance; token ids are (n, PHRASINGS, TOKENS). One picture in ten is
shown without its caption, for classifier-free guidance.

Composition is learnt five times faster on pictures of half the size (16 x 16 latents), so there are two runs, and the
second goes on with the weights of the first:

    python -m pipelines.pretrain.image --size 128 --minutes 20 --autoencoder AE --out HALF
    python -m pipelines.pretrain.image --minutes 23 --learning-rate 6e-4 --autoencoder AE --start HALF/pipeline --out W

Of two cores, two processes make more than two threads do (1.24 times as many pictures a second). They learn what one
would, their budget is one of steps, and torchrun starts them (`accelerate launch --cpu` starts one):

    torchrun --nproc_per_node 2 -m -- pipelines.pretrain.image --steps 3600 --batch 48 ...
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from transformers import CLIPTokenizer

from core.fit import FitConfig, fit
from core.precision import plain_attention, precision
from core.runtime import compute
from core.together import accelerator, added
from pipelines.pretrain.autoencoder import encode
from pipelines.pretrain.bundle import export, loaded, pipeline, sample_sheet, scheduler
from pipelines.pretrain.diffusion import noised, velocity, weighed
from pipelines.pretrain.networks import TOKENS, ImageConfig, networks, tokenise
from pipelines.pretrain.pictures import SIZE_PX, Pictures, painted


@dataclass(frozen=True)
class Dataset:
    """Scaled latents (n, C, s, s) float16, token ids (n, PHRASINGS, TOKENS) and the ids of no caption (TOKENS,)."""

    latents: torch.Tensor
    ids: torch.Tensor
    silence: torch.Tensor

    def __len__(self) -> int:
        return len(self.latents)


@dataclass(frozen=True)
class Lessons:
    """What one step learns from: latents (B, C, s, s), token ids (B, TOKENS), times (B,) and noise as the latents."""

    latents: torch.Tensor
    ids: torch.Tensor
    times: torch.Tensor
    noise: torch.Tensor

    def part(self, index: int, of: int) -> "Lessons":
        """Every `of`-th row from row `index` on."""
        return Lessons(self.latents[index::of], self.ids[index::of], self.times[index::of], self.noise[index::of])

    def to(self, device: torch.device) -> "Lessons":
        """The same on `device`; they are drawn on the CPU, so that every device learns the same."""
        return Lessons(
            self.latents.to(device), self.ids.to(device), self.times.to(device), self.noise.to(device)
        )  # fmt: skip


def drawn(data: Dataset, generator: torch.Generator, *, batch: int, drop_caption: float, times: int = 1000) -> Lessons:
    """Random pictures and phrasings; the times are spread evenly, one in each B-th of them, which calms the slopes
    (Kingma et al. 2021, https://arxiv.org/abs/2107.00630, appendix I.1)."""
    rows = torch.randint(len(data), (batch,), generator=generator)
    ids = data.ids[rows, torch.randint(data.ids.shape[1], (batch,), generator=generator)]
    ids[torch.rand(batch, generator=generator) < drop_caption] = data.silence
    latents = data.latents[rows].float()
    spread = (torch.arange(batch) + torch.rand(batch, generator=generator)) / batch
    return Lessons(latents, ids, (spread * times).long(), torch.randn(latents.shape, generator=generator))


def diffusion_loss(model: Any, lessons: Lessons, text: torch.Tensor, alphas: torch.Tensor) -> dict[str, torch.Tensor]:
    """Weighted v-prediction error; `text` (B, TOKENS, width), `alphas` the cumulative signal power (T,)."""
    power = alphas[lessons.times][:, None, None, None]
    target = power.sqrt() * lessons.noise - (1 - power).sqrt() * lessons.latents
    made = velocity(model, noised(lessons.latents, lessons.noise, power), lessons.times, text)
    return weighed(made - target, power)


def dataset(
    pictures: Pictures, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, cache: Path, *, shrink: int = 1
) -> Dataset:
    """Encode every picture once (kept in `cache`, an .npy of float16) and tokenise every phrasing.

    Pictures are made `shrink` times smaller first.
    """
    if not cache.exists():
        starts = range(0, len(pictures), 16)
        rows = [encode(vae, pictures, i, min(i + 16, len(pictures)), shrink=shrink) for i in starts]
        np.save(cache, (torch.cat(rows) * vae.config.scaling_factor).half().cpu().numpy())
    latents = torch.from_numpy(np.load(cache))
    if len(latents) != len(pictures):
        raise ValueError(f"{cache} holds {len(latents)} latents for {len(pictures)} pictures; remove it")
    flat = [sentence for row in pictures.captions for sentence in row]
    ids = tokenise(tokenizer, flat).reshape(len(pictures), -1, TOKENS)
    return Dataset(latents, ids, tokenise(tokenizer, [""])[0])


def later_run(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options of a command that goes on from a trained pipeline, beside those that `parser` knows already."""
    parser.add_argument("--steps", type=int, default=None, help="train exactly so many steps instead")
    parser.add_argument("--count", type=int, default=5000, help="pictures to learn from")
    parser.add_argument("--seed", type=int, default=1, help="that of the pictures, as when the UNet was trained")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--latents", type=Path, required=True, help="latents.npy of the UNet's training")
    parser.add_argument("--pictures", type=Path, required=True, help="cache of painted pictures")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def learned(options: argparse.Namespace) -> tuple[StableDiffusionPipeline, Pictures, Dataset]:
    """The pipeline that those options name, the pictures it learned from, and their latents and captions."""
    pictures = painted(options.pictures, options.count, seed=options.seed)
    pipe = loaded(options.pipeline).to(compute().device)
    return pipe, pictures, dataset(pictures, pipe.vae, pipe.tokenizer, options.latents)


def train(
    pictures: Pictures,
    vae: AutoencoderTiny,
    config: ImageConfig,
    *,
    fitting: FitConfig,
    out: Path,
    shrink: int = 1,
    start: Path | None = None,
) -> Path:
    """Train UNet and text encoder jointly, from nothing or from `start`, on pictures made `shrink` times smaller.

    Writes sheets and `out/pipeline` while it goes, and returns the latter.
    """
    crew = accelerator()
    out.mkdir(parents=True, exist_ok=True)
    captions = [sentence for row in pictures.captions for sentence in row]
    with crew.main_process_first():  # which writes what the others read
        tokenizer, encoder, model = networks(captions, vae, config, out=out, seed=fitting.seed, start=start)
        for part in (vae, encoder, model):
            part.to(crew.device)
        data = dataset(pictures, vae, tokenizer, out / "latents.npy", shrink=shrink)
    model.register_to_config(sample_size=data.latents.shape[-1])
    alphas = scheduler().alphas_cumprod.to(crew.device)
    parameters = [*model.parameters(), *encoder.parameters()]
    crew.print(f"UNet {_millions(model)}, text encoder {_millions(encoder)}, {len(data)} pictures", flush=True)

    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        whole = drawn(data, generator, batch=config.batch, drop_caption=config.drop_caption, times=len(alphas))
        mine = whole.part(crew.process_index, crew.num_processes).to(crew.device)
        with precision(crew.device):
            text = encoder(mine.ids).last_hidden_state
        share = len(mine.ids) / config.batch
        values = {name: value * share for name, value in diffusion_loss(model, mine, text, alphas).items()}
        values["loss"].backward()
        return added(crew, parameters, {name: value.detach() for name, value in values.items()})

    def show(step: int) -> None:
        pipe = pipeline(vae, encoder, tokenizer, model)
        with torch.no_grad():
            sample_sheet(pipe, out / f"sheet_{step:06d}.png")
        export(pipe, out / "pipeline")

    plain_attention(model)
    encoder.train()
    model.train()
    fit(
        {"unet": model, "text": encoder}, loss, out=out, config=fitting, sample=show, differentiated=True,
        writes=crew.is_main_process,
    )  # fmt: skip
    if crew.is_main_process:
        show(0)
    return out / "pipeline"


def _millions(module: torch.nn.Module) -> str:
    return f"{sum(p.numel() for p in module.parameters()) / 1e6:.2f} M parameters"


def main() -> None:
    """Train the bundled picture model on painted pictures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=None, help="train exactly so many steps instead")
    parser.add_argument("--count", type=int, default=5000, help="pictures to learn from")
    parser.add_argument("--size", type=int, default=SIZE_PX, choices=(SIZE_PX // 2, SIZE_PX), help="pixels a side")
    parser.add_argument("--batch", type=int, default=ImageConfig.batch)
    parser.add_argument("--widths", type=int, nargs="+", default=ImageConfig.widths, help="of the UNet's levels")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="less for a second run")
    parser.add_argument("--start", type=Path, default=None, help="a pipeline directory whose weights to go on with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--autoencoder", type=Path, required=True, help="OUT of pipelines.pretrain.autoencoder")
    parser.add_argument("--pictures", type=Path, default=None, help="cache of painted pictures (default: OUT/pictures)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pictures = painted(options.pictures or options.out / "pictures", options.count, seed=options.seed)
    vae = AutoencoderTiny.from_pretrained(options.autoencoder / "vae").eval().requires_grad_(False)
    fitting = FitConfig(
        minutes=options.minutes, steps=options.steps, learning_rate=options.learning_rate, weight_decay=0.01,
        ema=0.995, beta2=0.99, flat_share=0.4, seed=options.seed, sample_every_share=0.25,
    )  # fmt: skip
    config = ImageConfig(batch=options.batch, widths=tuple(options.widths))
    shrink = SIZE_PX // options.size
    print(train(pictures, vae, config, fitting=fitting, out=options.out, shrink=shrink, start=options.start))


if __name__ == "__main__":
    main()
