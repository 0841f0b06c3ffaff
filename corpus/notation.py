"""Read a Standard MIDI File into the score grid: the way back from `corpus.render.midi_bytes`.

A file of our own (its tracks are the five parts) is taken down exactly (corpus.dictation), with what notes cannot say
from its imprint; one whose imprint was lost is read from tempo, metre, key signature and notes. Any other file is
quantised to the grid and reduced to the five parts (corpus.reduction).
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.captions import GENRE_INSTRUMENTS, GENRES
from corpus.dictation import dictate, drum_keys
from corpus.gestures import gestures, matches
from corpus.harmonic_analysis import key_of, mode_of
from corpus.imprint import Imprint, read_imprint
from corpus.instruments import words_of
from corpus.performance import Note, Piece, Track, step_times
from corpus.reduction import reduction
from corpus.score import Header, Tokens
from corpus.sheet import Sheet, cast, read_sheet


def read_midi(data: bytes) -> Tokens:
    """Tokens int (N_STREAMS, N_HEADER_FRAMES + n_steps) of a MIDI file.

    Files that `midi_bytes` wrote are read exactly; others as nearly as the grid can hold them. Raises UserError on
    what is not a MIDI file, or has no notes.
    """
    sheet = read_sheet(data)
    stated = read_imprint(data) if sheet.is_ours else None
    header = header_of(sheet, stated)
    n_steps = length_of(sheet, header, stated)
    if not sheet.is_ours:
        return reduction(sheet, header, n_steps)
    return dictate(Piece(header, sheet.tracks, sheet.seconds), n_steps=n_steps)


def length_of(sheet: Sheet, header: Header, stated: Imprint | None) -> int:
    """Steps as stated, unless notes go on beyond; else whole bars up to the end of the last note."""
    step_s = score.seconds_of(1, header.tempo_bpm, header.steps_per_beat)
    needed = max(1, int(np.ceil(sheet.seconds / step_s - 0.5)))
    if stated and stated.n_steps >= needed - 1:
        return stated.n_steps
    return -(-needed // header.steps_per_bar) * header.steps_per_bar


def header_of(sheet: Sheet, stated: Imprint | None) -> Header:
    """The header of a sheet. What is written in the file overrules the imprint: it may have been transposed since."""
    chroma = pitch_classes(sheet)
    tonic, minor = sheet.key or key_of(chroma)
    header = stated.header if stated else Header(genre=genre_of(sheet), mode=mode_of(chroma, tonic, minor=minor))
    if (header.mode in score.MINOR_MODES) != minor:
        header = replace(header, mode=mode_of(chroma, tonic, minor=minor))
    header = cast(header, sheet.tracks)
    tempo_bpm = sheet.tempo_bpm if sheet.is_ours else _folded(sheet.tempo_bpm)
    header = replace(header, tempo_bpm=tempo_bpm, tonic=tonic, metre=sheet.metre)
    if stated:
        return header
    header = replace(header, swing=_swing(sheet, header))
    return replace(header, kit=_kit(sheet, header), register=_register(sheet, header))


def _folded(tempo_bpm: int) -> int:
    """A tempo that the grid has: beats are halved or joined in pairs as often as it takes."""
    while tempo_bpm < score.MIN_TEMPO_BPM:
        tempo_bpm *= 2
    while tempo_bpm > score.MAX_TEMPO_BPM:
        tempo_bpm = round(tempo_bpm / 2)
    return tempo_bpm


def pitch_classes(sheet: Sheet) -> npt.NDArray[np.float64]:
    """How long each pitch class sounds, (12,) from C, summing to one."""
    shares = np.zeros(12)
    for note in sheet.notes:
        shares[note.pitch % 12] += min(2.0, note.end_s - note.start_s)
    return shares / max(shares.sum(), 1e-9)


def genre_of(sheet: Sheet) -> str:
    """The genre whose instruments are most like these: a guess, since no file says it."""
    words = set(words_of(tuple(track.program for track in sheet.tracks if not track.is_drum)))
    drums = any(track.is_drum for track in sheet.tracks)
    if not words:
        return "rock"
    candidates = [genre for genre in GENRES if drums or genre in ("classical", "jazz", "country")]
    return max(candidates, key=lambda genre: len(words & set(GENRE_INSTRUMENTS[genre])) + (genre == "classical") / 2)


def _swing(sheet: Sheet, header: Header) -> str:
    """The swing whose steps the onsets lie nearest to; straight unless another is clearly nearer."""
    starts = np.array([note.start_s for track in sheet.tracks for note in track.notes])
    step_s = score.seconds_of(1, header.tempo_bpm, header.steps_per_beat)

    def distance(swing: str) -> float:
        times = step_times(replace(header, swing=swing), int(starts.max() / step_s) + 3)
        right = np.clip(np.searchsorted(times, starts), 1, len(times) - 1)
        return float(np.minimum(np.abs(times[right] - starts), np.abs(starts - times[right - 1])).mean())

    straight = distance("straight")
    best = min(score.SWINGS, key=distance)
    return best if distance(best) < 0.7 * straight else "straight"


def _kit(sheet: Sheet, header: Header) -> str:
    """The kit of the drum track's program that has most of its keys."""
    drums = [track for track in sheet.tracks if track.is_drum]
    keys = [note.pitch for track in drums for note in track.notes]
    programs = {track.program for track in drums} & {kit.program for kit in score.KITS} or {0}
    fitting = [kit.name for kit in score.KITS if kit.program in programs]
    return max(fitting, key=lambda name: sum(key in drum_keys(replace(header, kit=name)) for key in keys))


def _register(sheet: Sheet, header: Header) -> int:
    """The register in which most of the accompaniment's first notes begin a gesture."""
    track = next((track for track in sheet.tracks if track.name == "accompaniment"), None)
    if track is None:
        return 1
    return max((1, 0, 2), key=lambda register: _explained(track, header.tonic, register))


def _explained(track: Track, tonic: int, register: int) -> int:
    """Of the first notes of an accompaniment, how many belong to gestures of several notes or tones of a chord."""
    notes: list[Note] = list(track.notes[:40])
    free, explained = list(range(len(notes))), 0
    while free:
        found = matches(notes, free, gestures(score.ACCOMPANIMENT, tonic, register))
        used = found[0].notes if found else (free[0],)
        explained += len(used) ** 2 if found else 0
        free = [i for i in free if i not in used]
    return explained
