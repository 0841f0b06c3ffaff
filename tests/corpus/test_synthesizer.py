"""The synthesizer: pitch, loudness by velocity, release, choke, and windows that change nothing."""

import math

import numpy as np
import pytest

from corpus.performance import Note
from corpus.synthesizer import Audio, Instrument

RATE_HZ = 32000


def _play(*notes: Note, program: int = 0, is_drum: bool = False, seconds: float = 2.0) -> Audio:
    return Instrument(program, RATE_HZ, is_drum=is_drum).play(notes, 0, round(seconds * RATE_HZ))


def _level(sound: Audio, start_s: float, end_s: float) -> float:
    return float(np.sqrt(np.square(sound[:, round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]).mean()))


def semitones_off(program: int, pitch: int) -> float:
    """How far the note's lowest six harmonics are from where they should be, octaves apart being the same (0 to 6)."""
    heard = _play(Note(0.0, 1.0, pitch, 90), program=program).mean(0)[RATE_HZ // 5 : RATE_HZ * 4 // 5]
    spectrum, hz = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 1 << 17)), np.fft.rfftfreq(1 << 17, 1 / RATE_HZ)
    tried = np.arange(-6, 6.05, 0.1)
    bases = 440 * 2 ** ((pitch + tried - 69) / 12)
    floor = 1e-3 * spectrum.max()
    at = np.searchsorted(hz, bases[:, None] * np.arange(1, 7))
    near = np.max([spectrum[at + k] for k in range(-3, 4)], axis=0)
    return float(abs(tried[np.log(floor + near).sum(axis=1).argmax()]))


@pytest.mark.parametrize(
    ("program", "pitch"), [(0, 60), (0, 67), (4, 60), (24, 55), (32, 38), (34, 43), (38, 38), (40, 67), (73, 72)]
)
def test_notes_have_the_pitch_that_was_asked_for(program: int, pitch: int) -> None:
    assert semitones_off(program, pitch) < 0.25


@pytest.mark.parametrize(("program", "is_drum"), [(0, False), (48, False), (0, True)])
def test_harder_strokes_are_louder_and_brighter(program: int, is_drum: bool) -> None:
    soft, hard = (_play(Note(0.0, 1.0, 42, v), program=program, is_drum=is_drum) for v in (40, 110))
    assert _level(hard, 0, 1) > 2 * _level(soft, 0, 1)


def test_a_note_rings_on_when_it_is_let_go_and_dies_away() -> None:
    sound = _play(Note(0.0, 1.0, 60, 90), program=48, seconds=6.0)
    held, after, late = _level(sound, 0.8, 1.0), _level(sound, 1.1, 1.2), _level(sound, 5.5, 6.0)
    assert 0.2 * held < after < held
    assert late == 0
    assert np.abs(np.diff(sound[0, 31000:34000], n=2)).max() < 2 * np.abs(np.diff(sound[0, 20000:31000], n=2)).max()


def test_a_closed_hat_chokes_the_open_one() -> None:
    hat, closed = Note(0.0, 0.1, 46, 100), Note(0.25, 0.3, 42, 1)
    ringing, choked = _play(hat, is_drum=True), _play(hat, closed, is_drum=True)
    np.testing.assert_array_equal(choked[:, :8000], ringing[:, :8000])
    assert _level(ringing, 0.4, 0.5) > 10 * _level(choked, 0.4, 0.5)


def test_windows_change_nothing() -> None:
    rng = np.random.default_rng(1)
    starts = np.sort(rng.uniform(0, 3, 60))
    notes = [Note(float(s), float(s + rng.uniform(0.05, 2)), int(rng.integers(40, 80)), 80) for s in starts]
    whole = _play(*notes, program=4, seconds=5.0)
    instrument, pieces, at = Instrument(4, RATE_HZ, is_drum=False), [], 0
    for n in (1, 999, 20_000, 64, 70_000, 5 * RATE_HZ - 91_064):
        pieces.append(instrument.play(notes, at, at + n))
        at += n
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=2e-6)


def test_a_note_without_an_end_goes_on_until_it_has_one() -> None:
    known = _play(Note(0.0, 1.5, 60, 90), program=48, seconds=3.0)
    instrument = Instrument(48, RATE_HZ, is_drum=False)
    first = instrument.play([Note(0.0, math.inf, 60, 90)], 0, RATE_HZ)
    rest = instrument.play([Note(0.0, 1.5, 60, 90)], RATE_HZ, 3 * RATE_HZ)
    np.testing.assert_allclose(np.concatenate([first, rest], axis=1), known, atol=2e-6)


def test_every_key_of_every_kind_ends() -> None:
    for pitch in range(0, 128, 9):
        assert np.isfinite(_play(Note(0.0, 0.1, pitch, 127), program=pitch, seconds=0.2)).all()
