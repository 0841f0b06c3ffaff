"""How fast the full-size Stable Diffusion 1.5 paints through the verb, beside plain diffusers: random weights, 512 px.

    OMP_NUM_THREADS=2 python -m evaluation.picture_speed [--whole] [--steps 2 4 6]

Ours is a warm call of `illustrate` with LCM-LoRA and TAESD at hand. Plain is StableDiffusionPipeline as it comes: 50
steps (its scheduler takes 51), guidance 7.5 (two evaluations of the UNet a step), float32, the full decoder. Of the
plain picture a few steps are timed, turn about with ours, and the rest is calculated: every step is the same work.
--whole paints all of it. Machines are shared and differ: the ratio counts, from the same call. Time by the clock is
that of the machine as it is; processor time (of all threads together) is the work, whoever else wants the cores.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Cancelled
from core.models import LOADED, resolve
from core.runtime import share_cores
from core.types import ImageRequest
from evaluation import results
from evaluation.full_size import Folders, Size, write

PROMPT = "ocean waves and a low sun"
PLAIN_STEPS, PLAIN_GUIDANCE = 50, 7.5
TIMES_FASTER = 60
"""What is asked of four steps."""


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock and of the processor."""

    wall_s: float
    cpu_s: float


class Watch:
    """A stopwatch that starts when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """Since the start."""
        return Spent(time.perf_counter() - self._wall, time.process_time() - self._cpu)


@dataclass
class PlainTimes:
    """A plain picture's parts: up to its first step, each of its `n_steps` steps, and from latents to pixels."""

    n_steps: int = 0
    words: list[Spent] = field(default_factory=list)
    steps: list[Spent] = field(default_factory=list)
    decodings: list[Spent] = field(default_factory=list)

    @property
    def picture(self) -> Spent:
        """A whole picture, calculated."""
        words, step, decoding = (median(part) for part in (self.words, self.steps, self.decodings))
        return Spent(
            words.wall_s + self.n_steps * step.wall_s + decoding.wall_s,
            words.cpu_s + self.n_steps * step.cpu_s + decoding.cpu_s,
        )


def median(times: Sequence[Spent]) -> Spent:
    """The median of each column."""
    return Spent(statistics.median(s.wall_s for s in times), statistics.median(s.cpu_s for s in times))


@dataclass(frozen=True)
class Comparison:
    """Our pictures by their number of steps (each call), the plain one's parts, and its whole if it was painted."""

    size_px: int
    threads: int
    dtype: str
    ours: dict[int, list[Spent]]
    plain: PlainTimes
    whole: Spent | None

    @property
    def plain_picture(self) -> Spent:
        return self.whole or self.plain.picture

    def times_faster(self, steps: int) -> float:
        """How many of our pictures of so many steps take the time of a plain one, by the clock."""
        return self.plain_picture.wall_s / median(self.ours[steps]).wall_s

    def times_less_work(self, steps: int) -> float:
        """The same of processor time."""
        return self.plain_picture.cpu_s / median(self.ours[steps]).cpu_s


def compare(folders: Folders, *, steps: Sequence[int], plain_steps: int, rounds: int, whole: bool) -> Comparison:
    """Paint by turns: ours in each number of steps, then a part of a plain picture, `rounds` times."""
    import torch

    from pipelines.illustrate import warm
    from pipelines.picture_model import picture_model

    _use(folders)
    warm()
    plain, times = _plain_pipeline(folders), PlainTimes()
    ours: dict[int, list[Spent]] = {n: [] for n in steps}
    _paint(min(steps))  # the first call prepares the layers
    for _ in range(rounds):
        for n in steps:
            ours[n].append(_paint(n))
        _paint_partly(plain, plain_steps, times)
        _decode(plain, times)
    model = picture_model(resolve("image"))
    painted = _paint_whole(plain) if whole else None
    dtype = str(model.pipe.dtype).removeprefix("torch.")
    return Comparison(model.native_px, torch.get_num_threads(), dtype, ours, times, painted)


def _use(folders: Folders) -> None:
    os.environ["SYNTHESETE_IMAGE_MODEL"] = str(folders.pipeline)
    os.environ["SYNTHESETE_IMAGE_LCM"] = str(folders.lcm)
    os.environ["SYNTHESETE_IMAGE_DECODER"] = str(folders.decoder)
    LOADED.clear()  # what was loaded before would take memory


def _paint(steps: int) -> Spent:
    from pipelines.illustrate import illustrate

    watch = Watch()
    illustrate(ImageRequest(PROMPT, seed=1, steps=steps))
    return watch.spent()


def _plain_pipeline(folders: Folders) -> Any:
    import torch
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folders.pipeline, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _paint_partly(pipe: Any, steps: int, times: PlainTimes) -> None:
    """The first `steps` steps of a plain picture; its first step stands with the words, for it also prepares."""
    watches, lasted = [Watch()], list[Spent]()

    def stepped(_: Any, step: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        lasted.append(watches[-1].spent())
        watches.append(Watch())
        if step == steps:
            raise Cancelled
        return tensors

    try:
        pipe(PROMPT, num_inference_steps=PLAIN_STEPS, guidance_scale=PLAIN_GUIDANCE, callback_on_step_end=stepped)
    except Cancelled:
        times.n_steps = len(pipe.scheduler.timesteps)
    step = median(lasted[1:])
    times.steps += lasted[1:]
    first = lasted[0]
    times.words.append(Spent(max(0.0, first.wall_s - step.wall_s), max(0.0, first.cpu_s - step.cpu_s)))


def _decode(pipe: Any, times: PlainTimes) -> None:
    import torch

    side = pipe.unet.config.sample_size
    watch = Watch()
    with torch.no_grad():
        pipe.vae.decode(torch.randn(1, 4, side, side) / pipe.vae.config.scaling_factor)
    times.decodings.append(watch.spent())


def _paint_whole(pipe: Any) -> Spent:
    watch = Watch()
    pipe(PROMPT, num_inference_steps=PLAIN_STEPS, guidance_scale=PLAIN_GUIDANCE)
    return watch.spent()


def table(made: Comparison) -> str:
    """The figures in Markdown, with what they were measured on."""
    import torch

    plain = made.plain
    said = "painted whole" if made.whole else f"calculated from {len(plain.steps)} timed steps of {plain.n_steps}"
    calls = min(len(each) for each in made.ours.values())
    lines = [
        f"`python -m evaluation.picture_speed`, commit {results.commit()}, {made.threads} threads, torch "
        f"{torch.__version__}, {made.size_px} px, random weights, seed 1, warm, medians of {calls} calls.",
        "",
        "| Stable Diffusion 1.5 | seconds a picture | times faster | processor seconds | times less |",
        "|---|---|---|---|---|",
        f"| plain diffusers: {PLAIN_STEPS} steps, guidance {PLAIN_GUIDANCE}, float32, full decoder; {said} | "
        f"{made.plain_picture.wall_s:.0f} | 1 | {made.plain_picture.cpu_s:.0f} | 1 |",
    ]
    for steps, each in made.ours.items():
        ours = median(each)
        lines.append(
            f"| `illustrate`: LCM-LoRA, {steps} steps, {made.dtype}, TAESD | {ours.wall_s:.1f} | "
            f"{made.times_faster(steps):.0f} | {ours.cpu_s:.1f} | {made.times_less_work(steps):.0f} |"
        )
    parts = [f"{s.wall_s:.2f} s ({s.cpu_s:.2f} s)" for s in map(median, (plain.words, plain.steps, plain.decodings))]
    lines += ["", "The plain picture's parts: words {}, a step {}, decoding {}.".format(*parts)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation.picture_speed", description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, nargs="+", default=[2, 4, 6], help="numbers of our steps to time")
    parser.add_argument("--plain-steps", type=int, default=2, help="steps of the plain picture to time a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="paint the plain picture to its end: takes long")
    parser.add_argument("--weights", type=Path, help="keep the 4 GB of random weights here, and use them again")
    args = parser.parse_args(arguments)
    share_cores()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.weights or Path(scratch) / "weights"
        folders = Folders.of(folder) if folder.exists() else write(folder, Size())
        made = compare(
            folders, steps=args.steps, plain_steps=args.plain_steps, rounds=args.rounds, whole=args.whole
        )  # fmt: skip
    print(table(made))
    print(f"\nAt least {TIMES_FASTER} times faster in 4 steps: {'met' if met(made) else 'NOT met'}.")


def met(made: Comparison) -> bool:
    """Whether four steps, where they were timed, are as much faster as asked."""
    return 4 in made.ours and made.times_faster(4) >= TIMES_FASTER


if __name__ == "__main__":
    main()
