"""Write down a performance: timed notes of the five parts -> tokens, the inverse of `corpus.performance.to_notes`.

Everything but the chords is read note by note. Chords are found by analysis by synthesis: at each onset the gestures
(corpus.gestures) whose notes are these leave some chords possible, and of all ways to join them up the one with the
fewest changes, on the strongest beats, is taken. Loudness and articulation come last: the tokens are played at one
level, and what differs from what was heard is the level.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.gestures import N_CHORDS, Match, gestures, matches
from corpus.harmonic_analysis import chord_tones, fewest_changes, out_of_scale
from corpus.performance import Note, Piece, step_times, to_notes
from corpus.score import DYNAMICS, FIRST_PITCH, HOLD, Header, Tokens

Floats = npt.NDArray[np.float64]

_MIDDLE_LEVEL = 4
_GRACE_S = 0.11  # from a grace note to its note, at most
_MANNERS = ((0.94, 0.0), (0.5, 0.0), (1.0, 0.03))
"""Share of its steps for which a note sounds and seconds added, by articulation."""
_CHANGE_OF_CHORD, _OFF_BAR, _OFF_HALF_BAR = 1.0, 0.6, 2.0
_CHANGE_OF_LEVEL, _CHANGE_OF_MANNER = 6.0, 1.5
_IMPOSSIBLE = 1000.0
_SHORT_S = 0.2  # as long as sounds a chord that is struck short


@dataclass(frozen=True)
class Struck:
    """Something that begins at `step`: its first note, and the gestures that it can be (none where it is a pitch)."""

    step: int
    token: int
    note: Note
    matches: tuple[Match, ...] = ()


def dictate(piece: Piece, *, n_steps: int | None = None) -> Tokens:
    """Tokens int (N_STREAMS, N_HEADER_FRAMES + n_steps) that play the notes of `piece`.

    Notes that no token plays are left out. The grid is as long as the piece unless `n_steps` says otherwise. Sections
    cannot be heard: all is "theme", with the end out of sight.
    """
    taker = _Taker(piece, n_steps)
    return np.concatenate([taker.cells, taker.write()], axis=1)


class _Taker:
    """Takes one piece down: the grid it fills, and the notes by part."""

    def __init__(self, piece: Piece, n_steps: int | None) -> None:
        self.header = piece.header
        self.cells = replace(self.header, tempo_bpm=nearest_tempo(self.header.tempo_bpm)).pack()
        step_s = score.seconds_of(1, self.header.tempo_bpm, self.header.steps_per_beat)
        self.n_steps = round(piece.seconds / step_s) if n_steps is None else n_steps
        self.times_s = step_times(self.header, self.n_steps + 1)
        self.parts = {track.name: track.notes for track in piece.tracks}
        self.all = dict(self.parts)
        self.shift = self.header.tonic if self.header.tonic <= 5 else self.header.tonic - 12
        self.grid = np.zeros((score.N_STREAMS, self.n_steps), np.int64)
        self.grid[DYNAMICS] = _MIDDLE_LEVEL

    def write(self) -> Tokens:
        """The music, int (N_STREAMS, n_steps)."""
        self.grid[score.POSITION] = positions(self.header, self.n_steps)
        self.grid[score.DRUMS] = self._drums()
        struck = {
            score.BASS: self._pitches("bass", 36 + self.shift + score.BASS_LOWEST, score.N_BASS_PITCHES),
            score.MELODY: self._melody(),
            score.ACCOMPANIMENT: self._chords("accompaniment", score.ACCOMPANIMENT),
            score.EXTRA: self._extra(),
        }
        self.grid[score.CHORD] = self._harmony(struck)
        for stream, events in struck.items():
            self._set(stream, events, np.zeros(self.n_steps, np.int64))
        levels = self._levels(without=("accompaniment",) if len(self.all) > 1 else ())
        manners = self._manners([event for events in struck.values() for event in events])
        for stream, events in struck.items():
            self.grid[stream] = 0
            self._set(stream, self._decided(events, levels), manners)
        self.grid[DYNAMICS] = self._levels() + 8 * manners
        return self.grid

    def step_of(self, time_s: float) -> int:
        """The nearest step."""
        right = int(np.searchsorted(self.times_s, time_s))
        left = max(0, right - 1)
        nearer = right if right <= self.n_steps and self.times_s[right] - time_s < time_s - self.times_s[left] else left
        return min(nearer, self.n_steps - 1)

    def _drums(self) -> npt.NDArray[np.int64]:
        row = np.zeros(self.n_steps, np.int64)
        voices = drum_keys(self.header)
        for note in self.parts.get("drums", ()):
            step, bits = self.step_of(note.start_s), voices.get(note.pitch, 0)
            field = 12 if bits & 12 else 48 if bits & 48 else bits
            row[step] |= 0 if row[step] & field else bits
        return row

    def _pitches(self, part: str, lowest: int, n_pitches: int) -> list[Struck]:
        """A line of single notes; those outside the stream's range are moved by octaves."""
        found: dict[int, Struck] = {}
        for note in self.parts.get(part, ()):
            semitones = note.pitch - lowest
            while semitones < 0:
                semitones += 12
            while semitones >= n_pitches:
                semitones -= 12
            step = self.step_of(note.start_s)
            found.setdefault(step, Struck(step, FIRST_PITCH + semitones, note))
        return list(found.values())

    def _melody(self) -> list[Struck]:
        """The tune; a short note that slides up a semitone is the grace of the next."""
        notes = self.parts.get("melody", ())
        graces = {i for i in range(len(notes) - 1) if _slides(notes[i], notes[i + 1])}
        main = tuple(note for i, note in enumerate(notes) if i not in graces)
        at = {notes[i + 1]: self.step_of(notes[i].start_s) for i in graces}
        self.parts["melody"] = tuple(note for note in main if note not in at)
        lowest = 60 + self.shift + score.MELODY_LOWEST
        plain = self._pitches("melody", lowest, score.N_PITCHES)
        graced = [Struck(step, note.pitch - lowest + FIRST_PITCH + score.GRACE, note) for note, step in at.items()]
        inside = [event for event in graced if FIRST_PITCH <= event.token - score.GRACE < FIRST_PITCH + score.N_PITCHES]
        return sorted([*plain, *inside], key=lambda event: event.step)

    def _chords(self, part: str, stream: int) -> list[Struck]:
        """What the gestures of the stream explain, in order; a note that fits nowhere is left out."""
        notes = self.parts.get(part, ())
        index = gestures(stream, self.header.tonic, self.header.register)
        free, found = list(range(len(notes))), []
        while free:
            fitting = matches(notes, free, index)
            first = free[0]
            if fitting:
                step = self.step_of(notes[first].start_s)
                found.append(Struck(step, fitting[0].gesture.token, notes[fitting[0].notes[0]], tuple(fitting)))
            used = set(fitting[0].notes) if fitting else {first}
            free = [i for i in free if i not in used]
        return found

    def _extra(self) -> list[Struck]:
        """Single notes are pitches, several at once a chord."""
        pads = self._chords("extra", score.EXTRA)
        notes = self.parts.get("extra", ())
        in_chords = {notes[i] for event in pads for i in event.matches[0].notes}
        self.parts["extra"] = tuple(note for note in notes if note not in in_chords)
        taken = {event.step for event in pads}
        lines = self._pitches("extra", 60 + self.shift + score.MELODY_LOWEST, score.N_PITCHES)
        return sorted([*pads, *(event for event in lines if event.step not in taken)], key=lambda event: event.step)

    def _harmony(self, struck: dict[int, list[Struck]]) -> npt.NDArray[np.int64]:
        """A chord a step, with which every gesture sounds as it did."""
        costs = self._likelihoods(struck)
        for event in (*struck[score.EXTRA], *struck[score.ACCOMPANIMENT]):
            if event.matches:
                strains = [np.where(m.gesture.chords, _strain(m, event.note), _IMPOSSIBLE) for m in event.matches]
                costs[event.step] += np.min(strains, axis=0)
        step = np.arange(self.n_steps)
        bar = self.header.steps_per_bar
        change = _CHANGE_OF_CHORD + np.where(
            step % bar == 0, 0, np.where(step % bar == bar // 2, _OFF_BAR, _OFF_HALF_BAR)
        )
        return fewest_changes(costs, change)

    def _likelihoods(self, struck: dict[int, list[Struck]]) -> Floats:
        """What speaks against each chord at each step, (n_steps, N_CHORDS), where no chord is heard: bass and tune."""
        tones, roots = chord_tones()
        costs = np.zeros((self.n_steps, N_CHORDS)) + 0.001 * out_of_scale(self.header.mode)
        costs += (0.05 if self.header.genre == "metal" else 0.002) * np.abs(
            tones.sum(axis=1) - (2 if self.header.genre == "metal" else 3)
        )
        costs[:, 0] = 0.05
        for event in struck[score.BASS]:
            pitch_class = (event.token - FIRST_PITCH + score.BASS_LOWEST) % 12
            weight = 0.1 if event.step % self.header.steps_per_beat == 0 else 0.03
            costs[event.step] += weight * (1 - 0.5 * tones[:, pitch_class] - 0.5 * (roots == pitch_class))
        for event in struck[score.MELODY]:
            pitch_class = ((event.token - FIRST_PITCH) % score.N_PITCHES + score.MELODY_LOWEST) % 12
            costs[event.step] += 0.02 * ~tones[:, pitch_class]
        return costs

    def _decided(self, events: Sequence[Struck], levels: npt.NDArray[np.int64]) -> list[Struck]:
        """Each chord as the gesture that fits harmony, loudness and length best."""
        return [self._best(event, int(levels[event.step])) if event.matches else event for event in events]

    def _best(self, event: Struck, level: int) -> Struck:
        chord = self.grid[score.CHORD, event.step]

        def strain(match: Match) -> float:
            louder = abs(event.note.velocity - match.gesture.velocity - 8 * (level - _MIDDLE_LEVEL))
            wrong = 0 if match.gesture.chords[chord] else _IMPOSSIBLE
            return wrong + 0.02 * louder + _strain(match, event.note)

        best = min(event.matches, key=strain)
        return Struck(event.step, best.gesture.token, event.note, (best,))

    def _set(self, stream: int, events: Sequence[Struck], manners: npt.NDArray[np.int64]) -> None:
        """Put events into their stream, each held until its end or the next one."""
        row = self.grid[stream]
        for event, following in zip_longest(events, events[1:]):
            limit = self.n_steps if following is None else following.step
            end = min(limit, max(event.step + 1, round(self._end(event.note, int(manners[event.step])))))
            row[event.step] = event.token
            row[event.step + 1 : end] = HOLD

    def _end(self, note: Note, manner: int) -> float:
        """Where the steps of a note end, in steps and fractions of one, if it was played in `manner`."""
        share, more_s = _MANNERS[manner]
        end_s = note.start_s + max(0.0, note.end_s - note.start_s - more_s) / share
        return float(np.interp(end_s, self.times_s, np.arange(self.n_steps + 1)))

    def _manners(self, events: Sequence[Struck]) -> npt.NDArray[np.int64]:
        """The articulation of each step: that with which notes end on the grid, with few changes."""
        costs = np.zeros((self.n_steps, len(_MANNERS)))
        for event in events:
            if any(match.gesture.longest_s < _SHORT_S + 0.2 for match in event.matches):
                continue
            ends = np.array([self._end(event.note, manner) for manner in range(len(_MANNERS))])
            off = np.abs(ends - np.round(ends)) + (ends < event.step + 0.7)
            costs[event.step] += np.minimum(off, 0.5)
        costs += 1e-6 * np.arange(len(_MANNERS))
        return fewest_changes(costs, np.full(self.n_steps, _CHANGE_OF_MANNER))

    def _levels(self, *, without: tuple[str, ...] = ()) -> npt.NDArray[np.int64]:
        """The dynamics of each step: how much louder its notes were than the same tokens at the middle level."""
        tokens = np.concatenate([self.cells, self.grid], axis=1)
        tokens[DYNAMICS, score.N_HEADER_FRAMES :] = _MIDDLE_LEVEL
        louder = defaultdict(list)
        heard = {
            (name, self.step_of(n.start_s), n.pitch): n.velocity for name, notes in self.all.items() for n in notes
        }
        for track in to_notes(tokens, tempo_bpm=self.header.tempo_bpm).tracks:
            for note in track.notes if track.name not in without else ():
                step = self.step_of(note.start_s)
                if (velocity := heard.get((track.name, step, note.pitch))) is not None:
                    louder[step].append(velocity - note.velocity)
        levels = np.arange(8)
        costs = np.zeros((self.n_steps, 8))
        for step, differences in louder.items():
            costs[step] = np.abs(np.array(differences)[:, None] - 8 * (levels - _MIDDLE_LEVEL)).sum(axis=0)
        return fewest_changes(costs, np.full(self.n_steps, _CHANGE_OF_LEVEL))


def _strain(match: Match, note: Note) -> float:
    """What speaks against a gesture: notes off their places, or not as long as it lets them be."""
    length_s, longest_s = note.end_s - note.start_s, match.gesture.longest_s
    too_short = 0.04 if longest_s > _SHORT_S and length_s < 0.112 else 0.0
    return 0.0001 * match.gesture.token + 4 * match.strain_s + 4 * max(0.0, length_s - longest_s - 0.03) + 2 * too_short


def _slides(grace: Note, note: Note) -> bool:
    """Whether one note is the grace of the next."""
    gap_s = note.start_s - grace.start_s
    return (
        note.pitch == grace.pitch + 1
        and gap_s < _GRACE_S
        and grace.end_s - grace.start_s < _GRACE_S
        and note.velocity - grace.velocity > 15
    )


def nearest_tempo(tempo_bpm: float) -> int:
    """The tempo that a header can hold, whole and within its range."""
    return int(np.clip(round(tempo_bpm), score.MIN_TEMPO_BPM, score.MAX_TEMPO_BPM))


def positions(header: Header, n_steps: int) -> npt.NDArray[np.int64]:
    """The POSITION row of music whose form is unknown: four-bar phrases of a theme, the end out of sight."""
    phrase = score.position_row("theme", 0, header.steps_per_phrase, None)
    return np.resize(phrase, n_steps)


def drum_keys(header: Header) -> dict[int, int]:
    """The DRUMS bits of each key that the kit strikes."""
    kit = score.KITS[score.KIT_NAMES.index(header.kit)]
    keys = {kit.colour: 64, kit.ride: 12, kit.open: 8, kit.closed: 4, kit.snare: 2, kit.kick: 1}
    toms = {kit.crash: 48, kit.low_tom: 32, kit.high_tom: 16}
    if kit.name == "orchestra":
        toms = {kit.crash: 48} | {41 + (header.tonic + up - 5) % 12: bits for up, bits in ((0, 32), (7, 16))}
    return keys | toms
