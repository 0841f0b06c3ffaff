"""The page's three jobs as plain functions: values in, results on disk out. They know the verbs, not the widgets.

Each is run by page.jobs.watched on a thread of its own; `progress` may raise Cancelled. The verbs are imported when
they are first needed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.files import SavedClip, describe_words, film_settings, read_picture, read_settings, result_name, save_picture
from core.settings import Settings
from core.types import AudioClip, Description, GeneratedClip, GeneratedImage, ImageRequest, MusicRequest, Progress
from page import along, commission, figures, order, player
from page.commission import Commission
from page.easel import Easel
from page.history import Music, Picture, Sitting, file_url
from page.jobs import GENERATION
from page.order import Delivery, Order
from page.outputs import job_folder
from page.stream import PieceLog

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


def paint(wanted: Commission, words: dict[str, Any], easel: Easel, progress: Progress) -> tuple[Picture, ...]:
    """Paint and save pictures; the easel shows them while they are painted."""
    with GENERATION.taken(progress), job_folder() as folder:
        images = commission.deliver(wanted, progress, easel.show)
        return tuple(_saved(image, folder, words) for image in images)


def _saved(image: GeneratedImage, folder: Path, words: dict[str, Any]) -> Picture:
    height, width = image.pixels.shape[:2]
    path = save_picture(image, folder, name=stem(words, image.request.seed), words=words)
    return Picture(path, image.request, image.provenance, width / height)


def share(picture: Picture, music: Music, words: dict[str, Any], progress: Progress) -> Path:
    """Save the film of a picture and its music, moving with the beats, called after the caption."""
    from core.audio import read_clip
    from pipelines.share import share as film

    with GENERATION.taken(progress), job_folder() as folder:
        progress(0.0, "Reading the music")
        clip = read_clip(music.files.flac or music.files.wav).clip
        return film(
            read_picture(picture.path), clip, folder / f"{music.files.wav.stem}.mp4",
            beat_times_s=music.beat_times_s, title=str(words.get("caption") or ""),
            settings=film_settings(picture.path, music.files.wav), progress=progress,
        )  # fmt: skip


def play(
    wanted: Order, words: dict[str, Any], cover: Path | None, log: PieceLog, progress: Progress
) -> tuple[Music, tuple[Music, ...]]:
    """Make and save music, with the picture as its cover: the result, and where there are several all takes.

    `log` gets the pieces of a single clip while it is made.
    """
    cover = cover if cover and cover.exists() else None

    def on_piece(piece: AudioClip) -> None:
        log.add(piece)

    with GENERATION.taken(progress), job_folder() as folder:
        delivery = order.deliver(wanted, progress, on_piece)
        takes = tuple(_take(delivery, index, words, cover, folder, job=log.job) for index in range(len(delivery.clips)))
    return takes[delivery.chosen], takes if len(takes) > 1 else ()


def _take(
    delivery: Delivery, index: int, words: dict[str, Any], cover: Path | None, folder: Path, *, job: str
) -> Music:
    """One clip of a delivery, saved and drawn; where it was streamed its player takes over from that job's."""
    made, is_alone = delivery.clips[index], len(delivery.clips) == 1
    told = words | {"tempo_bpm": made.request.tempo_bpm} if made.request.tempo_bpm else words
    files = order.save(delivery, made, folder, name=stem(told, made.request.seed), words=words, cover=cover)
    shown = replace(made, beat_times_s=order.beat_times_s(made), match=None)  # what was got has a table of its own
    tune = player.tune_of(shown, sound=files.flac or files.wav, downloads=_downloads(files, made), cover=cover)
    tune = replace(tune, job=job) if is_alone else tune
    name = f"Variation {index + 1}"
    small = "" if is_alone else figures.player(made.clip, source=file_url(files.mp3), name=name)
    chosen = [str(delivery.best_of["sentence"])] if delivery.best_of else []
    return Music(
        files, made.request, made.provenance, player.player_html(tune), small,
        _joined(files, made), made.match, (*chosen, *order.notes(made)), shown.beat_times_s,
    )  # fmt: skip


def _downloads(files: SavedClip, made: GeneratedClip) -> list[tuple[str, str, str]]:
    """(label, address, name on disk) of each form of a clip."""
    midi = "MIDI (estimate)" if made.midi_is_estimate else "MIDI"
    forms = [
        ("WAV, 24 bit", files.wav), ("FLAC", files.flac), ("MP3, 320 kbit/s", files.mp3), (midi, files.midi),
        ("Joined with your clip", files.joined),
    ]  # fmt: skip
    return [(label, file_url(path), path.name) for label, path in forms if path]


def _joined(files: SavedClip, made: GeneratedClip) -> str:
    """The player of the clip with its continuation, a tick where that begins; empty without one."""
    if files.joined is None:
        return ""
    from core.audio import read_clip

    whole = read_clip(files.joined).clip
    seam_s = whole.seconds - made.clip.seconds
    drawn = figures.player(whole, source=file_url(files.joined), name="Your clip, then the new music", beats_s=[seam_s])
    return f'<section class="syn-joined"><h4>Joined with your clip</h4>{drawn}</section>'


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
    parts += [request.aspect] if request.aspect != "1:1" else []
    parts += ["enlarged to twice that"] if request.upscale > 1 else []
    parts += (
        [f"shaped by the clip at {request.layout_strength:g}"] if request.layout and request.layout_strength else []
    )
    return ", ".join(parts)


def music_details(request: MusicRequest) -> str:
    """The resolved playing settings in a few words."""
    parts = [f"{request.seconds:g} s", f"seed {request.seed}"]
    parts += [f"{request.tempo_bpm:.0f} bpm"] if request.tempo_bpm else []
    parts += [request.key] if request.key else []
    return ", ".join(parts)
