"""What a painter sees in a picture before the hand begins: tones, contours, a few colours.

An image is float32 sRGB of shape (size, size, 3) in [0, 1]; lengths and distances are shares of the picture's side, so
that a style looks the same at every size.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt, gaussian_filter, label, map_coordinates, maximum, sobel

from corpus.canvas import Canvas
from corpus.palettes import Array

Mask = npt.NDArray[np.bool_]
THUMBNAIL_PX = 32
"""Colours are counted on a thumbnail of about this many pixels across."""


@dataclass(frozen=True)
class Nearest:
    """For every pixel: how far the nearest marked one is, as a share of the side, and its row and column in pixels."""

    away: Array
    rows: npt.NDArray[Any]
    columns: npt.NDArray[Any]


def softened(image: Array, share: float) -> Array:
    """The image, or a map (size, size), blurred by `share` of its side."""
    sigma = share * image.shape[0]
    return gaussian_filter(image, (sigma, sigma, *[0] * (image.ndim - 2)), mode="nearest")


def tones(image: Array, share: float = 0.01) -> Array:
    """Blurred lightness (size, size): 0 for the darkest twentieth of this picture, 1 for the lightest."""
    grey = softened(image.mean(-1), share)
    low, high = np.quantile(grey, (0.05, 0.95))
    return np.clip((grey - low) / max(high - low, 0.05), 0, 1)


def contours(image: Array, *, share: float = 0.008, strength: float = 3.0) -> Mask:
    """The lines a pen would follow, one pixel wide: crests of the colour's slope that are long and steep somewhere.

    `strength` is the slope that a line reaches, in the range of a channel per side; a third of it carries it on.
    """
    size, soft = image.shape[0], softened(image, share)
    down, right = (np.stack([sobel(soft[..., c], axis) for c in range(3)], -1) * (size / 8) for axis in (0, 1))
    slope = np.sqrt((down**2 + right**2).sum(-1))
    # Along the steepest channel the slope falls on both sides of a crest
    steepest = (down**2 + right**2).argmax(-1)[..., None]
    across = [np.take_along_axis(part, steepest, -1)[..., 0] for part in (down, right)]
    length = np.hypot(*across) + 1e-6
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    crest = slope > strength / 3
    for sign in (-1, 1):
        place = [rows + sign * across[0] / length, columns + sign * across[1] / length]
        crest &= slope >= map_coordinates(slope, place, order=1, mode="nearest")
    pieces, count = label(crest, np.ones((3, 3)))
    if not count:
        return crest
    numbers = np.arange(count + 1)
    long_enough = np.bincount(pieces.ravel(), minlength=count + 1) > 0.1 * size
    kept = long_enough & (np.asarray(maximum(slope, pieces, numbers)) > strength)
    kept[0] = False
    return np.asarray(kept[pieces])


def nearest(marked: Mask) -> Nearest:
    """Distances to `marked`; all are 1 where nothing is marked."""
    size = marked.shape[0]
    if not marked.any():
        rows, columns = np.mgrid[0:size, 0:size]
        return Nearest(np.ones(marked.shape, np.float32), rows, columns)
    distance, (rows, columns) = distance_transform_edt(~marked, return_indices=True)
    return Nearest((distance / size).astype(np.float32), rows, columns)


def borders(labels: npt.NDArray[Any]) -> Mask:
    """Where the area of a pixel differs from that of its right or lower neighbour."""
    marked = np.zeros(labels.shape, bool)
    marked[:-1] |= labels[:-1] != labels[1:]
    marked[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    return marked


def few_colours(image: Array, count: int) -> Array:
    """The `count` colours that stand for the image best (k-means between its extremes), dark to light."""
    step = max(1, image.shape[0] // THUMBNAIL_PX)
    pixels = softened(image, 0.01)[::step, ::step].reshape(-1, 3)
    pixels = pixels[np.argsort(pixels.mean(-1), kind="stable")]
    centres = pixels[(np.linspace(0.02, 0.98, count) * (len(pixels) - 1)).astype(int)].copy()
    for _ in range(6):
        owner = ((pixels[:, None] - centres) ** 2).sum(-1).argmin(1)
        # The ends stay: a small sun or a black tree is no cluster, and yet makes the picture
        for k in range(1, count - 1):
            centres[k] = pixels[owner == k].mean(0) if (owner == k).any() else centres[k]
    return centres[np.argsort(centres.mean(-1), kind="stable")].astype(np.float32)


def vivid(colours: Array, saturation: float, *, brightness: float | None = None) -> Array:
    """Colours (..., 3) with more of their own hue; with `brightness` their strongest channel has that value."""
    grey = colours.mean(-1, keepdims=True)
    strong = np.clip(grey + (colours - grey) * saturation, 0.001, None)
    if brightness is not None:
        strong = strong * (brightness / strong.max(-1, keepdims=True))
    return np.clip(strong, 0, 1)


def lay(ground: Array, mask: Array, colour: Array) -> Array:
    """`colour` ((3,) or an image) over `ground` where the mask (size, size) is."""
    return ground + mask[..., None] * (colour - ground)


def stroke(canvas: Canvas, away: Array, width: float) -> Array:
    """A line of `width` around distance 0, anti-aliased."""
    return canvas.cover(away - width / 2)


def margin(canvas: Canvas) -> Array:
    """How far each place is from the picture's nearest side, shape (size, size)."""
    return np.minimum(np.minimum(canvas.x, 1 - canvas.x), np.minimum(canvas.y, 1 - canvas.y))
