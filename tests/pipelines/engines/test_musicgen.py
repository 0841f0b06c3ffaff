"""MusicGen's full tier on a tiny untrained model, and what both tiers share."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, UserError
from core.runtime import Compute
from core.types import MusicRequest, no_progress
from pipelines.engines import musicgen, musicgen_sound
from pipelines.engines.steering import NEVER, Sampling, Steering, generate_frames

CPU = Compute("cpu", "float32", "a test")


@pytest.fixture(scope="module")
def loaded(tiny_musicgen: Path) -> musicgen.Loaded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_musicgen))
        return musicgen.load(CPU)


def test_full_tier_is_exactly_as_long_as_asked(loaded: musicgen.Loaded) -> None:
    clip = musicgen.generate(loaded, MusicRequest("calm jazz", seconds=1.23, seed=5), no_progress)
    assert clip.clip.samples.shape == (1, round(1.23 * 32000))
    assert clip.provenance.tier == "full"
    assert clip.midi is None
    assert clip.request.guidance == 3.0


def test_a_seed_means_the_same_sound_whatever_the_global_generator_does(loaded: musicgen.Loaded) -> None:
    request = MusicRequest("calm jazz", seconds=1.0, seed=5)
    first = musicgen.generate(loaded, request, no_progress).clip.samples
    torch.manual_seed(123)
    assert np.array_equal(first, musicgen.generate(loaded, request, no_progress).clip.samples)
    assert not np.array_equal(first, musicgen.generate(loaded, replace(request, seed=6), no_progress).clip.samples)


def test_progress_rises_and_cancel_takes_one_step(loaded: musicgen.Loaded) -> None:
    fractions: list[float] = []

    def stop_at_ten(fraction: float, what: str) -> None:
        fractions.append(fraction)
        if len(fractions) == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        musicgen.generate(loaded, MusicRequest("calm jazz", seconds=2.0), stop_at_ten)
    assert len(fractions) == 10
    assert fractions == sorted(fractions)
    assert musicgen.generate(loaded, MusicRequest("calm jazz", seconds=1.0), no_progress).clip.seconds == 1.0


def test_long_pieces_are_windows_that_go_on_from_each_other(
    loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(musicgen_sound, "WINDOW_S", 1.0)
    monkeypatch.setattr(musicgen_sound, "KEPT_S", 0.4)
    prefixes: list[torch.Tensor] = []
    made: list[torch.Tensor] = []

    def spy(*args: object, prefix: torch.Tensor, **kwargs: object) -> tuple[torch.Tensor, torch.Tensor]:
        frames, sound = generate_frames(*args, prefix=prefix, **kwargs)  # type: ignore[arg-type]
        prefixes.append(prefix)
        made.append(frames)
        assert sound.shape[1] >= (prefix.shape[1] + frames.shape[1]) * 640
        return frames, sound

    monkeypatch.setattr(musicgen_sound, "generate_frames", spy)
    clip = musicgen.generate(loaded, MusicRequest("calm jazz", seconds=2.5), no_progress)
    assert clip.clip.samples.shape == (1, 80000)
    assert [p.shape[1] for p in prefixes] == [0, 20, 20, 20]
    assert [f.shape[1] for f in made] == [50, 30, 30, 15]
    assert torch.equal(prefixes[2], made[1][:, -20:])


def test_the_join_crosses_over_without_a_gap() -> None:
    seam = musicgen_sound.join(torch.ones(1, 100), torch.full((1, 50), 3.0), 20)
    assert seam.shape == (1, 130)
    assert torch.all(seam[:, :80] == 1)
    assert torch.all(seam[:, 100:] == 3)
    assert torch.all(seam.diff(dim=1) >= 0)


def test_the_prefix_is_kept_and_frames_undo_the_delay(loaded: musicgen.Loaded) -> None:
    text, _ = musicgen.tokenised(loaded, "calm")
    prefix = torch.randint(0, 64, (4, 12), generator=torch.Generator().manual_seed(1))
    seen: list[torch.Tensor] = []
    decode = loaded.network.audio_encoder.decode

    def spy(codes: torch.Tensor, **kwargs: object) -> object:
        seen.append(codes)
        return decode(codes, **kwargs)

    loaded.network.audio_encoder.decode = spy
    try:
        steering = Steering(range(4), Sampling(guidance=3.0), generator=torch.Generator().manual_seed(2))
        frames, _ = generate_frames(loaded.network, text, prefix=prefix, n_frames=9, steering=steering)
    finally:
        loaded.network.audio_encoder.decode = decode
    assert torch.equal(seen[0][0, 0], torch.cat([prefix, frames], 1))


def test_steering_chooses_only_what_is_allowed() -> None:
    def allowed(stream: int, frame: int) -> torch.Tensor | None:
        return torch.tensor([3, 5]) if (stream, frame) == (1, 4) else None

    steering = Steering(range(2), Sampling(), generator=torch.Generator().manual_seed(0), allowed=allowed)
    scores = torch.zeros(2, 8)
    scores[1, 0] = 50.0
    for _ in range(20):
        chosen = steering(torch.zeros(2, 6, dtype=torch.long), scores)  # column 6: frame 4 of stream 1
        assert chosen[1].argmax() in (3, 5)
        assert (chosen > NEVER).sum() == 2
    assert steering(torch.zeros(2, 7, dtype=torch.long), scores)[1].argmax() == 0


def test_guidance_moves_away_from_what_is_said_without_words() -> None:
    informed, blind = torch.tensor([[1.0, 1.2, 0.0]]), torch.tensor([[0.0, 1.2, 0.0]])

    def share(guidance: float) -> float:
        steering = Steering(range(1), Sampling(guidance), generator=torch.Generator().manual_seed(0))
        scores = torch.cat([informed, blind])
        both = [steering(torch.zeros(1, 2, dtype=torch.long), scores) for _ in range(400)]
        assert all(torch.equal(*pair) for pair in both)
        return float(np.mean([pair[0].argmax() == 0 for pair in both]))

    assert share(6.0) > share(1.5) + 0.2


def test_sampling_follows_the_distribution_and_its_cuts() -> None:
    logits = torch.log(torch.tensor([[0.6, 0.3, 0.07, 0.03]]))

    def counts(sampling: Sampling) -> np.ndarray:
        steering = Steering(range(1), sampling, generator=torch.Generator().manual_seed(0))
        for _ in range(3000):
            steering(torch.zeros(1, 2, dtype=torch.long), logits)
        return np.bincount(torch.cat(steering.columns), minlength=4) / 3000

    assert np.allclose(counts(Sampling()), [0.6, 0.3, 0.07, 0.03], atol=0.04)
    assert np.allclose(counts(Sampling(top_k=2)), [2 / 3, 1 / 3, 0, 0], atol=0.04)
    assert np.allclose(counts(Sampling(min_p=0.1)), np.array([0.6, 0.3, 0.07, 0]) / 0.97, atol=0.04)
    assert counts(Sampling(temperature=0.2))[0] > 0.95


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
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(tmp_path))
    with pytest.raises(UserError, match="cannot be loaded"):
        musicgen.load(CPU)
