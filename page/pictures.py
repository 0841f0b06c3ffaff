"""Between values and widgets for pictures: which order the widgets spell, and what a sitting's picture looks like.

See page/parts.py, which has the rest of the page.
"""

from pathlib import Path

import gradio as gr

from core.errors import UserError
from core.runtime import MAX_SEED, check_seed, draw_seed
from core.types import ASPECTS, Beats, ImageRequest, Layout
from page import easel, figures, picture_panel, views, work
from page.commission import Commission
from page.easel import Easel
from page.history import Picture, Sitting, file_url
from page.layout import Updates, Values, Widgets
from page.picture_panel import MAX_WEIGHT, NO_PICTURE

REUSE = (
    '<span class="syn-reuse"><button type="button" data-reuse="same">Reuse all settings</button>'
    '<button type="button" data-reuse="fresh">Reuse with a new seed</button></span>'
)


class Pictures:
    """The updates and orders for the picture panel of one page."""

    def __init__(self, widgets: Widgets) -> None:
        self.w = widgets

    # From the widgets

    def commission(self, values: Values) -> Commission:
        """What to paint; an empty number is the model's choice. Raises UserError for an empty prompt or a wild seed."""
        w, clip = self.w, values[self.w.clip]
        if not (values[w.image_prompt] or "").strip():
            raise UserError("There is no picture prompt.", "Drop in a clip first, or write what to paint.")
        request = self._request(values)
        is_shaped_by_clip = clip and request.layout_strength and request.layout is None
        if not is_shaped_by_clip:
            return Commission(request, int(values[w.n_pictures] or 1))
        return Commission(request, int(values[w.n_pictures] or 1), Path(clip), _beats(values[w.sitting], clip))

    def _request(self, values: Values) -> ImageRequest:
        w = self.w
        return ImageRequest(
            prompt=values[w.image_prompt],
            negative_prompt=values[w.negative] or "",
            seed=seed(values[w.paint_seed], is_locked=values[w.paint_locked]),
            steps=values[w.steps],
            guidance=values[w.guidance],
            size_px=values[w.size],
            adapters=tuple((name, float(values[w.weights[name]])) for name in values[w.adapters] or ()),
            aspect=values[w.aspect] or "1:1",
            upscale=2 if values[w.twice] else 1,
            layout=values[w.borrowed],
            layout_strength=float(values[w.strength] or 0.0),
        )

    def easel(self, wanted: Commission, sitting: Sitting) -> Easel:
        """Where the picture will stand while it is painted; until there is something to see, the last one does."""
        before = file_url(sitting.picture.path) if sitting.picture else ""
        ratio = sitting.picture.ratio if sitting.picture else ASPECTS.get(wanted.request.aspect, 1.0)
        return Easel(ratio=ratio, before=before)

    def weighing(self, values: Values) -> Updates:
        """A weight for each chosen adapter, and for no other."""
        chosen = values[self.w.adapters] or ()
        return {slider: gr.update(visible=name in chosen) for name, slider in self.w.weights.items()}

    # To the widgets

    def shown(self, sitting: Sitting) -> Updates:
        """The picture with its source, its download and the other views, or the empty place for one."""
        return {self.w.picture: _hung(sitting.picture, sitting) if sitting.picture else NO_PICTURE}

    def settings(self, image: ImageRequest, *, has_clip: bool) -> Updates:
        """Every widget as this picture was painted, its seed kept; adapters that are not here are left out.

        What shaped it does so again; where nothing did, a clip that is on the page (`has_clip`) shall not either.
        """
        w, weights = self.w, dict(image.adapters)
        chosen = [name for name in weights if name in w.weights]
        sliders = {
            slider: gr.update(visible=name in chosen, value=_within(weights.get(name, 1.0), -MAX_WEIGHT, MAX_WEIGHT))
            for name, slider in w.weights.items()
        }
        shaped = {w.strength: _within(image.layout_strength or 0.0, 0.0, 1.0)} if image.layout or has_clip else {}
        return sliders | self.composition(image.layout) | shaped | {
            w.negative: image.negative_prompt, w.paint_seed: image.seed, w.paint_locked: True, w.steps: image.steps,
            w.guidance: image.guidance, w.size: image.size_px, w.adapters: chosen, w.twice: image.upscale > 1,
            w.aspect: image.aspect if image.aspect in ASPECTS else "1:1",
        }  # fmt: skip

    def composition(self, layout: Layout | None) -> Updates:
        """This composition is used from now on; None: that of the clip."""
        return {self.w.borrowed: layout, self.w.painter: picture_panel.notes(is_borrowed=layout is not None)}

    def missing(self, image: ImageRequest) -> list[str]:
        """The adapters of this picture that are not installed here."""
        return [name for name, _ in image.adapters if name not in self.w.weights]


def seed(value: float | None, *, is_locked: bool) -> int:
    """The seed in the box where it is locked, or a drawn one where it is not or the box is empty."""
    if not is_locked or value is None:
        return draw_seed()
    if not 0 <= value <= MAX_SEED:
        raise UserError(f"The seed {value:.0f} is out of range.", f"Use a whole number from 0 to {MAX_SEED}.")
    return check_seed(int(value))


def _beats(sitting: Sitting, clip: str) -> Beats | None:
    """The beats that were heard in this clip, if it is the sitting's."""
    return sitting.description.traits.beats if sitting.description and sitting.clip == clip else None


def _hung(picture: Picture, sitting: Sitting) -> str:
    source = file_url(picture.path)
    return (
        easel.hung(source, picture.request.prompt, ratio=picture.ratio)
        + views.grid(sitting.views, picture)
        + figures.provenance(picture.provenance, work.picture_details(picture.request))
        + figures.downloads([("PNG", source, picture.path.name)], also=REUSE)
    )


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
