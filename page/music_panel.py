"""The panel where music is made: how, how long, how many, and what the engine is told besides.

`draw()` builds its widgets and returns them by name; `outlook` says beforehand how long it will take, `abilities` which
ways the chosen engine has.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from core.types import MUSIC_MODES
from corpus.captions import INSTRUMENTS
from page import takes
from page.figures import escape

NO_MUSIC = '<p class="syn-empty">The new music will play here.</p>'
SHORTEST_S, LONGEST_S = 1, 300
PROMPT_S = (1, 30)
MODES = {
    "text": "From the words",
    "continue": "Go on from the clip",
    "melody": "Follow the clip's tune",
    "unconditional": "Free",
}
DEEDS = {"continue": "go on from a clip", "melody": "follow a tune", "unconditional": "play without words"}
HINTS = {
    "text": "",
    "continue": "It takes up the end of your clip; you get the new part alone and the two joined.",
    "melody": "New music on the tune of your clip, in the style of the words.",
    "unconditional": "The words are left aside: whatever comes to its mind.",
}
MELODY_NEEDS = "Following a tune takes MusicGen's melody model, which is not installed here."


def draw() -> dict[str, Any]:
    """Build the widgets inside the column that is open."""
    gr.HTML("<h2>The music</h2>")
    made: dict[str, Any] = {"music": gr.HTML(NO_MUSIC, elem_id="music", js_on_load=takes.CHOOSE)}
    choices = [(MODES[mode], mode) for mode in MUSIC_MODES]
    made["mode"] = gr.Radio(choices, value="text", label="How", elem_id="mode", container=False)
    made["prompt_s"] = gr.Slider(
        *PROMPT_S, value=10, step=1, label="Seconds of the clip's end to go on from", visible=False, elem_id="prompt-s"
    )
    made["ways"] = gr.HTML("", elem_id="ways")
    with gr.Row(elem_classes="syn-amounts"):
        made["seconds"] = gr.Slider(SHORTEST_S, LONGEST_S, value=10, step=1, label="Seconds", min_width=200)
        made["variations"] = gr.Slider(1, 4, value=1, step=1, label="Variations", min_width=120)
        made["best_of"] = gr.Slider(1, 8, value=1, step=1, label="Best of", min_width=120)
    with gr.Row(elem_classes="syn-launch"):
        made["play"] = gr.Button("Play again", size="md", elem_id="play", scale=0, min_width=120)
        made["outlook"] = gr.HTML("", elem_id="outlook")
    return made | _settings()


def _settings() -> dict[str, Any]:
    made: dict[str, Any] = {}
    with gr.Accordion("Playing settings", open=False):
        made["engine"] = gr.Dropdown(_engines(), value="auto", label="Engine")
        made["instruments"] = gr.Dropdown(
            list(INSTRUMENTS), value=[], multiselect=True, max_choices=5, label="Instruments (none: the engine chooses)"
        )
        with gr.Row():
            made["strictness"] = gr.Number(None, label="Guidance", placeholder="model's choice", min_width=110)
            made["temperature"] = gr.Number(None, label="Temperature", placeholder="model's choice", min_width=110)
        made |= seed_row("play")
    return made


def seed_row(verb: str) -> dict[str, Any]:
    """A box for the seed and a lock: locked it is used again, else a new one is drawn and shown."""
    with gr.Row():
        seed = gr.Number(None, label="Seed", placeholder="drawn", precision=0, min_width=130, elem_id=f"{verb}-seed")
        locked = gr.Checkbox(
            False, label="Keep this seed", min_width=160, elem_classes="syn-lock", elem_id=f"{verb}-locked"
        )
    return {f"{verb}_seed": seed, f"{verb}_locked": locked}


def _engines() -> list[tuple[str, str]]:
    from pipelines.compose import engines

    return [("auto", "auto"), *((str(engine["label"]), str(engine["name"])) for engine in engines())]


def outlook(seconds: float | None, *, n: int) -> str:
    """How long `n` clips will take, said before they are started."""
    if seconds is None:
        return ""
    from pipelines.pace import in_words

    several = f" for {n} clips" if n > 1 else ""
    return f'<p class="syn-hint">About {in_words(seconds)}{several} on this machine</p>'


def lacking(engine: str) -> tuple[str, ...]:
    """The modes that this engine does not have; "auto" is the default one."""
    return tuple(mode for mode in MUSIC_MODES if mode != "text" and mode not in _record(engine)["capabilities"])


def ways(engine: str, mode: str) -> str:
    """What the chosen way does; ways that the engine lacks are greyed, and the reason is given."""
    missing = lacking(engine)
    grey = "".join(
        f"#mode label:nth-of-type({MUSIC_MODES.index(way) + 1}){{opacity:.45;pointer-events:none}}" for way in missing
    )
    lines = [HINTS[mode], _reason(engine, missing)]
    return f"<style>{grey}</style>" + "".join(f'<p class="syn-hint">{escape(line)}</p>' for line in lines if line)


def _reason(engine: str, missing: Sequence[str]) -> str:
    if not missing:
        return ""
    *most, last = (DEEDS[way] for way in missing)
    deeds = f"{', '.join(most)} or {last}" if most else last
    return MELODY_NEEDS if tuple(missing) == ("melody",) else f"{_record(engine)['label']} cannot {deeds}."


def _record(engine: str) -> dict[str, Any]:
    from pipelines.compose import engines

    rows = engines()
    return next((row for row in rows if row["name"] == engine), next(row for row in rows if row["default"]))
