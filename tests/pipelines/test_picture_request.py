"""Requests made definite from configuration files alone: no weights are there, none are read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import UserError
from core.models import ROOT, Model
from core.types import LAYOUT_POINTS, ImageRequest, Layout
from pipelines.picture_request import GUIDED, limits, resolved

REQUEST = ImageRequest(prompt="ocean waves")
FLAT = Layout(*[(0.5,) * LAYOUT_POINTS] * 3)


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Model]:
    """A Stable Diffusion of 512 px that is nothing but its configuration; `tier`, and changes to its scheduler."""

    def written(tier: str = "full", *, scheduler: str = "PNDM", unet: dict[str, int] | None = None) -> Model:
        files = {
            "model_index.json": {
                "_class_name": "StableDiffusionPipeline", "vae": ["diffusers", "AutoencoderKL"],
                "scheduler": ["diffusers", f"{scheduler}Scheduler"],
            },
            "unet/config.json": {"sample_size": 64} | (unet or {}),
            "vae/config.json": {"block_out_channels": [8, 8, 8, 8]},
            "scheduler/scheduler_config.json": {"original_inference_steps": 50} if scheduler == "LCM" else {},
        }  # fmt: skip
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(json.dumps(content), "utf-8")
        return Model("tiny", str(tmp_path), "", tier, "Apache-2.0")

    return written


def test_what_is_left_open_is_chosen_by_the_model(model: Callable[..., Model]) -> None:
    full = resolved(REQUEST, model())
    assert (full.size_px, full.steps, full.guidance) == (512, 25, 7.5)
    assert full.layout_strength is None
    assert resolved(full, model()) == full
    small = resolved(REQUEST, model("bundled"))
    assert (small.size_px, small.steps, small.guidance) == (512, 12, 2.5)
    assert isinstance(resolved(replace(REQUEST, steps=4.0), model()).steps, int)  # type: ignore[arg-type]


def test_a_layout_has_a_strength_and_without_one_there_is_none(model: Callable[..., Model]) -> None:
    chosen = resolved(replace(REQUEST, layout=FLAT), model()).layout_strength
    assert chosen is not None
    assert 0 < chosen < 1
    for given in (0.0, 0.4, 1.0):
        assert resolved(replace(REQUEST, layout=FLAT, layout_strength=given), model()).layout_strength == given
    assert resolved(replace(REQUEST, layout_strength=0.4), model()).layout_strength is None


def test_a_negative_prompt_raises_a_guidance_at_which_it_would_not_be_read(model: Callable[..., Model]) -> None:
    negated = replace(REQUEST, negative_prompt="people")
    assert resolved(replace(negated, guidance=1.0), model()).guidance == GUIDED > 1
    assert resolved(replace(negated, guidance=3.0), model()).guidance == 3.0
    assert resolved(negated, model()).guidance == 7.5
    assert resolved(replace(REQUEST, guidance=1.0, negative_prompt=" \n"), model()).guidance == 1.0


def test_a_model_that_reads_guidance_as_a_number_takes_no_negative_prompt(model: Callable[..., Model]) -> None:
    row = model(unet={"time_cond_proj_dim": 256})
    assert limits(row)["negative_prompt"]["acts"] is False
    with pytest.raises(UserError, match="tiny reads no negative prompt"):
        resolved(replace(REQUEST, negative_prompt="people"), row)


def test_a_consistency_model_takes_no_more_steps_than_it_was_distilled_from(model: Callable[..., Model]) -> None:
    row = model(scheduler="LCM")
    assert limits(row)["steps"]["high"] == 50
    assert resolved(replace(REQUEST, steps=50), row).steps == 50
    with pytest.raises(UserError, match="1 to 50"):
        resolved(replace(REQUEST, steps=51), row)


def test_limits_are_plain_and_true(model: Callable[..., Model]) -> None:
    row = model()
    said = json.loads(json.dumps(limits(row)))
    assert said["tier"] == "full"
    assert said["aspects"]["16:9"] == {"low": 80, "high": 768, "width_px": 680, "height_px": 384}
    assert resolved(REQUEST, row).size_px == said["size_px"]["default"]
    for name, field in (("steps", "steps"), ("guidance", "guidance"), ("size_px", "size_px")):
        for end, beyond in (("low", -8), ("high", 8)):
            resolved(replace(REQUEST, **{field: said[name][end]}), row)
            with pytest.raises(UserError, match=f"{said[name]['low']:g} to {said[name]['high']:g}"):
                resolved(replace(REQUEST, **{field: said[name][end] + beyond}), row)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "four", None, True, [4], 2.5])
@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("steps", "number of steps is"), ("size_px", "size in pixels is"), ("seed", "seed is"),
        ("guidance", "guidance is"), ("upscale", "cannot be enlarged"), ("layout_strength", "strength of the"),
    ],
)  # fmt: skip
def test_what_is_no_such_number_is_said(model: Callable[..., Model], field: str, sentence: str, wrong: object) -> None:
    left_open = wrong is None and field not in ("seed", "upscale")
    is_real = wrong == 2.5 and field == "guidance"
    request = replace(REQUEST, layout=FLAT, **{field: wrong})  # type: ignore[arg-type]
    if left_open or is_real:
        resolved(request, model())
    else:
        with pytest.raises(UserError, match=sentence):
            resolved(request, model())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"prompt": 5}, "picture prompt is no text"),
        ({"prompt": None}, "picture prompt is no text"),
        ({"negative_prompt": b"x"}, "negative prompt is no text"),
        ({"aspect": "2:1"}, "Choose one of: 1:1"),
        ({"size_px": 1024, "aspect": "16:9"}, r"1368 x 768 px.*Use a size from 80 to 768"),
        ({"upscale": 3}, "enlarged 3 times"),
        ({"upscale": 0}, "enlarged 0 times"),
        ({"layout": "a clip"}, "layout is not one"),
        ({"layout": FLAT, "layout_strength": 1.01}, "0 to 1"),
        ({"adapters": (("oil", 1.0),)}, "no adapter 'oil'"),
        ({"adapters": 5}, "adapters are no list"),
        ({"adapters": None}, "adapters are no list"),
        ({"adapters": (5,)}, "no adapter 5"),
    ],
)
def test_what_cannot_be_painted_gets_one_sentence(
    model: Callable[..., Model], change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        resolved(replace(REQUEST, **change), model())  # type: ignore[arg-type]
    assert caught.value.hint


def test_a_model_of_the_smallest_size_paints_wide_pictures_a_little_larger(model: Callable[..., Model]) -> None:
    row = model(unet={"sample_size": 8})
    assert limits(row)["aspects"]["16:9"]["width_px"] > 64
    assert resolved(REQUEST, row).size_px == 64
    wide = resolved(replace(REQUEST, aspect="16:9"), row)
    assert wide.size_px == limits(row)["aspects"]["16:9"]["low"] > 64


def test_an_incomplete_directory_is_said(model: Callable[..., Model]) -> None:
    row = model()
    (Path(row.where) / "unet/config.json").unlink()
    with pytest.raises(UserError, match="tiny is not complete"):
        limits(row)


def test_limits_of_a_model_that_has_yet_to_come_ask_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("the Hub was asked while the page waits")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr("core.models._fetched", asked)
    told = limits(Model("far-away", "nobody/far-away-picture-model", "", "full", "none"))
    assert told["size_px"]["default"] == 512
    assert "fetched when the first picture is painted" in told["notes"][0]


def test_the_page_asks_for_limits_and_adapters_without_torch() -> None:
    asked = "import sys; from pipelines.illustrate import adapters, limits; limits(); adapters(); "
    asked += "print('torch' in sys.modules)"
    environment = os.environ | {"SYNTHESETE_TIER": "bundled"}
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
