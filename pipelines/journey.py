"""The whole journey of one clip, shared by /run and the command line: heard, described, painted, played, filmed, saved.

Stages arrive one by one, so that a caller can show the description while the picture is still being painted.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from classifiers.evidence import by_label
from core.audio import read_clip
from core.files import SavedClip, describe_words, film_settings, result_name, save_clip, save_picture
from core.mastering import opened
from core.tags import title
from core.types import (
    AudioClip,
    Beats,
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
from pipelines.joining import join
from pipelines.layout import layout_of


@dataclass(frozen=True)
class Take:
    """One piece of music and where its files lie."""

    music: GeneratedClip
    files: SavedClip


@dataclass(frozen=True)
class Journey:
    """What is known so far; later stages fill in more. `others` are further takes beside the first (or best) one,
    `other_pictures` those of the next seeds; `video` is the film of the first picture to the first take."""

    description: Description
    image: GeneratedImage | None = None
    picture: Path | None = None
    music: GeneratedClip | None = None
    files: SavedClip | None = None
    others: tuple[Take, ...] = ()
    other_pictures: tuple[tuple[GeneratedImage, Path], ...] = ()
    video: Path | None = None


@dataclass(frozen=True)
class Playing:
    """How the music is made of the clip: the request's `mode` and `prompt_s`, the best of `best_of` tries, `variations`
    kept (the larger number is made), `notes` estimated where the engine writes none."""

    mode: str = "text"
    prompt_s: float = 10.0
    best_of: int = 1
    variations: int = 1
    notes: bool = False


@dataclass(frozen=True)
class Painting:
    """How the picture is made of the words: fields of the ImageRequest that no description says."""

    negative_prompt: str = ""
    aspect: str = "1:1"
    upscale: int = 1


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
    playing: Playing = Playing(),
    painting: Painting = Painting(),
    layout_strength: float | None = None,
    pictures: int = 1,
    share: bool = False,
    progress: Progress = no_progress,
) -> Iterator[Journey]:
    """Describe, paint and play the clip at `path`; results are saved under `out`.

    The clip shapes the picture as strongly as `layout_strength` says, as the model likes unless told; at 0 the words
    are alone. `pictures` are painted, of `seed` and the next seeds; `share` makes a film of the first one. Yields a
    Journey after each of the three stages. Raises UserError and Cancelled as the verbs do. What is asked is checked
    before anything is made, so a bad number costs no waiting.
    """
    from pipelines import compose, describe

    wanted = partial(_wanted, seconds=seconds, seed=seed, engine=engine, playing=playing)
    for n in (playing.best_of, playing.variations):
        compose.check_number(n)
    image = ImageRequest("picture", painting.negative_prompt, seed, adapters=adapters)
    image = replace(image, aspect=painting.aspect, upscale=painting.upscale)
    progress(0.0, "Reading the clip")
    clip, warnings = read_clip(path)
    compose.check(wanted(MusicRequest("music")), source=clip)
    _check_pictures(_shaped(image, layout_strength, clip), pictures)
    description = describe.describe(clip, progress=_part(progress, 0.0, 0.1), warnings=warnings)
    yield (journey := Journey(description))
    words = describe_words(description)
    request = wanted(music_request(description))
    name = partial(
        result_name, genre=words["genre"], emotion=words["emotion"], tempo_bpm=request.tempo_bpm, when=datetime.now()
    )
    image = _shaped(replace(image, prompt=description.image_prompt), layout_strength, clip, description.traits.beats)
    images = _painted(image, pictures, _part(progress, 0.1, 0.5))
    files = [save_picture(one, out, name=name(seed=one.request.seed), words=words) for one in images]
    others = tuple(zip(images[1:], files[1:], strict=True))
    yield (journey := replace(journey, image=images[0], picture=files[0], other_pictures=others))
    takes = []
    for music in _played(request, playing, clip, _part(progress, 0.5, 0.8 if share else 1.0)):
        joined = join(clip, music) if playing.mode == "continue" else None
        stem = name(seed=music.request.seed)
        takes.append(Take(music, save_clip(music, out, name=stem, words=words, cover=files[0], joined=joined)))
    video = _filmed(images[0], files[0], takes[0], _part(progress, 0.8, 1.0)) if share else None
    yield replace(journey, music=takes[0].music, files=takes[0].files, others=tuple(takes[1:]), video=video)


def _shaped(request: ImageRequest, strength: float | None, clip: AudioClip, beats: Beats | None = None) -> ImageRequest:
    if strength == 0:
        return request
    return replace(request, layout=layout_of(clip, beats), layout_strength=strength)


def _check_pictures(request: ImageRequest, n: int) -> None:
    """Raises UserError for what the present picture model would refuse."""
    from core.models import resolve
    from pipelines.picture_request import MOST_VARIATIONS, resolved, within

    within("The number of pictures", n, 1, MOST_VARIATIONS, whole=True)
    resolved(request, resolve("image"))


def _painted(request: ImageRequest, n: int, progress: Progress) -> list[GeneratedImage]:
    from pipelines import illustrate

    if n == 1:
        return [illustrate.illustrate(request, progress=progress)]
    return illustrate.variations(request, n, progress=progress)


def _filmed(image: GeneratedImage, picture: Path, take: Take, progress: Progress) -> Path:
    """The film of a picture, which is saved, beside the take's files, by the same name."""
    from pipelines.share import share

    music, path = take.music, take.files.wav.with_suffix(".mp4")
    clip = music.clip
    if music.lead_in:  # as in the take's own files: it begins in the midst of sound
        clip = replace(clip, samples=opened(clip.samples, clip.rate))
    comment = f"Picture: {image.request.prompt}. Music: {music.request.prompt}."
    return share(
        image.pixels, clip, path, beat_times_s=music.beat_times_s, title=title(music.request), comment=comment,
        settings=film_settings(picture, take.files.wav), progress=progress,
    )  # fmt: skip


def _wanted(request: MusicRequest, *, seconds: float, seed: int, engine: str, playing: Playing) -> MusicRequest:
    return replace(request, seconds=seconds, seed=seed, engine=engine, mode=playing.mode, prompt_s=playing.prompt_s)


def _played(request: MusicRequest, playing: Playing, source: AudioClip, progress: Progress) -> list[GeneratedClip]:
    """What is kept of what was made, the best first where the ears choose."""
    from pipelines import compose
    from pipelines.match import best, score

    n = max(playing.best_of, playing.variations)
    if n == 1:
        made = [compose.compose(request, source=source, progress=progress)]
    else:
        made = compose.variations(request, n, source=source, progress=progress)
    if playing.best_of > 1:
        kept = best(made)
        others = sorted((clip for clip in made if clip.request.seed != kept.request.seed), key=score, reverse=True)
        made = [kept, *others][: playing.variations]
    return [compose.estimated_midi(clip) for clip in made] if playing.notes else made


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
