"""The column-wise decoder against transformers' own forward, for both kinds of MusicGen."""

from typing import Any

import pytest
import torch
from transformers import MusicgenForCausalLM, MusicgenMelodyForCausalLM
from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig
from transformers.models.musicgen_melody.configuration_musicgen_melody import MusicgenMelodyDecoderConfig

from pipelines.engines.decoder import Decoder

SIZE: dict[str, Any] = {
    "vocab_size": 64, "hidden_size": 16, "ffn_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_codebooks": 4, "pad_token_id": 64, "bos_token_id": 64, "max_position_embeddings": 32,
}  # fmt: skip


def column_logits(network: Any, ids: torch.Tensor, hidden: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Logits after columns 6, 7, .. of ids (B, K, n), read in one piece first and then one by one."""
    decoder = Decoder(network, hidden, mask=mask, n_columns=ids.shape[2])
    columns = [ids[..., :6], *ids[..., 6:].split(1, -1)]
    with torch.inference_mode():
        return torch.stack([decoder.read(some) for some in columns], 2)


@pytest.mark.parametrize("is_masked", [False, True])
def test_logits_are_those_of_musicgen(is_masked: bool) -> None:
    torch.manual_seed(0)
    network = MusicgenForCausalLM(MusicgenDecoderConfig(**SIZE)).eval()
    ids, hidden = torch.randint(0, 64, (3, 4, 40)), torch.randn(3, 7, 16)  # longer than the table of positions
    mask = torch.tensor([[1] * 7, [1] * 5 + [0] * 2, [1] * 3 + [0] * 4]) if is_masked else None
    with torch.inference_mode():
        theirs = network(ids.flatten(0, 1), encoder_hidden_states=hidden, encoder_attention_mask=mask).logits
    ours = column_logits(network, ids, hidden, mask)
    assert torch.allclose(ours, theirs.view(3, 4, 40, 64)[:, :, 5:], atol=1e-5)


def test_logits_are_those_of_the_melody_model() -> None:
    torch.manual_seed(0)
    network = MusicgenMelodyForCausalLM(MusicgenMelodyDecoderConfig(**SIZE)).eval()
    ids, hidden = torch.randint(0, 64, (3, 4, 40)), torch.randn(3, 7, 16)
    with torch.inference_mode():
        theirs = network(ids.flatten(0, 1), encoder_hidden_states=hidden).logits
    ours = column_logits(network, ids, hidden, None)
    assert torch.allclose(ours, theirs.view(3, 4, 47, 64)[:, :, 12:], atol=1e-5)
    assert not torch.allclose(ours, column_logits(network, ids, hidden.flip(1), None), atol=1e-4)
