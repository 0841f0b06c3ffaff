"""Music that the collections lack: drums alone, one or two instruments alone, written pieces.

Recordings of bands and orchestras teach a network that music is full; a drum loop or a quiet piano then passes for
noise. Drum loops are human performances of the Groove MIDI data set (Gillick et al. 2019, CC BY 4.0), the rest comes
from corpus.composer; corpus.render plays them. Samples are float32 mono at core.features.RATE_HZ.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers.datasets import data_folder
from core.features import RATE_HZ
from corpus import composer, performance, render
from corpus.performance import HIGHEST_PITCH, Note, Piece, Track

Floats = npt.NDArray[np.float32]
SECONDS = 15.0
LEAST_SECONDS = 8.0


def drum_loops(n: int, seed: int, *, split: str = "train") -> Iterator[Floats]:
    """`n` grooves of a split of Groove MIDI, at least eight seconds long, none twice."""
    folder = data_folder() / "midi" / "groove"
    with (folder / "info.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["split"] == split and float(r["duration"]) > LEAST_SECONDS]
    room = _piece(seed)
    for k in np.random.default_rng(seed).permutation(len(rows))[:n]:
        drums = Track("drums", 0, True, tuple(_notes(folder / rows[k]["midi_filename"], drums=True)))
        seconds = min(SECONDS, drums.notes[-1].end_s)
        yield _played(replace(room, tracks=(drums,), seconds=seconds))


def solos(n: int, seed: int) -> Iterator[Floats]:
    """`n` passages of one or two of the instruments of written pieces, drums not among them."""
    rng = np.random.default_rng(seed)
    for k in range(n):
        piece = _piece(seed * 1000 + k)
        tonal = [track for track in piece.tracks if not track.is_drum and track.name != "bass"]
        chosen = rng.permutation(len(tonal))[: int(rng.integers(1, 3))]
        yield _played(replace(piece, tracks=tuple(tonal[i] for i in chosen)))


def pieces(n: int, seed: int) -> Iterator[Floats]:
    """`n` written pieces with all their instruments."""
    return (_played(_piece(seed * 1000 + k)) for k in range(n))


def piano(n: int, seed: int) -> Iterator[Floats]:
    """`n` passages of piano-midi.de's pieces, for measuring only: their licence is study and research."""
    paths = sorted((data_folder() / "midi" / "classical_piano" / "midis").rglob("*.mid"))
    rng = np.random.default_rng(seed)
    for k in rng.permutation(len(paths))[:n]:
        notes = _notes(paths[k], drums=False)
        start = float(rng.uniform(0, max(0.0, notes[-1].start_s - SECONDS)))
        heard = [replace(x, start_s=x.start_s - start, end_s=x.end_s - start) for x in notes if x.start_s >= start]
        track = Track("melody", 0, False, tuple(note for note in heard if note.start_s < SECONDS))
        yield _played(replace(_piece(seed), tracks=(track,), seconds=SECONDS))


def _piece(seed: int) -> Piece:
    return performance.to_notes(composer.compose(seed, seconds=SECONDS))


def _played(piece: Piece) -> Floats:
    return render.render(piece, rate=RATE_HZ, seconds=min(SECONDS, piece.seconds), mono=True)[0]


def _notes(file: Path, *, drums: bool) -> list[Note]:
    """A file's notes in order of start, within the pitches that the synthesizer can play."""
    import symusic

    score = symusic.Score(str(file)).to("second")
    struck = [note for track in score.tracks if track.is_drum == drums for note in track.notes if note.velocity > 0]
    highest = 127 if drums else HIGHEST_PITCH
    notes = [Note(n.start, n.start + max(0.05, n.duration), min(n.pitch, highest), n.velocity) for n in struck]
    return sorted(notes, key=lambda note: note.start_s)
