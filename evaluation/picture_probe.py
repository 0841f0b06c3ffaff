"""The judge of pictures: a small convolutional network that names a picture's scene and emotion.

It learns from paintings of corpus.painter that no picture model has seen (its own seeds), so it knows what was meant
and nothing about any model. Half of what it learns from is softened, noisy, shifted or mirrored: it shall look at
shapes and colours, not at crispness, which `evaluation.pictures_looks` measures by itself. Its 64 features are the
embedding that distances between sets of pictures are taken in.

Pictures are uint8 (height, width, 3), square; inside the probe float32 (B, 3, 128, 128) in [-1, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from classifiers.measures import wilson
from corpus.captions import EMOTIONS
from corpus.painter import SCENES, SceneSpec, paint
from evaluation.pictures_prompts import specifications

Pixels = npt.NDArray[np.uint8]
PROBE_PX = 128
FEATURES = 64
WIDTHS = (24, 48, 64, 96, 128)
SCENE_NAMES = tuple(SCENES)
BATCH = 50
_AT_ONCE = 100
_SHIFT_PX = 6


@dataclass(frozen=True)
class Share:
    """How many of `n` were right: the share, and its Wilson interval of 95 %."""

    share: float
    low: float
    high: float
    n: int


def share_of(right: Sequence[bool]) -> Share:
    """The share of what is true; of nothing at all it is unknown: 0, between 0 and 1."""
    low, high = wilson(sum(right), len(right)) if right else (0.0, 1.0)
    return Share(sum(right) / max(1, len(right)), low, high, len(right))


@dataclass(frozen=True)
class Seen:
    """What the probe sees in pictures: names of scenes and emotions, and features (n, 64)."""

    scenes: tuple[str, ...]
    emotions: tuple[str, ...]
    features: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recognition:
    """Shares of pictures whose emotion, and whose scene, is recognised."""

    emotion: Share
    scene: Share


class Probe(nn.Module):
    """(B, 3, 128, 128) in [-1, 1] -> logits of emotions (B, 9), of scenes (B, len(SCENES)), and features (B, 64)."""

    def __init__(self) -> None:
        super().__init__()
        layers, wide = list[nn.Module](), 3
        for width in WIDTHS:
            kernel = 5 if wide == 3 else 3
            layers += [nn.Conv2d(wide, width, kernel, 2, kernel // 2, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            wide = width
        grid = (PROBE_PX >> len(WIDTHS)) ** 2
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.2), nn.Linear(wide * grid, FEATURES))
        self.emotion = nn.Linear(FEATURES, len(EMOTIONS))
        self.scene = nn.Linear(FEATURES, len(SCENE_NAMES))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        features = self.body(pictures)
        active = functional.relu(features)
        return self.emotion(active), self.scene(active), features


def small(picture: Pixels) -> Pixels:
    """A picture of any size as the probe sees it, uint8 (128, 128, 3)."""
    side = (PROBE_PX, PROBE_PX)
    return np.asarray(Image.fromarray(picture).resize(side, Image.Resampling.BOX))


def as_input(smalls: npt.NDArray[np.uint8]) -> torch.Tensor:
    """uint8 (B, 128, 128, 3) as the probe's input."""
    # the kernels want channels last, which these are already
    return torch.from_numpy(smalls).permute(0, 3, 1, 2).float() / 127.5 - 1


def paintings(specs: Sequence[SceneSpec], seed: int, *, size_px: int = PROBE_PX) -> list[Pixels]:
    """The painter's answers to specifications; another `seed` paints other pictures of the same."""
    return [paint(spec, seed * 1_000_003 + i, size_px=size_px) for i, spec in enumerate(specs)]


def train_probe(count: int = 2400, *, epochs: int = 5, seed: int = 101) -> Probe:
    """A probe fitted to `count` paintings, about 70 s of one core; the global random state is left alone."""
    specs = specifications(count, seed=seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _fitted(np.stack(paintings(specs, seed)), _answers(specs), epochs)


def _fitted(smalls: npt.NDArray[np.uint8], wanted: torch.Tensor, epochs: int) -> Probe:
    probe = Probe().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(probe.parameters(), weight_decay=0.05)
    steps = len(smalls) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(smalls))[: steps * BATCH].split(BATCH):
            emotion, scene, _ = probe(_disguised(as_input(smalls[rows.numpy()])))
            loss = functional.cross_entropy(emotion, wanted[rows, 0]) + functional.cross_entropy(scene, wanted[rows, 1])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return probe.eval()


def _disguised(batch: torch.Tensor) -> torch.Tensor:
    """A batch as it is or softened, noisy, a little out of its place, mirrored: each as a coin falls."""
    if torch.rand(1) < 0.5:
        batch = functional.avg_pool2d(batch, 3, stride=1, padding=1, count_include_pad=False)
    if torch.rand(1) < 0.5:
        batch = batch.flip(3)
    if torch.rand(1) < 0.5:
        down, right = (int(v) for v in torch.randint(-_SHIFT_PX, _SHIFT_PX + 1, (2,)))
        batch = functional.pad(batch, (_SHIFT_PX,) * 4, mode="replicate")
        batch = batch[:, :, _SHIFT_PX + down :, _SHIFT_PX + right :][:, :, :PROBE_PX, :PROBE_PX]
    return batch + 0.1 * torch.rand(1) * torch.randn_like(batch)


def _answers(specs: Sequence[SceneSpec]) -> torch.Tensor:
    """Indices (B, 2) of emotion and scene."""
    return torch.tensor([(EMOTIONS.index(s.emotion), SCENE_NAMES.index(s.scene)) for s in specs])


@torch.no_grad()
def seen(probe: Probe, pictures: Sequence[Pixels]) -> Seen:
    """What the probe makes of pictures of any size."""
    scenes, emotions, features = list[str](), list[str](), list[npt.NDArray[np.float32]]()
    for start in range(0, len(pictures), _AT_ONCE):
        smalls = np.stack([small(picture) for picture in pictures[start : start + _AT_ONCE]])
        emotion, scene, found = probe(as_input(smalls))
        emotions += [EMOTIONS[i] for i in emotion.argmax(1).tolist()]
        scenes += [SCENE_NAMES[i] for i in scene.argmax(1).tolist()]
        features.append(found.numpy())
    return Seen(tuple(scenes), tuple(emotions), np.concatenate(features))


def recognition(specs: Sequence[SceneSpec], answers: Seen) -> Recognition:
    """How often the probe saw what was asked for; specifications past the pictures are ignored."""
    pairs = list(zip(specs, answers.scenes, answers.emotions, strict=False))
    return Recognition(
        emotion=share_of([spec.emotion == emotion for spec, _, emotion in pairs]),
        scene=share_of([spec.scene == scene for spec, scene, _ in pairs]),
    )


def held_out(probe: Probe, count: int = 400, *, seed: int = 202) -> Recognition:
    """How well the probe knows paintings that it has not learned from."""
    specs = specifications(count, seed=seed)
    return recognition(specs, seen(probe, paintings(specs, seed)))
