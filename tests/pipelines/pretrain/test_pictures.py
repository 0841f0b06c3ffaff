"""The cache of painted pictures: repeatable, extendable, and whole after an interruption."""

from pathlib import Path

import numpy as np
import pytest

from corpus.captions import SCENES
from corpus.thesaurus import NEAR_MOODS, NEAR_SCENES
from pipelines.pretrain import pictures
from pipelines.pretrain.pictures import painted


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SHARD", 3)
    monkeypatch.setattr(pictures, "SIZE_PX", 64)


def test_a_bigger_cache_extends_a_smaller_one(tmp_path: Path) -> None:
    few = painted(tmp_path / "a", 3, seed=5)
    kept = [few[i].copy() for i in range(3)]
    more = painted(tmp_path / "a", 7, seed=5)
    fresh = painted(tmp_path / "b", 7, seed=5)
    assert len(more) == 7
    assert all(np.array_equal(more[i], kept[i]) for i in range(3))
    assert all(np.array_equal(more[i], fresh[i]) for i in range(7))
    assert more.captions == fresh.captions
    assert not np.array_equal(painted(tmp_path / "c", 3, seed=6)[0], kept[0])


def test_a_shard_that_was_cut_short_is_painted_again(tmp_path: Path) -> None:
    whole = painted(tmp_path, 3)[1].copy()
    (tmp_path / "captions_0000.json").unlink()
    (tmp_path / "pictures_0000.npy").write_bytes(b"half a file")
    assert np.array_equal(painted(tmp_path, 3)[1], whole)


def test_the_first_caption_is_canonical_and_the_last_ones_are_loose(tmp_path: Path) -> None:
    made = painted(tmp_path, 12)
    for row in made.captions:
        assert len(row) == pictures.PHRASINGS
        assert row[0].endswith(" music")
        assert sum(any(phrase in row[0] for phrase in phrases[:1]) for phrases in SCENES.values()) == 1
        near = [word for words in (*NEAR_SCENES.values(), *NEAR_MOODS.values()) for word in words]
        assert all(any(word in sentence for word in near) for sentence in row[-pictures.LOOSE :]), row
    assert len({sentence for row in made.captions for sentence in row}) > 60
