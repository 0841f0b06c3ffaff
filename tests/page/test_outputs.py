"""Where results lie: a folder per job, gone when the job fails, swept when old, and nothing of others touched."""

import os
import time
from pathlib import Path

import pytest

from page import outputs


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(outputs, "outputs_folder", lambda: tmp_path)
    return tmp_path


def test_a_failed_job_leaves_nothing(root: Path) -> None:
    def job() -> None:
        with outputs.job_folder() as folder:
            (folder / "half").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        job()
    assert list(root.iterdir()) == []


def test_jobs_do_not_share_a_folder(root: Path) -> None:
    with outputs.job_folder() as one, outputs.job_folder() as two:
        assert one != two
    assert one.is_dir()


def test_only_old_job_folders_are_swept(root: Path) -> None:
    with outputs.job_folder() as old, outputs.job_folder() as fresh:
        pass
    theirs = root / "holiday"
    theirs.mkdir()
    long_ago = time.time() - 2 * outputs.KEPT_S
    for folder in (old, theirs):
        os.utime(folder, (long_ago, long_ago))
    assert outputs.sweep(root) == 1
    assert set(root.iterdir()) == {fresh, theirs}


def test_the_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_OUTPUTS", str(tmp_path / "here"))
    outputs.outputs_folder.cache_clear()
    try:
        assert outputs.outputs_folder() == (tmp_path / "here").resolve()
        assert (tmp_path / "here").is_dir()
    finally:
        outputs.outputs_folder.cache_clear()
