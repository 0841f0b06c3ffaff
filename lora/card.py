"""Look at an adapter and write its card: a before-and-after sheet, what it changes in figures, how to use it.

How far a set of pictures has moved towards the style is measured on simple statistics of pictures (colourfulness,
lightness of the margin, contrast in four octaves of detail): on the line from the mean of plain painted pictures (0)
to the mean of the same pictures in the style (1), both as the base's autoencoder renders them. The pictures painted
for this were not trained on.

    python -m lora.card weights/lora/watercolour --base weights/image --style watercolour --trained "..."
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from corpus.captions import EMOTIONS, GENRES, Fields, image_prompt, scene_for
from corpus.manners import STYLES, stylise
from corpus.painter import SceneSpec, paint
from lora.check import AdapterInfo, base_shapes, check_adapter
from lora.image import Examples, encode, load_base, native_size_px

WEIGHTS = (0.0, 0.5, 1.0)
HELD_OUT_SEED = 900_000
SHEET_NAME = "before_after.jpg"

Pictures = npt.NDArray[np.float64]
"""Shape (n, size, size, 3) in [0, 1]."""


@dataclass(frozen=True)
class Figures:
    """Mean absolute change of a pixel (0..255) and place on the way to the style, each for every weight of WEIGHTS."""

    change: tuple[float, ...]
    style: tuple[float, ...]
    restored: bool


def prompts() -> list[str]:
    """One canonical prompt an emotion, each with another genre."""
    pairs = zip(GENRES, EMOTIONS, strict=False)
    return [image_prompt(Fields(genre=genre, emotion=emotion, tempo_bpm=100.0)) for genre, emotion in pairs]


def generate(pipeline: Any, *, steps: int, guidance: float, seed: int = 1) -> Pictures:
    """One picture a prompt, all from their own fixed noise."""
    made = [
        pipeline(
            prompt, num_inference_steps=steps, guidance_scale=guidance, output_type="np",
            generator=torch.Generator().manual_seed(seed + index),
        ).images[0]
        for index, prompt in enumerate(prompts())
    ]  # fmt: skip
    return np.stack(made).astype(np.float64)


def measure(pipeline: Any, folder: Path, style: str, *, steps: int, guidance: float) -> tuple[Figures, Pictures]:
    """Apply the adapter at each of WEIGHTS, then unload it -> figures and the pictures, (weights * prompts, ...)."""
    base = generate(pipeline, steps=steps, guidance=guidance)
    pipeline.load_lora_weights(str(folder), adapter_name="one")
    rows = [base]
    for weight in WEIGHTS[1:]:
        pipeline.set_adapters(["one"], [weight])
        rows.append(generate(pipeline, steps=steps, guidance=guidance))
    pipeline.unload_lora_weights()
    restored = np.array_equal(generate(pipeline, steps=steps, guidance=guidance), base)
    plain, styled = _held_out(pipeline, style)
    places = [place(row, plain, styled) for row in rows]
    change = [float(np.abs(row - base).mean() * 255) for row in rows]
    return Figures(tuple(change), tuple(places), restored), np.concatenate(rows)


def place(pictures: Pictures, plain: Pictures, styled: Pictures) -> float:
    """Where the mean of `pictures` lies on the line from the mean of `plain` (0) to that of `styled` (1)."""
    start, spread = statistics(plain).mean(0), statistics(plain).std(0)
    way, moved = ((statistics(p).mean(0) - start) / spread for p in (styled, pictures))
    return float(moved @ way / (way @ way))


def statistics(pictures: Pictures) -> npt.NDArray[np.float64]:
    """Seven numbers a picture, (n, 7): colourfulness, margin minus middle, lightness, contrast of four octaves."""
    size = pictures.shape[1]
    grey, edge = pictures.mean(-1), max(1, size // 40)
    margin = np.ones((size, size), bool)
    margin[edge:-edge, edge:-edge] = False
    columns = [(pictures.max(-1) - pictures.min(-1)).mean((1, 2)), grey[:, margin].mean(1) - grey.mean((1, 2))]
    columns.append(grey.mean((1, 2)))
    for octave in range(4):
        sigma = size / 256 * 2**octave
        band = gaussian_filter(grey, (0, sigma, sigma)) - gaussian_filter(grey, (0, 2 * sigma, 2 * sigma))
        columns.append(np.log(band.std((1, 2)) + 1e-3))
    return np.stack(columns, 1)


@torch.no_grad()
def _held_out(pipeline: Any, style: str) -> list[Pictures]:
    """Painted pictures for the prompts, plain and in the style, three of each, through the base's autoencoder."""
    size_px, pixels = native_size_px(pipeline), []
    for index in range(3 * len(EMOTIONS)):
        genre, emotion = GENRES[index % len(EMOTIONS)], EMOTIONS[index % len(EMOTIONS)]
        spec = SceneSpec(scene_for(genre, emotion), emotion, genre, 100.0)
        pixels.append(paint(spec, HELD_OUT_SEED + index, size_px=size_px))
    styled = [stylise(p, style, HELD_OUT_SEED + i) for i, p in enumerate(pixels)]
    sets = []
    for group in (pixels, styled):
        latents = encode(pipeline, Examples(np.stack(group), ("",) * len(group))).latents
        made = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
        sets.append((made.clamp(-1, 1) / 2 + 0.5).permute(0, 2, 3, 1).double().cpu().numpy())
    return sets


def sheet(pictures: Pictures) -> Image.Image:
    """A row of pictures for each weight, the prompts side by side."""
    rows = np.split(pictures, len(WEIGHTS))
    return Image.fromarray(
        (np.concatenate([np.concatenate(list(row), 1) for row in rows]) * 255).round().astype("uint8")
    )


def card(info: AdapterInfo, figures: Figures, trained: str, settings: str) -> str:
    """The adapter's README.md."""
    table = "\n".join(
        f"| {weight:g} | {change:.1f} | {style:.2f} |"
        for weight, change, style in zip(WEIGHTS, figures.change, figures.style, strict=True)
    )
    size_kb = info.path.stat().st_size / 1000
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

pipeline = StableDiffusionPipeline.from_pretrained("weights/image")
pipeline.load_lora_weights("weights/lora/{info.name}", adapter_name="{info.name}")
pipeline.set_adapters(["{info.name}"], [1.0])
picture = pipeline("rolling sea waves, calm mood, aqua and mint", num_inference_steps=12, guidance_scale=2.5).images[0]
```

The words `{", ".join(info.triggers) or "(none)"}` stood before half of the training captions.
The style comes without them too.

![rows: weight {", ".join(f"{w:g}" for w in WEIGHTS)}; columns: one prompt an emotion]({SHEET_NAME})

| weight | mean change of a pixel (0 to 255) | place from plain (0) to style (1) |
|---|---|---|
{table}

{settings} Unloading gives back the base's pictures exactly: {"yes" if figures.restored else "NO"}.
The place is measured on seven simple statistics of the pictures (see `lora/card.py`); it says nothing about beauty.
"""


def main(argv: list[str] | None = None) -> None:
    """Measure an adapter, draw its sheet and write its card beside it."""
    parser = argparse.ArgumentParser(prog="python -m lora.card", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--style", choices=sorted(STYLES), required=True)
    parser.add_argument("--trained", default="", help="a sentence on how it was trained, for the card")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    info = check_adapter(options.folder, base_shapes(Path(options.base)))
    pipeline = load_base(options.base)
    figures, pictures = measure(pipeline, options.folder, options.style, steps=options.steps, guidance=options.guidance)
    whole = sheet(pictures)
    half = whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.LANCZOS)
    half.save(options.folder / SHEET_NAME, quality=88, optimize=True)
    settings = (
        f"{len(prompts())} prompts, seeds 1 to {len(prompts())}, {options.steps} steps, guidance {options.guidance:g}."
    )
    (options.folder / "README.md").write_text(card(info, figures, options.trained, settings))
    print(figures)


if __name__ == "__main__":
    main()
