"""The bundled MusicGen's network over the score codec: how it starts out, what it loses on tokens, how it is saved.

Two starts made it learn several times faster (320 steps, mean loss 0.27 before): token embeddings have a standard
deviation of 0.3, not 0.02 where eight of them drown in the position code, and the heads of the first layer look back by
exactly one bar, one phrase or two (`point_heads_back`).
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from corpus import score
from pipelines.engines.score_codec import ScoreCodecConfig
from pipelines.engines.windows import CONTEXT_STEPS, Tokens

K, V = score.N_STREAMS, score.VOCABULARY
LOOKING_BACK = (63, 127, 15, 47)
"""By head of the first layer, in columns. What was chosen four bars ago, eight (where the theme is remembered), one bar
ago (4/4), and four bars ago in 3/4, is in the column one later.
"""


@dataclass(frozen=True)
class Size:
    """The network's width and depth."""

    width: int = 256
    layers: int = 4
    heads: int = 4
    text_width: int = 128
    text_layers: int = 2


def build(vocabulary: int, size: Size) -> Any:
    """A MusicgenForConditionalGeneration over the score codec, untrained; `vocabulary` is the tokenizer's."""
    from transformers import MusicgenConfig, MusicgenForConditionalGeneration, T5Config
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    text = T5Config(
        vocab_size=vocabulary,
        d_model=size.text_width,
        d_kv=32,
        d_ff=3 * size.text_width,
        num_layers=size.text_layers,
        num_heads=4,
        is_encoder_decoder=False,
        use_cache=False,
        dropout_rate=0.0,
        pad_token_id=0,
        eos_token_id=1,
    )
    decoder = MusicgenDecoderConfig(
        vocab_size=V,
        max_position_embeddings=1024,
        num_hidden_layers=size.layers,
        ffn_dim=4 * size.width,
        num_attention_heads=size.heads,
        hidden_size=size.width,
        dropout=0.0,
        num_codebooks=K,
        audio_channels=1,
        pad_token_id=V,
        bos_token_id=V,
    )
    config = MusicgenConfig(
        text_encoder=text.to_dict(), audio_encoder=ScoreCodecConfig().to_dict(), decoder=decoder.to_dict()
    )
    config.decoder_start_token_id = V
    network: Any = MusicgenForConditionalGeneration(config)
    for settings in (network.generation_config, network.decoder.generation_config):
        settings.pad_token_id = settings.bos_token_id = settings.decoder_start_token_id = V
        settings.eos_token_id = None
        settings.do_sample, settings.guidance_scale, settings.min_p = True, 1.0, 0.05
        settings.max_length = CONTEXT_STEPS + score.N_HEADER_FRAMES + K
    for table in network.decoder.model.decoder.embed_tokens:
        nn.init.normal_(table.weight, std=0.3)
    # At transformers' own 0.02 the words are too faint beside the tokens to be noticed: after 130 steps of headers the
    # key was right in 26 % of cases, so in all of them.
    nn.init.normal_(network.enc_to_dec_proj.weight, std=size.text_width**-0.5)
    for layer in network.decoder.model.decoder.layers:
        attention = layer.encoder_attn
        for projection in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj):
            nn.init.normal_(projection.weight, std=size.width**-0.5)
    look_back(network)
    return network


def look_back(network: Any) -> None:
    """Point the heads of the first layer to LOOKING_BACK."""
    point_heads_back(network.decoder.model.decoder.layers[0].self_attn, LOOKING_BACK)


def point_heads_back(attention: Any, offsets: tuple[int, ...], gain: float = 3.0) -> None:
    """Set queries and keys so that head h attends to the position `offsets[h]` before its own.

    The position code is cos and sin of w_i p. A key takes some of these pairs as they are; the query turns its own
    back by w_i * offset. Their product is then a sum of cos(w_i (p - offset - q)), which peaks at q = p - offset.
    Only a start: training is free to look elsewhere.
    """
    width, per_head = attention.embed_dim, attention.head_dim
    half = width // 2
    frequencies = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    # Layer-normalised pairs have length about sqrt(2), the product is divided by sqrt(per_head): this restores `gain`.
    size = math.sqrt(gain * math.sqrt(per_head) / 2)
    with torch.no_grad():
        for head, offset in enumerate(offsets):
            rows = slice(head * per_head, (head + 1) * per_head)
            query, key = torch.zeros(2, per_head, width)
            for pair in range(per_head // 2):
                i = min(2 * pair, half - 1)  # every other frequency, from the highest down
                turn = frequencies[i] * offset
                cos, sin = size * torch.cos(turn), size * torch.sin(turn)
                key[2 * pair, i] = key[2 * pair + 1, half + i] = size
                query[2 * pair, i], query[2 * pair, half + i] = cos, sin
                query[2 * pair + 1, half + i], query[2 * pair + 1, i] = cos, -sin
            attention.q_proj.weight[rows], attention.k_proj.weight[rows] = query, key


def delayed(tokens: torch.Tensor) -> torch.Tensor:
    """The decoder's input for tokens (B, K, T): int (B, K, T + K - 1), column 0 the start token, stream k late by k.

    Column c predicts frame c - k of stream k.
    """
    batch, streams, frames = tokens.shape
    columns = torch.full((batch, streams, frames + streams - 1), V, dtype=torch.long, device=tokens.device)
    for k in range(streams):
        columns[:, k, 1 + k : 1 + k + frames] = tokens[:, k, : columns.shape[2] - 1 - k]
    return columns


def losses(network: Any, tokens: torch.Tensor, text: dict[str, torch.Tensor], seen: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in nats of every token, (B, K, T).

    `tokens` int (B, K, T); `text` input_ids and attention_mask (B, n); `seen` (B,) is 0 where the words are hidden.
    """
    mask = text["attention_mask"]
    hidden = network.text_encoder(input_ids=text["input_ids"], attention_mask=mask).last_hidden_state
    mask = mask * seen[:, None]
    hidden = network.enc_to_dec_proj(hidden) * mask[..., None]
    states = network.decoder.model(
        delayed(tokens).flatten(0, 1), encoder_hidden_states=hidden, encoder_attention_mask=mask, use_cache=False
    ).last_hidden_state
    per_stream = []
    for k, head in enumerate(network.decoder.lm_heads):
        logits = head(states[:, k : k + tokens.shape[2]]).float()
        per_stream.append(nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, k], reduction="none"))
    return torch.stack(per_stream, 1)


def padded(windows: Sequence[Tokens]) -> torch.Tensor:
    """Windows of different lengths as one int64 tensor (B, K, longest), zeros behind the short ones."""
    whole = np.zeros((len(windows), K, max(window.shape[1] for window in windows)), np.int64)
    for row, window in zip(whole, windows, strict=True):
        row[:, : window.shape[1]] = window
    return torch.from_numpy(whole)


def encode(tokenizer: Any, texts: list[str], device: torch.device) -> dict[str, torch.Tensor]:
    """input_ids and attention_mask, int (B, n)."""
    inputs = tokenizer(texts, return_tensors="pt", padding=True, truncation=True)
    return {name: inputs[name].to(device) for name in ("input_ids", "attention_mask")}


def save(network: Any, tokenizer: Any, out: Path) -> None:
    """Directory format of transformers: float16 safetensors in shards under 10 MB, readable by everyone."""
    copy.deepcopy(network).to(torch.float16).save_pretrained(out, max_shard_size="8MB")
    tokenizer.save_pretrained(out)
    for path in out.iterdir():
        path.chmod(0o644)
