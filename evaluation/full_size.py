"""Stable Diffusion 1.5 with LCM-LoRA and TAESD as directories of random weights: nothing to look at, all to time.

The architecture, every file and every name are those of the Hub's directories; a Size says how large. The LoRA is
written in the spelling of latent-consistency/lcm-lora-sdv1-5 (underscores for dots, an alpha a layer).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.models import LCM_LORA, TINY_DECODER

if TYPE_CHECKING:  # a command imports torch only after it has said how threads wait
    import torch

LCM_LAYERS = (
    "to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2",
    "conv_shortcut", "downsamplers.0.conv", "upsamplers.0.conv", "time_emb_proj",
)  # fmt: skip
"""The layers of the UNet that LCM-LoRA changes, by the ends of their names."""


@dataclass(frozen=True)
class Size:
    """Widths of the four stages of UNet and autoencoder, of the text encoder, and the LoRA's rank."""

    unet: tuple[int, int, int, int] = (320, 640, 1280, 1280)
    heads: int = 8
    vae: tuple[int, int, int, int] = (128, 256, 512, 512)
    tiny: int = 64
    text: int = 768
    text_layers: int = 12
    vocabulary: int = 49408
    groups: int = 32
    rank: int = 64
    latent: int = 64


SMALL = Size((8, 16, 16, 16), 4, (8, 8, 8, 8), 8, 16, 1, 640, 4, 2, 8)
"""For tests: pictures of 64 px."""


@dataclass(frozen=True)
class Folders:
    """Where the three models lie."""

    pipeline: Path
    lcm: Path
    decoder: Path

    @staticmethod
    def of(out: Path) -> "Folders":
        """The folders that `write` makes in `out`."""
        return Folders(out / "stable-diffusion-v1-5", out / LCM_LORA.name, out / TINY_DECODER.name)


def write(out: Path, size: Size, *, dtype: str = "float16") -> Folders:
    """Write the three models into `out`, which is made; `dtype` by torch's name."""
    import torch
    from safetensors.torch import save_file

    folders = Folders.of(out)
    torch.manual_seed(0)
    unet = unet_of(size)
    folders.lcm.mkdir(parents=True)
    save_file(lora_of(unet, rank=size.rank), folders.lcm / "pytorch_lora_weights.safetensors")
    pipeline_of(size, unet).to(dtype=getattr(torch, dtype)).save_pretrained(folders.pipeline, safe_serialization=True)
    tiny_decoder_of(size).to(getattr(torch, dtype)).save_pretrained(folders.decoder)
    return folders


def unet_of(size: Size) -> Any:
    """The UNet of Stable Diffusion 1.5: 860 million weights at full size."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=size.latent, block_out_channels=size.unet, attention_head_dim=size.heads,
        cross_attention_dim=size.text, norm_num_groups=size.groups,
    )  # fmt: skip


def tiny_decoder_of(size: Size) -> Any:
    """TAESD: a small autoencoder for the same latents."""
    from diffusers import AutoencoderTiny

    return AutoencoderTiny(
        encoder_block_out_channels=(size.tiny,) * 4, decoder_block_out_channels=(size.tiny,) * 4, scaling_factor=1.0
    )


def pipeline_of(size: Size, unet: Any) -> Any:
    """The pipeline around a UNet; its tokenizer knows few words, which takes no longer."""
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline
    from transformers import CLIPTextConfig, CLIPTextModel

    from pipelines.pretrain.networks import train_tokenizer

    tokenizer = train_tokenizer(["ocean waves and a low sun", "a city skyline"], vocabulary=540, window=77)
    text = CLIPTextConfig(
        vocab_size=size.vocabulary, hidden_size=size.text, intermediate_size=4 * size.text,
        num_hidden_layers=size.text_layers, num_attention_heads=max(2, size.text // 64), max_position_embeddings=77,
        projection_dim=size.text, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=size.vae, norm_num_groups=size.groups, layers_per_block=2, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=8 * size.latent, scaling_factor=0.18215,
    )  # fmt: skip
    scheduler = PNDMScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, skip_prk_steps=True, steps_offset=1
    )
    return StableDiffusionPipeline(
        vae=vae, text_encoder=CLIPTextModel(text), tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def lora_of(unet: Any, *, rank: int, strength: float = 0.02) -> "dict[str, torch.Tensor]":
    """A random LoRA over the layers that LCM-LoRA changes, as its file names them."""
    import torch

    made: dict[str, torch.Tensor] = {}
    for name, layer in unet.named_modules():
        if not name.endswith(LCM_LAYERS) or not hasattr(layer, "weight"):
            continue
        wide_out, wide_in, *kernel = layer.weight.shape
        stem = f"lora_unet_{name.replace('.', '_')}"
        made[f"{stem}.lora_down.weight"] = torch.randn(rank, wide_in, *kernel).half() * strength
        made[f"{stem}.lora_up.weight"] = torch.randn(wide_out, rank, *[1] * len(kernel)).half() * strength
        made[f"{stem}.alpha"] = torch.tensor(float(rank)).half()
    return made
