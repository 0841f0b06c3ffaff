"""Melodies from motifs: short rhythms with a contour, set on the chords, that return.

A motif is abstract (onsets, lengths, steps of a contour). `Voice.set` places it over a bar: strong notes move to the
nearest chord tone, the others walk in the scale, a leap is answered by a step back. The same motif over the same chord
is the same music, so a phrase that brings back its motif after four bars is heard as a return.
"""

import random
from dataclasses import dataclass

from corpus.harmony import Chord
from corpus.score import FIRST_PITCH, MELODY_LOWEST, MODES, N_PITCHES

LOWEST, HIGHEST = -17, 22
"""Range of a tune in semitones from the tonic near middle C."""
_DRIFT = 4
"""Semitones by which chord tones may carry a tune away from its contour before it jumps back."""
_STRONG = {"4/4": 8, "3/4": 8, "6/8": 6, "5/4": 12}
"""Notes at multiples of so many steps rest on the chord."""
_STEPS = (1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, 0, 0, 2, -2, -2, 3, -3, 4)


@dataclass(frozen=True)
class Motif:
    """Notes as (onset, length) in steps, the contour in scale steps from the first note, and which notes slide in."""

    rhythm: tuple[tuple[int, int], ...]
    contour: tuple[int, ...]
    graces: tuple[bool, ...]


@dataclass(frozen=True)
class Sung:
    """One note of a tune: onset within the bar and length in steps, pitch in semitones from the tonic."""

    onset: int
    length: int
    pitch: int
    grace: bool = False


def read_rhythm(text: str) -> tuple[tuple[int, int], ...]:
    """The (onset, length) pairs of a rhythm string."""
    notes = []
    for onset, mark in enumerate(text):
        if mark == "x":
            held = len(text[onset + 1 :]) - len(text[onset + 1 :].lstrip("-"))
            notes.append((onset, 1 + held))
    return tuple(notes)


def draw_motif(rhythm: str, rng: random.Random, *, graces: float = 0.0) -> Motif:
    """A motif on a rhythm: mostly steps, few leaps, each leap answered by a step back, an arch within ten degrees.

    `graces` is the chance of a slide into a note longer than a step.
    """
    notes = read_rhythm(rhythm)
    contour, last = [0], 0
    for index in range(1, len(notes)):
        if abs(last) >= 3:
            step = -1 if last > 0 else 1
        elif notes[index - 1][1] == 1:
            # Quick notes run on in the scale; only slow ones leap.
            step = last if abs(last) == 1 and rng.random() < 0.7 else rng.choice((1, -1))
        else:
            step = rng.choice(_STEPS)
            if step < 0 and index < len(notes) / 2 and rng.random() < 0.4:
                step = -step
        if not -4 <= contour[-1] + step <= 5:
            step = -step
        contour.append(contour[-1] + step)
        last = step
    slides = tuple(length >= 2 and rng.random() < graces for _, length in notes)
    return Motif(notes, tuple(contour), slides)


def ornamented(motif: Motif, rng: random.Random) -> Motif:
    """The motif with some of its long notes divided: a neighbour, or a step towards the next note."""
    rhythm: list[tuple[int, int]] = []
    contour: list[int] = []
    graces: list[bool] = []
    for index, ((onset, length), rise) in enumerate(zip(motif.rhythm, motif.contour, strict=True)):
        rhythm.append((onset, length))
        contour.append(rise)
        graces.append(motif.graces[index])
        if length >= 4 and rng.random() < 0.6:
            following = motif.contour[index + 1] if index + 1 < len(motif.contour) else rise
            half = length // 2 // 2 * 2 or 2
            rhythm[-1] = (onset, length - half)
            rhythm.append((onset + length - half, half))
            contour.append(rise + (1 if following > rise else -1 if following < rise else rng.choice((1, -1))))
            graces.append(False)
    return Motif(tuple(rhythm), tuple(contour), tuple(graces))


def scale_of(mode: str, *, pentatonic: bool) -> tuple[int, ...]:
    """The pitch classes a tune in `mode` walks on; five of them where the mode holds a pentatonic scale."""
    if mode == "blues":
        return (0, 3, 5, 6, 7, 10)
    full = MODES[mode]
    five = (0, 2, 4, 7, 9) if 4 in full else (0, 3, 5, 7, 10)
    return five if pentatonic and set(five) <= set(full) else full


class Voice:
    """A singer with a scale and a middle: sets motifs on chords, remembering where the last phrase ended."""

    def __init__(self, mode: str, *, pentatonic: bool, centre: int, metre: str = "4/4") -> None:
        self.strong = _STRONG[metre]
        self.scale = scale_of(mode, pentatonic=pentatonic)
        self.allowed = frozenset(MODES[mode])
        self.centre = centre
        self.degrees = [12 * octave + pitch for octave in range(-2, 3) for pitch in self.scale]

    def degree_near(self, pitch: float) -> int:
        """The index into `degrees` nearest to a pitch."""
        return min(range(len(self.degrees)), key=lambda i: (abs(self.degrees[i] - pitch), i))

    def degree(self, index: int) -> int:
        """The pitch of a scale degree; beyond the ends, the last one."""
        return self.degrees[max(0, min(len(self.degrees) - 1, index))]

    def tones(self, chord: Chord) -> frozenset[int]:
        """The chord's pitch classes that a tune may rest on; a power chord gets the third of the mode."""
        thirds = {(chord.root + 3) % 12, (chord.root + 4) % 12} if chord.quality == "power" else set()
        return (chord.tones | thirds) & self.allowed

    def chord_pitch(self, pitch: int, chord: Chord, *, avoid: int | None = None) -> int:
        """The chord tone of the mode nearest to `pitch` and not `avoid`, or the pitch itself where none is near."""
        tones = self.tones(chord)
        upwards = avoid is not None and pitch > avoid
        for distance in range(4):
            for candidate in (pitch + distance, pitch - distance) if upwards else (pitch - distance, pitch + distance):
                if candidate % 12 in tones and candidate != avoid:
                    return candidate
        return pitch

    def set(self, motif: Motif, chords: tuple[Chord, ...], lift: int = 0) -> list[Sung]:
        """The motif over a bar whose chord at step i is chords[i]; `lift` moves it by scale degrees."""
        if not motif.rhythm:
            return []
        anchor = self.chord_pitch(self.degrees[self.degree_near(self.centre) + lift], chords[motif.rhythm[0][0]])
        home = self.degree_near(anchor)
        sung: list[Sung] = []
        last_rise, here = 0, home
        for (onset, length), rise, grace in zip(motif.rhythm, motif.contour, motif.graces, strict=True):
            planned = self.degree(home + rise)
            pitch = self.degree(here + rise - last_rise)
            last = sung[-1].pitch if sung else None
            if abs(pitch - planned) > _DRIFT and (last is None or abs(planned - last) <= 7):
                pitch = planned
            if onset % self.strong == 0 or length >= 4 or last is None:
                # Moving to a chord tone must not undo the step that the contour takes.
                pitch = self.chord_pitch(pitch, chords[onset], avoid=last if rise != last_rise else None)
            sung.append(Sung(onset, length, self.fold(pitch, last), grace))
            last_rise, here = rise, self.degree_near(sung[-1].pitch)
        return sung

    def cadence(self, rhythm: str, chord: Chord, last: int | None, *, closed: bool) -> list[Sung]:
        """Notes that walk to a long one: the root of `chord` where the phrase closes, else another chord tone."""
        notes = read_rhythm(rhythm)
        near = self.centre if last is None else last
        root, *upper = ((chord.root + interval) % 12 for interval in chord.intervals)
        wanted = frozenset({root} if closed else upper[:2]) & self.allowed or self.tones(chord) or {0}
        # Half way between the last note and the middle of the voice, with room to walk down to it.
        aim = (near + self.centre) / 2 - 1
        goal = min((p for p in range(LOWEST, HIGHEST - 3) if p % 12 in wanted), key=lambda p: abs(p - aim))
        home = self.degree_near(goal)
        from_above = near >= goal
        sung = []
        for index, (onset, length) in enumerate(notes):
            away = len(notes) - 1 - index
            degree = home + (away if from_above else -away)
            pitch = goal if away == 0 else self.degree(degree)
            sung.append(Sung(onset, length, self.fold(pitch, None)))
        return sung

    @staticmethod
    def fold(pitch: int, last: int | None) -> int:
        """The pitch in the range of a tune, no more than an octave from the one before."""
        while pitch > HIGHEST or (last is not None and pitch - last > 12 and pitch - 12 >= LOWEST):
            pitch -= 12
        while pitch < LOWEST or (last is not None and last - pitch > 12 and pitch + 12 <= HIGHEST):
            pitch += 12
        return pitch


def pitch_token(pitch: int, *, grace: bool = False) -> int:
    """The MELODY or EXTRA id of a pitch in semitones from the tonic near middle C."""
    return FIRST_PITCH + max(0, min(N_PITCHES - 1, pitch - MELODY_LOWEST)) + (N_PITCHES if grace else 0)
