"""A clip along its time, as HTML: strips that show which seconds speak for an answer, and genre and emotion as they go.

Both are as wide as the player's waveform, so a moment stands at the same place in all of them. Shapes carry classes,
CSS has the colours: the accents for the strips, the four tones and the grey of look.css for the plots. Words are HTML
placed in per cent, because text inside a stretched drawing would be stretched with it. Times in seconds.
"""

import base64
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types import Scores, Timeline, Traits
from corpus.captions import EMOTION_WORDS, clock
from page.figures import WIDTH, escape, label_word

Doubles = npt.NDArray[np.float64]

HEIGHT = 100
N_TONES = 4
MAX_STEPS = 240
_GRID = np.linspace(0, 1, 101)
"""Where along the clip words are tried, and curves are drawn: parts of its length."""
_PHONE_PX = (330, 120)
"""Width and height of a plot on a narrow phone: where the words fit there they fit anywhere."""
_LETTER_PX, _LINE_PX = 7.0, 17
_LEAST_SPAN = 0.12
"""Least height of the lines plot, in probability: changes smaller than that shall look small."""
_AXIS_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120)
_MAX_TICKS = 6


@dataclass(frozen=True)
class Curve:
    """A label's probability at the points of _GRID; its tone, 0 to 3, is None for the rest."""

    label: str
    values: Doubles
    tone: int | None


@dataclass(frozen=True)
class Tag:
    """A word in a plot: its middle and half its size, in parts of the plot's width and height from the lower left."""

    word: str
    tone: int | None
    x: float
    y: float
    half_width: float
    half_height: float = _LINE_PX / _PHONE_PX[1] / 2

    def overlaps(self, other: "Tag") -> bool:
        return (
            abs(self.x - other.x) < self.half_width + other.half_width
            and abs(self.y - other.y) < self.half_height + other.half_height
        )


def can_be_followed(traits: Traits) -> bool:
    """Whether there is more than one window, so that anything can change."""
    return traits.timeline is not None and len(traits.timeline.centres_s) > 1


def shown_by(kind: str, label: str) -> str:
    """What a strip shows: "Which seconds sound like jazz", "Which seconds sound tender"."""
    return f"Which seconds sound {EMOTION_WORDS[label][0] if kind == 'emotion' else f'like {label_word(label)}'}"


# Strips


def strips(traits: Traits) -> str:
    """Which seconds speak for the genre, and for the emotion; every other label lies hidden behind, to be chosen."""
    if traits.timeline is None or not can_be_followed(traits):
        return ""
    return _strip("genre", traits.genre.top, traits) + _strip("emotion", traits.emotion.top, traits)


def _strip(kind: str, top: str, traits: Traits) -> str:
    from classifiers.evidence import by_label

    assert traits.timeline is not None
    step_s = traits.seconds / max(1, min(MAX_STEPS, round(traits.seconds)))
    layers = []
    for label, strip in by_label(traits.timeline, kind, seconds=traits.seconds, step_s=step_s).items():
        where = _where(strip, traits.seconds, step_s)
        says = escape(shown_by(kind, label))
        layers.append(
            f'<div class="syn-layer{" is-on" if label == top else ""}" data-label="{escape(label)}" role="img" '
            f'aria-label="{says}: {where}"><p><span>{says}</span><span>{where}</span></p>'
            f"<i style=\"--ink:url('data:image/png;base64,{base64.b64encode(ink_png(strip)).decode()}')\"></i></div>"
        )
    return f'<div class="syn-speaks" data-kind="{kind}">{"".join(layers)}</div>'


def _where(strip: Doubles, seconds: float, step_s: float) -> str:
    from classifiers.evidence import stretch

    for word, sign in (("most", 1), ("least", -1)):
        if found := stretch(sign * strip, seconds=seconds, step_s=step_s):
            return f"{word} from {clock(found[0])} to {clock(found[1])}"
    return "even throughout"


def ink_png(strip: Doubles) -> bytes:
    """Evidence (k,) in [-1, 1] as a PNG k wide and 1 high of one transparent ink: the page chooses the colour."""
    from PIL import Image

    ink = np.zeros((1, len(strip), 2), np.uint8)
    ink[..., 1] = np.round(255 * (0.06 + 0.94 * ((strip + 1) / 2) ** 1.5))
    out = io.BytesIO()
    Image.fromarray(ink, "LA").save(out, "PNG")
    return out.getvalue()


# Plots


def plots(traits: Traits) -> str:
    """Genre as stacked areas and emotion as lines along the clip, or a sentence where there is only one window."""
    along = traits.timeline
    if along is None:
        return ""
    if not can_be_followed(traits):
        return '<div class="syn-along"><p class="syn-note">The clip is too short to follow it along its time.</p></div>'
    window = f"in windows of {along.window_s:.0f} s"
    lanes = [
        _lane("Genre along the clip", window, areas(curves(along, "genre", traits.seconds))),
        _lane("Emotion along the clip", "", lines(curves(along, "emotion", traits.seconds))),
    ]
    return f'<div class="syn-along">{"".join(lanes)}{axis(traits.seconds)}<i class="syn-head"></i></div>'


def curves(along: Timeline, kind: str, seconds: float) -> list[Curve]:
    """The labels, most probable over the clip first; the first four have a tone. Held level before the first window's
    middle and after the last one's."""
    windows: tuple[Scores, ...] = getattr(along, kind)
    shares = np.array([scores.probabilities for scores in windows])
    order = np.argsort(-shares.mean(axis=0), kind="stable")
    at = np.array(along.centres_s) / seconds
    return [
        Curve(windows[0].labels[i], np.interp(_GRID, at, shares[:, i]), rank if rank < N_TONES else None)
        for rank, i in enumerate(order)
    ]


def areas(every: list[Curve]) -> str:
    """Stacked areas, the most probable label at the foot, grey on top; only what has room for its name has a tone."""
    base, paths, tags = np.zeros(len(_GRID)), list[str](), list[Tag]()
    for curve in every:
        roof = base + curve.values
        tag = None if curve.tone is None else _inside(label_word(curve.label), curve.tone, base, roof)
        if tag is not None:
            outline = f"{_path(base)}L{_path(roof, backwards=True)[1:]}z"
            paths.append(f'<path class="syn-area" data-tone="{tag.tone}" d="{outline}"/>')
            paths.append(f'<path class="syn-line" data-tone="{tag.tone}" d="{_path(roof)}"/>')
            tags.append(tag)
            base = roof
    others = _inside("others", None, base, np.ones(len(_GRID)))
    return _drawing(paths, [*tags, *filter(None, [others])], every)


def lines(every: list[Curve]) -> str:
    """A line for every label, the first four in tones with their names at them, over a few levels in per cent."""
    low, high = _span(np.concatenate([curve.values for curve in every]))
    step = 0.05 if high - low < 0.25 else 0.1 if high - low < 0.5 else 0.25
    levels = [step * i for i in range(1, int(1 / step)) if low + 0.02 < step * i < high - 0.02]
    scaled = [Curve(curve.label, (curve.values - low) / (high - low), curve.tone) for curve in every]
    marks = [Tag(f"{100 * p:.0f} %", None, 0.045, (p - low) / (high - low), 0.045) for p in levels]
    paths = [f'<path class="syn-level" d="M0 {HEIGHT * (1 - mark.y):.1f}H{WIDTH}"/>' for mark in marks]
    paths += [f'<path class="syn-line" data-tone="{_tone(c.tone)}" d="{_path(c.values)}"/>' for c in scaled[::-1]]
    tags = marks
    for curve in scaled[:N_TONES]:
        tags = [*tags, _beside(curve, scaled, tags)]
    return _drawing(paths, tags, every)


def axis(seconds: float) -> str:
    """Times under the plots."""
    step_s = next((step_s for step_s in _AXIS_STEPS_S if seconds / step_s <= _MAX_TICKS), _AXIS_STEPS_S[-1])
    times_s = [t for t in range(0, math.ceil(seconds), step_s) if t <= 0.95 * seconds]
    ticks = "".join(f'<span style="left:{100 * t / seconds:.2f}%">{clock(t)}</span>' for t in times_s)
    return f'<div class="syn-axis" aria-hidden="true">{ticks}</div>'


def _lane(title: str, note: str, drawing: str) -> str:
    return f'<section class="syn-lane"><h4>{escape(title)}<small>{escape(note)}</small></h4>{drawing}</section>'


def _drawing(paths: list[str], tags: list[Tag], every: list[Curve]) -> str:
    words = "".join(
        f'<span class="syn-tag" data-tone="{_tone(tag.tone)}" '
        f'style="left:{100 * tag.x:.1f}%;top:{100 * (1 - tag.y):.1f}%">{escape(tag.word)}</span>'
        for tag in tags
    )
    return (
        f'<div class="syn-plot" role="img" aria-label="{escape(_summary(every))}">'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{"".join(paths)}</svg>{words}</div>'
    )


def _summary(every: list[Curve]) -> str:
    """The plot for people who do not see it: "at the start jazz 62 %, ...; in the middle ...; at the end ..."."""
    moments = (("at the start", 0), ("in the middle", len(_GRID) // 2), ("at the end", -1))
    named = every[:N_TONES]
    return "; ".join(
        f"{when} {', '.join(f'{label_word(c.label)} {100 * c.values[at]:.0f} %' for c in named)}"
        for when, at in moments
    )


def _path(values: Doubles, *, backwards: bool = False) -> str:
    points = [f"{WIDTH * x:.0f} {HEIGHT * (1 - y):.1f}" for x, y in zip(_GRID, values, strict=True)]
    return "M" + "L".join(reversed(points) if backwards else points)


def _span(values: Doubles) -> tuple[float, float]:
    """Where a lines plot begins and ends: all values and a margin, never less than _LEAST_SPAN."""
    low, high = float(values.min()), float(values.max())
    lacking = max(0.0, _LEAST_SPAN - (high - low)) / 2
    margin = 0.08 * max(high - low, _LEAST_SPAN)
    return low - lacking - margin, high + lacking + margin


def _tone(tone: int | None) -> str:
    return "rest" if tone is None else str(tone)


# Where a word fits


def _spots(word: str) -> Iterator[tuple[float, float, npt.NDArray[np.bool_]]]:
    """Middles along the plot at which the word is inside it, half its width there, and the grid points it covers."""
    half = min(0.5, (len(word) * _LETTER_PX / 2 + 4) / _PHONE_PX[0])
    for x in _GRID[::-4]:
        if half <= x <= 1 - half:
            yield float(x), half, np.abs(_GRID - x) <= half


def _inside(word: str, tone: int | None, base: Doubles, roof: Doubles) -> Tag | None:
    """The word in the thickest part of its area; None where it is too thin everywhere."""
    best, thickest = None, _LINE_PX / _PHONE_PX[1]
    for x, half, covered in _spots(word):
        low, high = float(base[covered].max()), float(roof[covered].min())
        if high - low >= thickest:
            best, thickest = Tag(word, tone, x, (low + high) / 2, half), high - low
    return best


def _beside(curve: Curve, every: list[Curve], placed: list[Tag]) -> Tag:
    """The word above or below its line, where it covers least of the other lines and none of the other words."""
    word = label_word(curve.label)
    best, least = None, math.inf
    for x, half, covered in _spots(word):
        under, over = float(curve.values[covered].min()), float(curve.values[covered].max())
        for y in (over + 0.6 * _LINE_PX / _PHONE_PX[1], under - 0.6 * _LINE_PX / _PHONE_PX[1]):
            tag = Tag(word, curve.tone, x, y, half)
            cost = _crossed(tag, curve, every, covered) + 1000 * sum(tag.overlaps(other) for other in placed)
            cost += 1000 * (not tag.half_height <= y <= 1 - tag.half_height)
            if cost < least:
                best, least = tag, cost
    assert best is not None, "the middle is always a spot"
    return best


def _crossed(tag: Tag, curve: Curve, every: list[Curve], covered: npt.NDArray[np.bool_]) -> float:
    """How many points of other lines lie under the word; the grey ones count little."""
    total = 0.0
    for other in every:
        if other.label != curve.label:
            under = np.abs(other.values[covered] - tag.y) < tag.half_height
            total += float(under.sum()) * (0.2 if other.tone is None else 1.0)
    return total
