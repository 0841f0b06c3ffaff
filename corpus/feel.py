"""How real drummers stray from the grid, and strays drawn alike for notes that a machine would play exactly.

The figures in feel.json are measured by `python -m corpus.microtiming DATA` in the Groove MIDI data set (Gillick et
al., "Learning to Groove with Inverse Sequence Transformations", ICML 2019, CC BY 4.0). Against the click a drummer's
strokes lie early or late in three ways that add up:

- by habit, as the voice and the place in the bar have it: a few milliseconds;
- wandering: slowly, all limbs together, an autoregression of the first order a step. Strokes of snare and cymbal on one
  step go the same way (correlation 0.9, kick and cymbal 0.7), and so do successive strokes of a voice (0.7 a step
  apart, 0.4 eight steps apart), whence the wander's share of the variance and its persistence;
- each stroke for itself: the rest.

Wander and rest grow with the square root of the step's length (their deviation is 20 ms at 75 bpm, 16 at 110, 12 at
160); figures here are for steps of REFERENCE_STEP_S, that is at 100 bpm. Loudness hardly wanders.
"""

import json
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

STEPS = 16
PARTS = ("kick", "snare", "cymbal")
REFERENCE_STEP_S = 0.15
FURTHEST_S, FURTHEST_STEPS, FURTHEST_VELOCITY = 0.0299, 0.349, 40.0
"""No note is moved so far: towards these bounds deviations are compressed (by a hyperbolic tangent, so that a long
wander does not flatten out against them), which makes a deviation of 17 ms one of 14."""
TABLE = Path(__file__).with_name("feel.json")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Feel:
    """The habits of a genre's drummers, at REFERENCE_STEP_S.

    Rows of `offset_ms` (later is positive) and `velocity` are PARTS, columns the sixteenths of a bar; both have mean
    nought over the strokes measured. `offset_sd_ms` and `velocity_sd` are what is left over a part, within one
    performance; of the former's square `wander` is common to all limbs and keeps `persistence` of itself from a step
    to the next; `velocity_wander` is the same of the latter. Measured on `n_strokes` of `n_performances`.
    """

    genre: str
    n_performances: int
    n_strokes: int
    offset_ms: tuple[tuple[float, ...], ...]
    velocity: tuple[tuple[float, ...], ...]
    offset_sd_ms: tuple[float, ...]
    velocity_sd: tuple[float, ...]
    wander: float
    persistence: float
    velocity_wander: float


class Deviations(NamedTuple):
    """What to add to each note's start (seconds) and velocity, both (n_notes,)."""

    offset_s: Floats
    velocity: Floats


@cache
def feel_of(genre: str) -> Feel:
    """The feel of a genre; of all together where the data hold too few of its drummers."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))["feels"]
    entry = table.get(genre, table["all"])
    rows = {name: tuple(map(tuple, entry[name])) for name in ("offset_ms", "velocity")}
    return Feel(**{**entry, **rows, **{name: tuple(entry[name]) for name in ("offset_sd_ms", "velocity_sd")}})


def humanised(
    notes_steps: npt.ArrayLike,
    feel: Feel,
    seed: int,
    *,
    parts: npt.ArrayLike | None = None,
    step_s: float = REFERENCE_STEP_S,
    player: int = 0,
) -> Deviations:
    """Draw deviations for notes at `notes_steps` (n_notes,), whole steps from the first bar line, in any order.

    `parts` has the index in PARTS of each note; without it they are no drums and have the mean of a drummer's habits.
    The wander depends on seed and step alone, so players called with one seed stay together; `player` parts what each
    adds. Offsets are less than 30 ms and 0.35 step; the same arguments give the same deviations.
    """
    steps = np.asarray(notes_steps, np.int64)
    offsets, velocities = _habits(steps, feel, parts)
    sd_ms, velocity_sd = _spread(feel.offset_sd_ms, parts), _spread(feel.velocity_sd, parts)
    together, alone = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1, player])
    n_steps = int(steps.max(initial=0)) + 1
    common = _wander(together.standard_normal((2, n_steps)), feel.persistence)[:, steps]
    own = alone.standard_normal((2, len(steps)))
    offsets += sd_ms * (np.sqrt(feel.wander) * common[0] + np.sqrt(1 - feel.wander) * own[0])
    velocities += velocity_sd * (np.sqrt(feel.velocity_wander) * common[1] + np.sqrt(1 - feel.velocity_wander) * own[1])
    furthest_s = min(FURTHEST_S, FURTHEST_STEPS * step_s)
    offset_s = offsets / 1000 * np.sqrt(step_s / REFERENCE_STEP_S)
    return Deviations(
        furthest_s * np.tanh(offset_s / furthest_s), FURTHEST_VELOCITY * np.tanh(velocities / FURTHEST_VELOCITY)
    )


def _habits(steps: npt.NDArray[np.int64], feel: Feel, parts: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    """(mean offset in ms, mean velocity) of each note."""
    offset_ms, velocity = np.array(feel.offset_ms), np.array(feel.velocity)
    if parts is None:
        return offset_ms.mean(axis=0)[steps % STEPS], velocity.mean(axis=0)[steps % STEPS]
    rows = np.asarray(parts, np.int64)
    return offset_ms[rows, steps % STEPS], velocity[rows, steps % STEPS]


def _spread(by_part: tuple[float, ...], parts: npt.ArrayLike | None) -> Floats | float:
    return float(np.mean(by_part)) if parts is None else np.array(by_part)[np.asarray(parts, np.int64)]


def _wander(noise: Floats, persistence: float) -> Floats:
    """First-order autoregressions of unit variance along the last axis, from white noise of the same shape.

    x[0] = e[0]; x[t] = p x[t-1] + sqrt(1 - p^2) e[t], whose variance p^2 + (1 - p^2) stays 1. A plain loop: a filter
    of scipy's would take longer to import than a thousand pieces to draw.
    """
    driven = noise * np.sqrt(1 - persistence**2)
    driven[:, 0] = noise[:, 0]
    rows = (list(accumulate(row, lambda x, e: persistence * x + e)) for row in driven.tolist())
    return np.array(list(rows))
