"""The readers against what the data's own description says."""

import numpy as np
import pytest

from classifiers import datasets, listener
from core import features
from core.audio import read_clip, resample
from corpus.captions import GENRES

pytestmark = pytest.mark.skipif(not datasets.data_folder().is_dir(), reason="the shared data is not here")


def test_gtzan_has_the_fault_filtered_split() -> None:
    parts = {split: datasets.gtzan(split) for split in ("train", "valid", "test")}
    assert [len(p.names) for p in parts.values()] == [442, 197, 290]
    assert not set(parts["train"].names) & set(parts["test"].names)
    for part in parts.values():
        assert part.views.shape[1:] == (128, 334)
        assert part.views.dtype == np.float32
        assert 0 <= part.views.min() <= part.views.max() <= 1
        assert all(name.startswith(GENRES[k]) for name, k in zip(part.names, part.targets, strict=True))


def test_the_listeners_fine_view_of_sound_is_the_stored_one() -> None:
    train = datasets.gtzan("train")
    stored = dict(zip(train.names, train.fine, strict=True))
    paths = [p for p in sorted((datasets.data_folder() / "gtzan" / "audio").glob("*.opus")) if p.stem in stored]
    for path in paths[::7]:
        clip = read_clip(path).clip
        if clip.seconds < 29:  # levels refer to the whole track, of which the others have half
            continue
        mel_db = features.log_mel(resample(clip, features.RATE_HZ).mono())
        seen = listener.stretches(mel_db, 30, hop_s=15, at_most=8).view("fine")[0][:, :130]
        # a lossy codec lies between the two
        assert np.abs(seen - stored[path.stem]).mean() < 0.035, path.name
        assert np.corrcoef(seen.ravel(), stored[path.stem].ravel())[0, 1] > 0.965, path.name
