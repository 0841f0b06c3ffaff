"""The loss of an adapter: that of its base (betas and prediction type), with min-SNR weights (arXiv 2303.09556).

Step k draws its pictures, times and noise from k alone, for all processes and pieces together; each computes its share
of them. So two GPUs, or a batch in four pieces, learn what one GPU with the whole batch learns, up to rounding.
Pictures come in epochs: each one once, shuffled anew.
"""

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DDPMScheduler
from diffusers.training_utils import compute_snr

from core.errors import UserError
from core.fit import step_seed
from core.precision import precision
from lora.adapter import Recipe
from lora.encoded import Encoded, text_states

_BETAS = ("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "rescale_betas_zero_snr")
_PREDICTIONS = ("epsilon", "v_prediction", "sample")


@dataclass(frozen=True)
class Draw:
    """Of one step: rows of the examples (B,), times (B,), noise (B, C, h, w), and whose caption is dropped (B,)."""

    rows: torch.Tensor
    times: torch.Tensor
    noise: torch.Tensor
    dropped: torch.Tensor

    def part(self, index: int, parts: int) -> "Draw":
        """Part `index` of `parts` as equal as can be."""
        cut = [tensor.tensor_split(parts)[index] for tensor in (self.rows, self.times, self.noise, self.dropped)]
        return Draw(*cut)


def training_schedule(scheduler: Any) -> DDPMScheduler:
    """The noise that the base was trained with, whichever sampler its directory names.

    Raises UserError for a scheduler without betas or with an unknown prediction type.
    """
    config = scheduler.config
    prediction = config.get("prediction_type", "epsilon")
    if "beta_schedule" not in config or prediction not in _PREDICTIONS:
        what = f"prediction type {prediction!r}" if "beta_schedule" in config else type(scheduler).__name__
        raise UserError(f"Adapters cannot be trained for {what}.", "Choose a Stable Diffusion 1.x base.")
    kept = {name: config[name] for name in _BETAS if name in config}
    return DDPMScheduler(prediction_type=prediction, **kept)


def draw(encoded: Encoded, schedule: Any, recipe: Recipe, *, step: int, generator: torch.Generator) -> Draw:
    """What step `step` learns from, on the CPU, as every device would draw it."""
    shape = (recipe.batch, *encoded.latents.shape[1:])
    return Draw(
        rows=rows_at(step, batch=recipe.batch, count=len(encoded)),
        times=torch.randint(schedule.config.num_train_timesteps, (recipe.batch,), generator=generator),
        noise=torch.randn(shape, generator=generator),
        dropped=torch.rand(recipe.batch, generator=generator) < recipe.drop_caption,
    )


def rows_at(step: int, *, batch: int, count: int) -> torch.Tensor:
    """The `batch` rows of step `step` in the endless row of epochs, each a shuffle of `count` examples."""
    places = torch.arange(step * batch, (step + 1) * batch)
    shuffles = {
        int(epoch): torch.randperm(count, generator=torch.Generator().manual_seed(step_seed(count, int(epoch))))
        for epoch in (places // count).unique()
    }
    return torch.stack([shuffles[int(place) // count][int(place) % count] for place in places])


def diffusion_loss(
    unet: Any, schedule: Any, encoded: Encoded, drawn: Draw, *, snr_gamma: float, text_encoder: Any = None
) -> dict[str, torch.Tensor]:
    """The min-SNR weighted loss of what was drawn, and the plain mean squared error.

    With a `text_encoder` (one that learns) the text states are made from the token ids.
    """
    device = encoded.latents.device
    rows, times, noise = drawn.rows.to(device), drawn.times.to(device), drawn.noise.to(device)
    clean, dropped = encoded.latents[rows], drawn.dropped.to(device)
    with precision(device):
        if text_encoder is None:
            texts = torch.where(dropped[:, None, None], encoded.empty, encoded.texts[rows])
        else:
            ids = torch.where(dropped[:, None], encoded.empty_ids, encoded.ids[rows])
            texts = text_states(text_encoder, ids)
        made = unet(schedule.add_noise(clean, noise, times), times, texts).sample
    target, weight = target_and_weight(schedule, clean, noise, times, snr_gamma)
    error = (made.float() - target).pow(2).mean((1, 2, 3))
    return {"loss": (weight * error).mean(), "mse": error.mean()}


def target_and_weight(
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
        case _:
            return clean, kept
