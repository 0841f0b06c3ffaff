"""Tempo, beats and key by the truth: `python -m evaluation.rhythm [--n 200] [--seed 73] [--write]`, Markdown tables.

composer   pieces that training has not met (all genres and emotions in turn, 30 s): tempo, beats and key known exactly
gtzan      61 clips with a tapped tempo; priors and weights learned without the eighth of them that is being judged

Acc1: the tempo within 4 %; Acc2: or a half, a third, the double or three times of it. "Either": the tempo or its rival
within 4 %, by mir_eval.tempo. Beats: F-measure within 70 ms after the first five seconds, by mir_eval.beat. Key: by
mir_eval.key (MIREX): 1 if right, 0.5 a fifth off, 0.3 the relative, 0.2 the parallel key. ECE: mean distance of
confidence and share right in five equally full bins. --write replaces the block in evaluation/RESULTS.md.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers import tempo
from classifiers.datasets import data_folder
from classifiers.measures import wilson
from core import features, harmony, rhythm
from core.rhythm import COUNTING, TEMPO_PRIORS, Counting, TempoPrior
from core.types import Beats
from evaluation import results

Floats = npt.NDArray[np.floating]

START, END = "<!-- rhythm -->", "<!-- /rhythm -->"
LIBRARY, UNKNOWN, PREDICTED, TRUE = "librosa.beat.beat_track", "genre unknown", "genre predicted", "genre true"
PROFILES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "Krumhansl & Kessler 1982": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    "Temperley 1999": (
        (5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4),
        (5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4),
    ),
    "Sha'ath 2011": (
        (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4),
        (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2),
    ),
    "edma (Faraldo 2016)": (
        (0.165, 0.047, 0.083, 0.067, 0.100, 0.093, 0.053, 0.132, 0.052, 0.074, 0.069, 0.064),
        (0.172, 0.053, 0.076, 0.100, 0.056, 0.085, 0.050, 0.135, 0.075, 0.050, 0.092, 0.055),
    ),
    "bgate (Faraldo 2017)": (
        (1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30),
        (1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23),
    ),
    "braw (Faraldo 2017)": (harmony.MAJOR, harmony.MINOR),
}
KEYS = tuple(f"{tonic} {mode}" for mode in ("major", "minor") for tonic in harmony.TONICS)


@dataclass(frozen=True)
class Answer:
    """A tempo that was found for a clip whose tempo is known; `beat_f` where the beats are known as well."""

    found: Beats
    true_bpm: float
    beat_f: float | None = None

    def right(self, factors: Sequence[float] = (1,)) -> bool:
        return any(abs(self.found.tempo_bpm - self.true_bpm * f) <= 0.04 * self.true_bpm * f for f in factors)

    def either(self) -> bool:
        """The true tempo is one of the two candidates."""
        import mir_eval.tempo

        candidates = np.array([self.found.tempo_bpm, self.found.alternative_bpm])
        return bool(mir_eval.tempo.detection(np.array([self.true_bpm, 0]), 1.0, candidates, tol=0.04)[1])


@dataclass(frozen=True)
class Tonality:
    """The chroma of a piece, that with the bass heard twice, and its key by name."""

    chroma: npt.NDArray[np.float32]
    tonal: npt.NDArray[np.float32]
    key: str


def librosas(mel_db: Floats) -> Beats:
    """What plain librosa says; it has no rival and no confidence."""
    import librosa

    onsets = rhythm.onset_strength(mel_db)
    found, times_s = librosa.beat.beat_track(onset_envelope=onsets, sr=features.RATE_HZ, units="time")
    return Beats(float(found.item()), 0.0, 0.0, tuple(times_s.tolist()))


def ways(
    mel_db: npt.NDArray[np.float32],
    genre: str,
    counting: Counting = COUNTING,
    tempi: tempo.Tempi = TEMPO_PRIORS,
) -> dict[str, Beats]:
    """The tempo by librosa, and by core.rhythm with the genre unknown, as the listener hears it, and as it is."""
    from classifiers.listener import listen

    predicted = listen(mel_db).genre.as_dict()
    mixtures = {
        UNKNOWN: [rhythm.ANY_TEMPO],
        PREDICTED: [TempoPrior(share, *tempi[label]) for label, share in predicted.items()],
        TRUE: [TempoPrior(1.0, *tempi[genre])],
    }
    ours = {way: rhythm.beats(mel_db, prior, counting=counting) for way, prior in mixtures.items()}
    return {LIBRARY: librosas(mel_db)} | ours


def composer_answers(n: int, seed: int) -> tuple[dict[str, list[Answer]], list[Tonality]]:
    """Tempo, beats and chroma of the first `n` pieces of `seed`."""
    answers: dict[str, list[Answer]] = {}
    tonalities = []
    for index in range(n):
        played, mono = tempo.piece(seed, index)
        truth_s = np.arange(0, len(mono) / features.RATE_HZ, 60 / played.tempo_bpm)
        for way, found in ways(features.log_mel(mono), played.header.genre).items():
            answers.setdefault(way, []).append(Answer(found, played.tempo_bpm, beat_f(truth_s, found.times_s)))
        tonalities.append(Tonality(harmony.chroma(mono), harmony.tonal_chroma(mono), played.key))
    return answers, tonalities


def real_answers(clips: Sequence[tempo.RealClip], training: Sequence[tempo.Example]) -> dict[str, list[Answer]]:
    """Tempo of real clips, each by a table that was learned without it."""
    answers: dict[str, list[Answer]] = {}
    learned = tempo.folds([clip.example() for clip in clips], training)
    for clip, (counting, tempi) in zip(clips, learned, strict=True):
        for way, found in ways(features.log_mel(clip.mono), clip.genre, counting, tempi).items():
            answers.setdefault(way, []).append(Answer(found, clip.tempo_bpm))
    return answers


def beat_f(truth_s: Floats, found_s: Sequence[float]) -> float:
    """F-measure of beat times in seconds."""
    import mir_eval.beat

    truth, found = (mir_eval.beat.trim_beats(np.array(times)) for times in (truth_s, found_s))
    return float(mir_eval.beat.f_measure(truth, found)) if len(found) else 0.0


def key_score(true: str, found: str) -> float:
    import mir_eval.key

    return float(mir_eval.key.weighted_score(true, found))


def halves_agree(clips: Iterable[tempo.RealClip]) -> float:
    """Mean key score of the second half of each clip against the first: all that can be said where no key is known."""
    scores = []
    for clip in clips:
        first, second = np.array_split(clip.mono, 2)
        scores.append(key_score(*(harmony.key(harmony.tonal_chroma(half))[0] for half in (first, second))))
    return float(np.mean(scores))


def calibration_error(confidence: Floats, right: Floats, bins: int = 5) -> float:
    """ECE: the mean distance of confidence and share right over `bins` equally full bins."""
    order = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(confidence)))
    return float(sum(len(rows) * abs(confidence[rows].mean() - right[rows].mean()) for rows in order) / len(confidence))


def tempo_rows(name: str, answers: dict[str, list[Answer]]) -> list[str]:
    """Markdown rows, one a way."""
    rows = []
    for way, found in answers.items():
        once, octave = ([a.right(f) for a in found] for f in ((1,), (1, 2, 1 / 2, 3, 1 / 3)))
        low, high = wilson(sum(once), len(once))
        cells = [name, str(len(found)), way, f"{np.mean(once):.3f} ({low:.2f} to {high:.2f})", f"{np.mean(octave):.3f}"]
        beat = [a.beat_f for a in found if a.beat_f is not None]
        if way == LIBRARY:
            cells += ["", "", ""]
        else:
            sure = np.array([a.found.confidence for a in found])
            cells += [f"{np.mean([a.either() for a in found]):.3f}", f"{sure.mean():.2f}"]
            cells.append(f"{calibration_error(sure, np.array(once, float)):.2f}")
        rows.append("| " + " | ".join([*cells, f"{np.mean(beat):.3f}" if beat else ""]) + " |")
    return rows


def key_rows(pieces: Sequence[Tonality]) -> list[str]:
    """Markdown rows, one a set of profiles, and what is shipped: the last of them with the bass heard twice."""
    truth = [p.key for p in pieces]
    rows = []
    for name, (major, minor) in PROFILES.items():
        found = [KEYS[int(harmony.correlations(p.chroma, major, minor).argmax())] for p in pieces]
        rows.append(_key_row(name, found, truth, []))
    answers = [harmony.key(p.tonal) for p in pieces]
    found, sure = [key for key, _ in answers], np.array([confidence for _, confidence in answers])
    right = np.array([a == b for a, b in zip(found, truth, strict=True)], float)
    trust = [f"{sure.mean():.2f}", f"{calibration_error(sure, right):.2f}"]
    return [*rows, _key_row("braw with the bass twice, shipped", found, truth, trust)]


def _key_row(name: str, found: Sequence[str], truth: Sequence[str], trust: Sequence[str]) -> str:
    pairs = list(zip(truth, found, strict=True))
    cells = [
        name,
        f"{np.mean([key_score(*p) for p in pairs]):.3f}",
        f"{np.mean([a == b for a, b in pairs]):.3f}",
        *trust,
    ]
    return "| " + " | ".join(cells + [""] * (5 - len(cells))) + " |"


def report(n: int, seed: int, training: int) -> str:
    """Both tables; the clips of gtzan/audio only where the shared data is."""
    answers, tonalities = composer_answers(n, seed)
    rows, halves = tempo_rows("composer", answers), ""
    if (data_folder() / "gtzan" / "audio.csv").exists():
        clips = tempo.real_clips()
        rows += tempo_rows("gtzan/audio", real_answers(clips, tempo.made(training, tempo.SEED)))
        halves = f" On {len(clips)} real clips (no key is known) the two halves agree to {halves_agree(clips):.3f}."
    return "\n".join(
        [
            f"`python -m evaluation.rhythm --n {n} --seed {seed}`, commit {results.commit()}; gtzan/audio: "
            f"{tempo.FOLDS} folds, {training} composed pieces of seed {tempo.SEED} beside them in training.",
            "",
            "| set | n | tempo by | Acc1 (95 %) | Acc2 | either | mean confidence | ECE | beat F |",
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"Key of the same {n} pieces.{halves}",
            "",
            "| profiles | MIREX score | exact | mean confidence | ECE |",
            "|---|---|---|---|---|",
            *key_rows(tonalities),
        ]
    )


def write(text: str, path: Path = results.RESULTS) -> None:
    """Put the tables between their markers in RESULTS.md."""
    results.replace(text, path, start=START, end=END)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.rhythm")
    parser.add_argument("--n", type=int, default=200, help="composed pieces")
    parser.add_argument("--seed", type=int, default=73)
    parser.add_argument(
        "--training", type=int, default=tempo.PIECES, help="composed pieces to learn from, in the folds"
    )
    parser.add_argument("--write", action="store_true", help="replace the block in evaluation/RESULTS.md")
    options = parser.parse_args()
    text = report(options.n, options.seed, options.training)
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
