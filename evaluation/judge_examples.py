"""What the judge learns from: clips of the composer's pieces, and what it sees of a clip.

Clips are of CLIP_S seconds, openings and passages alike, heard as the app hears: one channel at 22,050 Hz. A view is
(N_BANDS, N_COLUMNS) in [0, 1]: log-mel bands and frames of `core.features`, averaged by twos.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from core import features
from core.audio import resample
from core.types import AudioClip
from corpus import composer, score
from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, KEYS
from corpus.performance import to_notes
from corpus.render import render

Floats = npt.NDArray[np.float32]
Classes = npt.NDArray[np.int64]

CLIP_S, RATE_HZ = 10.0, 32_000
N_BANDS = features.N_MELS // 2
N_COLUMNS = 215
VIEW = features.PARAMETERS | {"bands": N_BANDS, "columns": N_COLUMNS}
"""What a judge's file records, and refuses to be used without."""
_SHARD = 90
_PASSAGE_FROM_S = 45.0


@dataclass(frozen=True)
class Examples:
    """`views` float16 (n, N_BANDS, N_COLUMNS), `genres` and `emotions` (n,) as indices."""

    views: npt.NDArray[np.float16]
    genres: Classes
    emotions: Classes


def view(clip: AudioClip) -> Floats:
    """What the judge sees of a clip, (N_BANDS, columns)."""
    mono = resample(AudioClip(clip.mono()[None], clip.rate), features.RATE_HZ).samples[0]
    mel = 1 + features.log_mel(mono) / features.TOP_DB
    n = mel.shape[1] // 2
    return mel[:, : 2 * n].reshape(N_BANDS, 2, n, 2).mean(axis=(1, 3), dtype=np.float32)


def examples(n: int, seed: int, work: Path) -> Examples:
    """`n` clips of the composer's, every genre with every emotion; kept in `work` in shards."""
    shards = []
    for start in range(0, n, _SHARD):
        path = work / f"views-{seed}-{start}.safetensors"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            drawn = [_example(index, seed) for index in range(start, start + _SHARD)]
            columns = map(np.stack, zip(*drawn, strict=True))
            save_file(dict(zip(("views", "genres", "emotions"), columns, strict=True)), path)
            print(json.dumps({"seed": seed, "clips": start + _SHARD, "of": n}), flush=True)
        shards.append(load_file(path))
    joined = {name: np.concatenate([shard[name] for shard in shards])[:n] for name in shards[0]}
    return Examples(**joined)


def _example(index: int, seed: int) -> tuple[npt.NDArray[np.float16], np.int64, np.int64]:
    genre, emotion = index % len(GENRES), index // len(GENRES) % len(EMOTIONS)
    rng = random.Random(f"judge/{seed}/{index}")
    clip = AudioClip(render(to_notes(drawn_piece(genre, emotion, rng)), rate=RATE_HZ, seconds=CLIP_S), RATE_HZ)
    return view(clip)[:, :N_COLUMNS].astype(np.float16), np.int64(genre), np.int64(emotion)


def drawn_piece(genre: int, emotion: int, rng: random.Random) -> score.Tokens:
    """The opening of a piece or a passage of it, CLIP_S long; tempo, key, metre and players asked for or left open."""
    whole = rng.random() < 0.5
    tokens = composer.compose(
        rng.getrandbits(32),
        genre=GENRES[genre],
        emotion=EMOTIONS[emotion],
        tempo_bpm=rng.randint(score.MIN_TEMPO_BPM, score.MAX_TEMPO_BPM) if rng.random() < 0.6 else None,
        key=rng.choice(KEYS) if rng.random() < 0.6 else None,
        metre=rng.choice(score.METRE_NAMES) if rng.random() < 0.15 else None,
        instruments=tuple(rng.sample(sorted(INSTRUMENTS), rng.randint(1, 3))) if rng.random() < 0.15 else (),
        seconds=CLIP_S if whole else _PASSAGE_FROM_S,
    )
    return tokens if whole else _passage(tokens, rng)


def _passage(tokens: score.Tokens, rng: random.Random) -> score.Tokens:
    """CLIP_S from a bar within the piece."""
    header, head = score.Header.unpack(tokens), score.N_HEADER_FRAMES
    n_steps = score.steps_for(CLIP_S, header.tempo_bpm, header.steps_per_beat)
    n_bars = (tokens.shape[1] - head - n_steps) // header.steps_per_bar
    start = head + rng.randint(1, max(1, n_bars)) * header.steps_per_bar
    return np.concatenate([tokens[:, :head], tokens[:, start : start + n_steps]], axis=1)
