"""The measurement of library runs: that its table compares with the loop, and that the ways describe the same files."""

from pathlib import Path

import pytest

from evaluation import library


def test_the_table_compares_with_the_loop() -> None:
    ways = [library.Way(library.LOOP, 2.0, 31.0, 60, 30.0), library.Way("2 workers", 3.5, 20.0, 60, 30.0)]
    text = library.table(ways)
    assert text.startswith("60 files, 30 minutes of sound")
    assert f"| {library.LOOP} | 2.00 | 1.00 | 31.0 |" in text
    assert "| 2 workers | 3.50 | 1.75 | 20.0 |" in text


def test_files_are_linked_flat(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("b.wav", "sub/a.wav", "c.wav"):
        (tmp_path / "in" / name).write_text(name)
    place = tmp_path / "out"
    place.mkdir()
    library.linked(tmp_path / "in", 3, place)
    assert {path.name: path.read_text() for path in place.iterdir()} == {
        "b.wav": "b.wav", "c.wav": "c.wav", "sub_a.wav": "sub/a.wav",
    }  # fmt: skip


def test_a_failing_way_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no sound files"):
        library.measured(tmp_path, "--workers", "1")
