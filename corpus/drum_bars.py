"""Whole bars of drumming on the score grid: what a drummer's strokes (corpus.strokes) are as DRUMS tokens.

The drums fold into the nine voices of a token. Kept are bars that a song could have over and over: played to their end,
on the grid, keeping time, and like a bar around them. What solos, breaks and fills has no place in a groove.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.grooves import ENERGIES
from corpus.score import BARS_PER_PHRASE, STEPS_PER_BEAT
from corpus.strokes import (
    CLOSED,
    CRASH,
    FOOT,
    HIGH,
    KICK,
    LOW,
    OPEN,
    RIDE,
    SNARE,
    Strokes,
    lead_beats,
    nearest_steps,
    strays,
    swing_of,
)

STEPS = 16
_FAINT, _GHOST = 0.22, 0.5
"""Of the voice's loud strokes (90th percentile): what is softer than the first was brushed by chance or rebounds, a
snare softer than the second is a ghost note. The grid plays snares off the eighths as ghosts; others are left out."""
_STRAYS, _STRAY_STEPS = 0.25, 0.27
"""A bar is left out where more than this share of its strokes lies farther than so many steps from the grid: mostly
triplets among sixteenths."""
_STEADY, _STEADY_JAZZ, _TIMEKEEPING, _TOM_STROKES = 0.8, 0.6, 3, 2
"""A bar of a groove shares this much of its kick, accented snare and cymbal strokes with a bar at most two away, and
has so many cymbal strokes at least and tom strokes at most: what is left out is solo and fill. Jazz is freer."""
_FILL_CRASHES = 3
_LOUD, _LOUDEST = 101.0, 122.0
"""Velocities, of the accents of a groove with eight struck steps a bar, between soft, mid and hard."""


@dataclass(frozen=True)
class Run:
    """Consecutive whole bars: DRUMS tokens uint8 (n_bars, 16), where the snare is a ghost note bool (n_bars, 16).

    `swing` is one of score.SWINGS, `energy` one of grooves.ENERGIES.
    """

    swing: str
    energy: str
    tokens: npt.NDArray[np.uint8]
    ghosts: npt.NDArray[np.bool_]


def runs_of(strokes: Strokes, genre: str, *, fill: bool) -> Iterator[Run]:
    """The runs of whole bars of a performance, as the genre has them; of a fill those filled to their end."""
    if not len(strokes.beats):
        return
    beats = strokes.beats - lead_beats(strokes)
    swing = swing_of(beats)
    steps = np.maximum(nearest_steps(beats, swing), 0)
    n_bars = int(steps.max()) // STEPS + 1
    tokens, ghosts, accent = _fold(strokes, steps, n_bars * STEPS, foot=genre == "jazz")
    tokens, ghosts = tokens.reshape(n_bars, STEPS), ghosts.reshape(n_bars, STEPS)
    whole = _whole(tokens, fill=fill) & ~_ragged(np.abs(strays(beats, steps, swing)), steps // STEPS, n_bars)
    if not fill:
        whole &= _steady(tokens, ghosts, _STEADY_JAZZ if genre == "jazz" else _STEADY)
    if genre == "disco" and not fill:
        whole &= (tokens[:, ::STEPS_PER_BEAT] & 1).all(axis=1)
    for first, end in _runs(whole, fill=fill):
        bars = tokens[first:end]
        yield Run(swing, _energy(accent, bars), bars, ghosts[first:end])


def _fold(
    strokes: Strokes, steps: npt.NDArray[np.int64], n_steps: int, *, foot: bool
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_], float]:
    """(DRUMS tokens, ghost notes, velocity of the accents): what is struck at each of `n_steps`.

    Of two cymbals the louder one is kept, of two toms too. With `foot` the hi-hat by foot is the colour (in a jazz kit
    it is that key), else it is a closed hi-hat where no other cymbal sounds.
    """
    loud = np.zeros((n_steps, 9))
    np.maximum.at(loud, (steps, strokes.voices), strokes.velocities)
    accents = np.array([np.percentile(v, 90) if len(v := column[column > 0]) else 127.0 for column in loud.T])
    loud[loud < _FAINT * accents] = 0
    ghosts = (loud[:, SNARE] > 0) & (loud[:, SNARE] < _GHOST * accents[SNARE])
    on_eighths = np.arange(n_steps) % 2 == 0
    loud[ghosts & on_eighths, SNARE] = 0
    tokens = (loud[:, KICK] > 0) + 2 * (loud[:, SNARE] > 0)
    tokens += _choice(loud[:, (CLOSED, OPEN, RIDE)], 4) + _choice(loud[:, (HIGH, LOW, CRASH)], 16)
    if foot:
        tokens += 64 * (loud[:, FOOT] > 0)
    else:
        tokens += 4 * ((loud[:, FOOT] > 0) & (tokens & 12 == 0))
    struck = loud[:, :HIGH].max(axis=1)
    accent = float(np.percentile(struck[struck > 0], 75)) if struck.any() else 0.0
    return tokens.astype(np.uint8), ghosts & ~on_eighths, accent


def _choice(loud: npt.NDArray[np.float64], unit: int) -> npt.NDArray[np.int64]:
    """The loudest of three voices as 1..3 times `unit`, 0 where none sounds."""
    return np.where(loud.any(axis=1), (loud.argmax(axis=1) + 1) * unit, 0)


def _whole(tokens: npt.NDArray[np.uint8], *, fill: bool) -> npt.NDArray[np.bool_]:
    """Bars that are played to their end: struck in both halves, by foot and hands; of a fill in the second."""
    second = tokens[:, STEPS // 2 :].any(axis=1)
    if fill:
        return np.asarray(second & ((tokens & 48 == 48).sum(axis=1) <= _FILL_CRASHES))
    timekeeping = (tokens & 12 > 0).sum(axis=1) >= _TIMEKEEPING
    timekeeping &= (tokens & 48 > 0).sum(axis=1) <= _TOM_STROKES
    return np.asarray(second & tokens[:, : STEPS // 2].any(axis=1) & (tokens & 3).any(axis=1) & timekeeping)


def _steady(tokens: npt.NDArray[np.uint8], ghosts: npt.NDArray[np.bool_], share: float) -> npt.NDArray[np.bool_]:
    """Bars that have so large a share of strokes in common with one of the bars around them, (n_bars,)."""
    strokes = np.stack([tokens & 1 > 0, (tokens & 2 > 0) & ~ghosts, tokens & 12 > 0], axis=1).reshape(len(tokens), -1)
    steady = np.zeros(len(tokens), bool)
    for away in (1, 2):
        one, other = strokes[:-away], strokes[away:]
        alike = (one & other).sum(axis=1) >= share * (one | other).sum(axis=1)
        steady[:-away] |= alike
        steady[away:] |= alike
    return steady


def _ragged(away: npt.NDArray[np.float64], bars: npt.NDArray[np.int64], n_bars: int) -> npt.NDArray[np.bool_]:
    """Bars that the grid does not hold, (n_bars,)."""
    n_away = np.bincount(bars, away > _STRAY_STEPS, n_bars)
    return np.asarray(n_away > _STRAYS * np.bincount(bars, minlength=n_bars))


def _runs(whole: npt.NDArray[np.bool_], *, fill: bool) -> Iterator[tuple[int, int]]:
    """(first, end) of consecutive whole bars: two at least in a groove, begun with a phrase where four are left."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], whole, [False]]).astype(int)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        aligned = -(-first // BARS_PER_PHRASE) * BARS_PER_PHRASE
        begin = first if fill or end - aligned < BARS_PER_PHRASE else aligned
        if fill or end - begin >= 2:
            yield begin, end


def _energy(accent: float, bars: npt.NDArray[np.uint8]) -> str:
    """Louder accents and busier bars are harder."""
    busy = accent + 2.5 * (float((bars > 0).sum(axis=1).mean()) - 8)
    return ENERGIES[int(np.searchsorted((_LOUD, _LOUDEST), busy))]
