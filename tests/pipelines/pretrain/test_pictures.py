"""The cache of painted pictures: repeatable, extendable, and whole after an interruption."""

from pathlib import Path

import numpy as np
import pytest

from corpus.captions import SCENES
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


def test_every_caption_names_the_scene_and_the_first_is_canonical(tmp_path: Path) -> None:
    made = painted(tmp_path, 12)
    scenes = [phrase for phrases in SCENES.values() for phrase in phrases]
    for row in made.captions:
        assert len(row) == pictures.PHRASINGS
        assert all(any(phrase in sentence for phrase in scenes) for sentence in row), row
        assert row[0].endswith(" music")
    assert len({sentence for row in made.captions for sentence in row}) > 40
