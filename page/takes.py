"""Variations side by side, as HTML: a small player each, how much of what was asked it got, a button to choose it."""

from collections.abc import Sequence

from page import answers
from page.figures import escape
from page.history import Music

CHOOSE = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-take]');
  if (button) trigger('select', {take: Number(button.dataset.take)});
});
"""
"""For the element that holds the grid: its `select` event carries the number of the take that was chosen."""


def grid(takes: Sequence[Music], chosen: Music) -> str:
    """The takes in a grid, the chosen one marked; empty where there is nothing to choose from."""
    if len(takes) < 2:
        return ""
    cards = "".join(_card(index, take, is_chosen=take == chosen) for index, take in enumerate(takes))
    return f'<section class="syn-takes"><h4>{len(takes)} variations</h4><div>{cards}</div></section>'


def _card(index: int, take: Music, *, is_chosen: bool) -> str:
    facts = " · ".join(filter(None, (f"seed {take.request.seed}", answers.told(take.match))))
    word = "Chosen" if is_chosen else "Choose this one"
    return (
        f'<article class="syn-take" data-chosen="{str(is_chosen).lower()}">{take.small}<p>{escape(facts)}</p>'
        f'<button type="button" data-take="{index}" aria-pressed="{str(is_chosen).lower()}">{word}</button></article>'
    )
