"""Train the bundled picture model: a CLIP text encoder and a UNet on latents of painted, captioned pictures.

The result is a directory in Stable Diffusion's own format. Its UNet predicts v (Salimans & Ho 2022) under a noise
schedule that ends in pure noise and is sampled with trailing steps (Lin et al. 2023, https://arxiv.org/abs/2305.08891):
without that the mean colour of a picture leaks through the noise and palettes come out grey. The loss weight is that of
min-SNR (Hang et al. 2023, https://arxiv.org/abs/2303.09556) with one added to its numerator, since the plain weight
vanishes at pure noise and leaves the first step untrained.

Latents are (n, C, s, s) float16, scaled to unit variance; token ids are (n, PHRASINGS, TOKENS). One picture in ten is
shown without its caption, for classifier-free guidance.

Composition is learnt five times faster on pictures of half the size (16 x 16 latents), so there are two runs, and the
second goes on with the weights of the first:

    python -m pipelines.pretrain.image --size 128 --minutes 20 --autoencoder AE --out HALF
    python -m pipelines.pretrain.image --minutes 23 --learning-rate 6e-4 --autoencoder AE --start HALF/pipeline --out W
"""

import argparse
import copy
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny, DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from core.fit import FitConfig, fit
from corpus.captions import EMOTIONS, GENRES, Fields, image_prompt
from pipelines.pretrain.autoencoder import autocast, encode
from pipelines.pretrain.pictures import SIZE_PX, Pictures, painted

TOKENS = 48
"""Length of the text window; the longest caption has about 40 tokens."""
SNR_LIMIT = 5.0
SHARD_SIZE = "9MB"


@dataclass(frozen=True)
class ImageConfig:
    """Sizes of the UNet and of the text encoder; attention at the last two levels of the UNet (8 x 8 and 4 x 4)."""

    widths: tuple[int, ...] = (48, 96, 128, 192)
    layers: int = 1
    head_width: int = 32
    text_width: int = 128
    text_layers: int = 2
    vocabulary: int = 1200
    batch: int = 24
    drop_caption: float = 0.1


@dataclass(frozen=True)
class Dataset:
    """Scaled latents (n, C, s, s) float16, token ids (n, PHRASINGS, TOKENS) and the ids of no caption (TOKENS,)."""

    latents: torch.Tensor
    ids: torch.Tensor
    silence: torch.Tensor

    def __len__(self) -> int:
        return len(self.latents)


def train_tokenizer(captions: list[str], *, vocabulary: int, window: int = TOKENS) -> CLIPTokenizer:
    """A byte-level BPE in CLIP's format, trained with CLIPTokenizer's own normaliser.

    Every byte is in the vocabulary with and without the end-of-word mark, so that no text is unknown.
    """
    base = CLIPTokenizer().backend_tokenizer
    words = Tokenizer(BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    words.normalizer, words.pre_tokenizer = base.normalizer, base.pre_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, min_frequency=2, special_tokens=["<|startoftext|>", "<|endoftext|>"],
        initial_alphabet=letters, end_of_word_suffix="</w>", show_progress=False,
    )  # fmt: skip
    words.train_from_iterator(captions, trainer)
    vocab = words.get_vocab()
    for letter in letters:
        vocab.setdefault(letter + "</w>", len(vocab))
    return CLIPTokenizer(vocab=vocab, merges=_merges(words), model_max_length=window)


def _merges(words: Tokenizer) -> list[tuple[str, str]]:
    return [(left, right) for left, right in json.loads(words.to_str())["model"]["merges"]]


def text_encoder(tokenizer: CLIPTokenizer, config: ImageConfig) -> CLIPTextModel:
    """An untrained CLIP text encoder that fits the tokenizer."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=config.text_width, intermediate_size=4 * config.text_width,
            num_hidden_layers=config.text_layers, num_attention_heads=config.text_width // 32,
            max_position_embeddings=tokenizer.model_max_length, projection_dim=config.text_width,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )  # fmt: skip


def unet(latent_channels: int, config: ImageConfig) -> UNet2DConditionModel:
    """An untrained UNet; only its last two levels have attention, which keeps the first ones cheap."""
    plain = len(config.widths) - 2
    model = UNet2DConditionModel(
        in_channels=latent_channels, out_channels=latent_channels, block_out_channels=config.widths,
        layers_per_block=config.layers,
        down_block_types=("DownBlock2D",) * plain + ("CrossAttnDownBlock2D",) * 2,
        up_block_types=("CrossAttnUpBlock2D",) * 2 + ("UpBlock2D",) * plain,
        cross_attention_dim=config.text_width, norm_num_groups=16,
        attention_head_dim=tuple(w // config.head_width for w in config.widths),
    )  # fmt: skip
    return model.to(memory_format=torch.channels_last)


def scheduler() -> DPMSolverMultistepScheduler:
    """DPM-Solver++ on the schedule that training uses."""
    return DPMSolverMultistepScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, prediction_type="v_prediction",
        algorithm_type="dpmsolver++", timestep_spacing="trailing", final_sigmas_type="zero",
        rescale_betas_zero_snr=True, steps_offset=1,
    )  # fmt: skip


def diffusion_loss(
    model: Any, latents: torch.Tensor, text: torch.Tensor, alphas: torch.Tensor, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """Weighted v-prediction error at random times.

    `latents` (B, C, s, s), `text` (B, TOKENS, width), `alphas` the cumulative signal power (T,).
    """
    times = torch.randint(len(alphas), (len(latents),), generator=generator)
    noise = torch.randn(latents.shape, generator=generator)
    power = alphas[times][:, None, None, None]
    noisy = power.sqrt() * latents + (1 - power).sqrt() * noise
    target = power.sqrt() * noise - (1 - power).sqrt() * latents
    with autocast():
        made = model(noisy.to(memory_format=torch.channels_last), times, text, return_dict=False)[0]
    error = (made.float() - target).pow(2).mean((1, 2, 3))
    snr = (power / (1 - power)).flatten()
    weight = (snr.clamp(max=SNR_LIMIT) + 1) / (snr + 1)
    return {"loss": (weight * error).mean(), "v_error": error.mean()}


def dataset(
    pictures: Pictures, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, cache: Path, *, shrink: int = 1
) -> Dataset:
    """Encode every picture once (kept in `cache`, an .npy of float16) and tokenise every phrasing.

    Pictures are made `shrink` times smaller first.
    """
    if not cache.exists():
        starts = range(0, len(pictures), 16)
        rows = [encode(vae, pictures, i, min(i + 16, len(pictures)), shrink=shrink) for i in starts]
        np.save(cache, (torch.cat(rows) * vae.config.scaling_factor).half().numpy())
    latents = torch.from_numpy(np.load(cache))
    if len(latents) != len(pictures):
        raise ValueError(f"{cache} holds {len(latents)} latents for {len(pictures)} pictures; remove it")
    flat = [sentence for row in pictures.captions for sentence in row]
    ids = tokenise(tokenizer, flat).reshape(len(pictures), -1, TOKENS)
    return Dataset(latents, ids, tokenise(tokenizer, [""])[0])


def tokenise(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """Padded ids (n, TOKENS)."""
    made = tokenizer(texts, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt")
    return made.input_ids


def pipeline(vae: Any, encoder: Any, tokenizer: Any, model: Any) -> StableDiffusionPipeline:
    """The four parts as Stable Diffusion."""
    pipe = StableDiffusionPipeline(
        vae=vae, text_encoder=encoder, tokenizer=tokenizer, unet=model, scheduler=scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    return pipe


def export(pipe: StableDiffusionPipeline, directory: Path) -> None:
    """Write the pipeline in float16, each file under 10 MB, readable by everybody; replaces `directory` at once."""
    scratch = directory.with_suffix(".writing")
    shutil.rmtree(scratch, ignore_errors=True)
    half = pipeline(
        copy.deepcopy(pipe.vae).half(), copy.deepcopy(pipe.text_encoder).half(), pipe.tokenizer,
        copy.deepcopy(pipe.unet).half(),
    )  # fmt: skip
    half.save_pretrained(scratch, safe_serialization=True, max_shard_size=SHARD_SIZE)
    for path in scratch.rglob("*.json"):
        _forget_path(path)
    for path in scratch.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # safetensors writes 0600
    shutil.rmtree(directory, ignore_errors=True)
    scratch.rename(directory)


def _forget_path(path: Path) -> None:
    """Take out of a configuration where on this machine its weights were read from."""
    settings = json.loads(path.read_text())
    if settings.pop("_name_or_path", None) is not None:
        path.write_text(json.dumps(settings, indent=2) + "\n")


def sample_sheet(pipe: StableDiffusionPipeline, path: Path, *, steps: int = 12, guidance: float = 2.5) -> None:
    """Ten genres (columns), two emotions each, from the canonical prompts."""
    prompts = [
        image_prompt(Fields(genre=genre, emotion=EMOTIONS[(i + 4 * row) % 9], tempo_bpm=70 + 12 * i))
        for row in range(2)
        for i, genre in enumerate(GENRES)
    ]
    images = pipe(
        prompts, num_inference_steps=steps, guidance_scale=guidance, generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images  # fmt: skip
    rows = [np.concatenate(list(images[start : start + 10]), 1) for start in (0, 10)]
    Image.fromarray((np.concatenate(rows, 0) * 255).round().astype(np.uint8)).save(path)


def networks(
    captions: list[str], vae: AutoencoderTiny, config: ImageConfig, *, seed: int, start: Path | None
) -> tuple[CLIPTokenizer, CLIPTextModel, UNet2DConditionModel]:
    """Tokenizer, text encoder and UNet: those of the pipeline directory `start`, or untrained ones."""
    if start is not None:
        return (
            CLIPTokenizer.from_pretrained(start / "tokenizer"),
            CLIPTextModel.from_pretrained(start / "text_encoder", dtype=torch.float32),
            UNet2DConditionModel.from_pretrained(start / "unet", dtype=torch.float32).to(
                memory_format=torch.channels_last
            ),
        )
    tokenizer = train_tokenizer(captions, vocabulary=config.vocabulary)
    torch.manual_seed(seed)
    return tokenizer, text_encoder(tokenizer, config), unet(vae.config.latent_channels, config)


def train(
    pictures: Pictures,
    vae: AutoencoderTiny,
    config: ImageConfig,
    *,
    fitting: FitConfig,
    out: Path,
    shrink: int = 1,
    start: Path | None = None,
) -> Path:
    """Train UNet and text encoder jointly, from nothing or from `start`, on pictures made `shrink` times smaller.

    Writes sheets and `out/pipeline` while it goes, and returns the latter.
    """
    out.mkdir(parents=True, exist_ok=True)
    captions = [sentence for row in pictures.captions for sentence in row]
    tokenizer, encoder, model = networks(captions, vae, config, seed=fitting.seed, start=start)
    data = dataset(pictures, vae, tokenizer, out / "latents.npy", shrink=shrink)
    model.register_to_config(sample_size=data.latents.shape[-1])
    alphas = scheduler().alphas_cumprod
    print(f"UNet {_millions(model)}, text encoder {_millions(encoder)}, {len(data)} pictures", flush=True)

    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        rows = torch.randint(len(data), (config.batch,), generator=generator)
        phrasing = torch.randint(data.ids.shape[1], (config.batch,), generator=generator)
        ids = data.ids[rows, phrasing]
        ids[torch.rand(config.batch, generator=generator) < config.drop_caption] = data.silence
        with autocast():
            text = encoder(ids).last_hidden_state
        return diffusion_loss(model, data.latents[rows].float(), text, alphas, generator)

    def show(step: int) -> None:
        pipe = pipeline(vae, encoder, tokenizer, model)
        with torch.no_grad():
            sample_sheet(pipe, out / f"sheet_{step:06d}.png")
        export(pipe, out / "pipeline")

    model.set_attn_processor(AttnProcessor())  # on a CPU the fused kernel's backward pass is half as fast as this
    encoder.train()
    model.train()
    fit({"unet": model, "text": encoder}, loss, out=out, config=fitting, sample=show)
    show(0)
    return out / "pipeline"


def _millions(module: torch.nn.Module) -> str:
    return f"{sum(p.numel() for p in module.parameters()) / 1e6:.2f} M parameters"


def main() -> None:
    """Train the bundled picture model on painted pictures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=None, help="train exactly so many steps instead")
    parser.add_argument("--count", type=int, default=5000, help="pictures to learn from")
    parser.add_argument("--size", type=int, default=SIZE_PX, choices=(SIZE_PX // 2, SIZE_PX), help="pixels a side")
    parser.add_argument("--batch", type=int, default=ImageConfig.batch)
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="less for a second run")
    parser.add_argument("--start", type=Path, default=None, help="a pipeline directory whose weights to go on with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--autoencoder", type=Path, required=True, help="OUT of pipelines.pretrain.autoencoder")
    parser.add_argument("--pictures", type=Path, default=None, help="cache of painted pictures (default: OUT/pictures)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pictures = painted(options.pictures or options.out / "pictures", options.count, seed=options.seed)
    vae = AutoencoderTiny.from_pretrained(options.autoencoder / "vae").eval().requires_grad_(False)
    fitting = FitConfig(
        minutes=options.minutes, steps=options.steps, learning_rate=options.learning_rate, weight_decay=0.01,
        ema=0.995, beta2=0.99, flat_share=0.4, seed=options.seed, sample_every_share=0.25,
    )  # fmt: skip
    config = ImageConfig(batch=options.batch)
    shrink = SIZE_PX // options.size
    print(train(pictures, vae, config, fitting=fitting, out=options.out, shrink=shrink, start=options.start))


if __name__ == "__main__":
    main()
