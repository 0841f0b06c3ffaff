"""The panel where the picture is painted: the picture, and what the painter is told besides the words.

`draw()` builds its widgets and returns them by name, without knowing the painter: what the present one is like
`met` says once the page is up.
"""

from typing import Any

import gradio as gr

from core.errors import UserError
from core.types import ASPECTS
from page import music_panel, views
from page.commission import MOST_PICTURES
from page.figures import escape

NO_PICTURE = '<p class="syn-empty">The picture will hang here.</p>'
MAX_PROMPT = 2000
MOST_ADAPTERS = 3
MAX_WEIGHT = 2.0
NUMBERS = (1, 2, 4, 6, MOST_PICTURES)
SHAPES = {"1:1": "Square", "4:3": "Landscape", "3:4": "Portrait", "16:9": "Wide", "9:16": "Tall"}
BORROWED = "The composition is that of the picture whose settings were brought back, until a clip is heard."


def draw() -> dict[str, Any]:
    """Build the widgets inside the column that is open; returns them by name."""
    gr.HTML("<h2>The picture</h2>")
    made: dict[str, Any] = {"picture": gr.HTML(NO_PICTURE, elem_id="picture", js_on_load=views.CHOOSE)}
    made["borrowed"] = gr.State(None)
    made["strength"] = gr.Slider(
        0, 1, value=0.2, step=0.05, label="Let the clip shape the picture", info="0: the words alone",
        elem_id="strength",
    )  # fmt: skip
    with gr.Row(elem_classes="syn-amounts"):
        made["n_pictures"] = gr.Dropdown(list(NUMBERS), value=1, label="Pictures at once", min_width=110)
        shapes = [(f"{SHAPES[aspect]} {aspect}", aspect) for aspect in ASPECTS]
        made["aspect"] = gr.Dropdown(shapes, value="1:1", label="Shape", min_width=110)
    with gr.Row(elem_classes="syn-launch"):
        made["paint"] = gr.Button("Paint again", size="md", elem_id="paint", scale=0, min_width=120)
        made["painter"] = gr.HTML("", elem_id="painter")
    return made | _settings()


def _settings() -> dict[str, Any]:
    made: dict[str, Any] = {}
    names = _adapters()
    with gr.Accordion("Painting settings", open=False):
        made["adapters"] = gr.Dropdown(
            names, value=[], multiselect=True, max_choices=MOST_ADAPTERS, label=f"Styles (up to {MOST_ADAPTERS})",
            elem_id="adapters",
        )  # fmt: skip
        made["weights"] = {
            name: gr.Slider(-MAX_WEIGHT, MAX_WEIGHT, value=1.0, step=0.05, label=f"How much {name}", visible=False)
            for name in names
        }
        made["negative"] = gr.Textbox(label="Keep out of the picture", max_length=MAX_PROMPT, placeholder="nothing")
        with gr.Row():
            made["steps"] = gr.Number(None, label="Steps", placeholder="model's choice", min_width=110, precision=0)
            made["guidance"] = gr.Number(None, label="Guidance", placeholder="model's choice", min_width=110)
            made["size"] = gr.Number(None, label="Size (px)", placeholder="model's choice", min_width=110, precision=0)
        made["guidance_hint"] = gr.HTML("")
        made["twice"] = gr.Checkbox(False, label="Enlarge the picture to twice its size")
        made |= music_panel.seed_row("paint")
    return made


def met() -> dict[str, Any]:
    """What the present painter is like, by the names of the widgets that tell it, from one look at its limits.

    The box for what is to be kept out is greyed for a painter that reads no such words, and guidance is explained where
    it is set.
    """
    said = _limits()
    acts = said.get("negative_prompt", {}).get("acts", True)
    return {
        "painter": _notes(said),
        "strength": float(said.get("layout_strength", {}).get("default", 0.2)),
        "negative": gr.update(interactive=acts, placeholder="nothing" if acts else "this model reads no such words"),
        "guidance_hint": _hint(said.get("guidance", {}).get("note", "")),
    }


def notes(*, is_borrowed: bool) -> str:
    """What the present painter does otherwise than one might expect, and whose composition is used."""
    return _notes(_limits()) + _hint(BORROWED if is_borrowed else "")


def _notes(said: dict[str, Any]) -> str:
    return "".join(map(_hint, said.get("notes", ())))


def _hint(line: str) -> str:
    return f'<p class="syn-hint">{escape(line)}</p>' if line else ""


def _limits() -> dict[str, Any]:
    """Empty for a painter that is not there: who asks it to paint reads why."""
    from pipelines.illustrate import limits

    try:
        return limits()
    except UserError:
        return {}


def _adapters() -> list[str]:
    from pipelines.illustrate import adapters

    return [str(adapter["name"]) for adapter in adapters()]
