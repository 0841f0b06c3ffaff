"""Distillation into few steps: identities of its targets, and an adapter that plain diffusers loads."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from peft import LoraConfig

from core.fit import FitConfig
from pipelines.pretrain import distillation
from pipelines.pretrain.bundle import loaded, scheduler
from pipelines.pretrain.diffusion import stepped
from pipelines.pretrain.distillation import Course, Distillation, velocity_between
from pipelines.pretrain.image import dataset
from pipelines.pretrain.pictures import Pictures

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def mixed(alpha: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Latents, noise, their mixture at signal power `alpha`, its true v, and alpha (1, 1, 1, 1)."""
    power = torch.full((1, 1, 1, 1), alpha)
    latents, noise = torch.randn(2, 1, 4, 8, 8).unbind()
    return (
        latents, noise, power.sqrt() * latents + (1 - power).sqrt() * noise,
        power.sqrt() * noise - (1 - power).sqrt() * latents, power,
    )  # fmt: skip


def test_a_step_goes_along_the_true_path() -> None:
    latents, noise, noisy, velocity, power = mixed(0.2)
    after = torch.full((1, 1, 1, 1), 0.7)
    wanted = after.sqrt() * latents + (1 - after).sqrt() * noise
    assert torch.allclose(stepped(noisy, velocity, power, after), wanted, atol=1e-5)
    assert torch.allclose(stepped(noisy, velocity, power, torch.ones_like(after)), latents, atol=1e-5)


@pytest.mark.parametrize(("alpha", "after"), [(0.0, 0.1), (0.3, 0.6), (0.9, 1.0)])
def test_the_students_velocity_comes_where_the_teacher_came(alpha: float, after: float) -> None:
    *_, power = mixed(alpha)
    noisy, velocity, goal = torch.randn(3, 1, 4, 8, 8).unbind()
    there = torch.full((1, 1, 1, 1), after)
    assert torch.allclose(stepped(noisy, velocity_between(noisy, goal, power, there), power, there), goal, atol=1e-4)
    one = stepped(noisy, velocity, power, there)
    assert torch.allclose(velocity_between(noisy, one, power, there), velocity, atol=1e-4)


def test_the_student_steps_as_diffusers_does() -> None:
    ours = DDIMScheduler.from_config(scheduler().config, clip_sample=False)
    ours.set_timesteps(8)
    times, alphas = ours.timesteps.tolist(), scheduler().alphas_cumprod
    assert times == [999, 874, 749, 624, 499, 374, 249, 124], "one eighth of the way each"
    for now in times:
        noisy, velocity = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
        power, after = (torch.full((1, 1, 1, 1), float(alphas[t]) if t >= 0 else 1.0) for t in (now, now - 125))
        made = ours.step(velocity, now, noisy).prev_sample
        # ours has 6e-8 of signal at first
        assert torch.allclose(made, stepped(noisy, velocity, power, after), atol=2e-3), now


def test_a_student_that_is_the_teacher_errs_only_by_the_length_of_its_steps(
    small_pipeline: StableDiffusionPipeline, small_run: Path, red_and_blue: Pictures
) -> None:
    """Without guidance and with one stride a step the target is the teacher's own velocity."""
    data = dataset(red_and_blue, small_pipeline.vae, small_pipeline.tokenizer, small_run / "latents.npy")
    small_pipeline.unet.add_adapter(LoraConfig(r=2, target_modules=["to_q"]), adapter_name="few_steps")
    errors = []
    for strides, guidance in ((1, 1.0), (4, 1.0), (1, 6.0)):
        course = Course(small_pipeline, data, Distillation(strides=strides, guidance=guidance, batch=8))
        errors.append(float(course(0, torch.Generator().manual_seed(0))["loss"].detach()))
    assert errors[0] < 1e-3
    assert min(errors[1:]) > 2 * errors[0]


def test_the_adapter_changes_few_step_pictures_and_loads_in_plain_diffusers(
    small_pipeline: StableDiffusionPipeline, small_run: Path, red_and_blue: Pictures, tmp_path: Path
) -> None:
    data = dataset(red_and_blue, small_pipeline.vae, small_pipeline.tokenizer, small_run / "latents.npy")
    fitting = FitConfig(steps=8, learning_rate=5e-3, warmup_steps=2, ema=0.5, sample_every_share=2)
    settings = Distillation(rank=4, batch=4)
    kept = {name: p.detach().clone() for name, p in small_pipeline.unet.named_parameters()}
    folder = distillation.train(small_pipeline, data, settings, fitting=fitting, out=tmp_path)
    after = {name.replace(".base_layer", ""): p for name, p in small_pipeline.unet.named_parameters()}
    assert all(torch.equal(p, after[name]) for name, p in kept.items())  # the base is frozen
    assert json.loads((folder / "sampling.json").read_text()) == {"steps": 8, "guidance": 1.0, "scheduler": "own"}
    fresh = loaded(small_run / "pipeline")
    before = painted(fresh)
    fresh.load_lora_weights(folder, adapter_name="few_steps")
    assert np.abs(painted(fresh) - before).mean() > 1e-3
    assert {len(module.lora_A) for module in fresh.unet.modules() if hasattr(module, "lora_A")} == {1}


def painted(pipe: StableDiffusionPipeline) -> np.ndarray:
    made = pipe(
        "a red picture", num_inference_steps=4, guidance_scale=1.0, generator=torch.Generator().manual_seed(1),
        output_type="np",
    )  # fmt: skip
    return np.asarray(made.images[0])
