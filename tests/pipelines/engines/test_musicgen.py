"""What both tiers of MusicGen share: which class is loaded, what it can do, words from fields, refusals."""

import json
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.models import Model
from core.runtime import Compute
from core.types import MusicRequest
from pipelines.engines import musicgen
from pipelines.engines.task import Task

CPU = Compute("cpu", "float32", "a test")


@pytest.fixture(scope="module")
def loaded(tiny_musicgen: Path) -> musicgen.Loaded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_musicgen))
        return musicgen.load(CPU)


def test_fields_that_the_prompt_leaves_out_become_words() -> None:
    request = MusicRequest("calm jazz with piano", tempo_bpm=96, genre="jazz", key="A minor", instruments=("piano",))
    text = musicgen.words(request)
    assert text.startswith("calm jazz with piano, ")
    assert "96 bpm" in text
    assert "A minor" in text
    assert text.count("jazz") == text.count("piano") == 1
    assert musicgen.words(MusicRequest("calm jazz")) == "calm jazz"


def test_a_prompt_too_long_for_the_window_is_cut_and_said_so(loaded: musicgen.Loaded) -> None:
    inputs, notes = musicgen.tokenised(loaded, "calm jazz " * 100)
    assert inputs["input_ids"].shape == (1, 512)
    assert "first 512" in notes[0]
    assert musicgen.tokenised(loaded, "calm")[1] == []


def test_a_missing_model_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "not" / "there"):
        monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(where))
        with pytest.raises(UserError, match="cannot be loaded"):
            musicgen.load(CPU)


def test_a_directory_of_another_kind_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(tmp_path))
    with pytest.raises(UserError, match="of type bert"):
        musicgen.load(CPU)


def test_text_encoder_and_codec_stay_exact_where_the_decoder_is_quick(
    tiny_musicgen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_musicgen))
    for is_able, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda is_able=is_able: {"avx512_bf16": is_able})
        network = musicgen.load(CPU).network
        assert {p.dtype for p in network.decoder.parameters()} == {dtype}
        assert {p.dtype for p in network.audio_encoder.parameters()} == {torch.float32}
        assert {p.dtype for p in network.text_encoder.parameters()} == {torch.float32}


def test_only_a_melody_model_says_that_it_follows_one(
    tiny_musicgen: Path, tiny_melody_musicgen: Path, tiny_score_musicgen: Path
) -> None:
    def can(where: str, name: str = "some") -> set[str]:
        return set(musicgen.capabilities(Model(name, where, "", "full", "")))

    everywhere = {"continue", "unconditional", "stream", "variations", "guidance"}
    assert everywhere <= can(str(tiny_musicgen)) & can(str(tiny_melody_musicgen)) & can(str(tiny_score_musicgen))
    assert "melody" in can(str(tiny_melody_musicgen))
    assert not {"melody", "midi", "exact tempo"} & can(str(tiny_musicgen))
    assert {"midi", "exact tempo"} <= can(str(tiny_score_musicgen))
    assert "melody" in can("facebook/not-cached-here", "musicgen-stereo-melody")
    assert "melody" not in can("facebook/not-cached-here", "musicgen-stereo-small")


def test_a_model_that_cannot_follow_a_melody_names_one_that_can(loaded: musicgen.Loaded) -> None:
    with pytest.raises(UserError, match=r"cannot follow a melody.*facebook/musicgen-melody"):
        musicgen.generate(loaded, Task((MusicRequest("calm", mode="melody"),)))


def test_a_continuation_of_nothing_is_refused(loaded: musicgen.Loaded) -> None:
    with pytest.raises(UserError, match="no clip to start from"):
        musicgen.generate(loaded, Task((MusicRequest("calm", mode="continue"),)))
