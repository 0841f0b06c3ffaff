"""The composer: what is asked for is what is written, and it is music of its genre."""

import random
import time

import numpy as np
import pytest

from corpus import score
from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, KEYS
from corpus.composer import compose, labels_of, write_corpus
from corpus.performance import to_notes
from corpus.score import HOLD, MODES, Header

STEPS = 256


@pytest.fixture(scope="module")
def pieces() -> np.ndarray:
    """Passages of all genres and emotions, (n, 8, 2 + STEPS)."""
    return np.stack(write_corpus(180, 7, steps=STEPS)[0])


def _music(tokens: np.ndarray) -> np.ndarray:
    return tokens[:, score.N_HEADER_FRAMES :].astype(int)


def _of(genre: str, n: int = 12, **wishes: object) -> list[np.ndarray]:
    return [
        _music(compose(seed, genre=genre, metre="4/4", steps=STEPS, **wishes))  # type: ignore[arg-type]
        for seed in range(n)
    ]


def _onsets(music: np.ndarray, bit: int) -> np.ndarray:
    """How often a drum voice is struck at each of the sixteen steps of a bar, as a share of bars."""
    return (music[score.DRUMS].reshape(-1, 16) & bit > 0).mean(axis=0)


def test_the_same_seed_is_the_same_piece_and_another_is_not() -> None:
    assert np.array_equal(compose(5), compose(5))
    assert not np.array_equal(compose(5, genre="pop"), compose(6, genre="pop"))


def test_everything_asked_for_is_in_the_header() -> None:
    rng = random.Random(0)
    for seed in range(80):
        genre, emotion, key = rng.choice(GENRES), rng.choice(EMOTIONS), rng.choice(KEYS)
        tempo_bpm = rng.randint(50, 190)
        tokens = compose(seed, genre=genre, emotion=emotion, key=key, tempo_bpm=tempo_bpm, steps=64)
        fields = labels_of(tokens)
        assert (fields.genre, fields.emotion, fields.key, fields.tempo_bpm) == (genre, emotion, key, tempo_bpm)


@pytest.mark.parametrize("instrument", sorted(INSTRUMENTS))
@pytest.mark.parametrize("genre", ["classical", "metal", "hiphop"])
def test_an_instrument_asked_for_plays(instrument: str, genre: str) -> None:
    for seed in range(3):
        assert instrument in labels_of(compose(seed, genre=genre, instruments=(instrument,), steps=128)).instruments


def test_a_band_asked_for_plays() -> None:
    tokens = compose(1, genre="jazz", instruments=("trumpet", "piano", "double bass", "strings"), seconds=12.0)
    assert labels_of(tokens).instruments == ("trumpet", "piano", "strings", "double bass")


def test_a_genre_is_chosen_that_has_the_instrument_and_the_tempo() -> None:
    assert {labels_of(compose(seed, instruments=("banjo",), steps=32)).genre for seed in range(12)} == {"country"}
    fast = {labels_of(compose(seed, tempo_bpm=180, steps=32)).genre for seed in range(30)}
    assert fast <= {"jazz", "metal"}


@pytest.mark.parametrize(
    "wish",
    [{"genre": "polka"}, {"emotion": "hungry"}, {"key": "H minor"}, {"instruments": ("kazoo",)}],
)
def test_words_outside_the_vocabulary_are_refused(wish: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"polka|hungry|H minor|kazoo"):
        compose(0, **wish)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [1.0, 2.5, 10.0, 61.7])
def test_it_is_as_long_as_asked(seconds: float) -> None:
    tokens = compose(2, seconds=seconds)
    piece = to_notes(tokens)
    assert seconds <= piece.seconds < seconds + score.seconds_of(1, piece.tempo_bpm) + 1e-9
    assert piece.tracks


def test_all_tokens_are_valid(pieces: np.ndarray) -> None:
    for stream in range(score.N_STREAMS):
        assert pieces[:, stream, 2:].max() <= score.valid_tokens(stream)[-1]
        for frame in range(score.N_HEADER_FRAMES):
            assert pieces[:, stream, frame].max() <= score.valid_tokens(stream, frame)[-1]


def test_no_hold_comes_out_of_nothing(pieces: np.ndarray) -> None:
    for stream in (score.BASS, score.ACCOMPANIMENT, score.EXTRA, score.MELODY):
        music = pieces[:, stream, 2:]
        assert not ((music[:, 1:] == HOLD) & (music[:, :-1] == score.REST)).any()


def test_no_bar_is_empty_and_no_tune_is_missing(pieces: np.ndarray) -> None:
    for tokens in pieces:
        bar = Header.unpack(tokens).steps_per_bar
        music = _music(tokens)
        whole = music[:, : STEPS // bar * bar].reshape(8, -1, bar)
        sounding = (whole[[score.BASS, score.ACCOMPANIMENT, score.EXTRA, score.MELODY]] > HOLD).any(axis=(0, 2))
        assert sounding.all()
        assert (music[score.MELODY] > HOLD).sum() >= 8


def test_melodies_stay_in_the_mode_and_meet_the_chords(pieces: np.ndarray) -> None:
    in_scale, on_chord = [], []
    for tokens in pieces:
        header, music = Header.unpack(tokens), _music(tokens)
        scale, bar = MODES[header.mode], header.steps_per_bar
        for step in np.flatnonzero(music[score.MELODY] > HOLD):
            pitch = (music[score.MELODY, step] - 2) % score.N_PITCHES + score.MELODY_LOWEST
            in_scale.append(pitch % 12 in scale)
            chord = score.read_chord(music[score.CHORD, step])
            if step % bar == 0 and chord:
                on_chord.append((pitch - chord[0]) % 12 in {interval % 12 for interval in chord[1]})
    assert np.mean(in_scale) == 1.0
    assert np.mean(on_chord) > 0.8


def test_motifs_return_after_four_bars(pieces: np.ndarray) -> None:
    returns = []
    for tokens in pieces:
        bar = Header.unpack(tokens).steps_per_bar
        tune = _music(tokens)[score.MELODY, : STEPS // bar * bar].reshape(-1, bar)
        returns += [np.array_equal(now, before) for now, before in zip(tune[4:], tune, strict=False) if now.any()]
    assert np.mean(returns) > 0.24


def test_a_piece_closes_on_its_tonic_and_a_passage_does_not() -> None:
    for seed in range(30):
        tokens = compose(seed, seconds=20.0)
        music, mode = _music(tokens), Header.unpack(tokens).mode
        root, intervals = score.read_chord(music[score.CHORD, -1]) or (-1, ())
        assert root == 0
        assert 3 not in intervals or mode in score.MINOR_MODES
        assert (music[[score.BASS, score.ACCOMPANIMENT, score.MELODY], -1] == HOLD).all()
        last_bass = music[score.BASS][music[score.BASS] > HOLD][-1]
        assert last_bass == score.FIRST_PITCH - score.BASS_LOWEST
    open_ended = [_music(compose(seed, steps=STEPS, ending=False)) for seed in range(10)]
    assert any((music[[score.BASS, score.ACCOMPANIMENT, score.MELODY], -1] != HOLD).any() for music in open_ended)


def test_disco_has_four_on_the_floor_and_open_hats_between() -> None:
    kick = np.mean([_onsets(m, 1) for m in _of("disco", emotion="joyful_activation", ending=False)], axis=0)
    assert kick[::4].min() > 0.75
    cymbals = np.concatenate([m[score.DRUMS].reshape(-1, 16) >> 2 & 3 for m in _of("disco", emotion="power")])
    assert (cymbals[:, 2::4] == 2).mean() > 0.6


def test_reggae_leaves_beat_one_to_the_silence_and_skanks_off_the_beat() -> None:
    music = _of("reggae", emotion="calmness", ending=False)
    first, second = ([_onsets(m, 1)[steps].mean() for m in music] for steps in ([0, 8], [4, 12]))
    one_drops = [b - a > 0.5 for a, b in zip(first, second, strict=True)]
    assert np.mean(one_drops) > 0.5  # the rest are steppers and rockers
    chords = np.concatenate([m[score.ACCOMPANIMENT].reshape(-1, 16) for m in music])
    assert (chords[:, 2::4] > HOLD).mean() > 0.9
    assert (chords[:, ::4] > HOLD).mean() < 0.05


def test_rock_and_pop_have_a_backbeat() -> None:
    for genre in ("rock", "pop", "country", "blues"):
        snare = np.mean([_onsets(m, 2) for m in _of(genre, emotion="power", tempo_bpm=120, ending=False)], axis=0)
        assert snare[[4, 12]].mean() > 0.6, genre
        assert snare[[4, 12]].mean() > snare[[0, 8]].mean(), genre


def test_jazz_walks_swings_and_rides() -> None:
    for seed in range(8):
        tokens = compose(seed, genre="jazz", emotion="joyful_activation", steps=STEPS, ending=False)
        header, music = Header.unpack(tokens), _music(tokens)
        assert header.swing == "triplet"
        if header.metre == "4/4":
            bass = music[score.BASS].reshape(-1, 16)
            assert (bass[:, ::4] > HOLD).mean() > 0.7
            assert len(np.unique(bass[bass > HOLD])) >= 8
            assert ((music[score.DRUMS] >> 2 & 3) == 3).sum() > 3 * len(bass)


def test_blues_goes_through_twelve_bars_in_shuffle() -> None:
    twelve = []
    for music in _of("blues", emotion="joyful_activation", ending=False):
        roots = [(score.read_chord(chord) or (None,))[0] for chord in music[score.CHORD, ::16]]
        starts = [bar for bar in (0, 4) if roots[bar + 4] == 5]  # after an intro of four bars the form begins anew
        twelve.append(any(roots[first] == 0 and roots[first + 8] in (2, 7, 8) for first in starts))
    assert np.mean(twelve) > 0.7  # the rest are blues of eight bars
    assert Header.unpack(compose(0, genre="blues")).swing == "triplet"


def test_metal_plays_power_chords_and_a_busy_kick() -> None:
    for music in _of("metal", emotion="power", ending=False):
        qualities = (music[score.CHORD] - 1) % 10
        assert (qualities == score.QUALITY_NAMES.index("power")).all()
    kick = np.mean([_onsets(m, 1) for m in _of("metal", emotion="power", ending=False)])
    assert kick > 1.5 * np.mean([_onsets(m, 1) for m in _of("pop", emotion="power", ending=False)])


def test_classical_has_no_kit_below_full_force() -> None:
    for music in _of("classical", emotion="tenderness"):
        assert (music[score.DRUMS] > 0).mean() < 0.2  # a stroke of the timpani here and there


def test_emotion_moves_tempo_and_dynamics() -> None:
    def means(emotion: str) -> tuple[float, float]:
        tokens = [compose(seed, genre="pop", emotion=emotion, steps=64) for seed in range(20)]
        levels = [(_music(t)[score.DYNAMICS] % 8).mean() for t in tokens]
        return float(np.mean([Header.unpack(t).tempo_bpm for t in tokens])), float(np.mean(levels))

    (slow_bpm, soft), (fast_bpm, loud) = means("sadness"), means("joyful_activation")
    assert fast_bpm > slow_bpm + 20
    minor = [
        Header.unpack(compose(s, genre="pop", emotion="sadness", steps=16)).key.endswith("minor") for s in range(20)
    ]
    assert all(minor)
    assert loud > 4 > soft


def test_passages_for_training_are_varied_and_repeatable() -> None:
    tokens, labels = write_corpus(40, 3, steps=64)
    assert np.stack(tokens).shape == (40, 8, 66)
    assert tokens[0].dtype == np.uint8
    assert len({piece.tobytes() for piece in tokens}) == 40
    assert np.array_equal(tokens, write_corpus(40, 3, steps=64)[0])
    assert len({fields.genre for fields in labels}) == len(GENRES)


def test_whole_pieces_have_a_form_and_count_down_to_their_last_chord() -> None:
    ended = 0
    for tokens in write_corpus(60, 5)[0]:
        header, music = Header.unpack(tokens), _music(tokens)
        marks = [score.read_section(int(token)) for token in music[score.POSITION, ::2]]
        assert all(marks)
        assert (music[score.POSITION, 1::2] == np.arange(1, music.shape[1], 2) % header.steps_per_phrase // 2).all()
        left = [mark[1] for mark in marks if mark]
        assert left == sorted(left, reverse=True)
        kinds = [mark[0] for mark in marks if mark]
        assert "intro" not in kinds[header.steps_per_phrase // 2 :]
        if left[-1] == 0:
            ended += 1
            assert (score.read_chord(int(music[score.CHORD, -1])) or (None,))[0] == 0
            assert (kinds[-1] == "ending") == (len(kinds) * 2 > 2 * header.steps_per_phrase)
    assert 20 < ended < 60


@pytest.mark.parametrize("metre", score.METRES)
@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_can_be_asked_for_in_every_metre(genre: str, metre: str) -> None:
    tokens = compose(3, genre=genre, metre=metre, seconds=20.0)
    assert Header.unpack(tokens).metre == metre
    assert labels_of(tokens).metre == (None if metre == "4/4" else metre)
    assert (_music(tokens)[score.MELODY] > HOLD).any()


def test_it_writes_a_thousand_times_faster_than_it_plays() -> None:
    started = time.process_time()
    tokens, _ = write_corpus(40, 11)
    spent_s = time.process_time() - started
    played_s = sum(to_notes(piece).seconds for piece in tokens)
    assert played_s > 1000 * spent_s
