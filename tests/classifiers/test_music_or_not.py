"""What music-or-not learns from: every kind at its share, and nothing made of a tested clip on the other side."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from classifiers import music_or_not
from core.features import RATE_HZ


@pytest.fixture
def material(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> music_or_not.Material:
    """Gathered from forty clips of 2 s, each a tone of its own, and as good as nothing else."""

    def clips():
        for k in range(40):
            yield k < 20, np.sin(2 * np.pi * 200 * (k + 1) * np.arange(2 * RATE_HZ) / RATE_HZ).astype(np.float32)

    def sounds(n: int, seed: int):
        return (np.random.default_rng([seed, k]).normal(0, 0.1, RATE_HZ).astype(np.float32) for k in range(2))

    monkeypatch.setattr(music_or_not, "_clips", clips)
    monkeypatch.setattr(music_or_not, "bare_music", SimpleNamespace(drum_loops=sounds, solos=sounds, pieces=sounds))
    monkeypatch.setattr(music_or_not.noises, "not_music", sounds)
    mels = SimpleNamespace(mel=np.full((2, 128, 200), 128, np.uint8))
    monkeypatch.setattr(music_or_not.datasets, "emotify", lambda cache: mels)
    views = SimpleNamespace(views=np.zeros((3, 128, 334), np.float32))
    monkeypatch.setattr(music_or_not.datasets, "gtzan", lambda split: views)
    return music_or_not.gather(0, tmp_path)


def test_every_kind_is_drawn_at_its_share(material: music_or_not.Material) -> None:
    examples = material.examples()
    kinds = np.array(material.kinds)
    assert set(kinds) == set(music_or_not.SHARES)
    for kind, share in music_or_not.SHARES.items():
        assert examples.weights[kinds == kind].sum() == pytest.approx(share)
    music = examples.weights[examples.targets[:, 0] == 1].sum()
    assert music == pytest.approx(0.5)


def test_a_clip_and_what_is_made_of_it_are_in_one_fold(material: music_or_not.Material) -> None:
    kinds, folds = material.kinds, material.folds
    for at, kind in enumerate(kinds):
        if kind in ("music", "speech"):
            assert kinds[at + 1 : at + 4] == [f"disguised {kind}"] * 3
            assert len(set(folds[at : at + 4])) == 1
    assert set(np.array(folds)[np.isin(kinds, ["songs", "loops", "solos", "pieces", "noise"])]) == {-1}


def test_figures_separate_plain_from_disguised() -> None:
    kinds = np.array(["music", "speech", "disguised music", "disguised speech", "crowd", "noise"])
    figures = music_or_not._figures(np.array([0.9, 0.1, 0.2, 0.4, 0.1, np.nan]), kinds)
    assert figures == {
        "cv_auc": 1.0, "cv_accuracy": 1.0, "n": 2,
        "cv_auc_disguised": 0.5, "cv_accuracy_disguised": 0.6667, "n_disguised": 3,
    }  # fmt: skip
