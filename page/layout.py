"""The widgets of the page, top to bottom: the clip, what is heard, the words, the picture and the music, the history.

`draw()` builds them inside an open gr.Blocks and returns them by name; what they do is in page/handlers.py.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.models import ROOT
from corpus.captions import EMOTIONS, GENRES, KEYS
from page import figures, film_panel, history, look, music_panel, picture_panel
from page.greeting import HERO, UNHEARD
from page.picture_panel import MAX_PROMPT
from page.readiness import READINESS

EXAMPLES = ROOT / "examples"
EXAMPLE_SUFFIXES = {".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a"}

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


Updates = dict[Any, Any]
Values = dict[Any, Any]
"""New values, and values, by widget. Gradio keeps no types on the way."""


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
    borrowed: gr.State
    strength: gr.Slider
    n_pictures: gr.Dropdown
    aspect: gr.Dropdown
    paint: gr.Button
    painter: gr.HTML
    adapters: gr.Dropdown
    weights: dict[str, gr.Slider]
    negative: gr.Textbox
    steps: gr.Number
    guidance: gr.Number
    guidance_hint: gr.HTML
    size: gr.Number
    twice: gr.Checkbox
    paint_seed: gr.Number
    paint_locked: gr.Checkbox
    music: gr.HTML
    mode: gr.Radio
    prompt_s: gr.Slider
    ways: gr.HTML
    seconds: gr.Slider
    variations: gr.Slider
    best_of: gr.Slider
    play: gr.Button
    outlook: gr.HTML
    engine: gr.Dropdown
    instruments: gr.Dropdown
    strictness: gr.Number
    temperature: gr.Number
    play_seed: gr.Number
    play_locked: gr.Checkbox
    together: gr.Column
    share: gr.Button
    film: gr.HTML
    dropped: gr.File
    reuse: gr.Button
    reuse_fresh: gr.Button
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
    with gr.Row(elem_classes="syn-results"):
        with gr.Column(scale=5, min_width=300, elem_classes="syn-panel"):
            made |= picture_panel.draw()
        with gr.Column(scale=7, min_width=300, elem_classes="syn-panel"):
            made |= music_panel.draw()
    made |= film_panel.draw()
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


def _history_panel() -> dict[str, Any]:
    with gr.Column(elem_classes="syn-panel"):
        gr.HTML("<h2>This session</h2><p class='syn-hint'>Choose a card to bring it back.</p>")
        cards = gr.HTML(history.gallery(()), elem_id="history", js_on_load=CHOOSE_CARD)
        with gr.Accordion("Bring back the settings of a saved file", open=False):
            dropped = gr.File(
                label="Drop in a PNG, WAV, FLAC, MP3, MIDI or MP4 file that was made here",
                file_types=[".png", ".wav", ".flac", ".mp3", ".mid", ".mp4"], height=150, elem_id="dropped",
            )  # fmt: skip
            with gr.Row(elem_classes="syn-launch"):
                reuse = gr.Button("Reuse all settings", size="md", scale=0, min_width=180, elem_id="reuse")
                fresh = gr.Button("Reuse with a new seed", size="md", scale=0, min_width=200, elem_id="reuse-fresh")
    return {"gallery": cards, "dropped": dropped, "reuse": reuse, "reuse_fresh": fresh}


def _choices(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(figures.label_word(label), label) for label in labels]
