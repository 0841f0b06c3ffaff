"""The tutorials' network: its MFCCs are librosa's, its segments lose nothing but the rest, and it can learn."""

import librosa
import numpy as np
import pytest

from classifiers import classic, datasets


def test_the_coefficients_are_librosas() -> None:
    views = np.random.default_rng(0).uniform(0, 1, (2, 128, 40)).astype(np.float32)
    ours = classic.mfcc(views)
    assert ours.shape == (2, 40, 13)
    assert np.allclose(ours[1].T, librosa.feature.mfcc(S=(views[1] - 1) * 40, n_mfcc=13), atol=1e-3)


def test_segments_follow_one_another() -> None:
    coefficients = np.arange(334, dtype=np.float32)[None, :, None] * np.ones((3, 1, 13), np.float32)
    cut = classic.segments(coefficients)
    assert cut.shape == (3, 5, 66, 13)
    assert (cut[2, :, :, 4].ravel() == np.arange(330)).all()


def test_it_learns_what_is_plain_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    def gtzan(split: str) -> datasets.Tracks:
        assert split != "test", "test is looked at only when asked for"
        rng = np.random.default_rng(len(split))
        classes = np.arange(40) % 10
        views = rng.uniform(0, 0.3, (40, 128, 334)).astype(np.float32)
        for view, k in zip(views, classes, strict=True):
            view[12 * k : 12 * k + 12] += 0.6
        return datasets.Tracks(views, views[:, :, :130], classes, tuple(str(k) for k in range(40)))

    monkeypatch.setattr(datasets, "gtzan", gtzan)
    monkeypatch.setattr(classic, "_RATE", 2e-3)  # 25 epochs are 150 steps
    figures = classic.fit(0, 0, test=False, epochs=25)
    assert figures.valid_accuracy > 0.5  # chance is 0.1
    assert figures.test_accuracy is None
    assert 1 <= figures.epoch <= figures.epochs == 25
