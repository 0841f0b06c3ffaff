"""A judge of music that has heard nothing but the composer.

    python -m evaluation.judge --minutes 8 --out DIR --work DIR

It learns genre and emotion from clips of pieces that neither the music model's corpus nor any examination holds, and
says of other clips what they sound like; its last layer but one is the space of `evaluation.frechet`. Its accuracy on
held-out pieces of the composer is the ceiling: what it would say of a model that had learned everything. The work
folder keeps the clips' views and a checkpoint, so a run that was stopped goes on.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from classifiers import measures
from core.fit import FitConfig, fit
from core.runtime import share_cores
from core.types import AudioClip
from corpus.captions import EMOTIONS, GENRES
from evaluation.judge_examples import N_BANDS, N_COLUMNS, VIEW, Classes, Examples, Floats, examples, view

SEED, HELD_OUT_SEED = 9001, 9002
"""Of the pieces to learn from and to be examined with; the music model's corpus is drawn from other seeds."""
_CROP = 160
_LEAST_SPREAD = 0.02  # of a statistic: what is nearly constant would be nothing but noise, enlarged
_BATCH = 32


@dataclass(frozen=True)
class Judgement:
    """Of n clips: probabilities (n, 10) and (n, 9), and `embeddings` (n, Shape.embedding)."""

    genre: Floats
    emotion: Floats
    embeddings: Floats


@dataclass(frozen=True)
class Shape:
    """The network's widths."""

    channels: tuple[int, ...] = (24, 40, 64, 96)
    embedding: int = 32
    dropout: float = 0.3


@dataclass(frozen=True)
class Ceiling:
    """What the judge gets right on `n` held-out pieces of the composer, shares and correlations."""

    n: int
    genre: float
    genre_of: dict[str, float]
    emotion: float
    emotion_correlation: float


class Network(nn.Module):
    """Views (B, N_BANDS, columns) -> logits of genre and emotion, and the embedding both are read from.

    Beside the convolutions stand each band's loudness and onsets, mean and spread: they tell instruments, and are
    learned from a few hundred clips where the convolutions need thousands.
    """

    centre: torch.Tensor
    spread: torch.Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width in zip((1, *shape.channels), shape.channels, strict=False):
            layers += [nn.Conv2d(before, width, 3, stride=2 if before == 1 else 1, padding=1, bias=False)]
            layers += [nn.GroupNorm(8, width), nn.GELU(), nn.MaxPool2d(2)]
        self.trunk = nn.Sequential(*layers[:-1])
        n_bands = N_BANDS // 2 ** len(shape.channels)
        self.merge = nn.Conv1d(shape.channels[-1] * n_bands, 128, 1)
        self.register_buffer("centre", torch.zeros(4 * N_BANDS))
        self.register_buffer("spread", torch.ones(4 * N_BANDS))
        self.plain = nn.Sequential(nn.Dropout(0.1), nn.Linear(4 * N_BANDS, 96), nn.GELU())
        self.embed = nn.Sequential(nn.Dropout(shape.dropout), nn.Linear(256 + 96, shape.embedding))
        self.genre = nn.Linear(shape.embedding, len(GENRES))
        self.emotion = nn.Linear(shape.embedding, len(EMOTIONS))

    def forward(self, views: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits (B, 10), (B, 9) and embeddings (B, d)."""
        x = nn.functional.gelu(self.merge(self.trunk(2 * views[:, None] - 1).flatten(1, 2)))
        plain = self.plain((_statistics(views) - self.centre) / self.spread)
        embedding = self.embed(torch.cat([x.mean(2), x.amax(2), plain], 1))
        return self.genre(embedding), self.emotion(embedding), embedding

    def standardise(self, views: torch.Tensor) -> None:
        """Take these views' statistics for what is usual."""
        usual = _statistics(views)
        self.centre, self.spread = usual.mean(0), usual.std(0) + _LEAST_SPREAD


def _statistics(views: torch.Tensor) -> torch.Tensor:
    """Mean and spread over time of loudness and of its rise, each band for itself, (B, 4 N_BANDS)."""
    rise = views.diff(dim=2).clamp_min(0)
    return torch.cat([views.mean(2), views.std(2), rise.mean(2), rise.std(2)], 1)


def judge(network: Network, clips: Sequence[AudioClip]) -> Judgement:
    """What the clips sound like; of a longer clip the mean over its stretches of CLIP_S."""
    network.eval()
    rows: list[list[Floats]] = [[], [], []]
    with torch.no_grad():
        for clip in clips:
            genre, emotion, embedding = network(torch.from_numpy(_stretches(view(clip))))
            answers = (genre.softmax(1), emotion.softmax(1), embedding)
            for row, answer in zip(rows, answers, strict=True):
                row.append(answer.mean(0).numpy())
    return Judgement(*(np.stack(row) for row in rows))


def _stretches(seen: Floats) -> Floats:
    """(windows, N_BANDS, N_COLUMNS); a short view is repeated."""
    n = max(1, seen.shape[1] // N_COLUMNS)
    seen = np.resize(seen.T, (max(N_COLUMNS * n, seen.shape[1]), N_BANDS)).T
    return np.stack([seen[:, i * N_COLUMNS : (i + 1) * N_COLUMNS] for i in range(n)]).astype(np.float32)


class _Course:
    """The training loss: random crops through a random equaliser, a band and a moment blanked, some clips mixed."""

    def __init__(self, network: Network, known: Examples) -> None:
        self._network, self._known = network, known

    def __call__(self, step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
        chosen, other = rng.integers(len(self._known.views), size=(2, _BATCH))
        share = np.where(rng.random(_BATCH) < 0.3, rng.uniform(0.6, 1, _BATCH), 1).astype(np.float32)
        views = self._crops(chosen, rng) * share[:, None, None] + self._crops(other, rng) * (1 - share[:, None, None])
        genre, emotion, _ = self._network.train()(torch.from_numpy(views))
        losses = {
            name: self._loss(logits, classes, (chosen, other), torch.from_numpy(share))
            for name, logits, classes in (
                ("genre", genre, self._known.genres),
                ("emotion", emotion, self._known.emotions),
            )
        }
        return {"loss": losses["genre"] + losses["emotion"]} | losses

    @staticmethod
    def _loss(
        logits: torch.Tensor, classes: Classes, drawn: tuple[Classes, Classes], share: torch.Tensor
    ) -> torch.Tensor:
        """Cross-entropy with the classes of both clips that were mixed."""
        first, second = (
            nn.functional.cross_entropy(logits, torch.from_numpy(classes[i]), reduction="none", label_smoothing=0.05)
            for i in drawn
        )
        return (first * share + second * (1 - share)).mean()

    def _crops(self, chosen: Classes, rng: np.random.Generator) -> Floats:
        return np.stack([_crop(self._known.views[i], rng) for i in chosen])


def _crop(seen: npt.NDArray[np.float16], rng: np.random.Generator) -> Floats:
    """(N_BANDS, _CROP) from anywhere in the view."""
    start = rng.integers(0, seen.shape[1] - _CROP + 1)
    piece = seen[:, start : start + _CROP].astype(np.float32)
    gains = np.interp(np.arange(N_BANDS), np.linspace(0, N_BANDS - 1, 5), rng.normal(0, 0.04, 5))
    piece = np.clip(piece + gains[:, None].astype(np.float32) * (piece > 0), 0, 1)
    band, moment = rng.integers(0, N_BANDS - 6), rng.integers(0, _CROP - 16)
    piece[band : band + rng.integers(0, 7)] = 0
    piece[:, moment : moment + rng.integers(0, 17)] = 0
    return piece


def examined(network: Network, asked: Examples) -> Ceiling:
    """The judge's figures on pieces that it was not trained on."""
    network.eval()
    with torch.no_grad():
        parts = [network(torch.from_numpy(part.astype(np.float32))) for part in _batches(asked.views)]
    genre, emotion = (torch.cat([part[i] for part in parts]).softmax(1).numpy() for i in (0, 1))
    return Ceiling(
        n=len(genre),
        genre=round(measures.accuracy(genre, asked.genres), 4),
        genre_of={
            GENRES[k]: round(float((genre.argmax(1) == k)[asked.genres == k].mean()), 3)
            for k in np.unique(asked.genres)
        },
        emotion=round(measures.accuracy(emotion, asked.emotions), 4),
        emotion_correlation=round(rank_biserial(emotion, asked.emotions), 4),
    )


def _batches(views: npt.NDArray[np.float16]) -> Iterator[npt.NDArray[np.float16]]:
    return (views[start : start + 64] for start in range(0, len(views), 64))


def rank_biserial(probabilities: Floats, classes: Classes) -> float:
    """Emotion's rank correlation: of what is asked (yes or no) with the judged probability, the mean over the labels.

    Against yes and no the rank correlation is the rank-biserial one (Cureton 1956; Glass 1965): the share of pairs of a
    clip asked for and one not asked for that stand in the right order, less the share in the wrong one, 2 AUC - 1.
    Labels that are never, or always, asked for are left out.
    """
    wanted = [(classes == k).astype(int) for k in range(probabilities.shape[1])]
    aucs = [measures.auc(probabilities[:, k], yes) for k, yes in enumerate(wanted) if 0 < yes.sum() < len(yes)]
    return 2 * float(np.mean(aucs)) - 1


def save(network: Network, shape: Shape, ceiling: Ceiling, out: Path) -> None:
    """judge.safetensors, whose metadata say how it is built, and judge.json with its figures."""
    out.mkdir(parents=True, exist_ok=True)
    meta = {"shape": json.dumps(asdict(shape)), "view": json.dumps(VIEW), "labels": json.dumps([GENRES, EMOTIONS])}
    save_file({k: v.half().contiguous() for k, v in network.state_dict().items()}, out / "judge.safetensors", meta)
    (out / "judge.json").write_text(json.dumps(asdict(ceiling), indent=1) + "\n")


def load(folder: Path) -> Network:
    """The judge kept in `folder`. Raises ValueError where it was made for other labels or views."""
    with safe_open(folder / "judge.safetensors", "pt") as file:
        meta = {name: json.loads(text) for name, text in file.metadata().items()}
        if meta["view"] != VIEW or meta["labels"] != [list(GENRES), list(EMOTIONS)]:
            raise ValueError(f"{folder} holds a judge of other labels or views")
        network = Network(Shape(**meta["shape"] | {"channels": tuple(meta["shape"]["channels"])}))
        network.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})  # noqa: SIM118
    return network.eval()


def train(n: int, held_out: int, config: FitConfig, work: Path, shape: Shape) -> tuple[Network, Ceiling]:
    """A judge that learned from `n` clips and was examined with `held_out` others."""
    known, asked = examples(n, SEED, work), examples(held_out, HELD_OUT_SEED, work)
    torch.manual_seed(config.seed)
    network = Network(shape)
    network.standardise(torch.from_numpy(known.views[:: max(1, n // 500)].astype(np.float32)))
    fit({"judge": network}, _Course(network, known), out=work, config=config)
    return network, examined(network, asked)


def main(argv: list[str] | None = None, *, shape: Shape | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.judge", description="Train the judge of music.")
    parser.add_argument("--out", type=Path, required=True, help="directory for the judge")
    parser.add_argument("--work", type=Path, required=True, help="directory for the rendered clips and the checkpoint")
    parser.add_argument("--minutes", type=float, default=8.0, help="of training, rendering not counted")
    parser.add_argument("--steps", type=int, default=None, help="exactly so many steps instead of minutes")
    parser.add_argument("--clips", type=int, default=2520, help="to learn from")
    parser.add_argument("--held-out", type=int, default=360, help="to be examined with")
    options = parser.parse_args(argv)
    share_cores()
    torch.set_num_threads(1)
    config = FitConfig(minutes=options.minutes, steps=options.steps, learning_rate=2e-3, ema=0.99, weight_decay=0.05)
    shape = shape or Shape()
    network, ceiling = train(options.clips, options.held_out, config, options.work, shape)
    save(network, shape, ceiling, options.out)
    print(json.dumps(asdict(ceiling)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
