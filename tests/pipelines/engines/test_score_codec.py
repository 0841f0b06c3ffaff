"""The score codec as MusicGen sees it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from corpus import score
from corpus.score import Header
from pipelines.engines.score_codec import ScoreCodecConfig, ScoreCodecModel


def scale_up(header: Header) -> np.ndarray:
    """A header and one bar: eight quavers of melody."""
    tokens = np.zeros((score.N_STREAMS, score.N_HEADER_FRAMES + 16), np.int64)
    tokens[:, : score.N_HEADER_FRAMES] = header.pack()
    tokens[score.DYNAMICS, score.N_HEADER_FRAMES :] = 5
    for step, semitones in enumerate((0, 2, 4, 5, 7, 9, 11, 12)):
        at = score.N_HEADER_FRAMES + 2 * step
        tokens[score.MELODY, at] = score.FIRST_PITCH + semitones - score.MELODY_LOWEST
        tokens[score.MELODY, at + 1] = score.HOLD
    return tokens


def test_decode_plays_each_piece_of_a_batch_at_its_own_tempo() -> None:
    codes = torch.from_numpy(np.stack([scale_up(Header(tempo_bpm=120)), scale_up(Header(tempo_bpm=60))]))[None]
    sound = ScoreCodecModel(ScoreCodecConfig()).decode(codes).audio_values
    assert sound.shape == (2, 2, 4 * 32000)  # four beats at 60
    assert sound.isfinite().all()
    assert sound.abs().max() < 1
    assert sound[0, :, : 2 * 32000].abs().max() > 0.05
    assert not sound[0, :, 2 * 32000 :].any()


def test_encoding_writes_a_score_that_plays_alike() -> None:
    codec = ScoreCodecModel(ScoreCodecConfig())
    tokens = np.concatenate([scale_up(Header(tempo_bpm=120)), *[scale_up(Header())[:, score.N_HEADER_FRAMES :]] * 3], 1)
    sound = codec.decode(torch.from_numpy(tokens)[None, None]).audio_values
    assert sound is not None
    pair = torch.cat([sound, torch.zeros_like(sound)])
    codes = codec.encode(pair).audio_codes
    assert codes is not None
    assert codes.shape[:3] == (1, 2, score.N_STREAMS)
    assert not codes[0, 1, score.MELODY].gt(score.HOLD)[score.N_HEADER_FRAMES :].any()
    header = Header.unpack(codes[0, 0].numpy())
    assert header.tempo_bpm in (60, 120)
    assert header.key in ("C major", "G major", "F major", "A minor")
    again = codec(pair).audio_values
    assert again is not None
    assert again.shape[:2] == (2, 2)
    assert again[0].abs().max() > 0.01
    assert not again[1].any()


def test_weights_for_another_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="for the score grid"):
        ScoreCodecModel(ScoreCodecConfig(num_codebooks=4))


def test_plain_transformers_code_loads_generates_and_plays(tiny_score_musicgen: Path) -> None:
    from transformers import AutoTokenizer, MusicgenForConditionalGeneration

    network = MusicgenForConditionalGeneration.from_pretrained(tiny_score_musicgen, dtype="float32")
    assert isinstance(network.audio_encoder, ScoreCodecModel)
    text = AutoTokenizer.from_pretrained(tiny_score_musicgen)("calm jazz, 96 bpm", return_tensors="pt")
    torch.manual_seed(1)
    first = network.generate(**text, max_new_tokens=2 + 32 + 7)
    torch.manual_seed(1)
    again = MusicgenForConditionalGeneration.from_pretrained(tiny_score_musicgen, dtype="float32")
    assert first.shape[:2] == (1, 2)
    assert torch.equal(first, again.generate(**text, max_new_tokens=2 + 32 + 7))
