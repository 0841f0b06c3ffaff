"""Which key, mode and chords a chroma speaks of: harmonic analysis for notes and for sound alike.

Chords are found by templates (T. Fujishima, "Realtime chord recognition of musical sound", ICMC 1999): each quality of
the score grid says how much of each pitch class it expects, an octave of bass says which of them is the root, the key
says which chords are likely at all, and of all ways through the piece the most likely one is taken (Viterbi).

Chroma are (12,) or (n, 12), summing to one or zero; those of chords count from the tonic upwards.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from core import harmony
from corpus import score
from corpus.gestures import N_CHORDS, Mask

Floats = npt.NDArray[np.floating]

_PLAIN_MODES = ("major", "minor")
_ODD_MODE = 0.02  # share of the sound that has to speak for a mode which is neither major nor minor
_LIKELY = {
    "major": 0.0, "minor": 0.0, "diminished": 0.10, "major 7": 0.05, "minor 7": 0.04, "dominant 7": 0.04,
    "half-diminished": 0.08, "suspended": 0.08, "power": 0.04, "dominant 9": 0.08,
}  # fmt: skip
"""What is held against a quality, in units of a template's fit."""
_SEVENTH, _ROOT = 0.7, 1.25
_OUTSIDE = 0.02  # held against each tone outside the mode
_BASS_ROOT, _BASS_TONE = 0.1, 0.35
_CHANGE = 0.2
"""Weights that found most roots in 36 transcriptions of composed pieces, others than those that measure it."""


def mode_of(chroma: Floats, tonic: int, *, minor: bool) -> str:
    """The mode on `tonic` whose scale holds most of a chroma (12,) counted from C; major and minor are preferred."""
    relative = np.roll(chroma, -tonic)

    def outside(mode: str) -> float:
        odd = 0.0 if mode in _PLAIN_MODES else _ODD_MODE
        return odd - float(relative[list(score.MODES[mode])].sum())

    modes = [mode for mode in score.MODE_NAMES if (mode in score.MINOR_MODES) == minor]
    return min((mode for mode in modes if mode != "blues"), key=outside)


def key_of(chroma: Floats) -> tuple[int, bool]:
    """(tonic, minor) of a chroma (12,) counted from C."""
    name, _ = harmony.key(np.asarray(chroma, np.float32))
    tonic, kind = name.rsplit(" ", 1)
    return harmony.TONICS.index(tonic), kind == "minor"


def chords_of(chroma: Floats, bass: Floats, mode: str, *, change: float = _CHANGE) -> npt.NDArray[np.int64]:
    """The CHORD id of each stretch, (n,), from its chroma and that of its bass, (n, 12); 0 where it is silent."""
    fit = directed(chroma) @ templates().T
    tones, roots = chord_tones()
    fit[:, 1:] += _BASS_ROOT * bass[:, roots[1:]] + _BASS_TONE * (bass @ tones[1:].T)
    fit -= _prior(mode)
    fit[:, 0] = np.where(chroma.sum(axis=1) > 0, -1.0, 2.0)
    return fewest_changes(-fit, np.full(len(fit), change))


def directed(chroma: Floats) -> Floats:
    """Each row with length one, or zero."""
    return np.asarray(chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9))


@cache
def templates() -> npt.NDArray[np.float64]:
    """What each CHORD id expects of each pitch class, rows of length one, (N_CHORDS, 12)."""
    rows = np.zeros((N_CHORDS, 12))
    for token in range(1, N_CHORDS):
        root, intervals = score.read_chord(token) or (0, ())
        for place, interval in enumerate(intervals):
            rows[token, (root + interval) % 12] = (_ROOT, 1.0, 1.0, _SEVENTH)[place]
    return np.asarray(directed(rows))


@cache
def _prior(mode: str) -> npt.NDArray[np.float64]:
    qualities = np.array([_LIKELY[quality] for quality in score.QUALITY_NAMES])
    return np.concatenate([[0.0], np.tile(qualities, 12)]) + _OUTSIDE * out_of_scale(mode)


@cache
def chord_tones() -> tuple[Mask, npt.NDArray[np.int64]]:
    """Which pitch classes above the tonic each CHORD id holds, (N_CHORDS, 12), and its root (-1: no chord)."""
    tones, roots = np.zeros((N_CHORDS, 12), bool), np.full(N_CHORDS, -1)
    for token in range(1, N_CHORDS):
        chord = score.read_chord(token)
        assert chord is not None
        roots[token] = chord[0]
        tones[token, [(chord[0] + interval) % 12 for interval in chord[1]]] = True
    return tones, roots


def out_of_scale(mode: str) -> npt.NDArray[np.int64]:
    """How many tones of each CHORD id lie outside the mode, (N_CHORDS,)."""
    outside = ~np.isin(np.arange(12), score.MODES[mode])
    return np.asarray((chord_tones()[0] & outside).sum(axis=1))


def fewest_changes(costs: Floats, change: Floats) -> npt.NDArray[np.int64]:
    """The state of each step, (n,), of least total cost: costs (n, states), and `change` (n,) for entering another."""
    n, n_states = costs.shape
    if n == 0:
        return np.zeros(0, np.int64)
    total, came_from = costs[0].copy(), np.zeros((n, n_states), np.int64)
    for step in range(1, n):
        best = int(total.argmin())
        stays = total <= total[best] + change[step]
        came_from[step] = np.where(stays, np.arange(n_states), best)
        total = np.where(stays, total, total[best] + change[step]) + costs[step]
    states = np.zeros(n, np.int64)
    states[-1] = int(total.argmin())
    for step in range(n - 1, 0, -1):
        states[step - 1] = came_from[step, states[step]]
    return states
