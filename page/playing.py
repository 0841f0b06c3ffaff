"""The endpoints that play: /compose, /compose_stream and /estimate. Names, arguments and answers are a promise.

A stream's pieces are WAV files; joined they are the clip as it was heard while it was made. Its end is the answer that
/compose gives.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from core.types import AudioClip, GeneratedClip, MusicRequest, OnSound, Progress
from page import answers, order
from page import arguments as given
from page.jobs import GENERATION, awaited, streamed
from page.order import Delivery, Order
from page.outputs import job_folder
from page.stream import write_piece

Answer = tuple[Any, dict[str, Any]]


async def compose(
    prompt: str,
    engine: str = "auto",
    seconds: float = 10.0,
    seed: int | None = None,
    tempo_bpm: float | None = None,
    genre: str | None = None,
    emotion: str | None = None,
    key: str | None = None,
    instruments: list[str] | None = None,
    audio: gr.FileData | None = None,
    mode: str | None = None,
    prompt_s: float = 10.0,
    guidance: float | None = None,
    temperature: float | None = None,
    variations: int = 1,
    best_of: int = 1,
) -> tuple[str, dict[str, Any]]:
    """Make music from words, or from a clip. What is left out is taken from the words or chosen; the JSON says what.

    Parameters:
        prompt: what to play; may be empty with a clip or in the mode unconditional
        engine: a name from /engines, or auto
        seconds: the exact length, 1 to 300
        seed: 0 to 4294967295; drawn when left out
        tempo_bpm: beats a minute
        genre: one of the ten genres of /describe
        emotion: one of the nine emotions of /describe
        key: such as "A minor"
        instruments: a list of instrument words, or one string with commas
        audio: a clip to go on from, or whose tune to follow; in Python: handle_file("clip.mp3")
        mode: text, continue, melody or unconditional; left out: continue where there is a clip, else text
        prompt_s: how many of the clip's last seconds a continuation goes on from, 1 to 30
        guidance: how strictly the words are followed, 0 to 20
        temperature: how freely the model chooses, 0.05 to 2
        variations: how many clips are offered, 1 to 4, made in one batch
        best_of: make so many, 1 to 8, and keep the one that our ears find closest to what was asked
    Returns:
        the WAV, and the resolved request with its provenance, files {wav, flac, mp3, midi, joined}, midi_is_estimate,
        match (what was asked and what our ears got: answers, sentence, score), best_of (how it was chosen), variations
        (seed, chosen, match and files of each), beat_times_s, estimate_s and notes
    """
    wanted = _order(
        prompt=prompt, engine=engine, seconds=seconds, seed=seed, tempo_bpm=tempo_bpm, genre=genre, emotion=emotion,
        key=key, instruments=instruments, audio=audio, mode=mode, prompt_s=prompt_s, guidance=guidance,
        temperature=temperature, variations=variations, best_of=best_of,
    )  # fmt: skip
    return await awaited(lambda progress: _played(wanted, progress))


async def compose_stream(
    prompt: str,
    engine: str = "auto",
    seconds: float = 10.0,
    seed: int | None = None,
    tempo_bpm: float | None = None,
    genre: str | None = None,
    emotion: str | None = None,
    key: str | None = None,
    instruments: list[str] | None = None,
    audio: gr.FileData | None = None,
    mode: str | None = None,
    prompt_s: float = 10.0,
    guidance: float | None = None,
    temperature: float | None = None,
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Make music as /compose does, and hand it over in pieces while it is made.

    Parameters:
        prompt: what to play; may be empty with a clip or in the mode unconditional
        engine: a name from /engines, or auto
        seconds: the exact length, 1 to 300
        seed: 0 to 4294967295; drawn when left out
        tempo_bpm: beats a minute
        genre: one of the ten genres of /describe
        emotion: one of the nine emotions of /describe
        key: such as "A minor"
        instruments: a list of instrument words, or one string with commas
        audio: a clip to go on from, or whose tune to follow; in Python: handle_file("clip.mp3")
        mode: text, continue, melody or unconditional; left out: continue where there is a clip, else text
        prompt_s: how many of the clip's last seconds a continuation goes on from, 1 to 30
        guidance: how strictly the words are followed, 0 to 20
        temperature: how freely the model chooses, 0.05 to 2
    Returns:
        the next piece as WAV with {index, start_s, seconds, final: false}; at the end the answer of /compose, with
        final: true and the number of pieces as index
    """
    wanted = _order(
        prompt=prompt, engine=engine, seconds=seconds, seed=seed, tempo_bpm=tempo_bpm, genre=genre, emotion=emotion,
        key=key, instruments=instruments, audio=audio, mode=mode, prompt_s=prompt_s, guidance=guidance,
        temperature=temperature, variations=1, best_of=1,
    )  # fmt: skip
    async for answer in streamed(lambda progress, give: _streamed(wanted, progress, give)):
        yield answer


def estimate(
    seconds: float = 10.0, engine: str = "auto", mode: str = "text", variations: int = 1, best_of: int = 1
) -> float | None:
    """Say how long /compose would take on this machine, by what it has made so far.

    Parameters:
        seconds: length of the music
        engine: a name from /engines, or auto
        mode: text, continue, melody or unconditional
        variations: how many clips are offered
        best_of: among how many the best is chosen
    Returns:
        seconds, or null where nothing is known; loading a model is not counted
    """
    wanted = _order(
        prompt="", engine=engine, seconds=seconds, seed=0, tempo_bpm=None, genre=None, emotion=None, key=None,
        instruments=None, audio=None, mode=mode, prompt_s=10.0, guidance=None, temperature=None,
        variations=variations, best_of=best_of,
    )  # fmt: skip
    order.check(wanted)
    return _rounded(order.estimate_s(wanted))


def _order(
    *, prompt: Any, engine: Any, seconds: Any, seed: Any, tempo_bpm: Any, genre: Any, emotion: Any, key: Any,
    instruments: Any, audio: Any, mode: Any, prompt_s: Any, guidance: Any, temperature: Any, variations: Any,
    best_of: Any,
) -> Order:  # fmt: skip
    """The order that these arguments spell. Raises UserError for values of the wrong kind."""
    source = None if audio is None else given.clip_path(audio)
    request = MusicRequest(
        prompt=given.text("prompt", prompt),
        engine=given.text("engine", engine or "auto"),
        seconds=given.number("length", seconds, default=10.0),
        seed=given.seed(seed),
        tempo_bpm=given.number("tempo", tempo_bpm),
        genre=given.word("genre", genre),
        emotion=given.word("emotion", emotion),
        key=given.word("key", key),
        instruments=given.instruments(instruments),
        guidance=given.number("guidance", guidance),
        temperature=given.number("temperature", temperature),
        mode=given.word("mode", mode) or ("continue" if source else "text"),
        prompt_s=given.number("length of the prompt from the clip", prompt_s, default=10.0),
        source=source.name if source else "",
    )
    n_variations = given.count("number of variations", variations)
    return Order(request, n_variations, given.count("number of clips to choose the best of", best_of), source)


def _played(wanted: Order, progress: Progress, on_sound: OnSound | None = None) -> Answer:
    """What /compose answers."""
    expected_s = order.estimate_s(wanted)
    with GENERATION.taken(progress), job_folder() as folder:
        delivery = order.deliver(wanted, progress, on_sound)
        takes = [_take(delivery, index, folder) for index in range(len(delivery.clips))]
    files = takes[delivery.chosen]["files"]
    told = {"files": files, "variations": takes, "best_of": delivery.best_of, "estimate_s": _rounded(expected_s)}
    return files["wav"], about(delivery.result) | told


def _take(delivery: Delivery, index: int, folder: Any) -> dict[str, Any]:
    made = delivery.clips[index]
    return {
        "seed": made.request.seed,
        "chosen": index == delivery.chosen,
        "match": answers.as_json(made.match),
        "files": given.clip_records(order.save(delivery, made, folder)),
    }


def about(made: GeneratedClip) -> dict[str, Any]:
    """The resolved request of a clip with its provenance, and what our ears got of it."""
    from pipelines.journey import result_json

    return result_json(made) | {
        "match": answers.as_json(made.match),
        "midi_is_estimate": made.midi_is_estimate,
        "beat_times_s": [round(t, 4) for t in order.beat_times_s(made)],
        "notes": list(order.notes(made)),
    }


def _streamed(wanted: Order, progress: Progress, give: Callable[[Answer], None]) -> Answer:
    """What /compose answers; the pieces are given on the way."""
    n_pieces, start_s = 0, 0.0

    def piece(clip: AudioClip) -> None:
        nonlocal n_pieces, start_s
        if clip.samples.shape[1] == 0:
            return
        record = given.file_record(write_piece(clip, folder, n_pieces))
        give((record, {"index": n_pieces, "start_s": start_s, "seconds": clip.seconds, "final": False}))
        n_pieces, start_s = n_pieces + 1, start_s + clip.seconds

    with job_folder() as folder:
        wav, about = _played(wanted, progress, piece)
    return wav, about | {"index": n_pieces, "start_s": 0.0, "final": True}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
