"""Between values and widgets: what a Sitting looks like on the page, and which request the widgets spell.

Gradio keeps no types on the way: these functions are the one place that knows which widget holds which value.
"""

from dataclasses import replace
from typing import Any

import gradio as gr

from core.errors import UserError
from core.files import Settings
from core.runtime import MAX_SEED, check_seed, draw_seed
from core.types import ImageRequest, MusicRequest
from page import along, figures, look, work
from page.history import Music, Picture, Sitting, file_url
from page.layout import LONGEST_S, NO_MUSIC, NO_PICTURE, UNHEARD, Widgets

CHOOSE_LABEL = '<p class="syn-hint">Choose a label to see below which seconds speak for it.</p>'
Updates = dict[Any, Any]
Values = dict[Any, Any]


class Parts:
    """The updates and requests for one page's widgets."""

    def __init__(self, widgets: Widgets) -> None:
        self.w = w = widgets
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

    def image_request(self, values: Values) -> ImageRequest:
        """What to paint; an empty number is the model's choice. Raises UserError for an empty prompt or a wild seed."""
        w = self.w
        if not (values[w.image_prompt] or "").strip():
            raise UserError("There is no picture prompt.", "Drop in a clip first, or write what to paint.")
        return ImageRequest(
            prompt=values[w.image_prompt],
            negative_prompt=values[w.negative] or "",
            seed=_seed(values[w.paint_seed], fresh=values[w.paint_fresh]),
            steps=values[w.steps],
            guidance=values[w.guidance],
            size_px=values[w.size],
            adapters=((values[w.adapter], float(values[w.weight])),) if values[w.adapter] else (),
        )

    def music_request(self, values: Values) -> MusicRequest:
        """What to play. Raises UserError for an empty prompt or a wild seed."""
        w = self.w
        if not (values[w.music_prompt] or "").strip():
            raise UserError("There is no music prompt.", "Drop in a clip first, or write what to play.")
        return MusicRequest(
            prompt=values[w.music_prompt],
            engine=values[w.engine],
            seconds=float(values[w.seconds]),
            seed=_seed(values[w.play_seed], fresh=values[w.play_fresh]),
            tempo_bpm=values[w.tempo],
            genre=values[w.genre],
            emotion=values[w.emotion],
            key=values[w.key],
            instruments=tuple(values[w.instruments] or ()),
        )

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

    def picture(self, picture: Picture | None) -> Updates:
        """The picture with its source and its download, or the empty place for one."""
        return {self.w.picture: NO_PICTURE if picture is None else _hung(picture)}

    def music(self, music: Music | None) -> Updates:
        """The player with its source and its downloads, or the empty place for one."""
        return {self.w.music: NO_MUSIC if music is None else _staged(music)}

    def sitting(self, sitting: Sitting) -> Updates:
        """Everything as it was at this sitting, settings included."""
        picture, music = sitting.picture, sitting.music
        updates = self.words(sitting.words) | self.heard(sitting) | self.picture(picture) | self.music(music)
        updates |= self.image_settings(picture.request) if picture else {}
        updates |= self.music_settings(music.request) if music else {}
        return updates | {self.w.sitting: sitting, self.w.clip: sitting.clip}

    def restored(self, settings: Settings) -> Updates:
        """The settings out of a file that was made here."""
        w, image, music = self.w, settings.image, settings.music
        updates = self.words(settings.description)
        if image is not None:
            updates |= self.image_settings(image) | {w.image_prompt: image.prompt}
        if music is not None:
            traits = {"genre": music.genre, "emotion": music.emotion, "tempo_bpm": music.tempo_bpm, "key": music.key}
            updates |= self.words(settings.description | {name: v for name, v in traits.items() if v is not None})
            updates |= self.music_settings(music) | {w.music_prompt: music.prompt}
        return updates

    def image_settings(self, image: ImageRequest) -> Updates:
        w = self.w
        adapter, weight = image.adapters[0] if image.adapters else ("", 1.0)
        return {
            w.negative: image.negative_prompt, w.paint_seed: image.seed, w.paint_fresh: False, w.steps: image.steps,
            w.guidance: image.guidance, w.size: image.size_px, w.adapter: adapter, w.weight: weight,
        }  # fmt: skip

    def music_settings(self, music: MusicRequest) -> Updates:
        w = self.w
        return {
            w.engine: music.engine, w.seconds: min(music.seconds, LONGEST_S), w.play_seed: music.seed,
            w.play_fresh: False, w.instruments: list(music.instruments),
        }  # fmt: skip

    def finished(self) -> Updates:
        """The strip after the last stage."""
        w = self.w
        done = figures.stages("done", fraction=1.0, what="Done", state="done")
        return {w.strip: done, w.stop: gr.update(visible=False), w.go: False}


def _hung(picture: Picture) -> str:
    details = work.picture_details(picture.request)
    downloads = figures.downloads([("PNG", file_url(picture.path), picture.path.name)])
    shown = figures.picture(file_url(picture.path), picture.request.prompt)
    return shown + figures.provenance(picture.provenance, details) + downloads


def _staged(music: Music) -> str:
    files = music.files
    paths = [("WAV", files.wav), ("MP3", files.mp3), ("MIDI", files.midi)]
    downloads = figures.downloads([(label, file_url(path), path.name) for label, path in paths if path])
    return music.player + figures.provenance(music.provenance, work.music_details(music.request)) + downloads


def _seed(value: float | None, *, fresh: bool) -> int:
    """The seed in the box, or a drawn one where a new one is wanted each time or the box is empty."""
    if fresh or value is None:
        return draw_seed()
    if not 0 <= value <= MAX_SEED:
        raise UserError(f"The seed {value:.0f} is out of range.", f"Use a whole number from 0 to {MAX_SEED}.")
    return check_seed(int(value))
