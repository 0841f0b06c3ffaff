"""Tags in files that other programs read, with the settings among them: ID3 in MP3 and WAV, Vorbis in FLAC, and MP4.

ID3 is written as version 2.3, which everything reads; FLAC gets Vorbis comments and a picture block.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core import midi
from core.types import GeneratedClip, MusicRequest

SETTINGS = midi.NAME
"""The name of our JSON in whatever carries it."""
TEMPO_SURE, KEY_SURE = 0.5, 0.5
"""What was heard is only tagged from these confidences on."""
_IN_MP4 = f"----:com.apple.iTunes:{SETTINGS}"  # how MP4 spells a name of one's own
_GENRES = {"hiphop": "Hip-Hop"}


@dataclass(frozen=True)
class Tags:
    """What a file says of itself; empty where there is nothing to say. `cover` is a PNG file's bytes."""

    title: str
    artist: str
    genre: str
    tempo_bpm: int | None
    key: str
    day: date
    comment: str
    licence: str
    settings: str
    cover: bytes | None


def tags_of(result: GeneratedClip, settings: str, *, cover: Path | bytes | None, day: date | None = None) -> Tags:
    """The tags of a generated clip: what it was made as, and what was heard of tempo and key where that is open."""
    request = result.request
    tempo_bpm, key = request.tempo_bpm, request.key
    if result.match:
        traits = result.match.traits
        tempo_bpm = tempo_bpm or (traits.beats.tempo_bpm if traits.beats.confidence >= TEMPO_SURE else None)
        key = key or (traits.key if traits.key_confidence >= KEY_SURE else None)
    return Tags(
        title=title(request, said=str(result.details.get("title", ""))),
        artist=f"Synthesete ({result.provenance.model})",
        genre=_GENRES.get(request.genre or "", (request.genre or "").capitalize()),
        tempo_bpm=round(tempo_bpm) if tempo_bpm else None,
        key=key or "",
        day=day or date.today(),
        comment=_comment(result),
        licence=result.provenance.licence,
        settings=settings,
        cover=cover.read_bytes() if isinstance(cover, Path) else cover,
    )


def title(request: MusicRequest, *, said: str = "") -> str:
    """A plain title such as "Jazz in A minor, 96 bpm"; `said` where somebody has found better words."""
    if said:
        return said[:120]
    kind = (_GENRES.get(request.genre or "", request.genre or "") or request.prompt or "music")[:80]
    key = f" in {request.key}" if request.key else ""
    tempo = f", {request.tempo_bpm:.0f} bpm" if request.tempo_bpm else ""
    return kind[0].upper() + kind[1:] + key + tempo


def _comment(result: GeneratedClip) -> str:
    """The prompt and how it was met."""
    words = [f"Prompt: {result.request.prompt}."] if result.request.prompt else []
    if result.match and result.match.sentence:
        words.append(f"Heard: {result.match.sentence}.")
    return " ".join(words)[:500]


def write_tags(path: Path, tags: Tags, *, form: str) -> None:
    """Put the tags into the file; `form` "wav", "mp3" or "flac" says what it is, whatever its name."""
    if form == "flac":
        _write_vorbis(path, tags)
    else:
        _write_id3(path, tags, form)


def write_film_settings(path: Path, settings: str) -> None:
    """Put the settings into an MP4, beside what it says of itself already."""
    from mutagen.mp4 import MP4

    film = MP4(path)
    film[_IN_MP4] = settings.encode()
    film.save()


def read_text(path: Path) -> str | None:
    """Our JSON in a sound, a film or a MIDI file; None for any other file, also an unreadable one."""
    import mutagen

    if found := midi.text_in(path):
        return found
    try:
        audio = mutagen.File(path)
    except (mutagen.MutagenError, OSError, ValueError):  # a ValueError for MIDI without tracks
        return None
    if audio is None or audio.tags is None:
        return None
    if hasattr(audio.tags, "getall"):  # ID3
        frames = audio.tags.getall(f"TXXX:{SETTINGS}")
        return str(frames[0].text[0]) if frames else None
    if _IN_MP4 in audio.tags:
        return bytes(audio.tags[_IN_MP4][0]).decode(errors="replace")
    comments = audio.tags.get(SETTINGS.upper())
    return str(comments[0]) if comments else None


def short_key(key: str) -> str:
    """ID3's TKEY form: "A minor" -> "Am"."""
    tonic, mode = key.split(" ")
    return tonic + ("m" if mode == "minor" else "")


def _write_id3(path: Path, tags: Tags, form: str) -> None:
    from mutagen import id3
    from mutagen.mp3 import MP3
    from mutagen.wave import WAVE

    frames: list[Any] = [
        id3.TIT2(encoding=3, text=tags.title),
        id3.TPE1(encoding=3, text=tags.artist),
        id3.TDRC(encoding=3, text=tags.day.isoformat()),
        id3.TCOP(encoding=3, text=tags.licence),
        id3.TXXX(encoding=3, desc=SETTINGS, text=tags.settings),
    ]
    frames += [id3.COMM(encoding=3, lang="eng", desc="", text=tags.comment)] if tags.comment else []
    frames += [id3.TCON(encoding=3, text=tags.genre)] if tags.genre else []
    frames += [id3.TBPM(encoding=3, text=str(tags.tempo_bpm))] if tags.tempo_bpm else []
    frames += [id3.TKEY(encoding=3, text=short_key(tags.key))] if tags.key else []
    frames += [id3.APIC(encoding=3, mime="image/png", type=3, desc="cover", data=tags.cover)] if tags.cover else []
    audio: Any = WAVE(path) if form == "wav" else MP3(path)
    if audio.tags is None:
        audio.add_tags()
    for frame in frames:
        audio.tags.add(frame)
    audio.tags.update_to_v23()
    audio.save(v2_version=3)


def _write_vorbis(path: Path, tags: Tags) -> None:
    from mutagen.flac import FLAC

    audio = FLAC(path)
    comments = {
        "TITLE": tags.title, "ARTIST": tags.artist, "GENRE": tags.genre, "BPM": str(tags.tempo_bpm or ""),
        "INITIALKEY": short_key(tags.key) if tags.key else "", "DATE": tags.day.isoformat(), "COMMENT": tags.comment,
        "COPYRIGHT": tags.licence, SETTINGS.upper(): tags.settings,
    }  # fmt: skip
    for name, text in comments.items():
        if text:
            audio[name] = text
    if tags.cover:
        audio.add_picture(_picture(tags.cover))
    audio.save()


def _picture(cover: bytes) -> Any:
    from io import BytesIO

    from mutagen.flac import Picture
    from PIL import Image

    picture = Picture()
    picture.type, picture.mime, picture.desc, picture.data = 3, "image/png", "cover", cover
    with Image.open(BytesIO(cover)) as image:
        picture.width, picture.height = image.size
    picture.depth = 24
    return picture
