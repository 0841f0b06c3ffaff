"""A layout as a drawing: a landscape under a sun, in the colours that a prompt names.

The contour is the ridge. The sun stands where the clip is loudest, wide where it stays loud, and the sky is bright
along its loud stretches. The beats are bright posts along the foot, as many and as tall as the curve says. The drawing
is seen through an autoencoder's eighth of the resolution and through noise: only what is large and strong arrives.

x and y run 0..1 right and down at any size; colours are float32 sRGB, a mask is (height, width) or broadcastable to it.
"""

import re

import numpy as np
import numpy.typing as npt

from core.types import LAYOUT_POINTS, Layout
from corpus.captions import EMOTION_COLOURS, EMOTION_WORDS
from corpus.palettes import PALETTES, Array, Palette

POSTS = 26
"""So many bright posts stand along the foot where `beats` is 1 throughout."""
_LOWEST, _HIGHEST = 0.86, 0.28  # where the ridge stands for a contour of 0 and of 1, as y
_LEAST_RANGE = 0.12  # of loudness: what changes less is drawn as changing less
_FOOT, _POST_WIDTH = 0.97, 0.018
_NEUTRAL = Palette(
    sky=np.array([[0.30, 0.36, 0.45], [0.47, 0.53, 0.61], [0.68, 0.72, 0.76], [0.86, 0.87, 0.87]], np.float32),
    night=np.array([[0.10, 0.12, 0.17], [0.18, 0.22, 0.29], [0.35, 0.39, 0.46]], np.float32),
    first=np.array([0.40, 0.47, 0.56], np.float32),
    second=np.array([0.80, 0.80, 0.77], np.float32),
    spark=np.array([0.93, 0.92, 0.87], np.float32),
    dark=np.array([0.12, 0.15, 0.20], np.float32),
    light=np.array([0.98, 0.97, 0.94], np.float32),
)


def draw(layout: Layout, prompt: str, *, width_px: int, height_px: int) -> npt.NDArray[np.uint8]:
    """The layout as a picture, uint8 of shape (height, width, 3); the same layout and prompt give the same pixels."""
    palette = palette_for(prompt)
    x = (np.arange(width_px, dtype=np.float32) + 0.5) / width_px
    y = ((np.arange(height_px, dtype=np.float32) + 0.5) / height_px)[:, None]
    ridge = _LOWEST + (_HIGHEST - _LOWEST) * _along(np.asarray(layout.contour), x)
    image = _sky(palette, _along(np.asarray(layout.loudness), x), ridge, y)
    image = _over(image, 0.7 * _below(y, _smooth(ridge, 0.08) * 0.85 + 0.01), (palette.first + palette.sky[1]) / 2)
    image = _over(image, _below(y, ridge), _ground(palette, np.asarray(layout.beats), ridge, y))
    image = _over(image, 0.9 * _posts(np.asarray(layout.beats), x, y), _bright(palette))
    return np.asarray(np.clip(image, 0, 1) * 255 + 0.5, np.uint8)


def palette_for(prompt: str) -> Palette:
    """The palette whose mood and colour words the prompt has most of; greys and blues where it has none."""
    words = set(re.findall(r"[\w-]+", prompt.lower())) - {"and"}
    counts = {emotion: len(words & _words_of(emotion)) for emotion in PALETTES}
    best = max(counts, key=lambda emotion: counts[emotion])
    return PALETTES[best] if counts[best] else _NEUTRAL


def _bright(palette: Palette) -> Array:
    return max(palette.second, palette.spark, key=lambda colour: float(colour.sum()))


def _words_of(emotion: str) -> set[str]:
    return {*EMOTION_COLOURS[emotion].split(), *EMOTION_WORDS[emotion], *emotion.split("_")} - {"and"}


def _along(curve: Array, x: Array) -> Array:
    """A layout's curve at each x."""
    return np.interp(x, (np.arange(LAYOUT_POINTS) + 0.5) / LAYOUT_POINTS, curve).astype(np.float32)


def _smooth(curve: Array, spread: float) -> Array:
    """`curve` over x seen through a bell of that deviation, its ends held."""
    n = max(1, round(spread * len(curve)))
    bell = np.exp(-0.5 * (np.arange(-3 * n, 3 * n + 1) / n) ** 2)
    return np.convolve(np.pad(curve, 3 * n, mode="edge"), bell / bell.sum(), "valid").astype(np.float32)


def _below(y: Array, edge: Array) -> Array:
    """1 below the curve y = edge, anti-aliased."""
    return np.clip((y - edge) * len(y) + 0.5, 0, 1)


def _over(image: Array, mask: Array, colour: Array) -> Array:
    return np.asarray(image + mask[..., None] * (colour - image), np.float32)


def _sky(palette: Palette, loudness: Array, ridge: Array, y: Array) -> Array:
    """The gradient, dark where the clip is quiet, and over the ridge the sun where it is loudest."""
    knots = np.linspace(0, 0.8, len(palette.sky))
    image = np.stack([np.interp(y, knots, palette.sky[:, c]) for c in range(3)], -1).astype(np.float32)
    lit = _smooth(loudness, 0.03)
    lit = (lit - lit.min()) / max(float(np.ptp(lit)), _LEAST_RANGE)
    image = _over(image, 0.65 * (1 - lit)[None], (palette.night[-1] + palette.dark) / 2)
    place, width, height = int(lit.argmax()), len(lit), len(y)
    side = min(width, height)
    radius = 0.06 + 0.16 * float((lit > 0.8).mean())
    centre = max(0.16, float(ridge[place]) - radius * side / height - 0.12)
    away = np.hypot(np.arange(width) - place, (y - centre) * height) / side
    image = _over(image, 0.8 * np.exp(-((away / (0.2 + radius)) ** 2)), palette.light)
    return _over(image, np.clip((radius - away) * side / 2 + 0.5, 0, 1), palette.light)


def _ground(palette: Palette, beats: Array, ridge: Array, y: Array) -> Array:
    """Darker with its depth, and lit from the foot where there are many beats."""
    depth = np.clip((y - _smooth(ridge, 0.05)) / 0.4, 0, 1)
    image = _over(np.broadcast_to(palette.first, (*depth.shape, 3)), 0.45 + 0.55 * depth, palette.dark)
    along = _smooth(_along(beats, (np.arange(len(ridge)) + 0.5) / len(ridge)), 0.03)
    return _over(image, 0.4 * along * np.exp(-(((_FOOT - y) / 0.16) ** 2)), _bright(palette))


def _posts(beats: Array, x: Array, y: Array) -> Array:
    """The posts' mask: one wherever the beats so far add up to another whole one, as tall as there are beats."""
    so_far = np.concatenate([[0], np.cumsum(beats)]) / len(beats) * POSTS
    places = np.interp(np.arange(0.5, so_far[-1]), so_far, np.linspace(0, 1, len(so_far)))
    if not len(places):
        return np.zeros((1, 1), np.float32)
    away = np.abs(x[:, None] - places)
    tops = _FOOT - 0.06 - 0.22 * _along(beats, places[away.argmin(axis=1)])
    across = np.clip((_POST_WIDTH / 2 - away.min(axis=1)) * len(x) + 0.5, 0, 1)
    return np.asarray(across * _below(y, tops) * (1 - _below(y, np.full_like(x, _FOOT))), np.float32)
