"""Motifs that come home: what is leant to, when, and that a deviation ends it."""

import numpy as np
import torch

from corpus import score
from corpus.form import turns
from corpus.score import Header
from pipelines.engines.recall import STRENGTH, Recall
from pipelines.engines.score_rules import Frame
from pipelines.engines.steering import Row, Sampling, Steering

BAR, PHRASE = 16, 64


def music(kinds: list[str], n_steps: int) -> np.ndarray:
    """Rests under a form, with a tune of its own for every phrase."""
    grid = np.zeros((score.N_STREAMS, n_steps), np.int64)
    for step in range(n_steps):
        phrase, within = divmod(step, PHRASE)
        token = score.section_token(kinds[phrase], None)
        grid[score.POSITION, step] = within // 2 if step % 2 else token
        grid[score.CHORD, step] = 1
        grid[score.MELODY, step] = 10 + phrase if step % 4 == 0 else score.HOLD
    return grid


def framed(kinds: list[str]) -> Frame:
    return Frame(Header(genre="pop"), len(kinds) * PHRASE, None, tuple(kinds))


def tune_at(step: int, kinds: list[str], *, change: tuple[int, int] | None = None) -> tuple[int, int, float] | None:
    """What the tune leans to at `step`, all before it being there; `change` (step, token) alters it first."""
    grid = music(kinds, step)
    if change:
        grid[score.MELODY, change[0]] = change[1]
    whole = np.concatenate([grid, music(kinds, step + 1)[:, -1:]], 1)
    habit = Recall(framed(kinds), torch.from_numpy(grid), begins_at=2)
    column = 2 + 1 + score.MELODY
    for stream in range(score.MELODY):  # chord and position of the step are chosen before its tune
        habit._heard[stream, step] = whole[stream, step]
    leaning = [each for each in habit.lean(column) if each[0] == score.MELODY]
    return leaning[0] if leaning else None


def test_the_second_phrase_leans_to_the_first() -> None:
    assert tune_at(PHRASE, ["theme", "theme"]) == (score.MELODY, 10, STRENGTH)
    assert tune_at(PHRASE - 1, ["theme", "theme"]) is None


def test_a_theme_comes_home_from_afar() -> None:
    kinds = ["intro", "theme", "theme", "contrast", "contrast", "theme", "theme"]
    assert turns("pop") == 2
    assert tune_at(5 * PHRASE, kinds) == (score.MELODY, 11, 2 * STRENGTH)
    assert tune_at(6 * PHRASE, kinds) == (score.MELODY, 12, 2 * STRENGTH)
    assert tune_at(3 * PHRASE, kinds) is None  # a contrast is new


def test_one_other_note_ends_a_return() -> None:
    kinds = ["theme", "theme"]
    assert tune_at(PHRASE + 4, kinds) is None  # the first note of this bar was another
    assert tune_at(PHRASE + 4, kinds, change=(PHRASE, 10)) is not None
    grid = music(["theme", "theme"], PHRASE + 8)
    grid[score.MELODY, PHRASE : PHRASE + 8] = grid[score.MELODY, :8]
    habit = Recall(framed(kinds), torch.from_numpy(grid), begins_at=2)
    habit._heard[: score.MELODY, PHRASE + 8] = music(kinds, PHRASE + 9)[: score.MELODY, -1]
    lean = [each for each in habit.lean(2 + 1 + score.MELODY) if each[0] == score.MELODY]
    assert lean == [(score.MELODY, 10, 2 * STRENGTH)]  # half a bar was the same: it is surer
    habit._heard[score.CHORD, PHRASE + 8] = 5
    assert not [each for each in habit.lean(2 + 1 + score.MELODY) if each[0] == score.MELODY]


def test_steering_leans_and_tells_what_it_chose() -> None:
    seen: list[tuple[int, list[int]]] = []

    class Always:
        def lean(self, column: int) -> list[tuple[int, int, float]]:
            return [(1, 3, 50.0)]

        def see(self, column: int, choice: torch.Tensor) -> None:
            seen.append((column, choice.tolist()))

    rows = [Row(torch.Generator().manual_seed(i), habit=Always() if i else None) for i in range(2)]
    steering = Steering((0, 1), Sampling(), rows)
    for column in range(1, 9):
        steering.choose(torch.zeros(2, 2, 8), column=column)
    columns = torch.stack(steering.columns, 2)
    assert (columns[1, 1] == 3).all()
    assert not (columns[0, 1] == 3).all()
    assert [column for column, _ in seen] == list(range(1, 9))
