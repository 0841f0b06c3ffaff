"""The networks of the bundled picture model: its tokenizer, text encoder and UNet, untrained or going on."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

TOKENS = 48
"""Length of the text window; the longest caption has about 40 tokens."""


@dataclass(frozen=True)
class ImageConfig:
    """Sizes of the UNet and of the text encoder; attention at the last two levels of the UNet (8 x 8 and 4 x 4)."""

    widths: tuple[int, ...] = (48, 96, 128, 192)
    layers: int = 1
    head_width: int = 32
    text_width: int = 128
    text_layers: int = 2
    vocabulary: int = 2400
    batch: int = 24
    drop_caption: float = 0.1


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


def with_words(
    encoder: CLIPTextModel, tokenizer: CLIPTokenizer, known: CLIPTextModel, known_tokenizer: CLIPTokenizer
) -> CLIPTextModel:
    """`encoder` with the weights of `known`; a word that is new begins as the mean of the pieces it was read in."""
    weights, words = known.state_dict(), "text_model.embeddings.token_embedding.weight"
    if words not in weights:
        words = words.removeprefix("text_model.")
    table, fresh = weights[words], encoder.state_dict()[words].clone()
    vocabulary = known_tokenizer.get_vocab()
    for token, index in tokenizer.get_vocab().items():
        if token in vocabulary:
            fresh[index] = table[vocabulary[token]]
        else:
            pieces = known_tokenizer(token.removesuffix("</w>"), add_special_tokens=False).input_ids
            fresh[index] = table[pieces].mean(0) if pieces else fresh[index]
    encoder.load_state_dict(weights | {words: fresh})
    return encoder


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


def widened(model: UNet2DConditionModel, latent_channels: int) -> UNet2DConditionModel:
    """The same UNet for latents of more channels: what it knows of the first ones stays, the new ones start at 0."""
    known = model.config.in_channels
    if latent_channels != known:
        settings = {name: value for name, value in model.config.items() if not name.startswith("_")}
        wide = UNet2DConditionModel.from_config(
            settings | {"in_channels": latent_channels, "out_channels": latent_channels}
        )
        weights = model.state_dict()
        for name in ("conv_in.weight", "conv_out.weight", "conv_out.bias"):
            fresh = torch.zeros_like(wide.state_dict()[name])
            fresh[tuple(slice(0, size) for size in weights[name].shape)] = weights[name]
            weights[name] = fresh
        wide.load_state_dict(weights)
        model = wide
    return model.to(memory_format=torch.channels_last)


def tokenise(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """Padded ids (n, TOKENS)."""
    made = tokenizer(texts, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt")
    return made.input_ids


def kept_tokenizer(folder: Path, captions: list[str], *, vocabulary: int) -> CLIPTokenizer:
    """The tokenizer in `folder`, or a new one that is put there.

    A run that goes on must read words as it did before, and the training of a BPE breaks ties as it likes.
    """
    if not folder.is_dir():
        train_tokenizer(captions, vocabulary=vocabulary).save_pretrained(folder)
    return CLIPTokenizer.from_pretrained(folder)


def networks(
    captions: list[str], vae: AutoencoderTiny, config: ImageConfig, *, out: Path, seed: int, start: Path | None
) -> tuple[CLIPTokenizer, CLIPTextModel, UNet2DConditionModel]:
    """Tokenizer, text encoder and UNet: those of the pipeline directory `start`, or untrained ones."""
    tokenizer = kept_tokenizer(out / "tokenizer", captions, vocabulary=config.vocabulary)
    torch.manual_seed(seed)
    if start is None:
        return tokenizer, text_encoder(tokenizer, config), unet(vae.config.latent_channels, config)
    encoder = CLIPTextModel.from_pretrained(start / "text_encoder", dtype=torch.float32)
    model = UNet2DConditionModel.from_pretrained(start / "unet", dtype=torch.float32)
    return (
        tokenizer,
        with_words(
            text_encoder(tokenizer, config), tokenizer, encoder, CLIPTokenizer.from_pretrained(start / "tokenizer")
        ),
        widened(model, vae.config.latent_channels),
    )
