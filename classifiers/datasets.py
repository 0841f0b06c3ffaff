"""Readers for the sets the classifiers learn from: GTZAN views, Emotify, music-or-speech; all as log-mel arrays.

The data lives outside the project (its licences do not allow copies here): `../shared/data` beside the repository, or
the folder named by SYNTHESETE_DATA. Decoded sets are cached as .npz in the folder given (`runs/cache` by default).

Shapes: a track is (128, frames) float32, dB below its loudest cell, or its thinned view in [0, 1]; see core.features.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core import features
from core.audio import read_clip, resample
from core.models import ROOT
from corpus.captions import EMOTIONS, GENRES

CACHE = ROOT / "runs" / "cache"


def data_folder() -> Path:
    """Where the shared data is; it may not exist."""
    return Path(os.environ.get("SYNTHESETE_DATA", ROOT.parent / "shared" / "data"))


@dataclass(frozen=True)
class Tracks:
    """`views` (n, 128, 334) thinned views and `fine` (n, 128, 130), 3 s each; `targets` (n,) class numbers."""

    views: npt.NDArray[np.float32]
    fine: npt.NDArray[np.float32]
    targets: npt.NDArray
    names: tuple[str, ...]


def gtzan(split: str) -> Tracks:
    """The tracks of one part ("train", "valid", "test") of the fault-filtered split of Kereliuk et al. 2015."""
    with np.load(data_folder() / "gtzan" / "mel30s.npz") as stored:
        if tuple(stored["genres"]) != GENRES:
            raise ValueError("the stored genres are not in the order of corpus.captions.GENRES")
        chosen = stored["split"] == split
        views = stored["mel"][chosen].astype(np.float32) / 255
        names = tuple(stored["track"][chosen].tolist())
        return Tracks(views, _fine(names), stored["label"][chosen].astype(np.int64), names)


def _fine(names: tuple[str, ...]) -> npt.NDArray[np.float32]:
    with np.load(data_folder() / "gtzan" / "mel3s.npz") as stored:
        place = {name: i for i, name in enumerate(stored["track"].tolist())}
        return features.fine_units(stored["mel"][[place[name] for name in names]].astype(np.float32))


@dataclass(frozen=True)
class Emotify:
    """320 excerpts: mel (n, 128, frames) uint8 (0 is -80 dB, 255 is 0 dB), targets (n, 9), listeners, genres, names."""

    mel: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.float32]
    listeners: npt.NDArray[np.int64]
    genres: tuple[str, ...]
    names: tuple[str, ...]


def emotify(cache: Path = CACHE) -> Emotify:
    """Emotify with the share of listeners who chose each of corpus.captions.EMOTIONS; decodes for minutes, once."""
    rows = _emotify_rows()
    folder = data_folder() / "emotify" / "audio"
    paths = [folder / row["genre"] / f"{row['number']}.opus" for row in rows]
    mel = _cached(cache / "emotify.npz", paths, frames=int(60 * features.FRAMES_PER_SECOND))
    names, targets = emotify_shares()
    listeners = np.array([int(row["n_listeners"]) for row in rows])
    return Emotify(mel, targets, listeners, tuple(row["genre"] for row in rows), names)


def emotify_shares() -> tuple[tuple[str, ...], npt.NDArray[np.float32]]:
    """Names, as "pop/12", and shares of listeners (n, 9), without reading any audio."""
    rows = _emotify_rows()
    shares = np.array([[float(row[emotion]) for emotion in EMOTIONS] for row in rows], np.float32)
    return tuple(f"{row['genre']}/{row['number']}" for row in rows), shares


def _emotify_rows() -> list[dict[str, str]]:
    with (data_folder() / "emotify" / "listeners.csv").open() as file:
        return list(csv.DictReader(file))


def music_or_speech(cache: Path = CACHE) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], tuple[str, ...]]:
    """Mel (n, 128, frames) uint8, 1 for music and 0 for speech, file names."""
    folder = data_folder() / "music_or_speech"
    paths = sorted(folder.glob("*/*.opus"))
    mel = _cached(cache / "music_or_speech.npz", paths, frames=int(29.9 * features.FRAMES_PER_SECOND))
    return mel, np.array([p.parent.name == "music" for p in paths], np.int64), tuple(p.name for p in paths)


def sound(path: Path) -> npt.NDArray[np.float32]:
    """A file's samples (n,) at core.features.RATE_HZ; raises as read_clip does."""
    return resample(read_clip(path).clip, features.RATE_HZ).mono()


def to_bytes(mel_db: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """dB in [-80, 0] as whole numbers, 0.31 dB apart."""
    return np.round((mel_db / features.TOP_DB + 1) * 255).astype(np.uint8)


def from_bytes(mel: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The inverse of to_bytes."""
    return (mel.astype(np.float32) / 255 - 1) * features.TOP_DB


def _cached(path: Path, files: Iterable[Path], *, frames: int) -> npt.NDArray[np.uint8]:
    if not path.exists():
        mel = np.stack(list(_decoded(files, frames)))
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".writing.npz")
        np.savez_compressed(scratch, mel=mel)
        os.replace(scratch, path)
    with np.load(path) as stored:
        return stored["mel"]


def _decoded(files: Iterable[Path], frames: int) -> Iterator[npt.NDArray[np.uint8]]:
    for file in files:
        mel = to_bytes(features.log_mel(sound(file)))
        # the last seconds are repeated where a track is a little short
        missing = max(0, frames - mel.shape[1])
        yield np.concatenate([mel, mel[:, mel.shape[1] - missing :]], axis=1)[:, :frames]
