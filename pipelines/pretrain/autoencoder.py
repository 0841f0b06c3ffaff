"""Train the small autoencoder whose latents the bundled diffusion model works in.

An AutoencoderTiny (the architecture of TAESD, https://github.com/madebyollin/taesd): plain convolutions and ReLU,
no normalisation, hence fast on a CPU. Pictures (B, 3, H, W) in [-1, 1] become latents (B, C, H/f, W/f).

Default initialisation collapses to grey within the minutes that a CPU affords. So three channels start as a path that
carries the colours: the first three latent channels of the untrained network are a blurred thumbnail of the picture and
the decoder enlarges it; training only has to add detail. Blocks are residual and start small for the same reason.

    python -m pipelines.pretrain.autoencoder --minutes 20 --pictures DIR --out DIR
"""

import argparse
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny
from PIL import Image
from torch import nn
from torch.nn import functional

from core.fit import FitConfig, fit
from core.precision import precision
from core.runtime import compute
from pipelines.pretrain import adversary
from pipelines.pretrain.pictures import SIZE_PX, Pictures, painted

HELD_OUT = 60
"""Pictures at the end of the training set that no gradient ever sees."""


@dataclass(frozen=True)
class AutoencoderConfig:
    """Widths and depths a stage; the number of stages minus one is log2 of the spatial factor f."""

    encoder_width: int = 32
    decoder_width: int = 48
    encoder_blocks: tuple[int, ...] = (0, 1, 2, 3)
    decoder_blocks: tuple[int, ...] = (4, 3, 2, 1)
    latent_channels: int = 4


def config_for(factor: int, latent_channels: int) -> AutoencoderConfig:
    """The configuration whose latents are `factor` times smaller than pictures: 8, or 16 with one more stage."""
    config = AutoencoderConfig(latent_channels=latent_channels)
    if factor == 8:
        return config
    return replace(config, encoder_blocks=(0, 1, 2, 3, 3), decoder_blocks=(4, 4, 3, 2, 1))


@dataclass(frozen=True)
class Batches:
    """`batch` crops of `crop_px`; latents get noise of `latent_noise`, so that the decoder forgives small errors."""

    batch: int = 4
    crop_px: int = 128
    latent_noise: float = 0.1
    fool: float = 0.0
    """Weight of the critic's word (pipelines.pretrain.adversary); 0 does without a critic."""
    decoder_only: bool = False
    """Leave the latents as they are, for a diffusion model that knows them already."""


def build(config: AutoencoderConfig) -> AutoencoderTiny:
    """An untrained autoencoder that already passes the colours through."""
    model = AutoencoderTiny(
        encoder_block_out_channels=(config.encoder_width,) * len(config.encoder_blocks),
        decoder_block_out_channels=(config.decoder_width,) * len(config.decoder_blocks),
        num_encoder_blocks=config.encoder_blocks,
        num_decoder_blocks=config.decoder_blocks,
        latent_channels=config.latent_channels,
    )
    _carry_colours(model)
    return model.to(memory_format=torch.channels_last)


def loaded(directory: Path) -> AutoencoderTiny:
    """A trained autoencoder in float32."""
    model = AutoencoderTiny.from_pretrained(directory, dtype=torch.float32)
    return model.to(memory_format=torch.channels_last)


def widened(model: AutoencoderTiny, latent_channels: int) -> AutoencoderTiny:
    """The same autoencoder with more latent channels, of which the new ones still hold next to nothing."""
    more = latent_channels - model.config.latent_channels
    if more <= 0:
        return model
    settings = {name: value for name, value in model.config.items() if not name.startswith("_")}
    wide = AutoencoderTiny.from_config(settings | {"latent_channels": latent_channels})
    weights = model.state_dict()
    last, first = f"encoder.layers.{len(model.encoder.layers) - 1}", "decoder.layers.0"
    fresh = {name: tensor for name, tensor in wide.state_dict().items() if name.startswith((last, first))}
    for name, tensor in fresh.items():
        axis = 1 if name == f"{first}.weight" else 0
        if tensor.shape != weights[name].shape:
            added = tensor.narrow(axis, tensor.shape[axis] - more, more)
            weights[name] = torch.cat([weights[name], 0.1 * added if axis else 6.0 * added], axis)
    wide.load_state_dict(weights)
    return wide.to(memory_format=torch.channels_last)


def _carry_colours(model: AutoencoderTiny) -> None:
    """Start three channels of every layer outside the residual blocks as identity, blur or enlargement."""
    from diffusers.models.autoencoders.vae import AutoencoderTinyBlock

    for module in model.modules():
        if isinstance(module, AutoencoderTinyBlock):
            layers = [m for m in module.conv if isinstance(m, nn.Conv2d)]
            for layer in layers:
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)
            layers[-1].weight.data.mul_(0.15)
            layers[-1].weight.data[:3] = 0.0  # nothing disturbs the colours until training finds what to add
    encoder = [m for m in model.encoder.layers if isinstance(m, nn.Conv2d)]
    decoder = [m for m in model.decoder.layers if isinstance(m, nn.Conv2d)]
    for layer in encoder[1:-1] + decoder[1:-1]:
        _pass_colours(layer, gain=1.0, bias=0.0, blur=True)
    _pass_colours(encoder[0], gain=1.0, bias=0.0)
    _pass_colours(encoder[-1], gain=4.0, bias=-2.0, others=6.0)  # [0, 1] -> [-2, 2], the range that diffusion likes
    _pass_colours(decoder[0], gain=0.28, bias=0.5)  # and back; a little over 1/4 undoes DecoderTiny's tanh
    _pass_colours(decoder[-1], gain=1.0, bias=0.0, others=0.2)


def _pass_colours(layer: nn.Conv2d, *, gain: float, bias: float, blur: bool = False, others: float = 1.0) -> None:
    nn.init.normal_(layer.weight, std=others / math.sqrt(layer.weight[0].numel()))
    kernel = torch.zeros(3, 3)
    kernel[1, 1] = 1.0
    if blur:
        row = torch.tensor([0.25, 0.5, 0.25])
        kernel = row[:, None] * row
    with torch.no_grad():
        for c in range(3):
            layer.weight[c].mul_(0.03)
            layer.weight[c, c].add_(gain * kernel)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
            layer.bias[:3] = bias


def reconstruction_loss(made: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
    """L1 on pixels, on their gradients (edges), on two coarser scales and on local crispness; both (B, 3, H, W) in
    [-1, 1].

    Pixel by pixel a blurred edge is the safest guess wherever its place is not quite known; crispness asks for as much
    contrast nearby as the painting has, wherever exactly.
    """
    error = made - real
    pixels = error.abs().mean()
    edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    coarse = sum(functional.avg_pool2d(error, k).abs().mean() for k in (2, 4))
    crisp = (crispness(made) - crispness(real)).abs().mean()
    total = pixels + edges + 0.5 * coarse + 0.5 * crisp
    return {"loss": total, "pixels": pixels, "edges": edges, "crispness": crisp}


def judged(
    made: torch.Tensor, real: torch.Tensor, critic: adversary.Critic | None, fool: float
) -> dict[str, torch.Tensor]:
    """The reconstruction loss, with a critic's opinion of weight `fool` added and the critic's own loss."""
    values = reconstruction_loss(made, real)
    if critic is None:
        return values
    with precision(made.device):
        said = adversary.losses(critic, made, real)
    told = fool * (said["fool"] + 4 * said["match"]) + said["critic"]
    return values | said | {"loss": values["loss"] + told}


def crispness(pictures: torch.Tensor) -> torch.Tensor:
    """Root mean square of the Laplacian of grey levels in cells of 8 px, (B, 1, H / 8, W / 8); pictures in [-1, 1]."""
    grey = pictures.mean(1, keepdim=True)
    inner = grey[..., 1:-1, 1:-1]
    laplacian = grey[..., :-2, 1:-1] + grey[..., 2:, 1:-1] + grey[..., 1:-1, :-2] + grey[..., 1:-1, 2:] - 4 * inner
    return (functional.avg_pool2d(laplacian.pow(2), 8, ceil_mode=True) + 1e-4).sqrt()


def psnr_db(made: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Peak signal-to-noise ratio of each picture in dB, shape (B,); both (B, 3, H, W) in [-1, 1]."""
    return -10 * torch.log10(((made.clamp(-1, 1) - real) / 2).pow(2).mean((1, 2, 3)))


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """uint8 (B, H, W, 3) -> float32 (B, 3, H, W) in [-1, 1], channels last in memory."""
    return (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
        memory_format=torch.channels_last
    )


def crops(pictures: Pictures, batches: Batches, generator: torch.Generator) -> torch.Tensor:
    """A batch of random crops, half of them mirrored; the held-out pictures are never touched."""
    px, rows = batches.crop_px, []
    for _ in range(batches.batch):
        index = int(torch.randint(len(pictures) - HELD_OUT, (1,), generator=generator))
        y, x, mirror = torch.randint(SIZE_PX - px + 1, (3,), generator=generator).tolist()
        crop = pictures[index][y : y + px, x : x + px]
        rows.append(crop[:, ::-1] if mirror % 2 else crop)
    return to_tensor(np.stack(rows))


def train(
    pictures: Pictures,
    config: AutoencoderConfig,
    batches: Batches,
    *,
    fitting: FitConfig,
    out: Path,
    start: Path | None = None,
) -> float:
    """Train, write `out/vae` (a diffusers directory) and `out/reconstructions.png`; returns the held-out PSNR in dB.

    `start` is the directory of an autoencoder whose weights to go on with.
    """
    torch.manual_seed(fitting.seed)
    model = widened(loaded(start), config.latent_channels) if start else build(config)
    model.encoder.requires_grad_(not batches.decoder_only)
    device = torch.device(compute().device)
    model.to(device)
    critic = adversary.Critic().to(device, memory_format=torch.channels_last) if batches.fool else None

    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        real = crops(pictures, batches, generator).to(device)
        with precision(device):
            latents = model.encode(real).latents
            noise = torch.randn(latents.shape, generator=generator).to(device)
            made = model.decode(latents + batches.latent_noise * noise).sample
        values = judged(made.float(), real, critic, batches.fool)
        spread = latents.float().pow(2).mean()
        return values | {"loss": values["loss"] + 2e-3 * spread, "latent_power": spread}

    def show(step: int) -> None:
        _show(model, pictures, out, step)
        export(model, pictures, out / "vae")

    modules = {"vae": model} | ({"critic": critic} if critic is not None else {})
    fit(modules, loss, out=out, config=fitting, sample=show)
    export(model, pictures, out / "vae")
    return _show(model, pictures, out, None)


def export(model: AutoencoderTiny, pictures: Pictures, directory: Path) -> None:
    """Write the model with the scaling factor that gives latents of the training set unit variance."""
    latents = torch.cat([encode(model, pictures, i, i + 8) for i in range(0, 64, 8)])
    model.register_to_config(scaling_factor=round(1 / latents.std().item(), 5))
    model.scaling_factor = model.config.scaling_factor
    model.save_pretrained(directory)
    for path in directory.iterdir():
        path.chmod(0o644)  # safetensors writes 0600, which another user's server cannot read


@torch.no_grad()
def encode(model: Any, pictures: Pictures, start: int, stop: int, *, shrink: int = 1) -> torch.Tensor:
    """Unscaled float32 latents (n, C, H/f, W/f) of pictures start..stop, made `shrink` times smaller first."""
    batch = to_tensor(np.stack([pictures[i] for i in range(start, stop)])).to(model.device)
    batch = functional.avg_pool2d(batch, shrink)
    with precision(model.device):
        return model.encode(batch).latents.float()


@torch.no_grad()
def _show(model: AutoencoderTiny, pictures: Pictures, out: Path, step: int | None) -> float:
    """Write held-out pictures above their reconstructions; returns the mean PSNR over the held-out ones."""
    scores, columns = [], []
    for start in range(len(pictures) - HELD_OUT, len(pictures), 10):
        real = to_tensor(np.stack([pictures[i] for i in range(start, start + 10)])).to(model.device)
        with precision(model.device):
            made = model.decode(model.encode(real).latents).sample.float()
        scores.append(psnr_db(made, real))
        columns.append(torch.cat([real[0], made[0].clamp(-1, 1)], 1))
    score = float(torch.cat(scores).mean())
    print(f"step {step}: held-out PSNR {score:.2f} dB", flush=True)
    sheet = ((torch.cat(columns, 2).permute(1, 2, 0) + 1) * 127.5).round().byte().cpu().numpy()
    Image.fromarray(sheet).save(out / "reconstructions.png")
    return score


def main() -> None:
    """Train the autoencoder of the bundled picture model."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--steps", type=int, default=None, help="train exactly so many steps instead")
    parser.add_argument("--count", type=int, default=2000, help="pictures to learn from")
    parser.add_argument("--learning-rate", type=float, default=1.5e-3, help="less for a second run")
    parser.add_argument(
        "--start", type=Path, default=None, help="an autoencoder's directory, to go on with its weights"
    )
    parser.add_argument("--factor", type=int, choices=(8, 16), default=8, help="pixels to a latent's side")
    parser.add_argument("--latent-channels", type=int, default=AutoencoderConfig.latent_channels)
    parser.add_argument("--fool", type=float, default=0.0, help="weight of a critic, for a last run (try 0.05)")
    parser.add_argument("--decoder-only", action="store_true", help="keep the latents as they are")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=Path, default=None, help="cache of painted pictures (default: OUT/pictures)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pictures = painted(options.pictures or options.out / "pictures", options.count, seed=options.seed)
    fitting = FitConfig(
        minutes=options.minutes, steps=options.steps, learning_rate=options.learning_rate, weight_decay=1e-4, ema=0.995,
        flat_share=0.3, beta2=0.99, seed=options.seed,
    )  # fmt: skip
    batches = Batches(fool=options.fool, decoder_only=options.decoder_only)
    config = config_for(options.factor, options.latent_channels)
    train(pictures, config, batches, fitting=fitting, out=options.out, start=options.start)


if __name__ == "__main__":
    main()
