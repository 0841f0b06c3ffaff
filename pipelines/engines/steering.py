"""How MusicGen's tokens are chosen, one column a step: guidance, masks, forced tokens, sampling, progress, cancel.

A batch is rows that read the same settings, each with dice and rules of its own: a row's noise comes from its own CPU
generator and has the same shape whatever is masked. So a seed means the same music on every device, beside any other
job and in any company. Progress is reported from here, once a step, and an exception raised there unwinds the job.

Delay pattern (Copet et al. 2023, section 2.1): column c of the sequence holds frame c - 1 - d of a stream with delay d
(stream k has delay k; in a stereo model k // 2), and column 0 is the start token. A run of N new columns after a prefix
therefore completes N - D new frames, D being the longest delay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

NEVER = -1e4
"""The logit of a forbidden token. Infinity would turn into NaN in the guidance arithmetic."""

Allowed = Callable[[int], torch.Tensor | None]
"""`allowed(frame)` -> bool (n_streams, V), what each stream may choose at that frame; None allows all.

It is asked n_streams times a step and does best to return tensors that it keeps. Streams are asked for a frame when
their turn comes, so stream k chooses it after k more columns are known.
"""


def allow_all(frame: int) -> torch.Tensor | None:
    """The Allowed that forbids nothing."""
    return None


class Habit(Protocol):
    """What a piece leans to by what it has been: raises the odds of some tokens."""

    def lean(self, column: int) -> list[tuple[int, int, float]]:
        """(stream, token, nats) for a column."""

    def see(self, column: int, choice: torch.Tensor) -> None:
        """Told of every column chosen, int (n_streams,)."""


@dataclass(frozen=True)
class Sampling:
    """`guidance` 1 is off; `top_k` 0 is off; `min_p` drops tokens below that share of the most probable one."""

    guidance: float = 1.0
    temperature: float = 1.0
    top_k: int = 0
    min_p: float = 0.0

    @property
    def is_guided(self) -> bool:
        return self.guidance > 1.0


@dataclass(frozen=True)
class Row:
    """One piece of a batch: the generator of its noise, on the CPU, what it may choose, and what it leans to."""

    generator: torch.Generator
    allowed: Allowed = allow_all
    habit: Habit | None = None


class Steering:
    """The choices of one run. It keeps the chosen columns, each int (B, n_streams), in `columns`."""

    def __init__(
        self,
        delays: Sequence[int],
        sampling: Sampling,
        rows: Sequence[Row],
        *,
        on_step: Callable[[int], None] = lambda step: None,
    ) -> None:
        """`on_step(n)` is called when n columns are chosen."""
        self.columns: list[torch.Tensor] = []
        self.delays, self.sampling, self.rows = tuple(delays), sampling, tuple(rows)
        self._on_step = on_step

    def choose(self, logits: torch.Tensor, *, column: int) -> torch.Tensor:
        """Logits (B, n_streams, V) -> the tokens of column `column`, int (B, n_streams), on the CPU.

        With guidance there are 2 B rows of logits: those that have read the text, then those that have not.
        """
        guided = self._guide(logits.float().cpu())
        choice = self._draw(self._mask(self._lean(guided, column=column), column=column))
        for row, chosen in zip(self.rows, choice, strict=True):
            if row.habit:
                row.habit.see(column, chosen)
        self.columns.append(choice)
        self._on_step(len(self.columns))
        return choice

    def frames(self) -> torch.Tensor:
        """The new frames that are complete, int (B, n_streams, n): the columns with the delay undone."""
        n = max(0, len(self.columns) - max(self.delays))
        columns = torch.stack(self.columns, 2)
        return torch.stack([columns[:, k, delay : delay + n] for k, delay in enumerate(self.delays)], 1)

    def _guide(self, logits: torch.Tensor) -> torch.Tensor:
        """Classifier-free guidance, in log-probabilities."""
        if not self.sampling.is_guided:
            return logits
        informed, blind = torch.log_softmax(logits, -1).chunk(2)
        return blind + self.sampling.guidance * (informed - blind)

    def _lean(self, logits: torch.Tensor, *, column: int) -> torch.Tensor:
        leaning = [(i, each) for i, row in enumerate(self.rows) if row.habit for each in row.habit.lean(column)]
        if leaning:
            logits = logits.clone()
            for i, (stream, token, nats) in leaning:
                logits[i, stream, token] += nats
        return logits

    def _mask(self, logits: torch.Tensor, *, column: int) -> torch.Tensor:
        masks = [self._may_choose(row.allowed, logits, column) for row in self.rows]
        if all(mask is None for mask in masks):
            return logits
        every = torch.ones(logits.shape[1:], dtype=torch.bool)
        return logits.masked_fill(~torch.stack([every if mask is None else mask for mask in masks]), NEVER)

    def _may_choose(self, allowed: Allowed, logits: torch.Tensor, column: int) -> torch.Tensor | None:
        """bool (n_streams, V): for each stream the mask of the frame that it has in this column."""
        if allowed is allow_all:
            return None
        frames = [column - 1 - delay for delay in self.delays]
        masks = [allowed(frame) if frame >= 0 else None for frame in frames]
        every = torch.ones(logits.shape[2], dtype=torch.bool)
        return torch.stack([every if mask is None else mask[k] for k, mask in enumerate(masks)])

    def _draw(self, logits: torch.Tensor) -> torch.Tensor:
        """One id per stream, int (B, n_streams), by the Gumbel-max trick."""
        if self.sampling.top_k:
            least = logits.topk(min(self.sampling.top_k, logits.shape[-1])).values[..., -1:]
            logits = logits.masked_fill(logits < least, NEVER)
        if self.sampling.min_p:
            p = torch.softmax(logits, -1)
            logits = logits.masked_fill(p < self.sampling.min_p * p.amax(-1, keepdim=True), NEVER)
        uniform = torch.stack([torch.rand(logits.shape[1:], generator=row.generator) for row in self.rows])
        return (logits / self.sampling.temperature - (-uniform.clamp_min(1e-20).log()).log()).argmax(-1)
