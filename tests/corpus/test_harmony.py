"""Chord progressions: every numeral reads, every mode is served, and the chords are those of the mode."""

import pytest

from corpus.captions import EMOTIONS, GENRES
from corpus.harmony import BRIDGES, EMOTION_MODES, ENDINGS, PROGRESSIONS, Chord, read_numeral, read_progression
from corpus.score import MINOR_MODES, MODES


@pytest.mark.parametrize(
    ("numeral", "chord"),
    [
        ("I", Chord(0, "major")),
        ("ii7", Chord(2, "minor 7")),
        ("V7", Chord(7, "dominant 7")),
        ("bVI^", Chord(8, "major 7")),
        ("iih", Chord(2, "half-diminished")),
        ("#IVo", Chord(6, "diminished")),
        ("bVII5", Chord(10, "power")),
        ("IV9", Chord(5, "dominant 9")),
    ],
)
def test_numerals_read(numeral: str, chord: Chord) -> None:
    assert read_numeral(numeral) == chord


@pytest.mark.parametrize("numeral", ["", "VIII", "IM7", "H", "i77"])
def test_anything_else_is_refused(numeral: str) -> None:
    with pytest.raises(ValueError, match="no chord"):
        read_numeral(numeral)


@pytest.mark.parametrize("genre", GENRES)
def test_progressions_last_whole_phrases_and_touch_their_tonic(genre: str) -> None:
    for mode, texts in PROGRESSIONS[genre].items():
        for text in texts:
            bars = read_progression(text)
            assert len(bars) in (4, 8, 12)
            tonic = {chord.quality for bar in bars for chord in bar if chord.root == 0}
            wrong = {"major", "major 7"} if mode in MINOR_MODES else {"minor", "minor 7", "half-diminished"}
            assert not tonic & wrong, (mode, text)


@pytest.mark.parametrize("genre", GENRES)
def test_chords_belong_to_their_mode(genre: str) -> None:
    """Roots are the mode's own but for secondary dominants and the like: at least nine in ten."""
    for mode, texts in PROGRESSIONS[genre].items():
        scale = {*MODES[mode], 2, 9} if mode == "blues" else set(MODES[mode])
        scale |= {10, 11} if mode in MINOR_MODES else set()
        roots = [chord.root in scale for text in texts for bar in read_progression(text) for chord in bar]
        assert sum(roots) >= 0.9 * len(roots), mode


def test_every_genre_has_major_and_minor_and_something_for_every_emotion() -> None:
    for genre, table in PROGRESSIONS.items():
        assert {mode in MINOR_MODES for mode in table} == {True, False}
        for emotion in EMOTIONS:
            assert genre == "blues" or set(EMOTION_MODES[emotion]) & set(table)


def test_endings_are_four_bars_that_come_home() -> None:
    assert set(ENDINGS) == set(GENRES)
    for genre, families in ENDINGS.items():
        for family, texts in families.items():
            assert len(texts) >= 3
            for text in texts:
                bars = read_progression(text)
                third = {(chord.root, 3 in chord.intervals) for chord in bars[-1] if chord.quality != "power"}
                assert len(bars) == 4
                assert bars[-1][-1].root == 0, (genre, text)
                assert third <= {(0, family == "minor")}, (genre, text)


def test_there_is_enough_to_choose_from_and_bridges_read() -> None:
    for genre, table in PROGRESSIONS.items():
        assert all(len(texts) >= 4 for texts in table.values()), genre
        assert max(len(texts) for texts in table.values()) >= 8, genre
    assert all(len(read_progression(text)) in (4, 8) for texts in BRIDGES.values() for text in texts)
