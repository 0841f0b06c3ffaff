"""How long a picture takes through the verb, beside plain diffusers with the same weights, in the same process.

The yardstick is what a person gets who loads the pipeline directory with `StableDiffusionPipeline` and asks for what
most do: 50 steps, guidance 7.5. Both paint the same prompts turn about, after a warm-up; figures are medians. Time of
the processor counts what an idle machine would spend; time by the clock is that of the machine as it is.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from core.runtime import cpu_generator
from core.types import ImageRequest
from pipelines.illustrate import illustrate

PLAIN_STEPS, PLAIN_GUIDANCE = 50, 7.5
PLAIN = f"plain diffusers, {PLAIN_STEPS} steps, guidance {PLAIN_GUIDANCE}"


@dataclass(frozen=True)
class Pace:
    """Median seconds a picture with so many threads, over `n` pictures of ours and `n_plain` of plain diffusers'."""

    threads: int
    n: int
    wall_s: float
    cpu_s: float
    n_plain: int
    plain_wall_s: float
    plain_cpu_s: float

    @property
    def times_faster(self) -> float:
        """Than plain diffusers, by time of the processor."""
        return self.plain_cpu_s / self.cpu_s


def pace(pipeline: Path, prompts: Sequence[str], *, threads: int, n_plain: int = 2) -> Pace:
    """Time one picture a prompt, and of the first `n_plain` also plain ones."""
    ours, plain = list[tuple[float, float]](), list[tuple[float, float]]()
    with using(threads):
        paint_plainly = plain_painter(pipeline)
        paint_plainly(prompts[0], 1)
        illustrate(ImageRequest(prompts[0]))
        for seed, prompt in enumerate(prompts):
            ours.append(_timed(partial(illustrate, ImageRequest(prompt, seed=seed))))
            if seed < n_plain:
                plain.append(_timed(partial(paint_plainly, prompt, PLAIN_STEPS)))
    walls, cpus = (statistics.median(each) for each in zip(*ours, strict=True))
    plain_walls, plain_cpus = (statistics.median(each) for each in zip(*plain, strict=True))
    return Pace(threads, len(ours), walls, cpus, len(plain), plain_walls, plain_cpus)


def plain_painter(pipeline: Path) -> Callable[[str, int], object]:
    """A function of prompt and steps that paints as diffusers does by itself."""
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(
        pipeline, safety_checker=None, requires_safety_checker=False, dtype=torch.float32
    )
    pipe.set_progress_bar_config(disable=True)

    def paint(prompt: str, steps: int) -> object:
        return pipe(
            prompt, num_inference_steps=steps, guidance_scale=PLAIN_GUIDANCE, generator=cpu_generator(0)
        ).images  # fmt: skip

    return paint


@contextmanager
def using(threads: int) -> Iterator[None]:
    """Let torch compute with so many threads within the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor
