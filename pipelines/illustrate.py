"""Paint: ImageRequest -> GeneratedImage, by a Stable Diffusion pipeline with LoRA adapters.

One path serves both tiers: `core.models.resolve("image")` names a directory or a Hub id in the format of Stable
Diffusion, pipelines.picture_request makes the request definite, pipelines.sampling paints it. A model paints for one
client at a time; a second one waits for it and can be cancelled while it waits.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import UserError
from core.models import resolve
from core.runtime import MAX_SEED, turn
from core.types import GeneratedImage, ImageRequest, OnPicture, Progress, Provenance, no_progress
from pipelines import picture_request
from pipelines.adapting import adapters, worn
from pipelines.framing import Frame, frame
from pipelines.picture_model import PictureModel, picture_model
from pipelines.picture_request import MOST_VARIATIONS, bounds, resolved, within
from pipelines.sampling import Pixels, at_once, sample
from pipelines.upscaling import enlarged

__all__ = ["adapters", "illustrate", "limits", "variations", "warm"]


def illustrate(
    request: ImageRequest, *, progress: Progress = no_progress, on_picture: OnPicture | None = None
) -> GeneratedImage:
    """Paint one picture; the same request gives the same pixels.

    `progress` is called once a step and `on_picture` with rough views now and then; both may raise, which ends the job
    within that step and leaves the model usable. Raises UserError for a request outside the limits, for an adapter that
    is unknown or does not fit, for weights that cannot be loaded, and where a safety checker holds the picture back.
    """
    return variations(request, 1, progress=progress, on_picture=on_picture)[0]


def variations(
    request: ImageRequest, n: int, *, progress: Progress = no_progress, on_picture: OnPicture | None = None
) -> list[GeneratedImage]:
    """`n` pictures (1 to MOST_VARIATIONS) of the seeds from `request.seed` on, in batches that fit the memory.

    Each equals, up to rounding, what `illustrate` gives for its seed, and its request says that seed. Those that a
    safety checker holds back are left out, which the last progress tells; UserError where no other is left.
    """
    n = int(within("The number of variations", n, 1, MOST_VARIATIONS, whole=True))
    row = resolve("image")
    request = resolved(request, row)
    seeds = range(request.seed, int(within("The last seed", request.seed + n - 1, 0, MAX_SEED)) + 1)
    made = frame(request.size_px or 0, request.aspect, bounds(row).sides)
    drawing = _drawing(request, made)
    progress(0.0, "loading the picture model")
    model = picture_model(row)
    with turn(model.busy, progress, "waiting for another picture"), worn(model, request.adapters):
        return _paint(model, _Order(request, seeds, made, drawing), progress, on_picture)


def limits() -> dict[str, Any]:
    """What a request may ask of the present model and what it does unless told, as plain JSON; loads no weights."""
    return picture_request.limits(resolve("image"))


def warm() -> None:
    """Load the present picture model, so that the first picture does not wait for it."""
    picture_model(resolve("image"))


@dataclass(frozen=True)
class _Order:
    """A resolved request, the seeds to paint it with, its sides and what the painting starts from, if anything."""

    request: ImageRequest
    seeds: Sequence[int]
    made: Frame
    drawing: Pixels | None


def _drawing(request: ImageRequest, made: Frame) -> Pixels | None:
    """What the layout looks like; None where words alone decide."""
    if request.layout is None or not request.layout_strength:
        return None
    from pipelines.layout import draw

    return draw(request.layout, request.prompt, width_px=made.width_px, height_px=made.height_px)


def _paint(
    model: PictureModel, order: _Order, progress: Progress, on_picture: OnPicture | None
) -> list[GeneratedImage]:
    """Batch after batch, checked and made as large as was asked."""
    painted: list[GeneratedImage] = []
    n, size = len(order.seeds), at_once(model, order.made)
    for first in range(0, n, size):
        started, seeds = time.monotonic(), order.seeds[first : first + size]

        def part(fraction: float, what: str, first: int = first, n_here: int = len(seeds)) -> None:
            told = f"{what}, picture {first + 1} of {n}" if n > n_here else what
            progress((first + fraction * n_here) / n, told)

        pixels = _batch(model, order, seeds, part, on_picture)
        blocked = model.is_blocked(pixels) if model.has_safety_checker else [False] * len(seeds)
        seconds = (time.monotonic() - started) / len(seeds)
        painted += [
            _result(model, replace(order.request, seed=seed), one, seconds)
            for seed, one, is_blocked in zip(seeds, pixels, blocked, strict=True)
            if not is_blocked
        ]
    if not painted:
        raise UserError(
            f"The safety checker of {model.row.name} held {'this picture' if n == 1 else 'these pictures'} back.",
            "Change the words or the seed. On a machine of your own SYNTHESETE_SAFETY=off switches the checker off.",
        )
    held = n - len(painted)
    progress(1.0, f"painted; the safety checker held {held} of {n} pictures back" if held else "painted")
    return painted


def _batch(
    model: PictureModel, order: _Order, seeds: Sequence[int], progress: Progress, on_picture: OnPicture | None
) -> Pixels:
    """uint8 (n, height, width, 3). At full strength the drawing is the picture, and no model has a part in it."""
    import numpy as np

    if order.drawing is not None and order.request.layout_strength == 1:
        return np.stack([order.drawing] * len(seeds))
    return sample(
        model, order.request, seeds, made=order.made, drawing=order.drawing, progress=progress, on_picture=on_picture
    )


def _result(model: PictureModel, request: ImageRequest, pixels: Pixels, seconds: float) -> GeneratedImage:
    """`seconds` are those of one picture: of its share, where several were painted at once."""
    row = model.row
    source = Provenance(
        model=row.name, revision=row.revision, tier=row.tier, licence=row.licence,
        adapters=tuple(f"{name}:{weight:g}" for name, weight in request.adapters),
        device=model.pipe._execution_device.type, seconds_taken=round(seconds, 3), sampler=_sampler(model),
    )  # fmt: skip
    return GeneratedImage(enlarged(pixels, request.upscale), request, source)


def _sampler(model: PictureModel) -> str:
    """The scheduler by the name that other image tools know it by."""
    name = type(model.pipe.scheduler).__name__
    known = {"DPMSolverMultistepScheduler": "DPM++ 2M", "EulerDiscreteScheduler": "Euler", "DDIMScheduler": "DDIM",
             "EulerAncestralDiscreteScheduler": "Euler a", "LCMScheduler": "LCM", "PNDMScheduler": "PLMS"}  # fmt: skip
    return known.get(name, name.removesuffix("Scheduler"))
