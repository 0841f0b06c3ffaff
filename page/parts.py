"""Between values and widgets: what a Sitting looks like on the page, and which request the widgets spell.

Gradio keeps no types on the way: these functions are the one place that knows which widget holds which value.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import UserError
from core.settings import Settings
from core.types import MusicRequest
from page import along, answers, figures, film_panel, look, music_panel, order, pictures, takes, work
from page.greeting import UNHEARD
from page.history import Music, Sitting
from page.layout import Updates, Values, Widgets
from page.music_panel import LONGEST_S, MODES, NO_MUSIC
from page.order import Order
from page.pictures import Pictures
from pipelines.compose import WITH_SOURCE

CHOOSE_LABEL = '<p class="syn-hint">Choose a label to see below which seconds speak for it.</p>'


class Parts:
    """The updates and requests for one page's widgets."""

    def __init__(self, widgets: Widgets) -> None:
        self.w = w = widgets
        self.pictures = Pictures(widgets)
        self.boxes: dict[str, Any] = {
            "caption": w.caption, "image_prompt": w.image_prompt, "music_prompt": w.music_prompt, "genre": w.genre,
            "emotion": w.emotion, "tempo_bpm": w.tempo, "key": w.key,
        }  # fmt: skip

    # From the widgets

    def spoken(self, values: Values) -> Sitting:
        """The sitting with the words as they stand in the boxes."""
        words = {name: values[box] for name, box in self.boxes.items() if values[box] not in (None, "")}
        sitting: Sitting = replace(values[self.w.sitting], words=words)
        return sitting

    def order(self, values: Values) -> Order:
        """The music to make. Raises UserError where words or a clip are wanted and not there, or for a wild seed."""
        w, mode = self.w, values[self.w.mode] or "text"
        prompt, clip = (values[w.music_prompt] or "").strip(), values[w.clip]
        if mode == "text" and not prompt:
            raise UserError("There is no music prompt.", "Drop in a clip first, or write what to play.")
        if mode in WITH_SOURCE and not clip:
            raise UserError(f"There is no clip for “{MODES[mode]}”.", "Drop one in, or choose “From the words”.")
        source = Path(clip) if mode in WITH_SOURCE else None
        return Order(self._music_request(values, prompt, source), *self._counts(values), source=source)

    def _music_request(self, values: Values, prompt: str, source: Path | None) -> MusicRequest:
        w = self.w
        return MusicRequest(
            prompt=prompt,
            engine=values[w.engine],
            seconds=float(values[w.seconds]),
            seed=pictures.seed(values[w.play_seed], is_locked=values[w.play_locked]),
            tempo_bpm=values[w.tempo],
            genre=values[w.genre],
            emotion=values[w.emotion],
            key=values[w.key],
            instruments=tuple(values[w.instruments] or ()),
            guidance=values[w.strictness],
            temperature=values[w.temperature],
            mode=values[w.mode] or "text",
            prompt_s=float(values[w.prompt_s]),
            source=source.name if source else "",
        )

    def _counts(self, values: Values) -> tuple[int, int]:
        return int(values[self.w.variations] or 1), int(values[self.w.best_of] or 1)

    def foreseen(self, values: Values) -> Updates:
        """How long the music will take, which ways the engine has, and the boxes that only some ways need."""
        w, mode, engine = self.w, values[self.w.mode] or "text", values[self.w.engine] or "auto"
        mode = "text" if mode in music_panel.lacking(engine) else mode
        request = MusicRequest("", engine=engine, seconds=float(values[w.seconds] or 1), mode=mode)
        needed = {
            w.mode: mode,
            w.prompt_s: gr.update(visible=mode == "continue"),
            w.ways: music_panel.ways(engine, mode),
        }
        return needed | self.outlook(Order(request, *self._counts(values)))

    def outlook(self, wanted: Order) -> Updates:
        """How long this order will take; after each piece the machine is known better."""
        return {self.w.outlook: music_panel.outlook(order.estimate_s(wanted), n=wanted.n)}

    # To the widgets

    def words(self, words: dict[str, Any]) -> Updates:
        """The boxes filled with these words, and the accent of their emotion."""
        updates = {box: words[name] for name, box in self.boxes.items() if name in words}
        return updates | {self.w.accent: look.accent_style(words.get("emotion"))}

    def heard(self, sitting: Sitting) -> Updates:
        """What was heard in the clip: caption, facts, bars, player."""
        from pipelines.confidence import moments

        w, description = self.w, sitting.description
        if description is None:
            empty = {w.facts: "", w.genre_bars: "", w.emotion_bars: "", w.ears: ""}
            return empty | {w.heard: UNHEARD, w.clip_player: sitting.player}
        traits = description.traits
        kinds, hint = (("genre", "emotion"), CHOOSE_LABEL) if along.can_be_followed(traits) else (("", ""), "")
        return {
            w.heard: figures.words(description.caption, description.warnings, moments(traits)),
            w.facts: figures.facts(description, sitting.words.get("tempo_bpm")),
            w.genre_bars: figures.bars("Genre", traits.genre, kind=kinds[0]),
            w.emotion_bars: figures.bars("Emotion", traits.emotion, kind=kinds[1]),
            w.ears: hint + (figures.provenance(description.provenance) if description.provenance else ""),
            w.clip_player: sitting.player,
        }

    def music(self, sitting: Sitting) -> Updates:
        """The player with what was asked and got, its source and the other takes, or the empty place for one."""
        shown = {self.w.music: _staged(sitting.music, sitting.takes) if sitting.music else NO_MUSIC}
        return shown | self.film(sitting)

    def picture(self, sitting: Sitting) -> Updates:
        """The picture with its source and the other views, or the empty place for one."""
        return self.pictures.shown(sitting) | self.film(sitting)

    def film(self, sitting: Sitting) -> Updates:
        """The film of both, once there are both; a film that is there need not be made again."""
        w, film = self.w, film_panel.shown(sitting)
        has_both = bool(sitting.picture and sitting.music)
        return {w.together: gr.update(visible=has_both), w.share: gr.update(visible=not film), w.film: film}

    def seed_of(self, sitting: Sitting) -> Updates:
        """The seeds of the picture and the music that were chosen, to be used again."""
        w, picture, music = self.w, sitting.picture, sitting.music
        seeds = {w.paint_seed: picture.request.seed} if picture else {}
        return seeds | ({w.play_seed: music.request.seed} if music else {})

    def sitting(self, sitting: Sitting) -> Updates:
        """Everything as it was at this sitting, settings included."""
        picture, music = sitting.picture, sitting.music
        updates = self.words(sitting.words) | self.heard(sitting) | self.picture(sitting) | self.music(sitting)
        updates |= self.pictures.settings(picture.request, has_clip=bool(sitting.clip)) if picture else {}
        updates |= self.music_settings(music.request) if music else {}
        return updates | {self.w.sitting: sitting, self.w.clip: sitting.clip}

    def restored(self, settings: Settings, *, has_clip: bool) -> Updates:
        """The settings out of a file that was made here, or of a picture, while there is a clip on the page or not."""
        w, image, music = self.w, settings.image, settings.music
        updates = self.words(settings.description)
        if image is not None:
            updates |= self.pictures.settings(image, has_clip=has_clip) | {w.image_prompt: image.prompt}
        if music is not None:
            traits = {"genre": music.genre, "emotion": music.emotion, "tempo_bpm": music.tempo_bpm, "key": music.key}
            updates |= self.words(settings.description | {name: v for name, v in traits.items() if v is not None})
            updates |= self.music_settings(music) | {w.music_prompt: music.prompt}
        return updates

    def music_settings(self, music: MusicRequest) -> Updates:
        w = self.w
        return {
            w.engine: music.engine, w.seconds: min(music.seconds, LONGEST_S), w.play_seed: music.seed,
            w.play_locked: True, w.instruments: list(music.instruments), w.strictness: music.guidance,
            w.temperature: music.temperature, w.prompt_s: music.prompt_s,
            w.mode: music.mode,
        }  # fmt: skip

    def finished(self) -> Updates:
        """The strip after the last stage."""
        w = self.w
        done = figures.stages("done", fraction=1.0, what="Done", state="done")
        return {w.strip: done, w.stop: gr.update(visible=False), w.go: False}


def _staged(music: Music, others: Sequence[Music]) -> str:
    return (
        music.player
        + answers.table(music.match, said=" ".join(music.notes))
        + music.joined
        + takes.grid(others, music)
        + figures.provenance(music.provenance, work.music_details(music.request))
    )
