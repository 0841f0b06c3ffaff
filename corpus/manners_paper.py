"""Styles of ink and paper: wet pigment, carved blocks, cut sheets, a printed sleeve with its record."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import map_coordinates, sobel

from corpus.canvas import Canvas, smoothstep
from corpus.manners_forms import contours, few_colours, lay, margin, nearest, softened, stroke, tones, vivid
from corpus.palettes import Array

PAPER = np.array([0.985, 0.965, 0.92], np.float32)

FURROWS = 12
"""Gouge strokes from top to bottom of a woodcut, each wider than the 16 px that one latent of a small model covers."""

SHEETS = 5
"""Layers of cut paper, the darkest in front."""

INKS = 5
"""Flat colours that a record sleeve is printed in."""


class Sleeve(NamedTuple):
    """A square, in shares of the picture's side."""

    left: float
    top: float
    side: float


SLEEVE = Sleeve(left=0.025, top=0.085, side=0.83)


def watercolour(canvas: Canvas, image: Array) -> Array:
    """Pigment in wet flats with dark rims, granulation, white paper showing through and a torn bare margin."""
    wobble = 0.006 * canvas.size_px
    bleeding = _displaced(image, canvas.noise(9, 3) * wobble, canvas.noise(9, 3) * wobble)
    flats = softened(bleeding, 0.007)
    n_flats = 5
    level = flats.mean(-1) * n_flats
    slope = np.hypot(sobel(level, 0), sobel(level, 1)) / 8 * canvas.size_px / 256
    edge = np.abs(level - np.round(level)) / (slope * (256 / canvas.size_px) ** 2 + 0.02)
    settled = (np.floor(level + 0.5) / n_flats) / np.maximum(flats.mean(-1), 0.03)
    wash = vivid(flats, 1.3) * (0.45 + 0.55 * np.clip(settled, 0.6, 1.5))[..., None]
    rim = 0.2 * np.exp(-((np.minimum(edge, 8) / 1.6) ** 2))
    grain = 0.05 * canvas.noise(canvas.size_px / 5, 1) + 0.09 * canvas.noise(5, 3)
    pigment = np.clip(0.58 + grain + rim, 0.05, 1.2)[..., None]
    painted = PAPER * np.power(np.clip(wash / PAPER, 0.03, 1), pigment)
    torn = smoothstep(0.035, 0.05, margin(canvas) + 0.012 * canvas.noise(7, 3))
    return lay(np.broadcast_to(PAPER, image.shape), torn, painted)


def woodcut(canvas: Canvas, image: Array) -> Array:
    """One colour block and a black key block on cream paper; the knife's furrows swell with the light."""
    tone = tones(image, 0.012)
    # The block takes the colour of the middle tones; a mean of all would make green of blue and yellow
    weight = (image.max(-1) - image.min(-1) + 0.01) * np.exp(-(((tone - 0.4) / 0.2) ** 2))
    block = vivid((image * weight[..., None]).sum((0, 1)) / weight.sum(), 1.5)
    light = PAPER + 0.7 * (vivid(few_colours(image, 5)[4], 1.3) - PAPER)
    ink = 0.10 * vivid(block, 1.5, brightness=1.0)
    furrows = canvas.y * FURROWS + 0.5 * canvas.noise(2, 2) + 2.2 * tone
    ridge, sharp = np.abs(furrows % 1 - 0.5) * 2, canvas.size_px / FURROWS / 2
    bare = np.clip((2.2 * tone - 0.95 - ridge) * sharp + 0.5, 0, 1)
    key = np.clip((0.95 - 2.2 * tone - ridge) * sharp + 0.5, 0, 1)
    printed = lay(lay(np.broadcast_to(block, image.shape), bare, light), key, ink)
    lines = nearest(contours(image, share=0.010, strength=3.0))
    printed = lay(printed, stroke(canvas, lines.away, 0.016), ink)
    frame = margin(canvas) + 0.004 * np.clip(canvas.noise(9, 2), -1, 1)
    return lay(np.broadcast_to(PAPER, image.shape), smoothstep(0.03, 0.036, frame), printed)


def papercut(canvas: Canvas, image: Array) -> Array:
    """Sheets of coloured paper, one for each tone, the lighter behind, in a white frame; all throw soft shadows."""
    colours = vivid(few_colours(image, SHEETS), 1.25)
    sheets = _owners(softened(image, 0.008), colours)
    flat = np.broadcast_to(colours[-1] + 0.15 * (1 - colours[-1]), image.shape)
    fallen = max(1, round(0.016 * canvas.size_px))
    for level in range(SHEETS - 2, -1, -1):
        cut = smoothstep(0.42, 0.58, softened((sheets <= level).astype(np.float32), 0.006))
        shadow = softened(_fallen(cut, fallen, fallen), 0.010)
        rim = np.clip(cut - _fallen(cut, fallen // 2 + 1, 0), 0, 1)
        flat = lay(lay(flat, 0.75 * shadow * (1 - cut), colours[0] * 0.25), cut, colours[level])
        flat = lay(flat, 0.45 * softened(rim, 0.002), PAPER)
    # The front sheet is a white frame with an opening that was cut by hand
    frame = canvas.cover(margin(canvas) - 0.045 - 0.010 * np.clip(canvas.noise(2, 1), -2, 2))
    flat = lay(flat, 0.8 * softened(_fallen(frame, 2 * fallen, 2 * fallen), 0.014), colours[0] * 0.2)
    return lay(flat, frame, PAPER) * (1 + 0.02 * np.clip(canvas.noise(30, 2), -1, 1))[..., None]


def vinyl_cover(canvas: Canvas, image: Array) -> Array:
    """A record half drawn from its sleeve; the picture is printed on the sleeve in flat inks, worn by the record."""
    inks = vivid(few_colours(image, INKS), 1.35)
    across, down = (canvas.x - SLEEVE.left) / SLEEVE.side, (canvas.y - SLEEVE.top) / SLEEVE.side
    inside = np.minimum(np.minimum(across, 1 - across), np.minimum(down, 1 - down)) * SLEEVE.side
    owners = _owners(_shrunk(softened(image, 0.006), down, across), inks)
    shares = softened((owners[..., None] == np.arange(INKS)).astype(np.float32), 0.005) ** 4
    printed = shares / shares.sum(-1, keepdims=True) @ inks
    sleeve = lay(np.broadcast_to(PAPER, image.shape), smoothstep(0.028, 0.032, inside), printed)
    ring = canvas.radius(SLEEVE.left + SLEEVE.side / 2, SLEEVE.top + SLEEVE.side / 2) - 0.35
    wear = np.exp(-((ring / 0.012) ** 2)) * np.clip(0.8 + 0.5 * canvas.noise(8, 2), 0, 1)
    sleeve = lay(sleeve, 0.32 * wear, PAPER)
    cover = canvas.cover(-inside)
    under = _record(canvas, inks[1] * 0.3 + 0.7 * PAPER * 0.84, inks[-1])
    return lay(lay(under, 0.6 * softened(cover, 0.012), np.zeros(3, np.float32)), cover, sleeve)


def _record(canvas: Canvas, table: Array, label: Array) -> Array:
    """A record on a table, moved to the right."""
    radius = canvas.radius(0.59, SLEEVE.top + SLEEVE.side / 2)
    groove = 0.07 + 0.10 * (0.5 + 0.5 * np.sin(2 * np.pi * radius / 0.03)) ** 2
    sheen = 0.16 * np.exp(-(((canvas.y - 0.34 + 0.25 * (canvas.x - 0.9)) / 0.05) ** 2))
    black = (groove + sheen)[..., None] * (0.8 + 0.2 * label)
    shadow = 0.3 * softened(canvas.cover(radius - 0.40), 0.015)
    scene = lay(np.broadcast_to(table, (*radius.shape, 3)), shadow, table * 0.2)
    return lay(scene, canvas.cover(radius - 0.39), black)


def _fallen(mask: Array, down_px: int, right_px: int) -> Array:
    """The mask moved by whole pixels; its edges are drawn out."""
    size = mask.shape[0]
    return np.pad(mask, ((down_px, 0), (right_px, 0)), mode="edge")[:size, :size]


def _owners(image: Array, colours: Array) -> Array:
    """The index of the nearest of `colours` for every pixel."""
    return np.stack([((image - colour) ** 2).sum(-1) for colour in colours]).argmin(0)


def _shrunk(image: Array, down: Array, across: Array) -> Array:
    """The image shown in the frame where `down` and `across` run from 0 to 1."""
    size = image.shape[0]
    places = list(np.broadcast_arrays(down * size - 0.5, across * size - 0.5))
    return np.stack([map_coordinates(image[..., c], places, order=1, mode="nearest") for c in range(3)], -1)


def _displaced(image: Array, down: Array, right: Array) -> Array:
    """Every place shows what lies `down` and `right` of it, in pixels."""
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[0]].astype(np.float32)
    places = [rows + down, columns + right]
    return np.stack([map_coordinates(image[..., c], places, order=1, mode="nearest") for c in range(3)], -1)
