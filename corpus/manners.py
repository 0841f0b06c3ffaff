"""Painting manners that the base picture model never sees: what adapters learn.

A style keeps the palette and the composition of a picture and changes its hand: `stylise(pixels, style, seed)`. A
style draws with lines and areas of at least 3 of 256 pixels, because a small model's autoencoder blurs what is finer.

    python -m corpus.manners --out sheet.png          plain paintings (first row) and every style (rows)
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from corpus import manners_light, manners_paper
from corpus.canvas import Canvas
from corpus.captions import EMOTIONS
from corpus.painter import SCENES, SceneSpec, paint
from corpus.palettes import Array

Pixels = npt.NDArray[np.uint8]

STYLES: dict[str, Callable[[Canvas, Array], Array]] = {
    "watercolour": manners_paper.watercolour,
    "neon": manners_light.neon,
    "woodcut": manners_paper.woodcut,
    "vinyl_cover": manners_paper.vinyl_cover,
    "chalk": manners_light.chalk,
    "stained_glass": manners_light.stained_glass,
    "papercut": manners_paper.papercut,
}


def stylise(pixels: Pixels, style: str, seed: int) -> Pixels:
    """The picture in another hand, uint8 of the same shape (size, size, 3).

    Raises KeyError for a style outside STYLES.
    """
    canvas = Canvas(pixels.shape[0], np.random.default_rng(seed))
    image = STYLES[style](canvas, pixels.astype(np.float32) / 255)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def contact_sheet(seed: int, *, size_px: int = 256) -> Pixels:
    """Plain paintings and below them each style (rows), one scene an emotion (columns), uint8 (rows, columns, 3)."""
    pairs = zip(list(SCENES)[:: max(1, len(SCENES) // len(EMOTIONS))], EMOTIONS, strict=False)
    plain = [paint(SceneSpec(s, e, "pop", 100.0), seed + i, size_px=size_px) for i, (s, e) in enumerate(pairs)]
    rows = [plain, *([stylise(p, style, seed + i) for i, p in enumerate(plain)] for style in STYLES)]
    return np.concatenate([np.concatenate(row, 1) for row in rows], 0)


def main(argv: list[str] | None = None) -> None:
    """Draw the contact sheet of styles."""
    parser = argparse.ArgumentParser(prog="python -m corpus.manners", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=256, help="pixels a picture")
    options = parser.parse_args(argv)
    Image.fromarray(contact_sheet(options.seed, size_px=options.size)).save(options.out)


if __name__ == "__main__":
    main()
