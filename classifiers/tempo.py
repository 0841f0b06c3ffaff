"""Learn how people count a pulse: the table of core.rhythm, from composed pieces and the GTZAN clips with known tempo.

A multinomial logistic regression over the 361 tempi: what speaks for a tempo (core.rhythm.evidence) and the genre's
prior, weighed so that the annotated tempo gets the most probability. Real clips are few, so they count three times, and
the priors of their genres are drawn towards the middle. What is said about the real clips is cross-validated: priors
and weights come from the other seven eighths (`folds`).

    python -m classifiers.tempo --pieces 320 --seed 51        prints the table that core.rhythm holds
"""

import argparse
import csv
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.datasets import data_folder, sound
from core import features, rhythm
from core.audio import resample
from core.rhythm import TEMPI_BPM, Counting, TempoPrior
from core.types import AudioClip
from corpus.captions import EMOTIONS, GENRES
from corpus.composer import compose
from corpus.performance import Piece, to_notes
from corpus.score import MAX_TEMPO_BPM, MIN_TEMPO_BPM

Floats = npt.NDArray[np.floating]
Tempi = dict[str, tuple[float, float]]

REAL_COUNTS, PENALTY, FOLDS, METRONOMES = 3.0, 3e-3, 8, 120
PIECES, SEED = 320, 51
_PULL, _CENTRE_BPM, _SPREAD = 4.0, 112.0, 0.5  # made-up clips of every genre, their centre and spread
_DOUBT = 0.3  # of the genre's share is spread over all, about as unsure as the classifier is
_SAME = 0.035
_ANY_TEMPO = 0.25


@dataclass(frozen=True)
class Example:
    """A clip with known tempo: `evidence` (361, 18)."""

    name: str
    evidence: npt.NDArray[np.float64]
    genre: str
    tempo_bpm: float


def piece(
    seed: int, index: int, *, seconds: float = 30.0, tempo_bpm: float | None = None
) -> tuple[Piece, npt.NDArray[np.float32]]:
    """Number `index` of the composer's pieces for `seed`, and its sound (n,) at 22,050 Hz.

    Genres take turns, then emotions.
    """
    from corpus.render import render

    genre, emotion = GENRES[index % len(GENRES)], EMOTIONS[index // len(GENRES) % len(EMOTIONS)]
    number = 100_000 * seed + index
    played = to_notes(compose(number, genre=genre, emotion=emotion, seconds=seconds, tempo_bpm=tempo_bpm))
    clip = AudioClip(render(played, seconds=seconds, mono=True), 32_000)
    return played, resample(clip, features.RATE_HZ).samples[0]


def composed(n: int, seed: int) -> Iterator[Example]:
    """`n` pieces of the composer's, a quarter of them at any tempo that it can play."""
    for index in range(n):
        rng = random.Random(f"t{100_000 * seed}/{index}")
        anything = rng.random() < _ANY_TEMPO
        played, mono = piece(seed, index, tempo_bpm=rng.randint(MIN_TEMPO_BPM, MAX_TEMPO_BPM) if anything else None)
        heard = rhythm.evidence(rhythm.onsets(features.log_mel(mono)))
        yield Example(f"{seed}/{index}", heard, played.header.genre, played.tempo_bpm)


def metronomes(n: int) -> list[Example]:
    """`n` bare pulses from 60 to 180 bpm: without anything between the beats, what is struck is what is counted."""
    examples = []
    for tempo_bpm in np.geomspace(60, 180, n):
        period = 60 * features.FRAMES_PER_SECOND / tempo_bpm
        struck = np.exp(-0.5 * ((np.arange(1292) % period - 5) / 0.7) ** 2)
        examples.append(Example("metronome", rhythm.evidence(np.tile(struck, (3, 1))), "", float(tempo_bpm)))
    return examples


@dataclass(frozen=True)
class RealClip:
    """A GTZAN clip at 22,050 Hz, shape (n,), with the tempo somebody tapped."""

    name: str
    mono: npt.NDArray[np.float32]
    genre: str
    tempo_bpm: float

    def example(self) -> Example:
        heard = rhythm.evidence(rhythm.onsets(features.log_mel(self.mono)))
        return Example(self.name, heard, self.genre, self.tempo_bpm)


def real_clips() -> list[RealClip]:
    """gtzan/audio; FileNotFoundError where the shared data is absent."""
    folder = data_folder() / "gtzan"
    files = {os.path.splitext(name)[0]: folder / "audio" / name for name in os.listdir(folder / "audio")}
    with (folder / "audio.csv").open() as table:
        rows = list(csv.DictReader(table))
    sounds = (sound(files[row["track"]]) for row in rows)
    return [
        RealClip(row["track"], mono, row["genre"], float(row["tempo_bpm"]))
        for row, mono in zip(rows, sounds, strict=True)
    ]


def made(n: int, seed: int) -> list[Example]:
    """What is learned from beside real clips: `n` composed pieces and the bare pulses."""
    return [*composed(n, seed), *metronomes(METRONOMES)]


def genre_tempi(examples: Sequence[Example]) -> Tempi:
    """Centre in bpm and spread in octaves by genre; a genre with few clips stays near 112 bpm and half an octave."""
    tempi: Tempi = {}
    for genre in GENRES:
        octaves = np.log2([e.tempo_bpm for e in examples if e.genre == genre])
        n = len(octaves) + _PULL
        centre = (octaves.sum() + _PULL * np.log2(_CENTRE_BPM)) / n
        spread = np.sqrt((((octaves - centre) ** 2).sum() + _PULL * _SPREAD**2) / n)
        tempi[genre] = (round(float(2**centre)), round(float(spread), 2))
    return tempi


def learn(real: Sequence[Example], others: Sequence[Example], tempi: Tempi) -> Counting:
    """Weights under which the tapped tempi are likeliest (L-BFGS, ridge penalty), given the genres' tempi."""
    from scipy.optimize import minimize

    examples = [*real, *others]
    heard = np.stack([np.c_[e.evidence, rhythm.log_prior(_doubtful(e.genre, tempi))] for e in examples])
    right = np.abs(np.log(TEMPI_BPM / np.array([[e.tempo_bpm] for e in examples]))) < _SAME
    counts = np.r_[np.full(len(real), REAL_COUNTS), np.ones(len(others))]
    neutral = np.r_[np.zeros(heard.shape[2] - 1), 1.0]

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = heard @ weights
        shares = np.exp(score - score.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        hit = (shares * right).sum(axis=1) + 1e-9
        pull = (shares * right / hit[:, None] - shares) * (counts / counts.sum())[:, None]
        strain = weights - neutral
        value = -float(counts @ np.log(hit)) / counts.sum() + PENALTY * float(strain @ strain)
        return value, 2 * PENALTY * strain - np.einsum("nt,ntk->k", pull, heard)

    found = minimize(loss, neutral, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return Counting(tuple(round(float(w), 3) for w in found[:-1]), round(float(found[-1]), 3))


def folds(real: Sequence[Example], others: Sequence[Example]) -> list[tuple[Counting, Tempi]]:
    """For each real clip what is learned without it and the others of its fold."""
    turn = np.random.default_rng(0).permutation(len(real)) % FOLDS
    learned = []
    for fold in range(FOLDS):
        rest = [e for e, other in zip(real, turn, strict=True) if other != fold]
        tempi = genre_tempi(rest)
        learned.append((learn(rest, others, tempi), tempi))
    return [learned[fold] for fold in turn]


def _doubtful(genre: str, tempi: Tempi) -> list[TempoPrior]:
    if not genre:
        return [rhythm.ANY_TEMPO]
    return [
        TempoPrior(_DOUBT / len(GENRES) + (1 - _DOUBT) * (other == genre), *tempo) for other, tempo in tempi.items()
    ]


def main() -> None:
    """Print the priors and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=PIECES)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    real = [clip.example() for clip in real_clips()]
    tempi = genre_tempi(real)
    print(tempi)
    print(learn(real, made(arguments.pieces, arguments.seed), tempi))


if __name__ == "__main__":
    main()
