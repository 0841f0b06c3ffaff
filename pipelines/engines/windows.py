"""The windows that the score MusicGen learns from and composes in: header, what is remembered, what comes next.

A window holds as many phrases as fit in CONTEXT_STEPS. The first begins with the piece; a later one begins with two
phrases that lie behind it: the first theme, so that it can come home after minutes, and the phrase just before.
"""

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.score import Header

CONTEXT_STEPS = 256
N_REMEMBERED = 2
Tokens = npt.NDArray[np.integer]


def phrases_in_context(header: Header) -> int:
    """How many phrases a window holds: 4 in 4/4, 5 in 3/4 and 6/8, 3 in 5/4."""
    return CONTEXT_STEPS // header.steps_per_phrase


def remembered(music: Tokens, header: Header, n_done: int) -> tuple[int, int]:
    """The two phrases that a window after `n_done` >= 2 whole phrases begins with: the first theme, and the last.

    `music` is (N_STREAMS, steps) without its header. Where the theme is the last phrase itself, the one before it.
    """
    size = header.steps_per_phrase
    kinds = [score.read_section(int(music[score.POSITION, at])) for at in range(0, n_done * size, size)]
    theme = next((i for i, kind in enumerate(kinds) if kind and kind[0] == "theme"), 0)
    return (theme if theme < n_done - 1 else n_done - 2), n_done - 1


def kept(music: Tokens, header: Header) -> Tokens:
    """What a window that goes on after `music` (whole phrases) begins with, (N_STREAMS, steps)."""
    size, n_done = header.steps_per_phrase, music.shape[1] // header.steps_per_phrase
    if n_done <= N_REMEMBERED:
        return music
    return np.concatenate([music[:, at * size : (at + 1) * size] for at in remembered(music, header, n_done)], 1)


def draw_window(piece: Tokens, rng: np.random.Generator) -> Tokens:
    """The first window of a piece, or, every second time where there is one, a later one: header and steps."""
    head, header = score.N_HEADER_FRAMES, Header.unpack(piece)
    music, size, room = piece[:, head:], header.steps_per_phrase, phrases_in_context(header)
    n_phrases = -(-music.shape[1] // size)
    if n_phrases <= N_REMEMBERED or rng.random() < 0.5:
        return piece[:, : head + room * size]
    begin = int(rng.integers(N_REMEMBERED, n_phrases))
    following = music[:, begin * size : (begin + room - N_REMEMBERED) * size]
    return np.concatenate([piece[:, :head], kept(music[:, : begin * size], header), following], 1)
