"""Sound decoded piece by piece against the codec's own decoding of the whole."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import EncodecConfig, EncodecModel

from pipelines.engines.decoding import REACH_FRAMES, Decoding

HOP = 640


def network_with(channels: int = 1, **changes: Any) -> Any:
    """As much of a MusicGen as decoding reads, with the layers of its codec (a quarter as wide)."""
    settings: dict[str, Any] = {
        "sampling_rate": 32000, "target_bandwidths": [2.2], "upsampling_ratios": [8, 5, 4, 4], "num_filters": 4,
        "hidden_size": 32, "codebook_size": 256, "codebook_dim": 32, "num_lstm_layers": 2, "use_causal_conv": False,
        "norm_type": "weight_norm",
    }  # fmt: skip
    torch.manual_seed(0)
    codec = EncodecModel(EncodecConfig(**settings | changes)).eval()
    for layer in codec.quantizer.layers:
        layer.codebook.embed.normal_()
    return SimpleNamespace(
        audio_encoder=codec, config=SimpleNamespace(decoder=SimpleNamespace(audio_channels=channels))
    )


def in_pieces(network: Any, codes: torch.Tensor, sizes: list[int]) -> list[torch.Tensor]:
    decoding, parts = Decoding(network), codes.split(sizes, 2)
    return [decoding.add(part, is_last=part is parts[-1]) for part in parts]


@pytest.mark.parametrize("sizes", [[120], [25, 50, 45], [1] * 30 + [90], [3, 2, 100, 15]])
def test_joined_pieces_are_the_whole_decode(sizes: list[int]) -> None:
    network, codes = network_with(), torch.randint(0, 256, (2, 4, 120))
    with torch.inference_mode():
        whole = network.audio_encoder.decode(codes[None], [None, None]).audio_values
    joined = torch.cat(in_pieces(network, codes, sizes), 2)
    assert joined.shape == whole.shape == (2, 1, 120 * HOP)
    assert whole.std() > 0.005
    assert torch.allclose(joined, whole, atol=1e-6)


def test_sound_lags_by_no_more_than_the_convolutions_reach() -> None:
    pieces = in_pieces(network_with(), torch.zeros(1, 4, 60, dtype=torch.long), [20, 20, 20])
    late = 2 * REACH_FRAMES
    assert [piece.shape[2] for piece in pieces] == [(20 - late) * HOP, 20 * HOP, (20 + late) * HOP]


def test_left_and_right_are_decoded_for_themselves() -> None:
    network, codes = network_with(channels=2), torch.randint(0, 256, (3, 8, 40))
    joined = torch.cat(in_pieces(network, codes, [10, 30]), 2)
    assert joined.shape == (3, 2, 40 * HOP)
    with torch.inference_mode():
        for side in range(2):
            whole = network.audio_encoder.decode(codes[None, :, side::2], [None] * 3).audio_values[:, 0]
            assert torch.allclose(joined[:, side], whole, atol=1e-6)


@pytest.mark.parametrize("changes", [{"use_causal_conv": True}, {"norm_type": "time_group_norm"}])
def test_a_codec_that_looks_further_is_decoded_whole_at_the_end(changes: dict[str, Any]) -> None:
    network, codes = network_with(**changes), torch.randint(0, 256, (2, 4, 40))
    pieces = in_pieces(network, codes, [20, 20])
    with torch.inference_mode():
        whole = network.audio_encoder.decode(codes[None], [None, None]).audio_values
    assert pieces[0].shape == (2, 1, 0)
    assert torch.equal(pieces[1], whole)
