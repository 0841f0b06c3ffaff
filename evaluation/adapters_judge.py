"""The judge of adapters: a small network that names a picture's hand (plain or a style), its emotion and its scene.

It learns from the painter's pictures, plain and in every manner of corpus.manners; `evaluation.picture_probe`, which
judges the base model, has seen plain paintings only and takes a neon forest for anything but a forest.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from corpus.captions import EMOTIONS
from corpus.manners import STYLES, stylise
from corpus.painter import SceneSpec
from evaluation.picture_probe import FEATURES, SCENE_NAMES, Pixels, Probe, as_input, paintings, small
from evaluation.pictures_prompts import specifications

HANDS = ("plain", *STYLES)
BATCH = 20


@dataclass(frozen=True)
class Seen:
    """What the probe sees in each picture: names of hands, emotions and scenes."""

    hands: tuple[str, ...]
    emotions: tuple[str, ...]
    scenes: tuple[str, ...]


class Judge(nn.Module):
    """(B, 3, 128, 128) in [-1, 1] -> logits of hands (B, len(HANDS)), emotions and scenes."""

    def __init__(self) -> None:
        super().__init__()
        self.eyes = Probe()
        self.hand = nn.Linear(FEATURES, len(HANDS))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        emotion, scene, features = self.eyes(pictures)
        return self.hand(functional.relu(features)), emotion, scene


def restyled(count: int, *, seed: int) -> tuple[list[SceneSpec], list[Pixels]]:
    """Paintings of 128 px, each in the next of HANDS, and what they show."""
    specs = specifications(count, seed=seed)
    pictures = [
        pixels if hand == "plain" else stylise(pixels, hand, seed + i)
        for i, (pixels, hand) in enumerate(zip(paintings(specs, seed), itertools.cycle(HANDS), strict=False))
    ]
    return specs, pictures


def train_judge(count: int = 2400, *, epochs: int = 6, seed: int = 303) -> Judge:
    """A judge fitted to `count` paintings in about two minutes of one core; the global random state is left alone."""
    specs, pictures = restyled(count, seed=seed)
    wanted = torch.tensor(
        [(i % len(HANDS), EMOTIONS.index(s.emotion), SCENE_NAMES.index(s.scene)) for i, s in enumerate(specs)]
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _fitted(np.stack(pictures), wanted, epochs)


def _fitted(pictures: Pixels, wanted: torch.Tensor, epochs: int) -> Judge:
    judge = Judge().to(memory_format=torch.channels_last)
    steps = len(pictures) // BATCH
    optimiser = torch.optim.AdamW(judge.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(pictures))[: steps * BATCH].split(BATCH):
            batch = as_input(pictures[rows.numpy()])
            if torch.rand(1) < 0.5:  # a model's pictures are softer than paintings
                batch = functional.avg_pool2d(batch, 3, stride=1, padding=1, count_include_pad=False)
            answers = judge(batch + 0.1 * torch.rand(1) * torch.randn_like(batch))
            losses = [functional.cross_entropy(answer, wanted[rows, i]) for i, answer in enumerate(answers)]
            optimiser.zero_grad()
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return judge.eval()


@torch.no_grad()
def seen(judge: Judge, pictures: Sequence[Pixels]) -> Seen:
    """What the judge makes of pictures of any size."""
    found = [judge(as_input(np.stack([small(p) for p in pictures[i : i + 50]]))) for i in range(0, len(pictures), 50)]
    best = [torch.cat(part).argmax(1).tolist() for part in zip(*found, strict=True)]
    names = (HANDS, EMOTIONS, SCENE_NAMES)
    return Seen(*(tuple(known[i] for i in part) for known, part in zip(names, best, strict=True)))


def abilities(judge: Judge, *, count: int = 400, seed: int = 404) -> dict[str, tuple[float, float, float]]:
    """Of each hand the shares of held-out paintings whose hand, emotion and scene the judge names."""
    specs, pictures = restyled(count, seed=seed)
    answers = seen(judge, pictures)
    right = np.array(
        [
            (hand == HANDS[i % len(HANDS)], emotion == spec.emotion, scene == spec.scene)
            for i, (spec, hand, emotion, scene) in enumerate(
                zip(specs, answers.hands, answers.emotions, answers.scenes, strict=True)
            )
        ]
    )
    means = [right[i :: len(HANDS)].mean(0) for i in range(len(HANDS))]
    return {hand: (float(m[0]), float(m[1]), float(m[2])) for hand, m in zip(HANDS, means, strict=True)}
