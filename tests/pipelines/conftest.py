"""Two MusicGens in the formats of the real ones, tiny and untrained: over EnCodec and over the score codec."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What facebook/musicgen-small's directory holds: T5, EnCodec at 32 kHz and 50 frames/s, four streams."""
    import torch
    from transformers import (
        EncodecConfig,
        EncodecFeatureExtractor,
        MusicgenConfig,
        MusicgenForConditionalGeneration,
        MusicgenProcessor,
        T5Config,
        T5Tokenizer,
    )
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    out = tmp_path_factory.mktemp("musicgen")
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
    decoder = MusicgenDecoderConfig(
        vocab_size=64, hidden_size=16, ffn_dim=32, num_hidden_layers=2, num_attention_heads=2, num_codebooks=4,
        pad_token_id=64, bos_token_id=64, dropout=0.0,
    )  # fmt: skip
    torch.manual_seed(0)
    network = MusicgenForConditionalGeneration(
        MusicgenConfig(text_encoder=text.to_dict(), audio_encoder=codec.to_dict(), decoder=decoder.to_dict())
    )
    for layer in network.audio_encoder.quantizer.layers:
        layer.codebook.embed.normal_()  # untrained code books are zeros: every code would sound the same
    settings = network.generation_config
    settings.pad_token_id = settings.bos_token_id = settings.decoder_start_token_id = 64
    settings.do_sample, settings.guidance_scale, settings.max_length = True, 3.0, 1500
    network.save_pretrained(out)
    MusicgenProcessor(EncodecFeatureExtractor(sampling_rate=32000), tokenizer).save_pretrained(out)
    return out


@pytest.fixture(scope="session")
def tiny_score_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bundled model's directory holds, with a network that has learnt nothing."""
    import torch

    from corpus.captions import Fields
    from pipelines.pretrain.music import Size, build, save
    from pipelines.pretrain.music_words import train_tokenizer

    out = tmp_path_factory.mktemp("score_musicgen")
    tokenizer = train_tokenizer([Fields("jazz", "calmness", tempo_bpm=96, key="A minor")], 0, vocabulary=300)
    torch.manual_seed(0)
    save(build(len(tokenizer), Size(width=32, layers=1, heads=4, text_width=16, text_layers=1)), tokenizer, out)
    return out
