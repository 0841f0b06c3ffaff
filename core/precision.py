"""In which numbers networks are trained: float32 weights, products in bfloat16 where a device is quick at them."""

import torch

from core.runtime import multiplies_bfloat16


def precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the device computes in it: newer CUDA, and CPUs with instructions for it. A context manager."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = device.type == "cpu" and multiplies_bfloat16()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)
