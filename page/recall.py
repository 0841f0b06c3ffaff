"""Bringing back what was made: a card of the history, another variation, the settings of a picture or of a file."""

from dataclasses import replace
from typing import Any

import gradio as gr

from core.errors import UserError
from core.runtime import draw_seed
from core.settings import Settings
from page import work
from page.history import Sitting, choose_take, choose_view, gallery
from page.layout import Updates, Values, Widgets
from page.parts import Parts

GONE = UserError("That variation is gone.", "Make it again.")


class Recall:
    """The handlers that bring something back to one page's widgets."""

    def __init__(self, widgets: Widgets, parts: Parts) -> None:
        self.w, self.parts = widgets, parts

    def card(self, values: Values, event: gr.EventData) -> Updates:
        """A card of the history was chosen: everything as it was then."""
        history, index = values[self.w.history], _chosen(event, "index")
        if not 0 <= index < len(history):
            raise UserError("That card is gone.", "Choose another one.")
        self._say_what_is_missing(history[index])
        return self.parts.sitting(history[index])

    def take(self, values: Values, event: gr.EventData) -> Updates:
        """Another variation of the music was chosen: it is the music now, on its card in the history as well."""
        try:
            history, sitting = choose_take(values[self.w.history], values[self.w.sitting], _chosen(event, "take"))
        except IndexError:
            raise GONE from None
        return self.parts.music(sitting) | self._now(history, sitting)

    def picture(self, values: Values, event: gr.EventData) -> Updates:
        """Another variation of the picture was chosen, or its settings are to be used again."""
        how = _sent(event, "reuse")
        if how is not None:
            return self._reused(values[self.w.sitting], is_fresh=how == "fresh")
        try:
            history, sitting = choose_view(values[self.w.history], values[self.w.sitting], _chosen(event, "view"))
        except IndexError:
            raise GONE from None
        return self.parts.picture(sitting) | self._now(history, sitting)

    def file(self, values: Values) -> Updates:
        """A file was dropped: if it was made here, its settings come back."""
        return self._restored(values, is_fresh=False)

    def file_with_a_new_seed(self, values: Values) -> Updates:
        """The settings of the dropped file come back, but for the seed: a new one is drawn."""
        return self._restored(values, is_fresh=True)

    def _now(self, history: tuple[Sitting, ...], sitting: Sitting) -> Updates:
        w = self.w
        return self.parts.seed_of(sitting) | {w.sitting: sitting, w.history: history, w.gallery: gallery(history)}

    def _reused(self, sitting: Sitting, *, is_fresh: bool) -> Updates:
        if sitting.picture is None:
            raise UserError("There is no picture yet.", "Paint one first.")
        self._say_what_is_missing(sitting)
        request = sitting.picture.request
        request = replace(request, seed=draw_seed()) if is_fresh else request
        gr.Info(f"The settings are back, with {'a new' if is_fresh else 'the same'} seed. Paint again uses them.")
        return self.parts.restored(Settings(request, None, {}), has_clip=bool(sitting.clip))

    def _restored(self, values: Values, *, is_fresh: bool) -> Updates:
        path = values[self.w.dropped]
        settings = work.settings_of(path) if path else None
        if settings is None:
            raise UserError(
                "This file carries no settings." if path else "There is no file yet.",
                "Drop in a picture, a sound, a MIDI file or a film that was saved from this page.",
            )
        if settings.image:
            self._say(self.parts.pictures.missing(settings.image))
        gr.Info(f"The settings of this file are back{', with a new seed' if is_fresh else ''}.")
        has_clip = bool(values[self.w.sitting].clip)
        return self.parts.restored(_fresh(settings) if is_fresh else settings, has_clip=has_clip)

    def _say_what_is_missing(self, sitting: Sitting) -> None:
        self._say(self.parts.pictures.missing(sitting.picture.request) if sitting.picture else [])

    def _say(self, missing: list[str]) -> None:
        if missing:
            gr.Warning(f"Not installed here, and left out: {', '.join(missing)}.")


def _fresh(settings: Settings) -> Settings:
    image, music = settings.image, settings.music
    return replace(
        settings,
        image=image and replace(image, seed=draw_seed()),
        music=music and replace(music, seed=draw_seed()),
    )


def _sent(event: gr.EventData, name: str) -> Any:
    """What the page's script sent under this name with a click; None where it sent nothing."""
    return event._data.get(name) if isinstance(event._data, dict) else None


def _chosen(event: gr.EventData, name: str) -> int:
    """The number that the page's script sent with a click; -1 where it sent none."""
    index = _sent(event, name)
    return index if isinstance(index, int) else -1
