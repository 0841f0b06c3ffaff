"""What one visitor has on the table, and what was there before: the values behind the page's widgets.

A Sitting is frozen; a handler makes a new one. Only paths, requests and small texts are kept, never samples or pixels.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from core.files import SavedClip
from core.types import Description, ImageRequest, Match, MusicRequest, Provenance

KEPT = 24
T = TypeVar("T")


@dataclass(frozen=True)
class Picture:
    """A picture on disk with what made it; `ratio` is width by height."""

    path: Path
    request: ImageRequest
    provenance: Provenance
    ratio: float = 1.0


@dataclass(frozen=True)
class Music:
    """New music on disk with what made it, what the ears got of what was asked, and how it was chosen in a sentence.

    `player` is its player as HTML, `small` the one that it has among other variations, `joined` that of the clip that
    it goes on from with itself behind; empty where there is none.
    """

    files: SavedClip
    request: MusicRequest
    provenance: Provenance
    player: str
    small: str = ""
    joined: str = ""
    match: Match | None = None
    notes: tuple[str, ...] = ()
    beat_times_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sitting:
    """The clip, what was heard in it (with its player as HTML), the words as edited, and what was made of them.

    `takes` are the variations among which `music` was chosen, `views` those among which `picture` was; empty where
    there was only one. `film` is the MP4 of just this picture and this music.
    """

    clip: str | None = None
    description: Description | None = None
    player: str = ""
    words: dict[str, Any] = field(default_factory=dict)
    picture: Picture | None = None
    music: Music | None = None
    takes: tuple[Music, ...] = ()
    views: tuple[Picture, ...] = ()
    film: Path | None = None


History = tuple[Sitting, ...]


def remember(history: History, sitting: Sitting) -> History:
    """The history with the sitting at its end; a sitting that only grew replaces its earlier self."""
    if history and _grew(history[-1], sitting):
        history = history[:-1]
    return (*history, sitting)[-KEPT:]


def choose_take(history: History, sitting: Sitting, index: int) -> tuple[History, Sitting]:
    """The sitting with another of its takes as its music; its card in the history, wherever it is, shows that too.

    Raises IndexError for a take that is not there.
    """
    return _exchanged(history, sitting, replace(sitting, music=_at(sitting.takes, index), film=None))


def choose_view(history: History, sitting: Sitting, index: int) -> tuple[History, Sitting]:
    """The sitting with another of its views as its picture; for the rest see `choose_take`."""
    return _exchanged(history, sitting, replace(sitting, picture=_at(sitting.views, index), film=None))


def _at(made: Sequence[T], index: int) -> T:
    if index < 0:
        raise IndexError(index)
    return made[index]


def _exchanged(history: History, sitting: Sitting, chosen: Sitting) -> tuple[History, Sitting]:
    return tuple(chosen if _same(card, sitting) else card for card in history), chosen


def _same(one: Sitting, other: Sitting) -> bool:
    def made(sitting: Sitting) -> tuple[object, ...]:
        return sitting.picture, sitting.views, sitting.music, sitting.takes

    return made(one) == made(other)


def _grew(before: Sitting, after: Sitting) -> bool:
    """True when `after` has all results of `before` and possibly more."""
    same_picture = before.picture is None or before.picture == after.picture
    same_music = before.music is None or before.music.files == (after.music.files if after.music else None)
    return same_picture and same_music


def file_url(path: Path | str) -> str:
    """The address under which this server gives out a result file, relative to the page."""
    return "gradio_api/file=" + quote(Path(path).as_posix())


def gallery(history: History) -> str:
    """The history as cards, newest first; the page's script sends the card's number when one is chosen."""
    if not history:
        return '<p class="syn-empty">Pictures and music made here will gather in this row.</p>'
    cards = [_card(index, sitting) for index, sitting in enumerate(history)]
    return f'<div class="syn-gallery">{"".join(reversed(cards))}</div>'


def _card(index: int, sitting: Sitting) -> str:
    caption = html.escape(str(sitting.words.get("caption") or _prompt(sitting) or "Untitled"))
    picture = (
        f'<img src="{html.escape(file_url(sitting.picture.path))}" alt="" loading="lazy">'
        if sitting.picture
        else '<span class="syn-blank">♪</span>'
    )
    clip = (
        f'<audio controls preload="none" src="{html.escape(file_url(sitting.music.files.mp3))}"></audio>'
        if sitting.music
        else ""
    )
    return (
        f'<article class="syn-card"><button type="button" data-index="{index}" aria-label="Bring back: {caption}">'
        f"{picture}<span>{caption}</span></button>{clip}</article>"
    )


def _prompt(sitting: Sitting) -> str:
    made = sitting.picture or sitting.music
    return made.request.prompt if made else ""
