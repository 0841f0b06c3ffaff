"""Effects: no delay, no change of length, the same in pieces, and each does what it is for."""

import numpy as np
import pytest

from corpus.captions import GENRES
from corpus.effects import Audio, Chain, Room, chain_of, glue_of

RATE_HZ = 32000
ROLES = ("drums", "bass", "accompaniment", "extra", "melody")
PROGRAMS = {"drums": (0,), "bass": (32, 33, 38), "accompaniment": (0, 4, 16, 27, 30, 48), "melody": (29, 65, 81)}


def _bursts(seconds: float = 1.0) -> Audio:
    rng = np.random.default_rng(0)
    n = round(seconds * RATE_HZ)
    loud = 0.2 * np.abs(np.sin(np.arange(n) / 2500)) ** 4
    return (rng.standard_normal((2, n)) * loud).astype(np.float32)


def _every_chain() -> list[tuple[tuple[str, str], ...]]:
    chains = [
        chain_of(genre, role, program, beat_s=0.5)
        for genre in GENRES
        for role in ROLES
        for program in PROGRAMS.get(role, (89, 16))
    ]
    return list(dict.fromkeys([*chains, *(glue_of(genre) for genre in GENRES)]))


@pytest.mark.parametrize("filters", _every_chain(), ids=lambda filters: "+".join(name for name, _ in filters) or "none")
def test_fed_in_pieces_it_is_the_same(filters: tuple[tuple[str, str], ...]) -> None:
    sound = _bursts(0.5)
    whole, chain = Chain(filters, RATE_HZ)(sound), Chain(filters, RATE_HZ)
    joined = np.concatenate([chain(piece) for piece in np.split(sound, (1, 700, 707, 9000), axis=1)], axis=1)
    assert whole.shape == sound.shape
    np.testing.assert_allclose(joined, whole, atol=1e-5)
    assert 0.05 < np.square(whole).mean() / np.square(sound).mean() < 4  # white noise: a cabinet swallows most of it


@pytest.mark.parametrize("genre", GENRES)
def test_a_room_answers_later_and_dies_away(genre: str) -> None:
    click = np.zeros((2, 4 * RATE_HZ), np.float32)
    click[:, 100] = 1
    whole, room = Room(genre, RATE_HZ)(click), Room(genre, RATE_HZ)
    assert not np.abs(whole[:, :300]).max() > 1e-6
    early, late = (np.square(whole[:, a : a + RATE_HZ // 5]).sum() for a in (300, 3 * RATE_HZ))
    assert early > 1e3 * late
    joined = np.concatenate([room(piece) for piece in np.split(click, (50, 6000, 6001), axis=1)], axis=1)
    np.testing.assert_allclose(joined, whole, atol=1e-6)


def test_a_driven_guitar_is_compressed_and_its_notes_mix() -> None:
    t = np.arange(RATE_HZ) / RATE_HZ
    fifth = (0.1 * (np.sin(2 * np.pi * 400 * t) + np.sin(2 * np.pi * 600 * t)))[None].repeat(2, 0).astype(np.float32)
    filters = chain_of("metal", "accompaniment", 30, beat_s=0.5)
    loud, soft = (Chain(filters, RATE_HZ)(fifth * g)[0, 8000:] for g in (np.float32(1), np.float32(0.25)))
    assert np.std(loud) < 2.5 * np.std(soft)
    spectrum = np.abs(np.fft.rfft(loud[:16000] * np.hanning(16000)))
    assert spectrum[100] > 0.01 * spectrum[200]  # 200 Hz, the difference, which a straight line cannot make


def test_dub_echoes_follow_the_beat() -> None:
    click = np.zeros((2, RATE_HZ), np.float32)
    click[:, 0] = 0.5
    heard = Chain(chain_of("reggae", "extra", 0, beat_s=0.4), RATE_HZ)(click)[0]
    assert np.flatnonzero(np.abs(heard) > 0.03).tolist() == [
        0,
        round(0.3 * RATE_HZ),
        round(0.6 * RATE_HZ),
        *([round(0.9 * RATE_HZ)]),
    ]
