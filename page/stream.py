"""Sound on its way to the page while it is still being made: pieces on disk, and the update that names them all.

For whoever puts it in (page/handlers.py, page/work.py):

    log = PieceLog(folder, seconds=request.seconds)           # folder: a job_folder() of its own
    yield {w.music: player.stream_html(log.update(), title="The new music")}    # at once, on the person's click
    made = compose(request, progress=progress, on_sound=log.add)                # on the job's thread
    ... and whenever `log.n_pieces` has grown:  yield {w.music: player.stream_html(log.update(), title=...)}
    yield {w.music: player.player_html(replace(tune, job=log.job))}   # the same job: it takes over where the stream is
    log.discard()                                              # the finished file has everything the pieces had

An update carries every piece so far, so the page may miss one or see one twice. A piece is played once: it is named by
its job and number. A new job's update, or any other HTML in the widget, stops the old job's pieces at once.

Pieces are WAV files of 32-bit floats: joined they are the clip to the last bit, at 32 kHz stereo 256 kB for a second.
With `bits=16` they take half of that and a sample is off by less than 1.5 / 32768.
"""

import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from core.types import AudioClip
from page.history import file_url

PEAKS_A_PIECE_S = 0.1
"""One stroke of the growing waveform stands for so many seconds."""


class Update(TypedDict):
    """Everything the page needs to know about a job's sound so far; plain JSON.

    Piece i lies at `base` + i + ".wav" and ends `ends[i]` samples after the beginning of the clip. `left_s` is how
    long making the rest takes, None while nobody can know; `pace` is seconds of sound made in a second, 0: unknown.
    """

    job: str
    base: str
    rate_hz: int
    seconds: float
    ends: list[int]
    peaks: list[float]
    left_s: float | None
    pace: float


def write_piece(clip: AudioClip, folder: Path, index: int, *, bits: int = 32) -> Path:
    """Write piece `index` as WAV (32: float, 16: PCM); it appears complete or not at all. Returns its path."""
    from core.audio import write_wav

    return write_wav(clip, piece_path(folder, index), bits=bits)


def piece_path(folder: Path, index: int) -> Path:
    return folder / f"piece-{index}.wav"


@dataclass
class PieceLog:
    """The pieces of one job. `add` is called on the job's thread, everything else on the handler's."""

    folder: Path
    seconds: float
    bits: int = 32
    job: str = field(default_factory=lambda: secrets.token_hex(8))
    _rate_hz: int = 0
    _ends: list[int] = field(default_factory=list)
    _peaks: list[float] = field(default_factory=list)
    _times_s: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def n_pieces(self) -> int:
        return len(self._ends)

    def add(self, clip: AudioClip) -> Update:
        """Write the next piece, then list it. Raises ValueError when its rate is not that of the pieces before.

        An empty piece is left out.
        """
        if self._rate_hz not in (0, clip.rate):
            raise ValueError(f"a piece at {clip.rate} Hz after pieces at {self._rate_hz} Hz")
        if clip.samples.shape[1] == 0:
            return self.update()
        write_piece(clip, self.folder, self.n_pieces, bits=self.bits)
        strokes = _strokes(clip)
        with self._lock:
            self._rate_hz = clip.rate
            self._ends.append((self._ends[-1] if self._ends else 0) + clip.samples.shape[1])
            self._peaks.extend(strokes)
            self._times_s.append(time.monotonic())
        return self.update()

    def update(self) -> Update:
        """What the page has to know now; the same again where nothing was added."""
        with self._lock:
            pace = self._pace()
            left_s = max(0.0, self.seconds - self._made_s()) / pace if pace else None
            return Update(
                job=self.job, base=file_url(self.folder / "piece-"), rate_hz=self._rate_hz, seconds=self.seconds,
                ends=list(self._ends), peaks=list(self._peaks), left_s=left_s, pace=round(pace, 3),
            )  # fmt: skip

    def discard(self) -> None:
        """Remove the pieces from the disk; for when the finished clip is on the page."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _made_s(self) -> float:
        return self._ends[-1] / self._rate_hz if self._ends else 0.0

    def _pace(self) -> float:
        """Sound made a second since the first piece came: what loading took before it says nothing about the rest."""
        if len(self._ends) < 2 or self._times_s[-1] <= self._times_s[0]:
            return 0.0
        return (self._ends[-1] - self._ends[0]) / self._rate_hz / (self._times_s[-1] - self._times_s[0])


def _strokes(clip: AudioClip) -> list[float]:
    """Largest magnitude in each tenth of a second, for drawing."""
    from core.audio import peaks

    n = max(1, round(clip.seconds / PEAKS_A_PIECE_S))
    extent: npt.NDArray[np.float32] = np.abs(peaks(clip, n)).max(axis=1)
    return [round(float(level), 3) for level in extent]
