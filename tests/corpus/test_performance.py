"""Playing the grid: exact times, transposition, swing, and nothing that a language model writes can break it."""

import numpy as np
import pytest

from corpus import score
from corpus.captions import GENRES
from corpus.composer import compose
from corpus.performance import HIGHEST_PITCH, Note, Piece, to_notes
from corpus.score import FIRST_PITCH, Header
from corpus.touch import FURTHEST_S, FURTHEST_STEPS, Touch


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
    piece = to_notes(_grid(Header(tempo_bpm=tempo_bpm), 64, drums=kicks), exact=True)
    starts = [note.start_s for note in _notes(piece, "drums")]
    np.testing.assert_allclose(np.diff(starts), 60 / tempo_bpm)
    assert piece.seconds == pytest.approx(16 * 60 / tempo_bpm)


def test_a_tempo_can_be_overruled() -> None:
    tokens = _grid(Header(tempo_bpm=100), 16, bass={0: 14, 8: 14})
    slow, fast = to_notes(tokens, exact=True), to_notes(tokens, tempo_bpm=200, exact=True)
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
    piece = to_notes(_grid(Header(tempo_bpm=60, swing="triplet"), 8, drums={0: 1, 2: 1, 4: 1}), exact=True)
    assert [note.start_s for note in _notes(piece, "drums")] == pytest.approx([0, 2 / 3, 1])


def test_holds_sustain_and_dynamics_are_heard() -> None:
    held = {0: 30, 1: score.HOLD, 2: score.HOLD, 3: score.HOLD, 8: 30}
    tokens = _grid(Header(tempo_bpm=60), 16, melody=held)
    long, short = _notes(to_notes(tokens, exact=True), "melody")
    assert long.end_s - long.start_s == pytest.approx(4 * (short.end_s - short.start_s))
    tokens[score.DYNAMICS, score.N_HEADER_FRAMES :] = 7
    assert _notes(to_notes(tokens, exact=True), "melody")[0].velocity > long.velocity


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


@pytest.mark.parametrize("metre", score.METRE_NAMES)
def test_the_tempo_counts_the_beats_of_the_metre(metre: str) -> None:
    steps = score.METRES[metre].steps_per_beat
    strokes = dict.fromkeys(range(0, 8 * steps, steps), 1)
    piece = to_notes(_grid(Header(tempo_bpm=75, metre=metre), 8 * steps, drums=strokes), exact=True)
    assert [note.start_s for note in _notes(piece, "drums")] == pytest.approx([0.8 * beat for beat in range(8)])
    assert piece.beat_times_s == pytest.approx([0.8 * beat for beat in range(8)])


@pytest.mark.parametrize("genre", GENRES)
def test_people_stray_from_the_grid_but_not_out_of_sight(genre: str) -> None:
    tokens = compose(5, genre=genre, seconds=20.0)
    played, exact = to_notes(tokens), to_notes(tokens, exact=True)
    step_s = score.seconds_of(1, played.tempo_bpm, played.header.steps_per_beat)
    for track, straight in zip(played.tracks, exact.tracks, strict=True):
        ordered = (sorted(t.notes, key=lambda n: (n.pitch, n.start_s)) for t in (track, straight))
        off_s = np.array([note.start_s - other.start_s for note, other in zip(*ordered, strict=True)])
        assert np.abs(off_s).max() <= min(FURTHEST_S, FURTHEST_STEPS * step_s) + 1e-9
        assert 0.001 < off_s.std() < 0.02
    assert played.beat_times_s == exact.beat_times_s
    assert played.seconds == exact.seconds


def test_the_same_score_is_played_alike_and_others_otherwise() -> None:
    tokens = compose(5, genre="jazz", seconds=8.0)
    assert to_notes(tokens) == to_notes(tokens.copy())
    other = tokens.copy()
    other[score.MELODY, 0] ^= 1  # another instrument, the same notes
    starts = [[note.start_s for note in _notes(to_notes(each), "bass")] for each in (tokens, other)]
    assert starts[0] != starts[1]


@pytest.mark.parametrize("genre", ["jazz", "classical", "metal"])
def test_what_is_yet_to_be_written_changes_nothing(genre: str) -> None:
    tokens = compose(9, genre=genre, seconds=20.0)
    whole = to_notes(tokens)
    for n in range(20, tokens.shape[1], 31):
        begun = to_notes(tokens[:, :n], final=False)
        for track in begun.tracks:
            settled = [note for note in track.notes if note.start_s < begun.settled_s]
            later = [note for note in _notes(whole, track.name) if note.start_s < begun.settled_s]
            assert [(n.start_s, n.pitch, n.velocity) for n in settled] == [
                (n.start_s, n.pitch, n.velocity) for n in later
            ]
            for note, end_s in zip(settled, (n.end_s for n in later), strict=True):
                assert note.end_s == end_s or (note.end_s == np.inf and end_s >= begun.settled_s)


def test_a_note_that_may_go_on_has_no_end_yet() -> None:
    tokens = _grid(Header(tempo_bpm=60), 8, melody={0: 30} | dict.fromkeys(range(1, 8), score.HOLD))
    assert _notes(to_notes(tokens, final=False), "melody")[0].end_s == np.inf
    assert _notes(to_notes(tokens), "melody")[0].end_s < 2.1
    assert to_notes(tokens, final=False).settled_s < 2.0


def test_strong_beats_and_the_height_of_a_phrase_are_louder() -> None:
    def accents(metre: str) -> list[float]:
        header = Header(metre=metre)
        touch = Touch(header, 0.15, 0.15, exact=True)
        return [touch.emphasis("melody", step) for step in range(header.steps_per_bar)]

    assert np.argsort(accents("6/8"))[-2:].tolist() == [6, 0]
    assert np.argsort(accents("5/4"))[-2:].tolist() == [12, 0]
    assert np.argsort(accents("4/4"))[-2:].tolist() == [8, 0]
    arch = np.mean(
        [[Touch(Header(tonic=tonic), 0.15, 0.15, exact=False).emphasis("melody", bar * 16) for bar in range(4)]
         for tonic in range(12)], axis=0,
    )  # fmt: skip
    assert arch.argmax() == 2
    assert arch[2] - arch[0] > 3


def test_the_bass_stays_with_the_kick_and_a_jazz_soloist_lays_back() -> None:
    touch = Touch(Header(genre="jazz"), 0.15, 0.15, exact=False)
    kick, bass, melody, own = (
        np.array([touch.delay_s(part, step) for step in range(256)]) for part in ("drums", "bass", "melody", "extra")
    )
    assert np.corrcoef(kick, bass)[0, 1] > 0.9
    assert melody.mean() > own.mean() + 0.005
