"""The named endpoints: what other people's scripts call. Names, arguments and answers are a promise.

Arguments arrive as plain JSON values (gr.api converts nothing), so they are checked here, one sentence each. Files are
answered as Gradio's FileData records: the Python client turns them into downloaded paths, anyone else finds a `url`.
"""

import math
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gradio as gr
from gradio_client import utils as client_files

from core.errors import UserError
from core.files import SavedClip, save_clip, save_picture
from core.runtime import MAX_SEED, check_seed, draw_seed
from core.types import ImageRequest, MusicRequest, no_progress
from page.faults import calm
from page.history import file_url
from page.jobs import GENERATION
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

    return description_json(describe_file(clip_path(audio)))


def illustrate(
    prompt: str,
    negative_prompt: str = "",
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size_px: int | None = None,
    adapter: str | None = None,
    adapter_weight: float = 1.0,
) -> tuple[str, dict[str, Any]]:
    """Paint a picture from words. What is left out the model chooses; the JSON says what was chosen.

    Parameters:
        prompt: what to paint
        negative_prompt: what to keep out
        seed: 0 to 4294967295; drawn when left out
        steps: denoising steps
        guidance: how strictly the words are followed
        size_px: width and height in pixels
        adapter: a LoRA style, by its name in /adapters
        adapter_weight: how strongly the style is applied
    Returns:
        the PNG (its settings inside), and the resolved request with its provenance
    """
    from pipelines.illustrate import illustrate as paint
    from pipelines.journey import result_json

    request = ImageRequest(
        prompt=_text("prompt", prompt),
        negative_prompt=_text("negative prompt", negative_prompt or ""),
        seed=_seed(seed),
        steps=_whole("number of steps", steps),
        guidance=_number("guidance", guidance),
        size_px=_whole("size", size_px),
        adapters=((_text("adapter", adapter), _number("adapter weight", adapter_weight, default=1.0)),)
        if adapter
        else (),
    )
    with GENERATION.taken(no_progress), job_folder() as folder:
        result = paint(request)
        path = save_picture(result, folder)
    return file_record(path), result_json(result) | {"files": {"png": file_record(path)}}


def compose(
    prompt: str,
    engine: str = "auto",
    seconds: float = 10.0,
    seed: int | None = None,
    tempo_bpm: float | None = None,
    genre: str | None = None,
    emotion: str | None = None,
    key: str | None = None,
    instruments: list[str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Make music from words. What is left out is taken from the words or chosen; the JSON says what was chosen.

    Parameters:
        prompt: what to play
        engine: a name from /engines, or auto
        seconds: the exact length
        seed: 0 to 4294967295; drawn when left out
        tempo_bpm: beats a minute
        genre: one of the ten genres of /describe
        emotion: one of the nine emotions of /describe
        key: such as "A minor"
        instruments: a list of instrument words, or one string with commas
    Returns:
        the WAV, and the resolved request with its provenance and files {wav, mp3, midi}
    """
    from pipelines.compose import compose as play
    from pipelines.journey import result_json

    request = MusicRequest(
        prompt=_text("prompt", prompt),
        engine=_text("engine", engine or "auto"),
        seconds=_number("length", seconds, default=10.0),
        seed=_seed(seed),
        tempo_bpm=_number("tempo", tempo_bpm),
        genre=_word("genre", genre),
        emotion=_word("emotion", emotion),
        key=_word("key", key),
        instruments=_instruments(instruments),
    )
    with GENERATION.taken(no_progress), job_folder() as folder:
        result = play(request)
        files = save_clip(result, folder)
    return file_record(files.wav), result_json(result) | {"files": clip_records(files)}


def run(
    audio: gr.FileData, seconds: float = 10.0, seed: int | None = None, engine: str = "auto"
) -> tuple[dict[str, Any], str, str, dict[str, Any]]:
    """The whole journey: describe the clip, paint it, play music that matches.

    Parameters:
        audio: the clip; in Python: handle_file("clip.mp3")
        seconds: length of the new music
        seed: 0 to 4294967295, for the picture and the music; drawn when left out
        engine: a name from /engines, or auto
    Returns:
        the answer of /describe, the PNG, the WAV, and {seed, image, music, files {png, wav, mp3, midi}}
    """
    from pipelines.journey import description_json, result_json, travel

    path, seed = clip_path(audio), _seed(seed)
    length, engine = _number("length", seconds, default=10.0), _text("engine", engine or "auto")
    with GENERATION.taken(no_progress), job_folder() as folder:
        for stage in travel(path, out=folder, seconds=length, seed=seed, engine=engine):
            journey = stage
    if journey.image is None or journey.music is None or journey.picture is None or journey.files is None:
        raise RuntimeError("the journey ended before its last stage")
    files = {"png": file_record(journey.picture)} | clip_records(journey.files)
    about = {"seed": seed, "image": result_json(journey.image), "music": result_json(journey.music), "files": files}
    return description_json(journey.description), files["png"], files["wav"], about


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


QUICK: dict[str, Callable[..., Any]] = {"engines": engines, "adapters": adapters, "health": health}
GENERATING: dict[str, Callable[..., Any]] = {"illustrate": illustrate, "compose": compose, "run": run}


def register() -> None:
    """Add the endpoints to the Blocks that is being built. Generation is taken in turns (see page.jobs)."""
    gr.api(calm(describe), api_name="describe", concurrency_limit=2, concurrency_id="listening")
    for name, endpoint in GENERATING.items():
        gr.api(calm(endpoint), api_name=name, concurrency_limit=8, concurrency_id="generation")
    for name, endpoint in QUICK.items():
        gr.api(calm(endpoint), api_name=name, queue=False)


def clip_path(audio: Any) -> Path:
    """The uploaded file of a FileData record. Only uploads are read: a bare path would name a file of the server's."""
    if audio is None:
        raise UserError("There is no clip.", "Send a sound file; in Python: handle_file('clip.mp3').")
    if not client_files.is_file_obj_with_meta(audio):
        raise UserError("The clip did not arrive as a file.", "In Python: handle_file('clip.mp3').")
    return Path(audio["path"])


def file_record(path: Path) -> Any:
    """A result file as Gradio's FileData record."""
    return {
        "path": str(path),
        "url": "/" + file_url(path),
        "orig_name": path.name,
        "size": path.stat().st_size,
        "meta": {"_type": "gradio.FileData"},
    }


def clip_records(files: SavedClip) -> dict[str, Any]:
    return {
        "wav": file_record(files.wav),
        "mp3": file_record(files.mp3),
        "midi": file_record(files.midi) if files.midi else None,
    }


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UserError(f"The {what} is not text.", "Send a string.")
    return value


def _word(what: str, value: Any) -> str | None:
    return None if value is None or value == "" else _text(what, value)


def _number(what: str, value: Any, *, default: float | None = None) -> Any:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(f"The {what} is not a number.", "Send a number, or leave it out.")
    return float(value)


def _whole(what: str, value: Any) -> int | None:
    number = _number(what, value)
    if number is not None and number != int(number):
        raise UserError(f"The {what} {number:g} is not a whole number.", "Send a whole number, or leave it out.")
    return None if number is None else int(number)


def _seed(value: Any) -> int:
    if value is None:
        return draw_seed()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError("The seed is not a number.", f"Use a whole number from 0 to {MAX_SEED}, or leave it out.")
    return check_seed(value)  # type: ignore[arg-type]


def _instruments(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise UserError("The instruments are not a list of words.", 'Send a list such as ["piano", "cello"].')
    return tuple(word.strip() for word in words if word.strip())
