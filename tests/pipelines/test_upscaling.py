"""Enlarging: what it must keep, and that it beats the filter that browsers use."""

import random

import numpy as np
import pytest
from PIL import Image

from corpus.painter import draw_spec, paint
from pipelines.upscaling import enlarged


def mean_square(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.mean((a.astype(float) - b.astype(float)) ** 2))


def edges(pixels: np.ndarray) -> float:
    grey = pixels.astype(float).mean(2)
    return float(np.abs(np.diff(grey, axis=0)).max(0).mean() + np.abs(np.diff(grey, axis=1)).max(1).mean())


def test_once_is_the_picture_itself() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(enlarged(pixels, 1), pixels)


@pytest.mark.parametrize("shape", [(24, 40, 3), (33, 17, 3)])
def test_twice_has_twice_the_sides_and_keeps_flat_colour(shape: tuple[int, int, int]) -> None:
    pixels = np.full(shape, (200, 30, 90), np.uint8)
    large = enlarged(pixels, 2)
    assert large.shape == (2 * shape[0], 2 * shape[1], 3)
    assert large.dtype == np.uint8
    assert np.array_equal(large, np.full_like(large, (200, 30, 90)))


def test_a_painting_comes_nearer_to_the_large_one_than_by_the_bicubic_filter() -> None:
    ours = bicubic = sharp = soft = 0.0
    for seed in range(4):
        spec = draw_spec(random.Random(seed))
        small, large = paint(spec, seed, size_px=128), paint(spec, seed, size_px=256)
        by_filter = np.asarray(Image.fromarray(small).resize((256, 256), Image.Resampling.BICUBIC))
        made = enlarged(small, 2)
        ours, bicubic = ours + mean_square(made, large), bicubic + mean_square(by_filter, large)
        sharp, soft = sharp + edges(made), soft + edges(by_filter)
    assert ours < bicubic
    assert sharp > 1.02 * soft
