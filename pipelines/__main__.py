"""The whole job without a browser: `python -m pipelines CLIP [CLIP ...] --out DIR`.

For every clip: a description (JSON), a picture (PNG) and matching music (WAV, MP3, MIDI where the engine has it). One
bad file does not stop the rest; the exit status is 1 when any failed.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.errors import UserError
from core.runtime import check_seed, draw_seed, share_cores
from core.types import Progress
from pipelines.journey import Journey, description_json, travel

AUDIO_SUFFIXES = {
    ".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".webm", ".wma", ".mp4",
}  # fmt: skip

_BAR = "{l_bar}{bar}| {n:.1f}/{total}{postfix}"


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    share_cores()
    options = _parser().parse_args(argv)
    seed = draw_seed() if options.seed is None else options.seed
    try:
        check_seed(seed)
        adapters = tuple(_adapter(text) for text in options.adapter)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    clips = _clips(options.clips)
    failures: dict[Path, str] = {}
    with tqdm(total=len(clips), unit="clip", file=sys.stderr, bar_format=_BAR) as bar:
        for index, path in enumerate(clips):
            journey = travel(
                path,
                out=options.out,
                seconds=options.seconds,
                seed=seed,
                engine=options.engine,
                adapters=adapters,
                progress=_shown_on(bar, index, path),
            )
            reason = _finish(path, journey, bar)
            if reason is not None:
                failures[path] = reason
        bar.n = len(clips)
    print(f"{len(clips) - len(failures)} of {len(clips)} clips done, seed {seed}, results in {options.out}")
    for path, reason in failures.items():
        print(f"failed: {path}: {reason}", file=sys.stderr)
    return 1 if failures or not clips else 0


def _finish(path: Path, journey: Iterator[Journey], bar: "tqdm[Any]") -> str | None:
    """Carry one clip to its end; None, or the reason why that failed."""
    try:
        *_, last = journey
        bar.write(_record(path, last))
    except UserError as error:
        return str(error)
    except Exception:
        logging.exception("%s", path)
        return "An unexpected error; the details are above."
    return None


def _shown_on(bar: "tqdm[Any]", index: int, path: Path) -> Progress:
    def progress(fraction: float, what: str) -> None:
        bar.n = index + min(fraction, 1.0)
        bar.set_postfix_str(f"{path.name[:30]}: {what}")

    return progress


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipelines", description="Describe clips, paint them, play on.")
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="an audio file, or a folder of them")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where results go")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the new music (default 10)")
    parser.add_argument("--seed", type=int, default=None, help="default: drawn, and printed at the end")
    parser.add_argument("--engine", default="auto", help="auto, musicgen or composer")
    parser.add_argument(
        "--adapter", action="append", default=[], metavar="NAME[:WEIGHT]", help="a LoRA for the picture"
    )
    return parser


def _adapter(text: str) -> tuple[str, float]:
    name, _, weight = text.partition(":")
    try:
        return name, float(weight or 1.0)
    except ValueError:
        raise UserError(f"The adapter weight in {text!r} is not a number.", "Write it as name:0.8.") from None


def _clips(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in AUDIO_SUFFIXES) if path.is_dir() else [path]
        found += inside
    return found


def _record(path: Path, journey: Journey) -> str:
    """Write the description beside the results; returns a line for the terminal."""
    assert journey.picture is not None, "the last stage has it"
    assert journey.files is not None
    record = {"clip": path.name} | description_json(journey.description)
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in record.items())
    journey.picture.with_suffix(".json").write_text(f"{{\n{lines}\n}}\n")
    return f"{path.name}: {journey.description.caption} -> {journey.picture.name}, {journey.files.wav.name}"


if __name__ == "__main__":
    sys.exit(main())
