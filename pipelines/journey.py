"""The whole journey of one clip, shared by /run and the command line: heard, described, painted, played, saved.

Stages arrive one by one, so that a caller can show the description while the picture is still being painted.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from classifiers.evidence import by_label
from core.files import SavedClip, describe_words, result_name, save_clip, save_picture
from core.types import (
    Description,
    GeneratedClip,
    GeneratedImage,
    ImageRequest,
    MusicRequest,
    Progress,
    Timeline,
    no_progress,
)
from pipelines.confidence import moments


@dataclass(frozen=True)
class Journey:
    """What is known so far; later stages fill in more."""

    description: Description
    image: GeneratedImage | None = None
    picture: Path | None = None
    music: GeneratedClip | None = None
    files: SavedClip | None = None


def image_request(description: Description, *, seed: int) -> ImageRequest:
    """The picture that a description asks for."""
    return ImageRequest(prompt=description.image_prompt, seed=seed)


def music_request(
    description: Description, *, seconds: float = 10.0, seed: int = 0, engine: str = "auto"
) -> MusicRequest:
    """The music that a description asks for: its tempo, key, genre and emotion as fields."""
    traits = description.traits
    return MusicRequest(
        prompt=description.music_prompt,
        engine=engine,
        seconds=seconds,
        seed=seed,
        tempo_bpm=float(round(traits.beats.tempo_bpm)),
        genre=traits.genre.top,
        emotion=traits.emotion.top,
        key=traits.key,
    )


def travel(
    path: Path,
    *,
    out: Path,
    seconds: float = 10.0,
    seed: int = 0,
    engine: str = "auto",
    adapters: tuple[tuple[str, float], ...] = (),
    progress: Progress = no_progress,
) -> Iterator[Journey]:
    """Describe, paint and play the clip at `path`; results are saved under `out`.

    Yields a Journey after each of the three stages. Raises UserError and Cancelled as the verbs do. The music request
    is checked before anything is made, so a bad number costs no waiting.
    """
    from pipelines import compose, describe, illustrate

    compose.check(MusicRequest(prompt="music", engine=engine, seconds=seconds, seed=seed))
    description = describe.describe_file(path, progress=_part(progress, 0.0, 0.1))
    yield (journey := Journey(description))
    words = describe_words(description)
    request = music_request(description, seconds=seconds, seed=seed, engine=engine)
    stem = result_name(
        genre=words["genre"], emotion=words["emotion"], tempo_bpm=request.tempo_bpm, seed=seed, when=datetime.now()
    )
    painting = replace(image_request(description, seed=seed), adapters=adapters)
    image = illustrate.illustrate(painting, progress=_part(progress, 0.1, 0.5))
    picture = save_picture(image, out, name=stem, words=words)
    yield (journey := replace(journey, image=image, picture=picture))
    music = compose.compose(request, progress=_part(progress, 0.5, 1.0))
    files = save_clip(music, out, name=stem, words=words, cover=picture)
    yield replace(journey, music=music, files=files)


def description_json(description: Description) -> dict[str, Any]:
    """The description as plain JSON values: what /describe answers."""
    traits = description.traits
    return {
        "caption": description.caption,
        "image_prompt": description.image_prompt,
        "music_prompt": description.music_prompt,
        "genre": {label: round(p, 4) for label, p in traits.genre.ranked()},
        "emotion": {label: round(p, 4) for label, p in traits.emotion.ranked()},
        "tempo_bpm": round(traits.beats.tempo_bpm, 1),
        "tempo_bpm_alternative": round(traits.beats.alternative_bpm, 1),
        "key": traits.key,
        "music_probability": round(traits.music_probability, 4),
        "seconds": round(traits.seconds, 3),
        "over_time": traits.timeline and _over_time(traits.timeline),
        "evidence": traits.timeline and _evidence(traits.timeline, traits.seconds),
        "moments": moments(traits),
        "warnings": list(description.warnings),
    }


def _over_time(timeline: Timeline) -> dict[str, Any]:
    """The distributions window by window: for every label one probability a window."""
    return {"window_s": timeline.window_s, "times_s": list(timeline.centres_s)} | {
        kind: {label: [round(scores.as_dict()[label], 4) for scores in windows] for label in windows[0].labels}
        for kind, windows in (("genre", timeline.genre), ("emotion", timeline.emotion))
    }


def _evidence(timeline: Timeline, seconds: float) -> dict[str, Any]:
    """Which seconds speak for (up to 1) or against (down to -1) every label."""
    return {"step_s": 1.0} | {
        kind: {label: strip.round(2).tolist() for label, strip in by_label(timeline, kind, seconds=seconds).items()}
        for kind in ("genre", "emotion")
    }


def result_json(result: GeneratedImage | GeneratedClip) -> dict[str, Any]:
    """A result's resolved request and provenance as plain JSON values."""
    return asdict(result.request) | {"provenance": asdict(result.provenance)}


def _part(progress: Progress, start: float, end: float) -> Progress:
    """A stage's own 0..1 mapped into its part of the whole."""
    return lambda fraction, what: progress(start + (end - start) * fraction, what)
