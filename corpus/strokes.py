"""Strokes of real drummers from a folder in the layout of the Groove MIDI data set, and where the grid is in them.

Source: J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, "Learning to Groove with Inverse Sequence
Transformations", ICML 2019; the data set is CC BY 4.0 (magenta.tensorflow.org/datasets/groove). It holds 1,150
performances on an electronic kit to a click, listed in info.csv; none of it is kept in this repository.

Only 4/4 is read. Times are in beats from the first downbeat of the click.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import symusic

from corpus import score
from corpus.performance import step_times
from corpus.score import STEPS_PER_BEAT, Header

KICK, SNARE, CLOSED, OPEN, RIDE, HIGH, LOW, CRASH, FOOT = range(9)
_VOICES = {
    0: (35, 36), 1: (37, 38, 40), 2: (22, 42), 3: (26, 46), 4: (51, 53, 59), 5: (48, 50, 45, 47), 6: (41, 43, 58),
    7: (49, 52, 55, 57), 8: (44,),
}  # fmt: skip
"""Keys of the kit by voice: kick, snare, closed hi-hat, open, ride, high tom, low tom, crash, hi-hat by foot."""
_VOICE_OF_KEY = np.full(128, -1)
for _voice, _keys in _VOICES.items():
    _VOICE_OF_KEY[list(_keys)] = _voice

_PLACES = {swing: step_times(Header(tempo_bpm=60, swing=swing), STEPS_PER_BEAT) for swing in score.SWINGS}
"""Where the steps of a beat fall, in beats: a beat at 60 bpm lasts a second."""


@dataclass(frozen=True)
class Strokes:
    """A performance: times in beats from the first downbeat, velocities 1..127, voices 0..8; all (n_strokes,)."""

    beats: npt.NDArray[np.float64]
    velocities: npt.NDArray[np.float64]
    voices: npt.NDArray[np.int64]


def performances(folder: Path, *, split: str | None = None) -> Iterator[dict[str, str]]:
    """The rows of info.csv in 4/4, of one split or all."""
    with (folder / "info.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["time_signature"] == "4-4" and split in (None, row["split"]):
                yield row


def read_strokes(path: Path) -> Strokes:
    """The drum strokes of a MIDI file; the keys of no voice are left out."""
    midi = symusic.Score(str(path))
    notes = [note for track in midi.tracks for note in track.notes]
    beats = np.array([note.time for note in notes], float) / midi.tpq
    voices = _VOICE_OF_KEY[np.array([note.pitch for note in notes], int)]
    velocities = np.array([note.velocity for note in notes], float)
    known = voices >= 0
    return Strokes(beats[known], velocities[known], voices[known])


def lead_beats(strokes: Strokes) -> float:
    """How far this drummer plays behind the click, in beats: the median of what is struck near the beats."""
    around = (strokes.beats + 0.5) % 1 - 0.5
    near = np.abs(around) < 0.1
    return float(np.median(around[near])) if near.any() else 0.0


def nearest_steps(beats: npt.NDArray[np.float64], swing: str) -> npt.NDArray[np.int64]:
    """The step of the swung grid nearest to each time in beats, (n,)."""
    places = np.append(_PLACES[swing], 1.0)
    nearest = np.abs((beats % 1)[:, None] - places).argmin(axis=1)
    return np.asarray(np.floor(beats) * STEPS_PER_BEAT + nearest, np.int64)


def strays(beats: npt.NDArray[np.float64], steps: npt.NDArray[np.int64], swing: str) -> npt.NDArray[np.float64]:
    """How far each stroke lies behind its step on the swung grid, in steps, (n,)."""
    beat, part = np.divmod(steps, STEPS_PER_BEAT)
    return np.asarray(STEPS_PER_BEAT * (beats - beat - _PLACES[swing][part]), float)


def swing_of(beats: npt.NDArray[np.float64]) -> str:
    """The swing whose steps the strokes lie nearest to; another than straight has to be nearer by a tenth."""
    costs = {swing: np.abs(strays(beats, nearest_steps(beats, swing), swing)).mean() for swing in score.SWINGS}
    best = min(costs, key=lambda swing: costs[swing])
    return best if costs[best] < 0.9 * costs["straight"] else "straight"
