"""A critic of patches, for decoders: it learns to tell paintings from what was decoded, and says how to look real.

Isola et al. 2017 (PatchGAN, https://arxiv.org/abs/1611.07004) with the hinge loss, and feature matching (Wang et al.
2018, https://arxiv.org/abs/1711.11585), which keeps so small a critic from leading astray. Pictures are (B, 3, H, W) in
[-1, 1].
"""

from itertools import pairwise

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional

WIDTHS = (3, 32, 64, 96)


class Critic(nn.Module):
    """Pictures -> features of every layer, the last being a logit a patch, (B, 1, H / 8, W / 8)."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        for low, high in pairwise(widths):
            norm = nn.Identity() if low == widths[0] else nn.GroupNorm(8, high)
            self.layers.append(nn.Sequential(nn.Conv2d(low, high, 4, 2, 1), norm, nn.LeakyReLU(0.2)))
        self.layers.append(nn.Conv2d(widths[-1], 1, 3, padding=1))

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        features = [pictures]
        for layer in self.layers:
            features.append(layer(features[-1]))
        return features[1:]


def losses(critic: Critic, made: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
    """`critic` trains the critic alone; `fool` and `match` whoever made the pictures alone.

    So one backward pass of their sum trains both: what the critic learns from is detached, and what it teaches with
    is a frozen copy of its weights.
    """
    of_real = critic(real)
    of_made = critic(made.detach())
    frozen = {name: weight.detach() for name, weight in critic.named_parameters()}
    seen = functional_call(critic, frozen, (made,))
    match = sum((a - b.detach()).abs().mean() for a, b in zip(seen[:-1], of_real[:-1], strict=True))
    return {
        "critic": functional.relu(1 - of_real[-1]).mean() + functional.relu(1 + of_made[-1]).mean(),
        "fool": -seen[-1].mean(),
        "match": torch.as_tensor(match) / (len(seen) - 1),
    }
