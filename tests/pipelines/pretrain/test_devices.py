"""A step of each picture training on another device than the CPU's: torch's meta device stands in for a GPU.

It computes no numbers, but refuses, as a GPU does, to mix its tensors with the CPU's.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig

from core.fit import FitConfig
from pipelines.pretrain import autoencoder, decoder, diffusion, distillation, image
from pipelines.pretrain.image import Dataset
from pipelines.pretrain.networks import TOKENS
from pipelines.pretrain.pictures import Pictures

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
STEPS = FitConfig(steps=1)
Losses = list[Callable[[int, torch.Generator], dict[str, torch.Tensor]]]


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch) -> Losses:
    """The losses that trainings hand to `fit`, which here does nothing else."""
    taken: Losses = []
    for module in (autoencoder, decoder, image):
        monkeypatch.setattr(module, "fit", lambda _, loss, **__: taken.append(loss))
    for module in (autoencoder, decoder, diffusion, image):
        monkeypatch.setattr(module, "precision", lambda _: contextlib.nullcontext())
    return taken


@pytest.fixture
def data() -> Dataset:
    ids = torch.randint(9, (100, 2, TOKENS))
    return Dataset(torch.randn(100, 5, 32, 32).half(), ids, ids[0, 0])


@pytest.fixture
def elsewhere(small_pipeline: StableDiffusionPipeline) -> Any:
    """The parts of the small pipeline that trainings use, on the other device."""
    parts = {name: getattr(small_pipeline, name).to("meta") for name in ("unet", "vae", "text_encoder")}
    return SimpleNamespace(**parts, tokenizer=small_pipeline.tokenizer)


def learn(loss: Callable[[int, torch.Generator], dict[str, torch.Tensor]], *learning: torch.nn.Module) -> None:
    """Four steps, so that a training that flips a coin is seen on both sides."""
    for step in range(4):
        values = loss(step, torch.Generator().manual_seed(step))
        assert {value.device.type for value in values.values()} == {"meta"}
        values["loss"].backward()
    for module in learning:
        assert any(p.grad is not None and p.grad.device.type == "meta" for p in module.parameters())


def test_a_mixture_of_devices_is_refused() -> None:
    with pytest.raises(RuntimeError, match="device"):
        diffusion.noised(torch.zeros(1, device="meta"), torch.zeros(1), torch.zeros(1, device="meta"))


def test_the_unet_learns_there(
    losses: Losses, data: Dataset, elsewhere: Any, red_and_blue: Pictures, tmp_path: Path, monkeypatch: Any
) -> None:
    crew = SimpleNamespace(
        device=torch.device("meta"), main_process_first=contextlib.nullcontext, is_main_process=False,
        process_index=1, num_processes=2, print=lambda *_, **__: None,
    )  # fmt: skip
    unet, encoder = elsewhere.unet, elsewhere.text_encoder
    monkeypatch.setattr(image, "accelerator", lambda: crew)
    monkeypatch.setattr(image, "added", lambda _, __, values: values | {"loss": values["loss"].requires_grad_()})
    monkeypatch.setattr(image, "networks", lambda *_, **__: (elsewhere.tokenizer, encoder, unet))
    monkeypatch.setattr(image, "dataset", lambda *_, **__: data)
    image.train(red_and_blue, elsewhere.vae, image.ImageConfig(batch=4), fitting=STEPS, out=tmp_path)
    learn(losses[0], unet, encoder)


def test_the_autoencoder_learns_there(
    losses: Losses, red_and_blue: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = autoencoder.AutoencoderConfig(8, 8, (0,) * 4, (0,) * 4)
    model = autoencoder.build(config)
    monkeypatch.setattr(autoencoder, "build", lambda _: model)
    monkeypatch.setattr(autoencoder, "compute", lambda: SimpleNamespace(device="meta"))
    for name in ("export", "_show"):
        monkeypatch.setattr(autoencoder, name, lambda *_: None)
    autoencoder.train(red_and_blue, config, autoencoder.Batches(fool=0.1), fitting=STEPS, out=tmp_path)
    learn(losses[0], model.encoder, model.decoder)
    assert autoencoder.encode(model, red_and_blue, 0, 2).device.type == "meta"


def test_the_decoder_learns_there(
    losses: Losses, data: Dataset, elsewhere: Any, red_and_blue: Pictures, tmp_path: Path, monkeypatch: Any
) -> None:
    for name in ("sample_sheet", "export"):
        monkeypatch.setattr(decoder, name, lambda *_: None)
    decoder.train(elsewhere, red_and_blue, data, decoder.Drafts(clean_share=0.5), fitting=STEPS, out=tmp_path)
    learn(losses[0], elsewhere.vae.decoder)


def test_the_student_learns_there(losses: Losses, data: Dataset, elsewhere: Any) -> None:
    elsewhere.unet.add_adapter(LoraConfig(r=2, target_modules=["to_q"]), adapter_name="few_steps")
    elsewhere.unet.to("meta")
    learn(distillation.Course(elsewhere, data, distillation.Distillation(batch=4)), elsewhere.unet)
