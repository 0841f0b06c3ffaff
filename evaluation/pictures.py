"""The picture model's examination: does it paint what it was asked for, how sharply, how variously, and how fast.

    python -m evaluation.pictures --out DIR [--directory weights/image] [--n 180] [--seed S] [--card PATH]

Every picture comes from the verb `pipelines.illustrate` at its defaults. A probe that learned from other paintings
(`evaluation.picture_probe`) says what it sees; beside the model stand the painter's own pictures of the same
specifications, as they are and after the autoencoder: they tell where the probe or the autoencoder, not the model, is
at fault. Writes figures.json and contact sheets into DIR; with --card also the tables into a model card.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from core.errors import UserError
from core.models import ROOT, WEIGHTS
from core.runtime import share_cores
from corpus.captions import GENRES
from corpus.painter import SCENES
from evaluation import music_report, pictures_clips, pictures_pace
from evaluation.picture_probe import Pixels, Probe, held_out, recognition, seen, train_probe
from evaluation.pictures_prompts import SENTENCES, canonical, sheet_specs
from evaluation.pictures_report import Asked, Examination, tables
from evaluation.pictures_sets import Sets, by_model, looks, made_sets, mistaken, of_sentences, unseen
from evaluation.pictures_sheets import captioned, contact_sheet, scenes_by_emotions, side_by_side

CLIPS = ROOT.parent / "shared" / "data" / "clips"
MISTAKES = 8


def examine(pipeline: Path, probe: Probe, options: argparse.Namespace) -> Examination:
    """Measure the model in a pipeline directory, which the verb has to paint with; writes the sheets."""
    seed, out = options.seed, options.out
    out.mkdir(parents=True, exist_ok=True)
    paces = tuple(pictures_pace.pace(pipeline, _timed_prompts(options.timed), threads=n) for n in options.threads)
    sheet = by_model([canonical(spec) for spec in sheet_specs()], seed)
    contact_sheet(sheet, columns=len(GENRES)).save(out / "contact_sheet.jpg", quality=85)
    sentences = of_sentences(seed=seed)
    captioned(sentences, [sentence.prompt for sentence in SENTENCES]).save(out / "unseen.jpg", quality=88)
    sets = made_sets(pipeline, probe, n=options.n, many=options.many, seed=seed)
    _save_sheets(sets, out)
    clips, no_clips = _two_clips(options)
    return Examination(
        seed=seed,
        asked=_asked(probe, sets, sheet),
        looks=looks(probe, sets, seed=seed),
        unseen=unseen(probe, sentences),
        paces=paces,
        clips=clips,
        no_clips=no_clips,
    )


def _timed_prompts(count: int) -> list[str]:
    return [canonical(spec) for spec in sheet_specs()[:count]]


def _asked(probe: Probe, sets: Sets, sheet: Sequence[Pixels]) -> Asked:
    return Asked(
        model=sets.recognised(sets.in_model),
        canonical=recognition(sheet_specs(), seen(probe, sheet)),
        autoencoder=sets.recognised(sets.in_rebuilt),
        painter=sets.recognised(sets.in_painted),
        probe=held_out(probe),
        mistaken=mistaken(sets, MISTAKES),
    )


def _save_sheets(sets: Sets, out: Path) -> None:
    """Scenes by emotions, and one picture of every scene as painted, after the autoencoder, and by the model."""
    scenes_by_emotions(sets.specs, sets.model).save(out / "scenes.jpg", quality=85)
    each = [pictures[: len(SCENES)] for pictures in (sets.painted, sets.rebuilt, sets.model)]
    side_by_side(*each).save(out / "painter_autoencoder_model.jpg", quality=88)


def _two_clips(options: argparse.Namespace) -> tuple[pictures_clips.TwoClips | None, str]:
    """The figures of recordings and their sheet, or the reason why there are none."""
    files = pictures_clips.clip_files(options.clips)
    if len(files) < 2:
        return None, f"there are no two recordings in {options.clips.name}"
    layouts = pictures_clips.layouts_of(files)
    sets = [pictures_clips.painted(caption, layouts, seed=options.seed) for caption in pictures_clips.CAPTIONS]
    rows = [picture for each in sets for picture in (*each.without, *each.pictures)]
    contact_sheet(rows, columns=2 + len(files), size_px=160).save(options.out / "clips.jpg", quality=88)
    return pictures_clips.two_clips(sets), ""


@contextmanager
def painting_with(pipeline: Path) -> Iterator[None]:
    """Let the verb paint with the model in a directory, whatever the settings say: the bundled one or another."""
    name = "SYNTHESETE_TIER" if pipeline == WEIGHTS / "image" else "SYNTHESETE_IMAGE_MODEL"
    kept = {key: os.environ.pop(key, None) for key in ("SYNTHESETE_TIER", "SYNTHESETE_IMAGE_MODEL")}
    os.environ[name] = "bundled" if name == "SYNTHESETE_TIER" else str(pipeline)
    try:
        yield
    finally:
        del os.environ[name]
        os.environ.update({key: value for key, value in kept.items() if value is not None})


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write and print; with --card also write into the model card."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.pictures", description="Examine the picture model.")
    parser.add_argument("--out", type=Path, required=True, help="where figures.json and the sheets go")
    parser.add_argument("--directory", type=Path, default=WEIGHTS / "image", help="the model, a pipeline directory")
    parser.add_argument("--n", type=int, default=180, help="prompts that are asked")
    parser.add_argument("--many", type=int, default=512, help="pictures of each set for the distances")
    parser.add_argument("--seed", type=int, default=1000, help="of prompts and pictures")
    parser.add_argument("--probe-seed", type=int, default=101, help="of the probe and what it learns from")
    parser.add_argument("--lessons", type=int, default=2400, help="paintings that the probe learns from")
    parser.add_argument("--timed", type=int, default=6, help="pictures to measure the speed with")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of threads to time with")
    parser.add_argument("--clips", type=Path, default=CLIPS, help="a folder of recordings: two clips, one caption")
    parser.add_argument("--card", type=Path, default=None, help="write the figures into this model card")
    options = parser.parse_args(argv)
    pipeline = options.directory.resolve()
    if not (pipeline / "model_index.json").is_file():
        raise UserError(f"{options.directory} is no pipeline directory.", "Name one with a model_index.json.")
    share_cores()
    with painting_with(pipeline), pictures_pace.using(1):
        found = examine(pipeline, train_probe(options.lessons, seed=options.probe_seed), options)
    (options.out / "figures.json").write_text(json.dumps(asdict(found), indent=1) + "\n")
    text = tables(found, _command(options))
    print(text)
    if options.card:
        music_report.write_into(options.card, text)
    return 0


def _command(options: argparse.Namespace) -> str:
    numbers = " ".join(f"--{name} {getattr(options, name)}" for name in ("n", "many", "timed", "lessons"))
    return f"python -m evaluation.pictures {numbers} --out DIR"


if __name__ == "__main__":
    sys.exit(main())
