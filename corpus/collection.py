"""A collection of composed music with exact labels: `python -m corpus.collection --hours 200 --out DIR`.

Sound (FLAC, 32 kHz stereo, -16 LUFS), MIDI, and one line of labels.jsonl a piece: genre, emotion, tempo, key, metre,
instruments, sections in seconds, and captions in several phrasings. Piece i depends on (seed, i) alone, so a run that
was stopped goes on where it was, and more hours are the same pieces and then more. One process a core.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np

from corpus import score
from corpus.captions import caption, music_prompt
from corpus.composer import corpus_piece, labels_of
from corpus.performance import Piece, to_notes
from corpus.render import midi_bytes, render
from corpus.score import Header, Tokens

RATE_HZ = 32000
N_CAPTIONS = 4
LABELS = "labels.jsonl"


def labels(tokens: Tokens, piece: Piece, rng: random.Random) -> dict[str, Any]:
    """What is known of a piece, as plain values."""
    fields, header = labels_of(tokens), piece.header
    return {
        "seconds": round(piece.seconds, 3),
        "genre": fields.genre,
        "emotion": fields.emotion,
        "tempo_bpm": header.tempo_bpm,
        "key": header.key,
        "mode": header.mode,
        "metre": header.metre,
        "instruments": list(fields.instruments),
        "sections": sections(tokens),
        "captions": [caption(fields, rng) for _ in range(N_CAPTIONS // 2)]
        + [music_prompt(fields, rng) for _ in range(N_CAPTIONS // 2)],
    }


def sections(tokens: Tokens) -> list[dict[str, Any]]:
    """The sections in their order: kind, and where each begins in seconds."""
    header, row = Header.unpack(tokens), np.asarray(tokens)[score.POSITION, score.N_HEADER_FRAMES :]
    found: list[dict[str, Any]] = []
    for at in range(0, len(row), header.steps_per_phrase):
        mark = score.read_section(int(row[at]))
        if mark and (not found or found[-1]["kind"] != mark[0]):
            start_s = score.seconds_of(at, header.tempo_bpm, header.steps_per_beat)
            found.append({"kind": mark[0], "start_s": round(start_s, 3)})
    return found


def write_piece(index: int, seed: int, out: Path) -> dict[str, Any]:
    """Compose piece `index`, write its sound and its MIDI, and return its line of labels."""
    import soundfile

    tokens = corpus_piece(seed, index)
    piece = to_notes(tokens)
    name = f"{index:06d}"
    scratch = out / f".{name}.flac"
    soundfile.write(scratch, render(piece, rate=RATE_HZ).T, RATE_HZ, format="FLAC", subtype="PCM_16")
    os.replace(scratch, out / f"{name}.flac")
    (out / f"{name}.mid").write_bytes(midi_bytes(piece))
    return {"name": name} | labels(tokens, piece, random.Random(f"words/{seed}/{index}"))


def written(out: Path) -> dict[str, float]:
    """Names and seconds of the pieces that are there; a line that was cut off counts for nothing."""
    path, found = out / LABELS, dict[str, float]()
    for line in path.read_text().splitlines() if path.is_file() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        found[row["name"]] = row["seconds"]
    return found


def _is_whole(path: Path) -> bool:
    """Whether the last line of a file was written to its end."""
    return not path.is_file() or not (data := path.read_bytes()) or data.endswith(b"\n")


def fill(out: Path, hours: float, seed: int, jobs: int) -> Iterator[float]:
    """Write pieces until there are `hours` of music; yields the hours so far after each piece."""
    out.mkdir(parents=True, exist_ok=True)
    there = written(out)
    seconds, upcoming = sum(there.values()), (i for i in range(10**6) if f"{i:06d}" not in there)
    mend = "" if _is_whole(out / LABELS) else "\n"
    with ProcessPoolExecutor(jobs) as pool, (out / LABELS).open("a") as lines:
        lines.write(mend)
        running = (
            {pool.submit(write_piece, next(upcoming), seed, out) for _ in range(jobs)}
            if seconds < 3600 * hours
            else set()
        )
        while running:
            done = next(as_completed(running))
            running.remove(done)
            row = done.result()
            seconds += row["seconds"]
            lines.write(json.dumps(row) + "\n")
            lines.flush()
            yield seconds / 3600
            if seconds < 3600 * hours:
                running.add(pool.submit(write_piece, next(upcoming), seed, out))


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m corpus.collection", description="Write labelled music by rules.")
    parser.add_argument("--out", type=Path, required=True, help="directory to write to, or to go on in")
    parser.add_argument("--hours", type=float, default=1.0, help="of music, in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(argv)
    started, told = time.monotonic(), 0.0
    for hours in fill(options.out, options.hours, options.seed, options.jobs):
        if time.monotonic() - told > 5 or hours >= options.hours:
            told = time.monotonic()
            print(f"{hours:.2f} of {options.hours:g} hours after {told - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
