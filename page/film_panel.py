"""The panel for sharing: the picture and the music together as one film, once there are both."""

from typing import Any

import gradio as gr

from page import figures
from page.history import Sitting, file_url
from page.jobs import Moment


def draw() -> dict[str, Any]:
    """Build the widgets of the panel, which is hidden at first; returns them by name."""
    with gr.Column(visible=False, elem_classes="syn-panel", elem_id="together") as together:
        gr.HTML(
            "<h2>Together</h2><p class='syn-hint'>The picture moves with the beats, over a spectrum of the music.</p>"
        )
        film = gr.HTML("", elem_id="film")
        with gr.Row(elem_classes="syn-launch"):
            share = gr.Button("Share as video", size="md", scale=0, min_width=160, elem_id="share")
    return {"together": together, "share": share, "film": film}


def shown(sitting: Sitting) -> str:
    """The film with its download; empty where it was not made."""
    film, picture = sitting.film, sitting.picture
    if film is None or picture is None:
        return ""
    source, poster = figures.escape(file_url(film)), figures.escape(file_url(picture.path))
    return (
        f'<video class="syn-film" style="--ratio:{picture.ratio:.4f}" controls playsinline preload="metadata" '
        f'poster="{poster}" src="{source}"></video>' + figures.downloads([("MP4", file_url(film), film.name)])
    )


def making(moment: Moment) -> str:
    """How far the film is."""
    return (
        f'<p class="syn-making"><i role="progressbar" aria-label="Made" aria-valuemax="100" '
        f'aria-valuenow="{100 * moment.fraction:.0f}"></i>{figures.escape(moment.what)} '
        f"({100 * moment.fraction:.0f} %)</p>"
    )
