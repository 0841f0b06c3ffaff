"""The whole job without a browser: `python -m pipelines CLIP [CLIP ...] --out DIR`.

For every clip: a description (JSON), a picture (PNG) and matching music (WAV, FLAC, MP3, MIDI where the engine has it),
and on the terminal what was asked of the music and what our ears got. The clip can shape the picture (--shape), and
several can be painted (--pictures). The music can go on from the clip (--continue), be made several times
(--variations) and be chosen by the ears (--best-of). --share films the picture to the music (MP4). One bad file does
not stop the rest; the exit status is 1 when any failed.
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
from core.types import ASPECTS, Progress
from pipelines.journey import Journey, Painting, Playing, Take, description_json, travel

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
                playing=_playing(options),
                painting=Painting(options.negative, options.aspect, options.upscale),
                layout_strength=options.shape,
                pictures=options.pictures,
                share=options.share,
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
    modes = parser.add_mutually_exclusive_group()
    for flag, mode, does in (
        ("--continue", "continue", "go on from the end of the clip, and save both joined"),
        ("--melody", "melody", "follow the clip's melody"),
        ("--unconditional", "unconditional", "music of no wishes"),
    ):
        modes.add_argument(flag, dest="mode", action="store_const", const=mode, default="text", help=does)
    parser.add_argument("--prompt-seconds", type=float, default=10.0, help="how much of the clip to go on from")
    parser.add_argument("--best-of", type=int, default=1, metavar="N", help="make N, keep what the ears like best")
    parser.add_argument("--variations", type=int, default=1, metavar="N", help="keep N of different seeds")
    parser.add_argument("--notes", action="store_true", help="estimate MIDI notes where the engine writes none")
    _add_picture_options(parser.add_argument_group("the picture"))
    parser.add_argument("--share", action="store_true", help="film the picture to the music: an MP4")
    return parser


def _add_picture_options(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--shape", type=float, metavar="STRENGTH",
        help="how strongly the clip shapes the picture, from 0 (the words alone) to 1 (its drawing alone)",
    )  # fmt: skip
    group.add_argument("--pictures", type=int, default=1, metavar="N", help="paint N, of this seed and the next")
    group.add_argument("--negative", default="", metavar="WORDS", help="what to keep out of it")
    group.add_argument("--aspect", default="1:1", choices=ASPECTS, help="width by height (default 1:1)")
    group.add_argument("--upscale", type=int, default=1, choices=(1, 2), help="2: twice as large")
    group.add_argument(
        "--adapter", action="append", default=[], metavar="NAME[:WEIGHT]", help="a LoRA; several may be given"
    )


def _playing(options: argparse.Namespace) -> Playing:
    return Playing(options.mode, options.prompt_seconds, options.best_of, options.variations, options.notes)


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
    """Write the description beside the results; returns lines for the terminal."""
    assert journey.picture is not None, "the last stage has it"
    assert journey.music is not None
    assert journey.files is not None
    takes = (Take(journey.music, journey.files), *journey.others)
    heard = [{"file": take.files.wav.name, "asked_and_got": _asked_and_got(take)} for take in takes]
    pictures = [journey.picture, *(file for _, file in journey.other_pictures)]
    made = {"pictures": [file.name for file in pictures], "video": journey.video and journey.video.name, "music": heard}
    record = {"clip": path.name} | description_json(journey.description) | made
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in record.items())
    journey.picture.with_suffix(".json").write_text(f"{{\n{lines}\n}}\n")
    files = ", ".join(file.name for file in (*pictures, journey.files.wav, journey.video) if file)
    first = f"{path.name}: {journey.description.caption} -> {files}"
    return "\n".join([first, *(f"  {take.files.wav.name}: {_asked_and_got(take)}" for take in takes)])


def _asked_and_got(take: Take) -> str:
    """What the ears say to it; for the chosen one how it was chosen."""
    told = take.music.details.get("best_of")
    if isinstance(told, dict):
        return str(told["sentence"])
    return take.music.match.sentence if take.music.match else "silent"


if __name__ == "__main__":
    sys.exit(main())
