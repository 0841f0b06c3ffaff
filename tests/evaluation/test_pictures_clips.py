"""Two clips, one caption: the figures of pictures that follow their clip, and of pictures that do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.types import LAYOUT_POINTS, Layout
from evaluation.picture_probe import Pixels
from evaluation.pictures_clips import OfClips, clip_files, columns, correlation, two_clips
from pipelines.layout import draw

CAPTION = "layered mountains under the sun, calm mood, aqua and mint"
RAMP = tuple(np.linspace(0, 1, LAYOUT_POINTS).tolist())
LAYOUTS = (Layout(RAMP, RAMP, (0.2,) * LAYOUT_POINTS), Layout(RAMP[::-1], RAMP[::-1], (0.2,) * LAYOUT_POINTS))


def drawing(layout: Layout) -> Pixels:
    return draw(layout, CAPTION, width_px=96, height_px=96)


@pytest.fixture
def drawn() -> OfClips:
    """Pictures that are nothing but the clips' drawings."""
    grey = np.full((96, 96, 3), 128, np.uint8)
    return OfClips(CAPTION, LAYOUTS, tuple(map(drawing, LAYOUTS)), drawing(LAYOUTS[0]), (grey, grey + 51))


def test_drawings_follow_their_own_clip_and_not_another(drawn: OfClips) -> None:
    found = two_clips([drawn])
    assert found.own_drawing == pytest.approx(1)
    assert found.other_drawing < 0
    assert found.between_clips > 0.05
    assert found.between_seeds == pytest.approx(0.2)
    assert found.between_seeds_of_one_clip == 0
    assert (found.n_clips, found.n_captions) == (2, 1)


def test_pictures_that_ignore_the_clip_are_found_out(drawn: OfClips) -> None:
    same = replace(drawn, pictures=(drawn.pictures[0],) * 2)
    found = two_clips([same])
    assert found.between_clips == 0
    assert found.own_drawing == pytest.approx(found.other_drawing)
    with pytest.raises(ValueError, match="two clips"):
        two_clips([replace(drawn, layouts=LAYOUTS[:1], pictures=drawn.pictures[:1])])
    with pytest.raises(ValueError, match="two clips"):
        two_clips([])


def test_columns_run_from_left_to_right_at_any_width() -> None:
    for width in (48, 96, 250):
        ramp = np.linspace(0, 255, width).astype(np.uint8)[None, :, None].repeat(8, 0).repeat(3, 2)
        assert columns(ramp).shape == (LAYOUT_POINTS,)
        assert correlation(columns(ramp), np.asarray(RAMP)) > 0.999
    assert correlation(np.ones(4), np.arange(4.0)) == 0


def test_clips_are_sound_files_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.ogg", "a.wav", "a.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in clip_files(tmp_path)] == ["a.wav", "b.ogg"]
    assert clip_files(tmp_path / "nowhere") == []
