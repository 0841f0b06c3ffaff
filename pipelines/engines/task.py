"""What an engine is handed: `generate(loaded, task)` -> one GeneratedClip a request, in their order."""

from dataclasses import dataclass

from core.types import AudioClip, MusicRequest, OnSound, Progress, no_progress


@dataclass(frozen=True)
class Task:
    """Requests that differ in nothing but their seed, made in one batch.

    `source` is the clip that a continuation or a melody starts from. `on_sound` gets the first request's sound in
    consecutive pieces while it is made; an engine that cannot do so hands over the whole at the end.
    """

    requests: tuple[MusicRequest, ...]
    progress: Progress = no_progress
    source: AudioClip | None = None
    on_sound: OnSound | None = None
