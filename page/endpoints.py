"""The named endpoints: what other people's scripts call. Names, arguments and answers are a promise.

Pictures and music have modules of their own, page/painting.py and page/playing.py. What generates is a coroutine that
awaits its work, so that a client that cancels its request stops the work and not only its own waiting.
"""

import functools
import inspect
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args, get_origin

import gradio as gr

from core.types import Progress
from page import arguments as given
from page import painting, playing
from page.faults import calm
from page.jobs import GENERATION, awaited
from page.outputs import job_folder
from page.readiness import READINESS


def describe(audio: gr.FileData) -> dict[str, Any]:
    """Say what a clip is: genre and emotion with probabilities, tempo, key, and prompts for a picture and for music.

    Parameters:
        audio: the clip (WAV, MP3, FLAC, OGG, M4A, AIFF, WebM ...; 1 s to 10 min); in Python: handle_file("clip.mp3")
    Returns:
        caption, image_prompt, music_prompt, genre, emotion, tempo_bpm, tempo_bpm_alternative, key,
        music_probability, seconds, over_time (window_s, times_s, and for every genre and emotion its probability in
        each window), evidence (for every label and each step_s seconds: 1 speaks for it, -1 against it), moments
        (sentences), warnings
    """
    from pipelines.describe import describe_file
    from pipelines.journey import description_json

    return description_json(describe_file(given.clip_path(audio)))


async def run(
    audio: gr.FileData,
    seconds: float = 10.0,
    seed: int | None = None,
    engine: str = "auto",
    layout_strength: float | None = None,
    pictures: int = 1,
    share: bool = False,
) -> tuple[dict[str, Any], str, str, dict[str, Any]]:
    """The whole journey: describe the clip, paint it, play music that matches.

    Parameters:
        audio: the clip; in Python: handle_file("clip.mp3")
        seconds: length of the new music
        seed: 0 to 4294967295, for the picture and the music; drawn when left out
        engine: a name from /engines, or auto
        layout_strength: how strongly the clip shapes the picture, from 0 (the words alone) to 1 (its drawing alone);
            as the model likes when left out
        pictures: how many are painted, 1 to 9, with this seed and the next ones
        share: true also makes a film of the picture and the music
    Returns:
        the answer of /describe, the PNG, the WAV, and {seed, image, music (with match), pictures (seed and files of
        each), files {png, wav, flac, mp3, midi, mp4}}
    """
    path = given.clip_path(audio)
    journey = functools.partial(
        _travelled,
        path,
        seconds=given.number("length", seconds, default=10.0),
        seed=given.seed(seed),
        engine=given.text("engine", engine or "auto"),
        layout_strength=given.number("strength of the layout", layout_strength),
        pictures=given.count("number of pictures", pictures),
        share=bool(share),
    )
    return await awaited(journey)


def _travelled(
    path: Path, progress: Progress, *, seconds: float, seed: int, engine: str, layout_strength: float | None,
    pictures: int, share: bool,
) -> tuple[dict[str, Any], Any, Any, dict[str, Any]]:  # fmt: skip
    from pipelines.journey import description_json, travel

    with GENERATION.taken(progress), job_folder() as folder:
        for stage in travel(
            path, out=folder, seconds=seconds, seed=seed, engine=engine, layout_strength=layout_strength,
            pictures=pictures, share=share, progress=progress,
        ):  # fmt: skip
            journey = stage
    if journey.image is None or journey.music is None or journey.picture is None or journey.files is None:
        raise RuntimeError("the journey ended before its last stage")
    views: list[dict[str, Any]] = [
        {"seed": image.request.seed, "files": {"png": given.file_record(path)}}
        for image, path in ((journey.image, journey.picture), *journey.other_pictures)
    ]
    film = given.file_record(journey.video) if journey.video else None
    files = views[0]["files"] | given.clip_records(journey.files) | {"mp4": film}
    about = {"seed": seed, "image": painting.about(journey.image), "music": playing.about(journey.music)}
    return (
        description_json(journey.description), files["png"], files["wav"], about | {"pictures": views, "files": files}
    )  # fmt: skip


def engines() -> list[dict[str, Any]]:
    """The music engines with their capabilities, limits, models and licences."""
    from pipelines.compose import engines as listed

    return listed()


def adapters() -> list[dict[str, Any]]:
    """The LoRA adapters for pictures with what they do and their licences."""
    from pipelines.illustrate import adapters as listed

    # Without the path: it is the server's own affair, and clients take a record with a path for a file to fetch.
    return [{name: value for name, value in row.items() if name != "path"} for row in listed()]


def health() -> dict[str, Any]:
    """Versions, the tier of each model, which models are loaded, and whether loading ahead is done."""
    from core.models import LOADED, resolve

    packages = ("gradio", "torch", "keras", "diffusers", "transformers", "librosa", "numpy")
    return {
        "status": "ready" if READINESS.settled else "loading",
        "versions": {name: version(name) for name in packages},
        "tier": {job: resolve(job).tier for job in ("image", "music")},
        "models": {job: resolve(job).name for job in ("image", "music")},
        "models_loaded": LOADED.names(),
        "parts": READINESS.parts(),
    }


QUICK: dict[str, Callable[..., Any]] = {
    "engines": engines, "adapters": adapters, "health": health, "estimate": playing.estimate,
}  # fmt: skip
GENERATING: dict[str, Callable[..., Any]] = {
    "illustrate": painting.illustrate, "illustrate_stream": painting.illustrate_stream, "compose": playing.compose,
    "compose_stream": playing.compose_stream, "run": run, "share": painting.share,
}  # fmt: skip


def register() -> None:
    """Add the endpoints to the Blocks that is being built. Generation is taken in turns (see page.jobs)."""
    gr.api(calm(describe), api_name="describe", concurrency_limit=2, concurrency_id="listening")
    for name, endpoint in GENERATING.items():
        gr.api(_one_by_one(calm(endpoint)), api_name=name, concurrency_limit=8, concurrency_id="generation")
    for name, endpoint in QUICK.items():
        gr.api(calm(endpoint), api_name=name, queue=False)


def _one_by_one(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint, its signature saying of an asynchronous generator what it yields: that is what gr.api reads."""
    signature = inspect.signature(endpoint)
    if get_origin(signature.return_annotation) is AsyncIterator:
        (item,) = get_args(signature.return_annotation)
        endpoint.__signature__ = signature.replace(return_annotation=item)  # type: ignore[attr-defined]
    return endpoint
