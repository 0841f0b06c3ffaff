"""An order for music, as the page and the endpoints place it: how many clips are made, which is kept, what is written.

Several clips are one batch. With `best_of` the ears choose among them, and `variations` says how many are offered; more
variations than `best_of` are never thrown away unheard, so the larger of the two is made.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.files import SavedClip, save_clip
from core.types import AudioClip, GeneratedClip, MusicRequest, OnSound, Progress

MOST_VARIATIONS, MOST_TRIED = 4, 8


@dataclass(frozen=True)
class Order:
    """Music to make. `source` is the sound file that a continuation or a tune starts from."""

    request: MusicRequest
    variations: int = 1
    best_of: int = 1
    source: Path | None = None

    @property
    def n(self) -> int:
        """How many clips are made."""
        return max(self.variations, self.best_of)


@dataclass(frozen=True)
class Delivery:
    """What was made of an order: the clips that are offered, by their seeds, and the index of the one that is the
    result. `best_of` says how it was chosen; None where the ears did not choose."""

    clips: tuple[GeneratedClip, ...]
    chosen: int = 0
    source: AudioClip | None = None
    best_of: dict[str, Any] | None = None

    @property
    def result(self) -> GeneratedClip:
        return self.clips[self.chosen]


def check(order: Order) -> None:
    """Raise UserError for numbers of clips that cannot be made."""
    for what, n, most in (
        ("number of variations", order.variations, MOST_VARIATIONS),
        ("number of clips to choose the best of", order.best_of, MOST_TRIED),
    ):
        if not 1 <= n <= most:
            raise UserError(f"The {what} {n} is out of range.", f"It can be from 1 to {most}.")


def estimate_s(order: Order) -> float | None:
    """Seconds that the order will take on this machine; None where nothing is known of its engine."""
    from pipelines import pace

    return pace.estimate_s(order.request, n=order.n)


def deliver(order: Order, progress: Progress, on_sound: OnSound | None = None) -> Delivery:
    """Make what was ordered. A single clip is given to `on_sound` in pieces while it is made.

    Raises UserError for an order that cannot be met, Cancelled when `progress` raises it.
    """
    from pipelines import compose

    check(order)
    source = _source(order, progress)
    if order.n == 1:
        made = compose.compose(order.request, source=source, progress=progress, on_sound=on_sound)
        return Delivery((with_notes(made),), source=source)
    clips = compose.variations(order.request, order.n, source=source, progress=progress)
    if order.best_of == 1:
        return Delivery(tuple(map(with_notes, clips)), source=source)
    return _offered(clips, order.variations, source)


def _source(order: Order, progress: Progress) -> AudioClip | None:
    from core.audio import read_clip
    from pipelines.compose import WITH_SOURCE

    if order.source is None or order.request.mode not in WITH_SOURCE:
        return None
    progress(0.0, "Reading the clip")
    return read_clip(order.source).clip


def _offered(clips: list[GeneratedClip], n: int, source: AudioClip | None) -> Delivery:
    """The best of the clips, and beside it the next best until there are `n`."""
    from pipelines.match import best

    kept = best(clips)
    told: dict[str, Any] = dict(kept.details["best_of"])  # type: ignore[call-overload]
    scores, chosen = list(told["scores"]), int(told["chosen"])
    others = sorted((i for i in range(len(clips)) if i != chosen), key=lambda i: -float(scores[i]))
    shown = sorted([chosen, *others[: n - 1]])
    offered = tuple(with_notes(kept if i == chosen else clips[i]) for i in shown)
    return Delivery(offered, shown.index(chosen), source, told)


def save(
    delivery: Delivery,
    made: GeneratedClip,
    folder: Path,
    *,
    name: str | None = None,
    words: dict[str, Any] | None = None,
    cover: Path | None = None,
) -> SavedClip:
    """Write one clip of a delivery in all its forms, joined with its source where it goes on from one.

    Where there is no picture for a cover, one is drawn.
    """
    from pipelines.cover import cover_png
    from pipelines.joining import join

    going_on = made.request.mode == "continue" and delivery.source is not None
    joined = join(delivery.source, made) if going_on and delivery.source else None
    return save_clip(made, folder, name=name, words=words, cover=cover or cover_png(made), joined=joined)


def with_notes(made: GeneratedClip) -> GeneratedClip:
    """The clip with estimated MIDI where its engine wrote none and something here can hear notes."""
    from pipelines.compose import estimated_midi

    with suppress(UserError, ImportError):  # an estimate is a gift, not a promise
        return estimated_midi(made)
    return made


def beat_times_s(made: GeneratedClip) -> tuple[float, ...]:
    """The grid of the score; without one that of an exact tempo, else the beats that the ears found."""
    if made.beat_times_s:
        return made.beat_times_s
    if made.midi is not None and not made.midi_is_estimate and made.request.tempo_bpm:
        step_s = 60.0 / made.request.tempo_bpm
        return tuple(i * step_s for i in range(int(made.clip.seconds / step_s) + 1))
    return made.match.traits.beats.times_s if made.match else ()


def notes(made: GeneratedClip) -> list[str]:
    """What its engine could not do as asked, each a sentence."""
    said = made.details.get("notes")
    return [str(note) for note in said] if isinstance(said, list | tuple) else []
