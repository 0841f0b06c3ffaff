"""The imprint of a MIDI file: one text event that says what its notes cannot, such as genre, emotion and length.

Text events (FF 01) are part of the Standard MIDI File format, and other programs pass over them. The line reads
`synthesete grid 2 steps 256 header 7 25 ...`, the cells being those of `Header.pack`, stream after stream. No note is
in it: the music is read from the notes.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from corpus import score
from corpus.performance import Piece
from corpus.score import Header

_LINE = re.compile(rb"synthesete grid (\d+) steps (\d+) header((?: \d+)+)")
_N_CELLS = score.N_STREAMS * score.N_HEADER_FRAMES
_FIRST_EVENT = 22  # bytes: the file's header chunk, then the kind and size of the first track


@dataclass(frozen=True)
class Imprint:
    """What is stated: the header, and how many steps the grid has."""

    header: Header
    n_steps: int


def imprinted(midi: bytes, piece: Piece) -> bytes:
    """The Standard MIDI File of `piece` with its imprint before the first event of the first track."""
    tempo_bpm = int(np.clip(round(piece.tempo_bpm), score.MIN_TEMPO_BPM, score.MAX_TEMPO_BPM))
    cells = replace(piece.header, tempo_bpm=tempo_bpm).pack().ravel()
    step_s = score.seconds_of(1, piece.tempo_bpm, piece.header.steps_per_beat)
    line = f"synthesete grid {score.GRID} steps {round(piece.seconds / step_s)} header {' '.join(map(str, cells))}"
    event = b"\x00\xff\x01" + bytes([len(line)]) + line.encode()
    size = int.from_bytes(midi[_FIRST_EVENT - 4 : _FIRST_EVENT], "big") + len(event)
    return midi[: _FIRST_EVENT - 4] + size.to_bytes(4, "big") + event + midi[_FIRST_EVENT:]


def read_imprint(midi: bytes) -> Imprint | None:
    """The imprint of a file, None where it has none or one of another grid."""
    found = _LINE.search(midi)
    if found is None or int(found[1]) != score.GRID:
        return None
    cells = [int(cell) for cell in found[3].split()]
    if len(cells) != _N_CELLS:
        return None
    return Imprint(Header.unpack(np.reshape(cells, (score.N_STREAMS, score.N_HEADER_FRAMES))), int(found[2]))
