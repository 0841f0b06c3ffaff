"""Disguises change what they say they change, and keep the sound recognisable to a correlation."""

import numpy as np
import pytest

from classifiers import disguises
from core.features import RATE_HZ


def tone(hz: float, seconds: float = 2) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ).astype(np.float32)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("disguise", disguises.DISGUISES)
def test_the_same_for_a_seed_and_different_from_the_sound(disguise) -> None:
    sound = tone(440) * np.linspace(0, 1, 2 * RATE_HZ, dtype=np.float32)
    changed = disguise(sound, rng())
    assert changed.dtype == np.float32
    assert np.isfinite(changed).all()
    assert np.array_equal(changed, disguise(sound, rng()))
    assert len(changed) != len(sound) or np.abs(changed - sound).max() > 0.01


def test_a_room_rings_on_after_the_sound() -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[100] = 1
    echo = disguises.room(click, rng())
    assert np.abs(echo[:100]).max() < 1e-5
    assert np.square(echo[101:]).sum() > 0.05
    assert np.square(echo[-RATE_HZ // 10 :]).sum() < 0.01 * np.square(echo).sum()


def test_a_telephone_passes_the_middle_only() -> None:
    for hz, passes in ((100, False), (1000, True), (6000, False)):
        level = disguises.telephone(tone(hz), rng()).std() / tone(hz).std()
        assert (level > 0.9) == passes
        assert passes or level < 0.05


def test_hiss_is_at_most_as_loud_as_the_sound() -> None:
    added = [(disguises.hiss(tone(440), np.random.default_rng(k)) - tone(440)).std() for k in range(20)]
    assert 0.05 * tone(440).std() < min(added) < 0.3 * tone(440).std()
    assert max(added) < 1.01 * tone(440).std()


def test_a_crowd_is_as_long_as_its_shortest_voice() -> None:
    voices = [tone(200), tone(300, 1.5), tone(400)]
    assert disguises.crowd(voices, rng()).shape == (int(1.5 * RATE_HZ),)
