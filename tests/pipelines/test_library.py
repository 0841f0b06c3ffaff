"""A library's table: every file once, taken up after a stop, a kill, a crash; real clips once, a fast stand-in else.

The stand-in for the ears is a module of its own on sys.path, because the spawned workers must be able to import it.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import psutil
import pyarrow.parquet as pq
import pytest

from core.errors import UserError
from corpus.captions import EMOTIONS, GENRES
from pipelines import __main__ as journey
from pipelines import library, library_table
from pipelines.library import Options, run, sounds
from pipelines.library_crew import CRASHED
from pipelines.library_rows import COLUMNS

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
EARS = """
import os, signal, time

def make():
    return judge

def broken():
    raise RuntimeError("no weights here")

def judge(path):
    name = os.path.basename(path)
    if name.startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("hang"):
        time.sleep(600)
    if name.startswith("slow"):
        time.sleep(0.05)
    if name.startswith("bad"):
        return {"error": "No."}
    return {"seconds": 60.0, "caption": open(path).read(), "key_confidence": float(os.environ["OMP_NUM_THREADS"])}
"""
DRIVER = """
import signal
import sys
from pathlib import Path
import stand_in_ears
from pipelines.library import Options, run

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
    report = run(Path(sys.argv[1]), Path(sys.argv[2]), Options(workers=2), stand_in_ears.make)
    print("interrupted" if report.interrupted else "finished", report.described)
"""


@pytest.fixture(scope="module")
def ears(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The stand-in: a file's caption is its text, its key_confidence the thread count of the worker."""
    place = tmp_path_factory.mktemp("ears")
    (place / "stand_in_ears.py").write_text(EARS)
    sys.path.insert(0, str(place))
    yield importlib.import_module("stand_in_ears")
    sys.path.remove(str(place))
    del sys.modules["stand_in_ears"]


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def column(out: Path, name: str) -> dict[str, object]:
    table = pq.read_table(out, columns=["path", name]).to_pydict()
    return dict(zip(table["path"], table[name], strict=True))


def test_real_clips_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.describe import describe_file

    folder = filled(tmp_path / "music", "broken.mp3", ".hidden/secret.wav", "cover.jpg")
    (folder / "deep" / "er").mkdir(parents=True)
    jazz, metal = "jazz-nostalgia-96bpm.ogg", "metal-tension-160bpm.ogg"
    (folder / jazz).write_bytes((EXAMPLES / jazz).read_bytes())
    (folder / "deep" / "er" / metal).write_bytes((EXAMPLES / metal).read_bytes())
    out = tmp_path / "new" / "library.parquet"
    assert library.main([str(folder), "--out", str(out), "--workers", "2"]) == 0

    table = pq.read_table(out)
    assert table.column_names == list(COLUMNS)
    assert table["path"].to_pylist() == ["broken.mp3", f"deep/er/{metal}", jazz]
    row = table.to_pylist()[2]
    alone = describe_file(folder / jazz)
    assert (row["caption"], row["genre"], row["key"]) == (alone.caption, alone.traits.genre.top, alone.traits.key)
    assert row["tempo_bpm"] == pytest.approx(alone.traits.beats.tempo_bpm, abs=0.11)
    for labels, scores in ((GENRES, alone.traits.genre), (EMOTIONS, alone.traits.emotion)):
        prefix = "genre" if labels is GENRES else "emotion"
        there = [row[f"{prefix}_{label}"] for label in labels]
        assert there == pytest.approx([scores.as_dict()[label] for label in labels], abs=1e-3)
    assert row["size_bytes"] == (folder / jazz).stat().st_size
    assert row["seconds"] == pytest.approx(24, abs=0.1)
    assert row["error"] is None
    with pytest.raises(UserError) as refusal:
        describe_file(folder / "broken.mp3")
    assert table["error"].to_pylist()[:2] == [str(refusal.value), None]
    assert table["genre"].to_pylist()[0] is None
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("2 described, 1 refused; ")
    assert f'pandas.read_parquet("{out}")' in line
    about = json.loads(table.schema.metadata[library_table.METADATA_KEY])
    assert about["weights"] == library_table.weights_digest()
    assert about["features"]["rate_hz"] == 22050

    before = out.stat().st_mtime_ns
    assert library.main([str(folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith("0 described, 0 refused, 3 were there already; ")
    assert out.stat().st_mtime_ns == before


def test_only_what_changed_is_done_again(tmp_path: Path, ears: ModuleType) -> None:
    folder, out = filled(tmp_path / "in", "a.wav", "b.wav", "sub/c.ogg", "bad.mp3"), tmp_path / "t.parquet"
    report = run(folder, out, Options(workers=1), ears.make)
    assert (report.described, report.refused, report.kept, report.listened_s) == (3, 1, 0, 180.0)
    (folder / "a.wav").write_text("another length")
    os.utime(folder / "sub" / "c.ogg", ns=(0, 1_234_567_891))  # the same text, another time
    (folder / "b.wav").unlink()
    filled(folder, "new.flac")
    report = run(folder, out, Options(workers=1), ears.make)
    assert (report.described, report.refused, report.kept, report.dropped) == (3, 0, 1, 1)
    assert column(out, "caption") == {
        "a.wav": "another length", "bad.mp3": None, "new.flac": "new.flac", "sub/c.ogg": "sub/c.ogg",
    }  # fmt: skip
    assert pq.read_table(out)["modified"].cast("int64").to_pylist()[-1] == 1_234_567_891

    report = run(folder, out, Options(workers=1, retry_errors=True), ears.make)
    assert (report.described, report.refused, report.kept) == (0, 1, 3)
    report = run(folder, out, Options(workers=1, fresh=True, limit=2), ears.make)
    assert report.described + report.refused == 2
    assert run(folder, out, Options(workers=1), ears.make).kept == 2


def test_other_weights_describe_everything_again(
    tmp_path: Path, ears: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = filled(tmp_path / "in", "a.wav", "b.wav"), tmp_path / "t.parquet"
    run(folder, out, Options(workers=1), ears.make)
    monkeypatch.setattr(library_table, "weights_digest", lambda: "0123456789abcdef")
    report = run(folder, out, Options(workers=1), ears.make)
    assert (report.described, report.kept) == (2, 0)
    assert "other weights" in capsys.readouterr().err
    assert run(folder, out, Options(workers=1), ears.make).kept == 2


def test_the_digest_changes_with_weights_and_not_with_cards(tmp_path: Path) -> None:
    for name in library_table.NAMES:
        filled(tmp_path, f"{name}/model.keras", f"{name}/config.json", f"{name}/README.md", f"{name}/out_of_fold.json")
    first = library_table.weights_digest(tmp_path)
    (tmp_path / "genre" / "README.md").write_text("a longer card")
    (tmp_path / "genre" / "out_of_fold.json").write_text("{}")
    assert library_table.weights_digest(tmp_path) == first
    (tmp_path / "emotion" / "model.keras").write_text("trained again")
    assert library_table.weights_digest(tmp_path) != first


def test_a_crash_and_a_hang_cost_one_row_each(tmp_path: Path, ears: ModuleType) -> None:
    folder = filled(tmp_path / "in", "a.wav", "crash.wav", "hang.wav", "x.wav", "y.wav", "z.wav")
    out = tmp_path / "t.parquet"
    report = run(folder, out, Options(workers=2, time_limit_s=2), ears.make)
    assert (report.described, report.refused) == (4, 2)
    errors = column(out, "error")
    assert errors.pop("crash.wav") == CRASHED
    assert "longer than 2 s" in str(errors.pop("hang.wav"))
    assert set(errors.values()) == {None}
    threads = column(out, "key_confidence")
    assert {threads[name] for name in errors} == {1.0}


def test_workers_that_cannot_start_end_the_run_and_keep_the_table(tmp_path: Path, ears: ModuleType) -> None:
    folder, out = filled(tmp_path / "in", "a.wav", "b.wav"), tmp_path / "t.parquet"
    run(folder, out, Options(workers=1, limit=1), ears.make)
    with pytest.raises(UserError, match="could not start"):
        run(folder, out, Options(workers=2, fresh=True), ears.broken)
    assert column(out, "caption") == {"a.wav": "a.wav"}


def test_killed_midway_and_taken_up_is_the_unbroken_table(tmp_path: Path, ears: ModuleType) -> None:
    folder = filled(tmp_path / "in", *(f"slow{i:03}.wav" for i in range(60)), "bad.wav")
    out, whole = tmp_path / "t.parquet", tmp_path / "whole.parquet"
    with driven(folder, out, ears) as driver:
        waited_for(out.exists)
        workers = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
    rows = pq.read_table(out).num_rows
    assert 0 < rows < 61
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive, "workers end when their driver is gone"
    assert run(folder, out, Options(workers=2), ears.make).kept == rows
    run(folder, whole, Options(workers=1), ears.make)
    assert pq.read_table(out).equals(pq.read_table(whole), check_metadata=True)


@pytest.mark.skipif(os.name == "nt", reason="signals to a process group are POSIX")
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, ears: ModuleType) -> None:
    folder = filled(tmp_path / "in", *(f"slow{i:03}.wav" for i in range(600)))
    out = tmp_path / "t.parquet"
    with driven(folder, out, ears) as driver:
        waited_for(out.exists)
        os.killpg(driver.pid, signal.SIGINT)  # as a terminal does: to the driver and its workers
        said, _ = driver.communicate(timeout=30)
    word, described = said.split()
    assert word == "interrupted"
    assert 0 < pq.read_table(out).num_rows == int(described) < 600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def driven(folder: Path, out: Path, ears: ModuleType) -> "subprocess.Popen[str]":
    """A run in a process and a process group of its own."""
    script = out.with_name("driver.py")
    script.write_text(DRIVER)
    places = os.pathsep.join([str(ROOT), str(Path(str(ears.__file__)).parent)])
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(out)],
        env=os.environ | {"PYTHONPATH": places}, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def waited_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def test_what_is_looked_at(tmp_path: Path) -> None:
    folder = filled(tmp_path / "in", "b.WAV", "a.mp3", "sub/c.flac", ".hidden.wav", ".trash/d.wav", "notes.txt")
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "dangling.wav").symlink_to(folder / "nowhere.wav")
    os.mkfifo(folder / "pipe.wav")
    elsewhere = filled(tmp_path / "elsewhere", "e.ogg")
    (folder / "linked").symlink_to(elsewhere)
    odd = os.fsdecode(b"caf\xe9.wav")
    (folder / odd).write_text("Latin-1 name")
    found = {sound.name: sound for sound in sounds(folder, besides=folder / "a.mp3")}
    assert set(found) == {"b.WAV", "sub/c.flac", "linked/e.ogg", "caf\\xe9.wav"}
    assert found["b.WAV"].size_bytes == 5
    assert Path(found["caf\\xe9.wav"].path).read_text() == "Latin-1 name"
    assert library.SOUND_SUFFIXES >= journey.AUDIO_SUFFIXES


def test_refusals_leave_files_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], ears: ModuleType) -> None:
    out = tmp_path / "t.parquet"
    assert library.main([str(tmp_path / "none"), "--out", str(out)]) == 2
    assert "There is no folder" in capsys.readouterr().err
    filled(tmp_path / "texts", "a.txt")
    assert library.main([str(tmp_path / "texts"), "--out", str(out)]) == 2
    assert "no sound files" in capsys.readouterr().err
    assert not out.exists()

    folder = filled(tmp_path / "in", "a.wav")
    out.write_text("my diary")
    assert library.main([str(folder), "--out", str(out)]) == 2
    assert "is not a library's table" in capsys.readouterr().err
    assert out.read_text() == "my diary"
    run(folder, out, Options(workers=1, fresh=True), ears.make)
    assert library.main([str(filled(tmp_path / "others", "z.wav")), "--out", str(out)]) == 2
    assert "another folder" in capsys.readouterr().err
    assert column(out, "caption") == {"a.wav": "a.wav"}
