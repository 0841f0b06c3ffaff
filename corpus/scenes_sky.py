"""Painter's scenes of far places: palms and planets.

A scene is `paint(canvas, palette, energy)`: it covers `canvas.image`; energy in [0, 1] comes from the tempo and means
more palms in more wind, more moons and comets.
"""

import math

import numpy as np

from corpus.canvas import Canvas, mix, smoothstep
from corpus.palettes import Array, Palette

Outline = list[tuple[float, float]]


def palms(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Palm trees on a beach, before a large sun that sinks into the sea."""
    horizon, sun_x, radius = 0.66, canvas.uniform(0.4, 0.6), canvas.uniform(0.19, 0.23)
    canvas.fill(canvas.gradient(palette.sky, 0, horizon))
    colour = mix(palette.light, palette.second, 0.3)
    canvas.over(0.5 * canvas.halo(sun_x, horizon - 0.1, radius, 0.12), colour)
    canvas.over(canvas.disc(sun_x, horizon - 0.1, radius), colour)
    _lagoon(canvas, palette, horizon, sun_x, radius, energy)
    side = 1 if canvas.chance(0.5) else -1
    beach = 0.84 + 0.05 * np.sin(math.pi * (canvas.x[0] * side + 0.2 * (1 - side) + canvas.uniform(-0.1, 0.1)))
    trees = 2 + round(2 * energy)
    shapes = []
    for tree in range(trees):
        foot = 0.5 - side * (0.36 - 0.72 * (tree % 2) + 0.2 * (tree // 2) * (2 * (tree % 2) - 1))
        height = (0.66 - 0.16 * (tree % 2) - 0.14 * (tree // 2)) * canvas.uniform(0.92, 1.05)
        lean = (0.5 - foot) * 0.4 + side * 0.22 * energy
        shapes += _palm(canvas, foot, 0.92, height, lean, energy * side)
    sand, depth = canvas.below(beach)
    canvas.over(canvas.line(depth + 0.008, 0.012), palette.light)
    canvas.over(canvas.polygons(shapes), mix(palette.dark, palette.night[0], 0.2))
    canvas.over(sand, mix(palette.dark, palette.first, 0.25))


def _lagoon(canvas: Canvas, palette: Palette, horizon: float, sun_x: float, radius: float, energy: float) -> None:
    """Flat water with the sun's path in bars, broader towards us."""
    near = np.maximum(canvas.y - horizon, 0) / (1 - horizon)
    shallow = mix(palette.sky[2], palette.first, 0.5)
    water = canvas.gradient([shallow, mix(palette.first, palette.dark, 0.35)], horizon, 0.95)
    canvas.over(np.clip((canvas.y - horizon) * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x, water)
    bars = 5 + round(4 * energy)
    phase = near**0.8 * bars * 1.6
    bar = (np.abs(phase % 1 - 0.5) - 0.27) * 0.34 / bars / 1.6
    reach = radius * (0.95 - 0.7 * near) * (0.75 + 0.25 * np.cos(2.4 * np.floor(phase)))
    path = np.maximum(bar, np.abs(canvas.x - sun_x) - reach)
    canvas.over(canvas.cover(path) * (canvas.y > horizon), mix(palette.light, palette.second, 0.3))


def _palm(canvas: Canvas, foot: float, ground: float, height: float, lean: float, wind: float) -> list[Outline]:
    """A bent trunk that tapers, and a crown of drooping fronds that the wind sweeps to one side."""
    share = np.linspace(0, 1, 12)
    middle = foot + lean * share**1.7
    up, half = ground - height * share, 0.02 * (1 - 0.5 * share) * (height / 0.6)
    trunk = [(float(x), float(y)) for x, y in zip(middle - half, up, strict=True)]
    trunk += [(float(x), float(y)) for x, y in zip((middle + half)[::-1], up[::-1], strict=True)]
    crown_x, crown_y, fronds = float(middle[-1]), float(up[-1]), 8
    leaves = []
    for frond in range(fronds):
        angle = math.pi * (-0.12 + 1.24 * (frond + 0.5) / fronds) + canvas.uniform(-0.06, 0.06)
        leaves.append(_frond(crown_x, crown_y, 0.4 * height, angle, wind))
    return [trunk, *leaves]


def _frond(x: float, y: float, length: float, angle: float, wind: float) -> Outline:
    """A drooping leaf with a smooth back and a comb of leaflets below."""
    share = np.linspace(0, 1, 13)
    along = x + length * (math.cos(angle) * share + 0.3 * wind * share**2)
    down = y - length * (math.sin(angle) * share - 0.75 * share**2)
    turn = np.arctan2(np.gradient(down), np.gradient(along))
    below = np.where(np.cos(turn) < 0, -1.0, 1.0)  # which side of the rib hangs
    width = 0.1 * length * np.sin(math.pi * np.minimum(1, share + 0.08)) ** 0.7
    comb = width * np.where(np.arange(13) % 2, 1.5, 0.7)
    back = zip(along + below * 0.4 * width * np.sin(turn), down - below * 0.4 * width * np.cos(turn), strict=True)
    tips = zip(along - below * comb * np.sin(turn), down + below * comb * np.cos(turn), strict=True)
    return [*back, *list(tips)[::-1]]


def planets(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A ringed planet among stars, moons about it and comets past it."""
    night = mix(palette.night[0], palette.dark, 0.4)
    x, y, radius = canvas.uniform(0.44, 0.56), canvas.uniform(0.42, 0.5), canvas.uniform(0.2, 0.23)
    far = np.clip(canvas.radius(x, y) / 0.75, 0, 1)
    canvas.fill(canvas.ramp([mix(palette.night[2], palette.first, 0.4), palette.night[1], night, night], far))
    for _ in range(round(14 + 18 * energy)):
        canvas.dot(canvas.uniform(0, 1), canvas.uniform(0, 1), canvas.uniform(0.003, 0.006), palette.light)
    for _ in range(round(3 * energy)):
        _comet(canvas, palette)
    tilt = canvas.uniform(0.25, 0.45) * (1 if canvas.chance(0.5) else -1)
    across = (canvas.x - x) * math.cos(tilt) + (canvas.y - y) * math.sin(tilt)
    down = (canvas.y - y) * math.cos(tilt) - (canvas.x - x) * math.sin(tilt)
    _ringed(canvas, palette, x, y, radius, across, down, energy)
    for moon in range(1 + round(2 * energy)):
        angle = canvas.uniform(0, 0.5) + 2.1 * moon + 0.6
        place = (0.5 + 0.41 * math.cos(angle), 0.5 + 0.38 * math.sin(angle))
        _globe(canvas, *place, 0.055 - 0.012 * moon, (palette.second, palette.spark, palette.light)[moon], palette.dark)
    ground, _ = canvas.below(0.93 - 0.06 * np.sin(math.pi * canvas.x[0]))
    canvas.over(ground, mix(palette.dark, palette.first, 0.18))


def _globe(canvas: Canvas, x: float, y: float, radius: float, colour: Array, dark: Array) -> None:
    """A ball lit from the upper left, with one clean edge between day and night."""
    disc = canvas.disc(x, y, radius)
    canvas.over(disc, colour)
    night = canvas.radius(x - 0.35 * radius, y - 0.35 * radius) - radius
    canvas.over(disc * canvas.cover(-night), mix(colour, dark, 0.6))


def _ringed(canvas: Canvas, palette: Palette, x: float, y: float, radius: float,
            across: Array, down: Array, energy: float) -> None:  # fmt: skip
    bands = 4 + round(3 * energy)
    colours = [palette.light, palette.second, palette.spark, palette.first]
    place = (down / radius + 1) / 2 * bands + 0.25 * np.sin(across / radius * 2)
    band = np.round(place).astype(int)
    later = np.clip((place - band) * 2 * radius / bands * canvas.size_px + 0.5, 0, 1)[..., None]
    surface = np.stack(colours)[(band * 3 + 1) % 4] * later + np.stack(colours)[(band * 3 - 2) % 4] * (1 - later)
    canvas.over(0.6 * canvas.halo(x, y, radius, 0.05), mix(palette.first, palette.second, 0.4))
    disc = canvas.disc(x, y, radius)
    canvas.over(disc, surface)
    shadow = smoothstep(0.75 * radius, 1.25 * radius, canvas.radius(x - 0.4 * radius, y - 0.4 * radius))
    canvas.over(0.75 * disc * shadow, palette.dark)
    out = np.hypot(across, down / 0.28)
    behind = disc * (down < 0)
    rings = 2 + round(energy)
    for ring in range(rings):
        middle, half = radius * (1.35 + 0.5 * (ring + 0.5) / rings), radius * 0.19 / rings
        slope = np.hypot(across / np.maximum(out, 1e-3), down / 0.28**2 / np.maximum(out, 1e-3))
        stroke = canvas.cover((np.abs(out - middle) - half) / slope)
        canvas.over(stroke * (1 - behind), (palette.second, palette.light, palette.spark)[ring % 3])


def _comet(canvas: Canvas, palette: Palette) -> None:
    """A head with a straight tail, always falling to the lower left."""
    x, y = canvas.uniform(0.1, 0.8), canvas.uniform(0.05, 0.6)
    along, off = ((canvas.x - x) - (canvas.y - y)) * math.sqrt(0.5), ((canvas.x - x) + (canvas.y - y)) * math.sqrt(0.5)
    tail = canvas.cover(np.abs(off) - 0.008 * np.clip(1 - along / 0.24, 0, 1)) * (along > 0) * (along < 0.24)
    canvas.over(0.9 * tail * np.clip(1 - along / 0.24, 0, 1), palette.light)
    canvas.over(canvas.disc(x, y, 0.011), palette.light)
