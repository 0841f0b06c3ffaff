"""The score grid: exact headers, masks that match the decoder, lengths that add up."""

import numpy as np
import pytest

from corpus import score
from corpus.captions import EMOTIONS, GENRES, KEYS
from corpus.score import Header


@pytest.mark.parametrize("tempo_bpm", range(score.MIN_TEMPO_BPM, score.MAX_TEMPO_BPM + 1))
def test_every_whole_tempo_survives_exactly(tempo_bpm: int) -> None:
    assert Header.unpack(Header(tempo_bpm=tempo_bpm).pack()).tempo_bpm == tempo_bpm


def test_headers_round_trip() -> None:
    rng = np.random.default_rng(0)

    def pick(names: tuple[str, ...]) -> str:
        return names[rng.integers(len(names))]

    for _ in range(200):
        header = Header(
            genre=pick(GENRES),
            emotion=pick(EMOTIONS),
            tempo_bpm=int(rng.integers(50, 191)),
            tonic=int(rng.integers(12)),
            mode=pick(score.MODE_NAMES),
            metre=str(rng.choice(score.METRE_NAMES)),
            swing=pick(score.SWINGS),
            kit=pick(score.KIT_NAMES),
            bass=int(rng.integers(128)),
            accompaniment=int(rng.integers(128)),
            extra=int(rng.integers(128)),
            melody=int(rng.integers(128)),
            register=int(rng.integers(3)),
        )
        assert Header.unpack(header.pack()) == header
        assert header.key in KEYS


@pytest.mark.parametrize("tempo_bpm", [49, 191, 96.5])
def test_a_tempo_that_cells_cannot_hold_is_refused(tempo_bpm: float) -> None:
    with pytest.raises(ValueError, match="tempo"):
        Header(tempo_bpm=tempo_bpm).pack()  # type: ignore[arg-type]


def test_any_integers_are_a_header() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        header = Header.unpack(rng.integers(-5, 300, (8, 2)))
        assert Header.unpack(header.pack()) == header


def test_packed_headers_stay_within_the_valid_tokens() -> None:
    cells = Header(
        genre=GENRES[-1], emotion=EMOTIONS[-1], tempo_bpm=190, tonic=11, mode=score.MODE_NAMES[-1], metre="5/4",
        swing=score.SWINGS[-1], kit=score.KIT_NAMES[-1], bass=127, accompaniment=127, extra=127, melody=127, register=2,
    ).pack()  # fmt: skip
    for stream in range(score.N_STREAMS):
        for frame in range(score.N_HEADER_FRAMES):
            # The last name of every table is the largest id; only the parity of the tempo is not at its end here.
            expected = score.valid_tokens(stream, frame)[-1]
            assert cells[stream, frame] == expected or (stream, frame) == (score.DRUMS, 1)


def test_valid_tokens_fit_the_vocabulary() -> None:
    for stream in range(score.N_STREAMS):
        for frame in (None, 0, 1):
            ids = score.valid_tokens(stream, frame)
            assert ids[0] == 0
            assert ids[-1] < score.VOCABULARY


def test_in_scale_tokens_keep_rests_holds_chords_and_graces() -> None:
    melody = score.in_scale_tokens(score.MELODY, "major")
    assert {score.REST, score.HOLD} <= set(melody)
    pitches = melody[melody >= score.FIRST_PITCH]
    assert set((pitches - score.FIRST_PITCH) % score.N_PITCHES % 12) == {0, 2, 4, 5, 7, 9, 11}
    assert (pitches >= score.FIRST_PITCH + score.N_PITCHES).sum() == (
        pitches < score.FIRST_PITCH + score.N_PITCHES
    ).sum()
    assert {score.PAD, score.STAB, score.HIGH_STAB} <= set(score.in_scale_tokens(score.EXTRA, "phrygian"))


def test_chords_round_trip_and_nothing_else_is_one() -> None:
    for root in range(12):
        for name, intervals in score.QUALITIES.items():
            assert score.read_chord(score.chord_token(root, name)) == (root, intervals)
    assert score.read_chord(0) is None
    assert all(score.read_chord(token) is None for token in range(121, 128))


def test_lengths_add_up() -> None:
    assert score.steps_for(60, 100) == 400
    assert score.seconds_of(400, 100) == pytest.approx(60)
    for tempo_bpm in (50, 97, 190):
        for seconds in (1.0, 9.99, 600.0):
            steps = score.steps_for(seconds, tempo_bpm)
            assert score.seconds_of(steps, tempo_bpm) >= seconds - 1e-6
            assert score.seconds_of(steps - 1, tempo_bpm) < seconds
