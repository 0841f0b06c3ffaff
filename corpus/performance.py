"""Play a score grid: tokens -> timed notes, with transposition, swing, voicing, accents and articulation.

Any int array (N_STREAMS, N_HEADER_FRAMES + n) decodes; the same tokens always give the same notes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.score import FIRST_PITCH, HOLD, STEPS_PER_BEAT, Header, Tokens
from corpus.touch import CYMBAL, KICK, SNARE, Touch

HIGHEST_PITCH, LOWEST_PITCH, LOWEST_BASS = 91, 24, 28
"""Tonal notes stay inside: the synthesizer hangs for ever on very high ones. A bass has no note below its low E."""
TRACKS = ("drums", "bass", "accompaniment", "extra", "melody")
_EARLIEST_S = 0.03
"""A note never sounds earlier than so long before its step."""
_ONSETS = {
    "straight": (0.0, 1.0, 2.0, 3.0),
    "light": (0.0, 1.15, 2.3, 3.15),
    "triplet": (0.0, 4 / 3, 8 / 3, 10 / 3),
    "sixteenth": (0.0, 1.2, 2.0, 3.2),
}
"""Where the four steps of a beat fall, in steps."""


@dataclass(frozen=True)
class Note:
    """One note; `velocity` 1..127."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Track:
    """One instrument's notes in order of start; `program` is General MIDI counted from 0 (a kit's where is_drum)."""

    name: str
    program: int
    is_drum: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Piece:
    """A performance: `seconds` is the length of the grid; tracks without notes are left out.

    `settled_s` is the time until which nothing changes any more, whatever the score goes on with.
    """

    header: Header
    tracks: tuple[Track, ...]
    seconds: float
    settled_s: float = math.inf

    @property
    def beat_times_s(self) -> tuple[float, ...]:
        """When the beats of the metre fall, in seconds: exact, where the notes are played by people."""
        beat_s = 60 / self.header.tempo_bpm
        return tuple(float(beat_s * beat) for beat in range(math.ceil(self.seconds / beat_s - 1e-9)))

    @property
    def tempo_bpm(self) -> float:
        return float(self.header.tempo_bpm)

    @property
    def key(self) -> str:
        return self.header.key


def to_notes(tokens: Tokens, *, tempo_bpm: float | None = None, final: bool = True, exact: bool = False) -> Piece:
    """Play tokens (N_STREAMS, N_HEADER_FRAMES + n): the header says how, the n steps say what.

    `tempo_bpm` overrules the header, also with a tempo that a header cannot hold. Where more steps may follow (not
    `final`), a note that could go on has an infinite `end_s`. `exact` is as a machine would play. Raises ValueError on
    another shape.
    """
    grid = np.asarray(tokens).astype(np.int64)
    if grid.ndim != 2 or grid.shape[0] != score.N_STREAMS:
        raise ValueError(f"tokens must be ({score.N_STREAMS}, n), got {grid.shape}")
    if grid.shape[1] < score.N_HEADER_FRAMES:
        grid = np.pad(grid, ((0, 0), (0, score.N_HEADER_FRAMES - grid.shape[1])))
    header = Header.unpack(grid)
    header = header if tempo_bpm is None else replace(header, tempo_bpm=tempo_bpm)
    player = _Player(header, grid[:, score.N_HEADER_FRAMES :], final=final, exact=exact)
    parts = (
        ("drums", score.KITS[score.KIT_NAMES.index(header.kit)].program, player.drums()),
        ("bass", header.bass, player.bass()),
        ("accompaniment", header.accompaniment, player.accompaniment()),
        ("extra", header.extra, player.extra()),
        ("melody", header.melody, player.melody()),
    )
    tracks = [Track(name, program, name == "drums", tuple(sorted(notes, key=_start))) for name, program, notes in parts]
    seconds = score.seconds_of(player.n_steps, header.tempo_bpm, header.steps_per_beat)
    return Piece(header, tuple(track for track in tracks if track.notes), seconds, player.settled_s)


def step_times(header: Header, n_steps: int) -> npt.NDArray[np.float64]:
    """Seconds at which each of `n_steps` falls, (n_steps,), swing included."""
    steps = np.arange(n_steps, dtype=float)
    if header.steps_per_beat == STEPS_PER_BEAT:
        steps += np.array(_ONSETS[header.swing])[np.arange(n_steps) % 4] - np.arange(n_steps) % 4
    return steps * score.seconds_of(1, header.tempo_bpm, header.steps_per_beat)


def _start(note: Note) -> tuple[float, int]:
    return note.start_s, note.pitch


class _Player:
    """The grid with its header: one method a track, each a generator of notes."""

    def __init__(self, header: Header, grid: Tokens, *, final: bool, exact: bool) -> None:
        self.header = header
        self.rows: list[list[int]] = grid.tolist()
        self.n_steps = grid.shape[1]
        self.step_s = score.seconds_of(1, header.tempo_bpm, header.steps_per_beat)
        self.shift = header.tonic if header.tonic <= 5 else header.tonic - 12
        self.onsets = _ONSETS[header.swing]
        self.touch = Touch(header, self.step_s, self.step_s * self._shortest(), exact=exact)
        self.final = final
        self.settled_s = math.inf if final else max(0.0, self.at(self.n_steps) - _EARLIEST_S)
        """Falls as the parts are played: to the earliest end of a note that may go on."""

    def _shortest(self) -> float:
        """The shortest step of the swing, in steps."""
        if self.header.steps_per_beat != STEPS_PER_BEAT:
            return 1.0
        return min(after - before for before, after in pairwise((*self.onsets, float(STEPS_PER_BEAT))))

    def at(self, step: int, delay_s: float = 0.0) -> float:
        """Seconds at which `step` sounds."""
        pulse, part = divmod(step, STEPS_PER_BEAT)
        at = step if self.header.steps_per_beat != STEPS_PER_BEAT else pulse * STEPS_PER_BEAT + self.onsets[part]
        return at * self.step_s + delay_s

    def velocity(self, part: str, step: int, offset: int, voice: int = 0) -> int:
        """Loudness from the dynamics stream and the player's touch."""
        level = self.rows[score.DYNAMICS][step] % 8
        return max(12, min(124, round(48 + 8 * level + offset + self.touch.emphasis(part, step, voice))))

    def events(self, stream: int) -> Iterator[tuple[int, int, int]]:
        """(first step, end step, token) of everything in a stream that is not rest or hold."""
        row = self.rows[stream]
        step = 0
        while step < self.n_steps:
            token, end = row[step], step + 1
            while end < self.n_steps and row[end] == HOLD:
                end += 1
            if token > HOLD:
                yield step, end, token
            step = end

    def note(
        self,
        part: str,
        step: int,
        end: int,
        pitch: int,
        offset: int,
        *,
        voice: int = 0,
        delay_s: float = 0.0,
        longest_s: float = 99.0,
    ) -> Note:
        """A note with the articulation of its first step; out-of-range pitches move by octaves."""
        while pitch > HIGHEST_PITCH:
            pitch -= 12
        while pitch < LOWEST_PITCH:
            pitch += 12
        start_s = max(0.0, self.at(step, delay_s + self.touch.delay_s(part, step, voice)))
        full_s = self.at(end) - start_s
        manner = self.rows[score.DYNAMICS][step] // 8 % 3
        held_s = full_s * (0.94, 0.5, 1.0)[manner] + (0.0, 0.0, 0.03)[manner]
        length_s = max(0.03, min(held_s, longest_s))
        if end == self.n_steps and not self.final and length_s < longest_s:
            self.settled_s = min(self.settled_s, start_s + length_s)
            length_s = math.inf
        return Note(start_s, start_s + length_s, pitch, self.velocity(part, step, offset, voice))

    def drums(self) -> Iterator[Note]:
        kit = score.KITS[score.KIT_NAMES.index(self.header.kit)]
        for step, token in enumerate(self.rows[score.DRUMS]):
            ghost = kit.ghosts and step % 2 == 1
            for pitch, offset, voice in self._strokes(kit, token % 128, ghost):
                start_s = max(0.0, self.at(step, self.touch.delay_s("drums", step, voice)))
                yield Note(start_s, start_s + 0.12, pitch, self.velocity("drums", step, offset, voice))

    def _strokes(self, kit: score.Kit, token: int, ghost: bool) -> Iterator[tuple[int, int, int]]:
        """(key, velocity offset, voice of the touch) of each stroke; the orchestra's toms are timpani on I and V."""
        if token & 1:
            yield kit.kick, 12, KICK
        if token & 2:
            yield kit.snare, -26 if ghost else 10, SNARE
        cymbal, tom = token >> 2 & 3, token >> 4 & 3
        if cymbal:
            yield (kit.closed, kit.open, kit.ride)[cymbal - 1], (-16, -10, -8)[cymbal - 1], CYMBAL
        if tom and kit.name == "orchestra" and tom < 3:
            yield 41 + (self.header.tonic + (0 if tom == 2 else 7) - 5) % 12, 4, SNARE
        elif tom:
            yield (kit.high_tom, kit.low_tom, kit.crash)[tom - 1], (4, 6, -2)[tom - 1], SNARE
        if token & 64:
            yield kit.colour, -12, CYMBAL

    def bass(self) -> Iterator[Note]:
        for step, end, token in self.events(score.BASS):
            if token < FIRST_PITCH + score.N_BASS_PITCHES:
                pitch = 36 + self.shift + score.BASS_LOWEST + token - FIRST_PITCH
                yield self.note("bass", step, end, pitch if pitch >= LOWEST_BASS else pitch + 12, 4)

    def melody(self) -> Iterator[Note]:
        for step, end, token in self.events(score.MELODY):
            grace, semitones = divmod(token - FIRST_PITCH, score.N_PITCHES)
            if grace > 1:
                continue
            pitch = 60 + self.shift + score.MELODY_LOWEST + semitones
            delay_s = min(0.07, self.step_s / 2) if grace else 0.0
            rising = (pitch - 70) // 4
            if grace:
                yield self.note("melody", step, end, pitch - 1, rising - 10, longest_s=delay_s)
            yield self.note("melody", step, end, pitch, rising + 10, delay_s=delay_s)

    def chord_at(self, step: int) -> tuple[int, tuple[int, ...]] | None:
        return score.read_chord(self.rows[score.CHORD][step])

    def voicing(self, step: int, lowest: int) -> list[int]:
        """The chord in close position inside the octave above `lowest`: common tones stay where they are."""
        chord = self.chord_at(step)
        if chord is None:
            return []
        root = chord[0] + self.shift
        return sorted({lowest + (root + interval - lowest) % 12 for interval in chord[1]})

    def extra(self) -> Iterator[Note]:
        for step, end, token in self.events(score.EXTRA):
            if token < FIRST_PITCH + score.N_PITCHES:
                pitch = 60 + self.shift + score.MELODY_LOWEST + token - FIRST_PITCH
                yield self.note("extra", step, end, pitch, -8)
            elif token <= score.HIGH_STAB:
                lowest = {score.PAD: 55, score.STAB: 57, score.HIGH_STAB: 67}[token]
                longest_s = 99.0 if token == score.PAD else 0.16
                for voice, pitch in enumerate(self.voicing(step, lowest)):
                    yield self.note("extra", step, end, pitch, -16, voice=voice, longest_s=longest_s)

    def accompaniment(self) -> Iterator[Note]:
        lowest = 40 + 12 * self.header.register
        for step, end, token in self.events(score.ACCOMPANIMENT):
            chord = self.chord_at(step)
            if chord is None or token >= score.FIRST_TONE + score.N_TONES:
                continue
            if token >= score.FIRST_TONE:
                tones = self.voicing(step, lowest)
                octave, index = divmod(token - score.FIRST_TONE, len(tones))
                yield self.note("accompaniment", step, end, tones[index] + 12 * octave, -6)
                continue
            yield from self._action(score.ACTIONS[token - score.FIRST_ACTION], step, end, lowest)

    def _action(self, action: str, step: int, end: int, lowest: int) -> Iterator[Note]:
        """Play the chord of `step` in one of the ways of `score.ACTIONS`."""
        root, intervals = self.chord_at(step) or (0, (0,))
        close = self.voicing(step, lowest)
        deep = 40 + (root + self.shift - 40) % 12
        offset, spread_s, longest_s = -10, 0.0, 99.0
        pitches = close
        if action in ("stab", "chug"):
            longest_s = 0.11
        if action in ("strum_down", "strum_up", "roll"):
            pitches = [deep + 12 * (self.header.register - 1), *close, close[0] + 12]
            spread_s = 0.07 if action == "roll" else 0.012
        if action == "strum_up":
            pitches, offset, longest_s = [*close, close[0] + 12][::-1][:3], -16, 0.3
        elif action in ("chug", "power"):
            pitches = [deep, deep + 7] if action == "chug" else [deep, deep + 7, deep + 12]
            offset = 2
        elif action == "wide":
            pitches = [deep, *(deep + interval + 12 for interval in intervals[1:])]
        elif action == "high":
            pitches = [pitch + 12 for pitch in close]
        elif action == "shell" and len(intervals) > 3:
            pitches = [lowest + (root + self.shift + intervals[i] - lowest) % 12 for i in (1, 3)]
            pitches.append(lowest + 12 + (root + self.shift + (9 if intervals[1] == 4 else 2) - lowest) % 12)
        for index, pitch in enumerate(pitches):
            delay_s = index * spread_s
            yield self.note(
                "accompaniment", step, end, pitch, offset, voice=index, delay_s=delay_s, longest_s=longest_s
            )
