"""What the bundled MusicGen learns from: pieces of the composer, some with a human drummer, and their labels."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.captions import Fields
from corpus.composer import write_corpus
from corpus.drummers import Take, read_takes, with_drummer
from pipelines.engines.windows import Tokens

DRUMMED_SHARE = 1 / 3
"""Of the pieces that a human drummer can play."""


@dataclass(frozen=True)
class Corpus:
    """Pieces with their labels; in `drummed` of them a human plays the drums."""

    pieces: Sequence[Tokens]
    fields: list[Fields]
    drummed: int

    @property
    def hours(self) -> float:
        return sum(_seconds(piece) for piece in self.pieces) / 3600


def _seconds(piece: Tokens) -> float:
    header = score.Header.unpack(piece)
    return score.seconds_of(piece.shape[1] - score.N_HEADER_FRAMES, header.tempo_bpm, header.steps_per_beat)


def write_pieces(n: int, seed: int, drummers: Path | None) -> Corpus:
    """The corpus; with a folder of Groove MIDI a share of its pieces has a human drummer."""
    pieces, fields = write_corpus(n, seed)
    if drummers is None:
        return Corpus(pieces, fields, 0)
    takes: dict[str, list[Take]] = {}
    for take in read_takes(drummers):
        takes.setdefault(take.genre, []).append(take)
    rng = random.Random(seed)
    played = [with_drummer(piece, takes, rng) if rng.random() < DRUMMED_SHARE else piece for piece in pieces]
    drummed = sum(not np.array_equal(now, before) for now, before in zip(played, pieces, strict=True))
    return Corpus(played, fields, drummed)


def unigram_losses(train: Sequence[Tokens], held_out: Sequence[Tokens]) -> npt.NDArray[np.float64]:
    """What the frequencies of the training tokens alone would give on the music, nats, (K,)."""
    head = score.N_HEADER_FRAMES
    known, asked = (np.concatenate([piece[:, head:] for piece in pieces], 1) for pieces in (train, held_out))
    figures = []
    for k in range(score.N_STREAMS):
        counts = np.bincount(known[k], minlength=score.VOCABULARY) + 0.5
        figures.append(-np.log(counts / counts.sum())[asked[k]].mean())
    return np.array(figures)
