"""Training of the picture model: tokenizer, loss and an export that Stable Diffusion's own loader reads."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer

from core.fit import FitConfig
from core.models import BUNDLED
from corpus.painter import caption, draw_spec
from pipelines.pretrain import image, networks
from pipelines.pretrain.autoencoder import AutoencoderConfig, build
from pipelines.pretrain.bundle import scheduler
from pipelines.pretrain.image import Dataset, Lessons, diffusion_loss, drawn, train
from pipelines.pretrain.networks import TOKENS, ImageConfig, tokenise, train_tokenizer
from pipelines.pretrain.pictures import Pictures

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
TINY = ImageConfig(widths=(16, 16, 32, 32), head_width=16, text_width=32, text_layers=1, vocabulary=560, batch=4)


@pytest.fixture(scope="module")
def few() -> Pictures:
    """Eight 64 px pictures, four red and four blue, which say so."""
    pixels = np.zeros((8, 64, 64, 3), np.uint8)
    pixels[:4, ..., 0] = pixels[4:, ..., 2] = 220
    return Pictures((pixels,), (("a red picture", "red"),) * 4 + (("a blue picture", "blue"),) * 4)


@pytest.fixture(scope="module")
def vae() -> AutoencoderTiny:
    torch.manual_seed(0)
    config = AutoencoderConfig(encoder_width=8, decoder_width=8, encoder_blocks=(0,) * 4, decoder_blocks=(0,) * 4)
    return build(config).eval().requires_grad_(False)


def test_no_text_is_unknown_to_the_tokenizer() -> None:
    tokenizer = train_tokenizer(["ocean waves and a low sun"], vocabulary=540)
    for text in ("ocean waves", "Żółć, 音楽!", "naïve \x7f 🎵"):
        ids = tokenizer(text).input_ids
        assert tokenizer.unk_token_id not in ids[1:-1], text
        assert ids[0] == tokenizer.bos_token_id
        assert ids[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(tokenizer("Ocean WAVES").input_ids, skip_special_tokens=True).strip() == "ocean waves"
    assert len(set(tokenizer.get_vocab().values())) == len(tokenizer)


def test_every_caption_of_the_painter_fits_the_bundled_text_window() -> None:
    tokenizer = CLIPTokenizer.from_pretrained(Path(BUNDLED["image"].where) / "tokenizer")
    rng = random.Random(0)
    captions = [caption(draw_spec(rng), rng if i % 2 else None) for i in range(1000)]
    assert max(len(ids) for ids in tokenizer(captions).input_ids) <= tokenizer.model_max_length == TOKENS


def test_a_run_that_goes_on_keeps_its_tokenizer(tmp_path: Path) -> None:
    first = networks.kept_tokenizer(tmp_path / "t", ["red", "blue"] * 3, vocabulary=540)
    again = networks.kept_tokenizer(tmp_path / "t", ["other", "words"] * 3, vocabulary=540)
    assert first.get_vocab() == again.get_vocab()


def test_tokenise_pads_and_cuts() -> None:
    tokenizer = train_tokenizer(["red"] * 3, vocabulary=540)
    ids = tokenise(tokenizer, ["red", "red " * 200])
    assert ids.shape == (2, TOKENS)
    assert ids[0, 0] == tokenizer.bos_token_id
    assert (ids[0, 2:] == tokenizer.pad_token_id).all()
    assert ids[1, -1] == tokenizer.eos_token_id


def test_the_loss_of_an_oracle_is_zero() -> None:
    """With latents of zero the noisy input is sqrt(1 - a) noise, and v is sqrt(a) noise."""
    alphas = scheduler().alphas_cumprod

    def oracle(noisy: torch.Tensor, times: torch.Tensor, text: torch.Tensor, return_dict: bool) -> list[torch.Tensor]:
        a = alphas[times][:, None, None, None]
        return [(a / (1 - a)).sqrt() * noisy]

    latents = torch.zeros(64, 4, 8, 8)
    lessons = Lessons(latents, torch.zeros(64, TOKENS).long(), torch.arange(64) * 15, torch.randn(64, 4, 8, 8))
    values = diffusion_loss(oracle, lessons, torch.zeros(64, 1, 1), alphas)
    assert values["loss"] < 1e-8


def test_pure_noise_is_part_of_the_schedule_and_of_the_loss() -> None:
    last = scheduler().alphas_cumprod[-1:]
    assert last.item() < 1e-6
    latents = 2 * torch.ones(4, 4, 8, 8)
    lessons = Lessons(latents, torch.zeros(4, TOKENS).long(), torch.zeros(4).long(), torch.randn(4, 4, 8, 8))
    values = diffusion_loss(lambda noisy, *_, **__: [torch.zeros_like(noisy)], lessons, torch.zeros(4, 1, 1), last)
    assert values["loss"].item() == pytest.approx(4.0, rel=0.01)


def test_a_step_learns_at_evenly_spread_times() -> None:
    data = Dataset(torch.randn(9, 4, 8, 8).half(), torch.ones(9, 2, TOKENS).long(), torch.zeros(TOKENS).long())
    lessons = drawn(data, torch.Generator().manual_seed(0), batch=8, drop_caption=0.5)
    assert (lessons.times // 125).tolist() == list(range(8))
    kinds = {int(row[0]) for row in lessons.ids}
    assert kinds == {0, 1}, "some rows go without their caption"
    parts = [lessons.part(i, 3) for i in range(3)]
    for name in ("latents", "ids", "times", "noise"):
        rows = torch.cat([getattr(part, name) for part in parts])
        assert len(rows) == 8
        order = torch.cat([torch.arange(8)[i::3] for i in range(3)])
        assert torch.equal(rows, getattr(lessons, name)[order])


def test_training_learns_and_exports_what_it_learnt(few: Pictures, vae: AutoencoderTiny, tmp_path: Path) -> None:
    fitting = FitConfig(steps=50, learning_rate=4e-3, warmup_steps=5, ema=0.8, sample_every_share=2)
    where = train(few, vae, TINY, fitting=fitting, out=tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["v_error"] < 0.8 * rows[0]["v_error"]
    assert (tmp_path / "sheet_000000.png").exists()
    for path in where.rglob("*.safetensors"):
        assert path.stat().st_mode & 0o044 == 0o044, path
        assert path.stat().st_size < 10e6, path
        assert {t.dtype for t in load_file(path).values() if t.is_floating_point()} == {torch.float16}, path
    pipe = StableDiffusionPipeline.from_pretrained(where, dtype=torch.float32, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)
    with safe_open(tmp_path / "checkpoint.safetensors", "pt") as kept:  # what was exported is the EMA, not the raw end
        wanted = kept.get_tensor("ema.unet.conv_in.weight")
    assert torch.allclose(pipe.unet.conv_in.weight, wanted, atol=2e-3)
    made = [
        pipe(text, num_inference_steps=3, generator=torch.Generator().manual_seed(1), output_type="np").images[0]
        for text in ("a red picture", "a blue picture")
    ]
    assert made[0].shape == (64, 64, 3)
    assert np.isfinite(made[0]).all()
    assert not np.array_equal(made[0], made[1])


def test_a_second_run_goes_on_with_the_first_at_another_size(
    few: Pictures, vae: AutoencoderTiny, tmp_path: Path
) -> None:
    still = FitConfig(steps=1, learning_rate=0.0, sample_every_share=2)
    first = train(few, vae, TINY, fitting=still, out=tmp_path / "first", shrink=2)
    second = train(few, vae, TINY, fitting=replace(still, seed=9), out=tmp_path / "second", start=first)
    sizes = [json.loads((where / "unet" / "config.json").read_text())["sample_size"] for where in (first, second)]
    assert sizes == [4, 8]
    weights = [load_file(where / "unet" / "diffusion_pytorch_model.safetensors") for where in (first, second)]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    heard = []
    for where in (first, second):
        tokenizer = CLIPTokenizer.from_pretrained(where / "tokenizer")
        encoder = CLIPTextModel.from_pretrained(where / "text_encoder", dtype=torch.float32)
        heard.append(encoder(tokenise(tokenizer, ["a red picture"])).last_hidden_state)
    assert torch.allclose(*heard, atol=1e-3)  # though the tokenizers may number their words in another order
    assert not any("_name_or_path" in path.read_text() for path in second.rglob("*.json"))


def test_latents_of_other_pictures_are_refused(few: Pictures, vae: AutoencoderTiny, tmp_path: Path) -> None:
    np.save(tmp_path / "latents.npy", np.zeros((3, 4, 8, 8), np.float16))
    with pytest.raises(ValueError, match="holds 3 latents for 8 pictures"):
        image.dataset(few, vae, train_tokenizer(["red"], vocabulary=540), tmp_path / "latents.npy")


def test_a_new_word_begins_as_the_mean_of_the_pieces_it_was_read_in() -> None:
    torch.manual_seed(0)
    old, new = (train_tokenizer(texts, vocabulary=540) for texts in (["sea"] * 9, ["sea"] * 9 + ["fog"] * 9))
    known = networks.text_encoder(old, TINY)
    encoder = networks.with_words(networks.text_encoder(new, TINY), new, known, old)
    now, before = encoder.get_input_embeddings().weight, known.get_input_embeddings().weight
    assert len(new("fog").input_ids) == 3 < len(old("fog").input_ids)
    pieces = old("fog", add_special_tokens=False).input_ids
    assert torch.allclose(now[new("fog").input_ids[1]], before[pieces].mean(0))
    assert torch.equal(now[new("sea").input_ids[1]], before[old("sea").input_ids[1]])
    assert torch.equal(
        encoder(new("sea", return_tensors="pt").input_ids)[0], known(old("sea", return_tensors="pt").input_ids)[0]
    )


def test_more_latent_channels_leave_what_the_unet_makes_of_the_first_ones() -> None:
    torch.manual_seed(0)
    narrow = networks.unet(3, TINY)
    wide = networks.widened(narrow, 5)
    sample, text = torch.randn(1, 5, 8, 8), torch.randn(1, 4, TINY.text_width)
    sample[:, 3:] = 0
    with torch.no_grad():
        ours, before = wide(sample, 500, text)[0], narrow(sample[:, :3], 500, text)[0]
    assert torch.allclose(ours[:, :3], before, atol=1e-5)
    assert not ours[:, 3:].any()
    assert wide.config.in_channels == wide.config.out_channels == 5
