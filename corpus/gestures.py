"""What the tokens that play a chord sound like, found by playing them all: the key to reading them back from notes.

A gesture is a token of ACCOMPANIMENT or EXTRA together with the notes that it makes. Many chords can make the same
notes (a single tone of a broken chord, above all); which of them it was, only the music around can tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.performance import Note, to_notes
from corpus.score import Header

Mask = npt.NDArray[np.bool_]

N_CHORDS = 1 + 12 * len(score.QUALITIES)
"""CHORD ids, 0 (no chord) among them: the length of a mask of chords."""
_SPACING = 8  # steps, two seconds at 60 bpm: longer than the slowest roll
_TEMPO_BPM = 60
_LEVEL = 4
_NEAR_S = 0.03  # how far a note may lie from where the gesture has it


@dataclass(frozen=True)
class Gesture:
    """`pitches` sound `delays_s` after the step; `chords` is a mask of the CHORD ids with which `token` plays them.

    `velocity` and `longest_s` are those of the notes at level 4, held for two seconds.
    """

    token: int
    pitches: tuple[int, ...]
    delays_s: tuple[float, ...]
    chords: Mask
    velocity: float
    longest_s: float


@dataclass(frozen=True)
class Match:
    """A gesture that notes (their indices) can be."""

    gesture: Gesture
    notes: tuple[int, ...]
    strain_s: float


@lru_cache(maxsize=48)
def gestures(stream: int, tonic: int, register: int) -> dict[int, tuple[Gesture, ...]]:
    """Every gesture of ACCOMPANIMENT or EXTRA, by each pitch with which it can begin."""
    tokens = _chord_tokens(stream)
    header = Header(tonic=tonic, register=register, tempo_bpm=_TEMPO_BPM)
    grid = np.zeros((score.N_STREAMS, (N_CHORDS - 1) * len(tokens) * _SPACING), np.int64)
    grid[score.DYNAMICS] = _LEVEL
    grid[score.CHORD] = np.repeat(np.arange(1, N_CHORDS), len(tokens) * _SPACING)
    grid[stream] = score.HOLD
    grid[stream, ::_SPACING] = np.tile(tokens, N_CHORDS - 1)
    played = to_notes(np.concatenate([header.pack(), grid], axis=1), exact=True).tracks[0].notes
    return _indexed(_sorted_out(played, grid, stream))


def _chord_tokens(stream: int) -> list[int]:
    if stream == score.EXTRA:
        return [score.PAD, score.STAB, score.HIGH_STAB]
    return list(range(score.FIRST_ACTION, score.FIRST_TONE + score.N_TONES))


def _sorted_out(played: Sequence[Note], grid: score.Tokens, stream: int) -> list[Gesture]:
    """The played notes, parted into gestures; chords that sound alike under a token share one."""
    by_slot: dict[int, list[Note]] = defaultdict(list)
    slot_s = score.seconds_of(_SPACING, _TEMPO_BPM)
    for note in played:
        by_slot[int((note.start_s + 0.1) / slot_s)].append(note)
    alike: dict[tuple[int, tuple[int, ...]], list[tuple[int, list[Note], float]]] = defaultdict(list)
    for slot, unsorted in by_slot.items():
        step, notes = slot * _SPACING, sorted(unsorted, key=lambda note: note.pitch)
        key = int(grid[stream, step]), tuple(note.pitch for note in notes)
        alike[key].append((int(grid[score.CHORD, step]), notes, slot * slot_s))
    return [_gesture(token, pitches, makers) for (token, pitches), makers in alike.items()]


def _gesture(token: int, pitches: tuple[int, ...], makers: list[tuple[int, list[Note], float]]) -> Gesture:
    chords = np.zeros(N_CHORDS, bool)
    chords[[chord for chord, _, _ in makers]] = True
    delays = np.mean([[note.start_s - at_s for note in notes] for _, notes, at_s in makers], axis=0)
    heard = [note for _, notes, _ in makers for note in notes]
    velocity = float(np.mean([note.velocity for note in heard]))
    return Gesture(token, pitches, tuple(delays.tolist()), chords, velocity, max(n.end_s - n.start_s for n in heard))


def _indexed(found: Iterable[Gesture]) -> dict[int, tuple[Gesture, ...]]:
    index: dict[int, list[Gesture]] = defaultdict(list)
    for gesture in found:
        for pitch, delay_s in zip(gesture.pitches, gesture.delays_s, strict=True):
            if delay_s <= _NEAR_S + min(gesture.delays_s):
                index[pitch].append(gesture)
    return {pitch: tuple(each) for pitch, each in index.items()}


def matches(notes: Sequence[Note], free: list[int], index: dict[int, tuple[Gesture, ...]]) -> list[Match]:
    """The gestures that the first of the `free` notes (indices into `notes`, in order of start) can begin.

    Of all that fit, those that explain most notes, the best in time first.
    """
    anchor = notes[free[0]]
    near = [i for i in free[:24] if notes[i].start_s < anchor.start_s + 0.6]
    found = [match for gesture in index.get(anchor.pitch, ()) if (match := _matched(gesture, notes, near))]
    most = max((len(match.notes) for match in found), default=0)
    return sorted((match for match in found if len(match.notes) == most), key=lambda match: match.strain_s)


def _matched(gesture: Gesture, notes: Sequence[Note], near: list[int]) -> Match | None:
    anchor = notes[near[0]]
    origin_s = anchor.start_s - gesture.delays_s[gesture.pitches.index(anchor.pitch)]
    taken, strain_s = [], 0.0
    for pitch, delay_s in zip(gesture.pitches, gesture.delays_s, strict=True):
        options = [(abs(notes[i].start_s - origin_s - delay_s), i) for i in near if notes[i].pitch == pitch]
        off_s, index = min(options, default=(1.0, -1))
        if off_s > _NEAR_S:
            return None
        taken.append(index)
        strain_s += off_s
    return Match(gesture, tuple(taken), strain_s / len(taken))
