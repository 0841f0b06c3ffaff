"""The widgets of the page, top to bottom: the clip, what is heard, the words, the picture and the music, the history.

`draw()` builds them inside an open gr.Blocks and returns them by name; what they do is in page/handlers.py.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.models import ROOT
from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, KEYS
from page import figures, history, look
from page.readiness import READINESS

EXAMPLES = ROOT / "examples"
EXAMPLE_SUFFIXES = {".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a"}
MAX_PROMPT = 2000
LONGEST_S = 120

HERO = """
<header class="syn-hero">
  <svg class="syn-mark" viewBox="0 0 120 120" aria-hidden="true">
    <circle cx="60" cy="60" r="11"/><circle cx="60" cy="60" r="24"/><circle cx="60" cy="60" r="38"/>
    <circle cx="60" cy="60" r="53"/>
  </svg>
  <div><h1>Synesthete</h1><p>Hear it, see it, play it back.</p></div>
</header>
"""
UNHEARD = """
<div class="syn-words syn-unheard"><p class="syn-caption">What does it sound like?</p>
<ul class="syn-promise">
  <li><svg viewBox="0 0 24 24"><path d="M3 10v4M7.5 6v12M12 3v18M16.5 8v8M21 10.5v3"/></svg>
    <b>Hear</b><span>Genre, mood, tempo and key, and how sure it is of each</span></li>
  <li><svg viewBox="0 0 24 24"><path d="M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7-10-7-10-7z"/>
    <circle cx="12" cy="12" r="3"/></svg><b>See</b><span>A picture in the colours of that mood</span></li>
  <li><svg viewBox="0 0 24 24"><path d="M9 18V5l11-2v13"/><circle cx="6" cy="18" r="3"/>
    <circle cx="17" cy="16" r="3"/></svg><b>Play</b><span>New music with its tempo, its key and its feeling</span></li>
</ul></div>
"""
NO_PICTURE = '<p class="syn-empty">The picture will hang here.</p>'
NO_MUSIC = '<p class="syn-empty">The new music will play here.</p>'

SWAP_TEMPO = """
element.addEventListener('click', (event) => {
  if (event.target.closest('button[data-swap]')) trigger('select');
});
"""
CHOOSE_CARD = """
element.addEventListener('click', (event) => {
  const card = event.target.closest('button[data-index]');
  if (card) trigger('select', {index: Number(card.dataset.index)});
});
"""


@dataclass(frozen=True)
class Widgets:
    """Every widget that a handler reads or writes."""

    accent: gr.HTML
    status: gr.HTML
    clock: gr.Timer
    clip: gr.Audio
    examples: list[tuple[gr.Button, Path]]
    auto: gr.Checkbox
    start: gr.Button
    stop: gr.Button
    strip: gr.HTML
    heard: gr.HTML
    facts: gr.HTML
    genre_bars: gr.HTML
    emotion_bars: gr.HTML
    ears: gr.HTML
    clip_player: gr.HTML
    genre: gr.Dropdown
    emotion: gr.Dropdown
    tempo: gr.Number
    key: gr.Dropdown
    caption: gr.Textbox
    image_prompt: gr.Textbox
    music_prompt: gr.Textbox
    picture: gr.HTML
    paint: gr.Button
    negative: gr.Textbox
    paint_seed: gr.Number
    paint_fresh: gr.Checkbox
    steps: gr.Number
    guidance: gr.Number
    size: gr.Number
    adapter: gr.Dropdown
    weight: gr.Slider
    music: gr.HTML
    play: gr.Button
    engine: gr.Dropdown
    seconds: gr.Slider
    play_seed: gr.Number
    play_fresh: gr.Checkbox
    instruments: gr.Dropdown
    dropped: gr.File
    gallery: gr.HTML
    sitting: gr.State
    history: gr.State
    go: gr.State


def draw() -> Widgets:
    """Build the widgets inside the Blocks that is open."""
    made: dict[str, Any] = {
        "accent": gr.HTML(look.accent_style(None), elem_classes="syn-accent"),
        "sitting": gr.State(history.Sitting()),
        "history": gr.State(()),
        "go": gr.State(False),
    }
    with gr.Row(elem_classes="syn-top"):
        gr.HTML(HERO)
        made["status"] = gr.HTML(status_line(), elem_classes="syn-status-box")
        made["clock"] = gr.Timer(1.0)
    with gr.Row(elem_classes="syn-opening", equal_height=True):
        with gr.Column(scale=4, min_width=300, elem_classes="syn-panel"):
            made |= _clip_panel()
        with gr.Column(scale=7, min_width=300, elem_classes="syn-panel syn-said"):
            made |= _heard_panel()
    made |= _sound_panel()
    made |= _words_panel()
    with gr.Row(elem_classes="syn-results", equal_height=True):
        with gr.Column(scale=5, min_width=300, elem_classes="syn-panel"):
            made |= _picture_panel()
        with gr.Column(scale=7, min_width=300, elem_classes="syn-panel"):
            made |= _music_panel()
    made |= _history_panel()
    return Widgets(**made)


def status_line() -> str:
    """The line that says whether the models are loaded."""
    state = "ready" if READINESS.settled else "loading"
    return f'<p class="syn-status" data-state="{state}"><i></i>{figures.escape(READINESS.sentence())}</p>'


def example_clips() -> list[Path]:
    """The ready examples, in name order; none where the folder is missing."""
    if not EXAMPLES.is_dir():
        return []
    return sorted(path for path in EXAMPLES.iterdir() if path.suffix.lower() in EXAMPLE_SUFFIXES)


def _clip_panel() -> dict[str, Any]:
    gr.HTML("<h2>A clip</h2>")
    clip = gr.Audio(
        label="Drop in music, or record some",
        sources=["upload", "microphone"],
        type="filepath",
        editable=False,
        elem_classes="syn-clip",
        waveform_options=gr.WaveformOptions(show_recording_waveform=False),
    )
    examples = []
    if paths := example_clips():
        gr.HTML('<p class="syn-hint">No clip at hand? Our composer wrote these:</p>')
        with gr.Row(elem_classes="syn-examples"):
            for path in paths:
                examples.append((gr.Button(_example_label(path), size="sm", min_width=60), path))
    start = gr.Button("Hear it, see it, play it back", variant="primary", elem_classes="syn-start")
    auto = gr.Checkbox(True, label="Go all the way as soon as a clip is in", container=False)
    with gr.Row(elem_classes="syn-progress"):
        strip = gr.HTML(figures.stages("hear", state="idle"), elem_id="strip")
        stop = gr.Button("Stop", variant="secondary", size="sm", visible=False, min_width=80, scale=0)
    return {"clip": clip, "examples": examples, "start": start, "auto": auto, "strip": strip, "stop": stop}


def _example_label(path: Path) -> str:
    """ "jazz-joyful_activation-96bpm.ogg" -> "Jazz, joyful activation"."""
    return ", ".join(figures.label_word(part) for part in path.stem.split("-")[:2]).capitalize()


def _heard_panel() -> dict[str, Any]:
    gr.HTML("<h2>What it hears</h2>")
    heard = gr.HTML(UNHEARD, elem_id="heard")
    facts = gr.HTML("", elem_id="facts", js_on_load=SWAP_TEMPO)
    with gr.Row(elem_classes="syn-bar-row"):
        genre_bars = gr.HTML("", min_width=220)
        emotion_bars = gr.HTML("", min_width=220)
    return {
        "heard": heard, "facts": facts, "genre_bars": genre_bars, "emotion_bars": emotion_bars,
        "ears": gr.HTML("", elem_id="ears"),
    }  # fmt: skip


def _sound_panel() -> dict[str, Any]:
    return {"clip_player": gr.HTML("", elem_id="clip-player", elem_classes="syn-wide")}


def _words_panel() -> dict[str, Any]:
    with gr.Column(elem_classes="syn-panel"):
        gr.HTML("<h2>In words</h2><p class='syn-hint'>Not what you hear? Change anything; the texts follow.</p>")
        with gr.Row():
            genre = gr.Dropdown(_choices(GENRES), value=None, label="Genre", min_width=130)
            emotion = gr.Dropdown(_choices(EMOTIONS), value=None, label="Emotion", min_width=130)
            tempo = gr.Number(None, label="Tempo (bpm)", min_width=110, step=1, placeholder="any")
            key = gr.Dropdown(list(KEYS), value=None, label="Key", min_width=110)
        caption = gr.Textbox(label="Caption", lines=1, max_lines=3, max_length=MAX_PROMPT)
        with gr.Row():
            image_prompt = gr.Textbox(
                label="Picture prompt",
                lines=2,
                max_lines=5,
                max_length=MAX_PROMPT,
                min_width=260,
                elem_id="image-prompt",
            )
            music_prompt = gr.Textbox(
                label="Music prompt", lines=2, max_lines=5, max_length=MAX_PROMPT, min_width=260, elem_id="music-prompt"
            )
    return {
        "genre": genre, "emotion": emotion, "tempo": tempo, "key": key,
        "caption": caption, "image_prompt": image_prompt, "music_prompt": music_prompt,
    }  # fmt: skip


def _picture_panel() -> dict[str, Any]:
    gr.HTML("<h2>The picture</h2>")
    made: dict[str, Any] = {"picture": gr.HTML(NO_PICTURE, elem_id="picture")}
    made["paint"] = gr.Button("Paint again", size="md", elem_id="paint")
    with gr.Accordion("Painting settings", open=False):
        made["adapter"] = gr.Dropdown(_adapters(), value="", label="Style (LoRA adapter)")
        made["weight"] = gr.Slider(0, 1.5, value=1.0, step=0.05, label="Style weight")
        made["negative"] = gr.Textbox(label="Keep out of the picture", max_length=MAX_PROMPT, placeholder="nothing")
        with gr.Row():
            made["steps"] = gr.Number(None, label="Steps", placeholder="model's choice", min_width=110, precision=0)
            made["guidance"] = gr.Number(None, label="Guidance", placeholder="model's choice", min_width=110)
            made["size"] = gr.Number(None, label="Size (px)", placeholder="model's choice", min_width=110, precision=0)
        made |= _seed_row("paint")
    return made


def _music_panel() -> dict[str, Any]:
    gr.HTML("<h2>The music</h2>")
    made: dict[str, Any] = {"music": gr.HTML(NO_MUSIC, elem_id="music")}
    made["play"] = gr.Button("Play again", size="md", elem_id="play")
    with gr.Accordion("Playing settings", open=False):
        made["engine"] = gr.Dropdown(_engines(), value="auto", label="Engine")
        made["seconds"] = gr.Slider(2, LONGEST_S, value=10, step=1, label="Seconds")
        made["instruments"] = gr.Dropdown(
            list(INSTRUMENTS), value=[], multiselect=True, max_choices=5, label="Instruments (none: the engine chooses)"
        )
        made |= _seed_row("play")
    return made


def _seed_row(verb: str) -> dict[str, Any]:
    with gr.Row():
        seed = gr.Number(None, label="Seed", placeholder="drawn", precision=0, min_width=130, elem_id=f"{verb}-seed")
        fresh = gr.Checkbox(True, label="Draw a new one each time", min_width=160, elem_classes="syn-dice")
    return {f"{verb}_seed": seed, f"{verb}_fresh": fresh}


def _history_panel() -> dict[str, Any]:
    with gr.Column(elem_classes="syn-panel"):
        gr.HTML("<h2>This session</h2><p class='syn-hint'>Choose a card to bring it back.</p>")
        cards = gr.HTML(history.gallery(()), elem_id="history", js_on_load=CHOOSE_CARD)
        with gr.Accordion("Bring back the settings of a saved file", open=False):
            dropped = gr.File(
                label="Drop in a PNG, WAV or MP3 that was made here",
                file_types=[".png", ".wav", ".mp3"], height=150, elem_id="dropped",
            )  # fmt: skip
    return {"gallery": cards, "dropped": dropped}


def _choices(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(figures.label_word(label), label) for label in labels]


def _engines() -> list[tuple[str, str]]:
    from pipelines.compose import engines

    return [("auto", "auto"), *((str(engine["label"]), str(engine["name"])) for engine in engines())]


def _adapters() -> list[tuple[str, str]]:
    from pipelines.illustrate import adapters

    return [("none", ""), *((str(adapter["name"]), str(adapter["name"])) for adapter in adapters())]
