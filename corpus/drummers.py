"""Bars of real drumming for the score grid, from a folder in the layout of the Groove MIDI data set (corpus.strokes).

A performance becomes `Take`s in three steps. Its swing is the one of `score.SWINGS` whose steps its strokes lie
nearest to (corpus.strokes); each stroke goes to the nearest step of that grid, so swung eighths land on step 2 of their
beat; the drums fold into DRUMS tokens, of which the whole bars of steady playing are kept (corpus.drum_bars).
`with_drummer` lets a take play in a piece of the composer's.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.arrangement import drum_row
from corpus.drum_bars import STEPS, runs_of
from corpus.grooves import ENERGIES, FILLS
from corpus.score import BARS_PER_PHRASE, DRUMS, N_HEADER_FRAMES, POSITION, STEPS_PER_BEAT, Header
from corpus.strokes import performances, read_strokes

GENRES_OF_STYLE: dict[str, tuple[str, ...]] = {
    "blues": ("blues",),
    "country": ("country",),
    "dance/breakbeat": ("hiphop",),
    "dance/disco": ("disco",),
    "funk": ("hiphop", "disco"),
    "funk/rock": ("rock",),
    "gospel": ("pop",),
    "hiphop": ("hiphop",),
    "jazz": ("jazz",),
    "jazz/funk": ("hiphop",),
    "jazz/fusion": (),
    "jazz/klezmer": (),
    "jazz/linear": (),
    "jazz/march": (),
    "neworleans/shuffle": ("blues",),
    "pop": ("pop",),
    "punk": ("rock",),
    "reggae": ("reggae",),
    "rock": ("rock",),
    "rock/folk": ("rock", "country"),
    "rock/indie": ("rock", "pop"),
    "rock/rockabilly": ("rock", "country"),
    "rock/shuffle": ("blues",),
    "soul": ("pop",),
    "soul/motown": ("pop", "disco"),
}
"""Styles of the data set, by the longest name that fits. The Latin, African and Brazilian ones have no genre of ours,
the drums of classical music and metal no style of theirs. Funk and soul are disco where all four beats have a kick."""
_FOOT_KEY = 44
_LEVELS = (2.5, 4.2)
"""Of the dynamics, between soft, mid and hard."""


@dataclass(frozen=True)
class Take:
    """Consecutive bars of one drummer as DRUMS tokens, uint8 (n_bars, 16), the first of them where a phrase begins.

    `ghosts` is True where the snare is a ghost note, bool (n_bars, 16). `fill` takes are of the bars that lead on.
    """

    genre: str
    style: str
    bpm: float
    swing: str
    energy: str
    tokens: npt.NDArray[np.uint8]
    ghosts: npt.NDArray[np.bool_]
    fill: bool


def genres_of(style: str) -> tuple[str, ...]:
    """Our genres in which a style of the data set may be played; none for a style foreign to all ten."""
    parts = style.split("/")
    names = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((GENRES_OF_STYLE[name] for name in names if name in GENRES_OF_STYLE), ())


def read_takes(folder: Path, *, split: str = "train") -> tuple[Take, ...]:
    """All takes of one split ("train", "validation" or "test"), in the order of info.csv.

    Raises FileNotFoundError where `folder` holds no info.csv or lacks a file that it lists.
    """
    takes: list[Take] = []
    for row in performances(folder, split=split):
        genres = genres_of(row["style"])
        if genres:
            strokes, fill = read_strokes(folder / row["midi_filename"]), row["beat_type"] == "fill"
            for genre in genres:
                takes += (
                    Take(genre, row["style"], float(row["bpm"]), run.swing, run.energy, run.tokens, run.ghosts, fill)
                    for run in runs_of(strokes, genre, fill=fill)
                )
    return tuple(takes)


def by_genre(takes: Iterable[Take]) -> dict[str, tuple[Take, ...]]:
    """The takes of each genre that has any."""
    ordered = sorted(takes, key=lambda take: take.genre)
    return {genre: tuple(group) for genre, group in groupby(ordered, key=lambda take: take.genre)}


def with_drummer(
    tokens: score.Tokens, takes_by_genre: Mapping[str, Sequence[Take]], rng: random.Random
) -> npt.NDArray[np.uint8]:
    """A piece of the composer's with a real drummer in place of its drum patterns; all but DRUMS stays as it is.

    The drummer is drawn from the takes of its genre, swing and (within a quarter) tempo, if possible of its energy.
    Four bars of the take return in every phrase, in contrasting sections the four bars after them; where the composer
    writes a fill there is one by a drummer, too. Intro and final chord are kept, and crashes are where the composer
    has them. Where no take fits, and in other metres, the piece comes back unchanged. tokens (8, N_HEADER_FRAMES + n).
    """
    piece = np.array(tokens, np.uint8)
    header = Header.unpack(piece)
    fitting = [take for take in takes_by_genre.get(header.genre, ()) if _fits(take, header)]
    grooves = _of_energy([take for take in fitting if not take.fill], piece)
    if header.metre != "4/4" or not grooves:
        return piece
    take, fills = rng.choice(grooves), [take for take in fitting if take.fill]
    patterns = {bytes(drum_row(fill, STEPS)) for fill in FILLS[header.genre]}
    fill_of: dict[bytes, npt.NDArray[np.uint8]] = {}
    for first in range(N_HEADER_FRAMES, piece.shape[1] - STEPS + 1, STEPS):
        bar, place = piece[:, first : first + STEPS], (first - N_HEADER_FRAMES) // STEPS % BARS_PER_PHRASE
        section = score.read_section(int(bar[POSITION, 0]))
        written = bytes(bar[DRUMS])
        if section is None or section[1] == 0 or not (bar[DRUMS] & 3).any():
            continue  # the final chord, an intro without feet, silence
        row = _bar_of(take, place, header, contrast=section[0] == "contrast")
        if place == BARS_PER_PHRASE - 1 and written in patterns and fills:
            if written not in fill_of:  # the composer's fills return, so do the drummer's
                fill_of[written] = _played(rng.choice(fills), -1, header)
            row = _led_on(row, fill_of[written])
        bar[DRUMS] = _crashed(row, crash=bar[DRUMS, 0] & 48 == 48)
    return piece


def _fits(take: Take, header: Header) -> bool:
    """Even and triplet eighths keep apart, light swing goes with both; sixteenths may be swung, as a sampler's are."""
    swings = {take.swing, header.swing}
    apart = "triplet" in swings and not swings.isdisjoint(("straight", "sixteenth"))
    return not apart and abs(take.bpm / header.tempo_bpm - 1) <= 0.25


def _of_energy(takes: list[Take], piece: npt.NDArray[np.uint8]) -> list[Take]:
    """Those as hard as the dynamics of the piece, all where there are none."""
    level = float((piece[score.DYNAMICS, N_HEADER_FRAMES:] % 8).mean()) if piece.shape[1] > N_HEADER_FRAMES else 0.0
    energy = ENERGIES[int(np.searchsorted(_LEVELS, level))]
    return [take for take in takes if take.energy == energy] or takes


def _bar_of(take: Take, place: int, header: Header, *, contrast: bool) -> npt.NDArray[np.uint8]:
    """The bar of a groove at a place of the phrase."""
    first = BARS_PER_PHRASE if contrast and len(take.tokens) >= 2 * BARS_PER_PHRASE else 0
    return _played(take, first + place % min(BARS_PER_PHRASE, len(take.tokens)), header)


def _played(take: Take, bar: int, header: Header) -> npt.NDArray[np.uint8]:
    """A bar as the kit of the piece plays it: ghost notes where it softens them, the foot where it has one."""
    kit, row = score.KITS[score.KIT_NAMES.index(header.kit)], take.tokens[bar].copy()
    if not kit.ghosts:
        row[take.ghosts[bar]] &= 0b1111101
    if kit.colour != _FOOT_KEY:
        row &= 0b0111111
    return row


def _led_on(groove: npt.NDArray[np.uint8], fill: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The fill; a short one begins with its first beat, until then the groove goes on."""
    first = int(np.flatnonzero(fill)[0]) // STEPS_PER_BEAT * STEPS_PER_BEAT
    return np.concatenate([groove[:first], fill[first:]])


def _crashed(row: npt.NDArray[np.uint8], *, crash: bool) -> npt.NDArray[np.uint8]:
    """The bar with a crash on its first beat, or with its usual cymbal in place of one."""
    if crash:
        row[0] = (row[0] & 0b1000011) | 48
    elif row[0] & 48 == 48:
        usual = np.bincount(row & 12, minlength=13)
        usual[0] = 0
        row[0] = (row[0] & 0b1000011) | (usual.argmax() if usual.any() else 4)
    return row
