"""Contact sheets: pictures in rows and columns, with words beside them where the rows do not speak for themselves."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from corpus.captions import EMOTIONS
from corpus.painter import SCENES, SceneSpec

Pixels = npt.NDArray[np.uint8]
TILE_PX = 112
PAPER, INK = (250, 248, 244), (40, 44, 52)
_FONT_PX, _LINE_PX, _GAP_PX = 12, 16, 6


def contact_sheet(pictures: Sequence[Pixels | None], *, columns: int, size_px: int = TILE_PX) -> Image.Image:
    """Pictures in rows of `columns`, each scaled to `size_px`; paper where there is none."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * size_px, rows * size_px), PAPER)
    for i, picture in enumerate(pictures):
        if picture is not None:
            sheet.paste(_tile(picture, size_px), (i % columns * size_px, i // columns * size_px))
    return sheet


def _tile(picture: Pixels, size_px: int) -> Image.Image:
    return Image.fromarray(picture).resize((size_px, size_px), Image.Resampling.LANCZOS)


def scenes_by_emotions(specs: Sequence[SceneSpec], pictures: Sequence[Pixels]) -> Image.Image:
    """Every scene (rows) in every emotion, the first picture of each pair; paper where none was asked for."""
    first: dict[tuple[str, str], Pixels] = {}
    for spec, picture in zip(specs, pictures, strict=False):
        first.setdefault((spec.scene, spec.emotion), picture)
    tiles = [first.get((scene, emotion)) for scene in SCENES for emotion in EMOTIONS]
    return contact_sheet(tiles, columns=len(EMOTIONS))


def side_by_side(*sets: Sequence[Pixels], across: int = 3, size_px: int = 160) -> Image.Image:
    """The same thing of several sets next to each other, `across` such groups a row, with a gap between groups."""
    groups = list(zip(*sets, strict=True))
    width, height = len(sets) * size_px + _GAP_PX, size_px + _GAP_PX
    sheet = Image.new("RGB", (across * width, -(-len(groups) // across) * height), PAPER)
    for i, group in enumerate(groups):
        for k, picture in enumerate(group):
            place = (i % across * width + k * size_px, i // across * height)
            sheet.paste(_tile(picture, size_px), place)
    return sheet


def captioned(rows: Sequence[Sequence[Pixels]], captions: Sequence[str], *, across: int = 4) -> Image.Image:
    """Each row's pictures side by side with its caption below, `across` rows next to each other."""
    wide = max(map(len, rows)) * TILE_PX + _GAP_PX
    lines = [_wrapped(caption, wide - _GAP_PX) for caption in captions]
    high = TILE_PX + max(map(len, lines)) * _LINE_PX + _GAP_PX
    sheet = Image.new("RGB", (across * wide, -(-len(rows) // across) * high), PAPER)
    draw = ImageDraw.Draw(sheet)
    for i, (row, words) in enumerate(zip(rows, lines, strict=True)):
        left, top = i % across * wide, i // across * high
        for k, picture in enumerate(row):
            sheet.paste(_tile(picture, TILE_PX), (left + k * TILE_PX, top))
        for n, line in enumerate(words):
            draw.text((left + 2, top + TILE_PX + 1 + n * _LINE_PX), line, fill=INK, font=_font())
    return sheet


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_FONT_PX)


def _wrapped(text: str, wide_px: int) -> list[str]:
    """The text in lines of at most `wide_px`."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _font().getlength(longer) > wide_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
