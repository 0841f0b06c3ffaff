"""A whole library at once: `python -m pipelines.describe FOLDER --out library.parquet`.

Every sound file below the folder becomes a row (pipelines.library_rows) of one Parquet table, described in parallel on
this machine's cores or, with --ray, on a cluster. The run can be stopped or killed at any moment and taken up by the
same command: rows whose file still has the same size and time are kept, as long as the weights are the same.
"""

import argparse
import os
import stat
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from core.errors import UserError
from core.runtime import share_cores
from pipelines import library_crew, library_ray
from pipelines.library_rows import Judge, Row, describer

if TYPE_CHECKING:
    from pipelines.library_table import Table

SOUND_SUFFIXES = {
    ".wav", ".w64", ".mp3", ".mp2", ".flac", ".ogg", ".oga", ".opus", ".spx", ".m4a", ".m4b", ".mp4", ".mov", ".3gp",
    ".aac", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".wma", ".asf", ".ape", ".wv", ".mpc", ".tta", ".tak",
    ".amr", ".ac3", ".eac3", ".dts", ".dsf", ".dff", ".mka", ".mkv", ".webm", ".voc", ".avi", ".flv", ".mpg", ".qoa",
}  # fmt: skip
"""Endings of the files looked at; what is inside is found out by decoding."""

TIME_LIMIT_S = 120.0
_WORKER_BYTES = 1.2 * 2**30  # what a worker may need at its peak
_LINE_EVERY_S = 10.0
_INTERRUPTED = 130  # the shell's status for Ctrl-C


@dataclass(frozen=True)
class Sound:
    """A file to describe: its name in the table, where it is, its size and its time of change."""

    name: str
    path: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True)
class Options:
    """How to run: on how many workers (None: as many as there are cores) or which Ray, and what to take up again."""

    workers: int | None = None
    ray: str | None = None
    limit: int | None = None
    time_limit_s: float = TIME_LIMIT_S
    fresh: bool = False
    retry_errors: bool = False


@dataclass
class Report:
    """What a run did: files described and refused, rows kept from before and dropped, and how long it all took.

    `working_s` leaves out the time until the first row: loading the models. `listened_s` is the length of the sound.
    """

    described: int = 0
    refused: int = 0
    kept: int = 0
    dropped: int = 0
    seconds: float = 0.0
    working_s: float = 0.0
    listened_s: float = 0.0
    interrupted: bool = False


def sounds(folder: Path, *, besides: Path | None = None) -> Iterator[Sound]:
    """Sound files below `folder` in the order of their names, without hidden ones and without `besides`.

    Links are followed; a folder that can be reached in several ways (or contains itself) is visited once.
    """
    seen: set[tuple[int, int]] = set()
    for place, folders, files in os.walk(folder, followlinks=True, onerror=_cannot_look):
        about = os.stat(place)
        if (about.st_dev, about.st_ino) in seen:
            folders.clear()
            continue
        seen.add((about.st_dev, about.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(place, name) for name in sorted(files) if not name.startswith(".")):
            if path.suffix.lower() in SOUND_SUFFIXES and path != besides and (sound := _sound(path, folder)):
                yield sound


def run(folder: Path, out: Path, options: Options, make: Callable[[], Judge] = describer) -> Report:
    """Bring the table `out` up to date with `folder`; Ctrl-C ends it early, with all that was done on disk.

    `make` gives each worker its function and must be importable there. Raises UserError for a folder that is not there
    or has no sound files, and for an `out` that is something else or the table of another folder.
    """
    from pipelines.library_table import Table

    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.", "Check the name.")
    folder = folder.resolve()
    found = {sound.name: sound for sound in sounds(folder, besides=out.resolve())}
    if not found:
        raise UserError(f"There are no sound files in {folder}.", "Choose a folder with music in it.")
    table = Table(out, fresh=options.fresh)
    report, todo = _take_up(table, found, options)
    by_path = {sound.path: sound for sound in todo}
    started = first = time.monotonic()
    try:
        with closing(_outcomes(list(by_path), make, folder, options)) as outcomes:
            for path, values in _shown(outcomes, len(todo)):
                first = first if report.described + report.refused else time.monotonic()
                table.add(_row(by_path[path], values))
                _count(report, values)
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        table.save()
    report.seconds, report.working_s = time.monotonic() - started, time.monotonic() - first
    return report


def _take_up(table: "Table", found: dict[str, Sound], options: Options) -> tuple[Report, list[Sound]]:
    """Drop the rows that no longer hold; returns what was kept and dropped, and the files to describe."""
    known = table.known()
    if known and not known.keys() & found.keys():
        raise UserError("The table describes another folder.", "Choose another --out, or give --fresh.")
    if table.outdated:
        print("The table was made with other weights: everything is described again.", file=sys.stderr)
    keep = {
        name
        for name, row in known.items()
        if name in found
        and (row.size_bytes, row.modified_ns) == (found[name].size_bytes, found[name].modified_ns)
        and not (row.failed and options.retry_errors)
    }
    table.keep(keep)
    todo = [sound for name, sound in found.items() if name not in keep]
    return Report(kept=len(keep), dropped=len(known.keys() - found.keys())), todo[: options.limit]


def _outcomes(
    paths: Sequence[str], make: Callable[[], Judge], folder: Path, options: Options
) -> Generator[tuple[str, Row]]:
    if options.ray is not None and paths:
        return library_ray.outcomes(
            paths, make, folder=folder, address=options.ray, workers=options.workers, limit_s=options.time_limit_s
        )
    workers = options.workers or _workers_here()
    return library_crew.outcomes(paths, make, workers=workers, limit_s=options.time_limit_s)


def _workers_here() -> int:
    """As many as this process may use cores, as far as the memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not hasattr(os, "sysconf"):
        return cores
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(cores, int(memory / _WORKER_BYTES)))


def _row(sound: Sound, values: Row) -> Row:
    return {"path": sound.name, "size_bytes": sound.size_bytes, "modified": sound.modified_ns} | values


def _count(report: Report, values: Row) -> None:
    if values.get("error") is None:
        report.described += 1
        report.listened_s += values.get("seconds") or 0.0
    else:
        report.refused += 1


def _shown(outcomes: Iterable[tuple[str, Row]], total: int) -> Iterator[tuple[str, Row]]:
    """The same outcomes, with a bar on stderr, or a line now and then where that is not a terminal."""
    if sys.stderr.isatty():
        yield from tqdm(outcomes, total=total, unit="file", file=sys.stderr, dynamic_ncols=True, smoothing=0.05)
        return
    started = told = time.monotonic()
    for count, outcome in enumerate(outcomes, 1):
        yield outcome
        if (now := time.monotonic()) - told >= _LINE_EVERY_S:
            told = now
            print(f"{count} of {total} files, {count / (now - started):.2f} a second", file=sys.stderr, flush=True)


def _sound(path: Path, folder: Path) -> Sound | None:
    """None for a link to nowhere, a pipe, and a file that is gone again."""
    try:
        about = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    return Sound(_name(path.relative_to(folder)), str(path), about.st_size, about.st_mtime_ns)


def _name(path: Path) -> str:
    """With / on every system; bytes that are no UTF-8 are spelt out, because a table holds text only."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _cannot_look(error: OSError) -> None:
    print(f"skipped: {error.filename}: {error.strerror}", file=sys.stderr)


def summary(report: Report, out: Path) -> str:
    """One line for the end."""
    done = report.described + report.refused
    parts = [f"{report.described} described", f"{report.refused} refused"]
    parts += [f"{report.kept} were there already"] if report.kept else []
    parts += [f"{report.dropped} dropped, their files are gone"] if report.dropped else []
    rate = f"{done / max(report.seconds, 1e-9):.2f} clips a second, " if done else ""
    ends = "stopped early, the same command goes on; " if report.interrupted else ""
    return (
        f"{', '.join(parts)}; {rate}{report.listened_s / 60:.1f} minutes of audio; {ends}"
        f'{out}: pandas.read_parquet("{out}")'
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when the run finished, 2 when there was nothing to do it on, 130 after Ctrl-C."""
    share_cores()
    arguments = _parser().parse_args(argv)
    options = Options(
        arguments.workers, arguments.ray, arguments.limit, arguments.time_limit, arguments.fresh, arguments.retry_errors
    )
    try:
        report = run(arguments.folder, arguments.out, options)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(summary(report, arguments.out))
    return _INTERRUPTED if report.interrupted else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.describe", description="Describe every sound file of a folder in one table."
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="looked through with all folders below it")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.parquet", help="the table, taken up if there")
    parser.add_argument("--workers", type=_at_least_one, metavar="N", help="default: one a core")
    parser.add_argument("--ray", metavar="ADDRESS", help="a Ray cluster that sees FOLDER at the same place, or local")
    parser.add_argument("--limit", type=_at_least_one, metavar="N", help="describe at most N files in this run")
    parser.add_argument(
        "--time-limit", type=float, default=TIME_LIMIT_S, metavar="S", help="for one file (default 120)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what the table says and describe everything")
    parser.add_argument("--retry-errors", action="store_true", help="try the files again that were refused before")
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
