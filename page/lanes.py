"""The lanes under a playhead, as HTML: a waveform, the beats through all of them, the times below.

Drawings are 1000 units wide whatever the length and stretched by CSS; they carry classes, no colours. Times in seconds.
"""

from collections.abc import Sequence
from itertools import pairwise

from core.types import AudioClip
from corpus.captions import clock
from page.along import axis
from page.figures import HALF, WIDTH

N_STROKES = 250
_STROKES_A_S, _MOST_STROKES = 8, 1200
_MOST_BEATS, _MOST_BARS = 100, 40
"""More lines than this are a veil over the whole width: they are shown near to only."""
LONG_S, _NEAR_STEP_S = 30.0, 5
"""From this length on the lanes can also be looked at near to, with times so far apart; they follow the playhead."""


def peaks_of(clip: AudioClip) -> tuple[float, ...]:
    """The largest magnitude in each of equal stretches: N_STROKES, of a long clip more, for looking near to."""
    from core.audio import peaks

    n = N_STROKES if clip.seconds <= LONG_S else min(_MOST_STROKES, round(_STROKES_A_S * clip.seconds))
    return tuple(float(level) for level in abs(peaks(clip, n)).max(axis=1))


def thinned(strokes: Sequence[float], part: float) -> list[float]:
    """The strokes so far, as many as a waveform of this part of the width has room for."""
    n = max(1, round(N_STROKES * part))
    if len(strokes) <= n:
        return list(strokes)
    edges = [len(strokes) * i // n for i in range(n + 1)]
    return [max(strokes[low:high]) for low, high in pairwise(edges)]


def waveform(peaks: Sequence[float], part: float) -> str:
    """Strokes over the first `part` of the width, the loudest filling the height."""
    top = max(peaks, default=0.0) or 1.0
    step = WIDTH * part / max(1, len(peaks))
    strokes = "".join(
        f"M{(i + 0.5) * step:.1f} {HALF - h:.1f}V{HALF + h:.1f}"
        for i, h in enumerate(max(0.8, (HALF - 5) * (level / top) ** 0.6) for level in peaks)
    )
    return (
        f'<svg class="syn-shape" viewBox="0 0 {WIDTH} {2 * HALF}" preserveAspectRatio="none" role="img" '
        f'aria-label="Waveform"><path d="{strokes}"/></svg>'
    )


def grid(times_s: Sequence[float], bar_beats: int, seconds: float) -> str:
    """Beats as faint lines through all lanes, downbeats as strong ones; empty without beats.

    Where there are too many for the whole width, they are marked so, and every fourth bar is drawn for itself.
    """
    bars = times_s[::bar_beats] if bar_beats else ()
    layers = [("syn-beats", times_s, len(times_s) > _MOST_BEATS)]
    layers += [("syn-downbeats", bars, len(bars) > _MOST_BARS)] if bars else []
    layers += [("syn-downbeats", bars[::4], False)] if len(bars) > _MOST_BARS else []
    paths = "".join(
        f'<path class="{kind}"{" data-many" if many else ""} d="{_verticals(lines, seconds)}"/>'
        for kind, lines, many in layers
    )
    return (
        f'<svg class="syn-grid" viewBox="0 0 {WIDTH} 1" preserveAspectRatio="none" aria-hidden="true" '
        f'data-beats="{len(times_s)}" data-bars="{len(bars)}">{paths}</svg>'
        if times_s
        else ""
    )


def times(seconds: float) -> str:
    """Times under the lanes: a few for the whole width, and every few seconds for looking closer."""
    ticks = "".join(
        f'<span style="left:{100 * t / seconds:.2f}%">{clock(t)}</span>'
        for t in range(0, round(0.98 * seconds), _NEAR_STEP_S)
    )
    near = f'<div class="syn-axis syn-fine" aria-hidden="true">{ticks}</div>' if seconds > LONG_S else ""
    return axis(seconds) + near


def _verticals(times_s: Sequence[float], seconds: float) -> str:
    return "".join(f"M{WIDTH * t / seconds:.1f} 0V1" for t in times_s if 0 <= t <= seconds)
