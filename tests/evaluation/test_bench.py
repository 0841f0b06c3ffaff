"""The benchmark's table, and that one real stage can be measured."""

from pathlib import Path

import numpy as np
import pytest

from core.audio import read_clip, write_wav
from core.types import AudioClip
from evaluation import bench


def test_the_table_replaces_only_what_stands_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text(f"# A\n{bench.START}\nstale figures\n{bench.END}\n# B\n")
    rows = [bench.Row("page answers", 2.0, None, 100.0), bench.Row("describe", 5.0, 0.5, 900.0)]
    bench.write(bench.table(rows, 0.25, Path("a.ogg")), page)
    text = page.read_text()
    assert text.startswith("# A\n")
    assert text.endswith(f"{bench.END}\n# B\n")
    assert "stale" not in text
    assert "| describe | 5.0 | 0.50 | 2.0 | 900 |" in text
    assert "| page answers | 2.0 |  |  | 100 |" in text


def test_the_committed_results_have_the_markers() -> None:
    text = bench.RESULTS.read_text()
    assert text.index(bench.START) < text.index(bench.END)


def test_the_composer_stage_is_measured_in_its_own_process() -> None:
    row = bench.measure("compose, composer, 10 s", Path("unused"))
    assert 0 < row.warm_s < row.cold_s < 60
    assert 50 < row.peak_mb < 4096


def test_a_failing_stage_says_why() -> None:
    with pytest.raises(RuntimeError, match="does-not-exist"):
        bench.measure("describe", Path("does-not-exist.wav"))


def test_what_is_described_is_half_a_minute_of_the_clip(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    sound = np.random.default_rng(0).normal(0, 0.1, (2, 8000 * 40)).astype(np.float32)
    write_wav(AudioClip(sound, 8000), path)
    cut = read_clip(bench.half_a_minute(path, tmp_path)).clip
    assert cut.seconds == pytest.approx(30, abs=0.1)
    assert np.corrcoef(cut.samples[0, : 8000 * 20], sound[0, : 8000 * 20])[0, 1] > 0.5
