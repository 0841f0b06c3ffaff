"""Distil the bundled picture model into few steps: a LoRA beside it, as LCM-LoRA is beside Stable Diffusion 1.5.

Progressive distillation (Salimans and Ho 2022, https://arxiv.org/abs/2202.00512, appendix G) of a guided teacher (Meng
et al. 2023, https://arxiv.org/abs/2210.03142), in one stage and at any time: with z noisy at t, the teacher takes
`strides` short steps of DDIM under guidance to z' at t' = t - T / steps, and the student shall come there in one step,

    x = (z' - s'/s z) / (a' - s'/s a),   v = (a z - x) / s,   loss = w(t) |student(z, t) - v|^2

with a^2 the signal's power and s^2 the noise's. The teacher is the base, which does not change, so nothing can drift;
guidance goes into the weights, so a step is one evaluation. Pictures are drawn with the base's own DPM-Solver++: of the
second order, it gives back the crispness that a chord of the teacher's path has less of (measured: evaluation/LOG.md).

    python -m pipelines.pretrain.distillation --pipeline DIR --latents latents.npy --pictures DIR --minutes 12 --out DIR
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from core.fit import FitConfig, fit
from core.precision import plain_attention
from pipelines.pretrain.bundle import sample_sheet, scheduler
from pipelines.pretrain.diffusion import noised, stepped, velocity, weighed
from pipelines.pretrain.image import Dataset, drawn, later_run, learned

TARGETS = [
    "to_q",
    "to_k",
    "to_v",
    "to_out.0",
    "conv1",
    "conv2",
    "conv_shortcut",
    "proj_in",
    "proj_out",
    "time_emb_proj",
]


@dataclass(frozen=True)
class Distillation:
    """`steps` of the student, each as many as `strides` of the teacher under `guidance`."""

    rank: int = 16
    batch: int = 16
    steps: int = 8
    strides: int = 2
    guidance: float = 2.5
    drop_caption: float = 0.1


@dataclass(frozen=True)
class Sampling:
    """How pictures are drawn with the adapter: what `sampling.json` beside it says."""

    steps: int = Distillation.steps
    guidance: float = 1.0
    scheduler: str = "own"


def velocity_between(
    noisy: torch.Tensor, after: torch.Tensor, alpha: torch.Tensor, alpha_after: torch.Tensor
) -> torch.Tensor:
    """The velocity that takes `noisy` at signal power `alpha` (under 1) to `after` in one step of DDIM."""
    share = ((1 - alpha_after) / (1 - alpha)).sqrt()
    clean = (after - share * noisy) / (alpha_after.sqrt() - share * alpha.sqrt())
    return (alpha.sqrt() * noisy - clean) / (1 - alpha).sqrt()


class Course:
    """The loss of one step; the teacher is the student's UNet with the adapter switched off."""

    def __init__(self, pipe: Any, data: Dataset, settings: Distillation) -> None:
        self.unet, self.encoder, self.data, self.settings = pipe.unet, pipe.text_encoder, data, settings
        self.device = pipe.unet.device
        self.alphas = scheduler().alphas_cumprod.to(self.device)
        with torch.no_grad():
            self.silence = self.encoder(data.silence[None].to(self.device)).last_hidden_state

    def __call__(self, step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        settings, n = self.settings, len(self.alphas)
        lessons = drawn(self.data, generator, batch=settings.batch, drop_caption=settings.drop_caption, times=n)
        lessons = lessons.to(self.device)
        times = lessons.times.clamp(min=n // (2 * settings.steps))
        alpha = self._power(times)
        noisy = noised(lessons.latents, lessons.noise, alpha)
        with torch.no_grad():
            text = self.encoder(lessons.ids).last_hidden_state
            after = self._taught(noisy, times, text)
            wanted = velocity_between(noisy, after, alpha, self._power(times - n // settings.steps))
        return weighed(velocity(self.unet, noisy, times, text) - wanted, alpha)

    def _taught(self, noisy: torch.Tensor, times: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """Where the guided teacher comes to from `noisy` at `times` in one step of the student."""
        n, strides = len(self.alphas), self.settings.strides
        both = torch.cat([text, self.silence.expand_as(text)])
        self.unet.disable_adapters()
        for stride in range(strides):
            now, after = (times - n * k // (self.settings.steps * strides) for k in (stride, stride + 1))
            said, unsaid = velocity(self.unet, noisy.repeat(2, 1, 1, 1), now.clamp(min=0).repeat(2), both).chunk(2)
            guided = unsaid + self.settings.guidance * (said - unsaid)
            moved = stepped(noisy, guided, self._power(now), self._power(after))
            noisy = torch.where((now >= 0)[:, None, None, None], moved, noisy)  # who has arrived stays
        self.unet.enable_adapters()
        return noisy

    def _power(self, times: torch.Tensor) -> torch.Tensor:
        """The signal's power (B, 1, 1, 1) at `times` (B,); before the first there is no noise."""
        return torch.where(times >= 0, self.alphas[times.clamp(min=0)], 1.0)[:, None, None, None]


def train(pipe: Any, data: Dataset, settings: Distillation, *, fitting: FitConfig, out: Path) -> Path:
    """Train the adapter; writes sheets of the student's and half its steps and `out/few_steps`; returns the latter."""
    torch.manual_seed(fitting.seed)
    for part in (pipe.unet, pipe.text_encoder, pipe.vae):
        part.requires_grad_(False)
    plain_attention(pipe.unet)  # as when it was trained
    config = LoraConfig(r=settings.rank, lora_alpha=settings.rank, target_modules=TARGETS, init_lora_weights="gaussian")
    pipe.unet.add_adapter(config, adapter_name="few_steps")
    sampling = Sampling(steps=settings.steps)

    def show(step: int) -> None:
        with torch.no_grad():
            for steps in (settings.steps // 2, settings.steps):
                sample_sheet(pipe, out / f"sheet_{step:06d}_{steps}.png", steps=steps, guidance=sampling.guidance)
        save(pipe, config, sampling, out / "few_steps")

    fit({"unet": pipe.unet}, Course(pipe, data, settings), out=out, config=fitting, sample=show)
    show(0)
    return out / "few_steps"


def save(pipe: Any, config: LoraConfig, sampling: Sampling, folder: Path) -> None:
    """The adapter in float16 as plain diffusers loads it, and how to sample with it, readable by everybody."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = get_peft_model_state_dict(pipe.unet, adapter_name="few_steps")
    StableDiffusionPipeline.save_lora_weights(
        folder,
        unet_lora_layers={name: weight.half().contiguous() for name, weight in weights.items()},
        unet_lora_adapter_metadata={"r": config.r, "lora_alpha": config.lora_alpha, "target_modules": TARGETS},
    )
    (folder / "sampling.json").write_text(json.dumps(asdict(sampling)) + "\n")
    for path in folder.iterdir():
        path.chmod(0o644)


def main() -> None:
    """Distil the bundled picture model into few steps."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--guidance", type=float, default=Distillation.guidance, help="what goes into the weights")
    parser.add_argument("--student-steps", type=int, default=Distillation.steps, help="steps that a picture will take")
    options = later_run(parser)
    pipe, _, data = learned(options)
    fitting = FitConfig(
        minutes=options.minutes, steps=options.steps, learning_rate=5e-4, weight_decay=0.0, ema=0.98, beta2=0.99,
        flat_share=0.5, seed=options.seed, sample_every_share=0.25, warmup_steps=20,
    )  # fmt: skip
    settings = Distillation(guidance=options.guidance, steps=options.student_steps)
    print(train(pipe, data, settings, fitting=fitting, out=options.out))


if __name__ == "__main__":
    main()
