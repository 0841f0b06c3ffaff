"""From a resolved request to pixels: the diffusion itself, watched step by step.

Noise comes from one CPU generator a picture, so a seed means the same picture on every device and in every batch.
With a layout the sampling starts from the clip's drawing under noise (SDEdit, Meng et al. 2021, arXiv 2108.01073).
Latents have the shape (n, 4, height / 8, width / 8).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from core.runtime import cpu_generator, free_bytes
from core.types import ImageRequest, OnPicture, Progress
from pipelines.framing import Frame
from pipelines.picture_model import PictureModel

Pixels = npt.NDArray[np.uint8]
PREVIEW_SHARE = 0.12
"""The share of the time that previews may take."""
MOST_AT_ONCE = 9
_BYTES_A_PIXEL = 6_000  # Stable Diffusion 1.5 in half precision with guidance: about 1.5 GB for 512 x 512


@dataclass(frozen=True)
class Start:
    """What a pipeline for pictures from pictures is told: so many `steps` in all, of which the last `taken` are."""

    steps: int
    taken: int

    @property
    def strength(self) -> float:
        """The share of the way that is painted. The pipeline truncates steps x strength, hence the half."""
        return min(1.0, (self.taken + 0.5) / self.steps)


def start(steps: int, layout_strength: float, *, most_steps: int) -> Start:
    """Where to set in so that 1 - `layout_strength` (over 0, under 1) of the way is painted, in about `steps` steps.

    Schedules are coarse when steps are few, so one step more is taken where that comes nearer. The first step is never
    taken: in it the drawing would count for nothing. A fine schedule may end at `most_steps` before it is fine enough.
    """
    wanted = 1 - layout_strength
    parted = [(taken, whole) for taken in (steps, steps + 1) for whole in (int(taken / wanted), ceil(taken / wanted))]
    choices = [Start(whole, taken) for taken, whole in parted if taken < whole <= most_steps]
    choices += [Start(most_steps, max(1, min(steps, round(wanted * most_steps), most_steps - 1)))]
    return min(choices, key=lambda way: (round(abs(way.taken / way.steps - wanted), 2), abs(way.taken - steps)))


def most_steps(model: PictureModel) -> int:
    """How many steps the model's schedule can be parted into."""
    settings = model.pipe.scheduler.config
    return int(settings.get("original_inference_steps") or settings.num_train_timesteps)


def at_once(model: PictureModel, made: Frame) -> int:
    """How many pictures to paint in one batch.

    A full-size model on a CPU paints one by one: a batch is no faster there, and a cancel would wait for all of a step.
    """
    if model.row.tier == "bundled":
        return MOST_AT_ONCE
    free = free_bytes("cuda") if model.pipe._execution_device.type == "cuda" else None
    fitting = int(0.7 * (free or 0) / (_BYTES_A_PIXEL * made.width_px * made.height_px))
    return max(1, min(MOST_AT_ONCE, fitting))


def sample(
    model: PictureModel,
    request: ImageRequest,
    seeds: Sequence[int],
    *,
    made: Frame,
    drawing: Pixels | None,
    progress: Progress,
    on_picture: OnPicture | None,
) -> Pixels:
    """One batch, uint8 (n, height, width, 3), a picture for every seed, of a request whose choices are all made.

    A `drawing`, uint8 (height, width, 3), is painted over from `request.layout_strength` of the way.
    """
    steps = request.steps or 1
    way = start(steps, request.layout_strength or 0.0, most_steps=most_steps(model)) if drawing is not None else None
    words: dict[str, Any] = {
        "prompt": [request.prompt] * len(seeds),
        "negative_prompt": [request.negative_prompt] * len(seeds),
        "guidance_scale": request.guidance,
        "generator": [cpu_generator(seed) for seed in seeds],
        "output_type": "latent",
        "callback_on_step_end": _watch(model, way.taken if way else steps, progress, on_picture),
    }
    if way is None or drawing is None:
        painted = model.pipe(**words, num_inference_steps=steps, height=made.height_px, width=made.width_px)
    else:
        from PIL import Image

        words |= {"num_inference_steps": way.steps, "strength": way.strength}
        painted = model.image_to_image(**words, image=Image.fromarray(drawing))
    return model.decode(painted.images)


def _watch(model: PictureModel, steps: int, progress: Progress, on_picture: OnPicture | None) -> Any:
    """What a pipeline calls after each step: tells the progress and shows the picture so far.

    A view is left out where, at the price of the dearest so far, it would take views over their share of the time; the
    last step has none, for the picture itself follows.
    """
    started, spent_s, dearest_s = time.monotonic(), 0.0, 0.0

    def stepped(_: Any, step: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        nonlocal spent_s, dearest_s
        done = min(step + 1, steps)  # PNDM takes one step more than it was asked for
        progress(done / (steps + 1), f"painting, step {done} of {steps}")
        before = time.monotonic()
        if on_picture and done < steps and spent_s + dearest_s <= PREVIEW_SHARE * (before - started):
            on_picture(model.preview(tensors["latents"]))
            spent_s += time.monotonic() - before
            dearest_s = max(dearest_s, time.monotonic() - before)
        return tensors

    return stepped
