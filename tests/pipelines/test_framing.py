"""Sides for an area and a shape."""

import pytest

from core.errors import UserError
from core.types import ASPECTS
from pipelines.framing import Frame, SideLimits, frame, sizes_px

BUNDLED = SideLimits(128, 512, 8)
FULL = SideLimits(64, 1024, 8)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("size_px", [184, 256, 320, 384])
def test_shape_and_area_are_kept_to_what_the_multiple_allows(aspect: str, size_px: int) -> None:
    made = frame(size_px, aspect, BUNDLED)
    assert made.width_px % 8 == made.height_px % 8 == 0
    assert made.width_px / made.height_px == pytest.approx(ASPECTS[aspect], rel=0.04)
    assert made.width_px * made.height_px == pytest.approx(size_px**2, rel=0.06)


def test_a_square_is_the_size_itself_and_an_upright_picture_a_wide_one_turned() -> None:
    assert frame(256, "1:1", BUNDLED) == Frame(256, 256)
    assert frame(256, "16:9", BUNDLED) == Frame(344, 192)
    assert frame(256, "9:16", BUNDLED) == Frame(192, 344)
    assert frame(512, "4:3", FULL) == Frame(584, 440)


def test_a_model_of_coarser_cells_gets_its_multiples() -> None:
    assert frame(256, "16:9", SideLimits(64, 512, 64)) == Frame(320, 192)


@pytest.mark.parametrize("aspect", ["2:1", "", None, 1.0, ["1:1"]])
def test_an_unknown_aspect_names_the_choices(aspect: object) -> None:
    with pytest.raises(UserError, match=r"no aspect.*1:1, 4:3, 3:4, 16:9, 9:16"):
        frame(256, aspect, BUNDLED)  # type: ignore[arg-type]


def test_a_side_past_the_limits_says_which_sizes_and_aspects_would_do() -> None:
    with pytest.raises(UserError, match=r"680 x 384 px is outside.* 168 to 384, or the aspect 1:1\."):
        frame(512, "16:9", BUNDLED)
    with pytest.raises(UserError, match=r"96 x 168 px.*or the aspect 1:1"):
        frame(128, "9:16", BUNDLED)


def test_a_size_between_the_multiples_is_refused() -> None:
    with pytest.raises(UserError, match=r"100 px does not fit.*multiple of 8"):
        frame(100, "1:1", FULL)


@pytest.mark.parametrize("limits", [BUNDLED, FULL])
@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_sizes_said_to_fit_do_and_those_beyond_do_not(aspect: str, limits: SideLimits) -> None:
    low, high = sizes_px(aspect, limits)
    frame(low, aspect, limits)
    frame(high, aspect, limits)
    for beyond in (low - 8, high + 8):
        with pytest.raises(UserError):
            frame(beyond, aspect, limits)
