"""The measures of looks, on pictures whose answers are known."""

from pathlib import Path

import numpy as np
import pytest
import torch

from evaluation.picture_probe import Pixels, paintings
from evaluation.pictures_looks import (
    distances,
    laplacian_variance,
    mean_difference,
    psnr_db,
    reconstructed,
    sharpness,
    variety,
)  # fmt: skip
from evaluation.pictures_prompts import specifications
from pipelines.pretrain.autoencoder import AutoencoderConfig, build


@pytest.fixture(scope="module")
def painted() -> list[Pixels]:
    return paintings(specifications(3, seed=3), 3)


def softened(picture: Pixels) -> Pixels:
    wide = picture.astype(np.uint16)
    four = wide + np.roll(wide, 1, 0) + np.roll(wide, 1, 1) + np.roll(wide, (1, 1), (0, 1))
    return (four // 4).astype(np.uint8)


def test_laplacian_variance_is_zero_on_a_ramp_and_known_on_a_checkerboard() -> None:
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    assert laplacian_variance(ramp) < 1e-10
    board = (255 * (np.indices((64, 64)).sum(0) % 2)).astype(np.uint8)[..., None].repeat(3, 2)
    assert laplacian_variance(board) == pytest.approx(16)  # +4 and -4 by turns


def test_sharpness_is_relative_to_the_same_specification(painted: list[Pixels]) -> None:
    same = sharpness(painted, painted)
    assert (same.median, same.mean, same.of_means, same.n) == (1, 1, 1, 3)
    soft = sharpness([softened(p) for p in painted], painted, painted)
    assert max(soft.median, soft.mean, soft.of_means) < 0.8
    with pytest.raises(ValueError, match="same size"):
        sharpness([p[::2, ::2] for p in painted], painted)
    with pytest.raises(ValueError, match="same size"):
        sharpness([], [])


def test_a_shift_of_the_features_is_the_distance() -> None:
    rng = np.random.default_rng(0)
    painted, again, other = (rng.normal(size=(400, 4)) for _ in range(3))
    found = distances(painted, model=painted + np.array([2, 0, 0, 0]), autoencoder=again, painter=other)
    assert found.model == pytest.approx(4, abs=1e-6)
    assert found.autoencoder == pytest.approx(found.painter, abs=0.1)
    with pytest.raises(ValueError, match="different sizes"):
        distances(painted, model=again[:-1], autoencoder=again, painter=other)


def test_variety_is_one_for_the_painter_and_none_for_a_model_that_knows_one_picture(painted: list[Pixels]) -> None:
    features = [np.random.default_rng(0).normal(size=(3, 8))]
    own = variety([painted], features, [painted], features)
    assert (own.pixels, own.features, own.n_prompts, own.n_seeds) == (1, 1, 1, 3)
    stuck = variety([[painted[0]] * 3], [features[0] * 0], [painted], features)
    assert (stuck.pixels, stuck.features) == (0, 0)


def test_difference_and_psnr_of_known_pictures() -> None:
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    assert mean_difference(black, white) == 1
    assert psnr_db([black], [white]) == pytest.approx(0)
    assert psnr_db([black + 1], [black]) == pytest.approx(48.13, abs=0.01)
    assert psnr_db([black], [black]) == float("inf")


def test_reconstructions_come_from_the_directory(tmp_path: Path, painted: list[Pixels]) -> None:
    torch.manual_seed(0)
    build(AutoencoderConfig()).save_pretrained(tmp_path / "vae")
    made = reconstructed(tmp_path, painted)
    assert made[0].shape == painted[0].shape
    assert 12 < psnr_db(made, painted) < 24  # it starts as a blur
    assert sharpness(made, painted).median < 0.5
