"""MusicGen's full tier on tiny untrained models: lengths, windows, modes, batches, streams, cancelling."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import Cancelled, UserError
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest
from pipelines.engines import musicgen, musicgen_sound
from pipelines.engines.streams import generate_frames
from pipelines.engines.task import Task

CALM = MusicRequest("calm jazz", seconds=1.0, seed=5)
HOP = 640


def loaded_from(directory: Path) -> musicgen.Loaded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_MUSIC_MODEL", str(directory))
        return musicgen.load(Compute("cpu", "float32", "a test"))


@pytest.fixture(scope="module")
def loaded(tiny_musicgen: Path) -> musicgen.Loaded:
    return loaded_from(tiny_musicgen)


@pytest.fixture(scope="module")
def stereo(tiny_stereo_musicgen: Path) -> musicgen.Loaded:
    return loaded_from(tiny_stereo_musicgen)


def play(loaded: musicgen.Loaded, *requests: MusicRequest, **others: Any) -> list[GeneratedClip]:
    return musicgen.generate(loaded, Task(requests, **others))


def noise(seconds: float, *, rate: int = 32000, channels: int = 1) -> AudioClip:
    samples = np.random.default_rng(0).normal(0, 0.1, (channels, round(seconds * rate)))
    return AudioClip(samples.astype(np.float32), rate)


@pytest.mark.parametrize("seconds", [1.0, 1.23, 2.2])
def test_a_clip_is_exactly_as_long_as_asked(loaded: musicgen.Loaded, seconds: float) -> None:
    (made,) = play(loaded, replace(CALM, seconds=seconds))
    assert made.clip.samples.shape == (1, round(seconds * 32000))
    assert np.isfinite(made.clip.samples).all()
    assert made.clip.samples.std() > 1e-4
    assert made.provenance.tier == "full"
    assert (made.midi, made.lead_in, made.request.guidance) == (None, None, 3.0)


def test_a_seed_means_the_same_sound_whatever_the_global_generator_does(loaded: musicgen.Loaded) -> None:
    first = play(loaded, CALM)[0].clip.samples
    torch.manual_seed(123)
    assert np.array_equal(first, play(loaded, CALM)[0].clip.samples)
    assert not np.array_equal(first, play(loaded, replace(CALM, seed=6))[0].clip.samples)


def test_variations_are_made_in_one_batch_and_are_what_they_are_alone(
    loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = replace(loaded, network=loaded_from(Path(loaded.row.where)).network.float())
    sizes: list[int] = []

    def spy(*args: Any, prefix: torch.Tensor, **others: Any) -> torch.Tensor:
        sizes.append(len(prefix))
        return generate_frames(*args, prefix=prefix, **others)

    monkeypatch.setattr(musicgen_sound, "generate_frames", spy)
    requests = [replace(CALM, seed=seed) for seed in (5, 6, 7)]
    batch = play(exact, *requests)
    assert sizes == [3]
    assert [made.request.seed for made in batch] == [5, 6, 7]
    for made, request in zip(batch, requests, strict=True):
        assert np.allclose(made.clip.samples, play(exact, request)[0].clip.samples, atol=1e-6)


def test_progress_rises_and_cancel_takes_one_step(loaded: musicgen.Loaded) -> None:
    fractions: list[float] = []

    def stop_at_ten(fraction: float, what: str) -> None:
        fractions.append(fraction)
        if len(fractions) == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        play(loaded, replace(CALM, seconds=2.0), progress=stop_at_ten)
    assert len(fractions) == 10
    before = play(loaded, CALM)[0].clip.samples
    fractions.clear()
    after = play(loaded, CALM, progress=lambda fraction, what: fractions.append(fraction))[0].clip.samples
    assert np.array_equal(before, after)
    assert fractions == sorted(fractions)
    assert len(fractions) == 50 + 3
    assert fractions[-1] == 1.0


def test_long_pieces_are_windows_that_go_on_from_each_other(
    loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(musicgen_sound, "WINDOW_S", 1.0)
    monkeypatch.setattr(musicgen_sound, "KEPT_S", 0.4)
    prefixes: list[torch.Tensor] = []
    made: list[torch.Tensor] = []

    def spy(*args: Any, prefix: torch.Tensor, **others: Any) -> torch.Tensor:
        prefixes.append(prefix)
        made.append(generate_frames(*args, prefix=prefix, **others))
        return made[-1]

    monkeypatch.setattr(musicgen_sound, "generate_frames", spy)
    fractions: list[float] = []
    (clip,) = play(loaded, replace(CALM, seconds=2.5), progress=lambda fraction, what: fractions.append(fraction))
    assert clip.clip.samples.shape == (1, 80000)
    assert [p.shape[2] for p in prefixes] == [0, 20, 20, 20]
    assert [f.shape[2] for f in made] == [50, 30, 30, 15]
    assert torch.equal(prefixes[2], made[1][..., -20:])
    assert fractions == sorted(fractions)
    # no seam: the sound is what the codec makes of all frames in one go
    codes = torch.cat(made, 2)
    with torch.inference_mode():
        whole = loaded.network.audio_encoder.decode(codes[None], [None]).audio_values[0].numpy()
    assert np.allclose(clip.clip.samples, musicgen_sound.HEADROOM * whole, atol=1e-6)


def test_a_stream_is_the_clip_in_pieces_that_come_early(loaded: musicgen.Loaded) -> None:
    fractions: list[float] = []
    heard: list[tuple[float, AudioClip]] = []
    requests = [replace(CALM, seconds=4.3, seed=seed) for seed in (5, 6)]
    first, _ = play(
        loaded,
        *requests,
        progress=lambda fraction, what: fractions.append(fraction),
        on_sound=lambda piece: heard.append((fractions[-1], piece)),
    )
    pieces = [piece for _, piece in heard]
    assert np.array_equal(np.concatenate([piece.samples for piece in pieces], 1), first.clip.samples)
    assert 0.3 < pieces[0].seconds < 0.7
    assert heard[0][0] < 0.2  # when a fifth of the tokens was there
    assert all(0.5 < piece.seconds < 1.6 for piece in pieces[1:-1])
    assert len(pieces) >= 4
    assert np.array_equal(play(loaded, *requests)[0].clip.samples, first.clip.samples)  # listening changes nothing


def test_an_exception_of_the_listener_unwinds_too(loaded: musicgen.Loaded) -> None:
    def leave(piece: AudioClip) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        play(loaded, CALM, on_sound=leave)
    assert play(loaded, CALM)[0].clip.seconds == 1.0


@pytest.mark.parametrize("rate", [32000, 44100])
def test_a_continuation_goes_on_from_the_end_of_a_clip(
    loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch, rate: int
) -> None:
    prefixes: list[torch.Tensor] = []

    def spy(*args: Any, prefix: torch.Tensor, **others: Any) -> torch.Tensor:
        prefixes.append(prefix)
        return generate_frames(*args, prefix=prefix, **others)

    monkeypatch.setattr(musicgen_sound, "generate_frames", spy)
    pieces: list[AudioClip] = []
    source = noise(5.0, rate=rate, channels=2)
    request = replace(CALM, seconds=1.5, mode="continue", prompt_s=2.0)
    made, other = play(loaded, request, replace(request, seed=9), source=source, on_sound=pieces.append)
    assert made.clip.samples.shape == (1, 48000)
    assert np.array_equal(np.concatenate([piece.samples for piece in pieces], 1), made.clip.samples)
    codes = musicgen_sound.heard(loaded, source, prompt_s=2.0)
    assert codes.shape == (1, 4, 100)
    assert torch.equal(prefixes[0], codes.expand(2, -1, -1))
    with torch.inference_mode():
        decoded = loaded.network.audio_encoder.decode(codes[None], [None]).audio_values[0].numpy()
    assert made.lead_in is not None
    assert other.lead_in is not None
    assert made.lead_in.samples.shape == (1, 32000)
    middle = slice(-30000, -5 * HOP)  # its last frames sound like what comes after them
    assert np.allclose(made.lead_in.samples[:, middle], musicgen_sound.HEADROOM * decoded[:, middle], atol=1e-6)
    assert not np.array_equal(made.clip.samples, other.clip.samples)


def test_a_continuation_begins_where_the_given_sound_ends(loaded: musicgen.Loaded) -> None:
    """Lead-in and clip are one decode: nothing jumps where they meet."""
    request = replace(CALM, mode="continue", prompt_s=1.0)
    (made,) = play(loaded, request, source=noise(3.0))
    assert made.lead_in is not None
    whole = np.concatenate([made.lead_in.samples, made.clip.samples], 1)[0]
    steps = np.abs(np.diff(whole))
    assert steps[31990:32010].max() <= np.quantile(steps, 0.9999) * 1.5


def test_a_long_prompt_is_shortened_and_said_so(loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(musicgen_sound, "MOST_HEARD_S", 2.0)
    (made,) = play(loaded, replace(CALM, mode="continue", prompt_s=3.0), source=noise(4.0))
    assert "last 2 s" in str(made.details["notes"])
    with pytest.raises(UserError, match="too short"):
        play(loaded, replace(CALM, mode="continue"), source=noise(0.2))


def test_without_words_nothing_is_read_of_the_prompt(loaded: musicgen.Loaded) -> None:
    blind = replace(CALM, mode="unconditional", guidance=7.0)
    (made,) = play(loaded, blind)
    assert made.request.guidance == 1.0
    assert made.request.genre is None
    assert np.array_equal(made.clip.samples, play(loaded, replace(blind, prompt="loud rock"))[0].clip.samples)
    assert not np.array_equal(made.clip.samples, play(loaded, replace(CALM, guidance=1.0))[0].clip.samples)


def test_the_prompt_and_the_fields_are_read(loaded: musicgen.Loaded) -> None:
    (made,) = play(loaded, replace(CALM, tempo_bpm=96.0))
    assert (made.request.genre, made.request.tempo_bpm) == ("jazz", 96.0)
    assert not np.array_equal(made.clip.samples, play(loaded, CALM)[0].clip.samples)


def test_stereo_models_make_and_continue_stereo(stereo: musicgen.Loaded) -> None:
    (made,) = play(stereo, replace(CALM, seconds=1.3))
    assert made.clip.samples.shape == (2, 41600)
    assert not np.array_equal(*made.clip.samples)
    for channels in (1, 2):
        source = noise(2.0, channels=channels)
        (more,) = play(stereo, replace(CALM, mode="continue", prompt_s=1.5), source=source)
        assert more.clip.samples.shape == (2, 32000)
        codes = musicgen_sound.heard(stereo, source, prompt_s=1.5)[0]
        assert codes.shape == (8, 75)
        assert torch.equal(codes[0::2], codes[1::2]) == (channels == 1)


def test_what_comes_out_never_clips(loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(musicgen_sound, "HEADROOM", 1e4)
    (made,) = play(loaded, CALM)
    assert np.abs(made.clip.samples).max() == np.float32(musicgen_sound.LOUDEST)
