"""What one visitor has on the table, and what was there before: the values behind the page's widgets.

A Sitting is frozen; a handler makes a new one. Only paths, requests and small texts are kept, never samples or pixels.
"""

import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.files import SavedClip
from core.types import Description, ImageRequest, MusicRequest, Provenance

KEPT = 24


@dataclass(frozen=True)
class Picture:
    """A picture on disk with what made it."""

    path: Path
    request: ImageRequest
    provenance: Provenance


@dataclass(frozen=True)
class Music:
    """New music on disk with what made it; `player` is its player as HTML."""

    files: SavedClip
    request: MusicRequest
    provenance: Provenance
    player: str


@dataclass(frozen=True)
class Sitting:
    """The clip, what was heard in it (with its player as HTML), the words as edited, and what was made of them."""

    clip: str | None = None
    description: Description | None = None
    player: str = ""
    words: dict[str, Any] = field(default_factory=dict)
    picture: Picture | None = None
    music: Music | None = None


History = tuple[Sitting, ...]


def remember(history: History, sitting: Sitting) -> History:
    """The history with the sitting at its end; a sitting that only grew replaces its earlier self."""
    if history and _grew(history[-1], sitting):
        history = history[:-1]
    return (*history, sitting)[-KEPT:]


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
