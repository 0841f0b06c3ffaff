"""MusicGen over the score codec: first the header of the piece, then its music in windows, then playing it.

Header cells that the request or its prompt states are forced; the model chooses the rest, and its tempo then says how
many steps the seconds asked for need. Music is made in windows of the context that the model was trained on, always
beginning at a four-bar phrase; a longer piece goes on from its last two phrases.

Guidance is off where the request names none, and acts as at most 3: at 6 it amplifies noise in the unlikely tokens, and
tunes lose their returning bars (14 % return at 6, 45 % at 3; 6 and 8 pieces).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from core.runtime import cpu_generator
from core.types import MusicRequest, Progress
from corpus import score
from corpus.captions import EMOTIONS, GENRES, KEYS, Fields
from corpus.composer import labels_of
from corpus.instruments import cast_parts
from corpus.performance import to_notes
from corpus.render import midi_bytes, render
from corpus.score import Header
from pipelines.engines import musicgen
from pipelines.engines.musicgen import Loaded, Made
from pipelines.engines.steering import Allowed, Sampling, Steering, generate_frames
from pipelines.engines.wishes import asked_tempo_bpm

CONTEXT_STEPS = 256
"""Steps of a training example."""
KEPT_PHRASES = 2
"""How many phrases a window takes over from the one before."""
IN_SCALE = (score.MELODY, score.EXTRA)
MIN_P = 0.05
STRONGEST_GUIDANCE = 3.0
_DELAYS = range(score.N_STREAMS)
_ROLE_STREAMS = {
    "melody": score.MELODY,
    "accompaniment": score.ACCOMPANIMENT,
    "extra": score.EXTRA,
    "bass": score.BASS,
}

Cells = dict[tuple[int, int], torch.Tensor]
"""Allowed ids of header cells, by (stream, frame)."""


@dataclass(frozen=True)
class Written:
    """A finished score: tokens int (n_streams, n_header_frames + steps); `tempo_bpm` may lie outside the header's."""

    tokens: npt.NDArray[np.int64]
    tempo_bpm: int
    guidance: float
    notes: list[str]

    @property
    def header(self) -> Header:
        return replace(Header.unpack(self.tokens), tempo_bpm=self.tempo_bpm)


def make(loaded: Loaded, request: MusicRequest, wishes: Fields, progress: Progress) -> Made:
    """Write the score, play it, and note it down as MIDI."""
    written = write(loaded, request, wishes, progress)
    piece = to_notes(written.tokens, tempo_bpm=written.tempo_bpm)
    rate = loaded.network.config.audio_encoder.sampling_rate
    sound = render(piece, rate=rate, seconds=request.seconds)
    details: dict[str, object] = {
        "notes": written.notes + _left_out(wishes, labels_of(written.tokens)),
        "header": asdict(written.header),
        "guidance_used": written.guidance,
    }
    return Made(sound, rate, resolved(request, written), midi_bytes(piece), details)


def _left_out(wishes: Fields, heard: Fields) -> list[str]:
    missing = [word for word in wishes.instruments if word not in heard.instruments]
    return [f"No part was left for {', '.join(missing)}: the band has four players."] if missing else []


def write(
    loaded: Loaded, request: MusicRequest, wishes: Fields, progress: Progress, *, in_scale: bool = True
) -> Written:
    """The score of a piece at least `request.seconds` long; `in_scale` false leaves the tune free."""
    text, notes = musicgen.tokenised(loaded, musicgen.words(request))
    writer = _Writer(loaded, text, request, progress, in_scale)
    with one_thread():
        cells = writer.header(wanted_cells(wishes))
        tempo_bpm = asked_tempo_bpm(wishes) or Header.unpack(cells.numpy()).tempo_bpm
        tokens = writer.music(cells, score.steps_for(request.seconds, tempo_bpm))
    return Written(tokens.numpy(), tempo_bpm, writer.sampling.guidance, notes)


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


def resolved(request: MusicRequest, written: Written) -> MusicRequest:
    """The request as it was met: every field stated, and the instruments that play."""
    header = written.header
    return replace(
        request,
        tempo_bpm=float(header.tempo_bpm),
        genre=header.genre,
        emotion=header.emotion,
        key=header.key,
        instruments=labels_of(written.tokens).instruments,
        guidance=1.0 if request.guidance is None else request.guidance,
        temperature=1.0 if request.temperature is None else request.temperature,
    )


def wanted_cells(wishes: Fields) -> Cells:
    """The header cells that are settled by what is asked for; a key leaves the choice among its modes."""
    cells: Cells = {}

    def fix(stream: int, frame: int, *ids: int) -> None:
        cells[stream, frame] = torch.tensor(ids)

    if wishes.genre:
        fix(score.POSITION, 0, GENRES.index(wishes.genre))
    if wishes.emotion:
        fix(score.DYNAMICS, 0, EMOTIONS.index(wishes.emotion))
    if (asked := asked_tempo_bpm(wishes)) is not None:
        tempo_bpm = min(max(asked, score.MIN_TEMPO_BPM), score.MAX_TEMPO_BPM)
        stated = Header(tempo_bpm=tempo_bpm).pack()
        fix(score.POSITION, 1, int(stated[score.POSITION, 1]))
        fix(score.DRUMS, 1, int(stated[score.DRUMS, 1]))
    if wishes.key:
        tonic, minor = KEYS.index(wishes.key) % 12, wishes.key.endswith("minor")
        fix(score.CHORD, 1, tonic)
        fix(score.CHORD, 0, *(i for i, m in enumerate(score.MODE_NAMES) if (m in score.MINOR_MODES) == minor))
    for role, program in cast_parts(wishes.instruments).items():
        fix(_ROLE_STREAMS[role], 0, program)
    return cells


def steer_header(wanted: Cells) -> Allowed:
    """Wanted cells in the header, valid ids everywhere."""

    def allowed(stream: int, frame: int) -> torch.Tensor | None:
        return wanted.get((stream, frame), _valid(stream, frame if frame < score.N_HEADER_FRAMES else None))

    return allowed


def steer_music(header: Header, *, in_scale: bool = True) -> Allowed:
    """Valid ids, tunes within the scale, and a position that counts on: only whether it contrasts is left open.

    The composer's tunes do not leave the scale of their mode; a small model left to itself (`in_scale` false, for
    measuring) sometimes slips.
    """
    phrase = 4 * header.steps_per_bar
    scales = {s: torch.from_numpy(score.in_scale_tokens(s, header.mode)) for s in IN_SCALE} if in_scale else {}

    def allowed(stream: int, frame: int) -> torch.Tensor | None:
        if stream == score.POSITION and frame >= score.N_HEADER_FRAMES:
            position = (frame - score.N_HEADER_FRAMES) % phrase
            return torch.tensor([position, position + score.CONTRAST])
        if stream in scales and frame >= score.N_HEADER_FRAMES:
            return scales[stream]
        return _valid(stream, frame if frame < score.N_HEADER_FRAMES else None)

    return allowed


@cache
def _valid(stream: int, header_frame: int | None) -> torch.Tensor:
    return torch.from_numpy(score.valid_tokens(stream, header_frame))


class _Writer:
    """One piece in the making: text, sampling, the generator that all its windows share, and the progress so far."""

    def __init__(
        self,
        loaded: Loaded,
        text: dict[str, torch.Tensor],
        request: MusicRequest,
        progress: Progress,
        in_scale: bool,
    ) -> None:
        self.sampling = Sampling(
            guidance=min(STRONGEST_GUIDANCE, max(1.0, request.guidance or 1.0)),
            temperature=request.temperature or 1.0,
            min_p=MIN_P,
        )
        self._network: Any = loaded.network
        self._text, self._progress, self._in_scale = text, progress, in_scale
        self._generator = cpu_generator(request.seed)

    def header(self, wanted: Cells) -> torch.Tensor:
        """The header frames, int (n_streams, n_header_frames)."""
        nothing = torch.zeros(score.N_STREAMS, 0, dtype=torch.long)
        steering = self._steering(
            steer_header(wanted), lambda step: self._progress(0.0, "choosing key and instruments")
        )
        return self._frames(nothing, score.N_HEADER_FRAMES, steering)

    def music(self, cells: torch.Tensor, n_steps: int) -> torch.Tensor:
        """Header and `n_steps` of music, int (n_streams, n_header_frames + n_steps).

        A piece of less than four phrases has no time for an introduction: a first phrase without a tune is left out.
        """
        phrase = 4 * Header.unpack(cells.numpy()).steps_per_bar
        nothing = torch.zeros(score.N_STREAMS, 0, dtype=torch.long)
        if n_steps >= 4 * phrase:
            return torch.cat([cells, self._lengthened(nothing, cells, n_steps, of=n_steps)], 1)
        music = self._lengthened(nothing, cells, phrase, of=n_steps + phrase)
        skipped = 0 if (music[score.MELODY] >= score.FIRST_PITCH).any() else phrase
        music = self._lengthened(music, cells, n_steps + skipped, of=n_steps + phrase)
        return torch.cat([cells, music[:, skipped : skipped + n_steps]], 1)

    def _lengthened(self, music: torch.Tensor, cells: torch.Tensor, n_steps: int, *, of: int) -> torch.Tensor:
        """The music continued window by window until it has `n_steps`; progress counts in `of` steps."""
        header = Header.unpack(cells.numpy())
        phrase = 4 * header.steps_per_bar
        context = CONTEXT_STEPS // phrase * phrase
        while (done := music.shape[1]) < n_steps:
            kept = music[:, -KEPT_PHRASES * phrase :]
            wanted = min(context - kept.shape[1], n_steps - done)
            allowed = steer_music(header, in_scale=self._in_scale)
            steering = self._steering(allowed, self._reporter(done, wanted, of))
            music = torch.cat([music, self._frames(torch.cat([cells, kept], 1), wanted, steering)], 1)
        return music

    def _reporter(self, done: int, wanted: int, of: int) -> Callable[[int], None]:
        """A window takes a few more columns than it has frames: the delay of the last stream."""
        return lambda step: self._progress((done + min(step, wanted)) / of, "composing")

    def _steering(self, allowed: Allowed, on_step: Callable[[int], None]) -> Steering:
        return Steering(_DELAYS, self.sampling, generator=self._generator, allowed=allowed, on_step=on_step)

    def _frames(self, prefix: torch.Tensor, n_frames: int, steering: Steering) -> torch.Tensor:
        return generate_frames(self._network, self._text, prefix=prefix, n_frames=n_frames, steering=steering)[0]
