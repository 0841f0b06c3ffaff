"""Clips a second of a library's run against a plain loop: `python -m evaluation.library [FOLDER] --n 60 --ray`.

Every way describes the same files (links in a scratch folder) in a process of its own, one after the other: a loop of
describe_file, the command with 1, 2 ... workers and, with --ray, with as many on a Ray of this machine. The rate leaves
out loading (counted from the first finished clip); the whole run stands beside it. Machines differ: compare the ratios.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from classifiers.datasets import data_folder
from core.runtime import share_cores
from pipelines.library import Options, run, sounds

ROOT = Path(__file__).resolve().parent.parent
LOOP = "a loop of describe_file"


@dataclass(frozen=True)
class Way:
    """How the files were described: clips a second once loaded, seconds of the whole run, files, minutes of sound."""

    name: str
    clips_per_s: float
    seconds: float
    files: int
    minutes: float


def loop_here(folder: Path) -> Way:
    """Describe every file of `folder` in this process, one after the other, with whatever threads that uses."""
    import time

    from pipelines.describe import describe_file

    began = time.monotonic()
    listened, first = 0.0, 0.0
    files = list(sounds(folder))
    for sound in files:
        listened += describe_file(sound.path).traits.seconds
        first = first or time.monotonic()
    ended = time.monotonic()
    return Way(LOOP, (len(files) - 1) / (ended - first), ended - began, len(files), listened / 60)


def table_here(folder: Path, workers: int, ray: bool) -> Way:
    """Describe `folder` into a table by the command's own code."""
    with tempfile.TemporaryDirectory() as place:
        options = Options(workers=workers, ray="local" if ray else None)
        report = run(folder, Path(place) / "library.parquet", options)
    done = report.described + report.refused
    name = f"{'Ray, ' if ray else ''}{workers} worker{'s' if workers > 1 else ''}"
    return Way(name, (done - 1) / report.working_s, report.seconds, done, report.listened_s / 60)


def measured(folder: Path, *arguments: str) -> Way:
    """One way, measured in a fresh process."""
    command = [sys.executable, "-m", "evaluation.library", str(folder), "--here", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    way = Way(**json.loads(done.stdout.splitlines()[-1]))
    print(way, file=sys.stderr, flush=True)
    return way


def table(ways: list[Way]) -> str:
    """The Markdown table; the first way is the yardstick."""
    lines = [
        f"{ways[0].files} files, {ways[0].minutes:.0f} minutes of sound, {os.cpu_count()} cores.",
        "",
        "| way | clips a second | against the loop | whole run with loading (s) |",
        "|---|---|---|---|",
    ]
    for way in ways:
        ratio = way.clips_per_s / ways[0].clips_per_s
        lines.append(f"| {way.name} | {way.clips_per_s:.2f} | {ratio:.2f} | {way.seconds:.1f} |")
    return "\n".join(lines)


def linked(folder: Path, n: int, place: Path) -> Path:
    """The first `n` sound files of `folder` as links in `place`."""
    for sound in list(sounds(folder))[:n]:
        link = place / sound.name.replace("/", "_")
        link.symlink_to(Path(sound.path).resolve())
    return place


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.library")
    parser.add_argument("folder", type=Path, nargs="?", default=data_folder() / "gtzan" / "audio")
    parser.add_argument("--n", type=int, default=60, help="how many of its files")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="the most to try; 1, 2, 4 ...")
    parser.add_argument("--ray", action="store_true", help="measure a Ray on this machine as well")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    share_cores()
    if options.here:
        way = table_here(options.folder, options.workers, options.ray) if options.n else loop_here(options.folder)
        print(json.dumps(way.__dict__))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = linked(options.folder, options.n, Path(place))
        ways = [measured(folder, "--n", "0")]
        counts = [2**k for k in range(options.workers.bit_length())]
        ways += [measured(folder, "--workers", str(count)) for count in counts]
        if options.ray:
            ways.append(measured(folder, "--workers", str(counts[-1]), "--ray"))
    print(table(ways))


if __name__ == "__main__":
    main()
