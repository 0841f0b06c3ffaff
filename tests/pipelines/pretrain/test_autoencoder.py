"""The autoencoder: colours from the first step, losses that mean what they say, an export that loads."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny

from core.fit import FitConfig
from corpus.captions import SCENES
from corpus.painter import SceneSpec, paint
from pipelines.pretrain import autoencoder
from pipelines.pretrain.autoencoder import (
    AutoencoderConfig,
    Batches,
    build,
    crops,
    encode,
    psnr_db,
    reconstruction_loss,
    to_tensor,
    train,
)
from pipelines.pretrain.pictures import Pictures

TINY = AutoencoderConfig(encoder_width=8, decoder_width=8, encoder_blocks=(0, 1, 1, 1), decoder_blocks=(1, 1, 1, 0))


@pytest.fixture(scope="module")
def few() -> Pictures:
    specs = [SceneSpec(scene, "amazement", "pop", 100.0) for scene in SCENES]
    pixels = np.stack([paint(spec, i, size_px=256) for i, spec in enumerate(specs)])
    return Pictures((pixels,), tuple(("a picture",) for _ in specs))


@torch.no_grad()
def test_an_untrained_autoencoder_already_carries_the_colours(few: Pictures) -> None:
    torch.manual_seed(0)
    real = to_tensor(np.stack([few[i] for i in range(4)]))
    ours, default = build(AutoencoderConfig()), AutoencoderTiny(latent_channels=4)
    scores = [psnr_db(model.decode(model.encode(real).latents).sample, real).mean() for model in (ours, default)]
    assert scores[0] > 16
    assert scores[0] > scores[1] + 3
    assert ours.encode(real).latents.shape == (4, 4, 32, 32)


def test_psnr_of_a_known_error() -> None:
    real = torch.zeros(2, 3, 8, 8)
    assert torch.allclose(psnr_db(real + 0.2, real), torch.tensor([20.0, 20.0]), atol=1e-4)


def test_the_loss_is_zero_for_the_same_picture_and_sees_edges() -> None:
    torch.manual_seed(0)
    real = torch.rand(1, 3, 16, 16) * 2 - 1
    assert reconstruction_loss(real, real)["loss"] == 0
    shifted, checked = real + 0.1, real + 0.1 * torch.tensor([1.0, -1.0]).repeat(8)
    assert reconstruction_loss(shifted, real)["edges"] < 1e-6
    assert reconstruction_loss(checked, real)["edges"] > 0.1


def test_held_out_pictures_are_never_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoencoder, "HELD_OUT", 2)
    pixels = np.zeros((5, 256, 256, 3), np.uint8)
    pixels[3:] = 255
    pictures = Pictures((pixels,), (("",),) * 5)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        assert crops(pictures, Batches(batch=4, crop_px=8), generator).max() == -1


def test_training_improves_and_exports_latents_of_unit_variance(
    few: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autoencoder, "HELD_OUT", 10)
    many = Pictures(tuple(few.shards) * 1, few.captions)
    monkeypatch.setattr(autoencoder, "encode", lambda model, pictures, start, stop: encode(model, many, 0, 8))
    torch.manual_seed(0)
    untrained = psnr_of(build(TINY), few)
    fitting = FitConfig(steps=40, learning_rate=3e-3, ema=0.8, sample_every_share=2)
    score = train(few, TINY, Batches(batch=4, crop_px=64), fitting=fitting, out=tmp_path)
    vae = AutoencoderTiny.from_pretrained(tmp_path / "vae")
    assert score > untrained + 0.5
    assert (encode(vae, few, 0, 8) * vae.config.scaling_factor).std().item() == pytest.approx(1, abs=0.05)
    assert (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").stat().st_mode & 0o044 == 0o044
    assert (tmp_path / "reconstructions.png").stat().st_size > 1000


@torch.no_grad()
def psnr_of(model: AutoencoderTiny, few: Pictures) -> float:
    real = to_tensor(np.stack([few[i] for i in range(5, 15)]))
    return float(psnr_db(model.decode(model.encode(real).latents).sample, real).mean())


@torch.no_grad()
def test_more_latent_channels_leave_the_first_ones_as_they_are(few: Pictures) -> None:
    torch.manual_seed(0)
    real, narrow = to_tensor(np.stack([few[i] for i in range(2)])), build(TINY)
    latents = narrow.encode(real).latents
    wide = autoencoder.widened(narrow, 8)
    assert torch.equal(wide.encode(real).latents[:, :4], latents)
    assert wide.encode(real).latents[:, 4:].std() > 0.01
    disturbed = (wide.decode(wide.encode(real).latents).sample - narrow.decode(latents).sample).abs().mean()
    assert disturbed < 0.15


def test_crispness_is_lost_in_a_blur_and_not_by_a_shift() -> None:
    torch.manual_seed(0)
    real = (torch.rand(1, 3, 64, 64) > 0.5).float() * 2 - 1
    blurred = torch.nn.functional.avg_pool2d(real, 3, stride=1, padding=1)
    wanted = autoencoder.crispness(real)
    assert wanted.shape == (1, 1, 8, 8)
    assert (autoencoder.crispness(blurred) < 0.5 * wanted).all()
    assert torch.allclose(autoencoder.crispness(real + 0.2), wanted, atol=1e-5)


def test_with_a_critic_only_the_decoder_learns_if_it_shall(few: Pictures, tmp_path: Path) -> None:
    many = Pictures((np.concatenate([few.shards[0]] * 5),), few.captions * 5)
    fitting = FitConfig(steps=4, learning_rate=1e-2, warmup_steps=1, ema=0.1, sample_every_share=2)
    torch.manual_seed(0)
    start = tmp_path / "start"
    build(TINY).save_pretrained(start)
    batches = Batches(batch=2, crop_px=64, fool=0.1, decoder_only=True)
    train(many, TINY, batches, fitting=fitting, out=tmp_path / "out", start=start)
    before, after = (autoencoder.loaded(d).state_dict() for d in (start, tmp_path / "out" / "vae"))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("decoder.") for name in changed)


@torch.no_grad()
@pytest.mark.parametrize("factor", [8, 16])
def test_latents_are_so_many_times_smaller_and_carry_colours_from_the_start(few: Pictures, factor: int) -> None:
    torch.manual_seed(0)
    real = to_tensor(np.stack([few[i] for i in range(2)]))
    model = build(autoencoder.config_for(factor, 4))
    latents = model.encode(real).latents
    assert latents.shape == (2, 4, 256 // factor, 256 // factor)
    assert psnr_db(model.decode(latents).sample, real).mean() > 14
