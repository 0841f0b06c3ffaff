"""Write scores with MusicGen: the header of each piece, then its music in windows, a batch at a time.

Header cells that the request or its prompt states are forced; the model chooses the rest, and its tempo then says how
many steps the seconds asked for need. Music is made in windows of the context that the model was trained on
(`windows`): a later one begins with the theme and the last phrase, so that the theme can come home after minutes.
Pieces of one batch share their windows, each with its own header and dice.

Guidance is off where the request names none, and acts as at most 3: at 6 it amplifies noise in the unlikely tokens, and
tunes lose their returning bars (14 % return at 6, 45 % at 3; 6 and 8 pieces).
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from core.runtime import cpu_generator
from core.types import MusicRequest, Progress
from corpus import score
from corpus.captions import Fields
from corpus.score import Header
from pipelines.engines import musicgen, windows
from pipelines.engines.musicgen import Loaded
from pipelines.engines.recall import STRENGTH, Recall
from pipelines.engines.score_prompt import Prompt
from pipelines.engines.score_rules import Frame, steer_header, steer_music, wanted_cells
from pipelines.engines.steering import Allowed, Row, Sampling, Steering
from pipelines.engines.streams import Conditions, generate_frames, read_nothing, read_text
from pipelines.engines.wishes import asked_tempo_bpm, wishes

MIN_P = 0.05
STRONGEST_GUIDANCE = 3.0
_DELAYS = tuple(range(score.N_STREAMS))

Grid = npt.NDArray[np.int64]


class OnScore(Protocol):
    """Told of the first piece as far as it is written, (N_STREAMS, N_HEADER_FRAMES + whole bars)."""

    def __call__(self, tokens: Grid, *, tempo_bpm: float) -> None: ...


def unheard(tokens: Grid, *, tempo_bpm: float) -> None:
    """The OnScore of a score that nobody waits for."""


@dataclass(frozen=True)
class Written:
    """A finished score: tokens int (n_streams, n_header_frames + steps), of which `first_step` steps were given.

    `tempo_bpm` may lie outside the header's, and between whole numbers where it was heard.
    """

    tokens: Grid
    tempo_bpm: float
    guidance: float
    notes: list[str]
    first_step: int = 0

    @property
    def header(self) -> Header:
        return replace(Header.unpack(self.tokens), tempo_bpm=round(self.tempo_bpm))


def write(
    loaded: Loaded,
    requests: tuple[MusicRequest, ...],
    progress: Progress,
    *,
    prompt: Prompt | None = None,
    on_score: OnScore = unheard,
    in_scale: bool = True,
    recall: float = STRENGTH,
) -> list[Written]:
    """A score at least as long as asked for each request; they differ in nothing but their seeds.

    A continuation begins with the `prompt`. `in_scale` false leaves the tune free, `recall` 0 lets it return by itself:
    for measuring.
    """
    request = requests[0]
    if request.mode == "unconditional":
        conditions, notes, wanted = read_nothing(loaded.network), list[str](), Fields()
    else:
        text, notes = musicgen.tokenised(loaded, musicgen.words(request))
        conditions, wanted = read_text(loaded.network, text), wishes(request)
    with one_thread():
        writer = _Writer(loaded.network, conditions, requests, progress, in_scale, recall)
        cells = writer.headers(wanted, prompt)
        asked_bpm = prompt.tempo_bpm if prompt else asked_tempo_bpm(wanted)
        pieces = [
            _Piece.planned(each.seconds, each.seed, row, asked_bpm, prompt)
            for each, row in zip(requests, cells, strict=True)
        ]
        writer.compose(pieces, on_score)
    return [
        Written(piece.whole(), piece.tempo_bpm, writer.sampling.guidance, notes, piece.frame.first_step)
        for piece in pieces
    ]


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one CPU thread: the matrices of a step are too small to share.

    Measured on two cores: as fast as two threads when they are idle, fifteen times faster when they are busy with
    something else, because threads that wait for each other spin.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass
class _Piece:
    """A piece in the making: its header, its frame, and the music so far, int (n_streams, steps)."""

    cells: torch.Tensor
    frame: Frame
    tempo_bpm: float
    music: torch.Tensor

    @staticmethod
    def planned(
        seconds: float, seed: int, cells: torch.Tensor, asked_bpm: float | None, prompt: Prompt | None
    ) -> "_Piece":
        """The frame of a piece of `seconds` with the header `cells`, int (n_streams, n_header_frames)."""
        header = Header.unpack(cells.numpy())
        tempo_bpm = asked_bpm or float(header.tempo_bpm)
        given = np.zeros((score.N_STREAMS, 0), np.int64) if prompt is None else prompt.music
        whole_s = seconds + (prompt.seconds if prompt else 0.0)
        n_steps = score.steps_for(whole_s, tempo_bpm, header.steps_per_beat)
        final = score.final_bar(n_steps, replace(header, tempo_bpm=max(1, round(tempo_bpm))))
        frame = Frame.drawn(header, n_steps, final, random.Random(seed), first_step=given.shape[1])
        return _Piece(cells, frame, tempo_bpm, torch.from_numpy(given))

    def whole(self) -> Grid:
        """Header and music, int (n_streams, n_header_frames + n_steps)."""
        grid: Grid = torch.cat([self.cells, self.music[:, : self.frame.n_steps]], 1).numpy()
        return grid

    def window(self) -> torch.Tensor:
        """What the next window begins with."""
        size = self.frame.header.steps_per_phrase
        n_whole = self.music.shape[1] // size * size
        kept = windows.kept(self.music[:, :n_whole].numpy(), self.frame.header)
        return torch.cat([self.cells, torch.from_numpy(kept), self.music[:, n_whole:]], 1)


class _Writer:
    """The pieces of one batch: what they read, sampling, a generator each for all its windows, the progress so far."""

    def __init__(
        self,
        network: Any,
        conditions: Conditions,
        requests: tuple[MusicRequest, ...],
        progress: Progress,
        in_scale: bool,
        recall: float,
    ) -> None:
        self._recall = recall
        request = requests[0]
        guidance = 1.0 if request.mode == "unconditional" else request.guidance or 1.0
        self.sampling = Sampling(
            guidance=min(STRONGEST_GUIDANCE, max(1.0, guidance)), temperature=request.temperature or 1.0, min_p=MIN_P
        )
        self._network, self._conditions, self._progress, self._in_scale = network, conditions, progress, in_scale
        self._generators = [cpu_generator(each.seed) for each in requests]

    def headers(self, wanted: Fields, prompt: Prompt | None) -> torch.Tensor:
        """The header frames of every piece, int (B, n_streams, n_header_frames)."""
        cells = wanted_cells(wanted) if prompt is None else prompt.cells(wanted_cells(wanted))
        allowed = steer_header(cells)
        steering = Steering(
            _DELAYS,
            self.sampling,
            [Row(generator, allowed) for generator in self._generators],
            on_step=lambda step: self._progress(0.0, "choosing key and instruments"),
        )
        nothing = torch.zeros(len(self._generators), score.N_STREAMS, 0, dtype=torch.long)
        return self._frames(nothing, score.N_HEADER_FRAMES, steering)

    def compose(self, pieces: list[_Piece], on_score: OnScore) -> None:
        """Write every piece to its end; pieces of one metre share their windows."""
        sizes = dict.fromkeys(piece.frame.header.steps_per_phrase for piece in pieces)
        rows = {size: [i for i, p in enumerate(pieces) if p.frame.header.steps_per_phrase == size] for size in sizes}
        of = sum(max(self._open(pieces[i]) for i in group) for group in rows.values())
        done = 0
        for group in rows.values():
            share = max(self._open(pieces[i]) for i in group)
            self._compose(pieces, group, on_score, self._counting(done, of))
            done += share

    def _counting(self, done: int, of: int) -> Callable[[int], None]:
        """A report of steps made after `done`."""
        return lambda n: self._progress((done + n) / of, "composing")

    @staticmethod
    def _open(piece: _Piece) -> int:
        return piece.frame.n_steps - piece.music.shape[1]

    def _compose(
        self, pieces: list[_Piece], group: list[int], on_score: OnScore, report: Callable[[int], None]
    ) -> None:
        batch = [pieces[i] for i in group]
        size = batch[0].frame.header.steps_per_phrase
        context = windows.phrases_in_context(batch[0].frame.header) * size
        began, longest = batch[0].music.shape[1], max(piece.frame.n_steps for piece in batch)
        while (done := batch[0].music.shape[1]) < longest:
            prefix = torch.stack([piece.window() for piece in batch])
            n = min(context - (prefix.shape[2] - score.N_HEADER_FRAMES), longest - done)
            rows = [
                Row(self._generators[i], self._rules(piece, prefix.shape[2], done), self._habit(piece, prefix.shape[2]))
                for i, piece in zip(group, batch, strict=True)
            ]
            watch = _Watch(n, done - began, report, _Tail(batch[0], on_score) if group[0] == 0 else None)
            watch.steering = Steering(_DELAYS, self.sampling, rows, on_step=watch)
            frames = self._frames(prefix, n, watch.steering)
            for piece, new in zip(batch, frames, strict=True):
                piece.music = torch.cat([piece.music, new], 1)

    def _rules(self, piece: _Piece, begins_at: int, after: int) -> Allowed:
        return steer_music(piece.frame, begins_at=begins_at, after=after, in_scale=self._in_scale)

    def _habit(self, piece: _Piece, begins_at: int) -> Recall:
        return Recall(piece.frame, piece.music, begins_at, self._recall)

    def _frames(self, prefix: torch.Tensor, n_frames: int, steering: Steering) -> torch.Tensor:
        return generate_frames(self._network, self._conditions, prefix=prefix, n_frames=n_frames, steering=steering)


@dataclass
class _Watch:
    """What happens each step of a window of `n` frames: progress, which counts `before` steps done, and playing."""

    n: int
    before: int
    report: Callable[[int], None]
    tail: "_Tail | None"
    steering: Steering | None = None

    def __call__(self, step: int) -> None:
        self.report(self.before + min(step, self.n))
        if self.tail and self.steering:
            self.tail.look(self.steering)


class _Tail:
    """Hands the first piece of a batch on, a whole bar at a time, while its window is being written."""

    def __init__(self, piece: _Piece, on_score: OnScore) -> None:
        self._piece, self._on_score = piece, on_score
        self._bar = piece.frame.header.steps_per_bar
        self._told = piece.music.shape[1] // self._bar

    def look(self, steering: Steering) -> None:
        """Called every step: tells when one more bar is complete."""
        n_new = len(steering.columns) - max(steering.delays)
        bars = (self._piece.music.shape[1] + max(0, n_new)) // self._bar
        if bars > self._told:
            self._told = bars
            music = torch.cat([self._piece.music, steering.frames()[0]], 1)[:, : self._piece.frame.n_steps]
            self._on_score(torch.cat([self._piece.cells, music], 1).numpy(), tempo_bpm=self._piece.tempo_bpm)
