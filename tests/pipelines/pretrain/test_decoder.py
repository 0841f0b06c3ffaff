"""The decoder that finishes what the UNet begins: what it learns from, what it leaves alone."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from core.fit import FitConfig
from pipelines.pretrain import decoder
from pipelines.pretrain.adversary import Critic, losses
from pipelines.pretrain.bundle import scheduler
from pipelines.pretrain.image import dataset
from pipelines.pretrain.pictures import Pictures

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def test_a_unet_that_knows_the_noise_draws_the_same_latents_again() -> None:
    """v = a e - s x, with a^2 + s^2 = 1; an oracle that knows x finds e in the noisy sample, at every time."""
    alphas, latents = scheduler().alphas_cumprod, torch.randn(2, 4, 8, 8)

    def oracle(sample: torch.Tensor, time: int, text: torch.Tensor, return_dict: bool) -> list[torch.Tensor]:
        signal, spread = alphas[time].sqrt(), (1 - alphas[time]).sqrt()
        noise = (sample - signal * latents) / spread
        return [signal * noise - spread * latents]

    for strides in (1, 3):
        again = decoder.redrawn(oracle, latents, torch.zeros(2, 1, 1), alphas, 400, strides=strides)
        assert torch.allclose(again, latents, atol=1e-3)


def test_latents_and_pixels_are_cropped_at_the_same_place(red_and_blue: Pictures) -> None:
    marks = torch.arange(32 * 32).reshape(1, 32, 32).float().repeat(3, 1, 1, 1)
    cut, real = decoder.crop_both(marks, red_and_blue, torch.tensor([0, 1, 2]), 64, torch.Generator().manual_seed(3))
    assert cut.shape == (3, 1, 8, 8)
    assert real.shape == (3, 3, 64, 64)
    for latent, pixels in zip(cut, real, strict=True):
        y, x = divmod(int(latent[0, 0, 0]), 32)
        white = (pixels[1] > 0).nonzero()
        inside = {(r, c) for r in range(8 * y, 8 * y + 64) for c in range(8 * x, 8 * x + 64)}
        wanted = {(r - 8 * y, c - 8 * x) for r, c in inside if 96 <= r < 160 and 96 <= c < 160}
        assert {(int(r), int(c)) for r, c in white} == wanted


def test_the_critic_and_the_painter_each_learn_from_their_own_loss_alone() -> None:
    torch.manual_seed(0)
    critic, made = Critic((3, 8, 8)), torch.randn(2, 3, 16, 16, requires_grad=True)
    said = losses(critic, made, torch.randn(2, 3, 16, 16))
    said["critic"].backward(retain_graph=True)
    assert made.grad is None
    assert all(p.grad is not None for p in critic.parameters())
    critic.zero_grad()
    (said["fool"] + said["match"]).backward()
    assert made.grad is not None
    assert made.grad.abs().sum() > 0
    assert all(p.grad is None for p in critic.parameters())


def test_a_critic_learns_to_tell_what_is_real() -> None:
    torch.manual_seed(0)
    critic, optimiser = (made := Critic((3, 8, 8))), torch.optim.Adam(made.parameters(), 1e-2)
    real, fake = torch.ones(4, 3, 16, 16), -torch.ones(4, 3, 16, 16)
    for _ in range(60):
        optimiser.zero_grad()
        said = losses(critic, fake, real)
        said["critic"].backward()
        optimiser.step()
    assert said["critic"] < 0.5  # 2 where it knows nothing
    assert critic(real)[-1].mean() > critic(fake)[-1].mean() + 1


def test_only_the_decoder_changes(
    small_pipeline: StableDiffusionPipeline, small_run: Path, red_and_blue: Pictures, tmp_path: Path
) -> None:
    data = dataset(red_and_blue, small_pipeline.vae, small_pipeline.tokenizer, small_run / "latents.npy")
    fitting = FitConfig(steps=12, learning_rate=3e-3, warmup_steps=2, ema=0.5, sample_every_share=2)
    drafts = decoder.Drafts(batch=2, crop_px=64)
    where = decoder.train(small_pipeline, red_and_blue, data, drafts, fitting=fitting, out=tmp_path)
    for part, file in (
        ("unet", "diffusion_pytorch_model"),
        ("text_encoder", "model"),
        ("vae", "diffusion_pytorch_model"),
    ):
        before, after = (load_file(d / part / f"{file}.safetensors") for d in (small_run / "pipeline", where))
        changed = {name for name in before if not torch.equal(before[name], after[name])}
        assert all(name.startswith("decoder.") for name in changed), part
        assert bool(changed) == (part == "vae")


def test_the_command_says_what_it_needs(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        decoder.main()
    assert "--pipeline" in capsys.readouterr().err
