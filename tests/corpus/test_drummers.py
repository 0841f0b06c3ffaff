"""Real drumming on the score grid: what is written as a MIDI take comes back as the tokens it was written from."""

import csv
import random
from pathlib import Path

import numpy as np
import pretty_midi
import pytest

from corpus import score
from corpus.arrangement import drum_row
from corpus.captions import GENRES
from corpus.drummers import GENRES_OF_STYLE, STEPS, Take, by_genre, genres_of, read_takes, with_drummer
from corpus.grooves import ENERGIES, FILLS, GROOVES, Groove
from corpus.performance import step_times
from corpus.score import DRUMS, N_HEADER_FRAMES, Header, section_token

GROOVE_DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "midi" / "groove"
BPM = 96
GROOVE = Groove("x..x..x.x.......", "....x..x....x..x", "c.ccr.o.c.ccr.o.", "........h.....l.")
ROW = np.array(drum_row(GROOVE, STEPS), np.uint8)
_KEYS = {1: (36, 100), 2: (38, 100), 4: (42, 80), 8: (46, 80), 12: (51, 80), 16: (48, 90), 32: (43, 90), 48: (49, 90)}


def strokes_of(token: int, *, ghost: bool) -> list[tuple[int, int]]:
    """(key, velocity) of what a token strikes."""
    struck = [_KEYS[part] for part in (token & 1, token & 12, token & 48) if part]
    return [*struck, (38, 40 if ghost else 100)] if token & 2 else struck


def write_take(
    folder: Path,
    rows: np.ndarray,
    *,
    swing: str = "straight",
    style: str = "rock",
    late_s: float = 0.0,
    kind: str = "beat",
):
    """A data set of one performance: the rows, (n_bars, 16), played without a flaw."""
    midi = pretty_midi.PrettyMIDI(initial_tempo=BPM, resolution=480)
    drums = pretty_midi.Instrument(0, is_drum=True)
    header = Header(tempo_bpm=BPM, swing=swing)
    for step, (at_s, token) in enumerate(zip(step_times(header, rows.size), rows.ravel().tolist(), strict=True)):
        for key, velocity in strokes_of(token, ghost=step % 2 == 1):
            drums.notes.append(pretty_midi.Note(velocity, key, at_s + late_s, at_s + late_s + 0.05))
    midi.instruments.append(drums)
    midi.write(str(folder / "take.mid"))
    row = {
        "style": style, "bpm": BPM, "beat_type": kind, "time_signature": "4-4", "midi_filename": "take.mid",
        "split": "train",
    }  # fmt: skip
    with (folder / "info.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def take_of(genre: str, rows: np.ndarray, *, swing: str = "straight", fill: bool = False, bpm: float = BPM) -> Take:
    return Take(genre, genre, bpm, swing, "mid", rows, np.zeros(rows.shape, bool), fill)


def piece_of(header: Header, rows: np.ndarray) -> np.ndarray:
    """A piece of the composer's shape: an intro phrase, a theme and a final chord in its last bar."""
    n_bars = len(rows)
    rng = np.random.default_rng(0)
    music = rng.integers(1, 3, (score.N_STREAMS, n_bars * STEPS))
    music[DRUMS] = rows.ravel()
    for bar in range(n_bars):
        kind = "intro" if bar < 4 else "theme" if bar < 8 else "contrast"
        music[score.POSITION, bar * STEPS] = section_token(kind, n_bars - 1 - bar)
    return np.concatenate([header.pack(), music], axis=1).astype(np.uint8)


@pytest.mark.parametrize("swing", score.SWINGS)
@pytest.mark.parametrize("late_s", [0.0, 0.015, -0.015])
def test_a_take_comes_back_as_it_was_written(tmp_path, swing, late_s):
    rows = np.tile(ROW, (8, 1))
    write_take(tmp_path, rows, swing=swing, late_s=late_s)
    (take,) = read_takes(tmp_path)
    assert (take.genre, take.bpm, take.swing, take.fill) == ("rock", BPM, swing, False)
    np.testing.assert_array_equal(take.tokens, rows)
    np.testing.assert_array_equal(take.ghosts[0], (np.arange(STEPS) % 2 == 1) & (ROW & 2 > 0))


def test_bars_that_are_empty_or_solo_end_a_take(tmp_path):
    rows = np.tile(ROW, (12, 1))
    rows[3] = 0
    rows[9] = 16 + (np.arange(STEPS) % 2) * 2  # toms alone
    write_take(tmp_path, rows)
    assert [len(take.tokens) for take in read_takes(tmp_path)] == [3, 5, 2]


def test_a_take_begins_with_a_phrase_where_it_can(tmp_path):
    rows = np.tile(ROW, (12, 1))
    rows[1] = 0
    write_take(tmp_path, rows)
    (take,) = read_takes(tmp_path)
    np.testing.assert_array_equal(take.tokens, rows[4:])


def test_a_fill_is_any_bar_played_to_its_end(tmp_path):
    rows = np.zeros((3, STEPS), np.uint8)
    rows[0, :4] = 1
    rows[1, 8:] = 2 + 16
    rows[2] = 48  # a crash a step is an effect
    write_take(tmp_path, rows, kind="fill")
    (take,) = read_takes(tmp_path)
    assert take.fill
    np.testing.assert_array_equal(take.tokens[:, ::2], rows[1:2, ::2])


def test_other_splits_and_foreign_styles_are_left_out(tmp_path):
    write_take(tmp_path, np.tile(ROW, (4, 1)), style="latin/brazilian-samba")
    assert read_takes(tmp_path) == ()
    write_take(tmp_path, np.tile(ROW, (4, 1)))
    assert read_takes(tmp_path, split="test") == ()


def test_styles_map_to_genres_that_exist():
    assert {genre for genres in GENRES_OF_STYLE.values() for genre in genres} <= set(GENRES)
    assert genres_of("rock/shuffle") == ("blues",)
    assert genres_of("rock/groove8") == ("rock",)
    assert genres_of("afrocuban/bembe") == ()


def test_a_drummer_plays_where_the_composer_has_a_groove():
    groove, fill = np.array(drum_row(GROOVES["rock"]["mid"][0], STEPS)), np.array(drum_row(FILLS["rock"][0], STEPS))
    rows = np.tile(groove, (13, 1))
    rows[:3] &= 12  # the intro has cymbals only
    rows[7] = fill
    rows[8, 0] = rows[8, 0] & ~60 | 48
    rows[12] = 0
    rows[12, 0] = 49
    piece = piece_of(Header("rock", tempo_bpm=100), rows)
    bars = np.stack([ROW, ROW, ROW, ROW | 1, *[ROW ^ 1] * 4]).astype(np.uint8)
    drummers_fill = np.zeros((1, STEPS), np.uint8)
    drummers_fill[0, 8:] = 16
    takes = by_genre([take_of("rock", bars), take_of("rock", drummers_fill, fill=True)])
    played = with_drummer(piece, takes, random.Random(0))
    others = np.arange(score.N_STREAMS) != DRUMS
    np.testing.assert_array_equal(played[others], piece[others])
    np.testing.assert_array_equal(played[:, :N_HEADER_FRAMES], piece[:, :N_HEADER_FRAMES])
    drums = played[DRUMS, N_HEADER_FRAMES:].reshape(-1, STEPS)
    np.testing.assert_array_equal(drums[:3], rows[:3])
    np.testing.assert_array_equal(drums[3:7], bars[[3, 0, 1, 2]])
    np.testing.assert_array_equal(drums[7], np.concatenate([bars[3, :8], drummers_fill[0, 8:]]))
    assert drums[8, 0] & 60 == 48
    np.testing.assert_array_equal(drums[8, 1:], bars[4, 1:])
    np.testing.assert_array_equal(drums[9:12], bars[5:8])
    np.testing.assert_array_equal(drums[12], rows[12])


@pytest.mark.parametrize(
    ("genre", "swing", "bpm"), [("pop", "straight", 100), ("rock", "triplet", 100), ("rock", "straight", 126)]
)
def test_no_drummer_of_another_genre_swing_or_tempo(genre, swing, bpm):
    piece = piece_of(Header("rock", tempo_bpm=100), np.tile(drum_row(GROOVES["rock"]["mid"][0], STEPS), (9, 1)))
    takes = by_genre([take_of(genre, np.tile(ROW, (4, 1)), swing=swing, bpm=bpm)])
    np.testing.assert_array_equal(with_drummer(piece, takes, random.Random(0)), piece)


def test_kits_without_ghost_notes_do_not_play_them():
    header = Header("rock", tempo_bpm=100, kit="power")
    piece = piece_of(header, np.tile(drum_row(GROOVES["rock"]["mid"][0], STEPS), (9, 1)))
    ghosts = np.tile(np.arange(STEPS) == 7, (4, 1))
    take = Take("rock", "rock", 100, "straight", "mid", np.tile(ROW | 64, (4, 1)).astype(np.uint8), ghosts, False)
    drums = with_drummer(piece, {"rock": (take,)}, random.Random(0))[DRUMS, N_HEADER_FRAMES:].reshape(-1, STEPS)
    np.testing.assert_array_equal(drums[5], np.where(np.arange(STEPS) == 7, ROW & 125, ROW))


@pytest.mark.skipif(not GROOVE_DATA.is_dir(), reason="the Groove MIDI data set is not here")
def test_the_real_data_set_has_steady_grooves_of_eight_genres():
    takes = read_takes(GROOVE_DATA)
    grooves = {genre: [t for t in group if not t.fill] for genre, group in by_genre(takes).items()}
    assert set(grooves) == set(GENRES) - {"classical", "metal"}
    assert min(map(len, grooves.values())) >= 15
    rock = np.concatenate([take.tokens for take in grooves["rock"] if take.swing == "straight"])
    struck = (rock & 2 > 0).mean(axis=0)
    assert struck[[4, 12]].min() > 0.6 > 0.4 > struck[[0, 2, 6, 8, 14]].max()
    assert (rock[:, 0] & 1).mean() > 0.6
    disco = np.concatenate([take.tokens for take in grooves["disco"]])
    assert (disco[:, ::4] & 1).all()
    assert {take.energy for take in takes} == set(ENERGIES)
