"""Reduce any MIDI file to the five parts of the score grid, as a pianist plays from a full score.

The tune is the highest line of the tracks that have a pitch, the bass the lowest; drums are the General MIDI keys that
a kit has, or the nearest of their kind. Chords are found from all notes by the half bar; what lies between tune and
bass is the accompaniment where it belongs to the chord (the gesture most like it), else the extra part.
"""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.dictation import dictate
from corpus.gestures import gestures
from corpus.harmonic_analysis import chords_of
from corpus.performance import Note, Piece, Track
from corpus.score import HOLD, REST, Header, Tokens
from corpus.sheet import Sheet, cast

_BASS_TOP, _TUNE_BOTTOM = 55, 55
"""No bass lies above the first pitch, no tune below the second."""
_KINDS = {
    "kick": (35, 36), "snare": (37, 38, 39, 40), "closed": (42, 44, 69, 70, 82, 22), "open": (46, 26),
    "ride": (51, 53, 59), "crash": (49, 52, 55, 57), "high_tom": (48, 50, 60, 62, 65), "low_tom": (41, 43, 45, 47, 58,
    61, 63, 64, 66), "colour": (54, 56),
}  # fmt: skip
"""General MIDI keys by the voice of a kit that they are nearest to; 22 and 26 are edges of an electronic hi-hat."""
_LIKE_ENOUGH = 0.5


def reduction(sheet: Sheet, header: Header, n_steps: int) -> Tokens:
    """Tokens int (N_STREAMS, N_HEADER_FRAMES + n_steps) of a sheet of any tracks, quantised to the grid."""
    reducer = _Reducer(sheet, header, n_steps)
    parts = reducer.parts()
    header = cast(header, parts)
    between = reducer.between
    if between:
        header = replace(header, accompaniment=reducer.program_of(between), extra=reducer.program_of(between))
    tokens = dictate(Piece(header, tuple(parts), sheet.seconds), n_steps=n_steps)
    music = tokens[:, score.N_HEADER_FRAMES :]
    music[score.CHORD] = reducer.harmony()
    reducer.accompany(music)
    return tokens


class _Reducer:
    """One sheet with its pitched notes set to steps."""

    def __init__(self, sheet: Sheet, header: Header, n_steps: int) -> None:
        self.sheet, self.header, self.n_steps = sheet, header, n_steps
        self.step_s = score.seconds_of(1, header.tempo_bpm, header.steps_per_beat)
        self.programs = {id(note): track.program for track in sheet.tracks if not track.is_drum for note in track.notes}
        self.by_step: dict[int, list[Note]] = defaultdict(list)
        for note in sheet.notes:
            if (step := self.step_of(note.start_s)) < n_steps:
                self.by_step[step].append(note)
        self.between: list[Note] = []

    def step_of(self, time_s: float) -> int:
        return round(time_s / self.step_s)

    def parts(self) -> list[Track]:
        """Drums, bass and tune; what is left is kept in `between`."""
        tune, bass, tune_until, bass_until, highest, lowest = [], [], 0.0, 0.0, 0, 128
        for step in sorted(self.by_step):
            notes = sorted(self.by_step[step], key=lambda note: note.pitch)
            top, bottom, now_s = notes[-1], notes[0], notes[0].start_s + 0.1 * self.step_s
            sings = top.pitch >= _TUNE_BOTTOM and (top.pitch > highest - 3 or now_s >= tune_until)
            grounds = bottom.pitch < _BASS_TOP and (bottom.pitch < lowest + 3 or now_s >= bass_until)
            if sings:
                tune.append(top)
                tune_until, highest = top.end_s, top.pitch
            if grounds and not (sings and bottom is top):
                bass.append(bottom)
                bass_until, lowest = bottom.end_s, bottom.pitch
            taken = {id(tune[-1])} if sings else set()
            taken |= {id(bass[-1])} if grounds and bass else set()
            self.between += [note for note in notes if id(note) not in taken]
        lines = (("bass", bass), ("melody", tune))
        tracks = [Track(name, self.program_of(notes), False, tuple(notes)) for name, notes in lines if notes]
        return [*self._drums(), *tracks]

    def program_of(self, notes: list[Note]) -> int:
        """The instrument that plays most of the notes."""
        counts = np.bincount([self.programs[id(note)] for note in notes])
        return int(counts.argmax())

    def _drums(self) -> list[Track]:
        """The drum tracks as one, each key as the kit's own."""
        kit = score.KITS[score.KIT_NAMES.index(self.header.kit)]
        keys = {key: getattr(kit, voice) for voice, likes in _KINDS.items() for key in likes}
        struck = [note for track in self.sheet.tracks if track.is_drum for note in track.notes if note.pitch in keys]
        notes = sorted((replace(note, pitch=keys[note.pitch]) for note in struck), key=lambda note: note.start_s)
        return [Track("drums", kit.program, True, tuple(notes))] if notes else []

    def harmony(self) -> npt.NDArray[np.int64]:
        """The CHORD of every step, one chord a half bar at most."""
        half = max(self.header.steps_per_beat, self.header.steps_per_bar // 2)
        if self.header.metre in ("3/4", "5/4"):
            half = self.header.steps_per_bar
        n = -(-self.n_steps // half)
        chroma, bass = np.zeros((n, 12)), np.zeros((n, 12))
        for note in self.sheet.notes:
            relative = (note.pitch - self.header.tonic) % 12
            first, last = note.start_s / self.step_s / half, min(n, note.end_s / self.step_s / half)
            for index in range(int(first), int(np.ceil(last))):
                share = min(index + 1, last) - max(index, first)
                chroma[index, relative] += share
                bass[index, relative] += share * max(0.0, (60 - note.pitch) / 12)
        total = np.maximum(bass.sum(axis=1, keepdims=True), 1e-9)
        return np.repeat(chords_of(chroma, bass / total, self.header.mode), half)[: self.n_steps]

    def accompany(self, music: Tokens) -> None:
        """Write what lies between tune and bass into ACCOMPANIMENT and EXTRA, in place."""
        shapes = self._shapes()
        steps: dict[int, list[Note]] = defaultdict(list)
        for note in self.between:
            steps[self.step_of(note.start_s)].append(note)
        for step, notes in sorted(steps.items()):
            chord = int(music[score.CHORD, step])
            pitches = {note.pitch for note in notes}
            token, explained = _likest(shapes[chord], pitches) if chord else (REST, set())
            rest = [note for note in notes if note.pitch not in explained]
            if token:
                self._hold(music[score.ACCOMPANIMENT], step, token, max(n.end_s for n in notes))
            if rest:
                other = max(rest, key=lambda note: note.pitch)
                self._hold(music[score.EXTRA], step, self._pitch_token(other.pitch), other.end_s)

    def _shapes(self) -> dict[int, list[tuple[int, frozenset[int]]]]:
        """(token, pitches) of every gesture of the accompaniment, by CHORD id."""
        index = gestures(score.ACCOMPANIMENT, self.header.tonic, self.header.register)
        shapes: dict[int, list[tuple[int, frozenset[int]]]] = defaultdict(list)
        for gesture in {id(g): g for found in index.values() for g in found}.values():
            for chord in np.flatnonzero(gesture.chords):
                shapes[int(chord)].append((gesture.token, frozenset(gesture.pitches)))
        return {chord: sorted(found, key=lambda shape: shape[0]) for chord, found in shapes.items()}

    def _pitch_token(self, pitch: int) -> int:
        shift = self.header.tonic if self.header.tonic <= 5 else self.header.tonic - 12
        semitones = pitch - 60 - shift - score.MELODY_LOWEST
        semitones += 12 * -(semitones // 12) if semitones < 0 else 0
        while semitones >= score.N_PITCHES:
            semitones -= 12
        return score.FIRST_PITCH + semitones

    def _hold(self, row: Tokens, step: int, token: int, end_s: float) -> None:
        end = min(max(step + 1, self.step_of(end_s)), self.n_steps)
        row[step] = token
        row[step + 1 : end] = HOLD


def _likest(shapes: list[tuple[int, frozenset[int]]], pitches: set[int]) -> tuple[int, set[int]]:
    """The token whose notes are most like `pitches` (F-measure), and which of them it plays; none below a half."""

    def likeness(shape: tuple[int, frozenset[int]]) -> float:
        return 2 * len(shape[1] & pitches) / (len(shape[1]) + len(pitches))

    best = max(shapes, key=likeness)
    if likeness(best) < _LIKE_ENOUGH:
        return REST, set()
    return best[0], set(best[1] & pitches)
