"""How long a training run will take and how much memory, from a few real steps; told before it starts.

One picture and then a few are pushed through forward and backward: what each more costs says what a whole piece of a
batch will need, so that a batch which does not fit is refused in words and not by the system. Then two steps are timed.
No weight changes.
"""

import math
import time
from dataclasses import dataclass

import torch

from core.errors import UserError
from core.fit import FitConfig, step_seed
from lora import memory
from lora.objective import draw
from lora.steps import Steps

_TRIED = 3
"""Pictures in the larger trial."""


@dataclass(frozen=True)
class Estimate:
    """Seconds for a step and for a sample sheet; the steps and epochs of the budget; MB at the highest and in all."""

    step_s: float
    sheet_s: float
    steps: int
    epoch_steps: int
    sheets: int
    peak_mb: float | None
    room_mb: float | None

    @property
    def minutes(self) -> float:
        return (self.steps * self.step_s + self.sheets * self.sheet_s) / 60

    def sentence(self) -> str:
        """What the person reads before training starts."""
        epochs = self.steps / self.epoch_steps
        said = (
            f"{self.steps} steps ({epochs:.1f} epochs) in about {self.minutes:.1f} minutes: {self.step_s:.2f} s a step"
        )
        if self.sheets:
            said += f", {self.sheets} sample sheets of {self.sheet_s:.1f} s"
        if self.peak_mb is not None:
            said += f". Memory: {self.peak_mb:,.0f} MB at the highest"
            said += f" of {self.room_mb:,.0f} MB" if self.room_mb is not None else ""
        return said + "."


def epoch_steps(examples: int, batch: int) -> int:
    """Steps in which every example is seen once."""
    return max(1, math.ceil(examples / batch))


def needed_mb(steps: Steps) -> float | None:
    """Memory of this process when a step is at its highest, from steps with one picture and with a few."""
    device, largest = steps.encoded.latents.device, _piece(steps)
    trials = [1, min(_TRIED, largest)]
    peaks = [_peak_mb(steps, pictures) for pictures in trials]
    if peaks[0] is None or peaks[1] is None:
        return None
    learning = sum(p.numel() for p in steps.parameters()) * 4 / 1e6
    each = max(0.0, peaks[1] - peaks[0]) / max(1, trials[1] - trials[0])
    kinds = 3  # Adam's two moments and the average, none of which is there yet
    everyone = steps.crew.num_processes if device.type == "cpu" else 1  # processes on one machine share its memory
    return everyone * (peaks[0] + each * (largest - 1) + kinds * learning)


def refuse_if_short(needs_mb: float | None, room_mb: float | None) -> None:
    """Raises UserError where memory is clearly short."""
    if needs_mb is not None and room_mb is not None and needs_mb > room_mb:
        raise UserError(
            f"Training needs about {needs_mb:,.0f} MB of memory and there are {room_mb:,.0f}.",
            "Add --gradient-checkpointing, --pieces 4 or a smaller --size; --yes tries all the same.",
        )


def seconds_a_step(steps: Steps, *, count: int = 2) -> float:
    """The mean of `count` whole steps after one that is not counted; leaves no gradients."""
    device = steps.encoded.latents.device
    for index in range(1 + count):
        if index == 1:
            _wait(device)
            started = time.monotonic()
        steps(index, torch.Generator().manual_seed(step_seed(0, index)))
        _forget_gradients(steps)
    _wait(device)
    return (time.monotonic() - started) / count


def steps_of_budget(fitting: FitConfig, *, step_s: float, sheet_s: float, sheet_every: int) -> int:
    """The steps of the whole run: those given, or as many as fit into the minutes."""
    if fitting.steps is not None:
        return fitting.steps
    each_s = step_s + (sheet_s / sheet_every if sheet_every else 0)
    return max(1, int(fitting.minutes * 60 / each_s))


def _piece(steps: Steps) -> int:
    """The most pictures that one process holds at a time."""
    return math.ceil(math.ceil(steps.recipe.batch / steps.crew.num_processes) / steps.pieces)


def _peak_mb(steps: Steps, pictures: int) -> float | None:
    """The highest use of memory in one forward and backward pass of so many pictures."""
    device = steps.encoded.latents.device
    drawn = draw(
        steps.encoded, steps.schedule, steps.recipe, step=0, generator=torch.Generator().manual_seed(step_seed(0, 0))
    )
    parts = math.ceil(len(drawn.rows) / pictures)
    memory.forget_peak(device)
    steps.of_piece(drawn.part(0, parts), share_of=len(drawn.rows))
    _forget_gradients(steps)
    return memory.peak_mb(device)


def _forget_gradients(steps: Steps) -> None:
    for parameter in steps.parameters():
        parameter.grad = None


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
