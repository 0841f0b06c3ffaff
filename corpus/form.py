"""The form of a piece: sections that own their chords, patterns and motifs, laid out as a row of four-bar phrases.

A section is 8 bars (the blues 12): its second phrase answers its first with the same motifs. A and a contrasting B
alternate in the genre's way; in a long piece a new contrast follows, and A comes home.
"""

import random
from dataclasses import dataclass

from corpus import score
from corpus.grooves import GROOVES, WALTZES, Groove
from corpus.harmony import BRIDGES, PROGRESSIONS, Bar, Chord, read_progression
from corpus.melody import Motif, Voice, draw_motif
from corpus.planning import Plan, raised
from corpus.rhythms import CADENCES, PLANS, RHYTHMS
from corpus.styles import STYLES, WALTZ_ACCOMPANIMENT, WALTZ_BASS, WALTZ_EXTRA

BARS_PER_PHRASE = 4
_PLUCKED, _STRUMMED = (46, 105), range(24, 32)
_ROLLS = ("0-1-2-0-1-2-0-2-", "0-2-4-2-3-2-4-2-", "0-1-2-3-4-3-2-1-")
_CYCLES = {"jazz": "AABA", "blues": "ABA", "classical": "AABA"}


@dataclass(frozen=True)
class Section:
    """What a section owns. `melody` has one word a phrase, one letter a bar (corpus.rhythms.PLANS).

    The second voice enters with phrase `extra_from`.
    """

    contrast: bool
    energy: str
    bars: tuple[Bar, ...]
    groove: Groove
    bass: str
    accompaniment: str
    extra: str
    melody: tuple[str, ...]
    motifs: dict[str, Motif]
    voice: Voice
    cadence: str
    extra_from: int = 0


@dataclass(frozen=True)
class Phrase:
    """Four bars: the `turn`-th phrase of a section; an intro is its accompaniment without the tune."""

    section: Section
    turn: int
    intro: bool = False

    @property
    def opens(self) -> bool:
        return self.turn == 0

    @property
    def closes(self) -> bool:
        return self.turn == len(self.section.melody) - 1


def lay_out(plan: Plan, rng: random.Random, n_phrases: int) -> list[Phrase]:
    """The phrases of a piece, at least `n_phrases` of them drawn and exactly that many kept."""
    first, second = draw_section(plan, rng, contrast=False), draw_section(plan, rng, contrast=True)
    phrases = [Phrase(first, 0, intro=True)] if n_phrases >= 4 and rng.random() < 0.4 else []
    cycle = _CYCLES.get(plan.header.genre, "ABAB")
    while len(phrases) < n_phrases:
        for letter in cycle:
            section = first if letter == "A" else second
            phrases += [Phrase(section, turn) for turn in range(len(section.melody))]
        second, cycle = draw_section(plan, rng, contrast=True), rng.choice(("BA", "BAA"))
    return phrases[:n_phrases]


def draw_section(plan: Plan, rng: random.Random, *, contrast: bool) -> Section:
    """A section in the manner of the plan; a contrasting one is often louder, always higher."""
    header, style = plan.header, STYLES[plan.header.genre]
    waltz = header.metre == 3
    energy = raised(plan.energy, 1 if contrast and rng.random() < 0.7 else 0)
    density = raised(plan.density, rng.choice((0, 0, 1)) if contrast else 0)
    bars = _bars(plan, rng, contrast)
    words = rng.choice(PLANS[style.melody])
    rhythms = rng.sample(RHYTHMS["waltz" if waltz else style.melody][density], 3)
    return Section(
        contrast=contrast,
        energy=energy,
        bars=bars,
        groove=WALTZES[header.genre] if waltz else rng.choice(GROOVES[header.genre][energy]),
        bass=rng.choice(WALTZ_BASS if waltz else style.bass[energy]),
        accompaniment=rng.choice(playable(WALTZ_ACCOMPANIMENT if waltz else style.accompaniment[energy], header)),
        extra=_extra(plan, rng, WALTZ_EXTRA if waltz else style.extra[energy]),
        melody=tuple(words[min(turn, len(words) - 1)] for turn in range(max(2, len(bars) // BARS_PER_PHRASE))),
        motifs={
            name: draw_motif(rhythm, rng, graces=style.graces) for name, rhythm in zip("abc", rhythms, strict=True)
        },
        voice=Voice(header.mode, pentatonic=plan.pentatonic, centre=plan.centre + (3 if contrast else 0)),
        cadence=rng.choice(CADENCES[header.steps_per_bar]),
        extra_from=1 if not plan.extra_wanted and rng.random() < 0.3 else 0,
    )


def playable(patterns: tuple[str, ...], header: score.Header) -> tuple[str, ...]:
    """The patterns as the accompanying instrument plays them: harp and banjo break chords, only a guitar strums."""
    if header.accompaniment in _PLUCKED:
        broken = tuple(pattern for pattern in patterns if any(mark.isdigit() for mark in pattern))
        return broken or (_ROLLS if header.metre == 4 else ("0-1-2-3-2-1-",))
    if header.accompaniment in _STRUMMED:
        return patterns
    return tuple(pattern.replace("d", "b").replace("u", "b") for pattern in patterns)


def _bars(plan: Plan, rng: random.Random, contrast: bool) -> tuple[Bar, ...]:
    header = plan.header
    bridges = BRIDGES.get(header.genre, ()) if contrast and header.mode == "major" else ()
    return read_progression(rng.choice(PROGRESSIONS[header.genre][header.mode] + bridges))


def _extra(plan: Plan, rng: random.Random, options: tuple[str, ...]) -> str:
    """The second voice's way of playing; a part that was asked for is never left out, a soloist has none."""
    if plan.solo:
        return "none"
    if plan.extra_wanted:
        options = tuple(way for way in options if way not in ("none", "response", "riff")) or ("counter", "harmony")
    return rng.choice(options)


def tonic_chord(header: score.Header) -> Chord:
    """The chord on which a piece comes to rest."""
    minor = header.mode in score.MINOR_MODES
    if header.genre == "metal":
        return Chord(0, "power")
    if header.genre == "jazz":
        return Chord(0, "minor 7" if minor else "dominant 9" if header.mode == "mixolydian" else "major 7")
    if header.mode == "blues":
        return Chord(0, "dominant 7")
    return Chord(0, "minor" if minor else "major")


def leading_chord(header: score.Header) -> Chord:
    """The chord that leads home: a dominant, or its stand-in where style and mode have no leading tone."""
    plain = "power" if header.genre == "metal" else "major"
    schooled = header.genre in ("blues", "jazz", "classical", "country")
    if schooled or header.mode in ("major", "harmonic minor", "lydian"):
        return Chord(7, plain if header.genre in ("metal", "reggae") else "dominant 7")
    return Chord(1 if header.mode == "phrygian" else 10, plain)
