"""The endpoints that paint: /illustrate, /illustrate_stream and /share. Names, arguments and answers are a promise.

A stream's views are small pictures of what there is so far. Its end is the answer that /illustrate gives.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import numpy.typing as npt

from core.errors import UserError
from core.files import film_settings, read_picture, save_picture
from core.types import GeneratedImage, ImageRequest, OnPicture, Progress
from page import arguments as given
from page import commission
from page.commission import Commission
from page.jobs import GENERATION, awaited, streamed
from page.outputs import job_folder

Answer = tuple[Any, dict[str, Any]]


async def illustrate(
    prompt: str,
    negative_prompt: str = "",
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size_px: int | None = None,
    adapter: str | None = None,
    adapter_weight: float = 1.0,
    aspect: str = "1:1",
    upscale: int = 1,
    adapters: dict[str, float] | None = None,
    variations: int = 1,
    audio: gr.FileData | None = None,
    layout_strength: float | None = None,
) -> tuple[str, dict[str, Any]]:
    """Paint a picture from words, and from a clip. What is left out the model chooses; the JSON says what was chosen.

    Parameters:
        prompt: what to paint
        negative_prompt: what to keep out
        seed: 0 to 4294967295; drawn when left out
        steps: denoising steps
        guidance: how strictly the words are followed
        size_px: side in pixels of a square with the picture's area, before it is enlarged
        adapter: a LoRA style, by its name in /adapters
        adapter_weight: how strongly that style is applied
        aspect: width by height: 1:1, 4:3, 3:4, 16:9 or 9:16
        upscale: 2 enlarges the picture to twice its size
        adapters: several styles with their weights, {"watercolour": 0.8, "chalk": 0.4} or ["watercolour:0.8", "chalk"]
        variations: how many pictures are painted, 1 to 9, with this seed and the next ones
        audio: a clip that shapes the picture: its pitch, loudness and beats; in Python: handle_file("clip.mp3")
        layout_strength: how strongly the clip does, from 0 (the words alone) to 1 (the clip's drawing alone);
            as the model likes when left out
    Returns:
        the PNG (its settings inside), and the resolved request with its provenance, width_px, height_px, files {png},
        variations (seed and files of each) and held_back (how many a safety checker kept)
    """
    wanted = _commission(
        prompt=prompt, negative_prompt=negative_prompt, seed=seed, steps=steps, guidance=guidance, size_px=size_px,
        adapter=adapter, adapter_weight=adapter_weight, aspect=aspect, upscale=upscale, adapters=adapters,
        variations=variations, audio=audio, layout_strength=layout_strength,
    )  # fmt: skip
    return await awaited(lambda progress: _painted(wanted, progress))


async def illustrate_stream(
    prompt: str,
    negative_prompt: str = "",
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size_px: int | None = None,
    aspect: str = "1:1",
    upscale: int = 1,
    adapters: dict[str, float] | None = None,
    variations: int = 1,
    audio: gr.FileData | None = None,
    layout_strength: float | None = None,
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Paint as /illustrate does, and show the picture while it is painted.

    Parameters:
        prompt: what to paint
        negative_prompt: what to keep out
        seed: 0 to 4294967295; drawn when left out
        steps: denoising steps
        guidance: how strictly the words are followed
        size_px: side in pixels of a square with the picture's area, before it is enlarged
        aspect: width by height: 1:1, 4:3, 3:4, 16:9 or 9:16
        upscale: 2 enlarges the picture to twice its size
        adapters: styles with their weights, {"watercolour": 0.8, "chalk": 0.4} or ["watercolour:0.8", "chalk"]
        variations: how many pictures are painted, 1 to 9, with this seed and the next ones
        audio: a clip that shapes the picture: its pitch, loudness and beats; in Python: handle_file("clip.mp3")
        layout_strength: how strongly the clip does, from 0 (the words alone) to 1 (the clip's drawing alone);
            as the model likes when left out
    Returns:
        a rough view as PNG with {index, fraction, final: false}; at the end the answer of /illustrate, with final: true
        and the number of views as index
    """
    wanted = _commission(
        prompt=prompt, negative_prompt=negative_prompt, seed=seed, steps=steps, guidance=guidance, size_px=size_px,
        adapter=None, adapter_weight=1.0, aspect=aspect, upscale=upscale, adapters=adapters,
        variations=variations, audio=audio, layout_strength=layout_strength,
    )  # fmt: skip
    async for answer in streamed(lambda progress, give: _streamed(wanted, progress, give)):
        yield answer


async def share(picture: gr.FileData, audio: gr.FileData) -> str:
    """Make a film of a picture and a clip: it moves with the beats, over a spectrum of the sound.

    Parameters:
        picture: the picture (PNG, JPEG, WebP); in Python: handle_file("picture.png")
        audio: the clip; in Python: handle_file("clip.mp3")
    Returns:
        the MP4, as long as the clip
    """
    painted, clip = given.picture_path(picture), given.clip_path(audio)
    return await awaited(lambda progress: _shared(painted, clip, progress))


def _commission(
    *, prompt: Any, negative_prompt: Any, seed: Any, steps: Any, guidance: Any, size_px: Any, adapter: Any,
    adapter_weight: Any, aspect: Any, upscale: Any, adapters: Any, variations: Any, audio: Any, layout_strength: Any,
) -> Commission:  # fmt: skip
    """The order that these arguments spell. Raises UserError for values of the wrong kind."""
    clip = None if audio is None else given.clip_path(audio)
    strength = given.number("strength of the layout", layout_strength)
    if strength and clip is None:
        raise UserError("There is no clip to shape the picture.", "Send one, or leave the strength of the layout out.")
    single = {given.text("adapter", adapter): adapter_weight} if adapter else {}
    request = ImageRequest(
        prompt=given.text("prompt", prompt),
        negative_prompt=given.text("negative prompt", negative_prompt or ""),
        seed=given.seed(seed),
        steps=given.whole("number of steps", steps),
        guidance=given.number("guidance", guidance),
        size_px=given.whole("size", size_px),
        adapters=given.adapters(single) + given.adapters(adapters),
        aspect=given.text("aspect", aspect or "1:1"),
        upscale=given.count("upscaling", upscale),
        layout_strength=strength,
    )
    return Commission(request, given.count("number of variations", variations), clip)


def _painted(wanted: Commission, progress: Progress, on_picture: OnPicture | None = None) -> Answer:
    """What /illustrate answers."""
    with GENERATION.taken(progress), job_folder() as folder:
        images = commission.deliver(wanted, progress, on_picture)
        views = [_view(image, folder) for image in images]
    told = {"files": views[0]["files"], "variations": views, "held_back": wanted.n - len(images)}
    return views[0]["files"]["png"], about(images[0]) | told


def _view(image: GeneratedImage, folder: Path) -> dict[str, Any]:
    return {"seed": image.request.seed, "files": {"png": given.file_record(save_picture(image, folder))}}


def about(image: GeneratedImage) -> dict[str, Any]:
    """The resolved request of a picture with its provenance, and its size."""
    from pipelines.journey import result_json

    height, width = image.pixels.shape[:2]
    return result_json(image) | {"width_px": width, "height_px": height}


def _streamed(wanted: Commission, progress: Progress, give: Callable[[Answer], None]) -> Answer:
    """What /illustrate answers; views are given on the way."""
    from PIL import Image

    n_views, done = 0, 0.0

    def told(fraction: float, what: str) -> None:
        nonlocal done
        done = fraction
        progress(fraction, what)

    def view(pixels: npt.NDArray[np.uint8]) -> None:
        nonlocal n_views
        path = folder / f"{n_views}.png"
        Image.fromarray(pixels).save(path)
        give((given.file_record(path), {"index": n_views, "fraction": round(done, 3), "final": False}))
        n_views += 1

    with job_folder() as folder:
        png, said = _painted(wanted, told, view)
    return png, said | {"index": n_views, "final": True}


def _shared(picture: Path, clip: Path, progress: Progress) -> Any:
    from core.audio import read_clip
    from pipelines.share import share as film

    pixels = read_picture(picture)
    with GENERATION.taken(progress), job_folder() as folder:
        sound = read_clip(clip).clip
        settings = film_settings(picture, clip)
        path = film(pixels, sound, folder / f"{clip.stem}.mp4", settings=settings, progress=progress)
        return given.file_record(path)
