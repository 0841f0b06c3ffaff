"""MusicGen's decoder read column by column: transformers' weights and modules, without its machinery around each step.

A step of a small decoder is a few dozen small products. transformers' forward spends several times as long on masks,
caches and argument handling between them; here keys and values lie in tensors of their final size. A test holds the
logits to transformers' own. Both kinds of decoder: MusicGen attends to what it reads in a layer of its own, the melody
model has it before the first column. Modules are called, not their weights, so that adapters and hooks stay at work.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention


class Decoder:
    """One run of a decoder (a *ForCausalLM) with its memory.

    `hidden` float (B, n, width) is what it reads, `mask` int (B, n) or None what of it counts (MusicGen alone);
    `n_columns` is how many columns it will see at most.
    """

    def __init__(self, network: Any, hidden: torch.Tensor, *, mask: torch.Tensor | None, n_columns: int) -> None:
        self._network, inner = network, network.model.decoder
        self._layers = list(inner.layers)
        self._has_cross_attention = hasattr(self._layers[0], "encoder_attn")
        self._mask = None if mask is None else mask[:, None, None].bool()
        self._hidden, self._n_done = hidden, 0
        n = n_columns + (0 if self._has_cross_attention else hidden.shape[1])
        if n > inner.embed_positions.weights.shape[0]:
            inner.embed_positions.make_weights(n, inner.embed_positions.embedding_dim)
        self._positions = inner.embed_positions.weights
        self._read = [_split(layer.encoder_attn, hidden) for layer in self._layers if self._has_cross_attention]
        heads = self._layers[0].self_attn.num_heads
        room = (len(self._layers), 2, len(hidden), heads, n, hidden.shape[2] // heads)
        self._memory = torch.empty(room, dtype=hidden.dtype, device=hidden.device)

    def read(self, columns: torch.Tensor) -> torch.Tensor:
        """Logits (B, K, V) for the column after `columns`, int (B, K, n); more than one column only at first."""
        inner = self._network.model.decoder
        x = sum(embed(columns[:, k]) for k, embed in enumerate(inner.embed_tokens))
        if not self._n_done and not self._has_cross_attention:
            x = torch.cat([self._hidden, x], 1)
        begin, self._n_done = self._n_done, self._n_done + x.shape[1]
        x = x + self._positions[begin : self._n_done]
        for i, layer in enumerate(self._layers):
            x = x + self._look_back(layer, i, layer.self_attn_layer_norm(x), begin)
            if self._has_cross_attention:
                x = x + self._look_aside(layer, i, layer.encoder_attn_layer_norm(x))
            x = x + layer.fc2(layer.activation_fn(layer.fc1(layer.final_layer_norm(x))))
        last = inner.layer_norm(x[:, -1])
        return torch.stack([head(last) for head in self._network.lm_heads], 1)

    def _look_back(self, layer: Any, i: int, x: torch.Tensor, begin: int) -> torch.Tensor:
        attention, (keys, values) = layer.self_attn, self._memory[i]
        end = self._n_done
        keys[:, :, begin:end], values[:, :, begin:end] = _split(attention, x)
        query = _heads(attention, attention.q_proj(x))
        seen = scaled_dot_product_attention(query, keys[:, :, :end], values[:, :, :end], is_causal=x.shape[1] > 1)
        return attention.out_proj(seen.transpose(1, 2).flatten(2))

    def _look_aside(self, layer: Any, i: int, x: torch.Tensor) -> torch.Tensor:
        attention = layer.encoder_attn
        query = _heads(attention, attention.q_proj(x))
        seen = scaled_dot_product_attention(query, *self._read[i], attn_mask=self._mask)
        return attention.out_proj(seen.transpose(1, 2).flatten(2))


def _split(attention: Any, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of x (B, n, width), each (B, heads, n, width / heads)."""
    return _heads(attention, attention.k_proj(x)), _heads(attention, attention.v_proj(x))


def _heads(attention: Any, x: torch.Tensor) -> torch.Tensor:
    return x.unflatten(2, (attention.num_heads, -1)).transpose(1, 2)
