"""The examination of adapters, on a model whose adapters are the painter's own manners."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.types import GeneratedImage, ImageRequest, Provenance
from corpus.manners import STYLES, stylise
from corpus.painter import paint
from evaluation import adapters, adapters_judge
from evaluation.adapters_judge import HANDS, Judge, Seen
from evaluation.pictures_prompts import canonical, specifications
from lora.check import AdapterInfo

N = 4
SEED = 6000


@pytest.fixture(scope="module")
def judge() -> Judge:
    return adapters_judge.train_judge(100, epochs=8)


def by_rules(request: ImageRequest) -> GeneratedImage:
    """A model whose adapters restyle a painting, mixed by their weights."""
    specs = {canonical(spec): spec for spec in specifications(N, seed=SEED)}
    pixels = paint(specs[request.prompt], request.seed, size_px=64)
    mixed = pixels.astype(float)
    for name, weight in request.adapters:
        mixed += min(weight, 1) * (stylise(pixels, name, 1).astype(float) - mixed)
    resolved = replace(request, steps=6, guidance=1.5)
    return GeneratedImage(mixed.round().astype(np.uint8), resolved, Provenance("p", "", "rules", "Apache-2.0"))


def test_the_judge_tells_styles_apart(judge: Judge) -> None:
    able = adapters_judge.abilities(judge, count=48)
    assert set(able) == set(HANDS)
    assert np.mean([style for style, _, _ in able.values()]) > 0.4  # chance is 1/8
    _, pictures = adapters_judge.restyled(16, seed=9)
    assert np.array_equal(pictures[1], adapters_judge.restyled(2, seed=9)[1][1])
    found = adapters_judge.seen(judge, pictures)
    assert len(found.hands) == len(found.emotions) == len(found.scenes) == 16


def test_every_hand_paints_equally_often() -> None:
    specs, pictures = adapters_judge.restyled(2 * len(HANDS), seed=4)
    plain = adapters_judge.paintings(specs, 4)
    same = [np.array_equal(a, b) for a, b in zip(pictures, plain, strict=True)]
    assert Counter(same) == {True: 2, False: 2 * len(STYLES)}


@pytest.fixture
def known_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that knows what was painted: a style from the amount of change, everything else from the order."""
    specs = specifications(N, seed=SEED)
    plain = [by_rules(ImageRequest(canonical(s), seed=SEED + i)).pixels for i, s in enumerate(specs)]

    def seen(_: object, pictures: list[np.ndarray]) -> Seen:
        changed = [not np.array_equal(a, b) for a, b in zip(pictures, plain, strict=True)]
        hands = tuple("neon" if c else "plain" for c in changed)
        return Seen(hands, tuple(s.emotion for s in specs), ("sea",) * N)

    monkeypatch.setattr(adapters, "seen", seen)
    monkeypatch.setattr(adapters, "illustrate", by_rules)
    monkeypatch.setattr(adapters, "train_judge", lambda: None)
    monkeypatch.setattr(adapters, "abilities", lambda judge: dict.fromkeys(HANDS, (1.0, 0.9, 0.8)))


def test_figures_count_what_the_judge_says(known_judge: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    infos = []
    for name in ("neon", "chalk"):
        path = tmp_path / name / "pytorch_lora_weights.safetensors"
        path.parent.mkdir()
        path.write_bytes(b"x" * 2000)
        infos.append(AdapterInfo(name, path, "painter", "Apache-2.0", 8, 8.0, (name,), "A hand."))
    monkeypatch.setattr(adapters, "list_adapters", lambda: infos)
    out = tmp_path / "out"
    adapters.main(["--out", str(out), "--pictures", str(N), "--cards", "--trained", "By hand."])
    said = json.loads((out / "adapters.json").read_text())
    weak, strong = said["adapters"]["neon"]["rows"][1:]
    assert said["adapters"]["neon"]["restored"] is True
    assert said["adapters"]["neon"]["rows"][0] | {"scene": 0} == {
        "weight": 0.0, "change": 0.0, "style": 0, "emotion": N, "scene": 0,
    }  # fmt: skip
    assert strong["style"] == N
    assert strong["change"] == pytest.approx(2 * weak["change"], rel=0.02)
    assert said["adapters"]["chalk"]["rows"][2]["style"] == 0
    (pair,) = said["pairs"]
    assert pair["names"] == ["neon", "chalk"]
    assert min(pair["from_base"], pair["from_first"], pair["from_second"]) > 5
    assert "By hand." in (tmp_path / "chalk" / "README.md").read_text()
    assert (out / "adapters.jpg").stat().st_size > 1000


def test_a_model_that_keeps_an_adapter_on_is_told(known_judge: None, monkeypatch: pytest.MonkeyPatch) -> None:
    examination = adapters.Examination(None, n=N, seed=SEED)  # type: ignore[arg-type]
    assert examination.examine("neon")[0].restored
    monkeypatch.setattr(adapters, "illustrate", lambda r: by_rules(replace(r, adapters=(("neon", 1.0),))))
    assert not examination.examine("neon")[0].restored


def test_an_adapter_of_ones_own_has_no_style_to_recognise(known_judge: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "illustrate", lambda r: by_rules(replace(r, adapters=())))
    figures, _ = adapters.Examination(None, n=N, seed=SEED).examine("mine")  # type: ignore[arg-type]
    assert [row.style for row in figures.rows] == [None] * 3
    assert figures.steps == 6
    assert "| mine | 0.0 |  | 4 of 4 |" in adapters.table({"mine": figures}, [])
