"""Results as files: good names, settings inside, and settings back out of a dropped file.

A PNG carries the text chunk `parameters` in the form other image tools read, and our own JSON under `synthesete`
(core.settings).
WAV, MP3 and FLAC carry tags (core.tags) and the same JSON among them, MIDI as a text event; a film carries that of its
picture and its music. Everything is written under a scratch name first and moved into place, so an interrupted job
leaves nothing half-written.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.audio import write_flac, write_wav
from core.errors import UserError
from core.mastering import opened
from core.midi import with_text
from core.mp3 import write_mp3
from core.settings import Settings, film_json, parameters_text, settings_in, settings_json
from core.tags import SETTINGS, Tags, read_text, tags_of, write_tags
from core.types import AudioClip, Description, GeneratedClip, GeneratedImage

MAX_PICTURE_PX = 2048


@dataclass(frozen=True)
class SavedClip:
    """Where one generated clip lies; `midi` is None without a score, `joined` (FLAC) without a source to go on from."""

    wav: Path
    mp3: Path
    midi: Path | None
    flac: Path | None = None
    joined: Path | None = None


def result_name(
    *,
    genre: str | None = None,
    emotion: str | None = None,
    tempo_bpm: float | None = None,
    seed: int = 0,
    when: datetime | None = None,
) -> str:
    """A sortable stem such as "20261120-143012_jazz-calmness_96bpm_s42"."""
    kind = "-".join(re.sub(r"[^a-z0-9_]+", "", part.lower()) for part in (genre, emotion) if part)
    parts = [(when or datetime.now()).strftime("%Y%m%d-%H%M%S"), kind]
    parts += [f"{tempo_bpm:.0f}bpm" if tempo_bpm else "", f"s{seed}"]
    return "_".join(filter(None, parts))


def describe_words(description: Description | None) -> dict[str, Any]:
    """The words of a description that travel with its results."""
    if description is None:
        return {}
    traits = description.traits
    return {
        "caption": description.caption,
        "image_prompt": description.image_prompt,
        "music_prompt": description.music_prompt,
        "genre": traits.genre.top,
        "emotion": traits.emotion.top,
        "tempo_bpm": round(traits.beats.tempo_bpm, 1),
        "key": traits.key,
    }


def save_picture(
    result: GeneratedImage, folder: Path, *, name: str | None = None, words: dict[str, Any] | None = None
) -> Path:
    """Write the picture as PNG with its settings inside; returns its path."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    words = words or {}
    info = PngInfo()
    info.add_text("parameters", parameters_text(result))  # as others do: Latin-1 where that is enough
    info.add_text(SETTINGS, settings_json(result, words))
    stem = name or result_name(genre=words.get("genre"), emotion=words.get("emotion"), seed=result.request.seed)
    with _placed(folder, stem, ".png") as (scratch, path):
        Image.fromarray(result.pixels).save(scratch, "PNG", pnginfo=info)
    return path


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """The picture at `path` as pixels (height, width, 3), its longer side at most MAX_PICTURE_PX.

    Raises UserError for a file that is no picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            picture.thumbnail((MAX_PICTURE_PX, MAX_PICTURE_PX))
            return np.array(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError("This file is no picture that can be read.", "Use a PNG, JPEG or WebP file.") from error


def save_clip(
    result: GeneratedClip,
    folder: Path,
    *,
    name: str | None = None,
    words: dict[str, Any] | None = None,
    cover: Path | bytes | None = None,
    joined: AudioClip | None = None,
) -> SavedClip:
    """Write WAV (24 bit), FLAC (24 bit), MP3 (320 kbit/s) and, where there are notes, MIDI, with tags.

    `cover` is a PNG. `joined` is the clip with what it goes on from, another FLAC. Notes that were only heard are named
    an estimate. When one file cannot be written, none is kept.
    """
    request = result.request
    stem = name or result_name(
        genre=request.genre, emotion=request.emotion, tempo_bpm=request.tempo_bpm, seed=request.seed
    )
    tags = tags_of(result, settings_json(result, {"caption": request.prompt} | (words or {})), cover=cover)
    clip, written = _alone(result), list[Path]()
    try:
        for form in _WRITERS:
            written.append(_save_sound(clip, folder, stem, tags, form=form))
        midi = _save_midi(result, folder, stem, tags.settings)
        written += [midi] if midi else []
        whole = None
        if joined is not None:
            whole = _save_sound(joined, folder, f"{stem}_joined", replace(tags, title=f"{tags.title} (joined)"))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    wav, flac, mp3 = written[:3]
    return SavedClip(wav, mp3, midi, flac, whole)


def _alone(result: GeneratedClip) -> AudioClip:
    """The clip by itself: one that begins in the midst of sound is opened without a click."""
    clip = result.clip
    return clip if result.lead_in is None else replace(clip, samples=opened(clip.samples, clip.rate))


_WRITERS: dict[str, Callable[[AudioClip, Path], object]] = {
    "wav": lambda clip, path: write_wav(clip, path),
    "flac": lambda clip, path: write_flac(clip, path),
    "mp3": lambda clip, path: write_mp3(clip, path),
}


def _save_sound(clip: AudioClip, folder: Path, stem: str, tags: Tags, *, form: str = "flac") -> Path:
    with _placed(folder, stem, f".{form}") as (scratch, path):
        _WRITERS[form](clip, scratch)
        write_tags(scratch, tags, form=form)
    return path


def _save_midi(result: GeneratedClip, folder: Path, stem: str, settings: str) -> Path | None:
    if result.midi is None:
        return None
    with _placed(folder, f"{stem}_estimate" if result.midi_is_estimate else stem, ".mid") as (scratch, path):
        scratch.write_bytes(with_text(result.midi, settings))
    return path


def read_settings(path: Path) -> Settings | None:
    """The settings inside a PNG, WAV, FLAC, MP3, MIDI or MP4 file made here, or None when the file carries none.

    Raises UserError when the settings are there but cannot be used.
    """
    text = _read_text(Path(path))
    return None if text is None else settings_in(text)


def film_settings(picture: Path, sound: Path) -> str:
    """The JSON for a film of these two files; empty where neither carries settings that can be used."""
    return film_json(_read_text(picture), _read_text(sound))


def _read_text(path: Path) -> str | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return getattr(picture, "text", {}).get(SETTINGS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return read_text(path)


@contextmanager
def _placed(folder: Path, stem: str, suffix: str) -> Iterator[tuple[Path, Path]]:
    """A scratch path to write and the final path it becomes; an existing name gets "-2", "-3" ..."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}{suffix}"
    count = 2
    while path.exists():
        path = folder / f"{stem}-{count}{suffix}"
        count += 1
    scratch = folder / f".{path.name}.writing"
    try:
        yield scratch, path
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
