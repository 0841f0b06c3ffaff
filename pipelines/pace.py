"""How long music takes: an estimate before it starts, and what is left while it is made.

Nothing is known of a machine beforehand, so the first values are those of two plain cores; from then on every finished
run is remembered (a moving average of the seconds taken per second of music, by engine, model, device and batch), in
this process only. Loading a model is not counted: it happens once.
"""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.models import Model
from core.types import MusicRequest, Progress

FIRST_S_PER_S = {"rules": 0.03, "bundled": 0.08, "full": 8.0}
"""Seconds taken per second of music by tier on two cores, until there is experience."""
FULL_ON_GPU_S_PER_S = 0.8
WEIGHT_OF_NEWEST = 0.4
TOLD_FROM_S = 1.5
"""Less than this is not worth telling."""
_SURE_FROM = 0.5
"""The part of the work after which its own speed says all; before, the estimate counts as well."""


@dataclass(frozen=True)
class Kind:
    """What the speed depends on; `batch` is how many clips are made at once."""

    engine: str
    model: str
    tier: str
    device: str
    batch: int


_learned: dict[Kind, float] = {}
_guard = threading.Lock()


def estimate_s(request: MusicRequest, *, n: int = 1) -> float | None:
    """Seconds that `n` clips for a checked or unchecked request will take; None where its engine is not known."""
    from pipelines.compose import DEFAULT, ENGINES, model_of

    engine = DEFAULT if request.engine == "auto" else request.engine
    if engine not in ENGINES:
        return None
    return expected_s(kind_of(engine, model_of(engine), batch=n), n * request.seconds)


def kind_of(engine: str, model: Model, *, batch: int) -> Kind:
    """The kind of a run here and now; a device is only asked for where torch has been loaded for it."""
    device = "cpu"
    if model.tier != "rules" and "torch" in sys.modules:
        from core.runtime import compute

        device = compute().device
    return Kind(engine, f"{model.where}@{model.revision}", model.tier, device, batch)


def expected_s(kind: Kind, music_s: float) -> float:
    """Seconds for `music_s` seconds of music in all: by experience (the nearest batch), else by a first guess."""
    with _guard:
        known = [(abs(other.batch - kind.batch), rate) for other, rate in _learned.items() if _alike(other, kind)]
    if known:
        return min(known)[1] * music_s
    on_gpu = kind.tier == "full" and kind.device != "cpu"
    return (FULL_ON_GPU_S_PER_S if on_gpu else FIRST_S_PER_S.get(kind.tier, 1.0)) * music_s


def _alike(one: Kind, other: Kind) -> bool:
    return (one.engine, one.model, one.device) == (other.engine, other.model, other.device)


def learn(kind: Kind, music_s: float, taken_s: float) -> None:
    """Remember that `music_s` seconds of music took `taken_s` seconds."""
    rate = taken_s / music_s
    with _guard:
        before = _learned.get(kind, rate)
        _learned[kind] = before + WEIGHT_OF_NEWEST * (rate - before)


def forget() -> None:
    """Forget all runs (for tests, and after a change of machine)."""
    with _guard:
        _learned.clear()


def remaining_s(fraction: float, elapsed_s: float, *, expected_s: float | None = None) -> float | None:
    """Seconds left when `fraction` of the work took `elapsed_s`; at first the estimate counts more.

    None where nothing can be said: nothing done and nothing expected.
    """
    fraction = min(1.0, max(0.0, fraction))
    by_speed = elapsed_s * (1 - fraction) / fraction if fraction > 0 else None
    if expected_s is None:
        return by_speed
    by_estimate = max(expected_s - elapsed_s, expected_s * (1 - fraction) * 0.5)
    if by_speed is None:
        return by_estimate
    trust = min(1.0, fraction / _SURE_FROM)
    return trust * by_speed + (1 - trust) * by_estimate


def told(progress: Progress, expected_s: float | None, *, clock: Callable[[], float] = time.monotonic) -> Progress:
    """`progress` with what is left in its words, such as "composing, about 4 s left"; the clock starts now."""
    started = clock()

    def telling(fraction: float, what: str) -> None:
        left = remaining_s(fraction, clock() - started, expected_s=expected_s)
        progress(fraction, what if left is None or left < TOLD_FROM_S else f"{what}, about {in_words(left)} left")

    return telling


def in_words(seconds: float) -> str:
    """Such as "4 s" or "2 min"; from ten seconds on in steps that do not flicker."""
    if seconds < 9.5:
        return f"{max(1, round(seconds))} s"
    if seconds < 57.5:
        return f"{5 * round(seconds / 5)} s"
    return f"{round(seconds / 60) or 1} min"
