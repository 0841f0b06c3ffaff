"""The shipped weights on sounds nobody trained on: synthesised ones here, real ones where the shared data is."""

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers import listener, measures, network
from classifiers.datasets import data_folder, gtzan
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


def noise_mel(seconds: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return features.log_mel(rng.normal(0, 0.1, int(seconds * features.RATE_HZ)).astype(np.float32))


def test_windows_follow_the_clip_from_begin_to_end() -> None:
    along = listener.listen(noise_mel(30)).timeline
    assert along.window_s == pytest.approx(listener.WINDOW_S, abs=0.02)
    assert len(along.centres_s) == len(along.genre) == len(along.emotion)
    assert along.centres_s[0] == pytest.approx(along.window_s / 2, abs=0.05)
    assert along.centres_s[-1] == pytest.approx(30 - along.window_s / 2, abs=0.05)
    assert np.diff(along.centres_s) == pytest.approx(listener.HOP_S, abs=0.1)
    for scores in (*along.genre, *along.emotion):
        assert sum(scores.probabilities) == pytest.approx(1)


def test_a_long_clip_gets_no_more_windows_than_the_limit() -> None:
    mel = np.tile(noise_mel(10), (1, 60))
    along = listener.stretches(mel, listener.WINDOW_S, hop_s=listener.HOP_S, at_most=listener.MAX_WINDOWS)
    assert len(along.mel_db) == listener.MAX_WINDOWS
    assert along.centres_s[-1] > 590


def test_a_short_clip_is_one_window_of_its_own_length() -> None:
    along = listener.listen(noise_mel(3)).timeline
    assert len(along.centres_s) == 1
    assert along.window_s == pytest.approx(3, abs=0.05)


def test_the_clip_is_the_mean_of_its_windows_for_emotion_and_sharpened_alike_for_genre() -> None:
    judged = listener.listen(noise_mel(14, seed=3))
    emotions = np.array([s.probabilities for s in judged.timeline.emotion])
    assert judged.emotion.probabilities == pytest.approx(emotions.mean(axis=0), abs=0.02)
    one = listener.listen(noise_mel(8))
    assert one.genre.probabilities == pytest.approx(one.timeline.genre[0].probabilities)


def test_levels_refer_to_the_track_around_a_window() -> None:
    mel = np.full((128, round(100 * features.FRAMES_PER_SECOND)), -60.0, np.float32)
    mel[:, round(50 * features.FRAMES_PER_SECOND)] = 0
    cut = listener.stretches(mel, 10, hop_s=2, at_most=48)
    highest = dict(zip(cut.centres_s, cut.mel_db.max(axis=(1, 2)), strict=True))
    near = {c: v for c, v in highest.items() if abs(c - 50) < 4}
    beside = {c: v for c, v in highest.items() if 6 < abs(c - 50) < 14}
    far = {c: v for c, v in highest.items() if abs(c - 50) > 16}
    assert near
    assert beside
    assert far
    assert set(near.values()) == {0}
    assert set(beside.values()) == {-60}  # quiet beside a loud moment
    assert set(far.values()) == {0}  # but a track that is quiet throughout is brought to full level


def test_a_faint_stretch_does_not_vote() -> None:
    rng = np.random.default_rng(0)
    loud = np.sin(2 * np.pi * 220 * np.arange(29 * features.RATE_HZ) / features.RATE_HZ) * rng.normal(1, 0.01)
    both = np.concatenate([loud, 1e-4 * rng.normal(size=61 * features.RATE_HZ)]).astype(np.float32)
    cut = listener.stretches(features.log_mel(both), 30, hop_s=15, at_most=8)
    assert list(cut.loud) == [True, True, False, False, False]
    assert listener.pooled(np.eye(5), cut.loud) == pytest.approx([0.5, 0.5, 0, 0, 0])


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
    p = network.predict(listener.ears()["genre"].model, held.views, held.fine)
    config = json.loads((WEIGHTS / "genre" / "config.json").read_text())
    assert measures.accuracy(p, held.targets) == pytest.approx(config["figures"]["test_accuracy"], abs=0.005)
    assert config["figures"]["n_test"] == len(p) == 290
