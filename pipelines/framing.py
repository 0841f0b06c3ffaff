"""How large a picture is: the area by the side of its square, the shape by an aspect, in sides that a model can paint.

A side is a whole number of the autoencoder's cells (8 px). The UNet halves the latent further, but diffusers brings odd
halves back to their size: pictures of 296 x 224 px look like those of 320 x 256, so shapes need not be coarser than 8.
"""

from dataclasses import dataclass

from core.errors import UserError
from core.types import ASPECTS


@dataclass(frozen=True)
class Frame:
    """The sides of a picture in pixels."""

    width_px: int
    height_px: int


@dataclass(frozen=True)
class SideLimits:
    """What a model can paint: sides from `low_px` to `high_px`, multiples of `multiple_px`."""

    low_px: int
    high_px: int
    multiple_px: int


def frame(size_px: int, aspect: str, limits: SideLimits) -> Frame:
    """The sides nearest to `aspect` (a key of ASPECTS) with about the area of a square of `size_px`.

    Raises UserError for an unknown aspect, a size that is no multiple, and where a side would leave the limits.
    """
    if size_px % limits.multiple_px:
        raise UserError(f"The size {size_px} px does not fit.", f"Use a multiple of {limits.multiple_px}.")
    made = _sides(size_px, aspect, limits.multiple_px)
    if not _fits(made, limits):
        low_px, high_px = sizes_px(aspect, limits)
        possible = [name for name in ASPECTS if _fits(_sides(size_px, name, limits.multiple_px), limits)]
        raise UserError(
            f"A picture of {made.width_px} x {made.height_px} px is outside this model's limits: "
            f"{limits.low_px} to {limits.high_px} px a side.",
            f"Use a size from {low_px} to {high_px}" + f", or the aspect {' or '.join(possible)}." * bool(possible),
        )
    return made


def sizes_px(aspect: str, limits: SideLimits) -> tuple[int, int]:
    """The smallest and the largest size with both sides inside the limits; UserError for an unknown aspect."""
    sizes = range(limits.low_px, limits.high_px + 1, limits.multiple_px)
    possible = [size for size in sizes if _fits(_sides(size, aspect, limits.multiple_px), limits)]
    return possible[0], possible[-1]


def _sides(size_px: int, aspect: str, multiple_px: int) -> Frame:
    """The long side is made to the rounded short one: that keeps the shape where rounding moves the area a little."""
    if not isinstance(aspect, str) or aspect not in ASPECTS:
        raise UserError(f"There is no aspect {aspect!r}.", f"Choose one of: {', '.join(ASPECTS)}.")
    shape = ASPECTS[aspect]
    long_by_short = max(shape, 1 / shape)
    short_px = max(1, round(size_px / long_by_short**0.5 / multiple_px)) * multiple_px
    long_px = round(short_px * long_by_short / multiple_px) * multiple_px
    return Frame(long_px, short_px) if shape >= 1 else Frame(short_px, long_px)


def _fits(made: Frame, limits: SideLimits) -> bool:
    return all(limits.low_px <= side <= limits.high_px for side in (made.width_px, made.height_px))
