"""Which event calls which handler. None of these events is an endpoint: page/endpoints.py has those."""

import functools
from typing import Any

import gradio as gr

from page.faults import calm
from page.handlers import Handler, Handlers
from page.layout import Widgets
from page.recall import Recall
from page.watching import gone

HEARING: dict[str, Any] = {"concurrency_limit": 4, "concurrency_id": "page-hearing"}
MAKING: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "page-making"}
HIDDEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
AT_ONCE: dict[str, Any] = HIDDEN | {"queue": False}


def wire(w: Widgets, demo: gr.Blocks) -> None:
    """Connect the widgets to their handlers."""
    handlers = Handlers(w)
    _wire_chain(w, handlers)
    _wire_editing(w, handlers, demo)
    _wire_recall(w, handlers.recall)
    status: list[Any] = [w.status, w.clock]
    w.clock.tick(handlers.look_up_status, None, status, **AT_ONCE)
    demo.load(handlers.look_up_status, None, status, **AT_ONCE)
    demo.load(calm(handlers.meet_painter), None, [w.painter, w.strength, w.negative, w.guidance_hint], **AT_ONCE)
    # Gradio's number boxes show (and send) 0 for "no value" until they are told None once more.
    empty = [w.tempo, w.steps, w.guidance, w.size, w.paint_seed, w.play_seed, w.strictness, w.temperature]
    demo.load(None, None, empty, js=f"() => {[None] * len(empty)}".replace("None", "null"))
    demo.unload(gone)


def _wire_chain(w: Widgets, handlers: Handlers) -> None:
    read, written = settings(w), [*settings(w), *shown(w)]
    hear, make = _steps(handlers, handlers.hear), _steps(handlers, handlers.make)
    heard = [gr.on([w.clip.upload, w.clip.stop_recording], hear, read, written, **HEARING, **HIDDEN)]
    for button, path in w.examples:
        chosen = button.click(functools.partial(str, path), None, w.clip, **AT_ONCE)
        heard.append(chosen.then(hear, read, written, **HEARING, **HIDDEN))
    heard.append(w.start.click(_steps(handlers, handlers.hear_if_new), read, written, **HEARING, **HIDDEN))
    for event in heard:
        event.then(make, read, written, **MAKING, **HIDDEN)
    w.paint.click(_steps(handlers, handlers.paint), read, written, **MAKING, **HIDDEN)
    w.play.click(_steps(handlers, handlers.play), read, written, **MAKING, **HIDDEN)
    w.share.click(_steps(handlers, handlers.share), read, written, **MAKING, **HIDDEN)
    # Not Gradio's `cancels`: it leaves a torch call running, and a cancelled event cannot be triggered again.
    w.stop.click(calm(handlers.stop), None, [w.strip, w.stop, w.go], **AT_ONCE)


def _wire_editing(w: Widgets, handlers: Handlers, demo: gr.Blocks) -> None:
    traits: set[Any] = {w.genre, w.emotion, w.tempo, w.key, w.sitting}
    texts: list[Any] = [w.caption, w.image_prompt, w.music_prompt, w.accent]
    edits = [w.genre.input, w.emotion.input, w.key.input, w.tempo.input]
    gr.on(edits, calm(handlers.retell), traits, texts, trigger_mode="always_last", **AT_ONCE)
    w.facts.select(calm(handlers.swap_tempo), traits, [*texts, w.tempo, w.facts], **AT_ONCE)
    _wire_outlook(w, handlers, demo)
    sliders: list[Any] = list(w.weights.values())
    w.adapters.change(calm(handlers.weigh), {w.adapters}, sliders, trigger_mode="always_last", **AT_ONCE)


def _wire_recall(w: Widgets, recall: Recall) -> None:
    everything, made = [*settings(w), *shown(w)], {w.history, w.sitting}
    w.music.select(calm(recall.take), made, everything, **HIDDEN)
    w.picture.select(calm(recall.picture), made, everything, **HIDDEN)
    w.gallery.select(calm(recall.card), {w.history}, everything, **HIDDEN)
    gr.on([w.dropped.upload, w.reuse.click], calm(recall.file), {w.dropped, w.sitting}, everything, **HIDDEN)
    w.reuse_fresh.click(calm(recall.file_with_a_new_seed), {w.dropped, w.sitting}, everything, **HIDDEN)


def _wire_outlook(w: Widgets, handlers: Handlers, demo: gr.Blocks) -> None:
    """The time that music will take, ahead of it, and what the chosen way of making it needs."""
    asked: list[Any] = [w.engine, w.mode, w.seconds, w.variations, w.best_of]
    shown: list[Any] = [w.mode, w.prompt_s, w.ways, w.outlook]
    foresee = calm(handlers.foresee)
    events = [*(widget.change for widget in asked), demo.load]
    gr.on(events, foresee, set(asked), shown, trigger_mode="always_last", **AT_ONCE)


def _steps(handlers: Handlers, handler: Handler) -> Handler:
    return calm(handlers.staged(handler))


def settings(w: Widgets) -> set[Any]:
    """The widgets and states that the chain reads."""
    return {
        w.clip, w.auto, w.genre, w.emotion, w.tempo, w.key, w.caption, w.image_prompt, w.music_prompt, w.borrowed,
        w.strength, w.n_pictures, w.aspect, w.adapters, *w.weights.values(), w.negative, w.steps, w.guidance, w.size,
        w.twice, w.paint_seed, w.paint_locked, w.mode, w.prompt_s, w.seconds, w.variations, w.best_of, w.engine,
        w.instruments, w.strictness, w.temperature, w.play_seed, w.play_locked, w.sitting, w.history, w.go,
    }  # fmt: skip


def shown(w: Widgets) -> set[Any]:
    """The widgets that only show something."""
    return {
        w.accent, w.stop, w.strip, w.heard, w.facts, w.genre_bars, w.emotion_bars, w.ears, w.clip_player,
        w.picture, w.painter, w.music, w.outlook, w.together, w.share, w.film, w.gallery,
    }  # fmt: skip
