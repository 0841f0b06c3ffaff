"""Pictures drawn by rules from the shared vocabulary: the corpus of the bundled picture model.

A picture is scene x emotion x tempo: the scene gives the composition, the emotion the palette, the tempo the density
and motion. `paint` is a function of its arguments alone; the same seed gives the same picture at every size.

    python -m corpus.painter --out sheet.png          every scene (rows) in every emotion (columns)
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from corpus import captions, scenes_abstract, scenes_city, scenes_indoor, scenes_land, scenes_objects, scenes_sky
from corpus.canvas import Canvas
from corpus.palettes import PALETTES, Palette

SCENES: dict[str, Callable[[Canvas, Palette, float], None]] = {
    "mountains": scenes_land.mountains,
    "sea": scenes_land.sea,
    "forest": scenes_land.forest,
    "desert_road": scenes_land.desert_road,
    "skyline": scenes_city.skyline,
    "cathedral": scenes_indoor.cathedral,
    "stage": scenes_indoor.stage,
    "vinyl": scenes_objects.vinyl,
    "dance_floor": scenes_indoor.dance_floor,
    "neon_grid": scenes_city.neon_grid,
    "geometric": scenes_abstract.geometric,
    "rings": scenes_abstract.rings,
    "shards": scenes_abstract.shards,
    "flow": scenes_abstract.flow,
    "aurora": scenes_land.aurora,
    "piano": scenes_objects.piano,
    "guitar": scenes_objects.guitar,
    "cassette": scenes_objects.cassette,
    "palms": scenes_sky.palms,
    "planets": scenes_sky.planets,
}
SIZES_PX = (64, 512)
OFF_PAIRS = 0.3
"""The share of pictures whose genre is any, not one that the scene stands for: a prompt can ask for any pair."""


@dataclass(frozen=True)
class SceneSpec:
    """What a picture shows: a key of captions.SCENES, an emotion, a genre, and the tempo that sets its energy."""

    scene: str
    emotion: str
    genre: str
    tempo_bpm: float

    @property
    def energy(self) -> float:
        """0 at 60 bpm and below, 1 at 170 bpm and above."""
        return min(1.0, max(0.0, (self.tempo_bpm - 60) / 110))

    @property
    def fields(self) -> captions.Fields:
        """What a sentence about the picture is made of."""
        return captions.Fields(genre=self.genre, emotion=self.emotion, tempo_bpm=self.tempo_bpm, scene=self.scene)


def draw_spec(rng: random.Random) -> SceneSpec:
    """A random picture: every scene and emotion equally often, mostly with a genre that the scene stands for."""
    scene, emotion = rng.choice(tuple(captions.SCENES)), rng.choice(captions.EMOTIONS)
    own = [genre for genre, scenes in captions.GENRE_SCENES.items() if scene in scenes]
    described = [genre for genre in own if captions.scene_for(genre, emotion) == scene]  # as describe.py would
    genre = rng.choice(captions.GENRES if rng.random() < OFF_PAIRS else own + described)
    return SceneSpec(scene, emotion, genre, float(rng.randint(60, 180)))


def caption(spec: SceneSpec, rng: random.Random | None = None) -> str:
    """The picture prompt that `spec` answers; with `rng` one of many phrasings.

    A phrasing may leave out mood, colours or music; one in twenty leaves out the scene.
    """
    return captions.image_prompt(spec.fields, rng)


def paint(spec: SceneSpec, seed: int, *, size_px: int = 256) -> npt.NDArray[np.uint8]:
    """The picture, uint8 sRGB of shape (size_px, size_px, 3).

    Raises ValueError for a size outside SIZES_PX and KeyError for a scene or emotion outside the vocabulary.
    """
    if not SIZES_PX[0] <= size_px <= SIZES_PX[1]:
        raise ValueError(f"size_px is {size_px}, outside {SIZES_PX[0]}..{SIZES_PX[1]}")
    rng = np.random.default_rng(seed)
    canvas = Canvas(size_px, rng)
    SCENES[spec.scene](canvas, PALETTES[spec.emotion].varied(rng), spec.energy)
    corner = (canvas.x - 0.5) ** 2 + (canvas.y - 0.5) ** 2
    canvas.image *= (1 - 0.3 * np.maximum(corner - 0.12, 0))[..., None]  # a lens is darker in its corners
    return (np.clip(canvas.image, 0, 1) * 255 + 0.5).astype(np.uint8)


def contact_sheet(seed: int, *, size_px: int = 128) -> npt.NDArray[np.uint8]:
    """Scenes (rows) x emotions (columns) at tempi from slow to fast, uint8 (20 size, 9 size, 3)."""
    rows = []
    for r, scene in enumerate(SCENES):
        tempi = [62 + (37 * (r + c)) % 118 for c in range(len(captions.EMOTIONS))]
        specs = [SceneSpec(scene, e, "pop", float(t)) for e, t in zip(captions.EMOTIONS, tempi, strict=True)]
        rows.append(np.concatenate([paint(s, seed + 100 * r + c, size_px=size_px) for c, s in enumerate(specs)], 1))
    return np.concatenate(rows, 0)


def main() -> None:
    """Draw the contact sheet and say how fast the painter is."""
    parser = argparse.ArgumentParser(description=contact_sheet.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=128, help="pixels a picture")
    args = parser.parse_args()
    started = time.process_time()
    sheet = contact_sheet(args.seed, size_px=args.size)
    seconds = time.process_time() - started
    Image.fromarray(sheet).save(args.out)
    print(f"{args.out}: {len(SCENES) * len(PALETTES) / seconds:.0f} pictures a CPU-second at {args.size} px")


if __name__ == "__main__":
    main()
