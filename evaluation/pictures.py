"""How good the pictures of a model are: does it paint what it was asked for, how sharply, and how fast.

Emotion and scene are judged by a probe, a small classifier trained on pictures of corpus.painter; its own accuracy on
held-out paintings is reported beside, as the ceiling. Sharpness is the variance of the Laplacian of grey levels,
relative to paintings of the same specification. Every picture comes from the verb `pipelines.illustrate.illustrate`.

    python -m evaluation.pictures --out DIR       contact_sheet.jpg and figures.json
"""

import argparse
import itertools
import json
import random
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from core.types import ImageRequest
from corpus.captions import EMOTIONS, GENRES, SCENES, Fields, image_prompt, scene_for
from corpus.painter import SceneSpec, draw_spec, paint
from pipelines.illustrate import illustrate

Pixels = npt.NDArray[np.uint8]
PROBE_PX = 64
SCENE_NAMES = tuple(SCENES)


@dataclass(frozen=True)
class Figures:
    """What is measured; accuracies are shares in [0, 1], `n_` are numbers of pictures."""

    n_sheet: int
    sheet_emotion: float
    sheet_scene: float
    n_scenes: int
    scenes_emotion: float
    scenes_scene: float
    probe_emotion: float
    probe_scene: float
    sharpness_ratio: float
    autoencoder_psnr_db: float
    seconds_per_picture: float
    threads: int


class Probe(nn.Module):
    """(B, 3, 64, 64) in [-1, 1] -> logits (B, 9) of emotions and (B, 15) of scenes."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        sizes = (3, width, 2 * width, 3 * width, 4 * width)
        layers: list[nn.Module] = []
        for low, high in itertools.pairwise(sizes):
            layers += [nn.Conv2d(low, high, 3, stride=2, padding=1), nn.BatchNorm2d(high), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.emotion = nn.Linear(4 * width, len(EMOTIONS))
        self.scene = nn.Linear(4 * width * 16, len(SCENE_NAMES))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.body(pictures)
        return self.emotion(features.mean((2, 3))), self.scene(features.flatten(1))


def small(pictures: Sequence[Pixels]) -> torch.Tensor:
    """Pictures (H, W, 3) of any size as a probe's input (B, 3, 64, 64)."""
    rows = [np.asarray(Image.fromarray(p).resize((PROBE_PX, PROBE_PX), Image.Resampling.BOX)) for p in pictures]
    return torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2).float() / 127.5 - 1


def answers(specs: Sequence[SceneSpec]) -> torch.Tensor:
    """Indices (B, 2) of emotion and scene."""
    return torch.tensor([(EMOTIONS.index(s.emotion), SCENE_NAMES.index(s.scene)) for s in specs])


def paintings(count: int, seed: int) -> tuple[list[SceneSpec], list[Pixels]]:
    """Random specifications and the painter's answers, 128 px."""
    rng = random.Random(seed)
    specs = [draw_spec(rng) for _ in range(count)]
    return specs, [paint(spec, seed * 7919 + i, size_px=128) for i, spec in enumerate(specs)]


def train_probe(count: int = 1000, *, epochs: int = 8, seed: int = 101) -> Probe:
    """A probe fitted to `count` paintings, slightly blurred and noisy so that it looks at shapes, not at crispness."""
    specs, pictures = paintings(count, seed)
    inputs, wanted = small(pictures), answers(specs)
    torch.manual_seed(seed)
    probe = Probe()
    optimiser = torch.optim.AdamW(probe.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * (count // 50))
    for _ in range(epochs):
        for rows in torch.randperm(count)[: count // 50 * 50].split(50):
            batch = inputs[rows] + 0.1 * torch.randn(1) * torch.randn_like(inputs[rows])
            if torch.rand(1) < 0.5:
                batch = functional.avg_pool2d(batch, 3, stride=1, padding=1, count_include_pad=False)
            emotion, scene = probe(batch)
            loss = functional.cross_entropy(emotion, wanted[rows, 0]) + functional.cross_entropy(scene, wanted[rows, 1])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return probe.eval()


@torch.no_grad()
def accuracy(probe: Probe, specs: Sequence[SceneSpec], pictures: Sequence[Pixels]) -> tuple[float, float]:
    """The shares of pictures whose emotion and whose scene the probe recognises."""
    emotion, scene = probe(small(pictures))
    wanted = answers(specs)
    hits = torch.stack([emotion.argmax(1) == wanted[:, 0], scene.argmax(1) == wanted[:, 1]]).float().mean(1)
    return float(hits[0]), float(hits[1])


def laplacian_variance(picture: Pixels) -> float:
    """The variance of the Laplacian of grey levels in [0, 1]: large for sharp pictures."""
    grey = picture.astype(np.float32).mean(2) / 255
    inner = grey[1:-1, 1:-1]
    return float((grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner).var())


def sheet_specs() -> list[SceneSpec]:
    """Ten genres by nine emotions, row by row, each in the scene that stands for them."""
    return [
        SceneSpec(scene_for(genre, emotion), emotion, genre, 70.0 + 11 * ((g + e) % 10))
        for e, emotion in enumerate(EMOTIONS)
        for g, genre in enumerate(GENRES)
    ]


def scene_specs() -> list[SceneSpec]:
    """Every scene in three emotions (each emotion equally often), with genres that need not fit."""
    return [
        SceneSpec(scene, EMOTIONS[(s + 3 * k) % 9], GENRES[(s + 3 * k) % 10], 70.0 + 11 * ((s + k) % 10))
        for k in range(3)
        for s, scene in enumerate(SCENE_NAMES)
    ]


def prompt(spec: SceneSpec) -> str:
    """The canonical prompt of a specification."""
    return image_prompt(Fields(genre=spec.genre, emotion=spec.emotion, tempo_bpm=spec.tempo_bpm, scene=spec.scene))


def painted_by_model(specs: Sequence[SceneSpec], *, seed: int) -> tuple[list[Pixels], list[float]]:
    """The model's pictures at its default settings, and the seconds that each took."""
    results = [illustrate(ImageRequest(prompt=prompt(spec), seed=seed + i)) for i, spec in enumerate(specs)]
    return [r.pixels for r in results], [r.provenance.seconds_taken for r in results]


def contact_sheet(pictures: Sequence[Pixels], *, columns: int, size_px: int = 112) -> Image.Image:
    """Pictures in rows of `columns`, each scaled to `size_px`."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * size_px, rows * size_px))
    for i, picture in enumerate(pictures):
        tile = Image.fromarray(picture).resize((size_px, size_px), Image.Resampling.LANCZOS)
        sheet.paste(tile, (i % columns * size_px, i // columns * size_px))
    return sheet


@torch.no_grad()
def autoencoder_psnr_db(directory: Path, *, count: int = 60, seed: int = 909) -> float:
    """Mean PSNR in dB of paintings (256 px) that went through the autoencoder of a pipeline directory."""
    from diffusers import AutoencoderTiny

    from pipelines.pretrain.autoencoder import psnr_db, to_tensor

    vae = AutoencoderTiny.from_pretrained(directory / "vae", dtype=torch.float32).eval()
    rng, scores = random.Random(seed), []
    for i in range(count):
        real = to_tensor(paint(draw_spec(rng), seed * 7919 + i, size_px=256)[None])
        scores.append(psnr_db(vae.decode(vae.encode(real).latents).sample, real).item())
    return statistics.fmean(scores)


def measure(directory: Path, out: Path, *, seed: int = 1000) -> Figures:
    """Measure the bundled model in `directory`; writes the contact sheet and the figures into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    probe = train_probe()
    held_specs, held = paintings(300, 202)
    ceiling = accuracy(probe, held_specs, held)
    first, second = sheet_specs(), scene_specs()
    sheet, seconds = painted_by_model(first, seed=seed)
    contact_sheet(sheet, columns=len(GENRES)).save(out / "contact_sheet.jpg", quality=85)
    scenes, _ = painted_by_model(second, seed=seed + 500)
    contact_sheet(scenes, columns=len(SCENE_NAMES)).save(out / "scenes.jpg", quality=85)
    real = [paint(spec, 31 * i, size_px=256) for i, spec in enumerate(second)]
    ratio = statistics.fmean(map(laplacian_variance, scenes)) / statistics.fmean(map(laplacian_variance, real))
    on_sheet, on_scenes = accuracy(probe, first, sheet), accuracy(probe, second, scenes)
    figures = Figures(
        n_sheet=len(sheet), sheet_emotion=on_sheet[0], sheet_scene=on_sheet[1], n_scenes=len(scenes),
        scenes_emotion=on_scenes[0], scenes_scene=on_scenes[1], probe_emotion=ceiling[0], probe_scene=ceiling[1],
        sharpness_ratio=ratio, autoencoder_psnr_db=autoencoder_psnr_db(directory),
        seconds_per_picture=statistics.median(seconds), threads=torch.get_num_threads(),
    )  # fmt: skip
    (out / "figures.json").write_text(json.dumps(asdict(figures), indent=1) + "\n")
    return figures


def main() -> None:
    """Measure the picture model that the present settings choose."""
    from core.models import resolve

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for name, value in asdict(measure(Path(resolve("image").where), options.out, seed=options.seed)).items():
        print(f"{name:24}{value:.3f}" if isinstance(value, float) else f"{name:24}{value}")


if __name__ == "__main__":
    main()
