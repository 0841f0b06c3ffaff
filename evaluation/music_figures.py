"""Asked and got, over many clips: shares and correlations of `evaluation.music_clips` records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from classifiers import measures
from core.types import MusicRequest
from corpus.captions import EMOTIONS, GENRES
from evaluation.judge import rank_biserial
from evaluation.music_clips import Record
from evaluation.music_scores import mean, share
from evaluation.rhythm import key_score
from pipelines.match import TEMPO_TOLERANCE

Floats = npt.NDArray[np.floating]

PLANE = {
    "amazement": (0.6, 0.4), "solemnity": (0.0, -0.4), "tenderness": (0.6, -0.5), "nostalgia": (0.1, -0.3),
    "calmness": (0.5, -0.9), "power": (0.4, 0.8), "joyful_activation": (0.9, 0.7), "tension": (-0.8, 0.6),
    "sadness": (-0.7, -0.6),
}  # fmt: skip
"""Valence and arousal, after the circumplex of Russell (1980) and where Zentner et al. (2008) put the nine: sublimity
mild, vitality high in both, unease low in valence. Only their order counts here."""


@dataclass(frozen=True)
class Follows:
    """What share of `n` clips is as asked. By our ears: tempo and key. By the judge: genre and emotion.

    `key_mirex` gives half for a fifth, 0.3 for the relative and 0.2 for the parallel key. Emotion: `emotion_rank` is
    the mean rank-biserial correlation of asked (yes or no) with the judged probability; `emotion_spearman` Spearman's
    of the same, which with nine equally frequent labels cannot exceed 0.54; arousal and valence are Spearman's between
    the emotion asked for and the mean of the plane under the judge's odds.
    """

    n: int
    tempo: float
    tempo_same_octave: float
    tempo_of_score: float
    key: float
    key_mirex: float
    key_of_score: float
    genre: float
    genre_by_app: float
    emotion: float
    emotion_rank: float
    emotion_spearman: float
    arousal: float
    valence: float
    silent: int
    clipped: int
    stuck: int
    of_another_length: int


def follows(rows: Sequence[Record]) -> Follows:
    """The figures of records in which everything was asked."""
    genres = np.array([GENRES.index(row.asked_genre or "") for row in rows])
    emotions = np.array([EMOTIONS.index(row.asked_emotion or "") for row in rows])
    genre_odds, odds = np.array([row.genre_odds for row in rows]), np.array([row.emotion_odds for row in rows])
    one_hot = np.eye(len(EMOTIONS))[emotions]
    asked = sorted(set(emotions.tolist()))
    plane = np.array([PLANE[name] for name in EMOTIONS])
    spearmans = measures.spearmans(odds[:, asked], one_hot[:, asked]) if len(asked) > 1 else []
    valence, arousal = measures.spearmans(odds @ plane, plane[emotions]) if len(asked) > 1 else (0.0, 0.0)
    return Follows(
        n=len(rows),
        tempo=share(row.tempo_right for row in rows),
        tempo_same_octave=share(abs(row.tempo_ratio - 1) <= TEMPO_TOLERANCE for row in rows),
        tempo_of_score=share(abs(row.header["tempo_bpm"] - (row.asked_bpm or 0)) <= 0.5 for row in rows),
        key=share(row.heard_key == row.asked_key for row in rows),
        key_mirex=mean(key_score(row.asked_key or "", row.heard_key) if row.heard_key else 0.0 for row in rows),
        key_of_score=share(row.score_key == row.asked_key for row in rows),
        genre=round(measures.accuracy(genre_odds, genres), 4),
        genre_by_app=share(row.heard_genre == row.asked_genre for row in rows),
        emotion=round(measures.accuracy(odds, emotions), 4),
        emotion_rank=round(rank_biserial(odds, emotions), 4) if len(asked) > 1 else 0.0,
        emotion_spearman=mean(spearmans),
        arousal=round(arousal, 4),
        valence=round(valence, 4),
        silent=sum(row.silent for row in rows),
        clipped=sum(row.clipped for row in rows),
        stuck=sum(row.stuck for row in rows),
        of_another_length=sum(row.samples_off != 0 for row in rows),
    )


def embeddings(rows: Sequence[Record]) -> Floats:
    """(n, d) of the judge's."""
    return np.array([row.embedding for row in rows])


def as_asked(row: Record, request: MusicRequest) -> Record:
    """The record as one of `request`, whose fields were left out when it was made from the words alone."""
    return replace(
        row,
        asked_bpm=request.tempo_bpm,
        asked_key=request.key,
        asked_genre=request.genre,
        asked_emotion=request.emotion,
    )
