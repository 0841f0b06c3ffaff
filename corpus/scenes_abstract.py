"""Painter's scenes without a place: geometric, rings, shards, flow.

A scene is `paint(canvas, palette, energy)`: it covers `canvas.image`; energy in [0, 1] comes from the tempo and means
more shapes and more motion.
"""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import Delaunay

from corpus.canvas import SUPERSAMPLING, Canvas, mix, smoothstep
from corpus.palettes import Array, Palette


def geometric(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A bauhaus tiling of circles, quarter circles and triangles, one large disc among the small."""
    n = 2 + min(2, int(3 * energy))
    colours = [palette.first, palette.second, palette.dark, palette.light]
    canvas.fill(palette.light)
    big = (canvas.integer(0, n - 2), canvas.integer(0, n - 2)) if n > 2 else (-2, -2)
    for row in range(n):
        for column in range(n):
            if not (big[0] <= row <= big[0] + 1 and big[1] <= column <= big[1] + 1):
                _tile(canvas, colours, column / n, row / n, 1 / n, canvas.integer(0, 4))
    if n > 2:
        _tile(canvas, colours, big[1] / n, big[0] / n, 2 / n, 0)


def _tile(canvas: Canvas, colours: list[Array], left: float, top: float, size: float, kind: int) -> None:
    """One square with a figure in it, turned by chance."""
    ground, figure, detail = (colours[i] for i in canvas.rng.permutation(len(colours))[:3])
    if abs(float(ground.mean() - figure.mean())) < 0.16:  # a figure must stand out from its ground
        figure, detail = detail, figure
    x, y = (canvas.x - left) / size - 0.5, (canvas.y - top) / size - 0.5
    for _ in range(canvas.integer(0, 3)):
        x, y = -y, x
    apart = np.maximum(np.abs(x), np.abs(y)) - 0.5
    inside = (apart <= 0).astype(np.float32)  # hard edges along the pixels' own grid: no seam between tiles

    def lay(distance: Array, colour: Array) -> None:
        canvas.over(inside * canvas.cover(distance * size), colour)

    canvas.over(inside, ground)
    if kind == 0:
        lay(np.hypot(x, y) - 0.42, figure)
        lay(np.hypot(x, y) - 0.2, detail)
    elif kind == 1:
        lay(np.hypot(x + 0.5, y + 0.5) - 1, figure)
        lay(np.hypot(x + 0.5, y + 0.5) - 0.5, detail)
    elif kind == 2:
        lay((x + y) * math.sqrt(0.5), figure)
    elif kind == 3:
        lay(np.maximum(np.hypot(x, y) - 0.5, -y), figure)
        lay(np.maximum(np.hypot(x, y + 0.5) - 0.5, -y - 0.5), detail)
    else:
        lay(np.maximum((np.abs(x) * 2 - (y + 0.5)) * math.sqrt(0.2), y - 0.5), figure)


def rings(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Concentric rings about a glowing core, and an equalizer's bars standing on the outermost."""
    canvas.fill(mix(palette.night[0], palette.dark, 0.3))
    x, y = 0.5 + canvas.uniform(-0.03, 0.03), 0.5 + canvas.uniform(-0.03, 0.03)
    radius, angle = canvas.radius(x, y), np.arctan2(canvas.y - y, canvas.x - x)
    canvas.over(np.exp(-((radius / 0.42) ** 2)), mix(palette.night[2], palette.first, 0.25))
    count, outer = 3 + round(2 * energy), 0.27
    colours = [palette.second, palette.first, palette.light]
    lobes, wobble = canvas.integer(3, 6), 0.002 + 0.012 * energy
    for ring in range(count):
        centre = 0.09 + (outer - 0.09) * (ring + 0.6) / count
        bent = radius + wobble * np.sin(lobes * angle + 1.1 * ring + canvas.uniform(0, 1)) * (0.3 + ring / count)
        stroke = np.abs(bent - centre) - 0.3 * (outer - 0.09) / count
        colour = colours[ring % 3]
        canvas.shine(0.4 * np.exp(-np.maximum(stroke, 0) / 0.02), colour)
        canvas.over(canvas.cover(stroke), colour)
    canvas.shine(0.8 * np.exp(-np.maximum(radius - 0.055, 0) / 0.04), palette.second)
    canvas.over(canvas.cover(radius - 0.055), palette.light)
    _equalizer(canvas, palette, radius, angle, outer + 0.025, energy)


def _equalizer(canvas: Canvas, palette: Palette, radius: Array, angle: Array, inner: float, energy: float) -> None:
    bars = (24, 32, 40)[min(2, int(energy * 3))]
    level = gaussian_filter1d(canvas.rng.standard_normal(bars), 1.2, mode="wrap")
    length = 0.02 + (0.06 + 0.09 * energy) * np.abs(level) / np.abs(level).max() * 1.2
    turn = (angle / (2 * math.pi) + 0.5) * bars
    place, across = turn.astype(int) % bars, np.abs(turn % 1 - 0.5)
    side = (across - 0.3) * 2 * math.pi * radius / bars
    bar = canvas.cover(np.maximum(side, np.maximum(inner - radius, radius - inner - length[place])))
    colour = canvas.ramp([palette.first, palette.second, palette.light], np.clip((radius - inner) / 0.16, 0, 1))
    canvas.over(bar, colour)


def shards(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Faceted triangles bursting from a bright centre, with wider gaps the farther they have flown."""
    x, y = canvas.uniform(0.42, 0.58), canvas.uniform(0.42, 0.58)
    back = canvas.ramp([palette.light, palette.second, palette.first, palette.dark, palette.dark],
                       np.clip(canvas.radius(x, y) / 0.75, 0, 1))  # fmt: skip
    canvas.fill(mix(palette.dark, palette.night[0], 0.3) + 0.45 * (back - palette.dark))
    colours, mask = _facets(canvas, palette, x, y, energy)
    canvas.over(mask, colours)
    angle = np.arctan2(canvas.y - y, canvas.x - x)
    for _ in range(4 + round(4 * energy)):
        turn = np.abs((angle - canvas.uniform(-math.pi, math.pi) + math.pi) % (2 * math.pi) - math.pi)
        canvas.shine(0.4 * smoothstep(0.09, 0.0, turn) * np.exp(-canvas.radius(x, y) / 0.4), palette.light)
    canvas.over(0.95 * np.exp(-canvas.radius(x, y) / 0.055), palette.light)


def _facets(canvas: Canvas, palette: Palette, x: float, y: float, energy: float) -> tuple[Array, Array]:
    """Triangles of a radial point set, each shrunk towards its middle and lit from the upper left -> colours, mask."""
    points = _burst(canvas, x, y, 3 + round(1.5 * energy))
    ramp = [palette.light, palette.second, palette.first, mix(palette.first, palette.dark, 0.55), palette.dark]
    scale = canvas.size_px * SUPERSAMPLING
    colours, shapes = Image.new("RGB", (scale, scale)), Image.new("L", (scale, scale))
    draw, stamp = ImageDraw.Draw(colours), ImageDraw.Draw(shapes)
    for corners in points[Delaunay(points).simplices]:
        middle = corners.mean(0)
        flown = float(np.hypot(*(middle - (x, y))))
        shrunk = middle + (corners - middle) * (0.97 - min(0.3, (0.25 + 0.3 * energy) * flown))
        colour = canvas.ramp(ramp, np.array(min(1.0, flown * 1.25), np.float32))
        facing = (corners[0] - corners[1])[0] * (corners[2] - corners[1])[1]  # a stand-in for how a facet is tipped
        light = math.cos(math.atan2(middle[1] - y, middle[0] - x) + 2.3) * 0.1 + 0.12 * math.tanh(60 * facing)
        colour = np.clip(colour * (0.96 + light), 0, 1)
        outline = [(float(px) * scale, float(py) * scale) for px, py in shrunk]
        draw.polygon(outline, fill=tuple(int(255 * c) for c in colour))
        stamp.polygon(outline, fill=255)
    mask = np.asarray(shapes.reduce(SUPERSAMPLING), np.float32) / 255
    # Black counts as nothing outside the shapes, so the edge pixels' colour is the sum over their covered share
    painted = np.asarray(colours.reduce(SUPERSAMPLING), np.float32) / 255
    return painted / np.maximum(mask, 0.05)[..., None], mask


def _burst(canvas: Canvas, x: float, y: float, shells: int) -> npt.NDArray[np.float64]:
    points = [(x, y)]
    for shell in range(1, shells + 1):
        distance, n = 0.95 * (shell / shells) ** 1.35, 5 + 2 * shell
        for index in range(n):
            angle = 2 * math.pi * (index + 0.5 * (shell % 2) + canvas.uniform(-0.2, 0.2)) / n
            reach = distance * canvas.uniform(0.85, 1.15)
            points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return np.array(points)


def flow(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Cut paper in layers: waves that swirl about one point, each sheet throwing a shadow on the next."""
    x, y = canvas.uniform(0.35, 0.65), canvas.uniform(0.35, 0.65)
    twist = (0.6 + 1.6 * energy) * np.exp(-((canvas.radius(x, y) / 0.3) ** 2)) * (1 if canvas.chance(0.5) else -1)
    turn = twist + canvas.uniform(-0.5, 0.5)
    across = (canvas.x - x) * np.cos(turn) + (canvas.y - y) * np.sin(turn) + x
    down = (canvas.y - y) * np.cos(turn) - (canvas.x - x) * np.sin(turn) + y
    bends = 1 + 0.8 * energy
    wave = np.sin(2 * math.pi * bends * across + 2 * down + canvas.uniform(0, 6))
    layers = 5 + round(3 * energy)
    level = np.clip((down + (0.07 + 0.05 * energy) * wave) * layers, 0, layers - 1e-3).astype(np.float32)
    # Two families, not one gradient: the way from navy to gold would lead through grey
    ramp = [palette.dark, palette.first, mix(palette.first, palette.light, 0.3),
            palette.second * np.float32(0.9), palette.second, palette.light]  # fmt: skip
    sheet, share = np.floor(level), level - np.floor(level)
    steep = np.hypot(*np.gradient(level)).astype(np.float32) + 1e-4
    upper = canvas.ramp(ramp, sheet / (layers - 1))
    lower = canvas.ramp(ramp, np.maximum(sheet - 1, 0) / (layers - 1))
    to_next = (1 - share) / steep / canvas.size_px  # how far, in units, the sheet above begins
    firm = 0.42 * smoothstep(0.3, 1.2, steep * canvas.size_px / layers)  # one that hardly rises throws no shadow
    upper = upper * (1 - firm * np.exp(-to_next / 0.022) * (sheet < layers - 1))[..., None]
    lower = lower * (1 - firm * (sheet > 0))[..., None]  # what shows beside the edge lies in its shadow
    canvas.fill(lower + np.clip(share / steep, 0, 1)[..., None] * (upper - lower))
    rim = np.exp(-((share / steep / canvas.size_px / 0.006 - 0.6) ** 2)) * (sheet > 0)
    canvas.over(0.35 * rim, palette.light)
