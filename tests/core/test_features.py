"""The log-mel spectrogram and its views against librosa and the stored GTZAN views."""

import csv
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from core import features
from core.audio import read_clip, resample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # audioread and friends look for modules that newer Pythons have dropped
    import librosa

ROOT = Path(__file__).resolve().parents[2]
GTZAN = Path(os.environ.get("SYNTHESETE_DATA", ROOT.parent / "shared" / "data")) / "gtzan"
NEEDS_GTZAN = pytest.mark.skipif(not (GTZAN / "audio.csv").exists(), reason="the GTZAN views are not here")


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * features.RATE_HZ)).astype(np.float32)


def test_mel_filters_are_librosas() -> None:
    theirs = librosa.filters.mel(sr=features.RATE_HZ, n_fft=features.N_FFT, n_mels=features.N_MELS)
    assert np.abs(features.mel_filters() - theirs).max() < 1e-6


@pytest.mark.parametrize("n", [2100, 22_050, 22_050 * 40])
def test_log_mel_is_librosas(n: int) -> None:
    sound = (noise(n / features.RATE_HZ) * np.linspace(0, 1, n)).astype(np.float32)
    ours = features.log_mel(sound)
    theirs = librosa.power_to_db(librosa.feature.melspectrogram(y=sound, sr=features.RATE_HZ), ref=np.max)
    assert ours.shape == theirs.shape == (128, 1 + n // 512)
    assert ours.dtype == np.float32
    assert np.abs(ours - theirs).max() < 1e-3


def test_silence_has_finite_features() -> None:
    mel = features.log_mel(np.zeros(22_050, np.float32))
    assert not mel.any()


def test_thin_takes_the_documented_frames() -> None:
    mel = np.tile(-np.arange(1293, dtype=np.float32) / 1293 * 39, (128, 1))
    view = features.thin(mel)
    assert view.shape == (128, 334)
    for column in (0, 1, 100, 333):
        assert view[0, column] == pytest.approx(1 + mel[0, round((column + 0.5) * 3.8695 + 0.1)] / 40, abs=1e-6)


def test_smooth_averages_four_frames() -> None:
    mel = np.tile(np.array([0, -40, -80, -40, -20], np.float32), (128, 1))
    assert np.allclose(features.smooth(mel), [[0.5, 0.75]] * 128)


@NEEDS_GTZAN
def test_thin_and_log_mel_agree_with_the_stored_views() -> None:
    with (GTZAN / "audio.csv").open() as file:
        names = [row["track"] for row in csv.DictReader(file)][::8]
    with np.load(GTZAN / "mel30s.npz") as stored:
        thinned = dict(zip(stored["track"], stored["mel"], strict=True))
    with np.load(GTZAN / "mel3s.npz") as stored:
        first = dict(zip(stored["track"], stored["mel"], strict=True))
    for name in names:
        path = next((GTZAN / "audio").glob(f"{name}.*"))
        mel = features.log_mel(resample(read_clip(path).clip, features.RATE_HZ).mono())
        view = features.thin(mel)
        n = min(view.shape[1], 334)
        # the stored view was read back from pictures (0.88 to 0.96), the audio here went through a lossy codec
        assert np.corrcoef(view[:, :n].ravel(), thinned[name][:, :n].ravel())[0, 1] > 0.87, name
        assert np.corrcoef(mel[:, :130].ravel(), first[name].astype(np.float32).ravel())[0, 1] > 0.97, name
