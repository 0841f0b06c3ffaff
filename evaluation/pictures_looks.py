"""How pictures look, without asking what they show: sharpness, distances between sets, variety, the autoencoder's loss.

Sharpness is the variance of the Laplacian of grey levels. It depends on what is painted (a skyline has more edges than
marbled paper), so it is always taken relative to paintings of the same specification.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from evaluation.frechet import frechet

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Sharpness:
    """Laplacian variance relative to paintings of the same specifications, 1 as sharp: over n pictures' ratios, and of
    all pictures' means."""

    median: float
    mean: float
    of_means: float
    n: int


@dataclass(frozen=True)
class Distances:
    """Squared Frechet distances to `n` paintings: of the model's pictures, of other paintings that went through the
    autoencoder, and of those other paintings, all of the same `n` specifications. The last is what n alone does."""

    model: float
    autoencoder: float
    painter: float
    n: int


@dataclass(frozen=True)
class Variety:
    """Mean distances between pictures of one prompt, relative to the painter's of one specification."""

    pixels: float
    features: float
    n_prompts: int
    n_seeds: int


def laplacian_variance(picture: Pixels) -> float:
    """The variance of the Laplacian of grey levels in [0, 1]: large for sharp pictures."""
    grey = picture.astype(np.float32).mean(2) / 255
    inner = grey[1:-1, 1:-1]
    return float((grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner).var())


def sharpness(pictures: Sequence[Pixels], *paintings: Sequence[Pixels]) -> Sharpness:
    """Of pictures beside one or more sets of paintings of their specifications, in the same order.

    Raises ValueError for no pictures, or for paintings of another size, whose Laplacian cannot be compared.
    """
    if not pictures or any(one.shape != own.shape for own, *same in _beside(pictures, paintings) for one in same):
        raise ValueError("sharpness is relative to paintings of the same size")
    made = [laplacian_variance(picture) for picture in pictures]
    real = [statistics.fmean(map(laplacian_variance, same)) for _, *same in _beside(pictures, paintings)]
    ratios = [own / like for own, like in zip(made, real, strict=True)]
    return Sharpness(
        median=statistics.median(ratios),
        mean=statistics.fmean(ratios),
        of_means=statistics.fmean(made) / statistics.fmean(real),
        n=len(ratios),
    )


def _beside(pictures: Sequence[Pixels], paintings: Sequence[Sequence[Pixels]]) -> list[tuple[Pixels, ...]]:
    return list(zip(pictures, *paintings, strict=True))


def distances(painted: Floats, *, model: Floats, autoencoder: Floats, painter: Floats) -> Distances:
    """From features (n, d) of each set. Raises ValueError where the sets are not of one size."""
    sets = (model, autoencoder, painter)
    if any(len(rows) != len(painted) for rows in sets):
        raise ValueError("the distances of sets of different sizes cannot be compared")
    return Distances(frechet(model, painted), frechet(autoencoder, painted), frechet(painter, painted), len(painted))


def variety(
    made: Sequence[Sequence[Pixels]], made_features: Sequence[Floats],
    painted: Sequence[Sequence[Pixels]], painted_features: Sequence[Floats],
) -> Variety:  # fmt: skip
    """Each argument has one row a prompt: its pictures by different seeds, or their features (n_seeds, d)."""
    return Variety(
        pixels=_spread(made, mean_difference) / _spread(painted, mean_difference),
        features=_spread(made_features, _length_between) / _spread(painted_features, _length_between),
        n_prompts=len(made),
        n_seeds=len(made[0]),
    )


def _spread(rows: Sequence[Iterable[Any]], distance: Callable[[Any, Any], float]) -> float:
    return statistics.fmean(distance(a, b) for row in rows for a, b in combinations(row, 2))


def mean_difference(first: Pixels, second: Pixels) -> float:
    """The mean absolute difference of two pictures' values, in [0, 1]."""
    return float(np.abs(first.astype(np.float32) - second.astype(np.float32)).mean() / 255)


def _length_between(first: Floats, second: Floats) -> float:
    return float(np.linalg.norm(first - second))


def reconstructed(pipeline: Path, pictures: Sequence[Pixels]) -> list[Pixels]:
    """The pictures after the autoencoder of a pipeline directory: no model that paints with it can do better."""
    from diffusers import AutoencoderTiny

    vae = AutoencoderTiny.from_pretrained(pipeline / "vae", dtype=torch.float32).eval()
    with torch.no_grad():
        return [_through(vae, picture) for picture in pictures]


def _through(vae: torch.nn.Module, picture: Pixels) -> Pixels:
    given = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    given = given.contiguous(memory_format=torch.channels_last)
    made = vae.decode(vae.encode(given).latents).sample[0].permute(1, 2, 0)
    return np.asarray(((made.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8))


def psnr_db(pictures: Sequence[Pixels], originals: Sequence[Pixels]) -> float:
    """The mean peak signal-to-noise ratio in dB; infinite where nothing is lost."""
    errors = [
        float(((a.astype(np.float32) - b.astype(np.float32)) ** 2).mean())
        for a, b in zip(pictures, originals, strict=True)
    ]
    return statistics.fmean(10 * np.log10(255**2 / error) if error else float("inf") for error in errors)
