"""The file of an adapter: loaded by plain diffusers, carrying every fact, changing pictures and leaving no trace."""

import json
import os
import stat

import numpy as np
import pytest
import torch
from safetensors import safe_open

from core.fit import FitConfig
from lora import adapter as file
from lora.adapter import Recipe
from lora.check import FILE_NAME, adapter_info, base_shapes, check_adapter
from lora.encoded import load_base
from lora.examples import styled_examples
from lora.training import train

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def test_the_file_carries_its_facts(adapter):
    path = adapter / FILE_NAME
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
    assert [p.name for p in adapter.iterdir()] == [FILE_NAME]
    with safe_open(path, "pt") as opened:
        metadata, keys = opened.metadata(), list(opened.keys())
        assert all(opened.get_tensor(key).dtype == torch.float16 for key in keys)
    assert all(key.startswith("unet.") for key in keys)
    assert json.loads(metadata["lora_adapter_metadata"])["unet.lora_alpha"] == 4
    info = adapter_info(adapter)
    assert (info.name, info.base, info.licence, info.rank, info.alpha) == ("wash", "tiny", "Apache-2.0", 4, 4.0)
    assert info.triggers == ("watercolour",)
    wanted = {
        "modelspec.sai_model_spec": "1.0.1", "modelspec.architecture": "tiny/lora", "modelspec.title": "wash",
        "modelspec.resolution": "64x64", "modelspec.prediction_type": "v", "modelspec.implementation": "diffusers",
        "ss_network_dim": "4", "ss_network_alpha": "4", "ss_sd_model_name": "tiny",
    }  # fmt: skip
    assert wanted.items() <= metadata.items()
    assert "watercolour" in metadata["modelspec.description"]
    assert metadata["modelspec.date"].startswith("20")


def test_one_for_a_base_of_stable_diffusions_width_says_so(tiny):
    pipeline = tiny(prediction="epsilon")
    pipeline.unet.register_to_config(cross_attention_dim=768)
    said = file.header(pipeline, Recipe("a", "some-base", "."))
    assert (said["modelspec.architecture"], said["ss_base_model_version"]) == ("stable-diffusion-v1/lora", "sd_v1")
    assert said["modelspec.prediction_type"] == "epsilon"


def test_applying_changes_the_picture_and_unloading_restores_it_exactly(base, adapter, painted):
    pipeline = load_base(str(base))
    before = painted(pipeline)
    check_adapter(adapter, base_shapes(base))
    pipeline.load_lora_weights(str(adapter), adapter_name="wash")
    full = painted(pipeline)
    wrapped = {name: tuple(value.shape) for name, value in pipeline.unet.state_dict().items()}
    assert check_adapter(adapter, wrapped).name == "wash"
    assert np.abs(full - before).mean() > 1e-3
    pipeline.set_adapters(["wash"], [0.5])
    half = painted(pipeline)
    assert 0 < np.abs(half - before).mean() != np.abs(full - before).mean()
    pipeline.set_adapters(["wash"], [0.0])
    np.testing.assert_allclose(painted(pipeline), before, atol=1e-5)
    pipeline.unload_lora_weights()
    assert np.array_equal(painted(pipeline), before)


@pytest.mark.parametrize("text_encoder", [False, True])
def test_alpha_and_all_parts_survive_saving(tiny, painted, tmp_path, text_encoder):
    pipeline = tiny()
    recipe = Recipe("wash", "tiny", "A test.", rank=4, alpha=2, batch=4, text_encoder=text_encoder)
    fitting = FitConfig(steps=4, learning_rate=5e-2, warmup_steps=1, ema=0.0)
    train(pipeline, styled_examples("woodcut", 4, size_px=64), recipe, fitting=fitting, work=tmp_path / "work")
    path = file.save(pipeline, recipe, tmp_path / "wash")
    fresh = tiny()
    before = painted(fresh)
    check_adapter(path, {name: tuple(value.shape) for name, value in fresh.unet.state_dict().items()})
    fresh.load_lora_weights(str(tmp_path / "wash"))
    np.testing.assert_allclose(painted(fresh), painted(pipeline), atol=2e-3)  # the weights went through float16
    assert fresh.unet.peft_config["default_0"].lora_alpha == recipe.alpha != recipe.rank
    assert bool(getattr(fresh.text_encoder, "peft_config", None)) == text_encoder
    assert np.abs(painted(fresh) - before).mean() > 1e-3
