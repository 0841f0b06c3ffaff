"""MIDI files read back: our own exactly, with and without their imprint; those of others as far as the grid goes."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from corpus import score
from corpus.captions import EMOTIONS, GENRES
from corpus.composer import compose
from corpus.imprint import read_imprint
from corpus.notation import header_of, read_midi
from corpus.performance import Piece, to_notes
from corpus.render import midi_bytes
from corpus.score import Header
from corpus.sheet import read_sheet

CLASSICAL = Path(__file__).parents[3] / "shared/data/midi/classical_piano/midis"
GROOVE = Path(__file__).parents[3] / "shared/data/midi/groove"
MUSIC = slice(score.N_HEADER_FRAMES, None)


def sounding(piece: Piece) -> dict[tuple[str, int, int], tuple[float, int]]:
    """(track, onset step, pitch) -> (duration in steps, velocity)."""
    step_s = score.seconds_of(1, piece.tempo_bpm, piece.header.steps_per_beat)
    return {
        (track.name, round(note.start_s / step_s), note.pitch): ((note.end_s - note.start_s) / step_s, note.velocity)
        for track in piece.tracks
        for note in track.notes
    }


def in_file(midi: bytes) -> dict[tuple[str, int, int], tuple[float, int]]:
    """What sounds in a file, where a note ends when its key is struck again."""
    sheet, header = read_sheet(midi), read_imprint(midi)
    assert header is not None
    return sounding(Piece(header.header, sheet.tracks, sheet.seconds))


def piece_of(genre: str, seed: int, n_steps: int = 128) -> tuple[np.ndarray, bytes]:
    tokens = compose(seed, genre=genre, emotion=EMOTIONS[seed % len(EMOTIONS)], steps=n_steps).astype(int)
    return tokens, midi_bytes(to_notes(tokens))


@pytest.mark.parametrize("genre", GENRES)
def test_a_file_of_our_own_is_read_exactly(genre: str) -> None:
    tokens, midi = piece_of(genre, 40 + GENRES.index(genre))
    read = read_midi(midi)
    played, again = in_file(midi), in_file(midi_bytes(to_notes(read)))
    assert played.keys() == again.keys()
    assert max(abs(played[note][0] - again[note][0]) for note in played) < 0.5
    assert max(abs(played[note][1] - again[note][1]) for note in played) < 12
    assert Header.unpack(read) == Header.unpack(tokens)
    assert read.shape == tokens.shape
    np.testing.assert_array_equal(read[score.DRUMS, MUSIC], tokens[score.DRUMS, MUSIC])
    assert (read[score.MELODY, MUSIC] == tokens[score.MELODY, MUSIC]).mean() > 0.97
    assert (read[score.DYNAMICS, MUSIC] // 8 == tokens[score.DYNAMICS, MUSIC] // 8).mean() > 0.95


@pytest.mark.parametrize("metre", score.METRE_NAMES)
def test_every_metre_and_register_is_read(metre: str) -> None:
    rng = np.random.default_rng(3)
    header = Header(metre=metre, tempo_bpm=77, tonic=9, mode="dorian", register=2, swing="straight")
    music = np.zeros((score.N_STREAMS, 96), int)
    music[score.CHORD] = np.repeat(rng.integers(1, 100, 96 // 12), 12)
    music[score.ACCOMPANIMENT, ::12] = 2 + np.arange(8)
    music[score.MELODY, ::3] = rng.integers(20, 40, 32)
    music[score.DYNAMICS] = 5
    played = to_notes(np.concatenate([header.pack(), music], axis=1))
    read = read_midi(midi_bytes(played))
    assert Header.unpack(read) == header
    assert sounding(to_notes(read)).keys() == sounding(played).keys()
    np.testing.assert_array_equal(read[score.DYNAMICS, MUSIC] % 8, 5)


def test_without_the_imprint_the_notes_say_nearly_all() -> None:
    tokens, midi = piece_of("jazz", 3)
    bare = midi.replace(b"synthesete grid", b"something else!")
    assert read_imprint(midi) is not None
    assert read_imprint(bare) is None
    read = read_midi(bare)
    stated, found = asdict(Header.unpack(tokens)), asdict(Header.unpack(read))
    for field in ("tempo_bpm", "tonic", "metre", "swing", "bass", "accompaniment", "melody"):
        assert found[field] == stated[field]
    assert sounding(to_notes(read, exact=True)).keys() == sounding(to_notes(tokens, exact=True)).keys()


def test_a_transposed_file_is_not_believed_its_imprint() -> None:
    import symusic

    tokens, midi = piece_of("pop", 8)
    file = symusic.Score.from_midi(midi)
    for track in file.tracks:
        if not track.is_drum:
            track.shift_pitch(2, inplace=True)
    written = file.key_signatures[0]
    file.key_signatures.clear()
    file.key_signatures.append(symusic.KeySignature(0, (written.key + 2 + 5) % 12 - 5, written.tonality))
    moved = read_sheet(bytes(file.dumps_midi()))
    assert header_of(moved, read_imprint(midi)).tonic == (Header.unpack(tokens).tonic + 2) % 12


@pytest.mark.parametrize("data", [b"", b"abc", b"MThd" + bytes(40), bytes(1000)])
def test_what_is_no_midi_is_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="MIDI"):
        read_midi(data)


@pytest.mark.skipif(not CLASSICAL.is_dir(), reason="the classical piano files are not here")
def test_piano_music_keeps_its_notes() -> None:
    kept, invented, n = 0, 0, 0
    for name in ("Albeniz/alb_esp1.mid", "Chopin/chpn-p3.mid", "Haydn/haydn_43_3.mid"):
        data = next(CLASSICAL.rglob(Path(name).name)).read_bytes()
        sheet, piece = read_sheet(data), to_notes(read_midi(data))
        step_s = score.seconds_of(1, piece.tempo_bpm, piece.header.steps_per_beat)
        written = {(round(note.start_s / step_s), note.pitch) for note in sheet.notes}
        found = {(step, pitch) for _, step, pitch in sounding(piece)}
        kept, invented, n = kept + len(written & found), invented + len(found - written), n + len(written)
        assert piece.header.tempo_bpm == sheet.tempo_bpm
    assert kept / n > 0.93
    assert invented / n < 0.1


@pytest.mark.skipif(not GROOVE.is_dir(), reason="the Groove MIDI files are not here")
def test_a_drummer_is_written_down() -> None:
    data = next(GROOVE.rglob("1_funk-groove1_138_beat_4-4.mid")).read_bytes()
    sheet, tokens = read_sheet(data), read_midi(data)
    struck = sum(len(track.notes) for track in sheet.tracks)
    assert Header.unpack(tokens).tempo_bpm == 138
    assert len(sounding(to_notes(tokens))) > 0.85 * struck
