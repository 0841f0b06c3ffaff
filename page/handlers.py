"""What the widgets do. A handler takes the values of widgets and yields or returns updates by widget.

The chain is two events: hearing (quick, its own line of waiting), then making (picture, music). A description so never
waits for somebody else's picture. Each is a generator that passes a job's progress on to the strip.
"""

import functools
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import Cancelled, UserError
from page import figures, film_panel, look, picture_panel, work
from page.history import Sitting, gallery, remember
from page.jobs import DESK
from page.layout import Updates, Values, Widgets, status_line
from page.order import Order
from page.outputs import piece_folder
from page.parts import Parts
from page.player import stream_html
from page.readiness import READINESS
from page.recall import Recall
from page.stream import PieceLog
from page.watching import Growing, session, stopped, watch

Handler = Callable[[Values, gr.Request], Iterator[Updates]]
Step = Callable[[Values, Sitting, gr.Request], Generator[Updates, None, Sitting]]
NO_CLIP = "There is no clip yet."
GET_CLIP = "Drop one in, record one, or choose an example."
MAKING_SEVERAL = '<p class="syn-empty">The variations are being made side by side.</p>'


class Handlers:
    """The handlers of one page, bound to its widgets."""

    def __init__(self, widgets: Widgets) -> None:
        self.w = widgets
        self.parts = Parts(widgets)
        self.recall = Recall(widgets, self.parts)

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
            yield self.parts.restored(settings, has_clip=False) | {
                w.go: False,
                w.strip: figures.stages("hear", state="idle"),
            }
            return
        yield {w.go: False, w.stop: gr.update(visible=True), w.strip: figures.stages("hear", what="Listening")}
        sitting, clip = yield from watch(self.w, "hear", request, functools.partial(work.hear, Path(path)))
        # Earlier results leave the page; they stay in the history.
        shown = self.parts.words(sitting.words) | self.parts.heard(sitting)
        shown |= self.parts.picture(sitting) | self.parts.music(sitting) | self.parts.pictures.composition(None)
        yield shown | {w.sitting: sitting}
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
            if (values[prompt] or "").strip() or (prompt is w.music_prompt and values[w.mode] != "text"):
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

    def share(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Make the film of the picture and the music as they stand."""
        yield from self._once(self._filming, values, request)

    def _once(self, step: Step, values: Values, request: gr.Request) -> Iterator[Updates]:
        w = self.w
        sitting = yield from step(values, self.parts.spoken(values), request)
        history = remember(values[w.history], sitting)
        yield {w.sitting: sitting, w.history: history, w.gallery: gallery(history)} | self.parts.finished()

    def _painting(self, values: Values, sitting: Sitting, request: gr.Request) -> Generator[Updates, None, Sitting]:
        """Paint, the easel in the picture's place, and hang the first of what was painted."""
        w, wanted = self.w, self.parts.pictures.commission(values)
        easel = self.parts.pictures.easel(wanted, sitting)
        first = {w.paint_seed: wanted.request.seed, w.stop: gr.update(visible=True)}
        task = functools.partial(work.paint, wanted, sitting.words, easel)
        growing = Growing(lambda: easel.n_views, lambda moment: {w.picture: easel.html(moment)}, always=True)
        try:
            views = yield from watch(w, "see", request, task, first=first, growing=growing)
        except Exception:
            yield self.parts.picture(sitting)  # what hung there before
            raise
        if held := wanted.n - len(views):
            gr.Warning(f"The safety checker held {held} of {wanted.n} pictures back.")
        painted = replace(sitting, picture=views[0], views=views if len(views) > 1 else (), film=None)
        yield self.parts.picture(painted)
        return painted

    def _playing(self, values: Values, sitting: Sitting, request: gr.Request) -> Generator[Updates, None, Sitting]:
        """Play while it is made: pieces go to the page as they come, and the finished clip takes over from them."""
        w, wanted = self.w, self.parts.order(values)
        with piece_folder() as folder:
            log = PieceLog(folder, seconds=wanted.request.seconds, bits=16)
            first = {w.play_seed: wanted.request.seed, w.stop: gr.update(visible=True)} | self._sounding(wanted, log)
            cover = sitting.picture.path if sitting.picture else None
            task = functools.partial(work.play, wanted, sitting.words, cover, log)
            growing = Growing(lambda: log.n_pieces, lambda _: {w.music: stream_html(log.update())})
            try:
                music, others = yield from watch(w, "play", request, task, first=first, growing=growing)
            except Exception:
                yield self.parts.music(sitting)  # what was there before; the pieces fall silent
                raise
        played = replace(sitting, music=music, takes=others, film=None)
        yield self.parts.music(played) | self.parts.outlook(wanted)
        return played

    def _filming(self, values: Values, sitting: Sitting, request: gr.Request) -> Generator[Updates, None, Sitting]:
        w = self.w
        if sitting.picture is None or sitting.music is None:
            raise UserError("There is nothing to share yet.", "Paint a picture and play music first.")
        task = functools.partial(work.share, sitting.picture, sitting.music, sitting.words)
        growing = Growing(lambda: 0, lambda moment: {w.film: film_panel.making(moment)}, always=True)
        try:
            film = yield from watch(w, "done", request, task, first={w.stop: gr.update(visible=True)}, growing=growing)
        except Exception:
            yield self.parts.film(sitting)
            raise
        shared = replace(sitting, film=film)
        yield self.parts.film(shared)
        return shared

    def _sounding(self, wanted: Order, log: PieceLog) -> Updates:
        """The player of a clip in the making; several are made side by side, and there is nothing to hear before."""
        return {self.w.music: stream_html(log.update()) if wanted.n == 1 else MAKING_SEVERAL}

    # Editing

    def weigh(self, values: Values) -> Updates:
        """Adapters were chosen: each gets its weight."""
        return self.parts.pictures.weighing(values)

    def foresee(self, values: Values) -> Updates:
        """Something about how the music is made was changed: how long it will take, and what it needs."""
        return self.parts.foreseen(values)

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

    # Stopping, waiting

    def stop(self, request: gr.Request) -> Updates:
        """Stop whatever this visitor has at work; the job itself then says that it has stopped."""
        if DESK.stop(session(request)):
            return {self.w.stop: gr.update(visible=False), self.w.go: False}
        return stopped(self.w)

    def meet_painter(self) -> Updates:
        """What the page says of its painter, once it is up: to know that takes longer than drawing the page."""
        return {getattr(self.w, name): told for name, told in picture_panel.met().items()}

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
                yield stopped(w)
            except Exception:
                yield stopped(w) | {w.strip: figures.stages("hear", state="idle")}
                raise

        return steps
