"""Sample sheets: the same prompts from the same noise, without the adapter above and with it below."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw

from core.precision import precision
from core.runtime import cpu_generator

Pictures = npt.NDArray[np.uint8]
"""Shape (n, height, width, 3)."""


@dataclass(frozen=True)
class Sitting:
    """What is painted for every sheet: prompts, and the steps and guidance of the base's own scheduler."""

    prompts: tuple[str, ...]
    steps: int
    guidance: float
    size_px: int
    seed: int = 1

    def paint(self, pipeline: Any) -> Pictures:
        """One picture a prompt with the adapters as they are now; the parts stay in the mode they are in."""
        parts = [pipeline.unet, pipeline.text_encoder]
        modes = [part.training for part in parts]
        for part in parts:
            part.eval()
        with precision(pipeline.unet.device):
            made = [self._one(pipeline, prompt, index) for index, prompt in enumerate(self.prompts)]
        for part, training in zip(parts, modes, strict=True):
            part.train(training)
        return np.stack(made)

    def _one(self, pipeline: Any, prompt: str, index: int) -> Pictures:
        picture = pipeline(
            prompt, num_inference_steps=self.steps, guidance_scale=self.guidance, output_type="np",
            height=self.size_px, width=self.size_px, generator=cpu_generator(self.seed + index),
        ).images[0]  # fmt: skip
        return np.asarray(np.nan_to_num(picture * 255).round(), np.uint8)


def write(path: Path, before: Pictures, after: Pictures, prompts: tuple[str, ...]) -> None:
    """A PNG of two rows, before and after, with each column's prompt under it."""
    rows = np.concatenate([np.concatenate(list(row), 1) for row in (before, after)])
    width = before.shape[2]
    page = Image.new("RGB", (rows.shape[1], rows.shape[0] + 40), "white")
    page.paste(Image.fromarray(rows))
    pen = ImageDraw.Draw(page)
    for column, prompt in enumerate(prompts):
        pen.text((column * width + 4, rows.shape[0] + 4), _wrapped(pen, prompt, width - 8), fill="black")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path)


def _wrapped(pen: ImageDraw.ImageDraw, text: str, width_px: int) -> str:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines[:3])


def without_adapter(pipeline: Any, sitting: Sitting) -> Pictures:
    """The row before: what the base paints."""
    parts = [part for part in (pipeline.unet, pipeline.text_encoder) if getattr(part, "peft_config", None)]
    for part in parts:
        part.disable_adapters()
    try:
        with torch.no_grad():
            return sitting.paint(pipeline)
    finally:
        for part in parts:
            part.enable_adapters()
