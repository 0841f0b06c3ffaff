"""EnCodec's codes into sound while they are still being made (Défossez et al. 2022, the SEANet decoder).

The decoder is a convolution over frames, an LSTM that runs forwards, and upsampling convolutions. The LSTM's state is
carried on, and the convolutions reach a few frames to either side: each piece is computed with that much known around
it. So the pieces, joined, are what decoding everything at once gives, to rounding: no seam to hide, and no cross-fade.
Decoding each second with some context before it instead, as a black box, is off by what the LSTM remembers.
"""

from collections.abc import Callable
from typing import Any

import torch

REACH_FRAMES = 3
"""How far a convolution looks: 3 frames the first, of 7 taps; less those that upsample. With 2 the joints are heard."""


class Decoding:
    """The sound of B growing rows of codes; the codecs of MusicGen, mono or one side after the other in stereo.

    Sound lags by two REACH_FRAMES. A codec built otherwise (causal, normalised over time, in chunks) is decoded whole
    at the end.
    """

    def __init__(self, network: Any) -> None:
        self._codec, self._channels = network.audio_encoder, network.config.decoder.audio_channels
        self.hop = self._codec.config.hop_length
        self._flow = _Flow(self._codec) if _is_local(self._codec) else None
        self._waiting: list[torch.Tensor] = []

    @torch.inference_mode()
    def add(self, codes: torch.Tensor, *, is_last: bool = False) -> torch.Tensor:
        """Codes int (B, K, n) -> the sound that is certain by now, float32 (B, channels, n samples), on the CPU."""
        # left and right are the even and odd streams; the codec takes them for more rows
        sides = codes.unflatten(1, (-1, self._channels)).transpose(1, 2).flatten(0, 1).to(self._codec.device)
        sound = self._whole(sides, is_last) if self._flow is None else self._flow.add(self._embedded(sides), is_last)
        return sound.reshape(len(codes), self._channels, -1).float().cpu()

    def _embedded(self, codes: torch.Tensor) -> torch.Tensor:
        return self._codec.quantizer.decode(codes.transpose(0, 1))

    def _whole(self, codes: torch.Tensor, is_last: bool) -> torch.Tensor:
        self._waiting.append(codes)
        if not is_last:
            return codes.new_zeros(len(codes), 1, 0, dtype=torch.float32)
        everything = torch.cat(self._waiting, -1)[None]
        sound: torch.Tensor = self._codec.decode(everything, [None]).audio_values
        return sound


def _is_local(codec: Any) -> bool:
    config = codec.config
    is_plain = config.model_type == "encodec" and config.norm_type == "weight_norm" and not config.use_causal_conv
    return is_plain and config.chunk_length is None and config.last_kernel_size <= 7 and config.kernel_size <= 7


class _Flow:
    """The decoder's layers on a stream of embedded frames (rows, width, n)."""

    def __init__(self, codec: Any) -> None:
        first, self._lstm, *rest = codec.decoder.layers
        self._first, self._rest = _Local(first, 1), _Local(torch.nn.Sequential(*rest), codec.config.hop_length)
        self._state: tuple[torch.Tensor, torch.Tensor] | None = None

    def add(self, frames: torch.Tensor, is_last: bool) -> torch.Tensor:
        x = self._first(frames, is_last)
        if not x.shape[2]:
            return x
        remembered, self._state = self._lstm.lstm(x.permute(2, 0, 1), self._state)
        return self._rest(x + remembered.permute(1, 2, 0), is_last)


class _Local:
    """A layer of finite reach on a stream: (rows, width, n) -> (rows, other width, `ratio` times as many)."""

    def __init__(self, layer: Callable[[torch.Tensor], torch.Tensor], ratio: int) -> None:
        self._layer, self._ratio = layer, ratio
        self._kept: torch.Tensor | None = None
        self._n_answered = 0

    def __call__(self, x: torch.Tensor, is_last: bool) -> torch.Tensor:
        known = x if self._kept is None else torch.cat([self._kept, x], 2)
        begin, end = self._n_answered, known.shape[2]
        end = end if is_last else max(begin, end - REACH_FRAMES)
        drop = max(0, end - REACH_FRAMES)
        self._kept, self._n_answered = known[..., drop:], end - drop
        if begin == end:
            return known.new_zeros(len(known), 1, 0)
        return self._layer(known)[..., begin * self._ratio : end * self._ratio]
