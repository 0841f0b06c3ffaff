"""Contact sheets: what stands where."""

import numpy as np

from corpus.captions import EMOTIONS
from corpus.painter import SCENES, SceneSpec
from evaluation.pictures_sheets import PAPER, TILE_PX, captioned, contact_sheet, scenes_by_emotions, side_by_side

RED, BLUE = (np.full((8, 8, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))


def test_pictures_run_along_rows_and_gaps_are_paper() -> None:
    sheet = contact_sheet([RED, None, BLUE], columns=2, size_px=10)
    assert sheet.size == (20, 20)
    corners = [sheet.getpixel(at) for at in ((5, 5), (15, 5), (5, 15), (15, 15))]
    assert corners == [(255, 0, 0), PAPER, (0, 0, 255), PAPER]


def test_a_pair_of_scene_and_emotion_has_its_place_and_shows_its_first_picture() -> None:
    last = SceneSpec(list(SCENES)[-1], EMOTIONS[2], "pop", 100.0)
    sheet = scenes_by_emotions([last, last], [RED, BLUE])
    assert sheet.size == (len(EMOTIONS) * TILE_PX, len(SCENES) * TILE_PX)
    assert sheet.getpixel((2 * TILE_PX + 5, sheet.height - 5)) == (255, 0, 0)
    assert sheet.getpixel((TILE_PX + 5, sheet.height - 5)) == PAPER


def test_sets_stand_next_to_each_other() -> None:
    sheet = side_by_side([RED, RED], [BLUE, BLUE], across=1, size_px=10)
    assert sheet.size == (26, 32)
    assert sheet.getpixel((5, 5)) == sheet.getpixel((5, 21)) == (255, 0, 0)
    assert sheet.getpixel((15, 5)) == (0, 0, 255)


def test_captions_are_below_and_whole() -> None:
    short = captioned([[RED], [BLUE]], ["sea", "sky"], across=2)
    long = captioned([[RED], [BLUE]], ["sea", "a sentence that needs several lines under a picture"], across=2)
    assert long.height > short.height
    below = np.asarray(short)[TILE_PX:, : TILE_PX // 2]
    assert (below != PAPER).any()
