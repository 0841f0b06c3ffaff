"""The judge: what it sees, what it learns from, what its correlation means, and that it can be kept."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.types import AudioClip
from corpus import score
from corpus.captions import EMOTIONS, GENRES
from evaluation import judge, judge_examples
from evaluation.judge import Ceiling, Network, Shape

SMALL = Shape(channels=(8, 8, 8, 8), embedding=4)


def hiss(seconds: float, seed: int = 0, rate: int = 16_000) -> AudioClip:
    sound = np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * rate))).astype(np.float32)
    return AudioClip(sound, rate)


def test_a_view_does_not_know_how_loud_or_at_what_rate_a_clip_is() -> None:
    t = np.arange(10 * 44_100) / 44_100
    sound = np.sin(2 * np.pi * 440 * t) * (t % 0.5 < 0.2)
    loud, quiet = (AudioClip((gain * sound[None]).astype(np.float32), 44_100) for gain in (0.8, 0.1))
    seen = judge_examples.view(loud)
    assert seen.shape == (judge_examples.N_BANDS, judge_examples.N_COLUMNS)
    assert 0 <= seen.min() < seen.max() <= 1
    np.testing.assert_allclose(seen, judge_examples.view(quiet), atol=2e-3)
    other = AudioClip(np.ascontiguousarray(loud.samples[:, ::2]), 22_050)
    assert np.abs(seen - judge_examples.view(other))[:40].mean() < 0.02


def test_examples_are_what_they_are_labelled(tmp_path: Path) -> None:
    drawn = {}
    for index in range(60):
        genre, emotion = index % len(GENRES), index // len(GENRES) % len(EMOTIONS)
        tokens = judge_examples.drawn_piece(genre, emotion, random.Random(index))
        header = score.Header.unpack(tokens)
        seconds = score.seconds_of(tokens.shape[1] - 2, header.tempo_bpm, header.steps_per_beat)
        assert (header.genre, header.emotion) == (GENRES[genre], EMOTIONS[emotion])
        assert judge_examples.CLIP_S - 1e-6 <= seconds < judge_examples.CLIP_S + 0.4
        drawn[tokens.tobytes()] = header.tempo_bpm
    assert len(drawn) == 60
    assert len(set(drawn.values())) > 20


def test_a_passage_begins_after_the_opening() -> None:
    openings = [score.read_section(int(judge_examples.drawn_piece(0, 0, random.Random(i))[0, 2])) for i in range(30)]
    # the opening of a piece says theme or intro at its first step; half of the clips begin elsewhere
    assert {kind[0] for kind in openings if kind} - {"intro", "theme"}


def test_rendered_examples_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_examples, "_SHARD", 2)
    made = lambda i, seed: (np.full((2, 3), i, np.float16), np.int64(i), np.int64(seed))  # noqa: E731
    monkeypatch.setattr(judge_examples, "_example", made)
    first = judge_examples.examples(3, 5, tmp_path)
    monkeypatch.setattr(judge_examples, "_example", lambda i, s: pytest.fail("made again"))
    again = judge_examples.examples(3, 5, tmp_path)
    assert first.genres.tolist() == again.genres.tolist() == [0, 1, 2]
    assert first.emotions.tolist() == [5, 5, 5]
    assert again.views[2].max() == 2


def test_rank_biserial_correlation_of_known_orders() -> None:
    classes = np.array([0, 0, 1, 1])
    right = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]], np.float32)
    assert judge.rank_biserial(right, classes) == pytest.approx(1)
    assert judge.rank_biserial(1 - right, classes) == pytest.approx(-1)
    assert judge.rank_biserial(np.full((4, 2), 0.5, np.float32), classes) == pytest.approx(0)
    # one of the four pairs of each label stands the wrong way round
    mixed = np.array([[0.9, 0.1], [0.3, 0.7], [0.1, 0.9], [0.4, 0.6]], np.float32)
    assert judge.rank_biserial(mixed, classes) == pytest.approx(0.5)


def test_a_long_clip_is_judged_by_all_of_its_stretches() -> None:
    torch.manual_seed(0)
    network = Network(SMALL)
    first, second = hiss(10, 1), AudioClip(np.repeat(hiss(10, 2).samples[:, ::2], 2, axis=1), 16_000)
    both = AudioClip(np.concatenate([first.samples, second.samples], axis=1), 16_000)
    judged = judge.judge(network, [first, second, both])
    assert judged.genre.shape == (3, len(GENRES))
    assert judged.emotion.shape == (3, len(EMOTIONS))
    np.testing.assert_allclose(judged.genre.sum(axis=1), 1, atol=1e-5)
    apart = np.abs(judged.embeddings[0] - judged.embeddings[1]).max()
    assert apart > 0.05
    assert np.abs(judged.embeddings[2] - judged.embeddings[:2].mean(axis=0)).max() < 0.3 * apart


def test_a_short_clip_is_repeated() -> None:
    judged = judge.judge(Network(SMALL), [hiss(1.0)])
    assert np.isfinite(judged.embeddings).all()


def test_what_is_kept_judges_alike(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Network(SMALL)
    judge.save(network, SMALL, Ceiling(4, 0.5, {}, 0.25, 0.1), tmp_path)
    before, after = (judge.judge(each, [hiss(10)]) for each in (network, judge.load(tmp_path)))
    np.testing.assert_allclose(before.genre, after.genre, atol=1e-3)
    assert (tmp_path / "judge.safetensors").stat().st_size < 2_000_000


def test_what_is_usual_is_taken_out_of_the_statistics() -> None:
    torch.manual_seed(0)
    network, views = Network(SMALL).eval(), torch.rand(6, judge_examples.N_BANDS, judge_examples.N_COLUMNS)
    before = network(views)[2]
    network.standardise(views)
    usual = (judge._statistics(views) - network.centre) / network.spread
    torch.testing.assert_close(usual.mean(0), torch.zeros(usual.shape[1]), atol=1e-3, rtol=0)
    assert not torch.allclose(before, network(views)[2], atol=1e-2)
    assert {"centre", "spread"} <= set(network.state_dict())  # kept with the weights


def test_a_judge_of_other_labels_is_refused(tmp_path: Path) -> None:
    judge.save(Network(SMALL), SMALL, Ceiling(4, 0.5, {}, 0.25, 0.1), tmp_path)
    path = tmp_path / "judge.safetensors"
    meta = {"shape": "{}", "view": "{}", "labels": '[["noise"], []]'}
    save_file(load_file(path), path, meta)
    with pytest.raises(ValueError, match="other labels"):
        judge.load(tmp_path)


def test_it_learns_what_can_be_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Genres that are each a band of their own, emotions each a rhythm: a few steps are enough."""

    def example(index: int, seed: int) -> tuple[np.ndarray, np.int64, np.int64]:
        rng = np.random.default_rng(1000 * seed + index)
        genre, emotion = index % 2, index // 2 % 2
        seen = rng.uniform(0, 0.2, (judge_examples.N_BANDS, judge_examples.N_COLUMNS))
        seen[8 + 30 * genre : 20 + 30 * genre, :: 4 + 12 * emotion] += 0.7
        return seen.astype(np.float16), np.int64(genre), np.int64(emotion)

    monkeypatch.setattr(judge_examples, "_example", example)
    monkeypatch.setattr(judge, "_BATCH", 8)
    command = ["--out", str(tmp_path / "judge"), "--work", str(tmp_path / "work"), "--steps", "120"]
    assert judge.main([*command, "--clips", "40", "--held-out", "20"], shape=SMALL) == 0
    network = judge.load(tmp_path / "judge")
    ceiling = judge.examined(network, judge_examples.examples(20, judge.HELD_OUT_SEED, tmp_path / "work"))
    assert ceiling.genre > 0.9
    assert ceiling.emotion_correlation > 0.9
    assert ceiling.n == 20
    assert set(ceiling.genre_of) == set(GENRES[:2])
