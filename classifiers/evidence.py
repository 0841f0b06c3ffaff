"""Which seconds speak for an answer: the windows of a Timeline taken apart again into seconds.

A window hears several seconds at once, so a change between two seconds shows as a slope as long as the window. Here a
window's log-probability of a label is read as the mean over its seconds of what each second says; windows overlap, so
the seconds are found back by least squares with a penalty on change between neighbours (Tikhonov). What is left is
taken relative to the clip's own mean and divided by a fixed range in nats, never by the clip's own maximum: where
nothing changes nothing is shown.

Conventions: k steps of `step_s` seconds from the start of the clip, the last one possibly shorter; evidence is float64
(k,) in [-1, 1], 0 the clip's mean, above 0 speaks for the label, below against it. Times in seconds.
"""

import math

import numpy as np
import numpy.typing as npt

from core.types import Scores, Timeline

Doubles = npt.NDArray[np.float64]

RANGE_NATS = {"genre": 1.5, "emotion": 0.5}
"""Full evidence: a genre 4.5 times as probable as over the whole clip, an emotion felt by 1.6 times as many. Shares of
listeners move less than probabilities of classes, of which one takes what the other loses."""
FLOOR = 0.02
"""Below this probability a label is not being spoken of; from a millionth to a thousandth is no evidence."""
MARKED = 0.4
"""A stretch is worth a sentence when its best second has this much evidence: a genre 1.8 times as probable as over the
whole clip, an emotion felt by a fifth more."""
_WHOLE = 0.8  # a stretch longer than this part of the clip tells nothing
# Change per second counts this part of the window's length squared. Half as much rings where windows disagree, twice as
# much blurs a change over a whole window; see the test on a piece that changes in the middle.
_SMOOTHNESS = 1 / 128


def evidence(timeline: Timeline, label: str, *, seconds: float, step_s: float = 1.0) -> Doubles:
    """How much each step of the clip speaks for `label`, a genre or an emotion, (k,) in [-1, 1].

    `seconds` is the length of the clip. Raises ValueError for a label that the timeline does not know.
    """
    for kind in RANGE_NATS:
        found = by_label(timeline, kind, seconds=seconds, step_s=step_s)
        if label in found:
            return found[label]
    raise ValueError(f"{label!r} is neither a genre nor an emotion of this timeline")


def by_label(timeline: Timeline, kind: str, *, seconds: float, step_s: float = 1.0) -> dict[str, Doubles]:
    """Evidence for every label of `kind`, "genre" or "emotion": label -> (k,) in [-1, 1]."""
    windows: tuple[Scores, ...] = getattr(timeline, kind)
    shares = np.array([scores.probabilities for scores in windows])
    said = np.log(np.maximum(shares, FLOOR))
    heard = _overlap(timeline, seconds, step_s)
    found = _apart(heard, said - said.mean(axis=0), timeline, step_s)
    relative = (found - found.mean(axis=0)) / RANGE_NATS[kind]
    return dict(zip(windows[0].labels, relative.clip(-1, 1).T, strict=True))


def stretch(strip: Doubles, *, seconds: float, step_s: float = 1.0) -> tuple[float, float] | None:
    """(start, end) in seconds of the stretch around the strongest second that has at least half its evidence.

    None where no second is marked, or nearly all of them are.
    """
    best = int(strip.argmax())
    if strip[best] < MARKED:
        return None
    below = np.flatnonzero(strip < strip[best] / 2)
    first = int(below[below < best].max(initial=-1)) + 1
    end = int(below[below > best].min(initial=len(strip)))
    start_s, end_s = first * step_s, min(end * step_s, seconds)
    return (start_s, end_s) if end_s - start_s <= _WHOLE * seconds else None


def _overlap(timeline: Timeline, seconds: float, step_s: float) -> Doubles:
    """Which part of each window lies in each step, (windows, k); every row adds up to one."""
    n = max(1, math.ceil(seconds / step_s - 1e-6))
    edges = np.minimum(np.arange(n + 1) * step_s, seconds)
    centres = np.array(timeline.centres_s)[:, None]
    starts, ends = centres - timeline.window_s / 2, centres + timeline.window_s / 2
    inside = np.maximum(0.0, np.minimum(ends, edges[1:]) - np.maximum(starts, edges[:-1]))
    return inside / np.maximum(inside.sum(axis=1, keepdims=True), 1e-9)


def _apart(heard: Doubles, said: Doubles, timeline: Timeline, step_s: float) -> Doubles:
    """What every step says, (k, labels), from what the windows say, (windows, labels).

    Least |heard s - said|^2 + w |Ds|^2, D the difference of neighbours. Where it is least, w D'D s = heard' a with the
    residuals a = said - heard s, which add up to zero. The response of D'D to such a sum of steps is -|i - j| / 2 and a
    constant, as in a smoothing spline: only one unknown a window is left, where solving for the steps themselves would
    wake the threads of BLAS, half a second on busy cores instead of a millisecond (hence einsum, too).
    """
    hop_s = float(np.diff(timeline.centres_s).mean()) if len(timeline.centres_s) > 1 else timeline.window_s
    # The sums over windows and steps stand for integrals over time, so the balance is the same for every hop and step.
    weight = _SMOOTHNESS * timeline.window_s**2 / (hop_s * step_s)
    at = np.arange(heard.shape[1])[:, None]
    mass, moment = np.cumsum(heard.T, axis=0), np.cumsum(at * heard.T, axis=0)
    distances = at * (2 * mass - mass[-1]) - (2 * moment - moment[-1])  # of each step to each window: sum of |i - j|
    response = -distances / (2 * weight)
    n = len(heard)
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = np.einsum("wk,kv->wv", heard, response) + np.eye(n)
    system[n, n] = 0
    found = np.asarray(np.linalg.solve(system, np.vstack([said, np.zeros(said.shape[1])])), np.float64)
    return np.einsum("kw,wl->kl", response, found[:n]) + found[n]
