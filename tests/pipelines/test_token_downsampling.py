"""Token downsampling: the layers that see every place look at a quarter of them, and nothing else changes."""

from typing import Any

import pytest
import torch
from diffusers.models.attention_processor import AttnProcessor2_0

from core.models import LOADED, Model
from evaluation.full_size import SMALL, unet_of, write
from pipelines import picture_model, token_downsampling
from pipelines.token_downsampling import Downsampled, every_other

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_downsampling, "FEWEST_PLACES", 60)


@pytest.fixture
def unet() -> Any:
    torch.manual_seed(0)
    return unet_of(SMALL).eval()


def _painted(unet: Any, rows: int, columns: int) -> torch.Tensor:
    drawn = torch.Generator().manual_seed(1)
    latents, words = torch.randn(2, 4, rows, columns, generator=drawn), torch.randn(2, 7, SMALL.text, generator=drawn)
    with torch.no_grad():
        return unet(latents, 500, words, return_dict=False)[0]


def test_every_other_row_and_column_stays() -> None:
    places = torch.arange(2 * 5 * 4).float().view(1, 2 * 5 * 4, 1)
    assert every_other(places, 8, 5).flatten().tolist() == [0, 2, 4, 10, 12, 14, 20, 22, 24, 30, 32, 34]


def test_keys_and_values_come_from_a_quarter_of_the_places(unet: Any) -> None:
    layer = unet.down_blocks[0].attentions[0].transformer_blocks[0].attn1
    states = torch.randn(2, 8 * 12, SMALL.unet[0], generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        looking = Downsampled()
        looking.size = (8, 12)
        ours = looking(layer, states)
        wanted = AttnProcessor2_0()(layer, states, every_other(states, 8, 12))
        whole = AttnProcessor2_0()(layer, states)
    assert torch.equal(ours, wanted)
    assert ours.shape == whole.shape
    assert not torch.allclose(ours, whole)


@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (16, 8)])
def test_only_layers_of_the_latents_size_change(unet: Any, rows: int, columns: int) -> None:
    before, seen = _painted(unet, rows, columns), list[tuple[str, int, int]]()
    token_downsampling.apply(unet)
    for name, layer in unet.named_modules():
        if name.endswith((".attn1.to_k", ".attn2.to_k", ".attn1.to_q")):
            layer.register_forward_pre_hook(
                lambda _, given, name=name: seen.append((name, given[0].shape[1], rows * columns))
            )
    after = _painted(unet, rows, columns)
    assert not torch.equal(before, after)
    queries = {name.replace("to_q", "to_k"): n for name, n, _ in seen if name.endswith("to_q")}
    for name, n, places in seen:
        if name.endswith("attn1.to_k"):
            assert n == (places // 4 if queries[name] == places else queries[name]), name
        if name.endswith("attn2.to_k"):
            assert n == 7, "words are all looked at"
    assert {queries[name] for name, n, _ in seen if name in queries} > {rows * columns}


def test_small_pictures_are_looked_at_whole(unet: Any) -> None:
    before = _painted(unet, 4, 8)
    token_downsampling.apply(unet)
    assert torch.equal(before, _painted(unet, 4, 8))


def test_the_full_tier_uses_it_on_a_cpu_unless_told(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Model("small", str(write(tmp_path / "weights", SMALL, dtype="float32").pipeline), "", "full", "none")
    monkeypatch.setenv("SYNTHESETE_IMAGE_LCM", "off")
    monkeypatch.setenv("SYNTHESETE_IMAGE_DECODER", "off")
    for setting, works in (("", True), ("whole", False)):
        monkeypatch.setenv("SYNTHESETE_IMAGE_ATTENTION", setting)
        processors = picture_model.picture_model(row).pipe.unet.attn_processors
        assert any(isinstance(one, Downsampled) for one in processors.values()) is works
        assert not any(isinstance(one, Downsampled) for name, one in processors.items() if ".attn2." in name)
    LOADED.clear()
