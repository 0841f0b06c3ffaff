"""Clips made for an examination: asked for through `pipelines.compose`, heard, judged, and kept as plain records.

A clip is heard by the app's own ears (`pipelines.match`) and by `evaluation.judge`. Records lie in a file of JSON
lines, one a clip, and what is there already is not made again; so an examination that was stopped goes on.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import UserError
from core.types import GeneratedClip, MusicRequest
from corpus import notation, score
from evaluation.judge import Network, judge
from pipelines import compose
from pipelines.match import TEMPO_TOLERANCE

Tokens = npt.NDArray[np.int64]

SILENT_LUFS, CLIPPED_PEAK = -45.0, 0.999
FEWEST_BARS = 3
_EVERY = 20


@dataclass(frozen=True)
class Record:
    """One clip: what was asked, what the score says, what the ears heard, what the judge thinks.

    `genre_odds`, `emotion_odds` and `embedding` are the judge's; `samples_off` is how far the length is from the one
    asked for; `stuck` as `is_stuck` has it.
    """

    seed: int
    prompt: str
    asked_bpm: float | None
    asked_key: str | None
    asked_genre: str | None
    asked_emotion: str | None
    header: dict[str, Any]
    instruments: tuple[str, ...]
    heard_bpm: float
    heard_key: str
    heard_genre: str
    heard_emotion: str
    genre_odds: list[float]
    emotion_odds: list[float]
    embedding: list[float]
    loudness_lufs: float
    peak: float
    samples_off: int
    stuck: bool

    @property
    def tempo_ratio(self) -> float:
        """What was heard of the tempo asked for, as a factor."""
        return self.heard_bpm / (self.asked_bpm or self.heard_bpm)

    @property
    def tempo_right(self) -> bool:
        """Within 4 % of what was asked, or of an octave of it."""
        return any(abs(self.tempo_ratio / octave - 1) <= TEMPO_TOLERANCE for octave in (0.5, 1, 2))

    @property
    def score_key(self) -> str:
        """The key that the score states."""
        return score.Header(tonic=self.header["tonic"], mode=self.header["mode"]).key

    @property
    def silent(self) -> bool:
        return self.loudness_lufs <= SILENT_LUFS

    @property
    def clipped(self) -> bool:
        return self.peak >= CLIPPED_PEAK


def record(request: MusicRequest, network: Network) -> Record:
    """Make the clip and write down what it is."""
    made = compose.compose(request)
    judged = judge(network, [made.clip])
    heard = made.match.traits if made.match else None
    return Record(
        seed=request.seed,
        prompt=request.prompt,
        asked_bpm=request.tempo_bpm,
        asked_key=request.key,
        asked_genre=request.genre,
        asked_emotion=request.emotion,
        header=dict(made.details["header"]),  # type: ignore[call-overload]
        instruments=made.request.instruments,
        heard_bpm=heard.beats.tempo_bpm if heard else 0.0,
        heard_key=heard.key if heard else "",
        heard_genre=heard.genre.top if heard else "",
        heard_emotion=heard.emotion.top if heard else "",
        genre_odds=_plain(judged.genre[0]),
        emotion_odds=_plain(judged.emotion[0]),
        embedding=_plain(judged.embeddings[0]),
        loudness_lufs=heard.loudness_lufs if heard else -70.0,
        peak=float(np.abs(made.clip.samples).max()),
        samples_off=made.clip.samples.shape[1] - round(request.seconds * made.clip.rate),
        stuck=_is_stuck(made),
    )


def _plain(row: npt.NDArray[np.float32]) -> list[float]:
    return [round(float(x), 5) for x in row]


def _is_stuck(made: GeneratedClip) -> bool:
    """The score that was played is read from the clip's MIDI file; one without notes goes nowhere."""
    try:
        return is_stuck(np.asarray(notation.read_midi(made.midi or b""), np.int64))
    except UserError:
        return True


def is_stuck(tokens: Tokens) -> bool:
    """Whether the pitched parts have fewer than FEWEST_BARS different bars, or are one bar over and over where the
    piece has no more; a single bar cannot be stuck."""
    size, music = score.Header.unpack(tokens).steps_per_bar, tokens[:, score.N_HEADER_FRAMES :]
    parts = music[[score.CHORD, score.BASS, score.ACCOMPANIMENT, score.EXTRA, score.MELODY]]
    bars = [parts[:, at : at + size].tobytes() for at in range(0, parts.shape[1] - size + 1, size)]
    return len(set(bars)) < min(FEWEST_BARS, len(bars))


def records(requests: Sequence[MusicRequest], network: Network, path: Path) -> list[Record]:
    """A record of every request, those in `path` taken as they are; progress is printed."""
    done = read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        for request in requests[len(done) :]:
            done.append(record(request, network))
            file.write(json.dumps(asdict(done[-1])) + "\n")
            file.flush()
            if len(done) % _EVERY == 0:
                print(json.dumps({"clips": path.stem, "done": len(done), "of": len(requests)}), flush=True)
    if [row.seed for row in done[: len(requests)]] != [request.seed for request in requests]:
        raise ValueError(f"{path} holds the records of other requests: choose another work folder")
    return done[: len(requests)]


def read(path: Path) -> list[Record]:
    """The records in a file, none where there is no file."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [Record(**json.loads(line) | {"instruments": tuple(json.loads(line)["instruments"])}) for line in lines]
