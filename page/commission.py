"""An order for pictures, as the page and the endpoints place it: how many, and which clip shapes them.

What a clip does to a picture is heard once a clip; beats that nobody heard yet are heard first, so that a clip gives
the same layout wherever it comes from.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from core.errors import UserError
from core.types import Beats, GeneratedImage, ImageRequest, Layout, OnPicture, Progress

MOST_PICTURES = 9


@dataclass(frozen=True)
class Commission:
    """Pictures to paint: `n` of them, of the request's seed and the next ones.

    A request without a layout gets that of the sound file `clip`, whose `beats` are None where nobody heard them yet.
    """

    request: ImageRequest
    n: int = 1
    clip: Path | None = None
    beats: Beats | None = None


def check(commission: Commission) -> None:
    """Raise UserError for a number of pictures that cannot be painted."""
    if not 1 <= commission.n <= MOST_PICTURES:
        raise UserError(
            f"The number of variations {commission.n} is out of range.", f"It can be from 1 to {MOST_PICTURES}."
        )


def deliver(
    commission: Commission, progress: Progress, on_picture: OnPicture | None = None
) -> tuple[GeneratedImage, ...]:
    """Paint what was ordered; `on_picture` is shown how far it is.

    Raises UserError for an order that cannot be met, Cancelled when `progress` raises it.
    """
    from pipelines import illustrate

    check(commission)
    request = _shaped(commission, progress)
    if commission.n == 1:
        return (illustrate.illustrate(request, progress=progress, on_picture=on_picture),)
    return tuple(illustrate.variations(request, commission.n, progress=progress, on_picture=on_picture))


def _shaped(commission: Commission, progress: Progress) -> ImageRequest:
    """The request with the layout that it takes; at strength 0 the words are alone, None is the model's choice."""
    request = commission.request
    if request.layout_strength == 0:
        return replace(request, layout=None, layout_strength=None)
    if request.layout is None and commission.clip:
        progress(0.0, "Reading the clip")
        return replace(request, layout=layout_of_file(commission.clip, commission.beats))
    return request


@lru_cache(maxsize=16)
def layout_of_file(path: Path, beats: Beats | None) -> Layout:
    """The composition of the clip at `path`, whose name stands for its content, as that of an upload does."""
    from core.audio import read_clip
    from pipelines.describe import hear
    from pipelines.layout import layout_of

    clip = read_clip(path).clip
    return layout_of(clip, beats or hear(clip).beats)
