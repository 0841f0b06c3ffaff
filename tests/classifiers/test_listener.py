"""The shipped weights on sounds nobody trained on: synthesised ones here, real ones where the shared data is."""

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers import listener, measures
from classifiers.datasets import data_folder, gtzan
from classifiers.train import predict_all
from core import features
from core.audio import read_clip, resample
from core.models import WEIGHTS
from corpus.captions import EMOTIONS, GENRES

CLIPS = data_folder() / "clips"
NEEDS_CLIPS = pytest.mark.skipif(not CLIPS.is_dir(), reason="the shared clips are not here")


def mel_of(path: Path, seconds: float = 30) -> np.ndarray:
    clip = read_clip(path, max_seconds=seconds).clip
    return features.log_mel(resample(clip, features.RATE_HZ).mono())


def test_labels_are_the_vocabulary() -> None:
    three = listener.ears()
    assert three["genre"].labels == GENRES
    assert three["emotion"].labels == EMOTIONS
    assert listener.ears()["genre"] is three["genre"]


@pytest.mark.parametrize("seconds", [0.5, 1, 31, 100])
def test_any_length_is_judged_and_twice_alike(seconds: float) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, int(seconds * features.RATE_HZ)).astype(np.float32)
    mel = features.log_mel(sound)
    judged = listener.listen(mel)
    assert judged == listener.listen(mel)
    assert sum(judged.genre.probabilities) == pytest.approx(1)
    assert sum(judged.emotion.probabilities) == pytest.approx(1)
    assert 0 <= judged.music_probability < 0.5  # it is noise


def test_a_faint_stretch_does_not_vote() -> None:
    rng = np.random.default_rng(0)
    loud = np.sin(2 * np.pi * 220 * np.arange(30 * features.RATE_HZ) / features.RATE_HZ) * rng.normal(1, 0.01)
    both = np.concatenate([loud, 1e-4 * rng.normal(size=60 * features.RATE_HZ)]).astype(np.float32)
    windows = listener.network.windows(features.log_mel(both), listener.WINDOW_FRAMES)
    assert len(windows) > 2
    assert sum(sharp.max() > listener._FAINT_DB for sharp in windows) < len(windows)
    assert listener.listen(features.log_mel(both)).genre.top in GENRES


def test_other_feature_parameters_are_refused(tmp_path: Path) -> None:
    config = json.loads((WEIGHTS / "genre" / "config.json").read_text())
    config["features"]["hop"] = 256
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="other features"):
        listener.load(tmp_path)


@NEEDS_CLIPS
def test_music_is_told_from_voice_and_bird() -> None:
    songs = [p for p in sorted(CLIPS.glob("*.ogg")) if not p.name.startswith(("198-", "456440"))]
    others = [p for p in sorted(CLIPS.glob("*.ogg")) if p not in songs]
    assert len(songs) == 4
    assert len(others) == 2
    for path in songs:
        assert listener.listen(mel_of(path)).music_probability > 0.5, path.name
    for path in others:
        assert listener.listen(mel_of(path)).music_probability < 0.5, path.name


@pytest.mark.skipif(not data_folder().is_dir(), reason="the GTZAN views are not here")
def test_genre_accuracy_is_what_the_card_says() -> None:
    held = gtzan("test")
    p = predict_all(listener.ears()["genre"].model, held.views)
    config = json.loads((WEIGHTS / "genre" / "config.json").read_text())
    assert measures.accuracy(p, held.targets) == pytest.approx(config["figures"]["test_accuracy"], abs=0.005)
    assert config["figures"]["n_test"] == len(p) == 290
