"""The bundled MusicGen's examination: does it do what is asked, does it make sense, is it its own, how fast is it.

    python -m evaluation.music --n 180 --judge DIR [--card weights/music/README.md] [--json out.json]

The same requests go to the model and to the composer, whose pieces it was trained on: the composer's figures are what
perfect learning would give, and tell where our ears or the judge, not the music, are at fault. Clips are kept in the
work folder under the commit and the weights that they come from, so a run that was stopped goes on.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from core.models import resolve
from core.runtime import share_cores
from core.types import MusicRequest, no_progress
from corpus import composer, score
from evaluation import judge, music_report, music_speed, music_words, results
from evaluation.frechet import frechet
from evaluation.music_clips import records
from evaluation.music_figures import as_asked, embeddings, follows
from evaluation.music_prompts import SENTENCES, requests
from evaluation.music_report import Answered, Examination, Worded, Written
from evaluation.music_scores import Known, known_tunes, sense
from pipelines.engines import musicgen, score_writer

Tokens = npt.NDArray[np.int64]

LONG_S = 60.0
OTHER_SEED = 1
"""Of the composer's second set, whose distance from its first is that of two halves of the same."""


def in_words(request: MusicRequest) -> MusicRequest:
    """The request with nothing but its sentence."""
    return replace(request, tempo_bpm=None, genre=None, emotion=None, key=None)


def answered(options: argparse.Namespace, work: Path) -> Answered:
    """Make, hear and judge the clips."""
    network = judge.load(options.judge)
    asked, other = requests(options.n), requests(options.n, OTHER_SEED)
    by_rules, again = ([replace(r, engine="composer") for r in each] for each in (asked, other))
    composer_rows = records(by_rules, network, work / "composer.jsonl")
    again_rows = records(again, network, work / "composer-again.jsonl")
    rows = records(asked, network, work / "model.jsonl")
    worded = records([in_words(r) for r in asked[: options.words]], network, work / "model-words.jsonl")
    long = records([replace(r, seconds=LONG_S) for r in asked[: options.long]], network, work / "model-long.jsonl")
    worded = [as_asked(row, r) for row, r in zip(worded, asked, strict=False)]
    return Answered(
        model=follows(rows),
        in_words=follows(worded),
        long=follows(long),
        composer=follows(composer_rows),
        distance=round(frechet(embeddings(rows), embeddings(again_rows)), 3),
        distance_of_halves=round(frechet(embeddings(composer_rows), embeddings(again_rows)), 3),
    )


def written(options: argparse.Namespace, loaded: musicgen.Loaded, known: Known) -> Written:
    """Long pieces, as scores alone."""
    asked = [replace(r, seconds=LONG_S) for r in requests(seed=2)[: options.scores]]
    model = [score_of(loaded, request) for request in asked]
    free = [score_of(loaded, request, in_scale=False) for request in asked[: options.scores // 3]]
    rules = [composed(request, tokens) for request, tokens in zip(asked, model, strict=True)]
    return Written(sense(model, known), sense(free, known), sense(rules, known), len(asked))


def score_of(loaded: musicgen.Loaded, request: MusicRequest, *, in_scale: bool = True) -> Tokens:
    """The score that the model writes; with `in_scale` false nothing keeps its tune in the scale."""
    made = score_writer.write(loaded, (request,), no_progress, in_scale=in_scale)[0]
    return np.asarray(made.tokens, np.int64)


def composed(request: MusicRequest, like: Tokens) -> Tokens:
    """The composer's answer to the same request, in the same metre and of as many steps."""
    return composer.compose(
        request.seed,
        genre=request.genre,
        emotion=request.emotion,
        tempo_bpm=request.tempo_bpm,
        key=request.key,
        metre=score.Header.unpack(like).metre,
        steps=like.shape[1] - score.N_HEADER_FRAMES,
    ).astype(np.int64)


def examine(options: argparse.Namespace) -> Examination:
    """All the parts, cheapest to repeat last."""
    work = options.work / f"{results.commit()}-{fingerprint(Path(resolve('music').where))}"
    clips = answered(options, work)
    loaded = music_speed.loaded_musicgen()
    known = known_tunes(options.known, options.training_seed, options.held_out, options.work)
    return Examination(
        clips,
        written(options, loaded, known),
        worded(loaded),
        music_speed.speed(requests(seed=3)[: options.timed]),
    )


def worded(loaded: musicgen.Loaded) -> Worded:
    """The sentences, both ways."""
    forced, free = music_words.through_the_verb(SENTENCES), music_words.left_free(loaded, SENTENCES)
    return Worded(forced, free, len(SENTENCES))


def fingerprint(weights: Path) -> str:
    """Eight letters for the weights in a directory."""
    digest = hashlib.sha256()
    for shard in sorted(weights.glob("*.safetensors")):
        digest.update(shard.read_bytes())
    return digest.hexdigest()[:8]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; with --card also write into the model card."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.music", description="Examine the bundled MusicGen.")
    parser.add_argument("--n", type=int, default=180, help="requests of 10 s")
    parser.add_argument("--judge", type=Path, required=True, help="what evaluation.judge made")
    parser.add_argument("--work", type=Path, default=Path("runs/examination"), help="where clips' records are kept")
    parser.add_argument("--words", type=int, default=60, help="of them asked for again in words alone")
    parser.add_argument("--long", type=int, default=10, help="of them made again 60 s long")
    parser.add_argument("--scores", type=int, default=30, help="scores of 60 s")
    parser.add_argument("--timed", type=int, default=7, help="clips to measure the speed with")
    parser.add_argument("--known", type=int, default=8000, help="training pieces to look for copies in")
    parser.add_argument("--training-seed", type=int, default=4, help="the seed that the corpus was written with")
    parser.add_argument("--held-out", type=int, default=400, help="its first pieces, which were not trained on")
    parser.add_argument("--card", type=Path, default=None, help="write the figures into this model card")
    parser.add_argument("--json", type=Path, default=None, help="write the figures into this file")
    options = parser.parse_args(argv)
    share_cores()
    torch.set_num_threads(1)
    found = examine(options)
    if options.json:
        options.json.write_text(json.dumps(asdict(found), indent=1) + "\n")
    text = music_report.tables(found, _command(options))
    print(text)
    if options.card:
        music_report.write_into(options.card, text)
    return 0


def _command(options: argparse.Namespace) -> str:
    return f"python -m evaluation.music --n {options.n} --judge DIR, commit {results.commit()}"


if __name__ == "__main__":
    sys.exit(main())
