"""The page's three jobs as plain functions: values in, results on disk out. They know the verbs, not the widgets.

Each is run by page.jobs.watched on a thread of its own; `progress` may raise Cancelled. The verbs are imported when
they are first needed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.files import Settings, describe_words, read_settings, result_name, save_clip, save_picture
from core.types import AudioClip, Description, GeneratedClip, ImageRequest, MusicRequest, Progress
from page import along, figures
from page.history import Music, Picture, Sitting, file_url
from page.jobs import GENERATION
from page.outputs import job_folder

PLAYABLE = {".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".webm", ".weba", ".aac"}
"""What browsers play as it is; anything else is given to them as WAV."""


def hear(path: Path, progress: Progress) -> tuple[Sitting, AudioClip]:
    """A fresh sitting with the description of the clip at `path`, and the clip, decoded once for all uses."""
    from core.audio import read_clip
    from pipelines.describe import describe

    progress(0.0, "Reading the clip")
    clip, warnings = read_clip(path)
    description = describe(clip, progress=progress, warnings=warnings)
    return Sitting(clip=str(path), description=description, words=describe_words(description)), clip


def draw_clip(sitting: Sitting, clip: AudioClip) -> Sitting:
    """The sitting with its clip's player: waveform, beats, spectrogram, and what was heard along its time."""
    from core.audio import write_wav

    path = Path(sitting.clip or "")
    playable = path
    if path.suffix.lower() not in PLAYABLE:
        with job_folder() as folder:
            playable = write_wav(clip, folder / "clip.wav", bits=16)
    traits = sitting.description.traits if sitting.description else None
    drawn = figures.player(
        clip,
        source=file_url(playable),
        name="Your clip",
        beats_s=traits.beats.times_s if traits else (),
        with_spectrogram=True,
        strips=along.strips(traits) if traits else "",
        below=along.plots(traits) if traits else "",
    )
    return replace(sitting, player=drawn)


def paint(request: ImageRequest, words: dict[str, Any], progress: Progress) -> Picture:
    """Paint and save a picture."""
    from pipelines.illustrate import illustrate

    with GENERATION.taken(progress), job_folder() as folder:
        image = illustrate(request, progress=progress)
        path = save_picture(image, folder, name=stem(words, image.request.seed), words=words)
    return Picture(path, image.request, image.provenance)


def play(request: MusicRequest, words: dict[str, Any], cover: Path | None, progress: Progress) -> Music:
    """Make and save music, with the picture as its cover."""
    from pipelines.compose import compose

    with GENERATION.taken(progress), job_folder() as folder:
        made = compose(request, progress=progress)
        told = words | {"tempo_bpm": made.request.tempo_bpm} if made.request.tempo_bpm else words
        cover = cover if cover and cover.exists() else None
        files = save_clip(made, folder, name=stem(told, made.request.seed), words=words, cover=cover)
    drawn = figures.player(
        made.clip, source=file_url(files.mp3), name="The new music", beats_s=grid(made), with_spectrogram=True
    )
    return Music(files, made.request, made.provenance, drawn)


def grid(made: GeneratedClip) -> tuple[float, ...]:
    """The beats of music whose tempo is exact: an even grid from the start. Empty where the engine only aimed at it."""
    if made.midi is None or not made.request.tempo_bpm:
        return ()
    step = 60.0 / made.request.tempo_bpm
    return tuple(i * step for i in range(int(made.clip.seconds / step) + 1))


def stem(words: dict[str, Any], seed: int) -> str:
    """A good file name from the words: "20261120-143012_jazz-calmness_96bpm_s42"."""
    return result_name(
        genre=words.get("genre"), emotion=words.get("emotion"), tempo_bpm=words.get("tempo_bpm"), seed=seed
    )


@dataclass(frozen=True)
class Retold:
    """The three texts for changed traits."""

    caption: str
    image_prompt: str
    music_prompt: str


def retell(
    description: Description | None, *, genre: str, emotion: str, tempo_bpm: float | None, key: str | None
) -> Retold:
    """The texts for the traits as edited: definite, for what a person chose is no guess. The second emotion is only
    spoken of beside the first that was heard: a corrected emotion stands alone."""
    from pipelines.confidence import second_emotion
    from pipelines.describe import words

    scores = description.traits.emotion if description else None
    second = second_emotion(scores) if scores and scores.top == emotion else None
    told = words(genre, emotion, second_emotion=second, tempo_bpm=tempo_bpm, key=key)
    return Retold(told.caption, told.image_prompt, told.music_prompt)


def settings_of(path: str | Path) -> Settings | None:
    """The settings inside a file that was made here; None for any other file, also an unreadable one."""
    return read_settings(Path(path))


def picture_details(request: ImageRequest) -> str:
    """The resolved painting settings in a few words."""
    parts = [f"seed {request.seed}"]
    parts += [f"{request.steps} steps"] if request.steps is not None else []
    parts += [f"guidance {request.guidance:g}"] if request.guidance is not None else []
    parts += [f"{request.size_px} px"] if request.size_px is not None else []
    return ", ".join(parts)


def music_details(request: MusicRequest) -> str:
    """The resolved playing settings in a few words."""
    parts = [f"{request.seconds:g} s", f"seed {request.seed}"]
    parts += [f"{request.tempo_bpm:.0f} bpm"] if request.tempo_bpm else []
    parts += [request.key] if request.key else []
    return ", ".join(parts)
