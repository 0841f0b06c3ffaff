"""MusicGen's decoder at work: what it reads, and the loop that lets it go on after a prefix, column by column.

The loop is our own, not transformers' `generate`, which gives the same tokens (a test compares them): there the
streamer and the stopping criteria do not work with the delay pattern, fewer than 2 K - 1 columns lose the delay without
a word, every window is decoded into sound whether anybody hears it or not, and samples come from torch's global
generator, which other threads share.
"""

from dataclasses import dataclass
from typing import Any

import torch

from pipelines.engines.decoder import Decoder
from pipelines.engines.steering import Steering


@dataclass(frozen=True)
class Conditions:
    """What the decoder reads beside its tokens, float (B or 1, n, width), and what it reads instead when blind.

    `mask` int (B or 1, n) is 0 where a shorter text was filled up; None where nothing was.
    """

    hidden: torch.Tensor
    blind: torch.Tensor
    mask: torch.Tensor | None = None


@torch.inference_mode()
def read_text(model: Any, text: dict[str, torch.Tensor]) -> Conditions:
    """Conditions of the tokenizer's output: `input_ids` and `attention_mask`, int (B or 1, n)."""
    mask = text["attention_mask"].to(model.device)
    hidden = model.text_encoder(input_ids=text["input_ids"].to(model.device), attention_mask=mask).last_hidden_state
    if model.text_encoder.config.hidden_size != model.decoder.config.hidden_size:
        hidden = model.enc_to_dec_proj(hidden)
    hidden = (hidden * mask[..., None]).to(model.decoder.dtype)
    return Conditions(hidden, torch.zeros_like(hidden), None if bool(mask.all()) else mask)


def read_nothing(model: Any) -> Conditions:
    """Conditions of no text at all: what guidance compares with, as in `get_unconditional_inputs`."""
    nothing = torch.zeros(1, 1, model.decoder.config.hidden_size, device=model.device, dtype=model.decoder.dtype)
    return Conditions(nothing, nothing)


def generate_frames(
    model: Any, conditions: Conditions, *, prefix: torch.Tensor, n_frames: int, steering: Steering
) -> torch.Tensor:
    """Go on after `prefix`, int (B, K, P), which is kept exactly: the new frames, int (B, K, n_frames), on the CPU."""
    n_rows, is_guided = len(prefix), steering.sampling.is_guided
    columns = _Columns(model, prefix, n_frames, steering)
    decoder = _decoder(model, conditions, n_rows=n_rows, is_guided=is_guided, n_columns=columns.n)

    def read(some: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return decoder.read(some.to(model.device).repeat(1 + is_guided, 1, 1))

    first = prefix.shape[2] + 1
    logits = read(columns.up_to(first))
    for column in range(first, columns.n):
        columns.put(column, steering.choose(logits, column=column))
        if column < columns.n - 1:
            logits = read(columns.at(column))
    return steering.frames()[..., :n_frames]


class _Columns:
    """The delayed sequence, int (B, K, n_columns): known where the prefix or the pattern says so."""

    def __init__(self, model: Any, prefix: torch.Tensor, n_frames: int, steering: Steering) -> None:
        batch, n_streams, n_prefix = prefix.shape
        n_known = n_prefix + n_frames
        start = model.generation_config.decoder_start_token_id
        self.n = 1 + n_known + max(steering.delays)
        self._sequence = torch.full((batch, n_streams, self.n), start)
        self._is_open = torch.zeros(self._sequence.shape[1:], dtype=torch.bool)
        for stream, delay in enumerate(steering.delays):
            begin = 1 + delay
            self._sequence[:, stream, begin : begin + n_prefix] = prefix[:, stream]
            self._is_open[stream, begin + n_prefix : begin + n_known] = True

    def put(self, column: int, choice: torch.Tensor) -> None:
        """Enter the tokens chosen, int (B, K), where the pattern leaves the column open."""
        self._sequence[..., column] = torch.where(self._is_open[:, column], choice, self._sequence[..., column])

    def at(self, column: int) -> torch.Tensor:
        return self._sequence[..., column : column + 1]

    def up_to(self, column: int) -> torch.Tensor:
        return self._sequence[..., :column]


def _decoder(model: Any, conditions: Conditions, *, n_rows: int, is_guided: bool, n_columns: int) -> Decoder:
    """The decoder of `n_rows` rows, or with guidance of twice as many: the second half reads what is blind."""

    def rows(halves: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat([half.expand(n_rows, *half.shape[1:]) for half in halves[: 1 + is_guided]])

    hidden = rows([conditions.hidden, conditions.blind])
    # The blind half may look anywhere: it sees zeros, which attention turns into zeros.
    mask = None if conditions.mask is None else rows([conditions.mask, torch.ones_like(conditions.mask)])
    return Decoder(model.decoder, hidden, mask=mask, n_columns=n_columns)
