"""The report of the shipped ears by the published protocols: `python -m evaluation.classifiers [--write]`.

genre    GTZAN, fault-filtered split of Kereliuk et al. 2015 (--split test, or valid while developing), on the stored
         views, judged in the same windows and pooled as classifiers.listener does with sound
emotion  Emotify, out-of-fold predictions of the shipped recipe (weights/emotion/out_of_fold.json): five folds by track
music    music_or_speech and the loose clips, through the listener

Everything is computed from what ships. --write replaces the block in evaluation/RESULTS.md and the pictures beside it.
"""

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import classic, datasets, emotion, listener, measures, network
from core import features
from core.models import ROOT, WEIGHTS
from core.runtime import share_cores
from core.types import Scores
from corpus.captions import EMOTIONS, GENRES
from evaluation import charts, results
from pipelines.confidence import GENRE_MARGIN, GENRE_SURE

Floats = npt.NDArray[np.floating]

START, END = "<!-- ears -->", "<!-- /ears -->"
FIGURES = ROOT / "evaluation" / "figures"
BASELINES = ROOT / "classifiers" / "baselines.json"
_SCHEMES = (("equally wide", False), ("equally full", True))


@dataclass(frozen=True)
class Judged:
    """Tracks as the genre network judged them: pooled probabilities (n, 10) before and after temperature scaling."""

    raw: Floats
    scaled: Floats
    classes: npt.NDArray[np.int64]


def from_stored(one: listener.Classifier, thin: Floats, fine: Floats, *, window_s: float = listener.TRACK_S) -> Floats:
    """The pooled answer (labels,) for a track's stored views, in the windows the listener would use.

    The thinned view (128, columns) is in decibels below the loudest cell of its 30 s, which is the listener's reference
    too. Of the fine view (128, 130) only the first 3 s are stored: they stand beside every window.
    """
    per_second = features.FRAMES_PER_SECOND / features.THIN_STEP
    width, hop = (round(s * per_second) for s in (window_s, listener.HOP_S))
    width = min(width, thin.shape[1])
    begins = network.starts(thin.shape[1], width, hop=hop, at_most=listener.MAX_WINDOWS)
    windows = np.stack([thin[:, b : b + width] for b in begins])
    views = {"thin": windows, "fine": np.repeat(fine[None], len(windows), axis=0)}
    # a window of which nothing is above the view's floor is too faint to vote
    loud = windows.max(axis=(1, 2)) > 0
    answers = network.predict(one.model, *(views[name] for name in one.views))
    return listener.pooled(answers.astype(np.float64), loud)


def judged(one: listener.Classifier, tracks: datasets.Tracks, *, window_s: float = listener.TRACK_S) -> Judged:
    """Every track of a split; ValueError for a network that sees what is not stored."""
    if not {"thin", "fine"} >= set(one.views):
        raise ValueError(f"the stored views are thin and fine, the network sees {one.views}")
    pairs = zip(tracks.views, tracks.fine, strict=True)
    raw = np.stack([from_stored(one, thin, fine, window_s=window_s) for thin, fine in pairs])
    return Judged(raw, measures.tempered(raw, one.temperature), tracks.targets)


def genre_lines(heard: Judged, short: Judged, temperature: float, split: str) -> list[str]:
    """The genre section: figures and the confusion matrix of tracks; `short`: judged in the timeline's windows."""
    p, classes = heard.scaled, heard.classes
    right, n = int((p.argmax(axis=1) == classes).sum()), len(classes)
    low, high = measures.wilson(right, n)
    lines = [
        f"### Genre: GTZAN, fault-filtered {split} split, n = {n}",
        "",
        "| figure | value |",
        "|---|---|",
        f"| accuracy (Wilson 95 %) | **{right / n:.3f}** ({low:.3f} to {high:.3f}) |",
        f"| the same in the timeline's windows of 10 s | {measures.accuracy(short.scaled, classes):.3f} |",
        *_baseline_rows(split),
        f"| macro F1 | {measures.macro_f1(p, classes):.3f} |",
        f"| right among the first two | {_among_first(p, classes, 2):.3f} |",
    ]
    losses = [f"{measures.log_loss(q, classes):.3f}" for q in (heard.raw, p)]
    lines.append(f"| log loss in nats, before and after scaling (T = {temperature:g}) | {losses[0]}, {losses[1]} |")
    for name, equal_mass in _SCHEMES:
        errors = [f"{measures.ece(q, classes, equal_mass=equal_mass):.3f}" for q in (heard.raw, p)]
        lines.append(f"| calibration error, 15 {name} bins, before and after | {errors[0]}, {errors[1]} |")
    lines += [*coverage_rows(p, classes), "", *confusion_lines(p, classes)]
    return lines


def coverage_rows(p: Floats, classes: npt.NDArray[np.int64]) -> list[str]:
    """What hedging buys: how often one genre is named alone and how right that is; the same for plain thresholds."""
    order = np.sort(p, axis=1)
    top, second = order[:, -1], order[:, -2]
    sure = (top >= GENRE_SURE) & (top - second >= GENRE_MARGIN)
    right = p.argmax(axis=1) == classes
    rule = f"at least {GENRE_SURE:g} and {GENRE_MARGIN:g} ahead"
    lines = [f"| named alone ({rule}): share of tracks, of these right | {_share(sure)}, {_share(right[sure])} |"]
    if not sure.all():
        two = _share(np.argsort(-p[~sure], axis=1)[:, :2] == classes[~sure, None], any_of=True)
        lines.append(f"| hedged: share of tracks, first right, one of the two right "
                     f"| {_share(~sure)}, {_share(right[~sure])}, {two} |")  # fmt: skip
    for least in (0.5, 0.7, 0.9):
        above = top >= least
        lines.append(f"| confidence at least {least}: share of tracks, of these right | {_share(above)}, "
                     f"{_share(right[above])} |")  # fmt: skip
    return lines


def confusion_lines(p: Floats, classes: npt.NDArray[np.int64]) -> list[str]:
    """The confusion matrix as a table with the recall of each genre."""
    counts, recall = measures.confusion(p, classes), measures.recalls(p, classes, GENRES)
    lines = ["| is, taken for | " + " | ".join(GENRES) + " | recall |", "|---" * (len(GENRES) + 2) + "|"]
    for label, row in zip(GENRES, counts, strict=True):
        cells = " | ".join(str(int(count)) if count else "" for count in row)
        lines.append(f"| {label} | {cells} | {recall[label]:.2f} |")
    return lines


def agreement_line(one: listener.Classifier) -> str:
    """How near the answer from sound is to that from the stored view, on the tracks there are as sound."""
    stored = {name: views for part in ("train", "faulty") for name, *views in _by_name(datasets.gtzan(part))}
    paths = [p for p in sorted((datasets.data_folder() / "gtzan" / "audio").glob("*.opus")) if p.stem in stored]
    seen = np.stack([measures.tempered(from_stored(one, *stored[path.stem]), one.temperature) for path in paths])
    heard = np.array([listener.listen(_mel(path)).genre.probabilities for path in paths])
    same = float((seen.argmax(axis=1) == heard.argmax(axis=1)).mean())
    moved = float(np.abs(seen - heard).sum(axis=1).mean() / 2)
    return (
        f"From sound instead of the stored view ({len(paths)} tracks of train and faulty, some only their first half): "
        f"the same genre in {same:.0%}, on average {moved:.2f} of the probability elsewhere."
    )


def emotion_lines() -> list[str]:
    """The emotion section, from the out-of-fold predictions that ship beside the weights."""
    stored = json.loads((WEIGHTS / "emotion" / "out_of_fold.json").read_text())
    guesses, shares = np.array(stored["shares"]), listeners_shares(stored["tracks"])
    figures = emotion.figures(guesses, shares)

    def row(name: str, measure: Any) -> str:
        low, high = measures.interval(lambda rows: measure(guesses[rows], shares[rows]), len(shares))
        return f"| {name} | {measure(guesses, shares):.3f} ({low:.3f} to {high:.3f}) |"

    lines = [
        f"### Emotion: Emotify, five folds by track, n = {len(shares)}",
        "",
        "| figure | value (bootstrap 95 % over tracks) |",
        "|---|---|",
        row("mean Pearson over the nine", lambda g, t: float(np.mean(measures.pearsons(g, t)))),
        "| the listeners' own ceiling, by their split-half reliability: mean Pearson | 0.80 |",
        *_compared_rows(),
        row("mean Spearman", lambda g, t: float(np.mean(measures.spearmans(g, t)))),
        row("AUC for the top quarter, mean", lambda g, t: float(np.mean(measures.aucs_top_quarter(g, t)))),
        row("KL divergence, nats", measures.kl),
        row("most-chosen emotion right", lambda g, t: measures.accuracy(g, t.argmax(axis=1))),
        row("most-chosen among the first three", lambda g, t: _among_first(g, t.argmax(axis=1), 3)),
        "",
        "| emotion | Pearson | Spearman | AUC, top quarter |",
        "|---|---|---|---|",
    ]
    aucs = dict(zip(EMOTIONS, measures.aucs_top_quarter(guesses, shares), strict=True))
    lines += [
        f"| {name} | {figures['cv_pearson'][name]:.2f} | {figures['cv_spearman'][name]:.2f} | {aucs[name]:.2f} |"
        for name in EMOTIONS
    ]
    return lines


def listeners_shares(tracks: Sequence[str]) -> Floats:
    """The share of listeners who chose each emotion, (n, 9), for tracks named GENRE/NUMBER."""
    with (datasets.data_folder() / "emotify" / "listeners.csv").open() as file:
        rows = {f"{row['genre']}/{row['number']}": row for row in csv.DictReader(file)}
    return np.array([[float(rows[track][label]) for label in EMOTIONS] for track in tracks])


def music_lines(cache: Path) -> list[str]:
    """Music or not: in-sample, cross-validated, and the loose clips."""
    mel, is_music, _ = datasets.music_or_speech(cache)
    p = np.array([listener.listen(datasets.from_bytes(one)).music_probability for one in mel])
    figures = json.loads((WEIGHTS / "music_or_not" / "config.json").read_text())["figures"]
    lines = [
        f"### Music or not, n = {len(p)}",
        "",
        "| figure | value |",
        "|---|---|",
        f"| AUC, five folds (from training) | {figures['cv_auc']} |",
        f"| AUC, shipped weights on the same clips (in-sample) | {measures.auc(p, is_music):.4f} |",
        f"| accuracy at 0.5 (in-sample) | {((p > 0.5) == is_music).mean():.3f} |",
        "",
        "| clip, heard by nobody in training | music | genre | emotion |",
        "|---|---|---|---|",
    ]
    for path in sorted((datasets.data_folder() / "clips").glob("*.ogg")):
        heard = listener.listen(_mel(path))
        lines.append(f"| {path.stem} | {heard.music_probability:.2f} | {_top(heard.genre)} | {_top(heard.emotion)} |")
    return lines


def report(split: str, cache: Path, folder: Path) -> str:
    """All sections as Markdown; pictures go to `folder`."""
    one = listener.ears()["genre"]
    tracks = datasets.gtzan(split)
    heard, short = judged(one, tracks), judged(one, tracks, window_s=listener.WINDOW_S)
    charts.confusion(
        measures.confusion(heard.scaled, heard.classes), GENRES, folder / "genre_confusion.png",
        title=f"GTZAN, fault-filtered {split} split, n = {len(heard.classes)}",
    )  # fmt: skip
    before, after = (measures.reliability(p, heard.classes, equal_mass=True) for p in (heard.raw, heard.scaled))
    title = f"Genre, {split} split: as sure as it is right?"
    charts.reliability(before, after, folder / "genre_reliability.png", title=title)
    lines = [
        f"`python -m evaluation.classifiers --split {split} --write`, commit {results.commit()}, shipped weights. "
        "Tempo and key: `python -m evaluation.rhythm`.",
        "",
        *genre_lines(heard, short, one.temperature, split),
        "",
        "![who is taken for whom](figures/genre_confusion.png)",
        "![confidence and accuracy](figures/genre_reliability.png)",
        "",
        agreement_line(one),
        "",
        *emotion_lines(),
        "",
        *music_lines(cache),
    ]
    return "\n".join(lines)


def write(text: str, path: Path = results.RESULTS) -> None:
    """Put the report between its markers in RESULTS.md."""
    results.replace(text, path, start=START, end=END)


def _baseline_rows(split: str) -> list[str]:
    if not classic.FIGURES.exists():
        return []
    figures = json.loads(classic.FIGURES.read_text())
    name = "the tutorials' CNN on 13 MFCCs, same split (`classifiers.classic`)"
    if split != "test":
        return [f"| {name} | {figures['valid_accuracy']:.3f} |"]
    low, high = figures["test_interval"]
    return [
        f"| {name} | {figures['test_accuracy']:.3f} ({low:.3f} to {high:.3f}) |",
        "| published: MFCC statistics and an SVM; small CNNs | 0.50 to 0.53; 0.53 to 0.60 |",
    ]


def _compared_rows() -> list[str]:
    """What `python -m classifiers.baselines` measured in the same folds, where it was run."""
    if not BASELINES.exists():
        return []
    figures = json.loads(BASELINES.read_text())
    names = {
        "svr": "support vector regression on hand-made features",
        "deep": "the tutorials' CNN of 12 layers and 20 M parameters",
    }
    return [_compared_row(name, figures[key]) for key, name in names.items() if key in figures]


def _compared_row(name: str, figures: dict[str, Any]) -> str:
    trained = f", {figures['folds']} folds of {figures['minutes_a_fold']:g} minutes" if "folds" in figures else ""
    low, high = figures["cv_mean_pearson_95"]
    return (
        f"| {name} (n = {figures['n']}{trained}): mean Pearson, most-chosen right "
        f"| {figures['cv_mean_pearson']:.3f} ({low:.3f} to {high:.3f}), {figures['cv_top_right']:.3f} |"
    )


def _share(hits: npt.NDArray[np.bool_], *, any_of: bool = False) -> str:
    hits = np.asarray(hits.any(axis=1)) if any_of else hits
    return f"{hits.mean():.2f}" if len(hits) else "none"


def _among_first(p: Floats, classes: npt.NDArray[np.int64], first: int) -> float:
    return float((np.argsort(-p, axis=1)[:, :first] == classes[:, None]).any(axis=1).mean())


def _by_name(tracks: datasets.Tracks) -> list[tuple[str, Floats, Floats]]:
    return list(zip(tracks.names, tracks.views, tracks.fine, strict=True))


def _mel(path: Path) -> npt.NDArray[np.float32]:
    return features.log_mel(datasets.sound(path))


def _top(scores: Scores) -> str:
    label, p = scores.ranked()[0]
    return f"{label} {p:.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.classifiers")
    parser.add_argument("--split", choices=("valid", "test"), default="test", help="valid while anything may change")
    parser.add_argument("--write", action="store_true", help="replace the block in evaluation/RESULTS.md")
    parser.add_argument("--pictures", type=Path, default=FIGURES, help="where the pictures go")
    parser.add_argument("--cache", type=Path, default=datasets.CACHE, help="folder for decoded audio")
    options = parser.parse_args(arguments)
    share_cores()
    text = report(options.split, options.cache, options.pictures)
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
