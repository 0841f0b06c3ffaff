"""Seconds and peak memory of every stage, each in a process of its own: `python -m evaluation.bench [--write]`.

Machines differ and are shared, so every time stands beside the same call's baseline: the seconds that this machine
takes for forty 1024 x 1024 float32 matrix products in torch. `cold` counts from the start of a process; `warm` is the
median of three calls after the first (/describe: nine). What describes gets the first 30 s of the clip. --write
replaces the table in evaluation/RESULTS.md. --full-size times the full-size painter beside plain diffusers instead
(evaluation.picture_speed, whose options it takes).
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.runtime import share_cores
from core.types import MusicRequest
from evaluation import picture_speed, results
from evaluation.results import RESULTS

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SYNTHESETE_DATA", ROOT.parent / "shared" / "data"))
START, END = "<!-- bench -->", "<!-- /bench -->"


@dataclass(frozen=True)
class Row:
    """One stage: seconds from the start of its process, warm seconds, and peak resident memory in MB."""

    stage: str
    cold_s: float
    warm_s: float | None
    peak_mb: float


def describe_stage(clip: Path) -> None:
    """Describe one clip."""
    from pipelines.describe import describe_file

    describe_file(clip)


def illustrate_stage(clip: Path) -> None:
    """Paint one picture at the defaults."""
    from core.types import ImageRequest
    from pipelines.illustrate import illustrate

    illustrate(ImageRequest("ocean waves and a low sun, calm mood, aqua and mint, slow reggae music", seed=1))


def musicgen_stage(clip: Path) -> None:
    """Ten seconds of music by the MusicGen engine."""
    _compose("musicgen")


def first_sound_stage(clip: Path) -> None:
    """The same, until the first of it could be heard."""
    from evaluation.music_speed import until_first_sound

    until_first_sound(_ten_seconds("musicgen"))


def composer_stage(clip: Path) -> None:
    """Ten seconds of music by the composer."""
    _compose("composer")


def _compose(engine: str) -> None:
    from pipelines.compose import compose

    compose(_ten_seconds(engine))


def _ten_seconds(engine: str) -> MusicRequest:
    return MusicRequest("calm jazz", engine=engine, seconds=10, seed=1, tempo_bpm=96, genre="jazz")


def run_stage(clip: Path) -> None:
    """The whole journey: described, painted, ten seconds of music, everything saved."""
    from pipelines.journey import travel

    with tempfile.TemporaryDirectory() as folder:
        list(travel(clip, out=Path(folder), seconds=10, seed=1))


STAGES = {
    "describe": describe_stage,
    "illustrate": illustrate_stage,
    "compose, musicgen, 10 s": musicgen_stage,
    "its first sound": first_sound_stage,
    "compose, composer, 10 s": composer_stage,
    "run (all three, saved)": run_stage,
}


def measure_here(stage: str, clip: Path, started: float) -> Row:
    """Run one stage once cold and three times warm in this process, which began at `started` (epoch seconds)."""
    act = STAGES[stage]
    act(clip)
    cold = time.time() - started
    warm = []
    for _ in range(3):
        before = time.perf_counter()
        act(clip)
        warm.append(time.perf_counter() - before)
    return Row(stage, cold, statistics.median(warm), _peak_mb(os.getpid()))


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text()).group(1)) / 1024  # type: ignore[union-attr]
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes


def measure(stage: str, clip: Path) -> Row:
    """Run one stage in a fresh process."""
    command = [sys.executable, "-m", "evaluation.bench", "--stage", stage, "--clip", str(clip)]
    command += ["--started", str(time.time())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{stage}: {done.stderr[-2000:]}")
    return Row(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def running_page(port: int = 7979) -> Iterator[tuple[int, float]]:
    """`python app.py` from a fresh process, killed at the end: its process id, and the seconds to its first answer."""
    from urllib.request import urlopen

    started = time.time()
    command = [sys.executable, "app.py", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watchdog = threading.Timer(180, server.kill)
    watchdog.start()
    try:
        while server.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{port}/", timeout=1) as answer:
                    answer.read()
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise RuntimeError("the app ended before it answered")
        yield server.pid, time.time() - started
    finally:
        watchdog.cancel()
        server.kill()
        server.wait()


def measure_page(port: int = 7979) -> Row:
    """Seconds from the start of `python app.py` to the first answer of the page, and the server's memory then."""
    with running_page(port) as (pid, seconds):
        return Row("page answers", seconds, None, _peak_mb(pid))


def measure_endpoint(clip: Path, port: int = 7979) -> Row:
    """/describe through gradio_client, upload and all; cold: from the moment that the page is up to the answer.

    The other models are still loading then; the warm calls begin when they have loaded, and the memory is theirs too.
    """
    from gradio_client import Client, handle_file

    with running_page(port) as (pid, _):
        before = time.time()
        client = Client(f"http://127.0.0.1:{port}/", verbose=False)
        client.predict(handle_file(clip), api_name="/describe")
        cold = time.time() - before
        client.predict("a red sun", api_name="/illustrate")
        client.predict("calm jazz", api_name="/compose")
        warm = []
        for _ in range(9):
            before = time.perf_counter()
            client.predict(handle_file(clip), api_name="/describe")
            warm.append(time.perf_counter() - before)
        return Row("/describe after the page is up", cold, statistics.median(warm), _peak_mb(pid))


def half_a_minute(clip: Path, folder: Path) -> Path:
    """The first 30 s of `clip` as an Ogg file in `folder`: what the times of /describe are promised for."""
    import soundfile

    from core.audio import read_clip

    cut = read_clip(clip, max_seconds=30).clip
    target = folder / "thirty_seconds.ogg"
    soundfile.write(target, cut.samples.T, cut.rate, format="OGG", subtype="VORBIS")
    return target


def baseline_s() -> float:
    """Seconds for forty 1024 x 1024 float32 matrix products, best of three."""
    import torch

    a = torch.randn(1024, 1024, generator=torch.Generator().manual_seed(0))
    times = []
    for _ in range(4):
        before = time.perf_counter()
        for _ in range(40):
            a @ a
        times.append(time.perf_counter() - before)
    return min(times[1:])


def table(rows: list[Row], baseline: float, clip: Path) -> str:
    """The Markdown table with its machine and command."""
    import torch

    lines = [
        f"`python -m evaluation.bench --write`, commit {results.commit()}, clip {clip.name} (described: its first "
        f"30 s), {os.cpu_count()} cores ({platform.machine()}), torch {torch.__version__}, seed 1, n = 1 cold and 3 "
        "warm (/describe 9).",
        f"Baseline in the same call: forty 1024 x 1024 float32 matrix products take {baseline:.2f} s.",
        "",
        "| stage | cold (s) | warm (s) | warm / baseline | peak memory (MB) |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        warm = ("", "") if row.warm_s is None else (f"{row.warm_s:.2f}", f"{row.warm_s / baseline:.1f}")
        lines.append(f"| {row.stage} | {row.cold_s:.1f} | {warm[0]} | {warm[1]} | {row.peak_mb:.0f} |")
    return "\n".join(lines)


def write(text: str, path: Path = RESULTS) -> None:
    """Put the table between the markers of RESULTS.md."""
    results.replace(text, path, start=START, end=END)


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.bench")
    parser.add_argument("--clip", type=Path, default=DATA / "clips" / "Kevin_MacLeod_-_Vibe_Ace.ogg")
    parser.add_argument("--write", action="store_true", help="replace the table in evaluation/RESULTS.md")
    parser.add_argument("--full-size", action="store_true", help="evaluation.picture_speed instead, with its options")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, default=time.time(), help=argparse.SUPPRESS)
    options, others = parser.parse_known_args(arguments)
    if options.full_size:
        picture_speed.main(others)
        return
    if others:
        parser.error(f"unknown options: {' '.join(others)}")
    share_cores()
    if options.stage:
        print(json.dumps(measure_here(options.stage, options.clip, options.started).__dict__))
        return
    with tempfile.TemporaryDirectory() as folder:
        short = half_a_minute(options.clip, Path(folder))
        rows = [measure_page(), measure_endpoint(short), measure("describe", short)]
        rows += [measure(stage, options.clip) for stage in STAGES if stage != "describe"]
    text = table(rows, baseline_s(), options.clip)
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
