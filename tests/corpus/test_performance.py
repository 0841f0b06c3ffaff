"""Playing the grid: exact times, transposition, swing, and nothing that a language model writes can break it."""

import numpy as np
import pytest

from corpus import score
from corpus.performance import HIGHEST_PITCH, Note, Piece, to_notes
from corpus.score import FIRST_PITCH, Header


def _grid(header: Header, n_steps: int, **streams: dict[int, int]) -> np.ndarray:
    """Tokens with the given (step -> token) in the named streams."""
    music = np.zeros((score.N_STREAMS, n_steps), int)
    music[score.DYNAMICS] = 4
    for name, tokens in streams.items():
        for step, token in tokens.items():
            music[score.STREAM_NAMES.index(name), step] = token
    return np.concatenate([header.pack(), music], axis=1)


def _notes(piece: Piece, name: str) -> tuple[Note, ...]:
    return next(track.notes for track in piece.tracks if track.name == name)


def test_any_tokens_play() -> None:
    rng = np.random.default_rng(0)
    for _ in range(150):
        piece = to_notes(rng.integers(0, score.VOCABULARY, (8, rng.integers(0, 200))))
        for track in piece.tracks:
            for note in track.notes:
                assert 0 <= note.start_s < note.end_s
                assert 1 <= note.velocity <= 127
                assert track.is_drum or 24 <= note.pitch <= HIGHEST_PITCH
                assert 0 <= note.pitch <= 127


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="8"):
        to_notes(np.zeros((7, 40), int))


@pytest.mark.parametrize("tempo_bpm", [50, 96, 190])
def test_beats_fall_where_the_tempo_says(tempo_bpm: int) -> None:
    kicks = dict.fromkeys(range(0, 64, 4), 1)
    piece = to_notes(_grid(Header(tempo_bpm=tempo_bpm), 64, drums=kicks))
    starts = [note.start_s for note in _notes(piece, "drums")]
    np.testing.assert_allclose(np.diff(starts), 60 / tempo_bpm)
    assert piece.seconds == pytest.approx(16 * 60 / tempo_bpm)


def test_a_tempo_can_be_overruled() -> None:
    tokens = _grid(Header(tempo_bpm=100), 16, bass={0: 14, 8: 14})
    slow, fast = to_notes(tokens), to_notes(tokens, tempo_bpm=200)
    assert fast.seconds == pytest.approx(slow.seconds / 2)
    assert fast.tempo_bpm == 200
    assert _notes(fast, "bass")[1].start_s == pytest.approx(_notes(slow, "bass")[1].start_s / 2)


@pytest.mark.parametrize("tonic", range(12))
def test_everything_moves_with_the_tonic(tonic: int) -> None:
    streams = {
        "melody": {0: FIRST_PITCH - score.MELODY_LOWEST},
        "bass": {0: FIRST_PITCH - score.BASS_LOWEST},
        "chord": dict.fromkeys(range(8), score.chord_token(0, "major")),
        "accompaniment": {0: score.FIRST_ACTION},
    }
    piece = to_notes(_grid(Header(tonic=tonic), 8, **streams))
    assert _notes(piece, "melody")[0].pitch % 12 == tonic
    assert _notes(piece, "bass")[0].pitch % 12 == tonic
    assert {note.pitch % 12 for note in _notes(piece, "accompaniment")} == {(tonic + i) % 12 for i in (0, 4, 7)}


def test_triplet_swing_delays_the_second_eighth_to_two_thirds() -> None:
    piece = to_notes(_grid(Header(tempo_bpm=60, swing="triplet"), 8, drums={0: 1, 2: 1, 4: 1}))
    assert [note.start_s for note in _notes(piece, "drums")] == pytest.approx([0, 2 / 3, 1])


def test_holds_sustain_and_dynamics_are_heard() -> None:
    held = {0: 30, 1: score.HOLD, 2: score.HOLD, 3: score.HOLD, 8: 30}
    tokens = _grid(Header(tempo_bpm=60), 16, melody=held)
    long, short = _notes(to_notes(tokens), "melody")
    assert long.end_s - long.start_s == pytest.approx(4 * (short.end_s - short.start_s))
    tokens[score.DYNAMICS, score.N_HEADER_FRAMES :] = 7
    assert _notes(to_notes(tokens), "melody")[0].velocity > long.velocity


def test_a_grace_note_slides_in_from_a_semitone_below() -> None:
    plain = FIRST_PITCH + 30
    piece = to_notes(_grid(Header(), 8, melody={0: plain + score.GRACE}))
    grace, note = _notes(piece, "melody")
    assert note.pitch - grace.pitch == 1
    assert grace.start_s < note.start_s <= grace.end_s + 1e-9


def test_drum_tokens_are_five_voices() -> None:
    kit = score.KITS[0]
    piece = to_notes(_grid(Header(), 4, drums={0: 1 + 2 + 8 + 48 + 64}))
    assert {note.pitch for note in _notes(piece, "drums")} == {kit.kick, kit.snare, kit.open, kit.crash, kit.colour}


def test_chords_without_harmony_and_empty_tracks_are_left_out() -> None:
    piece = to_notes(_grid(Header(), 16, accompaniment={0: score.FIRST_ACTION}, melody={0: 20}))
    assert [track.name for track in piece.tracks] == ["melody"]
