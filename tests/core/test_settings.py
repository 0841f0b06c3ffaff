"""Every field of a request comes back from its JSON; the line for other tools; a sentence for what is no setting."""

import json
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
import pytest

from core.errors import UserError
from core.settings import film_json, parameters_text, settings_in, settings_json
from core.types import (
    LAYOUT_POINTS,
    AudioClip,
    GeneratedClip,
    GeneratedImage,
    ImageRequest,
    Layout,
    MusicRequest,
    Provenance,
)

CURVE = tuple(i / (LAYOUT_POINTS - 1) for i in range(LAYOUT_POINTS))
LAYOUT = Layout(CURVE, CURVE[::-1], tuple(value**2 for value in CURVE))
EVERYTHING = ImageRequest(
    "sea, calm ünïcode", "blur", 42, 6, 1.5, 256, (("watercolour", 0.8), ("a, b: c", -0.5)), "16:9", 2, LAYOUT, 0.3
)
ORIGIN = Provenance("synthesete-painter", "", "bundled", "Apache-2.0", sampler="LCM")


def made(request: ImageRequest) -> GeneratedImage:
    return GeneratedImage(np.zeros((288, 512, 3), np.uint8), request, ORIGIN)


def changed(**change: Any) -> str:
    data = json.loads(settings_json(made(EVERYTHING), {}))
    return json.dumps(data | {"request": data["request"] | change})


def test_every_field_of_a_picture_comes_back() -> None:
    defaults = ImageRequest("")
    assert not [f.name for f in fields(ImageRequest) if getattr(EVERYTHING, f.name) == getattr(defaults, f.name)]
    back = settings_in(settings_json(made(EVERYTHING), {"caption": "x"}))
    assert back.image == EVERYTHING
    assert back.description == {"caption": "x"}
    assert back.music is None


def test_a_film_brings_back_its_picture_and_its_music() -> None:
    music = GeneratedClip(AudioClip(np.zeros((1, 9), np.float32), 9), MusicRequest("jazz", seed=3), ORIGIN)
    painted, played = settings_json(made(EVERYTHING), {"caption": "x"}), settings_json(music, {"genre": "jazz"})
    back = settings_in(film_json(painted, played))
    assert (back.image, back.music) == (EVERYTHING, music.request)
    assert back.description == {"caption": "x", "genre": "jazz"}
    assert settings_in(film_json(None, played)).image is None
    assert film_json(None, None) == ""
    assert film_json("no JSON", '{"kind": "picture"}', "[]") == "", "files may come from anybody"
    assert settings_in(film_json(film_json(painted, played))) == back
    with pytest.raises(UserError, match="cannot read"):
        settings_in('{"kind": "film", "parts": [[]]}')


def test_the_line_for_other_tools_is_as_they_write_it() -> None:
    assert parameters_text(made(EVERYTHING)) == (
        "sea, calm ünïcode <lora:watercolour:0.8> <lora:a, b: c:-0.5>\n"
        "Negative prompt: blur\n"
        "Steps: 6, Sampler: LCM, CFG scale: 1.5, Seed: 42, Size: 256x144, Model: synthesete-painter, "
        "Denoising strength: 0.7, Hires upscale: 2, Version: Synthesete"
    )
    plain = ImageRequest("a, b", seed=1, steps=4, guidance=2.0)
    odd = replace(made(plain), provenance=replace(ORIGIN, model="my: model", sampler=""))
    assert parameters_text(odd) == (
        'a, b\nSteps: 4, CFG scale: 2.0, Seed: 1, Size: 512x288, Model: "my: model", Version: Synthesete'
    )


def test_files_from_before_a_field_was_there_are_still_read() -> None:
    data = json.loads(settings_json(made(EVERYTHING), {}))
    for later in ("aspect", "upscale", "layout", "layout_strength"):
        del data["request"][later]
    before = replace(EVERYTHING, aspect="1:1", upscale=1, layout=None, layout_strength=None)
    assert settings_in(json.dumps(data)).image == before


CURVES = {"contour": list(CURVE), "loudness": list(CURVE), "beats": list(CURVE)}


@pytest.mark.parametrize(
    "change",
    [
        {"layout": CURVES | {"beats": list(CURVE[1:])}},
        {"layout": CURVES | {"beats": [*CURVE, 0.5]}},
        {"layout": CURVES | {"beats": [float("nan"), *CURVE[1:]]}},
        {"layout": CURVES | {"beats": [1.5, *CURVE[1:]]}},
        {"layout": CURVES | {"beats": [True, *CURVE[1:]]}},
        {"layout": CURVES | {"beats": ["0.5", *CURVE[1:]]}},
        {"layout": CURVES | {"beats": 0.5}},
        {"layout": CURVES | {"colour": []}},
        {"layout": {"contour": list(CURVE)}},
        {"layout": list(CURVE)},
        {"layout_strength": float("inf")},
        {"guidance": 10**400},
        {"aspect": 1.0},
        {"upscale": 2.0},
        {"upscale": True},
        {"seed": None},
        {"adapters": [["watercolour"]]},
        {"adapters": [["watercolour", "0.8"]]},
        {"adapters": {"watercolour": 0.8}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_of_its_kind_is_a_sentence(change: dict[str, object]) -> None:
    with pytest.raises(UserError, match="cannot read"):
        settings_in(changed(**change))


def test_what_is_no_object_at_all_is_a_sentence() -> None:
    for text in ("[" * 5000, "{}", "3", "null", '{"kind": "picture", "request": []}', '{"kind": "music"}'):
        with pytest.raises(UserError, match="cannot read"):
            settings_in(text)


def test_a_whole_number_does_for_a_number() -> None:
    assert settings_in(changed(guidance=2, layout_strength=0)).image == replace(
        EVERYTHING, guidance=2.0, layout_strength=0.0
    )
    assert json.loads(changed())["request"] == json.loads(json.dumps(asdict(EVERYTHING)))
