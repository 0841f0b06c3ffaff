"""The judge of pictures, on paintings whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from corpus.captions import EMOTIONS
from evaluation.picture_probe import (
    FEATURES,
    PROBE_PX,
    SCENE_NAMES,
    Probe,
    Seen,
    paintings,
    recognition,
    seen,
    share_of,
    small,
    train_probe,
)  # fmt: skip
from evaluation.pictures_prompts import specifications


@pytest.fixture(scope="module")
def probe() -> Probe:
    return train_probe(300, epochs=5)


def test_it_knows_paintings_and_not_noise(probe: Probe) -> None:
    specs = specifications(60, seed=7)
    known = recognition(specs, seen(probe, paintings(specs, 7)))
    assert known.emotion.share > 0.7
    assert known.scene.share > 0.5
    noise = list(np.random.default_rng(0).integers(0, 256, (60, 40, 40, 3), np.uint8))
    unknown = recognition(specs, seen(probe, noise))
    assert max(unknown.emotion.share, unknown.scene.share) < 0.3


def test_the_global_random_state_is_left_alone() -> None:
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    train_probe(50, epochs=1)
    assert torch.equal(before, torch.random.get_rng_state())


def test_recognition_counts_scenes_and_emotions_apart() -> None:
    specs = specifications(4, seed=1)
    right = Seen(tuple(s.scene for s in specs), tuple(s.emotion for s in specs), np.zeros((4, FEATURES), np.float32))
    assert recognition(specs, right).scene.share == 1
    next_emotion = EMOTIONS[(EMOTIONS.index(specs[0].emotion) + 1) % 9]
    one_wrong = recognition([replace(specs[0], emotion=next_emotion), *specs[1:]], right)
    assert (one_wrong.emotion.share, one_wrong.scene.share) == (0.75, 1)
    assert recognition([*specs, *specs], right).scene.n == 4  # no picture, no answer


def test_a_share_has_an_interval_that_narrows() -> None:
    few, many = share_of([True] * 9 + [False]), share_of([True] * 90 + [False] * 10)
    assert few.share == many.share == 0.9
    assert few.low < many.low < 0.9 < many.high < few.high
    assert (share_of([]).low, share_of([]).high) == (0, 1)


def test_pictures_of_any_size_are_seen_alike() -> None:
    specs = specifications(3, seed=5)
    assert small(paintings(specs, 5, size_px=256)[0]).shape == (PROBE_PX, PROBE_PX, 3)
    mixed = [picture for size in (64, 128, 256) for picture in paintings(specs[:1], 5, size_px=size)]
    found = seen(Probe().eval(), mixed)
    assert found.features.shape == (3, FEATURES)
    assert set(found.scenes) <= set(SCENE_NAMES)
    apart = np.linalg.norm(found.features[1] - found.features[2])
    assert apart < 0.2 * np.linalg.norm(found.features[1])
