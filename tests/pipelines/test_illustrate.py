"""The painting verb on an untrained pipeline in Stable Diffusion 1.5's exact layout, and on the bundled weights."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.models import BUNDLED, LOADED
from core.runtime import compute
from core.types import ASPECTS, LAYOUT_POINTS, GeneratedImage, ImageRequest, Layout
from pipelines import illustrate as verb
from pipelines.illustrate import illustrate, variations
from pipelines.layout import draw
from pipelines.picture_model import PictureModel
from pipelines.picture_request import GUIDED

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
# and PEFT asks whether we know that a model can hold two adapters: we do
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Already found a `peft_config` attribute:UserWarning"),
]

REQUEST = ImageRequest(prompt="ocean waves and a low sun", seed=7, steps=4)


@pytest.fixture(scope="module")
def sd15(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stable Diffusion 1.5 with every class and file of the real one, tiny and untrained: 64 px pictures."""
    import torch
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    from pipelines.pretrain.networks import train_tokenizer

    torch.manual_seed(0)
    tokenizer = train_tokenizer(["ocean waves and a low sun", "a city skyline"], vocabulary=540, window=77)
    text = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=77, projection_dim=16, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(8, 8, 8, 8), norm_num_groups=4, latent_channels=4, scaling_factor=0.18215,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=8, block_out_channels=(8, 16, 16, 16), norm_num_groups=4, layers_per_block=2,
            cross_attention_dim=16, attention_head_dim=4,
        ),
        scheduler=PNDMScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, skip_prk_steps=True, steps_offset=1
        ),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.save_pretrained(out := tmp_path_factory.mktemp("sd15"), safe_serialization=True)
    return out


@pytest.fixture(scope="module")
def loaded() -> Iterator[None]:
    """What a test loads stays loaded for the next ones of this module."""
    LOADED.clear()
    yield
    LOADED.clear()


@pytest.fixture
def full(sd15: Path, loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny Stable Diffusion is the model in use."""
    monkeypatch.setenv("SYNTHESETE_IMAGE_MODEL", str(sd15))


@pytest.fixture(scope="module")
def adapter_folder(sd15: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two adapters for the tiny model: `ink` and `wash.v2`, of random weights."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    out = tmp_path_factory.mktemp("lora")
    for seed, name in enumerate(("ink", "wash.v2")):
        torch.manual_seed(seed)
        unet = UNet2DConditionModel.from_pretrained(sd15 / "unet")
        unet.add_adapter(LoraConfig(r=4, lora_alpha=4, init_lora_weights=False, target_modules=["to_q", "conv1"]))
        StableDiffusionPipeline.save_lora_weights(
            out / name,
            get_peft_model_state_dict(unet),
            unet_lora_adapter_metadata=unet.peft_config["default"].to_dict(),
        )
    return out


@pytest.fixture
def ink(adapter_folder: Path, full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapters of `adapter_folder` are the ones installed."""
    import lora.check

    listed = lora.check.list_adapters(adapter_folder)
    monkeypatch.setattr("lora.check.list_adapters", lambda: listed)


def stepping(level: float, to: float) -> Layout:
    """A layout whose curves go from one level to the other half-way."""
    curve = (level,) * (LAYOUT_POINTS // 2) + (to,) * (LAYOUT_POINTS - LAYOUT_POINTS // 2)
    return Layout(curve, curve, curve)


LOUD_FIRST, LOUD_LAST = stepping(1.0, 0.0), stepping(0.0, 1.0)


def difference(a: GeneratedImage, b: GeneratedImage) -> float:
    """The mean difference of two pictures' pixels in levels of 255."""
    return float(np.abs(a.pixels.astype(float) - b.pixels.astype(float)).mean())


def same(a: GeneratedImage, b: GeneratedImage) -> bool:
    return bool(np.array_equal(a.pixels, b.pixels))


def test_layout_is_that_of_stable_diffusion(sd15: Path) -> None:
    index = json.loads((sd15 / "model_index.json").read_text())
    assert index["safety_checker"] == [None, None]
    assert index["scheduler"] == ["diffusers", "PNDMScheduler"]
    assert {p.name for p in sd15.iterdir() if p.is_dir()} == {"scheduler", "text_encoder", "tokenizer", "unet", "vae"}


@pytest.mark.usefixtures("full")
def test_a_request_is_resolved_and_repeatable() -> None:
    first = illustrate(ImageRequest(prompt="ocean\x00  waves\n and a low sun", seed=7))
    assert first.pixels.shape == (64, 64, 3)
    assert first.pixels.dtype == np.uint8
    assert first.request == ImageRequest("ocean waves and a low sun", "", 7, 25, 7.5, 64, ())
    assert same(illustrate(first.request), first)
    assert not same(illustrate(replace(first.request, seed=8)), first)
    assert first.provenance.tier == "full"
    assert first.provenance.seconds_taken > 0


@pytest.mark.usefixtures("full")
def test_prompt_negative_prompt_and_guidance_all_matter() -> None:
    base = illustrate(REQUEST)
    for change in ({"prompt": "a city skyline"}, {"negative_prompt": "a city skyline"}, {"guidance": 2.0}):
        assert not same(illustrate(replace(REQUEST, **change)), base), change


@pytest.mark.usefixtures("full")
def test_progress_comes_once_a_step_and_ends_at_one() -> None:
    seen: list[float] = []
    illustrate(replace(REQUEST, steps=6), progress=lambda fraction, _: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert 6 <= len([f for f in seen if 0 < f < 1]) <= 7  # PNDM takes one step more than it was asked for


@pytest.mark.usefixtures("full")
def test_a_cancel_ends_within_one_step_and_leaves_the_model_usable() -> None:
    base = illustrate(REQUEST)
    calls: list[str] = []

    def cancel(fraction: float, what: str) -> None:
        calls.append(what)
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        illustrate(REQUEST, progress=cancel)
    assert len([what for what in calls if "step" in what]) == 1
    assert same(illustrate(REQUEST), base)


@pytest.mark.usefixtures("full")
def test_two_clients_at_once_get_their_own_pictures() -> None:
    requests = [replace(REQUEST, seed=seed, steps=4 + seed) for seed in range(4)]
    alone = [illustrate(request) for request in requests]
    together: dict[int, GeneratedImage] = {}
    threads = [
        threading.Thread(target=lambda i=i, r=r: together.update({i: illustrate(r)})) for i, r in enumerate(requests)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same(together[i], alone[i]) for i in range(4))
    assert len([key for key in LOADED.names() if key.startswith("image:")]) == 1


@pytest.mark.usefixtures("full")
def test_who_waits_for_the_model_can_be_cancelled() -> None:
    model = verb.resolve("image")
    painter = verb.picture_model(model)

    def cancel(_: float, what: str) -> None:
        if "waiting" in what:
            raise Cancelled

    with painter.busy, pytest.raises(Cancelled):
        illustrate(REQUEST, progress=cancel)
    assert illustrate(REQUEST).pixels.shape == (64, 64, 3)


@pytest.mark.usefixtures("ink")
def test_adapters_change_the_picture_by_weight_and_leave_no_trace() -> None:
    base = illustrate(REQUEST)
    inked = illustrate(replace(REQUEST, adapters=(("ink", 1.0),)))
    assert same(illustrate(REQUEST), base)
    lighter = illustrate(replace(REQUEST, adapters=(("ink", 0.3),)))
    both = illustrate(replace(REQUEST, adapters=(("ink", 1.0), ("wash.v2", 0.5))))
    pictures = [base, inked, lighter, both]
    assert not any(same(a, b) for i, a in enumerate(pictures) for b in pictures[:i])
    assert same(illustrate(replace(REQUEST, adapters=(("ink", 1.0),))), inked)
    assert same(illustrate(replace(REQUEST, adapters=(("ink", 0.0),))), base)
    assert inked.provenance.adapters == ("ink:1",)
    assert base.provenance.adapters == ()


@pytest.mark.usefixtures("ink")
def test_a_cancel_takes_the_adapter_off_too() -> None:
    base = illustrate(REQUEST)

    def cancel(fraction: float, _: str) -> None:
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        illustrate(replace(REQUEST, adapters=(("ink", 1.0),)), progress=cancel)
    assert same(illustrate(REQUEST), base)


@pytest.mark.usefixtures("ink")
def test_an_unknown_adapter_names_the_choices() -> None:
    with pytest.raises(UserError, match=r"no adapter 'oil'.*ink, wash\.v2"):
        illustrate(replace(REQUEST, adapters=(("oil", 1.0),)))


@pytest.mark.usefixtures("ink")
def test_adapters_are_listed_as_plain_values() -> None:
    rows = json.loads(json.dumps(verb.adapters()))
    assert [row["name"] for row in rows] == ["ink", "wash.v2"]
    assert {"name", "licence", "base", "triggers"} <= rows[0].keys()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"prompt": " \x00\n"}, "empty"),
        ({"prompt": "x" * 2001}, r"2001 characters; at most 2000"),
        ({"negative_prompt": "x" * 2001}, r"2001 characters; at most 2000"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 101}, "1 to 100"),
        ({"guidance": -0.1}, "guidance"),
        ({"guidance": float("nan")}, "guidance"),
        ({"size_px": 56}, "64 to 1024"),
        ({"size_px": 1032}, "64 to 1024"),
        ({"size_px": 100}, "multiple of 8"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "0 to 4294967295"),
    ],
)
@pytest.mark.usefixtures("full")
def test_requests_outside_the_limits_get_one_sentence(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        illustrate(replace(REQUEST, **change))


@pytest.mark.usefixtures("ink")
def test_an_adapter_weight_outside_the_limits_gets_one_sentence() -> None:
    with pytest.raises(UserError, match="weight of adapter 'ink'"):
        illustrate(replace(REQUEST, adapters=(("ink", 2.5),)))


@pytest.mark.usefixtures("full")
def test_a_prompt_past_the_text_window_is_cut_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    long = "ocean waves and a low sun, " * 40
    assert same(illustrate(replace(REQUEST, prompt=long)), illustrate(replace(REQUEST, prompt=long + "a city skyline")))
    assert "truncated" not in capfd.readouterr().err


@pytest.mark.usefixtures("ink")
def test_an_adapter_chosen_twice_is_refused() -> None:
    with pytest.raises(UserError, match="'ink' is chosen twice"):
        illustrate(replace(REQUEST, adapters=(("ink", 1.0), ("ink", 0.5))))


@pytest.fixture
def desk(adapter_folder: Path, ink: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of adapters of one's own, `mine` the first of them, listed anew at every look."""
    import lora.check

    listing = lora.check.AdapterInfo
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / lora.check.FILE_NAME
    shutil.copy(adapter_folder / "ink" / lora.check.FILE_NAME, path)
    info = listing("mine", path, base="", licence="", rank=4, alpha=4.0, triggers=(), description="")
    monkeypatch.setattr("lora.check.list_adapters", lambda: [info])
    return path


def test_an_adapter_trained_anew_under_its_name_is_read_anew(adapter_folder: Path, desk: Path) -> None:
    worn = replace(REQUEST, adapters=(("mine", 1.0),))
    before = illustrate(worn)
    shutil.copy(adapter_folder / "wash.v2" / desk.name, desk)
    os.utime(desk, (1, 1))
    assert not same(illustrate(worn), before)


def test_an_adapter_that_cannot_be_read_is_said_and_leaves_no_trace(desk: Path) -> None:
    base = illustrate(REQUEST)
    desk.write_bytes(desk.read_bytes()[:-1000])
    with pytest.raises(UserError, match="cut off"):
        illustrate(replace(REQUEST, adapters=(("mine", 1.0),)))
    assert same(illustrate(REQUEST), base)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.usefixtures("full")
def test_the_picture_has_the_shape_asked_for(aspect: str) -> None:
    made = illustrate(replace(REQUEST, aspect=aspect, size_px=96, steps=1))
    height, width = made.pixels.shape[:2]
    assert width / height == pytest.approx(ASPECTS[aspect], rel=0.05)
    assert (made.request.aspect, made.request.size_px) == (aspect, 96)


@pytest.mark.usefixtures("full")
def test_a_picture_enlarged_says_so_and_shows_the_same() -> None:
    small, large = illustrate(REQUEST), illustrate(replace(REQUEST, upscale=2))
    assert large.pixels.shape == (128, 128, 3)
    assert (large.request.size_px, large.request.upscale) == (64, 2)
    assert np.abs(large.pixels[::2, ::2].astype(float) - small.pixels).mean() < 20


@pytest.mark.usefixtures("full")
def test_a_negative_prompt_acts_whatever_the_guidance() -> None:
    negated = illustrate(replace(REQUEST, negative_prompt="a city skyline", guidance=1.0))
    assert negated.request.guidance == GUIDED
    assert not same(negated, illustrate(replace(REQUEST, guidance=GUIDED)))
    assert same(illustrate(negated.request), negated)


@pytest.mark.parametrize("n_at_once", [1, 2])
@pytest.mark.usefixtures("full")
def test_variations_are_the_pictures_of_their_seeds(n_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "at_once", lambda *_: n_at_once)
    seen: list[tuple[float, str]] = []
    request = replace(REQUEST, layout=LOUD_FIRST, layout_strength=0.3)
    made = variations(request, 3, progress=lambda *told: seen.append(told))
    assert [image.request.seed for image in made] == [7, 8, 9]
    alone = [illustrate(image.request) for image in made]
    for image, one in zip(made, alone, strict=True):
        assert difference(image, one) < 2
    assert min(difference(made[0], made[1]), difference(made[1], made[2])) > 4
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any("picture 2 of 3" in what for _, what in seen) == (n_at_once == 1)


@pytest.mark.parametrize("n", [0, 10, -1, 2.5, True, None, "4", float("nan")])
@pytest.mark.usefixtures("full")
def test_a_number_of_variations_out_of_range_is_refused(n: int) -> None:
    with pytest.raises(UserError, match="number of variations is"):
        variations(REQUEST, n)


@pytest.mark.usefixtures("full")
def test_variations_past_the_last_seed_are_refused() -> None:
    with pytest.raises(UserError, match="last seed is 4294967296"):
        variations(replace(REQUEST, seed=2**32 - 2), 3)


@pytest.mark.usefixtures("full")
def test_variations_can_be_cancelled_within_a_step() -> None:
    steps: list[str] = []

    def cancel(_: float, what: str) -> None:
        steps.append(what)
        if "step 2" in what:
            raise Cancelled

    base = illustrate(REQUEST)
    with pytest.raises(Cancelled):
        variations(REQUEST, 4, progress=cancel)
    assert len([what for what in steps if "step" in what]) == 2
    assert same(illustrate(REQUEST), base)


@pytest.mark.usefixtures("full")
def test_views_come_while_it_is_painted_and_change_nothing() -> None:
    views: list[np.ndarray] = []
    made = illustrate(REQUEST, on_picture=views.append)
    n_views = len(views)
    assert n_views >= 1
    assert all(view.ndim == 3 and view.shape[2] == 3 and view.dtype == np.uint8 for view in views)
    assert same(illustrate(REQUEST), made)
    assert len(views) == n_views


@pytest.mark.usefixtures("ink")
def test_who_shows_the_views_may_end_the_job() -> None:
    def gone(_: np.ndarray) -> None:
        raise Cancelled

    base = illustrate(REQUEST)
    with pytest.raises(Cancelled):
        illustrate(replace(REQUEST, adapters=(("ink", 1.0),)), on_picture=gone)
    assert same(illustrate(REQUEST), base)


@pytest.mark.usefixtures("full")
def test_a_layout_shapes_the_picture_by_its_strength_and_leaves_no_trace() -> None:
    base = illustrate(REQUEST)
    first = replace(REQUEST, layout=LOUD_FIRST)
    shaped = illustrate(replace(first, layout_strength=0.5))
    assert same(illustrate(replace(first, layout_strength=0.5)), shaped)
    assert same(illustrate(replace(first, layout_strength=0.0)), base)
    assert difference(illustrate(replace(REQUEST, layout=LOUD_LAST, layout_strength=0.5)), shaped) > 0.5
    drawing = illustrate(replace(first, layout_strength=1.0))
    assert np.array_equal(drawing.pixels, draw(LOUD_FIRST, REQUEST.prompt, width_px=64, height_px=64))
    assert same(illustrate(REQUEST), base)


@pytest.mark.parametrize(
    ("scheduler", "steps"), [("LCMScheduler", 4), ("EulerDiscreteScheduler", 1), ("DPMSolverMultistepScheduler", 4)]
)
def test_a_layout_takes_about_the_steps_asked_for_with_every_scheduler(
    sd15: Path, loaded: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheduler: str, steps: int
) -> None:
    shutil.copytree(sd15, other := tmp_path / scheduler)
    index = json.loads((other / "model_index.json").read_text("utf-8")) | {"scheduler": ["diffusers", scheduler]}
    (other / "model_index.json").write_text(json.dumps(index), "utf-8")
    settings = {
        "timestep_spacing": "trailing",
        "prediction_type": "epsilon",
        "original_inference_steps": 50,
        "steps_offset": 1,
    }
    (other / "scheduler/scheduler_config.json").write_text(json.dumps(settings), "utf-8")
    monkeypatch.setenv("SYNTHESETE_IMAGE_MODEL", str(other))
    request = replace(REQUEST, steps=steps, guidance=1.0, layout=LOUD_FIRST, layout_strength=0.3)
    said: list[str] = []
    made = illustrate(request, progress=lambda _, what: said.append(what))
    assert steps <= len([what for what in said if "step" in what]) <= steps + 1
    assert same(illustrate(request), made)
    assert not same(illustrate(replace(request, layout=LOUD_LAST)), made)


def blocking(monkeypatch: pytest.MonkeyPatch, *blocked: bool) -> None:
    """Let the model have a safety checker that says this of each batch."""
    monkeypatch.setattr(PictureModel, "has_safety_checker", True)
    monkeypatch.setattr(PictureModel, "is_blocked", lambda _, pixels: list(blocked[: len(pixels)]))


@pytest.mark.usefixtures("full")
def test_a_picture_held_back_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    blocking(monkeypatch, True)
    with pytest.raises(UserError, match=r"checker of sd15.* held this picture back\..*seed.*SYNTHESETE_SAFETY=off"):
        illustrate(REQUEST)


@pytest.mark.usefixtures("full")
def test_variations_held_back_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "at_once", lambda *_: 9)
    blocking(monkeypatch, False, True, False)
    said: list[str] = []
    made = variations(REQUEST, 3, progress=lambda _, what: said.append(what))
    assert [image.request.seed for image in made] == [7, 9]
    assert "held 1 of 3 pictures back" in said[-1]
    blocking(monkeypatch, True, True, True)
    with pytest.raises(UserError, match="held these pictures back"):
        variations(REQUEST, 3)


@pytest.mark.usefixtures("ink")
def test_a_result_says_where_it_came_from() -> None:
    made = illustrate(replace(REQUEST, adapters=(("ink", 0.5), ("wash.v2", -1.0))))
    source = made.provenance
    assert source.adapters == ("ink:0.5", "wash.v2:-1")
    assert made.request.adapters == (("ink", 0.5), ("wash.v2", -1.0))
    assert (source.tier, source.sampler, source.device) == ("full", "PLMS", compute().device)
    assert source.seconds_taken > 0


@pytest.mark.usefixtures("full")
def test_limits_are_said_without_loading_the_model() -> None:
    LOADED.clear()
    said = json.loads(json.dumps(verb.limits()))
    assert LOADED.names() == []
    assert said["size_px"]["default"] == 64
    made = illustrate(ImageRequest(REQUEST.prompt))
    assert (made.request.steps, made.request.guidance) == (said["steps"]["default"], said["guidance"]["default"])


def test_missing_weights_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYNTHESETE_IMAGE_MODEL", str(tmp_path))
    with pytest.raises(UserError, match="could not be loaded"):
        illustrate(REQUEST)


@pytest.fixture
def bundled(loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNTHESETE_IMAGE_MODEL", raising=False)
    monkeypatch.setenv("SYNTHESETE_TIER", "bundled")


def test_bundled_weights_are_small_readable_and_safe() -> None:
    files = [p for p in Path(BUNDLED["image"].where).rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 30e6
    for path in files:
        assert path.stat().st_size < 10e6, path
        assert path.stat().st_mode & 0o044 == 0o044, path
        assert path.suffix in {".json", ".safetensors", ".md", ".jpg"}, path


@pytest.mark.usefixtures("bundled")
def test_bundled_model_paints_the_colours_it_is_asked_for() -> None:
    prompts = {
        "red": "ocean waves and a low sun, powerful mood, crimson and orange, fast rock music",
        "green": "ocean waves and a low sun, tense mood, black and acid green, fast rock music",
        "blue": "ocean waves and a low sun, calm mood, aqua and mint, slow reggae music",
    }
    made = {name: illustrate(ImageRequest(prompt=text, seed=3, steps=8)) for name, text in prompts.items()}
    mean = {name: image.pixels.mean((0, 1)) for name, image in made.items()}
    assert all(image.pixels.shape == (256, 256, 3) for image in made.values())
    assert all(image.pixels.std((0, 1)).max() > 20 for image in made.values()), "a flat picture shows nothing"
    assert mean["red"].argmax() == 0
    assert mean["green"].argmax() == 1
    assert mean["blue"][2] > mean["blue"][0]
    assert mean["blue"].sum() > mean["green"].sum()
    assert made["red"].provenance.tier == "bundled"
    assert made["red"].provenance.licence == "Apache-2.0"
    assert made["red"].request.guidance is not None


def columns(pixels: np.ndarray) -> np.ndarray:
    """The mean brightness of 16 upright strips."""
    return pixels.mean((0, 2)).reshape(16, -1).mean(1)


@pytest.mark.usefixtures("bundled")
def test_the_bundled_picture_is_bright_where_the_clip_is_loud() -> None:
    request = ImageRequest("ocean waves and a low sun, calm mood, aqua and mint, slow reggae music", seed=3)
    flat = (0.3,) * LAYOUT_POINTS
    layouts = [Layout(flat, layout.loudness, flat) for layout in (LOUD_FIRST, LOUD_LAST)]
    first, last = (illustrate(replace(request, layout=layout)) for layout in layouts)
    drawings = [draw(layout, request.prompt, width_px=256, height_px=256) for layout in layouts]
    assert difference(first, last) > 4
    moved = columns(first.pixels) - columns(last.pixels)
    assert np.corrcoef(moved, columns(drawings[0]) - columns(drawings[1]))[0, 1] > 0.6
    assert moved[:8].mean() > moved[8:].mean() + 5


@pytest.mark.usefixtures("bundled")
def test_the_bundled_variations_are_one_batch_and_each_the_picture_of_its_seed() -> None:
    request = ImageRequest("a city skyline at night, tense mood", seed=1, size_px=128, steps=4)
    said: list[str] = []
    made = variations(request, 3, progress=lambda _, what: said.append(what))
    assert len([what for what in said if "step" in what]) == 4
    for image in made:
        alone = illustrate(image.request)
        assert difference(image, alone) < 3
    assert difference(made[0], made[1]) > 6
