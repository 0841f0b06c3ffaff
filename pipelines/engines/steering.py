"""How MusicGen's tokens are chosen, one column a step: guidance, masks, forced tokens, sampling, progress, cancel.

transformers samples from torch's global generator, which other threads share, and its streamer and stopping criteria
do not work with MusicGen's delay pattern. So generation here runs "greedily" over one logits processor that makes the
whole choice itself, from its own CPU generator: a seed means the same music on every device and beside any other job.
Progress is reported from the same place, once a step, and an exception raised there unwinds the job.

Delay pattern (Copet et al. 2023, section 2.1): column c of the sequence holds frame c - 1 - d of a stream with delay d
(stream k has delay k; in a stereo model k // 2), and column 0 is the start token. A run of N new columns after a prefix
therefore completes N - D new frames, D being the longest delay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from transformers import LogitsProcessor, LogitsProcessorList

NEVER = -1e4
"""The logit of a forbidden token. Infinity would turn into NaN in the guidance arithmetic."""

Allowed = Callable[[int, int], torch.Tensor | None]
"""`allowed(stream, frame)` -> ids that may be chosen there, int (n,); None allows all."""


def allow_all(stream: int, frame: int) -> torch.Tensor | None:
    """The Allowed that forbids nothing."""
    return None


@dataclass(frozen=True)
class Sampling:
    """`guidance` 1 is off; `top_k` 0 is off; `min_p` drops tokens below that share of the most probable one."""

    guidance: float = 1.0
    temperature: float = 1.0
    top_k: int = 0
    min_p: float = 0.0


class Steering(LogitsProcessor):
    """The processor of one run. It keeps the chosen columns, each int (n_streams,), in `columns`."""

    def __init__(
        self,
        delays: Sequence[int],
        sampling: Sampling,
        *,
        generator: torch.Generator,
        allowed: Allowed = allow_all,
        on_step: Callable[[int], None] = lambda step: None,
    ) -> None:
        self.columns: list[torch.Tensor] = []
        self.sampling = sampling
        self.delays = tuple(delays)
        self._n_streams, self._generator = len(self.delays), generator
        self._allowed, self._on_step = allowed, on_step

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores (n_streams or 2 n_streams, V) -> the same shape, the chosen token of each stream alone above NEVER."""
        logits = self._mask(self._guide(scores.float().cpu()), column=input_ids.shape[-1])
        choice = self._draw(logits)
        self.columns.append(choice)
        self._on_step(len(self.columns))
        chosen = torch.full_like(logits, NEVER).scatter_(1, choice[:, None], 0.0)
        # With guidance generate() applies its own arithmetic after this; equal halves pass through it unchanged.
        return chosen.repeat(scores.shape[0] // self._n_streams, 1).to(scores.device, scores.dtype)

    def _guide(self, scores: torch.Tensor) -> torch.Tensor:
        """Classifier-free guidance: the first half of the rows has read the text, the second half has not."""
        if scores.shape[0] == self._n_streams:
            return scores
        informed, blind = torch.log_softmax(scores, -1).split(self._n_streams)
        return blind + self.sampling.guidance * (informed - blind)

    def _mask(self, logits: torch.Tensor, *, column: int) -> torch.Tensor:
        logits = logits.clone()
        for stream, delay in enumerate(self.delays):
            frame = column - 1 - delay
            ids = self._allowed(stream, frame) if frame >= 0 else None
            if ids is not None:
                forbidden = torch.ones(logits.shape[1], dtype=torch.bool)
                forbidden[ids] = False
                logits[stream, forbidden] = NEVER
        return logits

    def _draw(self, logits: torch.Tensor) -> torch.Tensor:
        """One id per stream, int (n_streams,), by the Gumbel-max trick: noise of fixed shape whatever is masked."""
        if self.sampling.top_k:
            least = logits.topk(min(self.sampling.top_k, logits.shape[1]), dim=1).values[:, -1:]
            logits = logits.masked_fill(logits < least, NEVER)
        if self.sampling.min_p:
            p = torch.softmax(logits, 1)
            logits = logits.masked_fill(p < self.sampling.min_p * p.amax(1, keepdim=True), NEVER)
        uniform = torch.rand(logits.shape, generator=self._generator).clamp_min(1e-20)
        return (logits / self.sampling.temperature - (-uniform.log()).log()).argmax(1)


def generate_frames(
    model: Any, text: dict[str, torch.Tensor], *, prefix: torch.Tensor, n_frames: int, steering: Steering
) -> tuple[torch.Tensor, torch.Tensor]:
    """Go on after `prefix`, int (K, P), which is kept exactly, for `n_frames` more.

    Returns the new frames, int (K, n_frames), and the decoded sound of prefix and new frames, float (channels, n).
    `text` is the tokenizer's output for one prompt.
    """
    # Below 2 K - 1 columns generate() drops the delay pattern without a word.
    n_made = max(n_frames, len(prefix))
    start = torch.full((len(prefix), 1), model.generation_config.decoder_start_token_id)
    sound = model.generate(
        **{name: tensor.to(model.device) for name, tensor in text.items()},
        decoder_input_ids=torch.cat([start, prefix.long()], 1).to(model.device),
        max_new_tokens=n_made + max(steering.delays),
        logits_processor=LogitsProcessorList([steering]),
        guidance_scale=steering.sampling.guidance,
        do_sample=False,
    )
    columns = torch.stack(steering.columns, 1)
    frames = torch.stack([row[delay : delay + n_made] for row, delay in zip(columns, steering.delays, strict=True)])
    return frames[:, :n_frames], cast(torch.Tensor, sound)[0].float().cpu()
