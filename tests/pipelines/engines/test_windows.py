"""Windows: whole phrases, the theme remembered, the same for learning and for composing."""

import numpy as np

from corpus import score
from corpus.composer import compose, write_corpus
from corpus.score import Header
from pipelines.engines import windows


def test_a_window_begins_with_the_piece_or_with_the_theme_and_the_phrase_before() -> None:
    pieces, _ = write_corpus(40, 3)
    rng, later = np.random.default_rng(0), 0
    for piece in pieces:
        header = Header.unpack(piece)
        size, head = header.steps_per_phrase, score.N_HEADER_FRAMES
        for _ in range(6):
            window = windows.draw_window(piece, rng)
            assert window.shape[1] <= head + windows.CONTEXT_STEPS
            assert np.array_equal(window[:, :head], piece[:, :head])
            if np.array_equal(window, piece[:, : window.shape[1]]):
                continue
            later += 1
            first = score.read_section(int(window[score.POSITION, head]))
            assert first is not None
            music = piece[:, head:]
            starts = range(0, music.shape[1] - size + 1, size)
            last = window[:, head + size : head + 2 * size]
            assert any(np.array_equal(music[:, at : at + size], last) for at in starts)
    assert later > 40


def test_the_theme_is_remembered_from_any_distance() -> None:
    piece = next(
        p for p in (compose(seed, genre="pop", metre="4/4", steps=1280) for seed in range(50))
        if score.read_section(int(p[0, 2]))[0] == "intro"  # type: ignore[index]
    )  # fmt: skip
    header, music = Header.unpack(piece), piece[:, score.N_HEADER_FRAMES :]
    size = header.steps_per_phrase
    assert windows.remembered(music, header, 9) == (1, 8)
    assert windows.remembered(music, header, 2) == (0, 1)
    assert np.array_equal(windows.kept(music[:, : 9 * size], header)[:, :size], music[:, size : 2 * size])
    assert np.array_equal(windows.kept(music[:, :size], header), music[:, :size])
