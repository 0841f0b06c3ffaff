"""Train a classifier and write it with its card: `python -m classifiers.train genre --minutes 7 --seed 0`.

genre         GTZAN's stored views; see classifiers.genre
emotion       Emotify's shares of listeners; see classifiers.emotion
music_or_not  music against speech and synthesised noise; see classifiers.music_or_not

Works with both Keras backends: tensorflow unless KERAS_BACKEND says torch. --threads bounds what it takes of the
machine. Finished members lie in the folder --work: the same command after a kill goes on behind the last of them.
"""

import argparse
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from classifiers import cards, datasets, emotion, export, fitting, genre, music_or_not, network
from core import features, runtime
from core.models import ROOT, WEIGHTS

TRAINERS = {"genre": genre, "emotion": emotion, "music_or_not": music_or_not}
RUNS = ROOT / "runs"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one classifier and write weights/NAME/{model.keras, config.json, README.md}."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=sorted(TRAINERS))
    parser.add_argument("--minutes", type=float, default=6.0, help="processor minutes of training in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=datasets.CACHE, help="folder for decoded audio")
    parser.add_argument(
        "--work", type=Path, help="folder for finished members, by default one in runs/ for each name, budget and seed"
    )
    parser.add_argument("--out", type=Path, help="folder to write to; weights/NAME by default")
    args = parser.parse_args(arguments)
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # learns two to three times as much a minute as torch
    _use_threads(args.threads)
    trainer = TRAINERS[args.name]
    # members of another seed or budget are other members
    work = args.work or RUNS / f"{args.name}_{args.minutes:g}_minutes_seed_{args.seed}"
    model, figures = trainer.train(args.minutes, args.seed, cache=args.cache, work=work)
    out = args.out or WEIGHTS / args.name
    out.mkdir(parents=True, exist_ok=True)
    network.save(network.rounded(model), out / "model.keras")
    export.export(out)
    config = {
        "labels": list(trainer.LABELS),
        "views": list(trainer.VIEWS),
        "columns": fitting.COLUMNS_30_S,
        "temperature": figures.pop("temperature", 1.0),
        "features": features.PARAMETERS,
        "figures": figures,
        "training": {"minutes": args.minutes, "seed": args.seed, "backend": runtime.keras().backend.backend()},
    }
    for name in getattr(trainer, "FILES", ()):
        shutil.copy(work / name, out / name)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (out / "README.md").write_text(cards.card(args.name, config))
    print(json.dumps(figures, indent=2))


def _use_threads(n: int) -> None:
    os.environ["OMP_NUM_THREADS"] = str(n)
    if runtime.keras().backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(n)
        tf.config.threading.set_inter_op_parallelism_threads(n)
    else:
        import torch

        torch.set_num_threads(n)


if __name__ == "__main__":
    main()
