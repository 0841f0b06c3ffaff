"""The score codec: an audio encoder for MusicGen whose codebooks are the parallel streams of `corpus.score`.

Where EnCodec turns codes into a waveform with a network, this decodes them into notes and plays those with a General
MIDI soundfont: clean sound, exact tempo, MIDI for free, and codes that a small language model can learn.
Importing this module registers the pair with AutoConfig and AutoModel, so that
`MusicgenForConditionalGeneration.from_pretrained` finds it. MusicGen asks of a codec: `sampling_rate` in the config,
`encode` -> `audio_codes` (1, batch, streams, frames), `decode(audio_codes, audio_scales=)` -> `audio_values`.
"""

from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.utils.generic import ModelOutput

from corpus import score
from corpus.performance import to_notes
from corpus.render import render


class ScoreCodecConfig(PreTrainedConfig):
    """The grid's own constants are written out, so that weights for another grid are refused when loaded."""

    model_type = "score_codec"

    sampling_rate: int = 32000
    audio_channels: int = 2
    codebook_size: int = score.VOCABULARY
    num_codebooks: int = score.N_STREAMS
    header_frames: int = score.N_HEADER_FRAMES
    steps_per_beat: int = score.STEPS_PER_BEAT
    grid: int = score.GRID


@dataclass
class ScoreCodecOutput(ModelOutput):
    """`audio_codes` int (1, batch, streams, frames); `audio_values` float32 (batch, channels, n)."""

    audio_codes: torch.Tensor | None = None
    audio_scales: list[Any] | None = None
    audio_values: torch.Tensor | None = None


class ScoreCodecModel(PreTrainedModel):
    """A codec without parameters: decoding is playing."""

    config_class = ScoreCodecConfig
    config: ScoreCodecConfig
    main_input_name = "input_values"
    base_model_prefix = "score_codec"

    def __init__(self, config: ScoreCodecConfig) -> None:
        """Raises ValueError when the config is for another grid than `corpus.score`."""
        super().__init__(config)
        made_for = (config.codebook_size, config.num_codebooks, config.header_frames, config.grid)
        here = (score.VOCABULARY, score.N_STREAMS, score.N_HEADER_FRAMES, score.GRID)
        if made_for != here:
            raise ValueError(f"these weights are for the score grid {made_for}, this program plays {here}")
        # The device and dtype of a module are those of its tensors, so it needs one; it holds nothing.
        self.nothing = torch.nn.Buffer(torch.zeros(1))
        self.post_init()

    def encode(self, input_values: torch.Tensor, *unused: Any) -> ScoreCodecOutput:
        """Write down sound (batch, channels, n): an estimate (pipelines.engines.transcription), exact only from MIDI.

        Step 0 of the codes is the first bar line of the sound. Clips of a batch that have fewer steps than the longest
        end in rests.
        """
        from pipelines.engines.transcription import transcribe

        clips = input_values.detach().cpu().float().numpy()
        codes = [torch.from_numpy(transcribe(clip, self.config.sampling_rate).tokens) for clip in clips]
        longest = max(one.shape[1] for one in codes)
        padded = [torch.nn.functional.pad(one, (0, longest - one.shape[1])) for one in codes]
        return ScoreCodecOutput(audio_codes=torch.stack(padded)[None].to(input_values.device))

    def decode(self, audio_codes: torch.Tensor, audio_scales: list[Any] | None = None) -> ScoreCodecOutput:
        """Play codes int (1, batch, streams, header + steps); shorter pieces are padded with silence at the end."""
        sounds = [
            torch.from_numpy(render(to_notes(tokens), rate=self.config.sampling_rate))
            for tokens in audio_codes[0].cpu().numpy()
        ]
        longest = max(sound.shape[1] for sound in sounds)
        padded = [torch.nn.functional.pad(sound, (0, longest - sound.shape[1])) for sound in sounds]
        return ScoreCodecOutput(audio_codes=audio_codes, audio_values=torch.stack(padded).to(self.nothing.device))

    def forward(self, input_values: torch.Tensor) -> ScoreCodecOutput:
        """`encode`, then `decode`: a sketch of the sound, in its tempo, key and chords."""
        encoded = self.encode(input_values)
        assert encoded.audio_codes is not None
        return self.decode(encoded.audio_codes)


AutoConfig.register("score_codec", ScoreCodecConfig)
AutoModel.register(ScoreCodecConfig, ScoreCodecModel)
