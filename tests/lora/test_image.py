"""Adapters: made by training, saved with everything a reader needs, changing pictures and leaving no trace."""

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny, DDPMScheduler, DPMSolverMultistepScheduler, StableDiffusionPipeline
from diffusers import UNet2DConditionModel as UNet
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from core.errors import UserError
from core.fit import FitConfig
from core.models import WEIGHTS
from lora import card, image
from lora.check import FILE_NAME, adapter_info, base_shapes, check_adapter, list_adapters
from lora.image import Recipe

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

PROMPT = "ocean waves and a low sun, calm mood"
RECIPE = Recipe("wash", "tiny", "A test.", trigger="watercolour", rank=4, alpha=2, batch=4)


def tiny_pipeline(seed: int = 0, prediction: str = "v_prediction", widths: tuple[int, int] = (16, 32)):
    """An untrained pipeline of the real classes: 64 px pictures, 16 x 16 latents, a tokenizer of bytes."""
    torch.manual_seed(seed)
    bytes_ = ByteLevel.alphabet()
    words = ["<|startoftext|>", "<|endoftext|>", *sorted(bytes_), *(f"{b}</w>" for b in sorted(bytes_))]
    tokenizer = CLIPTokenizer(vocab={w: i for i, w in enumerate(words)}, merges=[], model_max_length=24)
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=24, projection_dim=32, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    unet = UNet(
        sample_size=16, block_out_channels=widths, layers_per_block=1, cross_attention_dim=32, attention_head_dim=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        norm_num_groups=8,
    )  # fmt: skip
    vae = AutoencoderTiny(
        encoder_block_out_channels=(16, 16, 16), decoder_block_out_channels=(16, 16, 16),
        num_encoder_blocks=(1, 1, 1), num_decoder_blocks=(1, 1, 1), latent_channels=4,
    )  # fmt: skip
    scheduler = DPMSolverMultistepScheduler(beta_schedule="scaled_linear", prediction_type=prediction, steps_offset=1)
    pipeline = StableDiffusionPipeline(
        vae=vae, text_encoder=CLIPTextModel(text), tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def picture(pipeline) -> np.ndarray:
    made = pipeline(PROMPT, num_inference_steps=3, generator=torch.Generator().manual_seed(4), output_type="np")
    return made.images[0]


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("base") / "tiny"
    tiny_pipeline().save_pretrained(directory)
    return directory


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory) -> Path:
    """The folder of an adapter after a few steps on the tiny base, through the command line."""
    folder = tmp_path_factory.mktemp("lora") / "wash"
    image.main(
        ["--style", "watercolour", "--base", str(base), "--out", str(folder), "--steps", "12", "--pictures", "6",
         "--batch", "4", "--rank", "4", "--work", str(folder.parent / "work")]
    )  # fmt: skip
    return folder


def test_the_file_carries_its_facts(trained):
    path = trained / FILE_NAME
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
    assert [p.name for p in trained.iterdir()] == [FILE_NAME]
    with safe_open(path, "pt") as file:
        metadata, keys = file.metadata(), list(file.keys())
        assert all(file.get_tensor(key).dtype == torch.float16 for key in keys)
    assert all(key.startswith("unet.") for key in keys)
    assert json.loads(metadata["lora_adapter_metadata"])["unet.lora_alpha"] == 4
    info = adapter_info(trained)
    assert (info.name, info.base, info.licence, info.rank, info.alpha) == ("wash", "tiny", "Apache-2.0", 4, 4.0)
    assert info.triggers == ("watercolour",)
    assert metadata["modelspec.prediction_type"] == "v"


def test_applying_changes_the_picture_and_unloading_restores_it_exactly(base, trained):
    pipeline = image.load_base(str(base))
    before = picture(pipeline)
    check_adapter(trained, base_shapes(base))
    pipeline.load_lora_weights(str(trained), adapter_name="wash")
    full = picture(pipeline)
    wrapped = {name: tuple(value.shape) for name, value in pipeline.unet.state_dict().items()}
    assert check_adapter(trained, wrapped).name == "wash"
    assert np.abs(full - before).mean() > 1e-3
    pipeline.set_adapters(["wash"], [0.5])
    half = picture(pipeline)
    assert 0 < np.abs(half - before).mean() != np.abs(full - before).mean()
    pipeline.set_adapters(["wash"], [0.0])
    np.testing.assert_allclose(picture(pipeline), before, atol=1e-5)
    pipeline.unload_lora_weights()
    assert np.array_equal(picture(pipeline), before)


def test_a_base_stored_in_half_precision_is_trained_in_full(tmp_path):
    tiny_pipeline().to(torch.float16).save_pretrained(tmp_path)
    pipeline = image.load_base(str(tmp_path))
    assert {part.dtype for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder)} == {torch.float32}
    assert not any(p.requires_grad for part in (pipeline.unet, pipeline.text_encoder) for p in part.parameters())


def test_the_card_measures_by_applying_and_removing(base, trained):
    pipeline = image.load_base(str(base))
    figures, pictures = card.measure(pipeline, trained, "watercolour", steps=2, guidance=2.0)
    assert figures.restored
    assert figures.change[0] == 0 < figures.change[1]
    assert len(pictures) == len(card.WEIGHTS) * len(card.prompts())


def test_alpha_survives_saving(tmp_path):
    pipeline = tiny_pipeline()
    examples = image.styled_examples("woodcut", 4, size_px=64)
    fitting = FitConfig(steps=4, learning_rate=5e-2, warmup_steps=1, ema=0.0)
    image.train(pipeline, examples, RECIPE, fitting=fitting, work=tmp_path / "work")
    image.save(pipeline, RECIPE, tmp_path / "wash")
    fresh = tiny_pipeline()
    fresh.load_lora_weights(str(tmp_path / "wash"))
    np.testing.assert_allclose(picture(fresh), picture(pipeline), atol=2e-3)  # the weights went through float16
    assert fresh.unet.peft_config["default_0"].lora_alpha == RECIPE.alpha != RECIPE.rank


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon", "sample"])
def test_training_lowers_the_loss_and_leaves_the_base_frozen(prediction, tmp_path):
    pipeline = tiny_pipeline(prediction=prediction)
    frozen = {k: v.clone() for k, v in pipeline.unet.state_dict().items()}
    examples = image.styled_examples("watercolour", 4, size_px=64)
    encoded, schedule = image.encode(pipeline, examples), DDPMScheduler.from_config(pipeline.scheduler.config)

    def loss() -> float:
        with torch.no_grad():
            batches = (torch.Generator().manual_seed(s) for s in range(6))
            return sum(
                float(image.diffusion_loss(pipeline.unet, schedule, encoded, RECIPE, g)["loss"]) for g in batches
            )

    before = loss()
    fitting = FitConfig(steps=24, learning_rate=2e-2, warmup_steps=4, ema=0.0)
    image.train(pipeline, examples, RECIPE, fitting=fitting, work=tmp_path)
    assert loss() < 0.9 * before
    after = pipeline.unet.state_dict()
    for key, value in frozen.items():
        name = (
            key if key in after else key.replace(".weight", ".base_layer.weight").replace(".bias", ".base_layer.bias")
        )
        assert torch.equal(after[name], value), key


def test_a_perfect_guess_of_each_prediction_type_costs_nothing_and_weights_agree():
    clean, noise, times = torch.randn(6, 4, 8, 8), torch.randn(6, 4, 8, 8), torch.tensor([0, 50, 200, 500, 800, 999])
    costs = {}
    for prediction in ("v_prediction", "epsilon", "sample"):
        schedule = DDPMScheduler(beta_schedule="scaled_linear", prediction_type=prediction)
        target, weight = image._target_and_weight(schedule, clean, noise, times, 5.0)
        signal = schedule.alphas_cumprod[times].sqrt()[:, None, None, None]
        spread = (1 - schedule.alphas_cumprod[times]).sqrt()[:, None, None, None]
        noisy = schedule.add_noise(clean, noise, times)
        # The picture each target implies is the clean one; an error of 0.1 in it must cost the same in all three
        implied, scale = {
            "v_prediction": (signal * noisy - spread * target, 1 / spread),
            "epsilon": ((noisy - spread * target) / signal, signal / spread),
            "sample": (target, torch.ones_like(signal)),
        }[prediction]
        torch.testing.assert_close(implied, clean, atol=2e-3, rtol=1e-3)
        costs[prediction] = weight * ((0.1 * scale) ** 2).flatten()
    torch.testing.assert_close(costs["epsilon"], costs["sample"])
    torch.testing.assert_close(costs["v_prediction"] - costs["sample"], torch.full((6,), 0.01))  # the added one


def test_pure_noise_counts_where_a_schedule_ends_in_it():
    schedule = DDPMScheduler(beta_schedule="scaled_linear", prediction_type="v_prediction", rescale_betas_zero_snr=True)
    x = torch.zeros(1, 4, 8, 8)
    _, weight = image._target_and_weight(schedule, x, x, torch.tensor([999]), 5.0)
    assert weight.item() == pytest.approx(1.0)


def test_an_unknown_prediction_type_is_a_sentence():
    schedule = DDPMScheduler()
    schedule.register_to_config(prediction_type="flow_prediction")
    x = torch.zeros(1, 4, 8, 8)
    with pytest.raises(UserError, match="flow_prediction"):
        image._target_and_weight(schedule, x, x, torch.tensor([3]), 5.0)


def test_a_folder_of_ones_own_pictures(tmp_path):
    folder = tmp_path / "mine"
    with pytest.raises(UserError, match="no folder"):
        image.folder_examples(folder, size_px=32)
    folder.mkdir()
    with pytest.raises(UserError, match="holds no pictures"):
        image.folder_examples(folder, size_px=32)
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[:, 40:60] = 200  # the middle, which the crop must keep
    Image.fromarray(wide).save(folder / "a.png")
    with pytest.raises(UserError, match=r"a\.png has no caption"):
        image.folder_examples(folder, size_px=32)
    (folder / "a.txt").write_text("a bright middle\n")
    examples = image.folder_examples(folder, size_px=32)
    assert examples.captions == ("a bright middle",)
    assert examples.pixels.shape == (1, 32, 32, 3)
    assert examples.pixels[0, 16, 16, 0] == 200
    assert examples.pixels[0, 16, 0, 0] < 20
    (folder / "b.png").write_bytes(b"not a picture")
    (folder / "b.txt").write_text("nothing")
    with pytest.raises(UserError, match=r"b\.png"):
        image.folder_examples(folder, size_px=32)


def test_listing_leaves_out_what_is_no_adapter(trained, tmp_path, caplog):
    (tmp_path / "wash").mkdir()
    (tmp_path / "wash" / FILE_NAME).write_bytes((trained / FILE_NAME).read_bytes())
    (tmp_path / "other.safetensors").write_bytes((trained / FILE_NAME).read_bytes())
    (tmp_path / "text.safetensors").write_text("once upon a time there was a file")
    save_file({"weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    assert [info.name for info in list_adapters(tmp_path)] == ["other", "wash"]
    assert "text.safetensors" in caplog.text
    assert "model.safetensors" in caplog.text
    assert list_adapters(tmp_path / "nowhere") == []
    row = json.loads(json.dumps(list_adapters(tmp_path)[1].as_json()))
    assert Path(row["path"]) == tmp_path / "wash" / FILE_NAME
    assert row["triggers"] == ["watercolour"]


def test_an_adapter_for_another_base_is_refused(trained):
    shapes = {k: tuple(v.shape) for k, v in tiny_pipeline(widths=(16, 64)).unet.state_dict().items()}
    with pytest.raises(UserError, match=r"another base model \(tiny\): \d+ of its \d+ matrices") as caught:
        check_adapter(trained, shapes)
    assert caught.value.hint


def test_names_that_would_load_nothing_are_refused(base, trained, tmp_path):
    weights = load_file(trained / FILE_NAME)
    path = tmp_path / "bare.safetensors"
    save_file({key.removeprefix("unet."): value for key, value in weights.items()}, path)
    with pytest.raises(UserError, match="without the prefix"):
        check_adapter(path, base_shapes(base))


def test_other_spellings_of_a_fitting_adapter_are_accepted(base, trained, tmp_path):
    weights = load_file(trained / FILE_NAME)
    kohya, older = {}, {}
    for key, value in weights.items():
        module, side = key.removeprefix("unet.").removesuffix(".weight").rsplit(".", 1)
        word = "down" if side == "lora_A" else "up"
        kohya[f"lora_unet_{module.replace('.', '_')}.lora_{word}.weight"] = value
        older[f"unet.{module}.lora.{word}.weight"] = value
    for name, spelled in (("kohya", kohya), ("older", older)):
        save_file(spelled, tmp_path / f"{name}.safetensors")
        assert check_adapter(tmp_path / f"{name}.safetensors", base_shapes(base)).rank == 4


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"\x10" + b"\0" * 7 + b"[1, 2, 3, 4, 5 ]", None])
def test_broken_files_are_a_sentence(content, tmp_path):
    path = tmp_path / "broken.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.safetensors"):
        adapter_info(path)


def bundled() -> list[Path]:
    return [info.path for info in list_adapters(WEIGHTS / "lora")]


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.parent.name)
def test_bundled_adapters_fit_the_bundled_base_and_restyle_it(path):
    where = WEIGHTS / "image"
    if not (where / "model_index.json").is_file():
        pytest.skip("the bundled picture model is not here")
    assert path.stat().st_size < 2_000_000
    check_adapter(path, base_shapes(where))
    pipeline = image.load_base(str(where))
    before = picture(pipeline)
    pipeline.load_lora_weights(str(path.parent), adapter_name="one")
    assert np.abs(picture(pipeline) - before).mean() > 0.03
    pipeline.unload_lora_weights()
    assert np.array_equal(picture(pipeline), before)
