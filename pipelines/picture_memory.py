"""A pipeline put where it computes, in as much memory as there is: whole, part by part, or layer by layer."""

from typing import Any

from core.runtime import Compute, free_bytes

WORKING_BYTES = 2 * 2**30
"""What painting 512 x 512 pixels takes beside the weights."""


def place(pipe: Any, choice: Compute) -> tuple[str, ...]:
    """Move `pipe` to its device, or only what is being used of it; says in sentences what that costs."""
    import torch

    pipe.vae.to(memory_format=torch.channels_last)  # decoding takes a fifth less; the UNet gains nothing
    parts = [_bytes_of(part) for part in pipe.components.values() if hasattr(part, "parameters")]
    free = free_bytes(choice.device) if choice.device in ("cuda", "cpu") else None
    weights = 0 if choice.device == "cpu" else sum(parts)  # on the CPU they are there already
    if free is None or weights + WORKING_BYTES <= free:
        pipe.to(choice.device)
        return ()
    _paint_in_slices(pipe)
    if choice.device == "cpu":
        pipe.to("cpu")
        return ("Memory is short: attention and pixels are computed in slices, which takes longer.",)
    if max(parts) + WORKING_BYTES <= free:
        pipe.enable_model_cpu_offload(device=choice.device)
        return ("The GPU's memory is short: only the part that is at work lies in it, which takes longer.",)
    pipe.enable_sequential_cpu_offload(device=choice.device)
    return ("The GPU's memory is very short: layers visit it one by one, which takes much longer.",)


def _paint_in_slices(pipe: Any) -> None:
    pipe.enable_attention_slicing()
    pipe.vae.enable_slicing()
    pipe.vae.enable_tiling()


def _bytes_of(part: Any) -> int:
    return sum(weight.numel() * weight.element_size() for weight in part.parameters())
