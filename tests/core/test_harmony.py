"""Chroma and key against notes and cadences whose truth is known, in and out of tune, under drums, long and short."""

import numpy as np
import pytest

from core import harmony
from core.features import RATE_HZ
from corpus.captions import KEYS


def chord(pitches: list[int], seconds: float = 1.0, tuning: float = 0.0) -> np.ndarray:
    """MIDI pitches with eight fading harmonics; `tuning` in semitones."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tones = [440 * 2 ** ((p + tuning - 69) / 12) for p in pitches]
    sound = sum(np.sin(2 * np.pi * hz * k * t) / k**1.5 for hz in tones for k in range(1, 9))
    return (0.05 * sound * np.exp(-t)).astype(np.float32)


def cadence(tonic: int, minor: bool, tuning: float = 0.0) -> np.ndarray:
    """I IV V I (or i iv V i) with a bass note."""
    third = 3 if minor else 4
    degrees = [(0, third), (5, third), (7, 4), (0, third)]
    return np.concatenate(
        [chord([48 + tonic + d - 12, *(48 + tonic + d + i for i in (0, t, 7))], 1, tuning) for d, t in degrees]
    )


@pytest.mark.parametrize("tuning", [0.0, 0.3])
@pytest.mark.parametrize("minor", [False, True])
def test_key_of_cadences(minor: bool, tuning: float) -> None:
    for tonic in range(12):
        for chroma in (harmony.chroma, harmony.tonal_chroma):
            name, confidence = harmony.key(chroma(cadence(tonic, minor, tuning)))
            assert name == KEYS[tonic + 12 * minor]
            assert 0.3 < confidence <= 1


def test_the_bass_weighs_more_where_the_key_is_looked_for() -> None:
    low_and_high = chord([45, 72], 2.0)
    plain, tonal = harmony.chroma(low_and_high), harmony.tonal_chroma(low_and_high)
    assert tonal.sum() == pytest.approx(1, abs=1e-5)
    assert tonal[9] / tonal[0] > 1.2 * plain[9] / plain[0]
    assert np.allclose(harmony.chroma(chord([76], 2.0)), harmony.tonal_chroma(chord([76], 2.0)), atol=0.02)


def test_chroma_of_one_note() -> None:
    chroma = harmony.chroma(chord([69], 2.0))
    assert chroma.argmax() == 9
    assert chroma.sum() == pytest.approx(1, abs=1e-5)


def test_pitches_are_measured_between_the_bins() -> None:
    pitch, weight = harmony.tones(chord([57], 2.0, 0.2))
    assert pitch[weight.argmax()] == pytest.approx(57.2, abs=0.03)


def test_drums_hide_no_key() -> None:
    rng = np.random.default_rng(0)
    tune = np.tile(cadence(2, False), 2)
    bursts = np.exp(-20 * (np.arange(len(tune)) / RATE_HZ % 0.25)) * rng.normal(0, 0.15, len(tune))
    assert harmony.key(harmony.chroma((tune + bursts).astype(np.float32)))[0] == "D major"


@pytest.mark.parametrize("repeats", [1, 40])
def test_long_and_short_clips_agree(repeats: int) -> None:
    assert harmony.key(harmony.chroma(np.tile(cadence(7, True), repeats)))[0] == "G minor"


def test_what_has_no_notes_has_no_key() -> None:
    assert not harmony.chroma(np.zeros(RATE_HZ, np.float32)).any()
    assert harmony.key(np.zeros(12, np.float32)) == ("C major", 1 / 24)
    assert harmony.key(np.full(12, 1 / 12, np.float32))[1] == pytest.approx(1 / 24)
    assert not harmony.tonal_chroma(np.zeros(RATE_HZ, np.float32)).any()
    assert harmony.chroma(np.ones(10, np.float32)).shape == (12,)
    rng = np.random.default_rng(0)
    hiss = [harmony.key(harmony.chroma(rng.normal(0, 0.1, 5 * RATE_HZ).astype(np.float32)))[1] for _ in range(4)]
    assert np.mean(hiss) < 0.5


def test_tonics_are_spelt_as_in_the_vocabulary() -> None:
    assert tuple(f"{t} {m}" for m in ("major", "minor") for t in harmony.TONICS) == KEYS
