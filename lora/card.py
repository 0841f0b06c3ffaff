"""An adapter's card: a before-and-after sheet, what it changes in figures, how to use it.

The figures come from `evaluation.adapters`, which paints with the app's own model and lets a probe judge; here they are
put into words, in the README.md beside the adapter, in the form of the Hub's model cards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from lora.check import AdapterInfo

SHEET_NAME = "before_after.jpg"
SHEET_PX = 128
"""The side of a picture on the sheet."""

Pictures = Sequence[npt.NDArray[np.uint8]]
"""Each (height, width, 3)."""


@dataclass(frozen=True)
class Row:
    """One weight: the mean change of a pixel (0..255) from the base's picture, and in how many of the pictures a probe
    recognises the adapter's style (None for a style that the probe never saw), the prompt's emotion and its scene."""

    weight: float
    change: float
    style: int | None
    emotion: int
    scene: int


@dataclass(frozen=True)
class Figures:
    """What was measured on `n` pictures a weight; `probe` is what the probe itself achieves on the painter's pictures
    in this style: the shares of style, emotion and scene recognised."""

    rows: tuple[Row, ...]
    n: int
    steps: int
    guidance: float
    restored: bool
    probe: tuple[float, float, float]


@dataclass(frozen=True)
class Usage:
    """How the example on the card paints with diffusers alone: the base's directory, and what suits its scheduler."""

    base: str
    steps: int
    guidance: float


def write(info: AdapterInfo, figures: Figures, rows: Sequence[Pictures], *, usage: Usage, trained: str = "") -> None:
    """README.md and SHEET_NAME beside the adapter; `rows` are the pictures of each weight, `trained` a sentence."""
    folder = info.path.parent
    sheet(rows).save(folder / SHEET_NAME, quality=88, optimize=True)
    (folder / "README.md").write_text(card(info, figures, usage=usage, trained=trained), "utf-8")


def sheet(rows: Sequence[Pictures], *, size_px: int = SHEET_PX) -> Image.Image:
    """Rows of pictures, each scaled to a square of `size_px`."""
    page = Image.new("RGB", (size_px * max(map(len, rows)), size_px * len(rows)))
    for r, row in enumerate(rows):
        for c, pixels in enumerate(row):
            tile = Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.LANCZOS)
            page.paste(tile, (c * size_px, r * size_px))
    return page


def card(info: AdapterInfo, figures: Figures, *, usage: Usage, trained: str = "") -> str:
    """The adapter's README.md."""
    size_kb = info.path.stat().st_size / 1000
    weights = ", ".join(f"{row.weight:g}" for row in figures.rows)
    return f"""---
license: {info.licence.lower()}
base_model: {info.base}
tags: [lora, diffusers, stable-diffusion]
---
# {info.name}: a LoRA adapter for {info.base}

{info.description} Rank {info.rank}, alpha {info.alpha:g}, {size_kb:.0f} kB, float16.
{trained}

```python
from diffusers import StableDiffusionPipeline

pipeline = StableDiffusionPipeline.from_pretrained("{usage.base}")
pipeline.load_lora_weights("weights/lora/{info.name}", adapter_name="{info.name}")
pipeline.set_adapters(["{info.name}"], [1.0])
prompt = "rolling sea waves, calm mood, aqua and mint"
picture = pipeline(prompt, num_inference_steps={usage.steps}, guidance_scale={usage.guidance:g}).images[0]
```

{_trigger_sentence(info)}

![rows: weight {weights}; columns: one prompt each]({SHEET_NAME})

{_table(figures)}

{figures.n} prompts that name neither the style nor the trigger, one picture each, painted as the app paints: \
{figures.steps} steps, guidance {figures.guidance:g}.
{_probe_sentence(figures)}
With the adapter switched off the base paints exactly what it painted before: {"yes" if figures.restored else "NO"}.
"""


def _trigger_sentence(info: AdapterInfo) -> str:
    if not info.triggers:
        return "The adapter has no trigger words."
    return f"Half of the training captions began with `{', '.join(info.triggers)}`; the style comes without, too."


def _table(figures: Figures) -> str:
    lines = [
        "| weight | mean change of a pixel (0 to 255) | style recognised | emotion recognised | scene recognised |",
        "|---|---|---|---|---|",
    ]
    for row in figures.rows:
        lines.append(f"| {row.weight:g} | {row.change:.1f} | {' | '.join(recognised(row, figures.n))} |")
    return "\n".join(lines)


def recognised(row: Row, n: int) -> list[str]:
    """In how many of `n` pictures style, emotion and scene are recognised, in words; "" where no probe can say."""
    return ["" if count is None else f"{count} of {n}" for count in (row.style, row.emotion, row.scene)]


def _probe_sentence(figures: Figures) -> str:
    style, emotion, scene = (f"{share:.0%}" for share in figures.probe)
    return (
        "Recognised by a small network that learned from the painter's own pictures, plain and in every style. Of such "
        f"pictures it names, where it had not seen them, the style of {style}, the emotion of {emotion} and the scene "
        f"of {scene}."
    )
