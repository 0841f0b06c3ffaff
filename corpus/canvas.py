"""A square canvas in unit coordinates: gradients, soft masks, glows, noise and anti-aliased shapes.

x runs right and y runs down, both 0..1 at any size in pixels, and every random draw is independent of the size, so the
same seed paints the same picture at 64 and at 512 px. The image is float32 sRGB of shape (size, size, 3); a mask
is float32 of shape (size, size) (or broadcastable to it), 0 outside and 1 inside. A signed distance, in units,
is negative inside (the convention of Inigo Quilez's distance functions); `cover` turns it into an anti-aliased mask.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from corpus.palettes import Array

SUPERSAMPLING = 4


def mix(a: Array, b: Array, share: float) -> Array:
    """`share` of b in a."""
    return (a + (b - a) * np.float32(share)).astype(np.float32)


def smoothstep(start: float, end: float, value: Array) -> Array:
    """0 before `start`, 1 after `end`, smooth between; falls when end < start."""
    t = np.clip((value - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


class Canvas:
    """Paint is laid on `image` in place; `rng` is the picture's only source of chance."""

    def __init__(self, size_px: int, rng: np.random.Generator) -> None:
        self.size_px = size_px
        self.rng = rng
        centres = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px
        self.x, self.y = centres[None, :], centres[:, None]
        self.image = np.zeros((size_px, size_px, 3), np.float32)

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return float(self.rng.random()) < probability

    # Colour

    def ramp(self, stops: Sequence[Array] | Array, position: Array) -> Array:
        """Colours along evenly spaced `stops` at `position` (0..1, any shape) -> shape (*position, 3)."""
        knots = np.linspace(0, 1, len(stops))
        table = np.asarray(stops)
        return np.stack([np.interp(position, knots, table[:, c]) for c in range(3)], -1).astype(np.float32)

    def gradient(self, stops: Sequence[Array] | Array, top: float = 0.0, bottom: float = 1.0) -> Array:
        """A vertical gradient, shape (size, 1, 3)."""
        return self.ramp(stops, np.clip((self.y - top) / (bottom - top), 0, 1))

    def fill(self, colours: Array) -> None:
        """Cover everything."""
        self.image[:] = colours

    def over(self, mask: Array, colour: Array) -> None:
        """Lay `colour` ((3,) or an image) where the mask is."""
        self.image += mask[..., None] * (colour - self.image)

    def shine(self, mask: Array, colour: Array) -> None:
        """Add light without clipping (screen blend)."""
        self.image += mask[..., None] * colour * (1 - np.clip(self.image, 0, 1))

    # Masks

    def cover(self, distance: Array) -> Array:
        """A signed distance as an anti-aliased mask, one pixel of slope."""
        return np.clip(0.5 - distance * self.size_px, 0, 1)

    def line(self, distance: Array, width: float) -> Array:
        """A stroke of `width` about distance 0; thinner than a pixel it grows faint instead of jagged."""
        width_px = width * self.size_px
        drawn = max(width_px, 1.0)
        edge = np.clip(0.5 + drawn / 2 - np.abs(distance) * self.size_px, 0, 1)
        return edge * min(1.0, width_px)

    def radius(self, centre_x: float, centre_y: float) -> Array:
        return np.hypot(self.x - centre_x, self.y - centre_y)

    def disc(self, centre_x: float, centre_y: float, radius: float) -> Array:
        return self.cover(self.radius(centre_x, centre_y) - radius)

    def halo(self, centre_x: float, centre_y: float, radius: float, reach: float) -> Array:
        """1 within `radius`, fading over `reach` outside."""
        return np.exp(-np.maximum(self.radius(centre_x, centre_y) - radius, 0) / reach)

    def below(self, heights: Array) -> tuple[Array, Array]:
        """The mask under the curve y = heights (size,), and the depth below it in units, shape (size, size)."""
        depth = self.y - heights[None, :]
        return np.clip(depth * self.size_px + 0.5, 0, 1), depth

    def polygons(self, polygons: Iterable[Sequence[tuple[float, float]]]) -> Array:
        """The union of polygons given as (x, y) corners, anti-aliased by supersampling."""
        scale = self.size_px * SUPERSAMPLING
        sheet = Image.new("L", (scale, scale))
        draw = ImageDraw.Draw(sheet)
        for corners in polygons:
            draw.polygon([(x * scale, y * scale) for x, y in corners], fill=255)
        return np.asarray(sheet.reduce(SUPERSAMPLING), np.float32) / 255

    # Chance with a shape

    def noise(self, frequency: float, octaves: int = 3, stretch: float = 1.0) -> Array:
        """Smooth noise of unit variance, shape (size, size); `stretch` > 1 draws it out sideways."""
        total, power, amplitude = np.zeros((self.size_px, self.size_px), np.float32), 0.0, 1.0
        for octave in range(octaves):
            rows = max(3, round(frequency * 2**octave) + 2)
            columns = max(3, round(rows / stretch))
            grid = Image.fromarray(self.rng.standard_normal((rows, columns)).astype(np.float32))
            total += amplitude * np.asarray(grid.resize((self.size_px, self.size_px), Image.Resampling.BICUBIC))
            power, amplitude = power + amplitude**2, amplitude * 0.5
        return total / np.float32(math.sqrt(power))

    def ridge(self, frequency: float, octaves: int = 4, sharp: bool = False) -> Array:
        """A noise curve of about -1..1, shape (size,); sharp ones have peaks instead of domes."""
        total, amplitude = np.zeros(self.size_px, np.float32), 1.0
        for octave in range(octaves):
            n = int(frequency * 2**octave) + 3
            values = self.rng.uniform(-1, 1, n + 1)
            place = self.x[0] * (n - 1) + self.uniform(0, 1)
            index = place.astype(int)
            share = place - index
            share = share if sharp else share * share * (3 - 2 * share)
            total += amplitude * (values[index] * (1 - share) + values[index + 1] * share)
            amplitude *= 0.5
        return total

    # Small repeated things

    def stars(self, count: int, lowest: float, colour: Array) -> None:
        """Soft points between the top and `lowest`; a few are large."""
        for _ in range(count):
            x, y = self.uniform(0, 1), self.uniform(0, lowest) ** 1.1
            size = 0.0016 + 0.0028 * self.uniform(0, 1) ** 3
            self.dot(x, y, size, colour, self.uniform(0.45, 1.0))

    def dot(self, x: float, y: float, radius: float, colour: Array, strength: float = 1.0) -> None:
        """A small soft disc, computed only where it is."""
        reach = int(radius * 3 * self.size_px) + 2
        column, row = int(x * self.size_px), int(y * self.size_px)
        rows = slice(max(0, row - reach), max(0, row + reach + 1))
        columns = slice(max(0, column - reach), max(0, column + reach + 1))
        distance = np.hypot(self.x[:, columns] - x, self.y[rows] - y)
        softness = max(radius * 0.6, 0.5 / self.size_px)
        area = min(1.0, (radius * self.size_px) ** 2 * 2)  # keeps the light of a star smaller than a pixel
        mask = strength * area / (1 + np.exp(np.clip((distance - radius) / softness * 2, -20, 20)))
        patch = self.image[rows, columns]
        patch += mask[..., None] * (colour - patch)
