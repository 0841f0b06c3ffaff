"""Tunes: in the mode, on the chord where it counts, and the same again when the motif returns."""

import random

import pytest

from corpus import score
from corpus.harmony import Chord
from corpus.melody import HIGHEST, LOWEST, Voice, draw_motif, pitch_token, read_rhythm, scale_of
from corpus.rhythms import CADENCES, PLANS, RHYTHMS
from corpus.score import MODES

TONIC = Chord(0, "major")


def test_rhythms_read() -> None:
    assert read_rhythm("x--.x-xx........") == ((0, 3), (4, 2), (6, 1), (7, 1))
    assert read_rhythm("....") == ()


def test_all_rhythms_are_whole_bars_with_enough_to_choose_from() -> None:
    for by_density in RHYTHMS.values():
        for rhythms in by_density.values():
            assert len(rhythms) >= 3
            assert {len(rhythm) for rhythm in rhythms} == {16}
    assert all(len(rhythm) == n for n, rhythms in CADENCES.items() for rhythm in rhythms)
    assert all(len(word) == 4 for plans in PLANS.values() for words in plans for word in words)


def test_leaps_are_answered_by_a_step_back() -> None:
    rng = random.Random(0)
    for _ in range(300):
        contour = draw_motif(rng.choice(RHYTHMS["song"]["mid"]), rng).contour
        for before, leap, after in zip(contour, contour[1:], contour[2:], strict=False):
            if abs(leap - before) >= 3:
                assert (after - leap) * (leap - before) < 0
                assert abs(after - leap) == 1


@pytest.mark.parametrize("mode", score.MODE_NAMES)
def test_tunes_stay_in_the_mode_and_in_range(mode: str) -> None:
    rng = random.Random(1)
    for _ in range(50):
        voice = Voice(mode, pentatonic=rng.random() < 0.5, centre=rng.randint(-6, 14))
        motif = draw_motif(rng.choice(RHYTHMS["rock"]["hard"]), rng)
        chords = (Chord(rng.choice(MODES[mode]), "minor"),) * 16
        for notes in (voice.set(motif, chords), voice.cadence("x-x-x---x-----..", chords[0], 5, closed=True)):
            assert all(note.pitch % 12 in MODES[mode] for note in notes)
            assert all(LOWEST <= note.pitch <= HIGHEST for note in notes)


def test_strong_notes_are_chord_tones_and_a_return_is_exact() -> None:
    voice = Voice("major", pentatonic=False, centre=7)
    motif = draw_motif("x---x-x-x---x-x-", random.Random(3))
    first, again = voice.set(motif, (TONIC,) * 16), voice.set(motif, (TONIC,) * 16)
    assert first == again
    assert all(note.pitch % 12 in TONIC.tones for note in first if note.onset % 8 == 0)


def test_a_closing_cadence_ends_on_the_root_and_an_asking_one_does_not() -> None:
    voice = Voice("major", pentatonic=False, centre=7)
    for last in (None, -3, 4, 16):
        assert voice.cadence("x---x---x-----..", TONIC, last, closed=True)[-1].pitch % 12 == 0
        assert voice.cadence("x---x---x-----..", TONIC, last, closed=False)[-1].pitch % 12 in (4, 7)


def test_a_scale_is_pentatonic_only_where_the_mode_holds_it() -> None:
    assert scale_of("minor", pentatonic=True) == (0, 3, 5, 7, 10)
    assert scale_of("harmonic minor", pentatonic=True) == MODES["harmonic minor"]


def test_pitch_tokens_decode_to_the_pitch() -> None:
    assert pitch_token(0) == score.FIRST_PITCH - score.MELODY_LOWEST
    assert pitch_token(5, grace=True) - pitch_token(5) == score.GRACE
