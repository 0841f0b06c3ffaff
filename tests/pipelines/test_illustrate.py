"""The painting verb on an untrained pipeline in Stable Diffusion 1.5's exact layout, and on the bundled weights."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.models import BUNDLED, LOADED
from core.types import GeneratedImage, ImageRequest
from pipelines import illustrate as verb
from pipelines.illustrate import illustrate

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

    from pipelines.pretrain.image import train_tokenizer

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
    painter = verb._painter(model)

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
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**32}, "out of range"),
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
