"""How much of a piece a transcription gets right: `python -m evaluation.transcription [--n 20] [--seed 7] [--write]`.

Composed pieces that training has not met, all genres and emotions in turn, rendered to sound and written down again
from it. Tempo: within 4 % (Acc1), or a half, a third, the double or three times of it (Acc2). Key: exactly right, and
by mir_eval.key (MIREX). Bar line: within 50 ms. What follows is compared at the steps of the true grid, wherever the
transcription has them in time: the root of the chord at every half bar; the pitch class of bass and tune where they
sound; strokes by F-measure, within a quarter of a beat; notes invented by bass and tune where they rest.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from classifiers.measures import wilson
from corpus import score
from corpus.captions import EMOTIONS, GENRES
from corpus.composer import compose
from corpus.performance import Piece, step_times, to_notes
from corpus.render import render
from evaluation import results
from pipelines.engines.transcription import Transcription, transcribe

START, END = "<!-- transcription -->", "<!-- /transcription -->"
RATE_HZ, SECONDS = 32_000, 20.0
_NEAR_S = 0.06
_VOICES = {"kick": 1, "snare": 2, "cymbal": 12}
"""Bits of the DRUMS tokens."""


@dataclass(frozen=True)
class Marks:
    """What one piece got. Shares are None where there was nothing to get right; pairs are (right, found, true)."""

    acc1: bool
    acc2: bool
    key: bool
    mirex: float
    bar_line: bool
    roots: float | None
    bass: float | None
    tune: float | None
    strokes: dict[str, tuple[int, int, int]]
    invented: float | None


def piece(seed: int, index: int, seconds: float = SECONDS) -> score.Tokens:
    """The `index`-th piece to be judged by; these seeds are used nowhere else."""
    genre, emotion = GENRES[index % len(GENRES)], EMOTIONS[(7 * index + index // len(GENRES)) % len(EMOTIONS)]
    return compose(900_000_000 + seed * 100_003 + index, genre=genre, emotion=emotion, seconds=seconds, ending=False)


def marked(tokens: score.Tokens, heard: Transcription, seconds: float = SECONDS) -> Marks:
    """Compare a transcription with what was played."""
    import mir_eval.key

    truth, found = to_notes(tokens), to_notes(heard.tokens)
    ratio = heard.tempo_bpm / truth.tempo_bpm
    bar_s = truth.header.steps_per_bar * score.seconds_of(1, truth.tempo_bpm, truth.header.steps_per_beat)
    late_s = (heard.offset_s + bar_s / 2) % bar_s - bar_s / 2
    steps_s = _steps_s(truth, seconds)
    true_lines, found_lines = lines(truth, steps_s), lines(_placed(found, heard), steps_s)
    return Marks(
        acc1=abs(ratio - 1) <= 0.04,
        acc2=any(abs(ratio / factor - 1) <= 0.04 for factor in (1 / 3, 1 / 2, 1, 2, 3)),
        key=heard.key == truth.key,
        mirex=float(mir_eval.key.evaluate(truth.key, heard.key)["Weighted Score"]),
        bar_line=abs(late_s) < 0.05,
        roots=_roots(tokens, heard, steps_s),
        bass=_alike(true_lines["bass"], found_lines["bass"]),
        tune=_alike(true_lines["melody"], found_lines["melody"]),
        strokes={name: _strokes(tokens, heard, steps_s, mask) for name, mask in _VOICES.items()},
        invented=_invented(true_lines, found_lines),
    )


def _steps_s(truth: Piece, seconds: float) -> npt.NDArray[np.float64]:
    n = int(seconds / score.seconds_of(1, truth.tempo_bpm, truth.header.steps_per_beat))
    return step_times(truth.header, n)


def _placed(found: Piece, heard: Transcription) -> Piece:
    """The notes of a transcription at their times in the clip, not at the header's rounded tempo from zero."""
    stretch = found.tempo_bpm / heard.tempo_bpm

    def at(time_s: float) -> float:
        return heard.offset_s + time_s * stretch

    tracks = tuple(
        replace(t, notes=tuple(replace(n, start_s=at(n.start_s), end_s=at(n.end_s)) for n in t.notes))
        for t in found.tracks
    )
    return replace(found, tracks=tracks)


def lines(played: Piece, times_s: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.int64]]:
    """The pitch of bass and tune just after each time, -1 where they rest."""
    rows = {name: np.full(len(times_s), -1) for name in ("bass", "melody")}
    for track in played.tracks:
        for note in track.notes if track.name in rows else ():
            rows[track.name][(times_s + 0.03 >= note.start_s - 0.01) & (times_s + 0.03 < note.end_s)] = note.pitch
    return rows


def _alike(true: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> float | None:
    """Share of the sounding steps with the right pitch class."""
    sounding = true >= 0
    return float(((found >= 0) & ((found - true) % 12 == 0))[sounding].mean()) if sounding.any() else None


def _invented(true: dict[str, npt.NDArray[np.int64]], found: dict[str, npt.NDArray[np.int64]]) -> float | None:
    """Share of the resting steps of the tune at which one is written down."""
    resting = true["melody"] < 0
    return float((found["melody"] >= 0)[resting].mean()) if resting.any() else None


def _grid_s(heard: Transcription) -> npt.NDArray[np.float64]:
    """Where the steps of a transcription lie in the clip, and the end of the last one."""
    times_s = step_times(heard.header, heard.tokens.shape[1] - score.N_HEADER_FRAMES + 1)
    return heard.offset_s + times_s * (heard.header.tempo_bpm / heard.tempo_bpm)


def _found_steps(heard: Transcription, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The step of the transcription in which each time lies, -1 outside."""
    grid_s = _grid_s(heard)
    steps = np.searchsorted(grid_s, times_s + 0.03, side="right") - 1
    return np.where((steps >= 0) & (steps < len(grid_s) - 1), steps, -1)


def _roots(tokens: score.Tokens, heard: Transcription, steps_s: npt.NDArray[np.float64]) -> float | None:
    """Share of half bars with the right root, named by its pitch."""
    header = score.Header.unpack(tokens)
    half = max(header.steps_per_beat, header.steps_per_bar // 2)
    true = np.asarray(tokens)[score.CHORD, score.N_HEADER_FRAMES :][: len(steps_s) : half].astype(int)
    steps = _found_steps(heard, steps_s[::half][: len(true)])
    found = np.asarray(heard.tokens)[score.CHORD, score.N_HEADER_FRAMES :][steps]
    judged = (true > 0) & (steps >= 0)
    if not judged.any():
        return None
    right = ((true - 1) // 10 + header.tonic) % 12 == ((found - 1) // 10 + heard.header.tonic) % 12
    return float((right & (found > 0))[judged].mean())


def _strokes(
    tokens: score.Tokens, heard: Transcription, steps_s: npt.NDArray[np.float64], mask: int
) -> tuple[int, int, int]:
    """(right, found, true) strokes of one voice."""
    grid_s = _grid_s(heard)[:-1]
    played = np.asarray(tokens)[score.DRUMS, score.N_HEADER_FRAMES :][: len(steps_s)].astype(int)
    written = np.asarray(heard.tokens)[score.DRUMS, score.N_HEADER_FRAMES :].astype(int)
    true_s = [t for t in steps_s[: len(played)][played & mask > 0] if t >= heard.offset_s - _NEAR_S]
    found_s = grid_s[(written & mask > 0) & (grid_s < steps_s[-1] + _NEAR_S)]
    right = sum(bool(len(found_s)) and bool(np.abs(found_s - t).min() < _NEAR_S) for t in true_s)
    return right, len(found_s), len(true_s)


def f_measure(counts: Sequence[tuple[int, int, int]]) -> float:
    """Of (right, found, true) of all pieces together."""
    right, found, true = (sum(column) for column in zip(*counts, strict=True))
    return 2 * right / max(1, found + true)


def tables(marks: Sequence[Marks]) -> str:
    """Markdown."""
    rows = ["| what | figure |", "|---|---|"]
    for name, hits in (
        ("tempo within 4 % (Acc1)", [m.acc1 for m in marks]),
        ("tempo or a multiple of it (Acc2)", [m.acc2 for m in marks]),
        ("key exactly", [m.key for m in marks]),
        ("bar line within 50 ms, where the tempo is right", [m.bar_line for m in marks if m.acc1]),
    ):
        low, high = wilson(sum(hits), len(hits))
        rows.append(f"| {name} | {np.mean(hits):.2f} ({low:.2f} to {high:.2f}) |")
    rows.append(f"| key, MIREX | {np.mean([m.mirex for m in marks]):.2f} |")
    for name, shares in (
        ("root of the chord, by half bars", [m.roots for m in marks]),
        ("pitch class of the bass", [m.bass for m in marks]),
        ("pitch class of the tune", [m.tune for m in marks]),
        ("tune written where it rests", [m.invented for m in marks]),
    ):
        judged = [share for share in shares if share is not None]
        rows.append(f"| {name} | {np.mean(judged):.2f} |" if judged else f"| {name} | - |")
    for voice in _VOICES:
        rows.append(f"| {voice}, F-measure | {f_measure([m.strokes[voice] for m in marks]):.2f} |")
    return "\n".join(rows)


def measure(n: int, seed: int) -> list[Marks]:
    """Compose, render, transcribe and mark."""
    marks = []
    for index in range(n):
        tokens = piece(seed, index)
        sound = render(to_notes(tokens), rate=RATE_HZ, seconds=SECONDS)
        marks.append(marked(tokens, transcribe(sound, RATE_HZ)))
    return marks


def main() -> None:
    """Print the table, and put it into evaluation/RESULTS.md."""
    parser = argparse.ArgumentParser(description="Measure transcriptions of composed pieces.")
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="replace the block in evaluation/RESULTS.md")
    arguments = parser.parse_args()
    source = (
        f"`python -m evaluation.transcription --n {arguments.n} --seed {arguments.seed}`, commit {results.commit()}"
    )
    text = f"{arguments.n} pieces of {SECONDS:.0f} s; {source}\n\n{tables(measure(arguments.n, arguments.seed))}"
    print(text)
    if arguments.write:
        results.replace(text, results.RESULTS, start=START, end=END)


if __name__ == "__main__":
    main()
