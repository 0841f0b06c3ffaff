"""Pictures side by side: each is a button, the chosen one is marked, and one alone is no choice."""

from dataclasses import replace
from pathlib import Path

from core.types import ImageRequest, Provenance
from page.history import Picture
from page.views import grid

FIRST = Picture(Path("1.png"), ImageRequest("a", seed=1), Provenance("m", "", "bundled", "free"))
SECOND = replace(FIRST, path=Path("2.png"), request=ImageRequest("a", seed=2))


def test_each_is_a_button_with_its_seed_and_the_chosen_one_is_marked() -> None:
    shown = grid((FIRST, SECOND), SECOND)
    assert shown.count("<button") == 2
    assert 'data-view="0" aria-pressed="false" aria-label="Variation 1, seed 1"' in shown
    assert 'data-view="1" aria-pressed="true" aria-label="Variation 2, seed 2"' in shown
    assert shown.index("file=1.png") < shown.index("file=2.png")


def test_rows_are_even() -> None:
    shown = {n: grid((FIRST,) * n, FIRST) for n in (2, 4, 6, 9)}
    assert [f"--columns:{columns}" in shown[n] for n, columns in ((2, 2), (4, 4), (6, 3), (9, 3))] == [True] * 4


def test_one_alone_is_no_choice() -> None:
    assert grid((FIRST,), FIRST) == grid((), FIRST) == ""
