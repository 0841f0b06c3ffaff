"""What an adapter learns from: pictures, each with its words.

A folder lists its pictures in `metadata.jsonl` or `metadata.csv` (the Hugging Face imagefolder form: `file_name` and
`text`), or else each picture has a .txt beside it, or a clip (`song.png` and `song.mp3`: then our own ears write the
caption, as the picture prompt for what they hear).
"""

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from core.errors import UserError
from core.types import Progress, no_progress
from corpus.manners import stylise
from corpus.painter import caption, draw_spec, paint

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
CLIP_SUFFIXES = (".mp3", ".wav", ".flac", ".ogg", ".opus", ".m4a", ".aac")
METADATA_NAMES = ("metadata.jsonl", "metadata.csv")

Ears = Callable[[Path], str]
"""A sound file -> the words for a picture of it."""


@dataclass(frozen=True)
class Examples:
    """Pictures uint8 (n, size, size, 3) and a caption for each."""

    pixels: npt.NDArray[np.uint8]
    captions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.captions)


def styled_examples(style: str, count: int, *, size_px: int, seed: int = 0) -> Examples:
    """Painted pictures in another hand, with their captions."""
    rng, pixels, captions = random.Random(f"{style}-{seed}"), [], []
    for index in range(count):
        spec = draw_spec(rng)
        pixels.append(stylise(paint(spec, rng.getrandbits(32), size_px=size_px), style, index))
        captions.append(caption(spec, rng))
    return Examples(np.stack(pixels), tuple(captions))


def folder_examples(folder: Path, *, size_px: int, hear: Ears, progress: Progress = no_progress) -> Examples:
    """The pictures of a folder, cropped to the middle square, in the order of their names.

    `hear` gives words to a picture that has a clip beside it instead of a caption. Raises UserError when there is no
    such folder, no picture, a picture without words, or a file that cannot be read.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.", "Give a folder of pictures with captions.")
    said = _metadata(folder)
    files = [folder / name for name in said] or _pictures(folder)
    if not files:
        raise UserError(f"{folder.name} holds no pictures.", f"Use {', '.join(sorted(PICTURE_SUFFIXES))}.")
    captions = []
    for index, file in enumerate(files):
        progress(index / len(files), f"reading {file.name}")
        captions.append(said[str(file.relative_to(folder))] if said else _words_beside(file, hear))
    return Examples(np.stack([square(file, size_px) for file in files]), tuple(captions))


def square(path: Path, size_px: int) -> npt.NDArray[np.uint8]:
    """The middle square of a picture, uint8 (size, size, 3): upright, and on white where it is transparent.

    Raises UserError for a file that is no picture.
    """
    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file)
            if picture.has_transparency_data:
                clear = picture.convert("RGBA")
                picture = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
            picture = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.name} cannot be read as a picture.", "Remove it or save it again.") from error
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size_px, size_px), Image.Resampling.LANCZOS, box=box))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)


def _words_beside(picture: Path, hear: Ears) -> str:
    """The text in the .txt beside a picture, or what is heard in the clip beside it."""
    text = picture.with_suffix(".txt")
    if text.is_file():
        return _text(text).strip()
    for clip in (picture.with_suffix(suffix) for suffix in CLIP_SUFFIXES):
        if clip.is_file():
            return hear(clip)
    raise UserError(
        f"{picture.name} has no caption.",
        "Put a .txt with the caption or the clip it belongs to beside each picture, or list all in metadata.jsonl.",
    )


def _metadata(folder: Path) -> dict[str, str]:
    """File name -> words of the listed pictures; empty where nothing is listed."""
    for path in (folder / name for name in METADATA_NAMES):
        if path.is_file():
            rows = _json_rows(path) if path.suffix == ".jsonl" else list(csv.DictReader(_text(path).splitlines()))
            return dict(_listed(path, number, row) for number, row in enumerate(rows, 1))
    return {}


def _listed(path: Path, number: int, row: object) -> tuple[str, str]:
    """One row's file name and words, or UserError where one is missing."""
    name, text = (row.get(key) if isinstance(row, dict) else None for key in ("file_name", "text"))
    if not isinstance(name, str) or not isinstance(text, str):
        raise UserError(f"Row {number} of {path.name} lacks file_name or text.", "Give every row both.")
    if not (path.parent / name).is_file():
        raise UserError(f"Row {number} of {path.name} names {name}, which is not there.", "Remove the row.")
    return str(Path(name)), text.strip()


def _json_rows(path: Path) -> list[object]:
    lines = [line for line in _text(path).splitlines() if line.strip()]
    try:
        return [json.loads(line) for line in lines]
    except ValueError as error:
        raise UserError(f"{path.name} is not JSON, one object a line.", "Mend it or remove it.") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # Windows editors begin a file with a mark
    except UnicodeDecodeError as error:
        raise UserError(f"{path.name} is not text in UTF-8.", "Save it again as UTF-8.") from error
