"""Variations side by side: each can be chosen, the chosen one is marked, and one alone is no choice."""

from dataclasses import replace
from pathlib import Path

from core.files import SavedClip
from core.types import MusicRequest, Provenance
from page.history import Music
from page.takes import grid

SOURCE = Provenance("model", "", "rules", "Apache-2.0")
FIRST = Music(SavedClip(Path("1.wav"), Path("1.mp3"), None), MusicRequest("a", seed=1), SOURCE, "", small="<i>one</i>")
SECOND = replace(FIRST, request=MusicRequest("a", seed=2), small="<i>two</i>")


def test_each_has_its_player_and_its_button_and_the_chosen_one_is_marked() -> None:
    shown = grid((FIRST, SECOND), SECOND)
    assert shown.index("<i>one</i>") < shown.index('data-take="0"') < shown.index("<i>two</i>")
    assert shown.count('aria-pressed="true"') == 1
    assert 'data-take="1" aria-pressed="true"' in shown
    assert "seed 2" in shown


def test_one_alone_is_no_choice() -> None:
    assert grid((FIRST,), FIRST) == grid((), FIRST) == ""
