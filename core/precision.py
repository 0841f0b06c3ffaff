"""What suits a device in training: float32 weights, products in bfloat16 where it is quick at them, which attention."""

from typing import Any

import torch

from core.runtime import multiplies_bfloat16


def precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the device computes in it: newer CUDA, and CPUs with instructions for it. A context manager."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = device.type == "cpu" and multiplies_bfloat16()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def plain_attention(unet: Any) -> None:
    """Plain products for the attention of a diffusers UNet on a CPU: the fused kernel's way back takes longer there."""
    from diffusers.models.attention_processor import AttnProcessor

    if unet.device.type == "cpu":
        unet.set_attn_processor(AttnProcessor())
