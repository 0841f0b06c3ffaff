"""The third verb: MusicRequest -> GeneratedClip, by one of several engines.

An engine is a module with LABEL, CAPABILITIES (or `capabilities(model)` where models differ), SECONDS (shortest and
longest clip), `model()` (its row of the model table, cheap), `load(compute)` and `generate(loaded, task)`. A new engine
is one file and one line in ENGINES. What it hands back is mastered here, once, and heard by our own ears. Importing
this module loads no model and no torch.
"""

import importlib
import math
import threading
import time
from dataclasses import replace
from types import ModuleType
from typing import Any, cast

import numpy as np

from core.errors import UserError
from core.mastering import LiveMaster, master
from core.models import LOADED, Model
from core.prompts import clean_prompt
from core.runtime import MAX_SEED, check_seed, compute, turn
from core.types import MUSIC_MODES, AudioClip, GeneratedClip, MusicRequest, OnSound, Progress, no_progress
from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, KEYS
from pipelines import pace
from pipelines.engines.task import Task
from pipelines.finishing import finished

ENGINES: dict[str, str] = {
    "musicgen": "pipelines.engines.musicgen",
    "composer": "pipelines.engines.composer",
}
DEFAULT = "musicgen"
TEMPO_BPM = (30.0, 240.0)
GUIDANCE = (0.0, 20.0)
TEMPERATURE = (0.05, 2.0)
PROMPT_S = (1.0, 30.0)
MOST_VARIATIONS = 8
WITH_SOURCE = ("continue", "melody")
"""The modes that start from a clip."""
MODE_WORDS = {
    "text": "music from words",
    "continue": "a continuation",
    "melody": "music on a given melody",
    "unconditional": "music without words",
}

_MADE = 0.9
"""How far the progress is when the engine is done; mastering and listening are the rest."""
_BUSY: dict[str, threading.Lock] = {}
_BUSY_GUARD = threading.Lock()


def compose(
    request: MusicRequest,
    *,
    source: AudioClip | None = None,
    progress: Progress = no_progress,
    on_sound: OnSound | None = None,
) -> GeneratedClip:
    """Make the music that `request` asks for: `clip` of exactly that many seconds, the request fully resolved.

    `source` is the clip that "continue" and "melody" start from; other modes leave it alone. `on_sound` gets the sound
    in pieces while it is made, mastered on the way. Raises UserError for a request that cannot be met, Cancelled when
    `progress` raises it (within one step). Requests for one model queue up; those for different engines run side by
    side.
    """
    return _make(check(request, source=source), 1, source, progress, on_sound)[0]


def variations(
    request: MusicRequest, n: int, *, source: AudioClip | None = None, progress: Progress = no_progress
) -> list[GeneratedClip]:
    """`n` (1 to 8) clips that differ in nothing but their seed, request.seed and those after it, made in one batch."""
    check_number(n)
    return _make(check(request, source=source), n, source, progress, None)


def best_of(
    request: MusicRequest, n: int, *, source: AudioClip | None = None, progress: Progress = no_progress
) -> GeneratedClip:
    """Make `n` variations and keep the one that answers the request best.

    details["best_of"] has "n", "chosen" (its index), "seeds", "scores" and a "sentence" that says so.
    """
    from pipelines.match import best

    return best(variations(request, n, source=source, progress=progress))


def estimated_midi(result: GeneratedClip) -> GeneratedClip:
    """The clip with MIDI notes that were heard in it, where its engine wrote none: an estimate, and marked as one."""
    if result.midi is not None:
        return result
    from pipelines.engines.transcription import midi_estimate

    return replace(result, midi=midi_estimate(result.clip), midi_is_estimate=True)


def warm() -> None:
    """Load the default engine's model and what mastering needs, so that the first request does not wait for it."""
    _load(DEFAULT, no_progress)
    master(AudioClip(np.random.default_rng(0).normal(0, 0.3, (1, 32_000)).astype(np.float32), 32_000))


def engines() -> list[dict[str, Any]]:
    """One plain-valued record an engine: name, label, tier, model, licence, capabilities, limits. Loads no model."""
    return [_record(name, _engine(name)) for name in ENGINES]


def model_of(name: str) -> Model:
    """The row of the model table that the engine `name` uses at present."""
    return cast(Model, _engine(name).model())


def check(request: MusicRequest, *, source: AudioClip | None = None) -> MusicRequest:
    """The request cleaned: engine named, control characters gone from the prompt, everything within its limits.

    Raises UserError, a sentence for each thing that can be wrong.
    """
    name = DEFAULT if request.engine == "auto" else request.engine
    _one_of("engine", name, ("auto", *ENGINES))
    shortest_s, longest_s = _engine(name).SECONDS
    _within("length", request.seconds, (shortest_s, longest_s), unit=" seconds")
    for what, value, limits, unit in (
        ("tempo", request.tempo_bpm, TEMPO_BPM, " bpm"),
        ("guidance", request.guidance, GUIDANCE, ""),
        ("temperature", request.temperature, TEMPERATURE, ""),
        ("length of the prompt from the clip", request.prompt_s, PROMPT_S, " seconds"),
    ):
        if value is not None:
            _within(what, value, limits, unit=unit)
    for what, word, choices in (
        ("genre", request.genre, GENRES),
        ("emotion", request.emotion, EMOTIONS),
        ("key", request.key, KEYS),
        ("mode", request.mode, MUSIC_MODES),
    ):
        if word is not None:
            _one_of(what, word, choices)
    for word in request.instruments:
        _one_of("instrument", word, tuple(INSTRUMENTS))
    _check_mode(name, request.mode, source)
    return replace(request, engine=name, prompt=clean_prompt(request.prompt), seed=check_seed(request.seed))


def check_number(n: int) -> None:
    """Raise UserError for a number of variations that cannot be made at once."""
    if isinstance(n, bool) or n != int(n):
        raise UserError(f"The number of variations {n} is not a whole number.", f"Use 1 to {MOST_VARIATIONS}.")
    _within("number of variations", n, (1, MOST_VARIATIONS), unit="")


def _check_mode(engine: str, mode: str, source: AudioClip | None) -> None:
    if not _is_able(engine, mode):
        able = [name for name in ENGINES if _is_able(name, mode)]
        hint = f"Choose the engine {' or '.join(able)}." if able else "No engine here can: choose another mode."
        raise UserError(f"The engine {engine} cannot make {MODE_WORDS[mode]}.", hint)
    if mode in WITH_SOURCE and source is None:
        raise UserError(f"There is no clip for {MODE_WORDS[mode]}.", "Give one, or choose the mode text.")


def _is_able(engine: str, mode: str) -> bool:
    return mode == "text" or mode in _capabilities(_engine(engine), model_of(engine))


def _within(what: str, value: float, limits: tuple[float, float], *, unit: str) -> None:
    least, most = limits
    if isinstance(value, bool) or not math.isfinite(value) or not least <= value <= most:
        raise UserError(f"The {what} {value:g}{unit} is out of range.", f"It can be from {least:g} to {most:g}{unit}.")


def _one_of(what: str, word: str, choices: tuple[str, ...]) -> None:
    if word not in choices:
        raise UserError(f"There is no {what} called {word[:60]!r}.", f"Choose one of: {', '.join(choices)}.")


def _engine(name: str) -> ModuleType:
    return importlib.import_module(ENGINES[name])


def _key(name: str, model: Model) -> str:
    """The cache key: another directory or revision is another model."""
    return f"{name}:{model.where}@{model.revision}"


def _load(name: str, progress: Progress) -> Any:
    engine = _engine(name)
    key = _key(name, engine.model())
    if key not in LOADED.names():
        progress(0.0, f"loading {engine.LABEL}")
    return LOADED.get(key, lambda: engine.load(compute()))


def _lock(key: str) -> threading.Lock:
    """The lock of one model: it makes one piece at a time."""
    with _BUSY_GUARD:
        return _BUSY.setdefault(key, threading.Lock())


def _record(name: str, engine: ModuleType) -> dict[str, Any]:
    model = engine.model()
    return {
        "name": name,
        "label": engine.LABEL,
        "tier": model.tier,
        "model": model.name,
        "licence": model.licence,
        "capabilities": _capabilities(engine, model),
        "limits": {"min_seconds": engine.SECONDS[0], "max_seconds": engine.SECONDS[1]},
        "default": name == DEFAULT,
    }


def _capabilities(engine: ModuleType, model: Model) -> list[str]:
    """What the engine can do with this model; one whose models differ says so in a function `capabilities(model)`."""
    differs = getattr(engine, "capabilities", None)
    return list(differs(model) if differs else engine.CAPABILITIES)


def _make(
    request: MusicRequest, n: int, source: AudioClip | None, progress: Progress, on_sound: OnSound | None
) -> list[GeneratedClip]:
    """`n` clips for a checked request: made in one batch, mastered, heard."""
    source = source if request.mode in WITH_SOURCE else None
    request = replace(request, source=(request.source or source.name) if source else "")
    requests = tuple(replace(request, seed=(request.seed + i) % (MAX_SEED + 1)) for i in range(n))
    engine, model, music_s = _engine(request.engine), model_of(request.engine), n * request.seconds
    loaded = _load(request.engine, progress)
    kind = pace.kind_of(request.engine, model, batch=n)
    with turn(_lock(_key(request.engine, model)), progress, "waiting for the piece before this one"):
        started = time.monotonic()
        telling = pace.told(progress, pace.expected_s(kind, music_s))
        clips = _generated(engine, loaded, Task(requests, _part(telling, 0.0, _MADE), source, on_sound))
    then = _part(telling, _MADE, 1.0)
    done = [
        finished(clip, asked, _part(then, i / n, (i + 1) / n))
        for i, (clip, asked) in enumerate(zip(clips, requests, strict=True))
    ]
    pace.learn(kind, music_s, time.monotonic() - started)
    telling(1.0, "played")
    return done


def _generated(engine: ModuleType, loaded: Any, task: Task) -> list[GeneratedClip]:
    """What the engine makes of the task; its pieces are mastered on their way to whoever listens."""
    if task.on_sound is None:
        return cast(list[GeneratedClip], engine.generate(loaded, task))
    live = LiveMaster(task.on_sound)
    clips = engine.generate(loaded, replace(task, on_sound=live.push))
    live.finish()
    return cast(list[GeneratedClip], clips)


def _part(progress: Progress, start: float, end: float) -> Progress:
    """A stage's own 0..1 mapped into its part of the whole."""
    return lambda fraction, what: progress(start + (end - start) * fraction, what)
