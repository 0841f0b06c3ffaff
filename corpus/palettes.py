"""The nine emotion palettes that the painter mixes from.

Each palette keeps the promise of its words in captions.EMOTION_COLOURS: `first` and `second` are the two named
colours, and every gradient runs through them, so that the named colours are what one sees from across the room.
Colours are float32 sRGB in [0, 1]; a gradient has shape (n, 3).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
"""Float32 wherever it is stored; what is computed on the way may be float64."""


@dataclass(frozen=True)
class Palette:
    """`sky` zenith to horizon by day, `night` the same in the dark, `dark` for silhouettes, `light` for suns."""

    sky: Array
    night: Array
    first: Array
    second: Array
    spark: Array
    dark: Array
    light: Array

    @property
    def is_dark(self) -> bool:
        """Whether stars would show in the day sky."""
        return float(self.sky[0].mean()) < 0.4

    def varied(self, rng: np.random.Generator) -> "Palette":
        """The palette as another tube of paint would have it: a little warmer or colder, duller or brighter."""
        warmth, saturation = rng.normal(0, 0.012), rng.normal(1, 0.04)
        shift = np.array([warmth, 0, -warmth], np.float32)

        def vary(colour: Array) -> Array:
            grey = colour.mean(axis=-1, keepdims=True)
            return np.clip(grey + (colour - grey) * saturation + shift, 0, 1).astype(np.float32)

        return Palette(**{name: vary(value) for name, value in vars(self).items()})


def _colour(code: str) -> Array:
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def _palette(sky: str, night: str, single: str) -> Palette:
    """From space-separated hex codes; `single` is first, second, spark, dark, light."""
    gradients = [np.stack([_colour(code) for code in codes.split()]) for codes in (sky, night)]
    return Palette(*gradients, *(_colour(code) for code in single.split()))


PALETTES: dict[str, Palette] = {
    "amazement": _palette("2c1569 6430ae b055c4 ffcb6b", "140a38 331877 7038bd", "8044e6 ffce4a ff86bd 190c40 fff0c4"),
    "solemnity": _palette("0f1738 1f3068 3d4a80 c9a557", "070b1e 121c42 273868", "2a4080 cba54c 94703c 080d22 f2dfa8"),
    "tenderness": _palette("f0aabd f6c3cd fbdcd6 fff3e0", "7d4764 b86f8a e6a6b4", "f194b0 fff0d4 d66d8d 87486a fffaf0"),
    "nostalgia": _palette("6b4a30 a5763f dba24e f7d792", "2c1b10 5e3e25 9a6937", "8f5d35 efa83a c9652f 322010 fdeabd"),
    "calmness": _palette("4fb2ce 7fd0dc aee8d8 e6faef", "0e4b60 207f90 62c4c0", "3db5c8 a2ecc6 2a809f 165b72 f6fffa"),
    "power": _palette("3a0612 8e0f1f de2d1c ffa232", "1a0308 500813 9c1320", "cc112f ff8c20 ffd34c 1c0407 ffe6a8"),
    "joyful_activation": _palette(
        "2f9cf0 62c1fa a2defa fff09a", "0f50aa 1e80de 5abaf8", "3aaef5 ffd91c ff9a4c 14529f fffbe0"
    ),
    "tension": _palette("050807 10201a 304c1e b6da2c", "020403 0a130c 1c2e13", "4f7a14 b6e81e e9ff7a 030504 ecffa6"),
    "sadness": _palette("2f3d59 51657f 8091a6 b6bfc9", "161d2d 2b3850 4c5e7a", "5b7698 a6b0bb d3dbe4 1a2334 e5ebf1"),
}
