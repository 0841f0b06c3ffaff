"""Pictures side by side, as HTML: variations of one order, each a button that makes it the picture."""

from collections.abc import Sequence

from page.figures import escape
from page.history import Picture, file_url

CHOOSE = """
element.addEventListener('click', (event) => {
  const { view, reuse } = event.target.closest('button[data-view], button[data-reuse]')?.dataset ?? {};
  if (view !== undefined) trigger('select', {view: Number(view)});
  if (reuse !== undefined) trigger('select', {reuse});
});
"""
"""For the element that holds the pictures: its `select` event carries the number of the one that was chosen, or how the
settings of the picture on show are to be used again, "same" or "fresh"."""


def grid(pictures: Sequence[Picture], chosen: Picture) -> str:
    """The pictures in a grid, the chosen one marked; empty where there is nothing to choose from."""
    if len(pictures) < 2:
        return ""
    cells = "".join(_cell(index, picture, is_chosen=picture == chosen) for index, picture in enumerate(pictures))
    n_columns = len(pictures) if len(pictures) <= 4 else 3
    heading = f"<h4>{len(pictures)} variations</h4>"
    return f'<section class="syn-views">{heading}<div style="--columns:{n_columns}">{cells}</div></section>'


def _cell(index: int, picture: Picture, *, is_chosen: bool) -> str:
    name = f"Variation {index + 1}, seed {picture.request.seed}"
    return (
        f'<button type="button" data-view="{index}" aria-pressed="{str(is_chosen).lower()}" aria-label="{name}" '
        f'title="{name}"><img src="{escape(file_url(picture.path))}" alt=""></button>'
    )
