"""Results as files: good names, settings inside, and settings back out of a dropped file.

A PNG carries the text chunk `parameters` in the form other image tools read, and our own JSON under `synthesete`.
WAV and MP3 carry ID3 tags (title, genre, TBPM, TKEY, cover) and the same JSON as a TXXX frame. Everything is written
under a scratch name first and moved into place, so an interrupted job leaves nothing half-written.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from core.audio import write_wav
from core.errors import UserError
from core.types import AudioClip, Description, GeneratedClip, GeneratedImage, ImageRequest, MusicRequest

_R = TypeVar("_R")
FORMAT = 1
_KEY = "synthesete"
_MP3_RATES_HZ = (32000, 44100, 48000)


@dataclass(frozen=True)
class SavedClip:
    """Where one generated clip lies; `midi` is None for engines without a score."""

    wav: Path
    mp3: Path
    midi: Path | None


@dataclass(frozen=True)
class Settings:
    """What a dropped file says it was made with; exactly one of the two requests is set."""

    image: ImageRequest | None
    music: MusicRequest | None
    description: dict[str, Any]


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


def settings_json(result: GeneratedImage | GeneratedClip, words: dict[str, Any]) -> str:
    """The settings as JSON, ASCII only."""
    return json.dumps(
        {
            "format": FORMAT,
            "kind": "picture" if isinstance(result, GeneratedImage) else "music",
            "request": asdict(result.request),
            "provenance": asdict(result.provenance),
            "description": words,
        }
    )


def parameters_text(result: GeneratedImage) -> str:
    """The settings in the text form that other image tools read (the `parameters` chunk)."""
    request = result.request
    height, width = result.pixels.shape[:2]
    prompt = request.prompt + "".join(f" <lora:{name}:{weight:g}>" for name, weight in request.adapters)
    lines = [prompt, f"Negative prompt: {request.negative_prompt}"] if request.negative_prompt else [prompt]
    facts = {
        "Steps": request.steps, "CFG scale": request.guidance, "Seed": request.seed, "Size": f"{width}x{height}",
        "Model": result.provenance.model, "Version": "Synthesete",
    }  # fmt: skip
    return "\n".join([*lines, ", ".join(f"{name}: {value}" for name, value in facts.items())])


def save_picture(
    result: GeneratedImage, folder: Path, *, name: str | None = None, words: dict[str, Any] | None = None
) -> Path:
    """Write the picture as PNG with its settings inside; returns its path."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    words = words or {}
    info = PngInfo()
    info.add_itxt("parameters", parameters_text(result))
    info.add_text(_KEY, settings_json(result, words))
    stem = name or result_name(genre=words.get("genre"), emotion=words.get("emotion"), seed=result.request.seed)
    with _placed(folder, stem, ".png") as (scratch, path):
        Image.fromarray(result.pixels).save(scratch, "PNG", pnginfo=info)
    return path


def save_clip(
    result: GeneratedClip,
    folder: Path,
    *,
    name: str | None = None,
    words: dict[str, Any] | None = None,
    cover: Path | None = None,
) -> SavedClip:
    """Write WAV (24 bit), MP3 (320 kbit/s) and, where there is a score, MIDI, with tags and the picture as cover."""
    request = result.request
    stem = name or result_name(
        genre=request.genre, emotion=request.emotion, tempo_bpm=request.tempo_bpm, seed=request.seed
    )
    words = {"caption": request.prompt} | (words or {})
    tag = _tagger(result, words, cover)
    with _placed(folder, stem, ".wav") as (scratch, wav):
        write_wav(result.clip, scratch)
        tag(scratch)
    with _placed(folder, stem, ".mp3") as (scratch, mp3):
        write_mp3(result.clip, scratch)
        tag(scratch)
    midi = None
    if result.midi is not None:
        with _placed(folder, stem, ".mid") as (scratch, midi):
            scratch.write_bytes(result.midi)
    return SavedClip(wav, mp3, midi)


def write_mp3(clip: AudioClip, path: Path, *, bit_rate: int = 320_000) -> None:
    """Constant bit rate by LAME (PyAV); rates that MPEG-1 layer 3 lacks are resampled to 44.1 kHz."""
    import av
    import numpy as np

    rate = clip.rate if clip.rate in _MP3_RATES_HZ else 44100
    layout = "mono" if clip.samples.shape[0] == 1 else "stereo"
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(clip.samples[:2]), format="fltp", layout=layout)
    frame.sample_rate = clip.rate
    with av.open(str(path), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=rate, layout=layout)
        stream.bit_rate = bit_rate
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate, frame_size=1152)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))


def read_settings(path: Path) -> Settings | None:
    """The settings inside a PNG, WAV or MP3 made here, or None when the file carries none.

    Raises UserError when the settings are there but cannot be used.
    """
    text = _read_text(Path(path))
    if text is None:
        return None
    try:
        data = json.loads(text)
        words = {str(key): value for key, value in data.get("description", {}).items()}
        if data["kind"] == "picture":
            return Settings(_image_request(data["request"]), None, words)
        return Settings(None, _music_request(data["request"]), words)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            "This file carries settings that this version cannot read.", "Use a file made by this version."
        ) from error


def _image_request(data: dict[str, Any]) -> ImageRequest:
    adapters = tuple((str(name), float(weight)) for name, weight in data.get("adapters", ()))
    return _request(ImageRequest, data | {"adapters": adapters})


def _music_request(data: dict[str, Any]) -> MusicRequest:
    return _request(MusicRequest, data | {"instruments": tuple(data.get("instruments", ()))})


def _request(kind: Callable[..., _R], data: dict[str, Any]) -> _R:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(data) - known:
        raise ValueError(f"unknown settings {sorted(unknown)}")
    return kind(**data)


def _read_text(path: Path) -> str | None:
    import mutagen
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return getattr(picture, "text", {}).get(_KEY)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        pass
    try:
        audio = mutagen.File(path)
    except (mutagen.MutagenError, OSError):
        return None
    frames = audio.tags.getall(f"TXXX:{_KEY}") if audio is not None and hasattr(audio.tags, "getall") else []
    return str(frames[0].text[0]) if frames else None


def _tagger(result: GeneratedClip, words: dict[str, Any], cover: Path | None) -> Callable[[Path], None]:
    from mutagen import id3
    from mutagen.mp3 import MP3
    from mutagen.wave import WAVE

    request = result.request
    frames: list[Any] = [
        id3.TIT2(encoding=3, text=str(words.get("caption", ""))[:200]),
        id3.TPE1(encoding=3, text=f"Synthesete ({result.provenance.model})"),
        id3.TCOP(encoding=3, text=result.provenance.licence),
        id3.TXXX(encoding=3, desc=_KEY, text=settings_json(result, words)),
    ]
    if request.genre:
        frames.append(id3.TCON(encoding=3, text=request.genre))
    if request.tempo_bpm:
        frames.append(id3.TBPM(encoding=3, text=f"{request.tempo_bpm:.0f}"))
    if request.key:
        frames.append(id3.TKEY(encoding=3, text=_id3_key(request.key)))
    if cover is not None:
        frames.append(id3.APIC(encoding=3, mime="image/png", type=3, desc="cover", data=cover.read_bytes()))

    def tag(path: Path) -> None:
        audio = WAVE(path) if path.read_bytes()[:4] == b"RIFF" else MP3(path)
        if audio.tags is None:
            audio.add_tags()
        tags: Any = audio.tags
        for frame in frames:
            tags.add(frame)
        audio.save()

    return tag


def _id3_key(key: str) -> str:
    """ID3's TKEY form: "A minor" -> "Am"."""
    tonic, mode = key.split(" ")
    return tonic + ("m" if mode == "minor" else "")


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
