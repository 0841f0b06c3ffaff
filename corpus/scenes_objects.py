"""Painter's scenes of things that sound: piano, guitar, cassette, vinyl.

A scene is `paint(canvas, palette, energy)`: it covers `canvas.image`; energy in [0, 1] comes from the tempo and means
more keys, rays and stripes. Each is one large thing on a plain ground, as on a poster.
"""

import math

import numpy as np

from corpus.canvas import Canvas, mix, smoothstep
from corpus.palettes import Array, Palette

BLACK_KEYS = np.array([1, 1, 0, 1, 1, 1, 0], bool)
"""Whether a black key stands to the right of each white key, from C to B."""


def piano(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A keyboard that runs towards a low sun, with light rising from the keys that sound."""
    back, front = 0.56, 0.95
    low = mix(palette.night[2], palette.first, 0.5)
    canvas.fill(canvas.gradient([palette.night[0], palette.night[1], low], 0, back))
    sun_x = canvas.uniform(0.35, 0.65)
    canvas.over(0.5 * canvas.halo(sun_x, 0.42, 0.2, 0.12), mix(palette.first, palette.second, 0.5))
    canvas.over(canvas.disc(sun_x, 0.42, canvas.uniform(0.18, 0.22)), mix(palette.light, palette.second, 0.6))
    keys, first_key = 8 + 2 * round(2 * energy), canvas.integer(0, 6)
    sounding = canvas.rng.permutation(np.arange(1, keys - 1))[: 1 + round(4 * energy)]
    near = (canvas.y - back) / (front - back)
    across = (canvas.x - 0.5) / (0.62 + 0.38 * near) * keys * 0.9 + keys / 2  # the far ends stand closer together
    for key in sounding:
        _rising_light(canvas, palette, (int(key) + 0.5 - keys / 2) * 0.62 / (0.9 * keys) + 0.5, back, energy)
    canvas.over(np.clip((canvas.y - back + 0.05) * canvas.size_px + 0.5, 0, 1) + 0 * canvas.x, palette.dark)
    canvas.over(canvas.line(canvas.y - back + 0.04, 0.008) + 0 * canvas.x, mix(palette.second, palette.dark, 0.25))
    _white_keys(canvas, palette, across, near, sounding)
    _black_keys(canvas, palette, across, near, first_key, keys)
    canvas.over(canvas.cover(front - canvas.y) + 0 * canvas.x, mix(palette.dark, palette.first, 0.25))


def _rising_light(canvas: Canvas, palette: Palette, x: float, foot: float, energy: float) -> None:
    height, half = canvas.uniform(0.2, 0.3) + 0.2 * energy, 0.028
    up = (foot - canvas.y) / height
    beam = canvas.cover(np.abs(canvas.x - x) - half) * smoothstep(1.0, 0.0, up) * (up > 0)
    canvas.over(0.9 * beam, mix(palette.light, palette.second, 0.1))


def _white_keys(canvas: Canvas, palette: Palette, across: Array, near: Array, sounding: Array) -> None:
    on = np.clip(near * 1e3, 0, 1) + 0 * canvas.x
    ivory = canvas.gradient([mix(palette.light, palette.first, 0.35), palette.light, palette.light], 0.56, 0.95)
    canvas.over(on, ivory)
    index = np.floor(across).astype(int)
    lit = np.isin(index, sounding)
    canvas.over(on * lit, palette.second)
    width = np.abs(np.gradient(across, axis=1)) * canvas.size_px  # keys a unit
    gap = np.abs(across - np.round(across)) / width
    canvas.over(on * canvas.line(gap, 0.007), mix(palette.dark, palette.first, 0.2))


def _black_keys(canvas: Canvas, palette: Palette, across: Array, near: Array, first_key: int, keys: int) -> None:
    width = np.abs(np.gradient(across, axis=1)) * canvas.size_px
    seam = np.round(across).astype(int)
    black = BLACK_KEYS[(seam - 1 + first_key) % 7]
    side = (np.abs(across - seam) - 0.29) / width
    for length, colour in ((0.62, palette.dark), (0.55, mix(palette.dark, palette.first, 0.3))):
        inset = 0.0 if length == 0.62 else 0.008
        end = (near - length) * 0.39
        key = canvas.cover(np.maximum(side + inset, end)) * black * (near > 0)
        canvas.over(key, colour)


def guitar(canvas: Canvas, palette: Palette, energy: float) -> None:
    """An acoustic guitar, aslant, on a ground of rays that spread from its sound hole."""
    lean = canvas.uniform(0.35, 0.6) * (1 if canvas.chance(0.5) else -1)
    hole_x, hole_y = 0.5 - 0.16 * math.sin(lean), 0.6
    angle = np.arctan2(canvas.y - hole_y, canvas.x - hole_x)
    far, rays = np.clip(canvas.radius(hole_x, hole_y) / 0.8, 0, 1), 5 + 2 * round(5 * energy)
    canvas.fill(canvas.ramp([palette.sky[3], palette.sky[2], palette.sky[1]], far))
    wave = np.sin(rays * angle + canvas.uniform(0, 6)) * np.maximum(canvas.radius(hole_x, hole_y), 0.02) / rays
    canvas.over(0.5 * canvas.cover(wave), mix(palette.sky[1], palette.first, 0.6))
    x, y = turned(canvas, hole_x, hole_y, lean)
    for echo in range(round(4 * energy)):  # the faster the music, the more rings of sound
        canvas.over(
            0.6 * canvas.line(_body(x, y) - 0.05 - 0.055 * echo, 0.018), mix(palette.second, palette.light, 0.3)
        )
    for shift, colour, strength in ((0.02, palette.dark, 0.45), (0.0, palette.dark, 1.0)):
        canvas.over(strength * canvas.cover(_body(x - shift, y - shift) - 0.006), colour)
    _neck(canvas, palette, x, y)
    body = _body(x, y)
    sunburst = [mix(palette.second, palette.light, 0.35), palette.second, mix(palette.second, palette.first, 0.6),
                mix(palette.first, palette.dark, 0.4)]  # fmt: skip
    canvas.over(canvas.cover(body), canvas.ramp(sunburst, np.clip(1.0 + body / 0.24, 0, 1)))
    canvas.over(canvas.line(body + 0.012, 0.007), palette.light)
    _hole_and_bridge(canvas, palette, x, y)
    _strings(canvas, palette, x, y)


def turned(canvas: Canvas, centre_x: float, centre_y: float, lean: float) -> tuple[Array, Array]:
    """Coordinates about a centre, turned by `lean` radians."""
    x, y = canvas.x - centre_x, canvas.y - centre_y
    return x * math.cos(lean) + y * math.sin(lean), y * math.cos(lean) - x * math.sin(lean)


def _smooth_least(a: Array, b: Array, blend: float) -> Array:
    """The union of two signed distances with a round seam."""
    share = np.clip(0.5 + 0.5 * (b - a) / blend, 0, 1)
    return b + (a - b) * share - blend * share * (1 - share)


def _body(x: Array, y: Array) -> Array:
    """Upper and lower bout about the sound hole at (0, 0)."""
    return _smooth_least(np.hypot(x, y + 0.06) - 0.19, np.hypot(x, y - 0.22) - 0.25, 0.09)


def _neck(canvas: Canvas, palette: Palette, x: Array, y: Array) -> None:
    head = _box(x, y + 0.66, 0.055, 0.075, 0.015)
    board = np.maximum(np.abs(x) - 0.036, np.maximum(y + 0.05, -0.6 - y))
    canvas.over(canvas.cover(np.minimum(board, head) - 0.007), palette.dark)
    canvas.over(canvas.cover(head), mix(palette.first, palette.dark, 0.3))
    canvas.over(canvas.cover(board), mix(palette.dark, palette.first, 0.35))
    fret = np.abs((y / 0.052) % 1 - 0.5) * 0.052
    canvas.over(canvas.cover(board) * canvas.line(fret, 0.006), mix(palette.second, palette.light, 0.4))


def _hole_and_bridge(canvas: Canvas, palette: Palette, x: Array, y: Array) -> None:
    radius = np.hypot(x, y)
    canvas.over(canvas.cover(radius - 0.1), palette.light)
    canvas.over(canvas.cover(radius - 0.09), palette.first)
    canvas.over(canvas.cover(radius - 0.076), palette.dark)
    bridge = np.maximum(np.abs(x) - 0.1, np.abs(y - 0.27) - 0.022)
    canvas.over(canvas.cover(bridge - 0.006), palette.dark)
    canvas.over(canvas.line(y - 0.262, 0.008) * (np.abs(x) < 0.06), palette.light)


def _strings(canvas: Canvas, palette: Palette, x: Array, y: Array) -> None:
    """Six strings from the nut to the bridge, a little closer together at the nut."""
    along = np.clip((y + 0.6) / 0.86, 0, 1)
    for string in range(6):
        place = (string - 2.5) * 0.0105 * (1 + 0.25 * along)
        drawn = canvas.line(x - place, 0.0045) * (y > -0.6) * (y < 0.262)
        canvas.over(drawn, mix(palette.light, palette.second, 0.15))


def cassette(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A tape cassette on diagonal stripes, one reel fuller than the other."""
    stripes = 2 + round(4 * energy)
    slope = 1 if canvas.chance(0.5) else -1
    phase = (canvas.x * slope + canvas.y) * stripes + canvas.uniform(0, 1)
    canvas.fill(canvas.gradient([mix(palette.sky[3], palette.light, 0.3), palette.sky[2]]))
    edge = (np.abs(phase % 1 - 0.5) - 0.25) / stripes / math.sqrt(2)
    canvas.over(canvas.cover(edge), palette.first)
    x, y = turned(canvas, 0.5, 0.5, canvas.uniform(-0.2, 0.2) * (0.4 + 0.6 * energy))
    shell = _box(x, y, 0.41, 0.27, 0.035)
    canvas.over(0.5 * np.exp(-np.maximum(_box(x - 0.015, y - 0.025, 0.41, 0.27, 0.035), 0) / 0.03), palette.dark)
    canvas.over(canvas.cover(shell), palette.dark)
    canvas.over(canvas.line(shell + 0.014, 0.006), mix(palette.dark, palette.light, 0.4))
    label = _box(x, y + 0.045, 0.345, 0.17, 0.02)
    canvas.over(canvas.cover(label), mix(palette.light, palette.second, 0.1))
    for band, colour in enumerate((palette.second, palette.spark, palette.first)):
        canvas.over(canvas.cover(np.maximum(label, np.abs(y + 0.0975 - 0.055 * band) - 0.0275)), colour)
    canvas.over(canvas.line(y + 0.165, 0.01) * (np.abs(x) < 0.28), mix(palette.first, palette.dark, 0.4))
    _reels(canvas, palette, x, y, energy)
    foot = np.maximum(np.abs(x) - 0.27 - 0.5 * (y - 0.16), np.maximum(0.165 - y, y - 0.27))
    canvas.over(canvas.cover(foot), mix(palette.dark, palette.first, 0.35))
    for screw_x, screw_y in ((-0.375, -0.235), (0.375, -0.235), (-0.375, 0.235), (0.375, 0.235)):
        canvas.over(canvas.cover(np.hypot(x - screw_x, y - screw_y) - 0.012), mix(palette.dark, palette.light, 0.5))


def _box(x: Array, y: Array, half_width: float, half_height: float, corner: float) -> Array:
    """Signed distance of a box with round corners about (0, 0)."""
    across, down = np.abs(x) - half_width + corner, np.abs(y) - half_height + corner
    outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    return outside + np.minimum(np.maximum(across, down), 0) - corner


def _reels(canvas: Canvas, palette: Palette, x: Array, y: Array, energy: float) -> None:
    """A window with two toothed hubs; the tape wound on them says how far the song is."""
    window = _box(x, y + 0.035, 0.235, 0.075, 0.07)
    played, turn = canvas.uniform(0, 1), canvas.uniform(0, 2)
    canvas.over(canvas.cover(window), mix(palette.dark, palette.night[1], 0.4))
    for side, wound in ((-1, 1 - played), (1, played)):
        hub_x, hub_y = x - 0.15 * side, y + 0.035
        radius, angle = np.hypot(hub_x, hub_y), np.arctan2(hub_y, hub_x)
        tape = np.maximum(radius - 0.07 - 0.09 * wound, window)
        canvas.over(canvas.cover(tape), mix(palette.dark, palette.first, 0.55))
        canvas.over(canvas.cover(radius - 0.06), palette.light)
        teeth = radius - 0.034 - (0.008 + 0.004 * energy) * np.clip(6 * np.cos(6 * angle + turn), -1, 1)
        canvas.over(canvas.cover(teeth), palette.dark)


def vinyl(canvas: Canvas, palette: Palette, energy: float) -> None:
    """A record seen from above: grooves, two fans of light, a label, and the tonearm at the right."""
    canvas.fill(canvas.ramp([palette.sky[2], palette.first, mix(palette.first, palette.dark, 0.35)],
                            np.clip((canvas.x + canvas.y) / 2, 0, 1)))  # fmt: skip
    x, y, size = 0.46 + canvas.uniform(-0.02, 0.02), 0.5 + canvas.uniform(-0.02, 0.02), canvas.uniform(0.39, 0.42)
    for ripple in range(round(4 * energy)):
        canvas.over(0.45 * canvas.line(canvas.radius(x, y) - size - 0.06 - 0.06 * ripple, 0.022), palette.second)
    shadow = np.exp(-np.maximum(canvas.radius(x + 0.02, y + 0.03) - size, 0) / 0.035)
    canvas.over(0.6 * shadow, palette.dark)
    radius = canvas.radius(x, y)
    canvas.over(canvas.cover(radius - size - 0.012), mix(palette.light, palette.dark, 0.35))
    canvas.over(canvas.cover(radius - size), mix(palette.dark * 0.55, palette.first, 0.04))
    angle = np.arctan2(canvas.y - y, canvas.x - x) - canvas.uniform(-0.9, -0.6)
    fan = np.abs(np.cos(angle)) ** 14 + 0.35 * np.abs(np.cos(angle * 1.0 - 0.5)) ** 40
    tracks = 3 + round(2 * energy)
    groove = 0.72 + 0.28 * np.cos(radius / size * 2 * math.pi * tracks * 2)
    disc = canvas.cover(radius - size * 0.97) * canvas.cover(size * 0.36 - radius)
    canvas.over(0.75 * np.clip(fan, 0, 1) * groove * disc, mix(palette.light, palette.second, 0.6))
    for track in range(1, tracks):
        canvas.over(canvas.line(radius - size * (0.36 + 0.61 * track / tracks), 0.006) * 0.35, palette.second)
    _label(canvas, palette, radius, angle, size * 0.34)
    _tonearm(canvas, palette, x, y, size)


def _label(canvas: Canvas, palette: Palette, radius: Array, angle: Array, size: float) -> None:
    canvas.over(canvas.cover(radius - size), palette.second)
    canvas.over(
        canvas.cover(radius - size) * smoothstep(0.1, -0.1, np.sin(angle)) * 0.85,
        mix(palette.second, palette.spark, 0.5),
    )
    canvas.over(canvas.line(radius - size * 0.86, 0.006), palette.light)
    canvas.over(canvas.cover(radius - size * 0.42), palette.light)
    canvas.over(canvas.cover(radius - size * 0.11), palette.dark)


def _tonearm(canvas: Canvas, palette: Palette, x: float, y: float, size: float) -> None:
    base, head = (0.9, 0.12), (x + size * 0.62, y + size * 0.52)
    elbow = (0.9, 0.62)
    metal = mix(palette.light, palette.dark, 0.12)
    for shift, colour, width in ((0.014, palette.dark, 0.026), (0.0, metal, 0.022)):
        strength = 0.45 if shift else 1.0
        for (x0, y0), (x1, y1) in ((base, elbow), (elbow, head)):
            distance = _segment(canvas, x0 + shift, y0 + shift, x1 + shift, y1 + shift)
            canvas.over(canvas.cover(distance - width / 2) * strength, colour)
    canvas.over(canvas.cover(_segment(canvas, head[0] + 0.03, head[1] - 0.028, *head) - 0.024), metal)
    canvas.over(canvas.disc(*base, 0.062), mix(palette.dark, palette.light, 0.3))
    canvas.over(canvas.disc(*base, 0.04), metal)


def _segment(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> Array:
    """Distance to the line from (x0, y0) to (x1, y1)."""
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((canvas.x - x0) * dx + (canvas.y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.hypot(canvas.x - x0 - along * dx, canvas.y - y0 - along * dy)
