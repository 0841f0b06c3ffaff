"""The whole examination, with a model that is the painter: it gets full marks, and a bad one does not."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.models import WEIGHTS, resolve
from core.types import GeneratedImage, ImageRequest, Provenance
from corpus.captions import EMOTIONS
from corpus.painter import SceneSpec
from evaluation import picture_probe, pictures, pictures_clips, pictures_pace, pictures_sets
from evaluation.picture_probe import FEATURES, SCENE_NAMES, Pixels, Probe, Seen
from evaluation.pictures_prompts import SENTENCES, canonical, phrased, sheet_specs, specifications

SIDE_PX = 16


def sketch(spec: SceneSpec, seed: int, *, size_px: int = SIDE_PX) -> Pixels:
    """Noise whose first pixel says what it shows."""
    picture = np.random.default_rng(seed).integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)
    picture[0, 0] = SCENE_NAMES.index(spec.scene), EMOTIONS.index(spec.emotion), 0
    return picture


def read(probe: Probe, sketches: Sequence[Pixels]) -> Seen:
    """What sketches show; their features are their last pixels."""
    firsts = [picture[0, 0] for picture in sketches]
    features = np.stack([picture[8:].ravel()[:FEATURES] for picture in sketches]).astype(np.float32)
    return Seen(tuple(SCENE_NAMES[f[0]] for f in firsts), tuple(EMOTIONS[f[1]] for f in firsts), features)


def answer(sentence: str) -> SceneSpec:
    fitting = next(s for s in SENTENCES if s.prompt == sentence)
    return SceneSpec((*fitting.scenes, "sea")[0], (*fitting.emotions, "power")[0], "pop", 100.0)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, SceneSpec]:
    """The prompts that the sketching model knows; whatever else is slow is replaced as well."""
    specs = specifications(40, seed=1000)
    prompts = dict(zip(phrased(specs, seed=1000), specs, strict=True)) | {canonical(s): s for s in sheet_specs()}
    prompts |= {sentence.prompt: answer(sentence.prompt) for sentence in SENTENCES}

    def illustrate(request: ImageRequest) -> GeneratedImage:
        where = Provenance("painter", "", "rules", "Apache-2.0")
        return GeneratedImage(sketch(prompts[request.prompt], request.seed), request, where)

    monkeypatch.setattr(picture_probe, "paint", sketch)
    monkeypatch.setattr(picture_probe, "seen", read)
    for module in (pictures, pictures_sets):
        monkeypatch.setattr(module, "seen", read)
    for module in (pictures_pace, pictures_sets, pictures_clips):
        monkeypatch.setattr(module, "illustrate", illustrate)
    monkeypatch.setattr(pictures_sets, "reconstructed", lambda pipeline, painted: list(painted))
    monkeypatch.setattr(pictures_pace, "plain_painter", lambda pipeline: lambda prompt, steps: None)
    monkeypatch.setattr(pictures, "train_probe", lambda count, seed: Probe())
    return prompts


def examined(tmp_path: Path, *more: str) -> dict[str, dict]:
    """The figures of a small examination."""
    (tmp_path / "model").mkdir(exist_ok=True)
    (tmp_path / "model" / "model_index.json").write_text("{}")
    out = tmp_path / "out"
    places = ["--out", str(out), "--directory", str(tmp_path / "model"), "--clips", str(tmp_path)]
    assert pictures.main([*places, "--n", "30", "--many", "40", "--timed", "2", *more]) == 0
    figures: dict[str, dict] = json.loads((out / "figures.json").read_text())
    return figures


def test_a_model_that_is_the_painter_gets_full_marks(known: dict[str, SceneSpec], tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("# Card\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nrest\n")
    figures = examined(tmp_path, "--card", str(card))
    asked, looks = figures["asked"], figures["looks"]
    for who in ("model", "canonical", "autoencoder", "painter", "probe"):
        assert asked[who]["scene"]["share"] == asked[who]["emotion"]["share"] == 1
    assert asked["model"]["scene"]["n"] == 30
    assert asked["mistaken"] == {}
    assert figures["unseen"]["scene"]["share"] == figures["unseen"]["emotion"]["share"] == 1
    assert looks["distances"]["n"] == 40
    assert looks["distances"]["autoencoder"] == looks["distances"]["painter"]
    assert set(looks["scenes"]) == set(SCENE_NAMES)
    assert looks["model"]["median"] == pytest.approx(1, abs=0.2)  # one noise is as sharp as another
    assert looks["variety"]["pixels"] == pytest.approx(1, abs=0.1)
    assert figures["clips"] is None
    assert [pace["threads"] for pace in figures["paces"]] == [1, 2]
    sheets = {path.name for path in (tmp_path / "out").glob("*.jpg")}
    assert sheets == {"contact_sheet.jpg", "scenes.jpg", "unseen.jpg", "painter_autoencoder_model.jpg"}
    assert "old" not in card.read_text()
    assert "| the model, varied phrasings | 30 | 100.0% (89 to 100) |" in card.read_text()
    assert card.read_text().endswith("<!-- measured: end -->\nrest\n")


def test_a_model_that_paints_one_picture_is_found_out(known: dict[str, SceneSpec], tmp_path: Path) -> None:
    only = SceneSpec("sea", "power", "pop", 100.0)
    known.update(dict.fromkeys(known, only))
    figures = examined(tmp_path)
    assert figures["asked"]["model"]["scene"]["share"] < 0.2
    assert figures["asked"]["painter"]["scene"]["share"] == 1
    assert len(figures["asked"]["mistaken"]) == pictures.MISTAKES
    assert all(what.endswith("for sea") for what in figures["asked"]["mistaken"])
    assert figures["unseen"]["scene"]["share"] < 0.3


def test_the_verb_paints_with_the_directory_and_settings_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHESETE_TIER", "full")
    monkeypatch.delenv("SYNTHESETE_IMAGE_MODEL", raising=False)
    with pictures.painting_with(tmp_path):
        assert resolve("image").where == str(tmp_path)
    with pictures.painting_with(WEIGHTS / "image"):
        assert resolve("image").tier == "bundled"
    assert os.environ["SYNTHESETE_TIER"] == "full"
    assert "SYNTHESETE_IMAGE_MODEL" not in os.environ


def test_a_directory_without_a_pipeline_is_refused_before_anything_is_painted(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no pipeline directory"):
        pictures.main(["--out", str(tmp_path / "out"), "--directory", str(tmp_path)])
    assert not (tmp_path / "out").exists()
