"""The piano roll: notes where they sound, tones that are named, bars as the file has them."""

import re

import pytest

from page import roll
from page.roll import PlayedNote
from tests.page.drawn import path_of, xs


def midi(metre: tuple[int, int] | None = None) -> bytes:
    """Two bars at 120 bpm: a tune with a bass below it, and drums."""
    from symusic import Note, Score, Tempo, TimeSignature, Track

    score = Score(480)
    if metre:
        score.time_signatures.append(TimeSignature(0, *metre))
    score.tempos.append(Tempo(0, qpm=120))
    for name, is_drum, notes in (
        ("bass", False, [(0, 1920, 40), (1920, 960, 43)]),
        ("<b>tune", False, [(480 * i, 240, 72 + i) for i in range(4)]),
        ("", True, [(480 * i, 60, (36, 38)[i % 2]) for i in range(8)]),
    ):
        track = Track(name=name, program=0, is_drum=is_drum)
        for start, length, pitch in notes:
            track.notes.append(Note(start, length, pitch, 90))
        score.tracks.append(track)
    return bytes(score.dumps_midi())


def test_notes_are_read_with_track_pitch_and_seconds() -> None:
    notes = roll.notes_of(midi())
    assert len(notes) == 2 + 4 + 8
    assert notes[0].start_s == 0
    assert PlayedNote("bass", 43, 2.0, 3.0) in notes
    assert PlayedNote("<b>tune", 73, 0.5, 0.75) in notes
    assert {note.track for note in notes if note.is_drum} == {"drums"}
    with pytest.raises(ValueError, match="no Standard MIDI File"):
        roll.notes_of(b"this is no MIDI")


def test_bars_are_those_of_the_time_signature() -> None:
    metres = {None: 4, (4, 4): 4, (3, 4): 3, (5, 4): 5, (6, 8): 2, (12, 8): 4, (3, 8): 3}
    assert {metre: roll.bar_beats_of(midi(metre)) for metre in metres} == metres


def test_the_roll_puts_notes_where_they_sound_and_names_their_tones() -> None:
    notes = roll.notes_of(midi())
    drawn = roll.roll(notes, 8.0)
    assert xs(path_of(drawn, 'data-tone="0"')) == pytest.approx([0, 62.5, 125, 187.5], abs=4)  # the tune is higher
    assert xs(path_of(drawn, 'data-tone="1"')) == pytest.approx([0, 250], abs=4)
    rows = [float(row) for row in re.findall(r"M[\d.]+ ([\d.]+)h", path_of(drawn, 'data-tone="0"'))]
    assert rows == [rows[0] - i for i in range(4)]  # upwards
    assert 'aria-label="Piano roll: 14 notes of &lt;b&gt;tune, bass, drums"' in drawn
    assert re.findall(r'<li data-tone="(\w+)"><i></i>([^<]*)', roll.legend(notes)) == [
        ("0", "&lt;b&gt;tune"), ("1", "bass"), ("drums", "drums"),
    ]  # fmt: skip
    assert "estimate" not in roll.legend(notes)
    assert "estimate" in roll.legend(notes, are_estimate=True)


def test_notes_past_the_end_are_not_drawn_and_no_notes_are_no_roll() -> None:
    notes = roll.notes_of(midi())
    short = roll.roll(notes, 1.0)
    assert len(xs(path_of(short, 'data-tone="0"'))) == 2
    ends = [float(x) + float(w) for x, w in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", path_of(short, 'data-tone="1"'))]
    assert max(ends) <= 1000
    assert roll.roll((), 1.0) == roll.legend(()) == ""


def test_four_tracks_have_tones_and_the_rest_is_grey() -> None:
    notes = [PlayedNote(f"t{i}", 60 + i, float(k), k + 0.5) for i in range(6) for k in range(i + 1)]
    assert roll.tones(notes) == {"t5": "0", "t4": "1", "t3": "2", "t2": "3", "t1": "rest", "t0": "rest"}
