"""A few pictures and an untrained picture model so small that a step takes milliseconds."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from core.fit import FitConfig
from pipelines.pretrain import bundle, image, networks
from pipelines.pretrain.autoencoder import AutoencoderConfig, build
from pipelines.pretrain.pictures import Pictures

SMALL = networks.ImageConfig(
    widths=(16, 16, 32, 32), head_width=16, text_width=32, text_layers=1, vocabulary=560, batch=4
)


@pytest.fixture(scope="session")
def red_and_blue() -> Pictures:
    """A hundred 256 px pictures, every other one red or blue with a white square, which say so."""
    pixels = np.zeros((100, 256, 256, 3), np.uint8)
    pixels[::2, ..., 0] = pixels[1::2, ..., 2] = 220
    pixels[:, 96:160, 96:160] = 255
    return Pictures((pixels,), (("a red picture", "red"), ("a blue picture", "blue")) * 50)


@pytest.fixture(scope="session")
def small_run(red_and_blue: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a short training of a small model leaves: `pipeline` and `latents.npy`."""
    out = tmp_path_factory.mktemp("small")
    torch.manual_seed(0)
    config = AutoencoderConfig(
        encoder_width=8, decoder_width=8, encoder_blocks=(0,) * 4, decoder_blocks=(0,) * 4, latent_channels=5
    )
    vae = build(config).eval().requires_grad_(False)
    fitting = FitConfig(steps=30, learning_rate=4e-3, warmup_steps=5, ema=0.8, sample_every_share=2)
    image.train(red_and_blue, vae, SMALL, fitting=fitting, out=out)
    return out


@pytest.fixture
def small_pipeline(small_run: Path) -> StableDiffusionPipeline:
    return bundle.loaded(small_run / "pipeline")
