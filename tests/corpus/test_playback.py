"""Playing while it is written: the pieces joined are the whole, early, whatever the sizes of what comes."""

import time

import numpy as np
import pytest

from corpus import score
from corpus.captions import GENRES
from corpus.composer import compose
from corpus.performance import to_notes
from corpus.playback import Audio, Playback
from corpus.render import render
from corpus.score import Header

RATE_HZ, SECONDS = 32000, 6.0


def _streamed(tokens: score.Tokens, sizes: tuple[int, ...], seconds: float = SECONDS) -> list[Audio]:
    """The pieces of sound when `sizes` steps are added in turn, over and over."""
    playback, n, pieces = Playback(rate=RATE_HZ, seconds=seconds), score.N_HEADER_FRAMES, []
    while n < tokens.shape[1]:
        n = min(tokens.shape[1], n + sizes[len(pieces) % len(sizes)])
        pieces.append(playback.add(tokens[:, :n], final=n == tokens.shape[1]))
    return pieces


@pytest.mark.parametrize("genre", GENRES)
def test_the_pieces_joined_are_the_whole(genre: str) -> None:
    tokens = compose(3, genre=genre, seconds=SECONDS)
    joined = np.concatenate(_streamed(tokens, (5, 17, 1, 40)), axis=1)
    whole = render(to_notes(tokens), rate=RATE_HZ, seconds=SECONDS, mastered=False)
    assert joined.shape == whole.shape == (2, round(SECONDS * RATE_HZ))
    assert joined.dtype == np.float32
    np.testing.assert_allclose(joined, whole, atol=1e-5)


def test_what_is_settled_comes_at_once() -> None:
    tokens = compose(11, genre="rock", seconds=SECONDS)
    bar, played = Header.unpack(tokens).steps_per_bar, 0
    bar_s = score.seconds_of(bar, Header.unpack(tokens).tempo_bpm)
    for index, piece in enumerate(_streamed(tokens, (bar,))):
        played += piece.shape[1]
        assert played / RATE_HZ > min(SECONDS, (index + 1) * bar_s) - bar_s


@pytest.mark.parametrize(("seconds", "rate"), [(0.5, 32000), (1.2345, 22050), (30.0, 44100)])
def test_the_length_is_exact_however_long_the_score_is(seconds: float, rate: int) -> None:
    tokens = compose(2, genre="jazz", seconds=3.0)
    playback = Playback(rate=rate, seconds=seconds)
    first = playback.add(tokens[:, :20], final=False)
    assert first.shape[1] + playback.add(tokens, final=True).shape[1] == round(seconds * rate)


def test_another_tempo_can_be_asked_for() -> None:
    tokens = compose(2, genre="jazz", seconds=6.0)
    slow = Playback(seconds=12.0, tempo_bpm=Header.unpack(tokens).tempo_bpm // 2)
    part = slow.add(tokens[:, : score.N_HEADER_FRAMES + 16], final=False)
    assert part.shape[1] > RATE_HZ * score.seconds_of(15, Header.unpack(tokens).tempo_bpm)


def test_the_callback_can_stop_the_work() -> None:
    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Playback(seconds=4.0).play(to_notes(compose(1, seconds=4.0)), final=True, on_window=stop)


def test_any_tokens_play_without_a_gap() -> None:
    rng = np.random.default_rng(0)
    for _ in range(2):
        tokens = rng.integers(0, score.VOCABULARY, (8, 60))
        joined = np.concatenate(_streamed(tokens, (13, 2, 30), 3.0), axis=1)
        whole = render(to_notes(tokens), rate=RATE_HZ, seconds=3.0, mastered=False)
        np.testing.assert_allclose(joined, whole, atol=1e-5)
        assert np.isfinite(whole).all()


def test_joints_are_as_smooth_as_everything_else() -> None:
    pieces = _streamed(compose(4, genre="classical", seconds=SECONDS), (16,))
    joints = np.cumsum([piece.shape[1] for piece in pieces])[:-1]
    joints = joints[(joints > 10) & (joints < SECONDS * RATE_HZ - 10)]
    bend = np.abs(np.diff(np.concatenate(pieces, axis=1), n=2, axis=1)).max(axis=0)
    at_joints = max(bend[joint - 3 : joint + 2].max() for joint in joints)
    assert at_joints <= np.quantile(bend, 0.999)


def test_the_first_bars_sound_at_once() -> None:
    """A generous bound for a machine that is busy: 0.05 to 0.1 s of processor time where it is not."""
    tokens = compose(7, genre="pop", seconds=20.0)
    Playback(seconds=1.0).add(compose(8, genre="metal", seconds=1.0), final=True)  # what is loaded once a process
    started = time.process_time()
    playback = Playback(seconds=20.0)
    assert playback.add(tokens[:, : 2 + 4 * Header.unpack(tokens).steps_per_bar], final=False).shape[1] > RATE_HZ
    assert time.process_time() - started < 0.6
