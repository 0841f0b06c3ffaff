"""The readers against what the data's own description says."""

import numpy as np
import pytest

from classifiers import datasets
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
