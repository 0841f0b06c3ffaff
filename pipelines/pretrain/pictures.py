"""Painted pictures with captions on disk, the training set of the autoencoder and of the diffusion model.

A cache directory holds shards of SHARD pictures: `pictures_0003.npy` uint8 (n, size, size, 3) and `captions_0003.json`,
one list of PHRASINGS sentences a picture. Picture i of a seed is the same on every machine and in every run, so an
interrupted cache goes on where it stopped and a bigger one extends a smaller one.
"""

import argparse
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.painter import SceneSpec, caption, draw_spec, paint
from corpus.thesaurus import loose_prompt

SHARD = 500
PHRASINGS = 9
LOOSE = 3
"""Phrasings in words from outside the vocabulary."""
SIZE_PX = 256


@dataclass(frozen=True)
class Pictures:
    """Shards opened for reading (memory-mapped) and the captions of every picture."""

    shards: tuple[npt.NDArray[np.uint8], ...]
    captions: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.captions)

    def __getitem__(self, index: int) -> npt.NDArray[np.uint8]:
        """Picture `index`, uint8 (size, size, 3)."""
        shard, row = divmod(index, SHARD)
        return np.asarray(self.shards[shard][row])


def painted(directory: Path, count: int, *, seed: int = 0) -> Pictures:
    """The first `count` pictures of `seed`, painting those that `directory` does not hold yet."""
    directory.mkdir(parents=True, exist_ok=True)
    shards, captions = [], list[tuple[str, ...]]()
    for number in range(-(-count // SHARD)):
        pixels, words = directory / f"pictures_{number:04d}.npy", directory / f"captions_{number:04d}.json"
        if not words.exists():
            _paint_shard(pixels, words, number, seed)
        shards.append(np.load(pixels, mmap_mode="r"))
        captions += [tuple(row) for row in json.loads(words.read_text())]
    return Pictures(tuple(shards), tuple(captions[:count]))


def phrasings(spec: SceneSpec, rng: random.Random) -> list[str]:
    """PHRASINGS sentences for one picture: the canonical one, which describe.py speaks, varied ones, and loose ones."""
    varied = [caption(spec, rng) for _ in range(PHRASINGS - LOOSE - 1)]
    return [caption(spec), *varied, *(loose_prompt(spec.fields, rng) for _ in range(LOOSE))]


def _paint_shard(pixels: Path, words: Path, number: int, seed: int) -> None:
    """Write one shard; the captions come last, so that their presence means that the shard is whole."""
    scratch = pixels.with_suffix(".writing")
    array = np.empty((SHARD, SIZE_PX, SIZE_PX, 3), np.uint8)
    captions = []
    for row in range(SHARD):
        index = number * SHARD + row
        rng = random.Random(f"{seed}-{index}")
        spec = draw_spec(rng)
        array[row] = paint(spec, seed * 1_000_003 + index, size_px=SIZE_PX)
        captions.append(phrasings(spec, rng))
    with scratch.open("wb") as file:
        np.save(file, array)
    os.replace(scratch, pixels)
    words.write_text(json.dumps(captions))


def main() -> None:
    """Paint ahead of time: `python -m pipelines.pretrain.pictures --count 8000 --out DIR`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    pictures = painted(options.out, options.count, seed=options.seed)
    print(f"{len(pictures)} pictures in {options.out}")


if __name__ == "__main__":
    main()
