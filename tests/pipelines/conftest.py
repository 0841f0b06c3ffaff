"""Two MusicGens in the formats of the real ones, tiny and untrained: over EnCodec and over the score codec."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What facebook/musicgen-small's directory holds: T5, EnCodec at 32 kHz and 50 frames/s, four streams."""
    out = tmp_path_factory.mktemp("musicgen")
    write_musicgen(out, channels=1, follows_melody=False)
    return out


@pytest.fixture(scope="session")
def tiny_stereo_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What facebook/musicgen-stereo-small's directory holds: four streams a side, taking turns."""
    out = tmp_path_factory.mktemp("musicgen_stereo")
    write_musicgen(out, channels=2, follows_melody=False)
    return out


@pytest.fixture(scope="session")
def tiny_melody_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What facebook/musicgen-melody's directory holds: a decoder that reads 235 frames of chroma before the text."""
    out = tmp_path_factory.mktemp("musicgen_melody")
    write_musicgen(out, channels=1, follows_melody=True)
    return out


def write_musicgen(out: Path, *, channels: int, follows_melody: bool) -> None:
    """Save a tiny untrained model over EnCodec."""
    import torch
    from transformers import (
        EncodecConfig,
        EncodecFeatureExtractor,
        MusicgenConfig,
        MusicgenForConditionalGeneration,
        MusicgenMelodyConfig,
        MusicgenMelodyForConditionalGeneration,
        MusicgenProcessor,
        T5Config,
        T5Tokenizer,
    )
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig
    from transformers.models.musicgen_melody.configuration_musicgen_melody import MusicgenMelodyDecoderConfig

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(letter, -3.0) for letter in "abcdefghijklmnopqrstuvwxyz0123456789,"]
    tokenizer = T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)
    text = T5Config(vocab_size=64, d_model=12, d_kv=4, d_ff=16, num_layers=1, num_heads=2, is_encoder_decoder=False)
    codec = EncodecConfig(
        sampling_rate=32000,
        target_bandwidths=[1.2],  # 4 codebooks of 64 entries at 50 frames a second
        upsampling_ratios=[8, 5, 4, 4],
        num_filters=2,
        hidden_size=8,
        codebook_size=64,
        codebook_dim=8,
        num_lstm_layers=1,
        use_causal_conv=False,
        norm_type="weight_norm",
    )
    size = {
        "vocab_size": 64, "hidden_size": 16, "ffn_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_codebooks": 4 * channels, "audio_channels": channels, "pad_token_id": 64, "bos_token_id": 64,
        "dropout": 0.0,
    }  # fmt: skip
    parts = {"text_encoder": text.to_dict(), "audio_encoder": codec.to_dict()}
    torch.manual_seed(0)
    if follows_melody:
        melody = MusicgenMelodyConfig(decoder=MusicgenMelodyDecoderConfig(**size).to_dict(), **parts)
        network = MusicgenMelodyForConditionalGeneration(melody)
    else:
        plain = MusicgenConfig(decoder=MusicgenDecoderConfig(**size).to_dict(), **parts)
        network = MusicgenForConditionalGeneration(plain)
    for layer in network.audio_encoder.quantizer.layers:
        layer.codebook.embed.normal_()  # untrained code books are zeros: every code would sound the same
    with torch.no_grad():  # likewise every sound would have the same codes
        last = network.audio_encoder.encoder.layers[-1].conv
        heard = network.audio_encoder.encoder(0.1 * torch.randn(1, 1, 32000))
        scale = 1 / heard.std(2).mean()
        last.parametrizations.weight.original0.mul_(scale)
        last.bias.sub_(heard.mean((0, 2))).mul_(scale)
    for name, weight in network.named_parameters():
        if "attn.v_proj" in name or "attn.out_proj" in name or "enc_to_dec" in name:
            weight.data *= 20  # as they start, they pass on so little of words and tunes that no token changes
    settings = network.generation_config
    settings.pad_token_id = settings.bos_token_id = settings.decoder_start_token_id = 64
    settings.do_sample, settings.guidance_scale, settings.max_length = True, 3.0, 1500
    network.save_pretrained(out)
    MusicgenProcessor(EncodecFeatureExtractor(sampling_rate=32000), tokenizer).save_pretrained(out)


@pytest.fixture(scope="session")
def tiny_score_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bundled model's directory holds, with a network that has learnt nothing."""
    import torch

    from corpus.captions import Fields
    from pipelines.pretrain.music_network import Size, build, save
    from pipelines.pretrain.music_words import train_tokenizer

    out = tmp_path_factory.mktemp("score_musicgen")
    tokenizer = train_tokenizer([Fields("jazz", "calmness", tempo_bpm=96, key="A minor")], 0, vocabulary=300)
    torch.manual_seed(0)
    save(build(len(tokenizer), Size(width=32, layers=1, heads=4, text_width=16, text_layers=1)), tokenizer, out)
    return out
