"""The recipe learns what a few made-up listeners hear, and the shipped figures follow from the shipped guesses."""

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers import datasets, emotion, network, noises, serving
from core import features, runtime
from core.models import WEIGHTS

# Keras 3.15 copies torch weights in a way that NumPy 2 has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def material() -> emotion.Material:
    """Eight tracks of 31 s, loud below or loud above; who hears the first kind feels calm, the others tense."""
    kinds = np.arange(8) % 2
    loud = np.repeat([[200], [60]], 64, axis=0)
    mel = [np.roll(loud, 64 * k, axis=0) + RNG.integers(0, 50, (128, 1340)) for k in kinds]
    shares = np.full((8, 9), 0.2, np.float32)
    shares[kinds == 0, 4] = shares[kinds == 1, 7] = 0.9
    names = tuple(f"made/{k}" for k in range(8))
    stored = datasets.Emotify(np.array(mel, np.uint8), shares, np.full(8, 20), ("pop",) * 8, names)
    return emotion._material(stored)


def test_windows_of_every_length_weigh_the_same(material: emotion.Material) -> None:
    assert np.bincount(material.track, material.weight) == pytest.approx(np.full(8, 4.0))
    assert np.isfinite(material.statistics).all()
    # the minute and its stretches are in decibels below their own loudest cell
    assert all(max(view.max() for view in views) <= 1 for views in material.views)


def test_it_learns_and_survives_the_disk(
    material: emotion.Material, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(emotion, "_STEPS", 60)
    monkeypatch.setattr(emotion, "_PERCEPTRONS", 2)
    model = emotion._fitted(material, np.arange(6), seconds=1, seed=0)
    shares = np.array([emotion.judged(model, datasets.from_bytes(mel)) for mel in material.stored.mel[6:]])
    assert shares.shape == (2, 9)
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert shares.argmax(axis=1).tolist() == [4, 7]
    network.ensemble([model]).save(tmp_path / "model.keras")
    again = runtime.keras().saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    view = features.smooth(datasets.from_bytes(material.stored.mel[6]))[None]
    assert network.predict(again, view) == pytest.approx(network.predict(model, view), abs=1e-5)


def test_folds_are_fixed_and_even() -> None:
    assert np.bincount(emotion.folds(320)).tolist() == [64] * 5
    assert emotion.folds(320)[:8].tolist() == (np.random.default_rng(0).permutation(320) % 5)[:8].tolist()


def test_figures_of_perfect_guesses() -> None:
    shares = RNG.random((40, 9))
    found = emotion.figures(shares, shares)
    assert found["cv_mean_pearson"] == found["cv_mean_spearman"] == found["cv_top_right"] == 1
    assert found["cv_auc_top_quarter"] == 1
    assert found["cv_kl"] == 0
    assert emotion.figures(RNG.random((40, 9)), shares)["cv_mean_pearson"] < 0.3


def test_sounds_unlike_any_in_training_are_not_off_the_scale() -> None:
    # noise fills bands that music leaves empty: statistics that hardly vary in training must not decide alone
    model = serving.load(WEIGHTS / "emotion")
    for noise in noises.not_music(10, seed=0):
        shares = network.predict(model, features.smooth(features.log_mel(noise))[None])[0]
        assert 1 < shares.sum() < 4  # listeners chose one to three emotions


@pytest.mark.skipif(not datasets.data_folder().exists(), reason="the listeners' answers are not on this machine")
def test_the_reported_figures_follow_from_the_shipped_guesses() -> None:
    guessed = json.loads((WEIGHTS / "emotion" / "out_of_fold.json").read_text())
    names, shares = datasets.emotify_shares()
    assert tuple(guessed["tracks"]) == names
    assert guessed["fold"] == emotion.folds(len(names)).tolist()
    reported = json.loads((WEIGHTS / "emotion" / "config.json").read_text())["figures"]
    assert emotion.figures(np.array(guessed["shares"]), shares).items() <= reported.items()
