"""Pixels of latents: the finished picture, and a rough one while it is painted.

A scheduler hands on latents that are still noisy, which show nothing until the end. Most schedulers know in every
step what they expect the finished latents to be; `watch` keeps that, and a preview is a small decoding of it.
"""

from functools import wraps
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # the page asks for a model's limits through here, before torch is needed
    import torch

Pixels = npt.NDArray[np.uint8]


def watch(scheduler: Any) -> None:
    """Let `scheduler.expected` be what its last step expects of the finished latents; None where it does not say."""
    step = scheduler.step
    scheduler.expected = None

    @wraps(step)  # pipelines read its signature to learn whether it takes a generator
    def watched(*args: Any, **named: Any) -> Any:
        stepped = step(*args, **named)
        scheduler.expected = _expected(scheduler, stepped)
        return stepped

    scheduler.step = watched


def _expected(scheduler: Any, stepped: Any) -> "torch.Tensor | None":
    if isinstance(stepped, tuple) and len(stepped) > 1:
        return stepped[1]
    if scheduler.config.get("algorithm_type") == "dpmsolver++":  # keeps it for its next step
        return scheduler.model_outputs[-1]
    return None


def decode(vae: Any, latents: "torch.Tensor") -> Pixels:
    """uint8 pixels (B, 8 h, 8 w, 3) of latents (B, C, h, w) on the autoencoder's device."""
    import torch

    if vae.dtype == torch.float16 and vae.config.force_upcast:
        vae.to(torch.float32)  # XL's large decoder overflows in half; painting from a picture sets it back
    scaled = latents.to(vae.dtype) / vae.config.scaling_factor
    with torch.inference_mode():
        pixels = vae.decode(scaled).sample.float().div(2).add(0.5).clamp(0, 1).permute(0, 2, 3, 1)
    return np.asarray((pixels * 255).round().cpu(), np.uint8)


def preview(vae: Any, latents: "torch.Tensor", *, times_smaller: int) -> Pixels:
    """uint8 pixels of the latents (B, C, h, w), each (8 h / times_smaller, 8 w / times_smaller, 3), side by side."""
    import torch

    return tiled(decode(vae, torch.nn.functional.avg_pool2d(latents.float(), times_smaller, ceil_mode=True)))


def tiled(pictures: Pixels) -> Pixels:
    """(n, h, w, 3) as one picture (rows x h, columns x w, 3) in reading order; places left over are black."""
    n, height, width, _ = pictures.shape
    columns = ceil(sqrt(n))
    rows = ceil(n / columns)
    cells = np.zeros((rows * columns, height, width, 3), np.uint8)
    cells[:n] = pictures
    return cells.reshape(rows, columns, height, width, 3).swapaxes(1, 2).reshape(rows * height, columns * width, 3)
