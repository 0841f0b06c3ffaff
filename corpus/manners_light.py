"""Styles of light on a dark ground: neon tubes, chalk on a board, leaded glass with the sun behind it."""

import numpy as np
from scipy.spatial import cKDTree

from corpus.canvas import Canvas, smoothstep
from corpus.manners_forms import borders, contours, lay, margin, nearest, softened, stroke, tones, vivid
from corpus.palettes import Array

TUBE = 0.017
CHALK = 0.017
LEAD = 0.020
"""Widths of lines; a small autoencoder loses what is thinner than 3 of 256 px."""

PANES = 10
"""Panes of glass along a side."""

BOARD = np.array([0.14, 0.21, 0.18], np.float32)
WOOD = np.array([0.52, 0.36, 0.22], np.float32)
SOLDER = np.array([0.035, 0.03, 0.04], np.float32)


def neon(canvas: Canvas, image: Array) -> Array:
    """A night wall, and the contours as glowing tubes of the picture's own colours, made vivid."""
    lines = nearest(contours(image, share=0.010, strength=3.0))
    soft = softened(image, 0.02)
    gas = softened(vivid(soft, 2.6, brightness=1.0), 0.01)[lines.rows, lines.columns]
    mean = vivid(soft.reshape(-1, 3).mean(0), 1.8, brightness=1.0)
    wall = 0.05 * mean + 0.36 * tones(image)[..., None] ** 1.5 * vivid(soft, 2.0, brightness=0.9)
    plaster = wall * (0.85 + 0.15 * np.clip(canvas.noise(6, 3), -1, 1))[..., None]
    light = 0.55 * np.exp(-lines.away / 0.02) + 0.28 * np.exp(-lines.away / 0.07)
    glow = softened(light[..., None] * gas, 0.012)
    lit = 1 - (1 - np.clip(plaster, 0, 1)) * (1 - np.clip(glow, 0, 1))
    lit = lay(lit, stroke(canvas, lines.away, TUBE), gas)
    return lay(lit, stroke(canvas, lines.away, TUBE * 0.45), gas + 0.75 * (1 - gas))


def chalk(canvas: Canvas, image: Array) -> Array:
    """A slate board: lights laid in with the side of the chalk, slanting, and contours drawn with its edge."""
    soft, tone = softened(image, 0.012), tones(image)
    pastel = vivid(soft, 1.5, brightness=0.92)
    pastel = pastel + 0.22 * (1 - pastel)
    # Broad slanting strokes: noise drawn out along the diagonal
    slant = np.sin(2 * np.pi * (9 * (canvas.x + canvas.y) + 0.3 * canvas.noise(3, 2)))
    grain = 0.5 * canvas.noise(40, 2)
    cover = smoothstep(0.1, 0.85, tone + 0.16 * slant + 0.12 * grain) * 0.86
    dust = 0.06 * np.clip(canvas.noise(3, 2), -1, 1.5) + 0.02 * grain
    board = BOARD + dust[..., None] * np.array([0.9, 1.0, 0.95], np.float32)
    drawn = lay(board, cover, pastel)
    lines = nearest(contours(image, share=0.013, strength=3.5))
    edge = stroke(canvas, lines.away + 0.0025 * np.clip(canvas.noise(24, 2), -1, 1), CHALK)
    crayon = pastel[lines.rows, lines.columns]
    drawn = lay(drawn, edge * np.clip(0.85 + 0.4 * grain, 0, 1), crayon + 0.45 * (np.float32(0.97) - crayon))
    side = margin(canvas)
    drawn = drawn * smoothstep(-0.01, 0.07, side)[..., None]
    return lay(drawn, canvas.cover(side - 0.032), WOOD * (0.9 + 0.1 * canvas.noise(20, 2, stretch=4))[..., None])


def stained_glass(canvas: Canvas, image: Array) -> Array:
    """Panes that gather around the picture's own borders, each of one saturated colour, in dark lead."""
    soft = softened(image, 0.006)
    panes = _panes(canvas, soft)
    lines = nearest(borders(panes))
    counts = np.maximum(np.bincount(panes.ravel()), 1)
    colours = np.stack([np.bincount(panes.ravel(), soft[..., c].ravel()) for c in range(3)], -1) / counts[:, None]
    shade = np.clip(colours.mean(-1, keepdims=True) * 1.25 + 0.06, 0, 1)
    shade = shade * canvas.rng.uniform(0.86, 1.14, (len(colours), 1))
    glass = vivid(colours, 2.0, brightness=1.0) * (0.22 + 0.78 * shade)
    lit = glass[panes] + 0.10 * smoothstep(0.0, 0.045, lines.away)[..., None]
    streaks = 0.05 * np.clip(canvas.noise(5, 2, stretch=0.4), -1.5, 1.5)
    lit = softened(np.clip(lit * (0.95 + streaks)[..., None], 0, 1), 0.002)
    lead = np.maximum(stroke(canvas, lines.away, LEAD), stroke(canvas, margin(canvas), 2.2 * LEAD))
    ridge = stroke(canvas, lines.away, LEAD * 0.25) * 0.16
    return lay(lay(lit, lead, SOLDER), ridge * lead, np.float32(0.6) * np.ones(3, np.float32))


def _panes(canvas: Canvas, image: Array) -> Array:
    """The number of the pane that each pixel belongs to: nearest seed by place and, a little, by colour."""
    size, weight = canvas.size_px, 0.22
    rows, columns = (np.arange(PANES * PANES) // PANES, np.arange(PANES * PANES) % PANES)
    jitter = canvas.rng.uniform(-0.32, 0.32, (2, PANES * PANES))
    x = (columns + 0.5 + 0.5 * (rows % 2 - 0.5) + jitter[0]) / PANES
    y = (rows + 0.5 + jitter[1]) / PANES
    places = [np.broadcast_to(axis, (size, size))[..., None] for axis in (canvas.x, canvas.y)]
    points = np.concatenate([*places, weight * image], -1).reshape(-1, 5)
    at = (np.clip((y, x), 0, 0.999) * size).astype(int)
    seeds = np.concatenate([x[:, None], y[:, None], weight * image[at[0], at[1]]], -1)
    for _ in range(2):
        owner = cKDTree(seeds).query(points[:: max(1, size // 48)])[1]
        chosen = points[:: max(1, size // 48)]
        counts = np.bincount(owner, minlength=len(seeds))
        sums = np.stack([np.bincount(owner, chosen[:, c], len(seeds)) for c in range(5)], -1)
        seeds = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], seeds)
    return cKDTree(seeds).query(points)[1].reshape(size, size)
