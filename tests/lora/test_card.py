"""The card says what was measured; and no adapter that ships leaves pictures as they are."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from core.models import WEIGHTS
from lora import card
from lora.card import Figures, Row, Usage
from lora.check import AdapterInfo, base_shapes, check_adapter, list_adapters
from lora.encoded import load_base

BASE = WEIGHTS / "image"
PROMPT = "rolling sea waves, calm mood, aqua and mint, slow pop music"
FIGURES = Figures((Row(0.0, 0.0, 0, 18, 17), Row(1.0, 22.25, 16, 15, 14)), 18, 6, 1.5, True, (0.99, 0.97, 0.9))
USAGE = Usage("weights/image", 12, 2.5)
INFOS = list_adapters(WEIGHTS / "lora")
shipped = pytest.mark.parametrize("info", INFOS, ids=[info.name for info in INFOS])
needs_base = pytest.mark.skipif(not (BASE / "model_index.json").is_file(), reason="the bundled picture model is absent")

pytestmark = [
    # diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    # several adapters on one model are what is wanted
    pytest.mark.filterwarnings("ignore:Already found a `peft_config` attribute:UserWarning"),
]


def info(folder: Path, triggers: tuple[str, ...] = ("wash",)) -> AdapterInfo:
    path = folder / "pytorch_lora_weights.safetensors"
    path.write_bytes(b"x" * 5000)
    return AdapterInfo("wash", path, "painter", "Apache-2.0", 8, 8.0, triggers, "Wet paint.")


def test_the_card_says_what_was_measured(tmp_path: Path) -> None:
    text = card.card(info(tmp_path), FIGURES, usage=USAGE, trained="Trained 5 minutes.")
    assert "| 1 | 22.2 | 16 of 18 | 15 of 18 | 14 of 18 |" in text
    assert "license: apache-2.0" in text
    assert "Trained 5 minutes." in text
    assert "the style of 99%, the emotion of 97%" in text
    assert "6 steps, guidance 1.5." in text
    assert "before: yes" in text
    assert "began with `wash`" in text


def test_the_card_admits_what_is_not_so(tmp_path: Path) -> None:
    unknown = Figures((Row(1.0, 3.0, None, 1, 2), Row(0.5, 1.0, None, 1, 2)), 9, 6, 1.5, False, (1, 1, 1))
    text = card.card(info(tmp_path, ()), unknown, usage=USAGE)
    assert "| 1 | 3.0 |  | 1 of 9 | 2 of 9 |" in text
    assert "before: NO" in text
    assert "no trigger words" in text


def test_the_example_on_the_card_is_python_that_names_the_adapter(tmp_path: Path) -> None:
    code = card.card(info(tmp_path), FIGURES, usage=USAGE).split("```python\n")[1].split("```")[0]
    compile(code, "card", "exec")
    assert 'load_lora_weights("weights/lora/wash", adapter_name="wash")' in code
    assert "num_inference_steps=12, guidance_scale=2.5" in code


def test_card_and_sheet_lie_beside_the_adapter(tmp_path: Path) -> None:
    rows = [[np.full((64, 64, 3), level, np.uint8)] * 3 for level in (0, 200)]
    card.write(info(tmp_path), FIGURES, rows, usage=USAGE)
    with Image.open(tmp_path / card.SHEET_NAME) as sheet:
        pixels = np.asarray(sheet)
    assert pixels.shape == (2 * card.SHEET_PX, 3 * card.SHEET_PX, 3)
    assert pixels[: card.SHEET_PX].max() < 8
    assert pixels[card.SHEET_PX :].min() > 192
    assert card.SHEET_NAME in (tmp_path / "README.md").read_text()


def strength(path: Path) -> float:
    """The Frobenius norm of what the adapter adds, alpha / rank included, relative to the layers it is added to."""
    rank_share = next(i.alpha / i.rank for i in INFOS if i.path == path)
    pairs, base = load_file(path), dict[str, torch.Tensor]()
    for file in (BASE / "unet").glob("*.safetensors"):
        base |= load_file(file)
    added = whole = 0.0
    for key in (key for key in pairs if key.endswith("lora_A.weight")):
        down, up = pairs[key].float(), pairs[key.replace("lora_A", "lora_B")].float()
        added += float((rank_share * up.flatten(1) @ down.flatten(1)).square().sum())
        whole += float(base[key.removeprefix("unet.").replace(".lora_A", "")].float().square().sum())
    return (added / whole) ** 0.5


@needs_base
@shipped
def test_a_shipped_adapter_fits_and_weighs_something(info: AdapterInfo) -> None:
    assert info.path.stat().st_size < 2_000_000
    assert check_adapter(info.path, base_shapes(BASE)).licence == "Apache-2.0"
    assert 0.02 < strength(info.path) < 2
    assert (info.path.parent / "README.md").is_file()


@needs_base
@pytest.mark.skipif(not INFOS, reason="no adapter ships")
def test_shipped_adapters_change_pictures_each_in_its_own_way_alone_and_together() -> None:
    pipeline = load_base(str(BASE), device="cpu")

    def picture() -> np.ndarray:
        made = pipeline(
            PROMPT, num_inference_steps=3, guidance_scale=1.0, height=128, width=128, output_type="np",
            generator=torch.Generator().manual_seed(7),
        )  # fmt: skip
        return np.asarray(made.images[0]) * 255

    plain, made = picture(), {}
    for one in INFOS:
        pipeline.load_lora_weights(str(one.path.parent), adapter_name=one.name)
    for one in INFOS:
        pipeline.set_adapters([one.name], [1.0])
        made[one.name] = picture()
        assert np.abs(made[one.name] - plain).mean() > 6, f"{one.name} changes nothing"
    for first, second in itertools.pairwise(INFOS):
        assert np.abs(made[first.name] - made[second.name]).mean() > 6
        pipeline.set_adapters([first.name, second.name], [0.6, 0.6])
        together = picture()
        for name in (first.name, second.name):
            assert np.abs(together - made[name]).mean() > 2, f"beside another {name} decides alone"
    pipeline.unload_lora_weights()
    assert np.array_equal(picture(), plain)
