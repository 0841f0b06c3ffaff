"""What the widgets do. A handler takes the values of widgets and yields or returns updates by widget.

The chain is two events: hearing (quick, its own line of waiting), then making (picture, music). A description so never
waits for somebody else's picture. Each is a generator that passes a job's progress on to the strip.
"""

import functools
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from core.errors import Cancelled, UserError
from core.types import Progress
from page import figures, look, work
from page.faults import STOPPED
from page.history import Sitting, gallery, remember
from page.jobs import DESK, Moment, watched
from page.layout import Widgets, status_line
from page.parts import Parts, Updates, Values
from page.readiness import READINESS

Handler = Callable[[Values, gr.Request], Iterator[Updates]]
Step = Callable[[Values, Sitting, gr.Request], Generator[Updates, None, Sitting]]
T = TypeVar("T")
NO_CLIP = "There is no clip yet."
GET_CLIP = "Drop one in, record one, or choose an example."


class Handlers:
    """The handlers of one page, bound to its widgets."""

    def __init__(self, widgets: Widgets) -> None:
        self.w = widgets
        self.parts = Parts(widgets)

    # Hearing

    def hear(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """A new clip: describe it, or, where it was made here, bring its settings back."""
        w, path = self.w, values[self.w.clip]
        DESK.stop(session(request))
        if not path:
            raise UserError(NO_CLIP, GET_CLIP)
        settings = work.settings_of(path)
        if settings is not None:
            gr.Info("This file was made here: its settings are back.")
            yield self.parts.restored(settings) | {w.go: False, w.strip: figures.stages("hear", state="idle")}
            return
        yield {w.go: False, w.stop: gr.update(visible=True), w.strip: _stages("hear", Moment(0, "Listening", 0))}
        sitting, clip = yield from self._watch("hear", request, functools.partial(work.hear, Path(path)))
        # Earlier results leave the page; they stay in the history.
        shown = self.parts.words(sitting.words) | self.parts.heard(sitting)
        yield shown | self.parts.picture(None) | self.parts.music(None) | {w.sitting: sitting}
        sitting = work.draw_clip(sitting, clip)
        strip = figures.stages("see", what="Heard", state="done")
        yield {w.sitting: sitting, w.clip_player: sitting.player, w.go: bool(values[w.auto]), w.strip: strip}
        yield {w.stop: gr.update(visible=bool(values[w.auto]))}

    def hear_if_new(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """The big button: hear the clip unless that was done, so that edited words stay, then go on."""
        w, sitting = self.w, values[self.w.sitting]
        if values[w.clip] and values[w.clip] != sitting.clip:
            yield from self.hear(values | {w.auto: True}, request)
        elif values[w.clip] or values[w.image_prompt] or values[w.music_prompt]:
            yield {w.go: True}
        else:
            raise UserError(NO_CLIP, GET_CLIP)

    # Making

    def make(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """The rest of the chain: the picture, then the music that has it as cover."""
        w = self.w
        if not values[w.go]:
            yield {w.go: False}
            return
        steps: list[tuple[Any, Step]] = [(w.image_prompt, self._painting), (w.music_prompt, self._playing)]
        sitting, history = self.parts.spoken(values), values[w.history]
        for prompt, step in steps:
            if (values[prompt] or "").strip():
                sitting = yield from step(values, sitting, request)
                history = remember(history, sitting)
                yield {w.sitting: sitting, w.history: history, w.gallery: gallery(history)}
        yield self.parts.finished()

    def paint(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Paint again with the words and settings as they stand."""
        yield from self._once(self._painting, values, request)

    def play(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Play again with the words and settings as they stand."""
        yield from self._once(self._playing, values, request)

    def _once(self, step: Step, values: Values, request: gr.Request) -> Iterator[Updates]:
        w = self.w
        sitting = yield from step(values, self.parts.spoken(values), request)
        history = remember(values[w.history], sitting)
        yield {w.sitting: sitting, w.history: history, w.gallery: gallery(history)} | self.parts.finished()

    def _painting(self, values: Values, sitting: Sitting, request: gr.Request) -> Generator[Updates, None, Sitting]:
        w, wanted = self.w, self.parts.image_request(values)
        yield {w.paint_seed: wanted.seed, w.stop: gr.update(visible=True)}
        picture = yield from self._watch("see", request, functools.partial(work.paint, wanted, sitting.words))
        yield self.parts.picture(picture)
        return replace(sitting, picture=picture)

    def _playing(self, values: Values, sitting: Sitting, request: gr.Request) -> Generator[Updates, None, Sitting]:
        w, wanted = self.w, self.parts.music_request(values)
        yield {w.play_seed: wanted.seed, w.stop: gr.update(visible=True)}
        cover = sitting.picture.path if sitting.picture else None
        music = yield from self._watch("play", request, functools.partial(work.play, wanted, sitting.words, cover))
        yield self.parts.music(music)
        return replace(sitting, music=music)

    # Editing

    def retell(self, values: Values) -> Updates:
        """Genre, emotion, tempo or key were changed: the texts and the accent follow."""
        w = self.w
        accent = {w.accent: look.accent_style(values[w.emotion])}
        if not values[w.genre] or not values[w.emotion]:
            return accent
        told = work.retell(
            values[w.sitting].description,
            genre=values[w.genre], emotion=values[w.emotion], tempo_bpm=values[w.tempo], key=values[w.key],
        )  # fmt: skip
        texts = {w.caption: told.caption, w.image_prompt: told.image_prompt, w.music_prompt: told.music_prompt}
        return accent | texts

    def swap_tempo(self, values: Values) -> Updates:
        """Take the tempo candidate that is not in use."""
        w, description = self.w, values[self.w.sitting].description
        if description is None:
            return {w.facts: ""}
        beats = description.traits.beats
        second = values[w.tempo] is not None and figures.is_second(description, values[w.tempo])
        tempo = round(beats.tempo_bpm if second else beats.alternative_bpm, 1)
        return self.retell(values | {w.tempo: tempo}) | {w.tempo: tempo, w.facts: figures.facts(description, tempo)}

    # Bringing back

    def choose(self, values: Values, event: gr.EventData) -> Updates:
        """A card of the history was chosen: everything as it was then."""
        history = values[self.w.history]
        index = event._data.get("index") if isinstance(event._data, dict) else None
        if not isinstance(index, int) or not 0 <= index < len(history):
            raise UserError("That card is gone.", "Choose another one.")
        return self.parts.sitting(history[index])

    def restore(self, values: Values) -> Updates:
        """A file was dropped: if it was made here, its settings come back."""
        path = values[self.w.dropped]
        settings = work.settings_of(path) if path else None
        if settings is None:
            raise UserError(
                "This file carries no settings.", "Drop in a PNG, WAV or MP3 that was saved from this page."
            )
        gr.Info("The settings of this file are back.")
        return self.parts.restored(settings)

    # Stopping, waiting

    def stop(self, request: gr.Request) -> Updates:
        """Stop whatever this visitor has at work; the job itself then says that it has stopped."""
        if DESK.stop(session(request)):
            return {self.w.stop: gr.update(visible=False), self.w.go: False}
        return _stopped(self.w)

    def look_up_status(self) -> Updates:
        """The status line; the clock stops when nothing will change any more."""
        return {self.w.status: status_line(), self.w.clock: gr.update(active=not READINESS.settled)}

    def staged(self, handler: Handler) -> Handler:
        """The handler, leaving the strip in order when it is stopped or fails."""
        w = self.w

        def steps(values: Values, request: gr.Request) -> Iterator[Updates]:
            try:
                yield from handler(values, request)
            except Cancelled:
                yield _stopped(w)
            except Exception:
                yield _stopped(w) | {w.strip: figures.stages("hear", state="idle")}
                raise

        return steps

    def _watch(self, stage: str, request: gr.Request, task: Callable[[Progress], T]) -> Generator[Updates, None, T]:
        """Run a task as a job of this visitor, its progress on the strip; returns its result."""
        with DESK.job(session(request)) as job:
            moments = watched(job, task)
            while True:
                try:
                    moment = next(moments)
                except StopIteration as done:
                    result: T = done.value
                    return result
                yield {self.w.strip: _stages(stage, replace(moment, what="Stopping") if job.stopped else moment)}


def session(request: gr.Request) -> str:
    """Gradio's name for one visitor's open page."""
    return str(request.session_hash or "")


def gone(request: gr.Request) -> None:
    """The visitor closed the page: nothing is made for nobody."""
    DESK.stop(session(request))


def _stages(stage: str, moment: Moment) -> str:
    return figures.stages(stage, fraction=moment.fraction, what=moment.what, seconds=moment.seconds)


def _stopped(w: Widgets) -> Updates:
    strip = figures.stages("hear", what=STOPPED, state="stopped")
    return {w.strip: strip, w.stop: gr.update(visible=False), w.go: False}
