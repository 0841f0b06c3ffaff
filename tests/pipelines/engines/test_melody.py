"""The chroma of a tune, and that it reaches the decoder: in transformers 5.5 to 5.20 it was lost on the way."""

from pathlib import Path

import librosa
import numpy as np
import pytest
import torch

from core.runtime import Compute
from core.types import AudioClip, MusicRequest
from pipelines.engines import melody, musicgen
from pipelines.engines.streams import read_nothing, read_text
from pipelines.engines.task import Task


def sung(notes: list[int], *, rate: int = 32000, note_s: float = 1.0, channels: int = 1) -> AudioClip:
    """Notes by their MIDI numbers, with overtones."""
    time_s = np.arange(round(rate * note_s)) / rate
    tones = [
        sum(np.sin(2 * np.pi * k * 440 * 2 ** ((note - 69) / 12) * time_s) / k**2 for k in range(1, 5))
        for note in notes
    ]
    return AudioClip(np.tile(np.concatenate(tones).astype(np.float32) / 2, (channels, 1)), rate)


@pytest.fixture(scope="module")
def loaded(tiny_melody_musicgen: Path) -> musicgen.Loaded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_melody_musicgen))
        return musicgen.load(Compute("cpu", "float32", "a test"))


@pytest.mark.parametrize(("rate", "channels"), [(32000, 1), (44100, 2)])
def test_a_tune_is_heard_note_by_note(rate: int, channels: int) -> None:
    notes = [60, 64, 67, 71, 62, 61]
    classes = melody.pitch_classes(sung(notes, rate=rate, channels=channels)).numpy()
    assert len(classes) == 1 + 6 * 32000 // 4096
    frame_s = 4096 / 32000
    for i, note in enumerate(notes):
        inside = classes[int(np.ceil((i + 0.3) / frame_s)) : int((i + 0.7) / frame_s)]
        assert set(inside) == {note % 12}


def test_the_classes_are_librosas() -> None:
    clip = AudioClip(np.random.default_rng(1).normal(0, 0.1, (1, 96000)).astype(np.float32), 32000)
    power = np.abs(librosa.stft(clip.samples[0], n_fft=16384, hop_length=4096, pad_mode="reflect")) ** 2
    theirs = librosa.filters.chroma(sr=32000, n_fft=16384, tuning=0) @ power
    assert np.array_equal(melody.pitch_classes(clip), theirs.argmax(0))


def test_very_short_and_silent_clips_have_a_chroma() -> None:
    assert melody.pitch_classes(AudioClip(np.zeros((1, 100), np.float32), 32000)).tolist() == [0] * 5


def test_the_decoder_reads_thirty_seconds_of_chroma_and_then_the_text(loaded: musicgen.Loaded) -> None:
    network = loaded.network
    text = read_text(network, musicgen.tokenised(loaded, "calm")[0])
    n_text, tune = text.hidden.shape[1], torch.tensor([0, 4, 7])
    read = melody.with_tune(network, text, tune)
    assert read.hidden.shape == read.blind.shape == (1, 235 + n_text, 16)
    rows = network.audio_enc_to_dec_proj(torch.eye(12)).to(text.hidden)
    assert torch.equal(read.hidden[0, :235], rows[[0, 4, 7] * 78 + [0]])  # a short tune begins again
    assert torch.equal(read.hidden[:, 235:], text.hidden)
    assert torch.equal(read.blind[0, :235], rows[[0] * 235])
    assert torch.all(read.blind[:, 235:] == 0)
    later = melody.with_tune(network, text, torch.arange(12), begin_s=2 * 4096 / 32000)
    assert torch.equal(later.hidden[0, :12], rows[[*range(2, 12), 0, 1]])


def test_conditions_are_those_of_transformers(loaded: musicgen.Loaded) -> None:
    network, (words, _) = loaded.network, musicgen.tokenised(loaded, "calm jazz")
    network.float()
    tune = melody.pitch_classes(sung([60, 64, 67]))
    chroma = torch.nn.functional.one_hot(tune, 12).float()[None]
    columns = torch.full((4, 1), 64)
    with torch.inference_mode():
        theirs = network(**words, input_features=chroma, decoder_input_ids=columns).encoder_hidden_states
        nothing = network(**words, decoder_input_ids=columns).encoder_hidden_states
    text = read_text(network, words)
    assert torch.allclose(melody.with_tune(network, text, tune).hidden, theirs, atol=1e-6)
    assert torch.allclose(melody.with_tune(network, text, None).hidden, nothing, atol=1e-6)
    assert torch.allclose(melody.with_tune(network, read_nothing(network), None).hidden[:, :235], nothing[:, :235])


def test_another_melody_makes_another_sound(loaded: musicgen.Loaded) -> None:
    def made(notes: list[int]) -> np.ndarray:
        request = MusicRequest("calm", seconds=1.0, seed=3, mode="melody")
        return musicgen.generate(loaded, Task((request,), source=sung(notes)))[0].clip.samples

    first = made([60, 64, 67])
    assert np.array_equal(first, made([60, 64, 67]))
    assert not np.array_equal(first, made([61, 66, 70]))


def test_a_melody_model_does_without_one(loaded: musicgen.Loaded) -> None:
    for mode in ("text", "unconditional"):
        clip = musicgen.generate(loaded, Task((MusicRequest("calm", seconds=1.0, mode=mode),)))[0].clip
        assert clip.samples.shape == (1, 32000)
