"""Several processes that train one model: accelerate tells who we are, and every step adds the gradients up.

The models here are small, so their gradients are added in one go after the last piece of a batch, without a wrapper
around the model. A lone process runs the same lines.
"""

from collections.abc import Iterable

import torch
from accelerate import Accelerator

from core.runtime import compute


def accelerator() -> Accelerator:
    """This process among those that `accelerate launch` or torchrun started, or alone; on `compute`'s device."""
    return Accelerator(cpu=compute().device == "cpu", mixed_precision="no")  # the loss chooses its own precision


def added(
    crew: Accelerator, parameters: Iterable[torch.nn.Parameter], losses: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Sum the gradients of `parameters`, in place, and the `losses` over the processes."""
    if crew.num_processes == 1:
        return losses
    slopes = [p.grad for p in parameters if p.grad is not None]
    values = torch.stack(list(losses.values())).to(crew.device)
    flat = crew.reduce(torch.cat([values, *(slope.flatten() for slope in slopes)]), "sum")
    start = len(values)
    for slope in slopes:
        slope.copy_(flat[start : start + slope.numel()].view_as(slope))
        start += slope.numel()
    return {name: flat[i].cpu() for i, name in enumerate(losses)}
