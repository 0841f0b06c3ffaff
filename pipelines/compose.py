"""The third verb: MusicRequest -> GeneratedClip, by one of several engines.

An engine is a module with LABEL, CAPABILITIES, SECONDS (shortest and longest clip), `model()` (its row of the model
table, cheap), `load(compute)` and `generate(loaded, request, progress)`. A new engine is one file and one line in
ENGINES. Importing this module loads no model and no torch.
"""

import importlib
import math
import threading
from dataclasses import replace
from types import ModuleType
from typing import Any, cast

from core.errors import UserError
from core.models import LOADED, Model
from core.prompts import clean_prompt
from core.runtime import check_seed, compute, turn
from core.types import GeneratedClip, MusicRequest, Progress, no_progress
from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, KEYS

ENGINES: dict[str, str] = {
    "musicgen": "pipelines.engines.musicgen",
    "composer": "pipelines.engines.composer",
}
DEFAULT = "musicgen"
TEMPO_BPM = (30.0, 240.0)
GUIDANCE = (0.0, 20.0)
TEMPERATURE = (0.05, 2.0)

_BUSY: dict[str, threading.Lock] = {}
_BUSY_GUARD = threading.Lock()


def compose(request: MusicRequest, *, progress: Progress = no_progress) -> GeneratedClip:
    """Make the music that `request` asks for: `clip` of exactly that many seconds, the request fully resolved.

    Raises UserError for a request that cannot be met, Cancelled when `progress` raises it (within one step).
    Requests for one model queue up; those for different engines run side by side.
    """
    request = check(request)
    engine = _engine(request.engine)
    loaded = _load(request.engine, progress)
    with turn(_lock(_key(request.engine, engine.model())), progress, "waiting for the piece before this one"):
        clip = engine.generate(loaded, request, progress)
    return cast(GeneratedClip, clip)


def warm() -> None:
    """Load the default engine's model into the cache, so that the first request does not wait for it."""
    _load(DEFAULT, no_progress)


def engines() -> list[dict[str, Any]]:
    """One plain-valued record an engine: name, label, tier, model, licence, capabilities, limits. Loads no model."""
    return [_record(name, _engine(name)) for name in ENGINES]


def check(request: MusicRequest) -> MusicRequest:
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
    ):
        if value is not None:
            _within(what, value, limits, unit=unit)
    for what, word, choices in (
        ("genre", request.genre, GENRES),
        ("emotion", request.emotion, EMOTIONS),
        ("key", request.key, KEYS),
    ):
        if word is not None:
            _one_of(what, word, choices)
    for word in request.instruments:
        _one_of("instrument", word, tuple(INSTRUMENTS))
    return replace(request, engine=name, prompt=clean_prompt(request.prompt), seed=check_seed(request.seed))


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
    # The full tier's tokens are sound, not notes: nothing to write into a MIDI file, and the tempo is a wish.
    lacking = ("midi", "exact tempo") if model.tier == "full" else ()
    return {
        "name": name,
        "label": engine.LABEL,
        "tier": model.tier,
        "model": model.name,
        "licence": model.licence,
        "capabilities": [c for c in engine.CAPABILITIES if c not in lacking],
        "limits": {"min_seconds": engine.SECONDS[0], "max_seconds": engine.SECONDS[1]},
        "default": name == DEFAULT,
    }
