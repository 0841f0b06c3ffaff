"""A picture on its easel, as HTML: while it is painted, with how far it is, and when it is done.

Both have the same elements in the same order. Gradio's HTML widget changes attributes where elements are alike, so the
one <img> stays and the browser shows the next view only when it has it: nothing flickers and nothing jumps.
"""

import base64
import io
import math
import threading

import numpy as np
import numpy.typing as npt

from page.figures import escape
from page.jobs import Moment

VIEW_PX = 384
"""The longer side of a view, at most: it goes through the page's line at every step."""
_BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


class Easel:
    """The views of a picture in the making. `show` is called on the job's thread, all else on the handler's.

    `ratio` is width by height of what will be painted, `before` the address of what hung there before, if anything.
    """

    def __init__(self, *, ratio: float, before: str = "") -> None:
        self._lock = threading.Lock()
        self._ratio, self._source, self._n_views = ratio, before or _BLANK, 0
        self._first: Moment | None = None
        self._last: Moment | None = None

    @property
    def n_views(self) -> int:
        return self._n_views

    def show(self, pixels: npt.NDArray[np.uint8]) -> None:
        """The picture as it looks by now, uint8 (height, width, 3)."""
        source = view_url(pixels)
        with self._lock:
            self._source, self._ratio = source, pixels.shape[1] / pixels.shape[0]
            self._n_views += 1

    def html(self, moment: Moment) -> str:
        """The newest view, and how far the painting is."""
        with self._lock:
            source, ratio, is_begun = self._source, self._ratio, self._n_views > 0
        left_s = self._left_s(moment) if is_begun else None
        told = _told(moment.what) + (f", about {max(1.0, left_s):.0f} s to go" if left_s is not None else "")
        return _figure(
            f'<img src="{escape(source)}" alt="The picture so far">',
            ratio=ratio,
            state="wet" if is_begun else "waiting",
            below=f'<figcaption><i role="progressbar" aria-label="Painted" aria-valuemax="100" '
            f'aria-valuenow="{100 * moment.fraction:.0f}"></i>{escape(told)}</figcaption>',
        )

    def _left_s(self, moment: Moment) -> float | None:
        """How long the rest takes at the pace since the first view, which loading and waiting have no part in.

        The pace is known anew after each step; between two of them the time simply passes.
        """
        self._first = self._first or moment
        if self._last is None or moment.fraction > self._last.fraction:
            self._last = moment
        took_s, done = self._last.seconds - self._first.seconds, self._last.fraction - self._first.fraction
        if done <= 0:
            return None
        return took_s * (1 - self._last.fraction) / done - (moment.seconds - self._last.seconds)


def hung(source: str, prompt: str, *, ratio: float) -> str:
    """The finished picture at address `source`; a click opens it alone."""
    return _figure(
        f'<img src="{escape(source)}" alt="{escape(prompt)}">',
        ratio=ratio,
        state="done",
        link=f' href="{escape(source)}" target="_blank" rel="noopener" title="Open the picture alone"',
    )


def view_url(pixels: npt.NDArray[np.uint8]) -> str:
    """The picture as a small data address."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((VIEW_PX, VIEW_PX))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=70, method=0)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def _told(what: str) -> str:
    return what[:1].upper() + what[1:]


def _figure(image: str, *, ratio: float, state: str, link: str = "", below: str = "") -> str:
    ratio = ratio if math.isfinite(ratio) and ratio > 0 else 1.0
    return (
        f'<figure class="syn-easel" data-state="{state}" style="--ratio:{ratio:.4f}">'
        f'<a class="syn-picture"{link}>{image}</a>{below}</figure>'
    )
