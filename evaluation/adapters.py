"""Whether adapters do what they promise: another hand, the same subject and mood, no trace when switched off.

Every picture comes from the verb, so adapters are judged as the app wears them, at the model's own steps and guidance.
The judge (`evaluation.adapters_judge`) names the style of a picture beside its emotion and scene. Prompts name no
style.

    python -m evaluation.adapters --out DIR          all adapters: adapters.jpg, adapters.json, a table
    python -m evaluation.adapters --out DIR --cards  and the card of each, beside it
"""

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.types import ImageRequest
from corpus.manners import STYLES
from corpus.painter import SceneSpec
from evaluation.adapters_judge import Judge, abilities, seen, train_judge
from evaluation.picture_probe import Pixels
from evaluation.pictures_prompts import canonical, specifications
from lora import card
from lora.card import Figures, Row, Usage
from lora.check import list_adapters
from pipelines.illustrate import illustrate
from pipelines.picture_tiers import OWN

WEIGHTS = (0.0, 0.5, 1.0)
PAIR_WEIGHT = 0.6
"""Of each of two adapters that are worn at once."""

SHEET_COLUMNS = 9
USAGE = Usage("weights/image", OWN["bundled"].steps, OWN["bundled"].guidance)
"""For plain diffusers, which takes the base's own scheduler."""


@dataclass(frozen=True)
class Pair:
    """Two adapters at once: mean change of a pixel (0..255) from the base's pictures and from those of each alone."""

    names: tuple[str, str]
    from_base: float
    from_first: float
    from_second: float


def painted(specs: Sequence[SceneSpec], worn: tuple[tuple[str, float], ...], *, seed: int) -> list[Pixels]:
    """The model's pictures for the canonical prompts, wearing adapters, at its own steps and guidance."""
    requests = [ImageRequest(canonical(spec), seed=seed + i, adapters=worn) for i, spec in enumerate(specs)]
    return [illustrate(request).pixels for request in requests]


def change(pictures: Sequence[Pixels], others: Sequence[Pixels]) -> float:
    """The mean absolute difference of a pixel, 0..255."""
    pairs = zip(pictures, others, strict=True)
    return float(np.mean([np.abs(a.astype(np.int16) - b).mean() for a, b in pairs]))


class Examination:
    """The pictures of one run: the base's once, and those of each adapter at each weight."""

    def __init__(self, judge: Judge, *, n: int, seed: int) -> None:
        self.judge, self.seed = judge, seed
        self.specs = specifications(n, seed=seed)
        self.able = abilities(judge)
        self.before = painted(self.specs, (), seed=seed)
        self.worn: dict[str, list[Pixels]] = {}

    def examine(self, name: str) -> tuple[Figures, list[list[Pixels]]]:
        """The figures of an adapter, and its pictures at each of WEIGHTS."""
        rows = [self.before, *(painted(self.specs, ((name, w),), seed=self.seed) for w in WEIGHTS[1:])]
        self.worn[name] = rows[-1]
        again = illustrate(ImageRequest(canonical(self.specs[0]), seed=self.seed))
        figures = Figures(
            tuple(self._row(weight, name, pictures) for weight, pictures in zip(WEIGHTS, rows, strict=True)),
            len(self.specs), again.request.steps or 0, again.request.guidance or 0.0,
            np.array_equal(again.pixels, self.before[0]), self.able.get(name, self.able["plain"]),
        )  # fmt: skip
        return figures, rows

    def _row(self, weight: float, name: str, pictures: list[Pixels]) -> Row:
        answers = seen(self.judge, pictures)
        return Row(
            weight, change(pictures, self.before), answers.hands.count(name) if name in STYLES else None,
            sum(spec.emotion == found for spec, found in zip(self.specs, answers.emotions, strict=True)),
            sum(spec.scene == found for spec, found in zip(self.specs, answers.scenes, strict=True)),
        )  # fmt: skip

    def pair(self, first: str, second: str) -> Pair:
        """Two examined adapters worn at once."""
        both = painted(self.specs, ((first, PAIR_WEIGHT), (second, PAIR_WEIGHT)), seed=self.seed)
        return Pair(
            (first, second), change(both, self.before), change(both, self.worn[first]), change(both, self.worn[second])
        )


def table(figures: dict[str, Figures], pairs: Sequence[Pair]) -> str:
    """The figures of all adapters at weight 1 and of the pairs, as Markdown."""
    lines = [
        "| adapter | mean change of a pixel | style recognised | emotion | scene | of painted ones |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in figures.items():
        last, own = found.rows[-1], " / ".join(f"{share:.0%}" for share in found.probe)
        lines.append(f"| {name} | {last.change:.1f} | {' | '.join(card.recognised(last, found.n))} | {own} |")
    if pairs:
        head = f"| two at {PAIR_WEIGHT:g} | change from the base | from the first at 1 | from the second at 1 |"
        lines += ["", head, "|---|---|---|---|"]
    for pair in pairs:
        changes = f"{pair.from_base:.1f} | {pair.from_first:.1f} | {pair.from_second:.1f}"
        lines.append(f"| {' + '.join(pair.names)} | {changes} |")
    return "\n".join(lines)


def write(out: Path, examination: Examination, figures: dict[str, Figures], pairs: Sequence[Pair]) -> None:
    """adapters.jpg (the base's pictures, and each adapter's below) and adapters.json."""
    rows = [examination.before, *(examination.worn[name] for name in figures)]
    card.sheet([pictures[:SHEET_COLUMNS] for pictures in rows]).save(out / "adapters.jpg", quality=88, optimize=True)
    said = {"adapters": {name: asdict(found) for name, found in figures.items()}, "pairs": [asdict(p) for p in pairs]}
    (out / "adapters.json").write_text(json.dumps(said, indent=1) + "\n")


def main(argv: list[str] | None = None) -> None:
    """Examine the adapters in weights/lora on the picture model that the present settings choose."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.adapters", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--adapter", action="append", default=[], help="only this one; may be given again")
    parser.add_argument("--pictures", type=int, default=18, help="for each adapter and weight")
    parser.add_argument("--seed", type=int, default=6000)
    parser.add_argument("--cards", action="store_true", help="write each adapter's card and sheet beside it")
    parser.add_argument("--trained", default="", help="a sentence on how they were trained, for the cards")
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    infos = [info for info in list_adapters() if not options.adapter or info.name in options.adapter]
    examination, figures = Examination(train_judge(), n=options.pictures, seed=options.seed), dict[str, Figures]()
    for info in infos:
        figures[info.name], rows = examination.examine(info.name)
        print(info.name, *figures[info.name].rows, sep="\n  ", flush=True)
        if options.cards:
            columns = [pictures[:SHEET_COLUMNS] for pictures in rows]
            card.write(info, figures[info.name], columns, usage=USAGE, trained=options.trained)
    pairs = [examination.pair(a.name, b.name) for a, b in itertools.pairwise(infos)]
    write(options.out, examination, figures, pairs)
    print(table(figures, pairs))


if __name__ == "__main__":
    main()
