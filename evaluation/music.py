"""How well the bundled MusicGen writes: does it do what was asked, does it make sense, is it its own, how fast is it.

The same requests go to the model (through the verb and the engine's own `write`) and to the composer, whose pieces it
was trained on: the composer's figures are what perfect learning would give. Copying is judged against pieces of the
training corpus itself; how often the composer repeats itself by chance stands beside it.

    python -m evaluation.music --n 50 --seed 0 [--card weights/music/README.md]
"""

import argparse
import itertools
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.models import LOADED
from core.runtime import compute
from core.types import GeneratedClip, MusicRequest, no_progress
from corpus import composer, score
from corpus.captions import EMOTIONS, GENRES, KEYS, Fields, music_prompt
from corpus.score import FIRST_PITCH, Header
from pipelines import compose
from pipelines.engines import musicgen, musicgen_score
from pipelines.engines.wishes import wishes
from pipelines.pretrain.music import PIECE_STEPS
from pipelines.pretrain.music_card import MEASURED

Tokens = npt.NDArray[np.int64]
CLIP_S, PIECE_S = 10.0, 32.0


@dataclass(frozen=True)
class Sense:
    """What a set of scores is like; shares in [0, 1]. Bars count where the tune has two notes or more."""

    in_scale: float  # notes of the tune that lie in the mode's scale
    bass_in_chord: float  # bass notes that belong to the chord above them
    bars_returning: float  # bars of the tune that are exactly the bar four bars before
    copied: float  # two-bar tunes that stand note for note in the training pieces looked at
    without_tune: float  # pieces
    without_bass: float
    without_chords: float
    distinct: float  # tunes that no other piece of the set has


@dataclass(frozen=True)
class Obedience:
    """Shares of pieces that have what was asked, and of headers that words alone led to."""

    fields: dict[str, float]
    words_alone: dict[str, float]


@dataclass(frozen=True)
class Speed:
    """What the verb takes for one clip of CLIP_S, warm: by the clock, and of the processor (all that counts on an
    idle machine, as generation uses one thread); `realtime` is how many times faster than playing by the latter."""

    wall_s: float
    cpu_s: float
    realtime: float
    silent: int
    clipped: int
    n: int


def requests(n: int, seed: int) -> list[MusicRequest]:
    """Every genre, every emotion, tempo and key drawn; prompts in the words of the vocabulary."""
    rng = random.Random(seed)
    made = []
    for i in range(n):
        fields = Fields(
            GENRES[i % len(GENRES)],
            EMOTIONS[(i // len(GENRES) + i) % len(EMOTIONS)],
            tempo_bpm=rng.randint(60, 180),
            key=rng.choice(KEYS),
        )
        made.append(
            MusicRequest(
                music_prompt(fields, rng),
                seconds=PIECE_S,
                seed=rng.getrandbits(32),
                tempo_bpm=fields.tempo_bpm,
                genre=fields.genre,
                emotion=fields.emotion,
                key=fields.key,
            )
        )
    return made


def tune(tokens: Tokens) -> Tokens:
    """The melody stream, (steps,)."""
    return np.asarray(tokens)[score.MELODY, score.N_HEADER_FRAMES :].astype(np.int64)


def bars(tokens: Tokens) -> list[Tokens]:
    """The tune bar by bar, whole bars only."""
    row, size = tune(tokens), Header.unpack(tokens).steps_per_bar
    return [row[start : start + size] for start in range(0, len(row) - size + 1, size)]


def two_bar_tunes(tokens: Tokens) -> list[bytes]:
    """Every two neighbouring bars with at least four notes, as comparable values; relative to the key."""
    row = bars(tokens)
    pairs = [np.concatenate(pair) for pair in itertools.pairwise(row)]
    return [pair.tobytes() for pair in pairs if (pair >= FIRST_PITCH).sum() >= 4]


def sense(pieces: Sequence[Tokens], known: set[bytes]) -> Sense:
    """The figures of a set of scores; `known` are two-bar tunes of the training pieces."""
    scale, chords, returns, copies = [], [], [], []
    for tokens in pieces:
        header, music = Header.unpack(tokens), np.asarray(tokens)[:, score.N_HEADER_FRAMES :].astype(np.int64)
        notes = music[score.MELODY][music[score.MELODY] >= FIRST_PITCH]
        scale += np.isin(notes, score.in_scale_tokens(score.MELODY, header.mode)).tolist()
        chords += [fits for step in range(music.shape[1]) if (fits := _bass_fits(music, step)) is not None]
        row = bars(tokens)
        returns += [
            bool((now == before).all())
            for before, now in zip(row, row[4:], strict=False)
            if (now >= FIRST_PITCH).sum() >= 2
        ]
        copies += [pair in known for pair in two_bar_tunes(tokens)]
    tunes = [tune(tokens).tobytes() for tokens in pieces]
    return Sense(
        in_scale=_share(scale),
        bass_in_chord=_share(chords),
        bars_returning=_share(returns),
        copied=_share(copies),
        without_tune=_share([not _sounds(tokens, score.MELODY) for tokens in pieces]),
        without_bass=_share([not _sounds(tokens, score.BASS) for tokens in pieces]),
        without_chords=_share([not _sounds(tokens, score.ACCOMPANIMENT) for tokens in pieces]),
        distinct=_share([tunes.count(each) == 1 for each in tunes]),
    )


def _bass_fits(music: Tokens, step: int) -> bool | None:
    """Whether the bass note struck at `step` is a tone of its chord; None where none is struck or there is no chord."""
    chord, bass = score.read_chord(int(music[score.CHORD, step])), int(music[score.BASS, step])
    if chord is None or bass < FIRST_PITCH:
        return None
    return (bass - FIRST_PITCH + score.BASS_LOWEST - chord[0]) % 12 in {tone % 12 for tone in chord[1]}


def _sounds(tokens: Tokens, stream: int) -> bool:
    return bool((np.asarray(tokens)[stream, score.N_HEADER_FRAMES :] >= FIRST_PITCH).any())


def _share(truths: Sequence[bool]) -> float:
    return round(float(np.mean(truths)), 4) if len(truths) else 0.0


def heeded(asked: Sequence[MusicRequest], headers: Sequence[Header]) -> dict[str, float]:
    """Share of headers that state each thing asked for."""
    pairs = list(zip(asked, headers, strict=True))
    return {
        "genre": _share([a.genre == h.genre for a, h in pairs]),
        "emotion": _share([a.emotion == h.emotion for a, h in pairs]),
        "tempo": _share([a.tempo_bpm == h.tempo_bpm for a, h in pairs]),
        "tempo within 4 %": _share([abs(h.tempo_bpm / (a.tempo_bpm or 1) - 1) <= 0.04 for a, h in pairs]),
        "key": _share([a.key == h.key for a, h in pairs]),
    }


def obedience(asked: Sequence[MusicRequest], written: Sequence[musicgen_score.Written]) -> Obedience:
    """With the fields forced, and with nothing but words saying all of them."""
    loaded = _loaded()
    free = []
    for request in asked:
        fields = Fields(request.genre, request.emotion, tempo_bpm=request.tempo_bpm, key=request.key)
        bare = MusicRequest(music_prompt(fields), seconds=1.0, seed=request.seed)
        free.append(musicgen_score.write(loaded, bare, Fields(), no_progress).header)
    return Obedience(heeded(asked, [w.header for w in written]), heeded(asked, free))


def speed(asked: Sequence[MusicRequest]) -> Speed:
    """Through the verb, as a client sees it."""
    compose.compose(replace(asked[0], seconds=CLIP_S))
    started, busy = time.monotonic(), time.process_time()
    clips: list[GeneratedClip] = [compose.compose(replace(request, seconds=CLIP_S)) for request in asked]
    wall_s, cpu_s = ((time.monotonic() - started) / len(clips), (time.process_time() - busy) / len(clips))
    peaks = [float(np.abs(made.clip.samples).max()) for made in clips]
    return Speed(
        wall_s=round(wall_s, 3),
        cpu_s=round(cpu_s, 3),
        realtime=round(CLIP_S / cpu_s, 1),
        silent=sum(peak < 0.01 for peak in peaks),
        clipped=sum(peak >= 0.999 for peak in peaks),
        n=len(clips),
    )


def _loaded() -> musicgen.Loaded:
    compose.warm()
    key = next(name for name in LOADED.names() if name.startswith("musicgen:"))
    loaded: musicgen.Loaded = LOADED.get(key, lambda: musicgen.load(compute()))
    return loaded


def composed(request: MusicRequest, n_steps: int) -> Tokens:
    """The composer's answer to the same request, a passage of as many steps."""
    return composer.compose(
        request.seed,
        genre=request.genre,
        emotion=request.emotion,
        tempo_bpm=request.tempo_bpm,
        key=request.key,
        steps=n_steps,
        ending=False,
    ).astype(np.int64)


def _free(loaded: musicgen.Loaded, request: MusicRequest) -> Tokens:
    """The score that the model writes where nothing keeps its tune in the scale."""
    return musicgen_score.write(loaded, request, wishes(request), no_progress, in_scale=False).tokens


def table(model: Sense, free: Sense, rules: Sense, follows: Obedience, fast: Speed, command: str) -> str:
    """The figures in Markdown."""
    lines = ["| | model | left free of the scale | composer |", "|---|---|---|---|"]
    names = {
        "in_scale": "notes of the tune in the scale",
        "bass_in_chord": "bass notes in the chord",
        "bars_returning": "bars of the tune that return after four bars",
        "copied": "two-bar tunes found in the training pieces",
        "without_tune": "pieces without a tune",
        "without_bass": "pieces without bass",
        "without_chords": "pieces without accompaniment",
        "distinct": "tunes unlike any other of the set",
    }
    for key, what in names.items():
        lines.append("| " + " | ".join([what, *(f"{getattr(each, key):.1%}" for each in (model, free, rules))]) + " |")
    lines += ["", "| asked for | heeded as a field | from words alone |", "|---|---|---|"]
    lines += [f"| {what} | {follows.fields[what]:.0%} | {share:.0%} |" for what, share in follows.words_alone.items()]
    lines += [
        "",
        f"A clip of {CLIP_S:.0f} s takes {fast.cpu_s:.2f} s of one CPU core, warm: {fast.realtime:.0f} times real time "
        f"({fast.wall_s:.2f} s by the clock on a machine busy with other work). Of {fast.n} clips {fast.silent} were "
        f"silent and {fast.clipped} clipped.",
        "",
        f"Measured with `{command}`.",
    ]
    return "\n".join(lines)


def write_into(card: Path, text: str) -> None:
    """Put the figures between the card's marks. Raises ValueError where it has none."""
    before, begin, rest = card.read_text().partition(MEASURED[0])
    _, end, after = rest.partition(MEASURED[1])
    if not begin or not end:
        raise ValueError(f"{card} has no place for figures")
    card.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def main(argv: list[str] | None = None) -> int:
    """Measure and print; with --card also write into the model card."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.music", description="Measure the bundled MusicGen.")
    parser.add_argument("--n", type=int, default=50, help="pieces")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--known", type=int, default=4000, help="training pieces to look for copies in")
    parser.add_argument("--training-seed", type=int, default=0, help="the seed that the corpus was written with")
    parser.add_argument("--held-out", type=int, default=400, help="its first pieces, which were not trained on")
    parser.add_argument("--card", type=Path, default=None, help="write the figures into this model card")
    options = parser.parse_args(argv)
    asked = requests(options.n, options.seed)
    loaded = _loaded()
    written = [musicgen_score.write(loaded, request, wishes(request), no_progress) for request in asked]
    pieces, _ = composer.write_corpus(options.held_out + options.known, options.training_seed, steps=PIECE_STEPS)
    known = {pair for piece in pieces[options.held_out :] for pair in two_bar_tunes(piece.astype(np.int64))}
    model = sense([w.tokens for w in written], known)
    free = sense([_free(loaded, request) for request in asked[: options.n // 2]], known)
    rules = sense([composed(r, w.tokens.shape[1] - 2) for r, w in zip(asked, written, strict=True)], known)
    follows, fast = obedience(asked, written), speed(asked[: min(20, options.n)])
    print(
        json.dumps(
            {"model": asdict(model), "left free": asdict(free), "composer": asdict(rules)}
            | asdict(follows)
            | {"speed": asdict(fast)}
        )
    )
    text = table(model, free, rules, follows, fast, f"python -m evaluation.music --n {options.n} --seed {options.seed}")
    print(text)
    if options.card:
        write_into(options.card, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
