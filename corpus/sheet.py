"""A MIDI file as it stands: its notes in steps of the grid's length, and what it says of tempo, metre and key.

Time is counted along the file's own beats, so a tempo that breathes is straightened: a note's seconds are those that
it would have at the file's typical tempo throughout.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.errors import UserError
from corpus import score
from corpus.performance import TRACKS, Note, Track
from corpus.score import Header

_METRES = {(3, 4): "3/4", (5, 4): "5/4", (6, 8): "6/8", (3, 8): "6/8", (9, 8): "6/8", (12, 8): "6/8"}
"""Time signatures that the grid knows, or nearly; all others are counted in four."""


@dataclass(frozen=True)
class Sheet:
    """The tracks that have notes, and what is written above them. `key` is (tonic, minor), None where none is set."""

    tracks: tuple[Track, ...]
    tempo_bpm: int
    metre: str
    key: tuple[int, bool] | None

    @property
    def is_ours(self) -> bool:
        """Whether the tracks are parts of one of our pieces, each once."""
        names = [track.name for track in self.tracks]
        return set(names) <= set(TRACKS) and len(set(names)) == len(names)

    @property
    def seconds(self) -> float:
        return max(note.end_s for track in self.tracks for note in track.notes)

    @property
    def notes(self) -> Iterable[Note]:
        """Every note that has a pitch."""
        return (note for track in self.tracks if not track.is_drum for note in track.notes)


def read_sheet(data: bytes) -> Sheet:
    """The sheet of a MIDI file. Raises UserError on what is not one, or has no notes."""
    import symusic

    try:
        file = symusic.Score.from_midi(data)
    except Exception as error:  # a damaged file raises whatever the parser meets first
        hint = "Save it again as a Standard MIDI File."
        raise UserError("This is not a MIDI file that can be read.", hint) from error
    if not any(len(track.notes) for track in file.tracks):
        raise UserError("The MIDI file has no notes.", "Choose one in which something is played.")
    signature = next(((t.numerator, t.denominator) for t in file.time_signatures), (4, 4))
    metre = _METRES.get(signature, "4/4")
    tempo_bpm = _tempo(file, score.METRES[metre].steps_per_beat / score.STEPS_PER_BEAT)
    second_ticks = score.STEPS_PER_BEAT * score.seconds_of(1, tempo_bpm, score.METRES[metre].steps_per_beat) / file.tpq
    tracks = tuple(_track(track, second_ticks) for track in file.tracks if len(track.notes))
    key = next(((_tonic(k.key, k.tonality), bool(k.tonality)) for k in file.key_signatures), None)
    return Sheet(tracks, tempo_bpm, metre, key)


def cast(header: Header, tracks: Iterable[Track]) -> Header:
    """The header with the programs of those of its parts that are among the tracks."""
    programs = {track.name: track.program for track in tracks}
    return replace(
        header,
        bass=programs.get("bass", header.bass),
        accompaniment=programs.get("accompaniment", header.accompaniment),
        extra=programs.get("extra", header.extra),
        melody=programs.get("melody", header.melody),
    )


def _tonic(sharps: int, minor: int) -> int:
    return (sharps * 7 + (9 if minor else 0)) % 12


def _tempo(file: Any, quarters_per_beat: float) -> int:
    """The tempo that half of the music is slower than, in whole beats a minute."""
    if not len(file.tempos):
        return round(120 / quarters_per_beat)
    end = max(file.end(), file.tempos[-1].time + 1)
    starts = np.array([tempo.time for tempo in file.tempos])
    tempi = np.array([tempo.qpm for tempo in file.tempos])
    order = np.argsort(tempi)
    lasting = np.cumsum(np.diff(np.append(starts, end))[order])
    return max(1, round(float(tempi[order][np.searchsorted(lasting, lasting[-1] / 2)]) / quarters_per_beat))


def _track(track: Any, tick_s: float) -> Track:
    notes = track.notes.numpy()
    starts, ends = notes["time"] * tick_s, (notes["time"] + notes["duration"]) * tick_s
    rows = zip(starts.tolist(), ends.tolist(), notes["pitch"].tolist(), notes["velocity"].tolist(), strict=True)
    played = sorted((Note(*row) for row in rows), key=lambda note: (note.start_s, note.pitch))
    return Track(track.name, track.program, track.is_drum, tuple(played))
