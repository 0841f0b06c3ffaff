"""Painter's scenes under an open sky: mountains, sea, forest, desert_road, aurora.

A scene is `paint(canvas, palette, energy)`: it covers `canvas.image`; energy in [0, 1] comes from the tempo and means
more, steeper and faster. Distance is told by air: what is far takes the colour of the horizon.
"""

import math

import numpy as np
from scipy.ndimage import gaussian_filter1d

from corpus.canvas import Canvas, mix, smoothstep
from corpus.palettes import Array, Palette


def _sky(canvas: Canvas, palette: Palette, horizon: float) -> None:
    canvas.fill(canvas.gradient(palette.sky, 0, horizon + 0.03))
    if palette.is_dark:
        canvas.stars(canvas.integer(12, 18), horizon * 0.6, palette.light)
    streaks = smoothstep(0.3, 1.8, canvas.noise(2, 2, stretch=0.4).T)
    canvas.over(0.35 * streaks * smoothstep(horizon, horizon * 0.3, canvas.y), palette.light)


def _sun(canvas: Canvas, palette: Palette, x: float, y: float, radius: float) -> None:
    colour = mix(palette.light, palette.second, 0.15)
    canvas.over(0.55 * canvas.halo(x, y, radius, radius * 1.3), mix(colour, palette.second, 0.3))
    canvas.over(0.5 * canvas.halo(x, y, radius, radius * 0.25), palette.light)
    canvas.over(canvas.disc(x, y, radius), colour)


def mountains(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Ridges behind ridges, lit from the side of the sun, with mist in the valleys."""
    horizon = canvas.uniform(0.44, 0.52)
    _sky(canvas, palette, horizon + 0.1)
    sun_x = canvas.uniform(0.25, 0.75)
    _sun(canvas, palette, sun_x, canvas.uniform(0.17, 0.27), canvas.uniform(0.07, 0.1))
    air, layers = mix(palette.sky[-1], palette.sky[2], 0.75), 4
    for layer in range(layers):
        near = layer / (layers - 1)
        height = (0.1 + 0.12 * energy) * (1 - 0.45 * near)
        curve = horizon + 0.4 * near - height * canvas.ridge(1.7 + 1.2 * near + 1.5 * energy, 4, sharp=True)
        curve = gaussian_filter1d(curve, (0.004 + 0.012 * (1 - energy)) * canvas.size_px)
        mask, depth = canvas.below(curve)
        rock = mix(mix(air, palette.dark, near**0.8), palette.first, 0.28 * (1 - near))
        lit = _flank_light(canvas, curve, depth, 1.0 if sun_x > 0.5 else -1.0)
        colour = rock + (0.42 * (1 - 0.55 * near) * lit)[..., None] * (
            mix(mix(palette.light, palette.second, 0.4), air, 0.3) - rock
        )
        mist = 0.6 * (1 - near) * smoothstep(0.03, 0.3, depth)
        canvas.over(mask, colour + mist[..., None] * (air - colour))


def _flank_light(canvas: Canvas, curve: Array, depth: Array, side: float) -> Array:
    """How much a slope faces the sun; the flanks run down aslant, so the light is read off along a diagonal."""
    slope = np.tanh(np.gradient(curve) * canvas.size_px * side * 1.4) * 0.5 + 0.5
    slope = gaussian_filter1d(slope, 0.005 * canvas.size_px)
    column = np.arange(canvas.size_px)[None, :] + (depth - 0.5 * np.abs(depth)) * side * canvas.size_px * 0.9
    return slope[np.clip(column, 0, canvas.size_px - 1).astype(int)] * np.exp(-np.maximum(depth, 0) * 7)


def sea(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A large low sun, its path on the water, and waves that grow towards us."""
    horizon = canvas.uniform(0.42, 0.48)
    _sky(canvas, palette, horizon)
    sun_x, radius = canvas.uniform(0.35, 0.65), canvas.uniform(0.13, 0.17)
    _sun(canvas, palette, sun_x, horizon - radius * 0.55, radius)
    deep, shallow = mix(palette.dark, palette.first, 0.35), mix(palette.sky[2], palette.first, 0.45)
    water, depth = canvas.gradient([shallow, mix(shallow, deep, 0.6), deep], horizon, 1.0), canvas.y - horizon
    canvas.over(np.clip(depth * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x, water)
    far = np.maximum(depth, 0)
    ripple = np.sin(3.2 / (far + 0.07) + 1.4 * canvas.noise(5, 2, stretch=0.5).T + canvas.uniform(0, 6))
    path = np.exp(-(((canvas.x - sun_x) / (radius * 0.55 + 0.35 * far)) ** 2)) * (depth > 0)
    canvas.over(0.85 * smoothstep(-0.1, 0.9, ripple) * path, mix(palette.light, palette.second, 0.2))
    waves = 4
    for wave in range(waves):
        near = (wave + 1) / waves
        _wave(canvas, palette, horizon + 0.05 + (0.92 - horizon) * near**1.35 * 0.93, near, energy)


def _wave(canvas: Canvas, palette: Palette, level: float, near: float, energy: float) -> None:
    height, count = (0.012 + 0.034 * energy) * (0.4 + near), canvas.uniform(1.6, 2.2) * (2.2 - 1.2 * near)
    phase = 2 * math.pi * (count * canvas.x[0] + canvas.uniform(0, 1)) + 0.5 * canvas.ridge(2, 2)
    crest = 1 - 2 * np.abs(np.sin(phase / 2)) ** (0.9 + 0.4 * energy)  # round troughs, pointed crests
    mask, depth = canvas.below(level - height * crest)
    face = mix(mix(palette.sky[2], palette.first, 0.6), palette.dark, 0.2 + 0.45 * near)
    shade = smoothstep(0, 0.17, depth)[..., None]
    canvas.over(mask, face + shade * (mix(face, palette.dark, 0.6) - face))
    foam = np.exp(-((depth / (0.004 + 0.006 * near)) ** 2)) * (0.45 + 0.3 * crest[None, :])
    canvas.over(foam * (0.6 + 0.4 * energy), palette.light)


def forest(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Rows of pines, each nearer and darker, with fog between them and a pale sun behind."""
    canvas.fill(canvas.gradient(palette.sky[1:], 0, 0.72))
    sun_x, sun_y = canvas.uniform(0.3, 0.7), canvas.uniform(0.2, 0.3)
    _sun(canvas, palette, sun_x, sun_y, canvas.uniform(0.08, 0.11))
    fog, rows = mix(palette.sky[3], palette.light, 0.35), 4
    for row in range(rows):
        near = row / (rows - 1)
        ground = 0.58 + 0.3 * near**1.2 + 0.025 * canvas.ridge(2, 2)
        mask = canvas.polygons(_pines(canvas, ground, near, energy))
        soil, depth = canvas.below(ground)
        mask = np.maximum(mask, soil)
        colour = mix(mix(palette.sky[2], palette.first, 0.4), palette.dark, 0.12 + 0.88 * near)
        mist = 0.85 * (1 - near) * smoothstep(-0.16, 0.14, depth)
        canvas.over(mask, colour + mist[..., None] * (fog - colour))
    across = (canvas.x - sun_x) * 1.0 + (canvas.y - sun_y) * 0.55
    beams = np.clip(np.sin(across * 22 + canvas.uniform(0, 6)), 0, 1) * smoothstep(0.95, 0.3, canvas.y)
    canvas.shine(0.16 * beams * canvas.halo(sun_x, sun_y, 0.1, 0.35), palette.light)


def _pines(canvas: Canvas, ground: Array, near: float, energy: float) -> list[list[tuple[float, float]]]:
    """Tiered triangles standing on the ground curve, evenly spread with a little chance."""
    count, trees = round((13 - 7 * near) * (0.6 + 0.8 * energy)), list[list[tuple[float, float]]]()
    for index in range(count):
        x = (index + 0.5 + canvas.uniform(-0.4, 0.4)) / count
        height = (0.16 + 0.4 * near) * canvas.uniform(0.7, 1.2)
        width, base = height * canvas.uniform(0.19, 0.24), float(ground[min(int(x * len(ground)), len(ground) - 1)])
        tiers = 4 if near < 0.5 else 5
        for tier in range(tiers):
            low, high = tier / (tiers + 0.6), min(1.0, (tier + 2.1) / (tiers + 0.6))
            half, foot = width * (1 - 0.82 * low), base + 0.02 - height * low * 0.97
            trees.append(
                [(x - half, foot + 0.012 * height), (x, base - height * high), (x + half, foot + 0.012 * height)]
            )
    return trees


def desert_road(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A straight road to a low sun, mesas on the horizon, dashes that quicken with the tempo."""
    horizon, vanish = canvas.uniform(0.46, 0.52), canvas.uniform(0.44, 0.56)
    _sky(canvas, palette, horizon)
    radius = canvas.uniform(0.11, 0.14)
    angle = np.arctan2(canvas.y - horizon + radius * 0.5, canvas.x - vanish)
    wave = np.sin(18 * angle) * canvas.radius(vanish, horizon - radius * 0.5) / 18
    canvas.over(0.4 * energy * canvas.cover(wave), mix(palette.light, palette.second, 0.4))
    _sun(canvas, palette, vanish, horizon - radius * 0.5, radius)
    sand_far, sand = mix(palette.sky[3], palette.second, 0.5), mix(palette.second, palette.dark, 0.12)
    mesa = mix(mix(palette.sky[2], palette.first, 0.5), palette.dark, 0.35)
    canvas.over(canvas.polygons(_mesas(canvas, horizon, vanish)), mesa)
    ground = canvas.gradient([sand_far, sand, mix(sand, palette.dark, 0.45)], horizon, 1.0)
    canvas.over(np.clip((canvas.y - horizon) * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x, ground)
    near = np.maximum(canvas.y - horizon, 0) / (1 - horizon)
    dunes = smoothstep(0.2, 1.0, canvas.noise(4, 2, stretch=0.35).T) * near
    canvas.over(0.25 * dunes, palette.dark)
    middle, half = vanish + (0.5 - vanish) * near, 0.004 + 0.4 * near**1.15
    across = canvas.x - middle
    tar = canvas.gradient([mix(palette.dark, sand_far, 0.45), mix(palette.dark, palette.first, 0.12)], horizon, 0.8)
    canvas.over(canvas.cover(np.abs(across) - half) * (near > 0), tar)
    canvas.over(canvas.cover(np.abs(np.abs(across) - half * 0.9) - half * 0.025) * (near > 0), palette.light)
    travelled = 0.55 / (near + 0.06) * (1.6 + 2.8 * energy) + canvas.uniform(0, 1)
    dash = smoothstep(0.42, 0.5, np.abs(travelled % 1 - 0.5) * 2) * smoothstep(0.02, 0.12, near)
    canvas.over(canvas.cover(np.abs(across) - half * 0.05) * dash, mix(palette.light, palette.second, 0.5))


def _mesas(canvas: Canvas, horizon: float, vanish: float) -> list[list[tuple[float, float]]]:
    shapes = []
    for side in (-1, 1):
        for step in range(2):
            x = vanish + side * (0.22 + 0.24 * step + canvas.uniform(-0.03, 0.03))
            height, half = canvas.uniform(0.06, 0.15), canvas.uniform(0.05, 0.12)
            foot, top = horizon + 0.01, horizon - height
            shapes.append(
                [(x - half * 1.5, foot), (x - half, top + height * 0.5), (x - half * 0.85, top), (x + half * 0.8, top),
                 (x + half, top + height * 0.5), (x + half * 1.5, foot)]
            )  # fmt: skip
    return shapes


def aurora(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Curtains of light over black hills, mirrored in a lake."""
    shore = 0.76
    night = mix(palette.night[0], palette.dark, 0.5)
    canvas.fill(canvas.gradient([night, night, palette.night[0], palette.night[1]], 0, shore))
    canvas.stars(round(14 + 20 * energy), shore * 0.75, palette.light)
    for band, colours in enumerate(((palette.second, palette.first), (palette.first, palette.spark))):
        _curtain(canvas, 0.42 + 0.13 * band + canvas.uniform(-0.04, 0.04), colours, energy)
    hills = shore - np.maximum(0.015, 0.08 + 0.06 * canvas.ridge(2.2, 1))
    mask, _ = canvas.below(hills)
    canvas.over(mask, mix(palette.dark, palette.night[0], 0.25))
    first_row = int(shore * canvas.size_px)
    count = canvas.size_px - first_row
    reach = np.linspace(0, 1, count, dtype=np.float32)
    sway = 0.012 * np.sin(70 * reach**0.7) * (0.3 + reach) * canvas.size_px
    columns = np.clip(np.arange(canvas.size_px)[None, :] + sway[:, None], 0, canvas.size_px - 1).astype(int)
    rows = first_row - 1 - (np.arange(count) * 2.2).astype(int)
    mirror = canvas.image[rows[:, None], columns]
    tint, depth = mix(palette.dark, palette.night[1], 0.3), 0.25 + 0.4 * reach
    canvas.image[first_row:] = mirror + depth[:, None, None] * (tint - mirror)
    canvas.over(canvas.line(canvas.y - shore, 0.004) * 0.4 + 0 * canvas.x, palette.light)


def _curtain(canvas: Canvas, level: float, colours: tuple[Array, Array], energy: float) -> None:
    sway = gaussian_filter1d(canvas.ridge(1.4 + 1.6 * energy, 1), 0.03 * canvas.size_px)
    hem = level + (0.04 + 0.11 * energy) * sway
    folds = gaussian_filter1d(canvas.ridge(5 + 6 * energy, 1), 0.01 * canvas.size_px)
    length = canvas.uniform(0.2, 0.26) * (1 + 0.35 * folds)
    height = hem[None, :] - canvas.y
    light = np.where(height > 0, np.exp(-np.maximum(height, 0) / length), np.exp(np.minimum(height, 0) / 0.03))
    light = light * np.clip(0.75 + 0.4 * folds, 0.15, 1.2)[None, :]
    rise = smoothstep(0.0, 0.35, height)[..., None]
    canvas.shine(0.95 * light, colours[0] + rise * (colours[1] - colours[0]))
