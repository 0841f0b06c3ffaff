"""What every training of the picture model does with latents: noise, the UNet's velocity, a step of DDIM, the weight.

A velocity is that of Salimans and Ho (2022, https://arxiv.org/abs/2202.00512); signal power is the cumulative alpha, of
a shape that goes with latents (B, C, s, s). DDIM: Song et al. 2020, https://arxiv.org/abs/2010.02502, eq. 12 without
noise.
"""

from typing import Any

import torch

from core.precision import precision

SNR_LIMIT = 5.0


def noised(latents: torch.Tensor, noise: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    """Latents under noise, at signal power `power`."""
    return power.sqrt() * latents + (1 - power).sqrt() * noise


def velocity(unet: Any, noisy: torch.Tensor, times: torch.Tensor | int, text: torch.Tensor) -> torch.Tensor:
    """The velocity that the UNet sees in `noisy` at `times`, float32; `text` (B, TOKENS, width)."""
    with precision(noisy.device):
        made = unet(noisy.to(memory_format=torch.channels_last), times, text, return_dict=False)[0]
    return made.float()


def stepped(
    noisy: torch.Tensor, velocity: torch.Tensor, power: torch.Tensor, power_after: torch.Tensor
) -> torch.Tensor:
    """DDIM from signal power `power` to `power_after` along a velocity; at 1 the latents are clean."""
    clean = power.sqrt() * noisy - (1 - power).sqrt() * velocity
    noise = power.sqrt() * velocity + (1 - power).sqrt() * noisy
    return noised(clean, noise, power_after)


def weighed(error: torch.Tensor, power: torch.Tensor) -> dict[str, torch.Tensor]:
    """The loss of a velocity's `error` (B, C, s, s) at signal power `power` (B, 1, 1, 1), and its plain mean square.

    The weight is that of min-SNR with one added to its numerator (see pipelines.pretrain.image).
    """
    squared = error.pow(2).mean((1, 2, 3))
    snr = (power / (1 - power)).flatten()
    weight = (snr.clamp(max=SNR_LIMIT) + 1) / (snr + 1)
    return {"loss": (weight * squared).mean(), "v_error": squared.mean()}
