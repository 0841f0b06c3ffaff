"""Views of pictures that are still being painted."""

import numpy as np
import pytest

from pipelines.previews import tiled


@pytest.mark.parametrize(("n", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (3, 2, 2), (5, 2, 3), (9, 3, 3)])
def test_pictures_stand_side_by_side_in_reading_order(n: int, rows: int, columns: int) -> None:
    pictures = np.stack([np.full((4, 6, 3), 20 + i, np.uint8) for i in range(n)])
    sheet = tiled(pictures)
    assert sheet.shape == (4 * rows, 6 * columns, 3)
    cells = [sheet[4 * (i // columns) :][:4, 6 * (i % columns) :][:, :6] for i in range(rows * columns)]
    for i, cell in enumerate(cells):
        assert (cell == (20 + i if i < n else 0)).all()
