"""Painter's scenes where music is played: cathedral, stage, dance_floor.

A scene is `paint(canvas, palette, energy)`: it covers `canvas.image`; energy in [0, 1] comes from the tempo and means
more and faster. These scenes are dark rooms in the palette's night colours, with the light as the subject.
"""

import math

import numpy as np

from corpus.canvas import Canvas, mix, smoothstep
from corpus.palettes import Array, Palette

PLAYER = (
    ((-1, 0), (-0.3, 2), (0.3, 2), (1, 0), (0.6, 0), (0, 1.5), (-0.6, 0)),
    ((-0.45, 1.8), (-0.6, 3.1), (0.6, 3.1), (0.45, 1.8)),
    ((-0.9, 1.7), (1.9, 3.0), (2.0, 2.75), (-0.5, 1.3)),
    tuple((0.42 * math.cos(a), 3.6 + 0.5 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 17)),
)
"""Legs apart, body, guitar and head, as corners (across, up) in quarters of the player's height."""
ARM = ((0.85, 1.0), (1.45, 1.0), (2.55, -4.0), (1.95, -4.0))
"""A raised arm, as corners (across, down) in sizes of the head."""


def _arch(canvas: Canvas, middle: float, springing: float, half: float) -> Array:
    """Signed distance of a gothic arch: an upright slab below `springing`, above it two arcs that meet in a point."""
    offset = np.abs(canvas.x - middle)
    arc = np.hypot(offset + half * 0.7, np.minimum(canvas.y - springing, 0)) - half * 1.7
    return np.where(canvas.y < springing, arc, offset - half)


def cathedral(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A tall stained-glass window at the end of a nave, its light falling on the floor towards us."""
    middle, stone = canvas.uniform(0.46, 0.54), mix(palette.night[0], palette.dark, 0.5)
    canvas.fill(stone)
    vaults = 4
    for vault in range(vaults):
        share = (vault + 1) / vaults
        wall = mix(stone, mix(palette.night[2], palette.first, 0.25), 0.72 * share)
        distance = _arch(canvas, middle, 0.5 + 0.03 * (vault - vaults), 0.52 - 0.085 * vault)
        canvas.over(canvas.cover(distance), wall)
        canvas.over(canvas.line(distance + 0.012, 0.014) * 0.5, mix(wall, palette.light, 0.5))
        canvas.over(0.45 * np.exp(-np.maximum(-distance, 0) / 0.03) * canvas.cover(distance), stone)
    floor = 0.8
    _floor(canvas, palette, floor, middle)
    _window(canvas, palette, middle, energy)
    _rays(canvas, palette, middle, energy)


def _floor(canvas: Canvas, palette: Palette, floor: float, middle: float) -> None:
    near = np.maximum(canvas.y - floor, 0) / (1 - floor)
    mask = np.clip((canvas.y - floor) * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x
    canvas.over(mask, canvas.gradient([mix(palette.night[2], palette.dark, 0.35), palette.dark], floor, 1.0))
    pool = np.exp(-(((canvas.x - middle) / (0.12 + 0.16 * near)) ** 2)) * mask
    canvas.shine(0.75 * pool * (1 - 0.55 * near), mix(palette.second, palette.light, 0.3))


def _window(canvas: Canvas, palette: Palette, middle: float, energy: float) -> None:
    """Two lancets and a rose under one arch, glazed in bands of the palette."""
    half, springing, sill = 0.19, 0.34, 0.72
    frame = np.maximum(_arch(canvas, middle, springing, half), canvas.y - sill)
    canvas.shine(0.6 * np.exp(-np.maximum(frame, 0) / 0.09), mix(palette.second, palette.light, 0.3))
    canvas.over(canvas.cover(frame - 0.012), palette.dark)
    glass = canvas.gradient([palette.light, palette.second, palette.first], 0.08, sill)
    columns, rows = 4, 4 + round(4 * energy)
    tile = np.floor((canvas.x - middle + half) / (2 * half) * columns) + 7 * np.floor(canvas.y * rows * 1.6)
    shade = np.modf(np.sin((tile + canvas.integer(0, 50)) * 12.9898) * 437.58)[0]
    pane = glass + (0.55 * np.clip(shade, 0, 1))[..., None] * (palette.first - glass)
    pane = pane + (0.5 * np.clip(-shade, 0, 1))[..., None] * (palette.light - pane)
    lancets = np.minimum(
        _arch(canvas, middle - half / 2, springing + 0.07, half / 2 - 0.012),
        _arch(canvas, middle + half / 2, springing + 0.07, half / 2 - 0.012),
    )
    lights = np.minimum(np.maximum(lancets, canvas.y - sill + 0.015), canvas.radius(middle, springing - 0.09) - 0.085)
    canvas.over(canvas.cover(np.maximum(lights, frame + 0.012)), pane)
    rose = canvas.radius(middle, springing - 0.09)
    angle = np.arctan2(canvas.y - springing + 0.09, canvas.x - middle)
    petals = rose - 0.052 - 0.02 * np.cos(8 * angle)
    canvas.over(canvas.cover(petals), palette.light)
    canvas.over(canvas.cover(rose - 0.024), palette.first)


def _rays(canvas: Canvas, palette: Palette, middle: float, energy: float) -> None:
    lean, top = canvas.uniform(0.25, 0.4) * (1 if canvas.chance(0.5) else -1), 0.3
    fall = np.maximum(canvas.y - top, 0)
    place = (canvas.x - middle - lean * fall) / (0.17 + 0.3 * fall)
    bars = 0.55 + 0.45 * np.sin(place * (5 + 7 * energy) + canvas.uniform(0, 6))
    ray = bars * smoothstep(1.0, 0.6, np.abs(place)) * smoothstep(0, 0.1, fall) * smoothstep(0.72, 0.3, fall)
    canvas.shine((0.45 + 0.35 * energy) * ray, mix(palette.light, palette.second, 0.35))


def stage(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Spotlights from a truss, a bright stage, and a crowd with raised hands in front."""
    canvas.fill(canvas.gradient([palette.dark, palette.night[0], palette.night[1], palette.first], 0, 0.95))
    floor = 0.68
    canvas.shine(0.75 * np.exp(-(((canvas.y - floor) / 0.13) ** 2) - ((canvas.x - 0.5) / 0.45) ** 2), palette.second)
    lamps = 3 + 2 * round(energy)
    for lamp in range(lamps):
        place = (lamp + 0.5) / lamps
        colour = (palette.second, palette.light, palette.first)[(lamp + lamps // 2) % 3]
        aim = 0.5 + (place - 0.5) * canvas.uniform(-0.9, 0.5) + canvas.uniform(-0.08, 0.08)
        _spotlight(canvas, mix(colour, palette.light, 0.15), place, aim, floor)
    canvas.over(canvas.cover(np.abs(canvas.y - 0.05) - 0.018) + 0 * canvas.x, palette.dark)
    for lamp in range(lamps):
        canvas.over(canvas.disc((lamp + 0.5) / lamps, 0.085, 0.022), palette.light)
    canvas.over(canvas.polygons(_band(canvas, floor)), mix(palette.dark, palette.night[0], 0.3))
    _crowd(canvas, palette, energy)


def _spotlight(canvas: Canvas, colour: Array, source: float, aim: float, floor: float) -> None:
    fall = np.maximum(canvas.y - 0.08, 0) / (floor + 0.05 - 0.08)
    width = 0.012 + 0.12 * fall
    across = (canvas.x - source - (aim - source) * fall) / width
    beam = smoothstep(1.05, 0.55, np.abs(across)) * (canvas.y > 0.08) * smoothstep(1.06, 0.98, fall)
    canvas.shine(beam * (0.85 - 0.42 * np.minimum(fall, 1)), colour)
    spot = ((canvas.x - aim) / 0.14) ** 2 + ((canvas.y - floor - 0.02) / 0.03) ** 2
    canvas.shine(0.8 * np.exp(-spot), colour)


def _band(canvas: Canvas, floor: float) -> list[list[tuple[float, float]]]:
    """Three players, and amplifiers beside them."""
    shapes = []
    for x, height in ((0.3, 0.05), (0.5, 0.058), (0.7, 0.05)):
        x, facing = x + canvas.uniform(-0.03, 0.03), 1 if canvas.chance(0.5) else -1
        for part in PLAYER:
            shapes.append([(x + facing * across * height, floor + 0.03 - up * height) for across, up in part])
    for x in (0.06, 0.94):
        shapes.append([(x - 0.07, 0.5), (x + 0.07, 0.5), (x + 0.07, floor + 0.05), (x - 0.07, floor + 0.05)])
    return shapes


def _crowd(canvas: Canvas, palette: Palette, energy: float) -> None:
    """Two rows of heads and shoulders; the faster the music, the more arms are up."""
    for row, (level, size) in enumerate(((0.82, 0.035), (0.93, 0.05))):
        shapes = [[(0.0, level + size), (1.0, level + size), (1.0, 1.0), (0.0, 1.0)]]
        for index in range(count := round(0.8 / (2.3 * size)) + 1):
            x, y = (index + canvas.uniform(0.35, 0.65)) / count, level + canvas.uniform(-0.2, 0.3) * size
            shapes += [_oval(x, y, size, size), _oval(x, y + 2 * size, 1.9 * size, size)]
            if canvas.chance(0.05 + 0.6 * energy):
                shapes.append([(x + across * size, y + down * size) for across, down in ARM])
        canvas.over(canvas.polygons(shapes), mix(palette.dark, palette.night[1], 0.35 * (1 - row)))


def _oval(x: float, y: float, half_width: float, half_height: float) -> list[tuple[float, float]]:
    turns = [2 * math.pi * step / 24 for step in range(24)]
    return [(x + half_width * math.cos(turn), y + half_height * math.sin(turn)) for turn in turns]


def dance_floor(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A mirror ball, its beams, and a chequered floor lit from below."""
    horizon, x, y, size = (
        0.6,
        0.5 + canvas.uniform(-0.05, 0.05),
        canvas.uniform(0.25, 0.29),
        canvas.uniform(0.155, 0.18),
    )
    canvas.fill(
        canvas.gradient([palette.night[0], palette.night[1], mix(palette.night[2], palette.first, 0.3)], 0, horizon)
    )
    _beams(canvas, palette, x, y, energy)
    for _ in range(round(6 + 18 * energy)):
        canvas.dot(canvas.uniform(0, 1), canvas.uniform(0.02, horizon), 0.014, palette.light, canvas.uniform(0.3, 0.7))
    _chequers(canvas, palette, horizon, energy)
    canvas.over(canvas.cover(np.abs(canvas.x - x) - 0.004) * (canvas.y < y), palette.light)
    _mirror_ball(canvas, palette, x, y, size)


def _beams(canvas: Canvas, palette: Palette, x: float, y: float, energy: float) -> None:
    angle = np.arctan2(canvas.y - y, canvas.x - x)
    count = 4 + round(6 * energy)
    wave = np.cos(angle * count + canvas.uniform(0, 6))
    colour = canvas.ramp(
        [palette.first, palette.second, palette.light], 0.5 + 0.5 * np.sin(angle * 2 + canvas.uniform(0, 6))
    )
    canvas.shine(0.55 * smoothstep(0.35, 0.95, wave) * np.exp(-canvas.radius(x, y) / 0.55), colour)
    canvas.shine(0.5 * canvas.halo(x, y, 0.14, 0.14), palette.light)


def _chequers(canvas: Canvas, palette: Palette, horizon: float, energy: float) -> None:
    below = np.maximum(canvas.y - horizon, 1e-3)
    depth, near = 0.2 / below, (below / (1 - horizon))
    across = (canvas.x - 0.5) * depth * (2.4 + 2.4 * energy)
    along = depth * 2.6 + canvas.uniform(0, 1)
    # Each edge is one pixel soft; where tiles are smaller than a pixel the contrast fades into the mean
    columns = np.clip(np.sin(math.pi * across) * canvas.size_px / (math.pi * depth * (2.4 + 2.4 * energy)) * 1.5, -1, 1)
    rows = np.clip(np.sin(math.pi * along) * canvas.size_px / (math.pi * 2.6 * depth / below) * 1.5, -1, 1)
    check = columns * rows * 0.5 + 0.5
    light = mix(palette.second, palette.light, 0.3)
    tiles = mix(palette.dark, palette.first, 0.45) + check[..., None] * (light - mix(palette.dark, palette.first, 0.45))
    mask = np.clip((canvas.y - horizon) * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x
    canvas.over(mask, tiles)
    canvas.over(mask * 0.95 * np.exp(-((near / 0.2) ** 2)), mix(palette.night[2], palette.light, 0.25))
    edge = np.hypot((canvas.x - 0.5) / 0.75, (canvas.y - 0.85) / 0.5)
    canvas.over(mask * 0.6 * smoothstep(0.6, 1.1, edge), palette.dark)


def _mirror_ball(canvas: Canvas, palette: Palette, x: float, y: float, size: float) -> None:
    across, down = (canvas.x - x) / size, (canvas.y - y) / size
    inside = np.clip(1 - across**2 - down**2, 1e-4, 1)
    latitude = np.arcsin(np.clip(down, -1, 1)) + 0 * across
    longitude = np.arctan2(across, np.sqrt(inside))
    rows, columns = np.floor(latitude / math.pi * 9), np.floor(longitude / math.pi * 8)
    glint = np.modf(np.abs(np.sin(rows * 12.99 + columns * 78.23 + canvas.integer(0, 3)) * 4375.85))[0]
    facing = np.clip(0.75 * np.sqrt(inside) - 0.35 * across - 0.45 * down, 0, 1)
    tone = np.clip(0.15 + 0.6 * facing + 0.55 * (glint - 0.5), 0, 1)
    colour = canvas.ramp([palette.dark, palette.first, palette.second, palette.light, palette.light], tone)
    seam = np.minimum(
        np.abs(np.modf(latitude / math.pi * 9 + 20)[0] - 0.5), np.abs(np.modf(longitude / math.pi * 8 + 20)[0] - 0.5)
    )
    colour = colour * (1 - 0.35 * smoothstep(0.42, 0.5, seam))[..., None]
    canvas.over(canvas.disc(x, y, size), colour)
