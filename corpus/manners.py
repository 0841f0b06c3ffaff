"""Painting manners that the base picture model never sees: what adapters learn.

A style keeps the palette and the composition of a picture and changes its hand: `stylise(pixels, style, seed)`.
"watercolour": pigment in wet flats with dark rims, granulation, white paper showing through and a bare margin.
"woodcut": three tones of the picture's own colours, cut along wavering parallel strokes, under a dark key block.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, map_coordinates, sobel

from corpus.canvas import Canvas, smoothstep
from corpus.palettes import Array

STROKES = 13
"""Gouge strokes from top to bottom of a woodcut, each wider than the 16 px that one latent of a small model covers."""

PAPER = np.array([0.985, 0.965, 0.92], np.float32)

Pixels = npt.NDArray[np.uint8]


def stylise(pixels: Pixels, style: str, seed: int) -> Pixels:
    """The picture in another hand, uint8 of the same shape (size, size, 3).

    Raises KeyError for a style outside STYLES.
    """
    canvas = Canvas(pixels.shape[0], np.random.default_rng(seed))
    image = STYLES[style](canvas, pixels.astype(np.float32) / 255)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def _watercolour(canvas: Canvas, image: Array) -> Array:
    size = canvas.size_px
    wobble = 0.006 * size
    bleeding = _displaced(image, canvas.noise(9, 3) * wobble, canvas.noise(9, 3) * wobble)
    flats = gaussian_filter(bleeding, (0.007 * size, 0.007 * size, 0))
    tones = 5
    level = flats.mean(-1) * tones
    edge = np.abs(level - np.round(level)) / (np.hypot(sobel(level, 0), sobel(level, 1)) / 8 * 256 / size + 0.02)
    settled = (np.floor(level + 0.5) / tones) / np.maximum(flats.mean(-1), 0.03)
    wash = flats * (0.45 + 0.55 * np.clip(settled, 0.6, 1.5))[..., None]
    rim = 0.2 * np.exp(-((np.minimum(edge, 8) / 1.6) ** 2))
    grain = 0.05 * canvas.noise(size / 5, 1) + 0.09 * canvas.noise(5, 3)
    pigment = np.clip(0.68 + grain + rim, 0.05, 1.2)[..., None]
    painted = PAPER * np.power(np.clip(wash / PAPER, 0.03, 1), pigment)
    margin = np.minimum(np.minimum(canvas.x, 1 - canvas.x), np.minimum(canvas.y, 1 - canvas.y))
    torn = smoothstep(0.035, 0.05, margin + 0.012 * canvas.noise(7, 3))
    return PAPER + torn[..., None] * (painted - PAPER)


def _woodcut(canvas: Canvas, image: Array) -> Array:
    size = canvas.size_px
    grey = gaussian_filter(image.mean(-1), 0.01 * size)
    low, high = np.quantile(grey, (0.06, 0.94))
    tone = np.clip((grey - low) / max(high - low, 1e-3), 0, 1)
    soft = gaussian_filter(image, (0.012 * size, 0.012 * size, 0))
    light, deep = (np.quantile(soft.reshape(-1, 3), q, axis=0).astype(np.float32) for q in (0.93, 0.04))
    paper, ink = light + 0.55 * (PAPER - light), deep * 0.35
    mean = soft.mean(-1, keepdims=True)
    block = np.clip(mean + (soft - mean) * 1.35, 0, 1) * 0.92
    # The knife follows the form: strokes bend where the tone changes, and cut wider the lighter it is
    furrows = canvas.y * STROKES + 0.9 * canvas.noise(2, 2) + 1.6 * tone
    ridge, sharp = np.abs(furrows % 1 - 0.5) * 2, size / STROKES / 2
    key = np.clip((0.75 - 2.2 * tone - 0.75 * ridge) * sharp + 0.5, 0, 1)
    bare = np.clip((tone * 2.0 - 1.15 - 0.75 * ridge) * sharp + 0.5, 0, 1)
    print_ = block + bare[..., None] * (paper - block)
    outline = np.hypot(sobel(tone, 0), sobel(tone, 1)) / 8 * size / 256
    key = np.maximum(key, smoothstep(0.03, 0.06, outline) * (tone < 0.75))
    return print_ + key[..., None] * (ink - print_)


def _displaced(image: Array, down: Array, right: Array) -> Array:
    size = image.shape[0]
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    places = [rows + down, columns + right]
    return np.stack([map_coordinates(image[..., c], places, order=1, mode="nearest") for c in range(3)], -1)


STYLES: dict[str, Callable[[Canvas, Array], Array]] = {"watercolour": _watercolour, "woodcut": _woodcut}
