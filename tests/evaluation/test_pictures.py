"""The measures of pictures, on pictures whose answers are known: the painter's own."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.types import GeneratedImage, ImageRequest, Provenance
from corpus.captions import EMOTIONS, GENRES, SCENES
from corpus.painter import paint
from evaluation import pictures
from evaluation.pictures import Probe, accuracy, laplacian_variance, paintings, prompt, train_probe
from pipelines.pretrain.autoencoder import AutoencoderConfig, build


@pytest.fixture(scope="module")
def probe() -> Probe:
    return train_probe(300, epochs=6)


def test_the_probe_knows_paintings_and_not_noise(probe: Probe) -> None:
    specs, made = paintings(60, 7)
    emotion, scene = accuracy(probe, specs, made)
    assert emotion > 0.8
    assert scene > 0.8
    noise = [np.random.default_rng(i).integers(0, 256, (64, 64, 3), np.uint8) for i in range(60)]
    assert max(accuracy(probe, specs, noise)) < 0.4
    wrong = [replace(spec, emotion=EMOTIONS[(EMOTIONS.index(spec.emotion) + 1) % 9]) for spec in specs]
    assert accuracy(probe, wrong, made)[0] < 0.2


def test_laplacian_variance_grows_with_sharpness() -> None:
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    assert laplacian_variance(ramp) < 1e-10
    sharp = paintings(1, 3)[1][0]
    soft = (sharp.astype(np.uint16) + np.roll(sharp, 1, 0) + np.roll(sharp, 1, 1) + np.roll(sharp, (1, 1), (0, 1))) // 4
    assert laplacian_variance(sharp) > 1.3 * laplacian_variance(soft.astype(np.uint8))


def test_specs_cover_what_the_sheets_promise() -> None:
    sheet, scenes = pictures.sheet_specs(), pictures.scene_specs()
    assert {(s.genre, s.emotion) for s in sheet} == {(g, e) for g in GENRES for e in EMOTIONS}
    assert Counter(s.scene for s in scenes) == Counter(dict.fromkeys(SCENES, 3))
    assert Counter(s.emotion for s in scenes) == Counter(dict.fromkeys(EMOTIONS, 5))
    assert len({prompt(spec) for spec in scenes}) == len(scenes)


def test_a_model_that_is_the_painter_gets_full_marks(
    probe: Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = {prompt(spec): spec for spec in pictures.sheet_specs() + pictures.scene_specs()}

    def by_rules(request: ImageRequest) -> GeneratedImage:
        pixels = paint(specs[request.prompt], request.seed, size_px=96)
        return GeneratedImage(pixels, request, Provenance("painter", "", "rules", "Apache-2.0", seconds_taken=0.25))

    monkeypatch.setattr(pictures, "illustrate", by_rules)
    monkeypatch.setattr(pictures, "train_probe", lambda: probe)
    monkeypatch.setattr(pictures, "autoencoder_psnr_db", lambda directory: 30.0)
    figures = pictures.measure(tmp_path, tmp_path)
    assert figures.n_sheet == 90
    assert figures.n_scenes == 45
    assert min(figures.sheet_emotion, figures.sheet_scene, figures.scenes_emotion, figures.scenes_scene) > 0.8
    assert figures.seconds_per_picture == 0.25
    assert json.loads((tmp_path / "figures.json").read_text())["n_sheet"] == 90
    assert (tmp_path / "contact_sheet.jpg").stat().st_size < 400_000


def test_psnr_is_that_of_the_directory(tmp_path: Path) -> None:
    torch.manual_seed(0)
    build(AutoencoderConfig()).save_pretrained(tmp_path / "vae")
    assert 15 < pictures.autoencoder_psnr_db(tmp_path, count=3) < 24
