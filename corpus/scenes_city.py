"""Painter's scenes made by people: skyline and neon_grid.

A scene is `paint(canvas, palette, energy)`: it covers `canvas.image`; energy in [0, 1] comes from the tempo and means
denser and faster.
"""

import numpy as np

from corpus.canvas import Canvas, mix, smoothstep
from corpus.palettes import Array, Palette


def skyline(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Three rows of towers with lit windows, a large moon, and all of it again in the water."""
    shore = 0.76
    canvas.fill(canvas.gradient(palette.sky, 0, shore))
    if palette.is_dark:
        canvas.stars(canvas.integer(10, 16), 0.4, palette.light)
    x, y, radius = canvas.uniform(0.22, 0.78), canvas.uniform(0.18, 0.25), canvas.uniform(0.1, 0.13)
    canvas.over(0.5 * canvas.halo(x, y, radius, radius), palette.light)
    canvas.over(canvas.disc(x, y, radius), mix(palette.light, palette.second, 0.15))
    air, lights = mix(palette.sky[2], palette.first, 0.5), np.zeros((canvas.size_px, canvas.size_px), np.float32)
    for row in range(3):
        towers = _towers(canvas, shore, row, energy)
        walls = mix(mix(air, palette.dark, 0.15), palette.dark, row / 2)
        mask = canvas.polygons([t for tower in towers for t in _outline(canvas, tower)])
        canvas.over(mask, walls)
        if row:
            lights = lights * (1 - mask) + _windows(canvas, towers, shore, energy) * (0.5 + 0.22 * row)
    _water(canvas, palette, shore, energy)  # before the windows: the mirror shows the towers alone
    canvas.over(lights, mix(palette.second, palette.light, 0.35))


def _towers(canvas: Canvas, shore: float, row: int, energy: float) -> list[tuple[float, float, float]]:
    """(left, right, top) of each tower, tallest about the middle."""
    towers, left = [], -canvas.uniform(0, 0.06)
    while left < 1:
        width = canvas.uniform(0.09, 0.15) * (1 - 0.15 * energy)
        arch = 1 - 1.1 * abs(left + width / 2 - 0.5)
        height = canvas.uniform(0.4, 1.0) * (0.2 + 0.26 * arch + 0.1 * energy) * (1.1 - 0.22 * row)
        towers.append((left, left + width, shore - height))
        left += width + (canvas.uniform(0, 0.03) if row == 2 else 0.0)
    return towers


def _outline(canvas: Canvas, tower: tuple[float, float, float]) -> list[list[tuple[float, float]]]:
    """The walls down to the water, and sometimes a stepped roof or a spire."""
    left, right, top = tower
    shapes = [[(left, 1.0), (left, top), (right, top), (right, 1.0)]]
    lot, quarter, middle = float(canvas.rng.random()), (right - left) / 4, (left + right) / 2
    if lot < 0.3:
        shapes.append([(left + quarter, top + 0.01), (left + quarter, top - 0.025), (right - quarter, top - 0.025),
                       (right - quarter, top + 0.01)])  # fmt: skip
    elif lot < 0.5:
        shapes.append([(middle - quarter, top + 0.01), (middle, top - 0.09), (middle + quarter, top + 0.01)])
    return shapes


def _windows(canvas: Canvas, towers: list[tuple[float, float, float]], shore: float, energy: float) -> Array:
    """A mask of lit windows on each tower's own grid; they are lit by whole floors, all but a dark block."""
    rectangles = []
    for left, right, top in towers:
        columns, floor = 3, 0.042
        pitch, stories = (right - left) / (columns + 0.4), max(1, int((shore - top - 0.02) / floor))
        dark = canvas.integer(0, stories - 1)
        for story in range(stories):
            y = top + 0.024 + story * floor
            if 0 <= story - dark < 1 + (1 - energy) * 0.6 * stories:
                continue
            for column in range(columns):
                x = left + pitch * (column + 0.42)
                rectangles.append([(x, y), (x + pitch * 0.56, y), (x + pitch * 0.56, y + 0.021), (x, y + 0.021)])
    return canvas.polygons(rectangles)


def _water(canvas: Canvas, palette: Palette, shore: float, energy: float) -> None:
    """The mirror image below `shore`, swaying sideways and darkening towards us."""
    first_row = int(shore * canvas.size_px)
    count = canvas.size_px - first_row
    depth = np.linspace(0, 1, count, dtype=np.float32)[:, None]
    phase = canvas.uniform(0, 6)
    sway = (0.003 + 0.012 * energy) * np.sin(60 * depth**0.7 + phase) * (0.3 + depth)
    column = np.clip((canvas.x + sway) * canvas.size_px, 0, canvas.size_px - 1).astype(int)
    rows = np.maximum(first_row - 1 - (np.arange(count) * 1.6).astype(int), 0)
    mirror, tint = canvas.image[rows[:, None], column], mix(palette.dark, palette.first, 0.4)
    canvas.image[first_row:] = mirror + (0.3 + 0.4 * depth)[..., None] * (tint - mirror)
    canvas.over(canvas.line(canvas.y - shore, 0.005) * 0.5 + 0 * canvas.x, palette.light)


def neon_grid(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A striped sun over a glowing grid that runs to the horizon."""
    horizon, x = canvas.uniform(0.55, 0.59), canvas.uniform(0.45, 0.55)
    night = mix(palette.night[0], palette.dark, 0.4)
    canvas.fill(canvas.gradient([night, palette.night[0], palette.night[1], palette.first], 0, horizon + 0.05))
    canvas.stars(canvas.integer(14, 20), horizon * 0.6, palette.light)
    radius = canvas.uniform(0.22, 0.26)
    y = horizon - radius * canvas.uniform(0.55, 0.75)
    _striped_sun(canvas, palette, x, y, radius, energy)
    hills = horizon - 0.02 - 0.085 * np.abs(canvas.ridge(5, 2, sharp=True)) * (0.25 + 1.6 * np.abs(canvas.x[0] - x))
    mask, depth = canvas.below(hills)
    canvas.over(mask, mix(night, palette.night[1], 0.4))
    canvas.over(0.8 * np.exp(-((depth / 0.006) ** 2)), mix(palette.second, palette.first, 0.4))
    _grid(canvas, palette, horizon, x, energy)
    canvas.over(
        np.exp(-np.abs(canvas.y - horizon) / 0.008) * 0.9 + 0 * canvas.x, mix(palette.light, palette.second, 0.3)
    )


def _striped_sun(canvas: Canvas, palette: Palette, x: float, y: float, radius: float, energy: float) -> None:
    canvas.shine(0.6 * canvas.halo(x, y, radius, 0.07), palette.first)
    stripes, fall = 3 + round(2 * energy), (canvas.y - y + 0.15 * radius) / radius
    phase = np.abs((fall * stripes) % 1 - 0.5) * 2
    gap = np.clip(0.22 + 0.5 * fall, 0, 0.75)
    edge = np.clip((gap - phase) * radius / stripes / 2 * canvas.size_px + 0.5, 0, 1) * (fall > 0)
    disc = canvas.disc(x, y, radius) * (1 - edge)
    canvas.over(
        disc,
        canvas.gradient(
            [palette.light, palette.second, mix(palette.second, palette.spark, 0.7)], y - radius, y + radius
        ),
    )


def _grid(canvas: Canvas, palette: Palette, horizon: float, x: float, energy: float) -> None:
    below = np.maximum(canvas.y - horizon, 1e-3)
    mask = np.clip((canvas.y - horizon) * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x
    night = mix(palette.night[0], palette.dark, 0.5)
    canvas.over(mask, canvas.gradient([mix(palette.night[1], palette.first, 0.3), night, night], horizon, 1.0))
    depth = 0.16 / below
    columns, rows = 3.2 + 2.8 * energy, 1.2 + 2.4 * energy
    across, along = (canvas.x - x) * depth * columns, depth * rows + canvas.uniform(0, 1)
    glow = np.zeros_like(mask)
    for place, slope in ((across, depth * columns), (along, depth / below * rows)):
        distance = np.abs(place - np.round(place)) / slope  # in units of the canvas
        width = 0.004 + 0.006 * below / (1 - horizon)
        crowding = np.clip(0.35 / (slope * width * 4 + 1e-6) * 0.35, 0.05, 1)
        glow = np.maximum(
            glow, (np.exp(-((distance / width) ** 2)) + 0.35 * np.exp(-distance / (width * 3))) * crowding
        )
    neon = mix(palette.second, palette.light, 0.25)
    canvas.over(np.clip(glow, 0, 1) * mask * (0.35 + 0.65 * smoothstep(0, 0.12, below)), neon)
