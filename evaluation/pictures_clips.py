"""Two clips, one caption: does each clip's own course show in its picture?

Every clip is painted to the same words from the same seed, so only its layout tells pictures apart. How far apart they
are is set beside two seeds without any layout: as far as the words leave room. And a picture's columns should be bright
where the clip's drawing is: their correlation is set beside the one with the drawings of the other clips.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.audio import read_clip
from core.types import LAYOUT_POINTS, ImageRequest, Layout
from evaluation.pictures_looks import mean_difference
from evaluation.pictures_sheets import Pixels
from pipelines.illustrate import illustrate
from pipelines.layout import draw, layout_of

CAPTIONS = (
    "layered mountains under the sun, calm mood, aqua and mint, slow classical music",
    "ocean waves and a low sun, nostalgic mood, sepia and amber, mid-tempo reggae music",
)
LISTEN_S = 60.0
CURVES = ("contour", "loudness", "beats")


@dataclass(frozen=True)
class TwoClips:
    """Mean absolute differences in [0, 1]: of two clips' pictures, of two seeds' without a layout, of two seeds' with
    one. Correlations of the picture's columns with the clip's own drawing, with other clips' drawings, and with each
    curve (in a landscape a high contour is a dark column, and a loud one bright)."""

    n_clips: int
    n_captions: int
    between_clips: float
    between_seeds: float
    between_seeds_of_one_clip: float
    own_drawing: float
    other_drawing: float
    curves: dict[str, float]


@dataclass(frozen=True)
class OfClips:
    """What was painted to one caption: one picture a clip, the first clip's by another seed, two without a layout."""

    caption: str
    layouts: tuple[Layout, ...]
    pictures: tuple[Pixels, ...]
    another_seed: Pixels
    without: tuple[Pixels, Pixels]


def clip_files(folder: Path) -> list[Path]:
    """Sound files in a folder, in order of name."""
    return sorted(path for path in folder.glob("*") if path.suffix in {".ogg", ".wav", ".flac", ".mp3"})


def layouts_of(files: Sequence[Path]) -> tuple[Layout, ...]:
    """Of the first minute of each."""
    return tuple(layout_of(read_clip(path, max_seconds=LISTEN_S).clip) for path in files)


def painted(caption: str, layouts: Sequence[Layout], *, seed: int) -> OfClips:
    """The pictures of one caption, through the verb at its own strength."""

    def picture(layout: Layout | None, seed: int) -> Pixels:
        return illustrate(ImageRequest(caption, seed=seed, layout=layout)).pixels

    return OfClips(
        caption, tuple(layouts), tuple(picture(layout, seed) for layout in layouts),
        picture(layouts[0], seed + 1), (picture(None, seed), picture(None, seed + 1)),
    )  # fmt: skip


def two_clips(sets: Sequence[OfClips]) -> TwoClips:
    """The figures of one or more captions with two clips at least. Raises ValueError for fewer."""
    if not sets or min(len(each.layouts) for each in sets) < 2:
        raise ValueError("two clips at least")
    pairs = [(own, picture) for each in sets for own, picture in zip(_drawn(each), each.pictures, strict=True)]
    crossed = [(drawn, made) for each in sets for (drawn, _), (_, made) in permutations(_rows(each), 2)]
    return TwoClips(
        n_clips=len(sets[0].layouts),
        n_captions=len(sets),
        between_clips=statistics.fmean(
            mean_difference(*two) for each in sets for two in combinations(each.pictures, 2)
        ),
        between_seeds=statistics.fmean(mean_difference(*each.without) for each in sets),
        between_seeds_of_one_clip=statistics.fmean(mean_difference(e.pictures[0], e.another_seed) for e in sets),
        own_drawing=statistics.fmean(correlation(columns(own), columns(made)) for own, made in pairs),
        other_drawing=statistics.fmean(correlation(columns(other), columns(made)) for other, made in crossed),
        curves={name: _along(name, sets) for name in CURVES},
    )


def _rows(each: OfClips) -> list[tuple[Pixels, Pixels]]:
    return list(zip(_drawn(each), each.pictures, strict=True))


def _drawn(each: OfClips) -> list[Pixels]:
    height, width, _ = each.pictures[0].shape
    return [draw(layout, each.caption, width_px=width, height_px=height) for layout in each.layouts]


def _along(name: str, sets: Sequence[OfClips]) -> float:
    return statistics.fmean(
        correlation(np.asarray(getattr(layout, name)), columns(picture))
        for each in sets
        for layout, picture in zip(each.layouts, each.pictures, strict=True)
    )


def columns(picture: Pixels) -> npt.NDArray[np.float64]:
    """The brightness of LAYOUT_POINTS stretches of a picture, from left to right."""
    bright = picture.astype(np.float64).mean(axis=(0, 2))
    return np.array([part.mean() for part in np.array_split(bright, LAYOUT_POINTS)])


def correlation(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> float:
    """Pearson's; 0 where one of them does not change."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
