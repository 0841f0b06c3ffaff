"""A visitor's job at work, as the page sees it: progress on the strip, what there is of the result, the end of both."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeVar

import gradio as gr

from core.types import Progress
from page import figures
from page.faults import STOPPED
from page.jobs import DESK, Moment, watched
from page.layout import Updates, Widgets

T = TypeVar("T")


@dataclass(frozen=True)
class Growing:
    """A result that can be seen or heard before it is finished: `size` grows with it, `shown` says how it looks now.

    Where it is shown `always`, and not only when it has grown, it tells its progress itself.
    """

    size: Callable[[], int]
    shown: Callable[[Moment], Updates]
    always: bool = False


def watch(
    w: Widgets,
    stage: str,
    request: gr.Request,
    task: Callable[[Progress], T],
    *,
    first: Updates | None = None,
    growing: Growing | None = None,
) -> Generator[Updates, None, T]:
    """Run a task as a job of this visitor, its progress on the strip, the result growing in its place; returns that.

    `stage` is "hear", "see", "play" or "done" for what comes after. The `first` updates go out with the first word of
    progress, when the job is already at work. Raises what the task raises.
    """
    size_shown, updates = 0, dict(first or {})
    with DESK.job(session(request)) as job:
        moments = watched(job, task, also=growing.size if growing else lambda: 0)
        while True:
            try:
                moment = next(moments)
            except StopIteration as done:
                result: T = done.value
                return result
            updates[w.strip] = _strip(stage, replace(moment, what="Stopping") if job.stopped else moment)
            if growing and not job.stopped and (growing.always or growing.size() > size_shown):
                size_shown = growing.size()
                updates |= growing.shown(moment)
            yield updates
            updates = {}


def session(request: gr.Request) -> str:
    """Gradio's name for one visitor's open page."""
    return str(request.session_hash or "")


def gone(request: gr.Request) -> None:
    """The visitor closed the page: nothing is made for nobody."""
    DESK.stop(session(request))


def stopped(w: Widgets) -> Updates:
    """The strip after a stop."""
    strip = figures.stages("hear", what=STOPPED, state="stopped")
    return {w.strip: strip, w.stop: gr.update(visible=False), w.go: False}


def _strip(stage: str, moment: Moment) -> str:
    return figures.stages(stage, fraction=moment.fraction, what=moment.what, seconds=moment.seconds)
