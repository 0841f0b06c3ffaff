"""Write one bar of the grid from patterns: drums, bass, accompaniment and the second voice.

Patterns are the strings of corpus.styles, one character a step. Everything is in semitones from the tonic.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from corpus import score
from corpus.grooves import Groove
from corpus.harmony import Chord
from corpus.melody import Sung, Voice, pitch_token
from corpus.score import FIRST_ACTION, FIRST_TONE, HOLD, REST

Row = list[int]
_ACTIONS = dict(zip("bsducpwhol", range(FIRST_ACTION, FIRST_ACTION + len(score.ACTIONS)), strict=True))
_PADS = {"P": score.PAD, "S": score.STAB, "H": score.HIGH_STAB}
_CYMBALS, _TOMS = {"c": 4, "o": 8, "r": 12}, {"h": 16, "l": 32, "C": 48}
BASS_BOTTOM, BASS_TOP = -9, 12


@dataclass(frozen=True)
class Harmony:
    """The chord at every step of a bar, and the first chord of the next one."""

    chords: tuple[Chord, ...]
    following: Chord

    @property
    def changes(self) -> tuple[int, ...]:
        """Steps at which a chord begins."""
        return tuple(i for i, chord in enumerate(self.chords) if i == 0 or chord != self.chords[i - 1])


_TURNS = {"4/4": 8, "3/4": 8, "6/8": 6, "5/4": 12}
"""Where the second of two chords begins, in steps."""
_COMMON_TIME_ONLY = ("loop", "run", "riff")


def harmony(bar: tuple[Chord, ...], following: Chord, metre: str) -> Harmony:
    """Spread the chords of a bar over its steps: two share it half and half, in 3/4 two beats to one, in 5/4 three."""
    n_steps, turn = score.METRES[metre].steps_per_bar, _TURNS[metre]
    if len(bar) == 1:
        return Harmony(bar * n_steps, following)
    return Harmony((bar[0],) * turn + (bar[1],) * (n_steps - turn), following)


@cache
def drum_row(groove: Groove, n_steps: int) -> tuple[int, ...]:
    """The DRUMS tokens of a bar."""
    row = np.zeros(n_steps, int)
    for lane, bit in ((groove.kick, 1), (groove.snare, 2), (groove.colour, 64)):
        for step, mark in enumerate(lane.replace(" ", "")[:n_steps]):
            row[step] |= bit * (mark == "x")
    for lane, values in ((groove.cymbal, _CYMBALS), (groove.toms, _TOMS)):
        for step, mark in enumerate(lane.replace(" ", "")[:n_steps]):
            row[step] |= values.get(mark, 0)
    return tuple(row.tolist())


class BassPlayer:
    """Plays bass patterns, remembering the last pitch so that lines move smoothly."""

    def __init__(self, scale: tuple[int, ...], *, walking: bool) -> None:
        self.scale = frozenset(scale)
        self.walking = walking
        self.last = 0

    def root(self, chord: Chord) -> int:
        """Where the chord's root lies: near the last note when walking, else always in the same place."""
        low = chord.root if chord.root <= 6 else chord.root - 12
        if not self.walking:
            return low
        options = [p for p in (low - 12, low, low + 12) if BASS_BOTTOM <= p <= BASS_TOP]
        return min(options, key=lambda p: abs(p - self.last))

    def approach(self, following: Chord) -> int:
        """A neighbour of the next root: chromatic when walking, else in the scale."""
        goal = self.root(following)
        if self.walking:
            return goal - 1 if self.last < goal or goal + 1 > BASS_TOP else goal + 1
        return goal - 2 if (goal - 2) % 12 in self.scale and (goal - 1) % 12 not in self.scale else goal - 1

    def pitch(self, mark: str, chord: Chord, following: Chord, base: int) -> int:
        """The pitch of one character of a pattern."""
        third, fifth = chord.intervals[1] % 12, chord.intervals[2] if len(chord.intervals) > 2 else 7
        fifth = 7 if fifth in (10, 11) or chord.quality == "dominant 9" else fifth
        if chord.quality == "power":
            third, fifth = (4 if (chord.root + 4) % 12 in self.scale else 3), 7
        seventh = 10 if (chord.root + 10) % 12 in self.scale or 10 in chord.intervals else 11
        if mark == "s":
            tones = [p for p in range(BASS_BOTTOM, BASS_TOP + 1) if p % 12 in chord.tones and p != self.last]
            return min(tones, key=lambda p: abs(p - self.last))
        if mark == "a":
            return self.approach(following)
        steps = {"R": 0, "3": third, "5": fifth, "6": 9, "7": seventh, "8": 12, "2": 2, "L": fifth - 12}
        pitch = base + steps[mark]
        if mark == "L" and pitch < BASS_BOTTOM:
            return base + fifth
        return pitch - 12 if pitch > BASS_TOP + 5 else pitch

    def play(self, pattern: str, sounding: Harmony) -> Row:
        """The BASS tokens of a bar; a new chord under a held or silent pattern gets its root."""
        row: Row = []
        base = self.root(sounding.chords[0])
        for step, mark in enumerate(pattern):
            chord = sounding.chords[step]
            if step and step in sounding.changes:
                base = self.root(chord)
                mark = mark if mark == "." else "R"
            if mark in "-.":
                row.append(HOLD if mark == "-" and row and row[-1] != REST else REST)
                continue
            last_chord = step > max(sounding.changes)
            following = sounding.following if last_chord or len(sounding.changes) == 1 else sounding.chords[-1]
            self.last = self.pitch(mark, chord, following, base)
            row.append(score.FIRST_PITCH + self.last - score.BASS_LOWEST)
        return row


def chord_row(pattern: str, sounding: Harmony) -> Row:
    """The ACCOMPANIMENT tokens of a bar; a held chord is struck again when the harmony changes."""
    return _struck(
        pattern, sounding, lambda mark: _ACTIONS.get(mark, FIRST_TONE + int(mark) if mark.isdigit() else REST)
    )


def pad_row(pattern: str, sounding: Harmony) -> Row:
    """The EXTRA tokens of a bar written with P, S and H."""
    return _struck(pattern, sounding, lambda mark: _PADS[mark])


def _struck(pattern: str, sounding: Harmony, token: Callable[[str], int]) -> Row:
    row: Row = []
    last = REST
    for step, mark in enumerate(pattern):
        if mark == "-" and step in sounding.changes and step and last != REST:
            row.append(last)
        elif mark in "-.":
            row.append(HOLD if mark == "-" and row and row[-1] != REST else REST)
        else:
            last = token(mark)
            row.append(last)
    return row


def sung_row(notes: list[Sung], n_steps: int) -> Row:
    """MELODY or EXTRA tokens of a bar."""
    row = [REST] * n_steps
    for note in notes:
        row[note.onset] = pitch_token(note.pitch, grace=note.grace)
        for step in range(note.onset + 1, min(n_steps, note.onset + note.length)):
            row[step] = HOLD
    return row


class SecondVoice:
    """The extra part: the named ways of playing, each a bar long, beside the melody of that bar."""

    def __init__(self, voice: Voice, rng: random.Random) -> None:
        self.voice = voice
        self.last = -5
        self.turn = rng.randrange(3)

    def play(self, way: str, sounding: Harmony, melody: list[Sung], bar_index: int) -> Row:
        """The EXTRA tokens of a bar. `way` is a pattern of P, S, H or one of the names below."""
        n_steps = len(sounding.chords)
        if way == "none":
            return [REST] * n_steps
        if way in _COMMON_TIME_ONLY and n_steps < 16:
            way = "counter"
        if way[0] in _PADS or way[0] == ".":
            return pad_row(way[:n_steps], sounding)
        return sung_row(getattr(self, f"_{way}")(sounding, melody, bar_index), n_steps)

    def _tones(self, chord: Chord, lowest: int) -> list[int]:
        """The chord's tones upwards from `lowest`, two octaves."""
        return [pitch for pitch in range(lowest, lowest + 24) if pitch % 12 in chord.tones]

    def _counter(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """Long guide tones that move as little as they can."""
        notes = []
        starts = (*sounding.changes, len(sounding.chords))
        for start, end in pairwise(starts):
            options = [p for p in range(-10, 5) if p % 12 in sounding.chords[start].tones & self.voice.allowed]
            self.last = min(options or [self.last], key=lambda p: (abs(p - self.last), p))
            notes.append(Sung(start, end - start, self.last))
        return notes

    def _harmony(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """A third or a sixth below the melody."""
        notes = []
        for note in melody:
            below = [note.pitch - gap for gap in (3, 4, 5, 8, 9) if (note.pitch - gap) % 12 in self.voice.allowed]
            consonant = [p for p in below if p % 12 in sounding.chords[note.onset].tones]
            if below:
                notes.append(Sung(note.onset, note.length, (consonant or below)[0]))
        return notes

    def _double(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """The melody an octave lower."""
        return [Sung(note.onset, note.length, note.pitch - 12) for note in melody]

    def _response(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """A lick where the melody leaves at least half a bar free."""
        n_steps = len(sounding.chords)
        end = max((note.onset + note.length for note in melody), default=0)
        first = -(-end // 4) * 4
        if n_steps - first < 8:
            return []
        lick = (
            ((0, 2, 2), (2, 2, 1), (4, 2, 2), (6, 2, 0))
            if (bar_index + self.turn) % 2
            else ((2, 2, 0), (4, 2, 1), (6, 4, 2))
        )
        start = self.voice.degree_near(self._tones(sounding.chords[first], -3)[0])
        notes = [Sung(first + onset, length, self.voice.degrees[start + rise]) for onset, length, rise in lick]
        return [
            *notes[:-1],
            Sung(notes[-1].onset, notes[-1].length, self.voice.chord_pitch(notes[-1].pitch, sounding.chords[first])),
        ]

    def _roll(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """A banjo's forward roll in eighths, three strings against two."""
        order = (0, 1, 2, 0, 1, 2, 0, 2)
        return [
            Sung(2 * i, 2, self._tones(sounding.chords[2 * i], -1)[order[i % 8]])
            for i in range(len(sounding.chords) // 2)
        ]

    def _arp(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """Broken chords in eighths, up and down, above the accompaniment."""
        order = (0, 1, 2, 3, 2, 1, 2, 1)
        return [
            Sung(2 * i, 2, self._tones(sounding.chords[2 * i], 5)[order[i % 8]])
            for i in range(len(sounding.chords) // 2)
        ]

    def _loop(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """A sampled figure: the same rhythm every bar on the tones of the chord."""
        figures = (
            ((0, 3, 2), (3, 3, 1), (6, 6, 0)),
            ((2, 2, 0), (4, 4, 1), (10, 4, 2)),
            ((0, 2, 1), (6, 2, 2), (8, 6, 0)),
        )
        return [Sung(at, length, self._tones(sounding.chords[at], 3)[tone]) for at, length, tone in figures[self.turn]]

    def _run(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """Disco strings: a high held note, and a climb of the scale in every second bar."""
        top = self._tones(sounding.chords[0], 7)[1]
        if bar_index % 2 == 0:
            return [Sung(0, len(sounding.chords), top)]
        goal = self.voice.degree_near(self._tones(sounding.following, 7)[1])
        return [Sung(0, 6, top), *(Sung(8 + i, 1, self.voice.degrees[goal - 8 + i]) for i in range(8))]

    def _riff(self, sounding: Harmony, melody: list[Sung], bar_index: int) -> list[Sung]:
        """A low guitar figure that ends every second bar."""
        if bar_index % 2 == 0 or len(sounding.chords) < 16:
            return []
        home = self.voice.degree_near(self._tones(sounding.chords[8], -14)[0])
        return [
            Sung(at, length, self.voice.degrees[home + rise])
            for at, length, rise in ((8, 2, 0), (10, 2, 1), (12, 2, 2), (14, 2, 1))
        ]
