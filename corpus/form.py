"""The form of a piece: sections that own their chords, patterns and motifs, laid out as a row of four-bar phrases.

A section is 8 bars (the blues 12): its second phrase answers its first with the same motifs. A theme A, its variation a
(the same chords, the tune ornamented or played over freely, the band fuller) and a contrast B take turns in the genre's
way; in a long piece a new contrast follows, and A comes home. A piece that ends has a last phrase of its own.
"""

import random
from dataclasses import dataclass, replace

from corpus import score
from corpus.grooves import FILLS, GROOVES, Groove
from corpus.harmony import BRIDGES, ENDINGS, PROGRESSIONS, Bar, Chord, read_progression
from corpus.melody import Motif, Voice, draw_motif, ornamented
from corpus.metres import METRE_STYLES
from corpus.planning import Plan, raised
from corpus.rhythms import CADENCES, PLANS, RHYTHMS
from corpus.score import BARS_PER_PHRASE
from corpus.styles import STYLES

_PLUCKED, _STRUMMED = (46, 105), range(24, 32)
_ROLLS = {
    "4/4": ("0-1-2-0-1-2-0-2-", "0-2-4-2-3-2-4-2-", "0-1-2-3-4-3-2-1-"),
    "3/4": ("0-1-2-3-2-1-",),
    "6/8": ("0-1-2-3-2-1-", "0-2-1-3-2-1-"),
    "5/4": ("0-1-2-3-2-1-0-2-3-2-",),
}
_CYCLES = {"jazz": ("AaBA", "AABa"), "blues": ("AaBA", "Aaa"), "classical": ("AABA", "AaBA", "AaBa")}
_COMMON_CYCLES = ("ABaB", "AaBA", "ABAB")
_LATER_CYCLES = ("BA", "Ba", "aBA")
_SOLOISTS = ("jazz", "blues", "rock", "metal")
_KINDS = {"A": "theme", "a": "variation", "B": "contrast"}


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
    """Four bars: the `turn`-th phrase of a section, and which of `score.SECTIONS` it is. An intro has no tune."""

    section: Section
    turn: int
    kind: str

    @property
    def intro(self) -> bool:
        return self.kind == "intro"

    @property
    def opens(self) -> bool:
        return self.turn == 0

    @property
    def closes(self) -> bool:
        return self.turn == len(self.section.melody) - 1


@dataclass(frozen=True)
class Patterns:
    """What may be played in the piece's metre, by energy (drums, bass, chords, second voice) or density (tune)."""

    grooves: dict[str, tuple[Groove, ...]]
    fills: tuple[Groove, ...]
    bass: dict[str, tuple[str, ...]]
    accompaniment: dict[str, tuple[str, ...]]
    extra: dict[str, tuple[str, ...]]
    rhythms: dict[str, tuple[str, ...]]
    cadences: tuple[str, ...]


def patterns_of(header: score.Header) -> Patterns:
    """The tables of the genre in its metre."""
    if header.metre == "4/4":
        style = STYLES[header.genre]
        return Patterns(
            GROOVES[header.genre], FILLS[header.genre], style.bass, style.accompaniment, style.extra,
            RHYTHMS[style.melody], CADENCES[16],
        )  # fmt: skip
    styles = METRE_STYLES[header.metre]
    other = styles[header.genre] if header.genre in styles else next(iter(styles.values()))
    return Patterns(
        other.grooves, other.fills, other.bass, other.accompaniment, other.extra, other.rhythms, other.cadences
    )


def lay_out(plan: Plan, rng: random.Random, n_phrases: int, *, ends: bool = False) -> list[Phrase]:
    """The `n_phrases` phrases of a piece; where it `ends`, and is long enough, the last is an ending."""
    theme, contrast = draw_section(plan, rng, contrast=False), draw_section(plan, rng, contrast=True)
    phrases = [Phrase(theme, 0, "intro")] if n_phrases >= 4 and rng.random() < 0.5 else []
    cycle = rng.choice(_CYCLES.get(plan.header.genre, _COMMON_CYCLES))
    while len(phrases) < n_phrases:
        for letter in cycle:
            section = contrast if letter == "B" else varied(theme, plan, rng) if letter == "a" else theme
            phrases += [Phrase(section, turn, _KINDS[letter]) for turn in range(len(section.melody))]
        contrast, cycle = draw_section(plan, rng, contrast=True), rng.choice(_LATER_CYCLES)
    phrases = phrases[:n_phrases]
    if ends and n_phrases >= 3:
        phrases[-1] = Phrase(_ending(theme, phrases[-2].section, plan, rng), 0, "ending")
    return phrases


def turns(genre: str) -> int:
    """Phrases of a section as a rule: two, in the blues three."""
    return 3 if genre == "blues" else 2


def draw_form(genre: str, rng: random.Random, n_phrases: int, *, ends: bool, begun: int = 0) -> list[str]:
    """Kinds of phrases (`score.SECTIONS`), in the order in which `lay_out` puts them; of a piece of which the first
    `begun` phrases are there, they are its theme."""
    kinds = ["theme"] * begun or (["intro"] if n_phrases >= 4 and rng.random() < 0.5 else [])
    cycle = rng.choice(_CYCLES.get(genre, _COMMON_CYCLES))[1 if begun >= turns(genre) else 0 :]
    while len(kinds) < n_phrases:
        kinds += [_KINDS[letter] for letter in cycle for _ in range(turns(genre))]
        cycle = rng.choice(_LATER_CYCLES)
    kinds = kinds[:n_phrases]
    if ends and n_phrases >= 3:
        kinds[-1] = "ending"
    return kinds


def draw_section(plan: Plan, rng: random.Random, *, contrast: bool) -> Section:
    """A section in the manner of the plan; a contrasting one is often louder, always higher."""
    header, style = plan.header, STYLES[plan.header.genre]
    may = patterns_of(header)
    energy = raised(plan.energy, 1 if contrast and rng.random() < 0.7 else 0)
    density = raised(plan.density, rng.choice((0, 0, 1)) if contrast else 0)
    bars = _bars(plan, rng, contrast)
    words = rng.choice(PLANS[style.melody])
    rhythms = rng.sample(may.rhythms[density], 3)
    return Section(
        contrast=contrast,
        energy=energy,
        bars=bars,
        groove=rng.choice(may.grooves[energy]),
        bass=rng.choice(may.bass[energy]),
        accompaniment=rng.choice(playable(may.accompaniment[energy], header)),
        extra=_extra(plan, rng, may.extra[energy]),
        melody=tuple(words[min(turn, len(words) - 1)] for turn in range(max(2, len(bars) // BARS_PER_PHRASE))),
        motifs={
            name: draw_motif(rhythm, rng, graces=style.graces) for name, rhythm in zip("abc", rhythms, strict=True)
        },
        voice=_voice(plan, plan.centre + (3 if contrast else 0)),
        cadence=rng.choice(may.cadences),
        extra_from=1 if not plan.extra_wanted and rng.random() < 0.3 else 0,
    )


def varied(section: Section, plan: Plan, rng: random.Random) -> Section:
    """The section again, over the same chords: its tune ornamented, or a solo in its place; often a fuller band."""
    header, style, may = plan.header, STYLES[plan.header.genre], patterns_of(plan.header)
    energy = raised(section.energy, 1 if rng.random() < 0.4 and plan.energy != "soft" else 0)
    if header.genre in _SOLOISTS and rng.random() < 0.45:
        rhythms = rng.sample(may.rhythms[raised(plan.density, 1)], 3)
        motifs = {n: draw_motif(r, rng, graces=style.graces) for n, r in zip("abc", rhythms, strict=True)}
    else:
        motifs = {name: ornamented(motif, rng) for name, motif in section.motifs.items()}
    fuller = energy != section.energy or rng.random() < 0.5
    return replace(
        section,
        energy=energy,
        groove=rng.choice(may.grooves[energy]) if fuller else section.groove,
        bass=rng.choice(may.bass[energy]) if fuller and rng.random() < 0.5 else section.bass,
        accompaniment=rng.choice(playable(may.accompaniment[energy], header)) if fuller else section.accompaniment,
        extra=_extra(plan, rng, may.extra[energy]) if section.extra == "none" or rng.random() < 0.5 else section.extra,
        motifs=motifs,
        voice=_voice(plan, section.voice.centre + rng.choice((0, 0, 4))),
        extra_from=0,
    )


def _voice(plan: Plan, centre: int) -> Voice:
    return Voice(plan.header.mode, pentatonic=plan.pentatonic, centre=centre, metre=plan.header.metre)


def _ending(theme: Section, before: Section, plan: Plan, rng: random.Random) -> Section:
    """One phrase that brings the theme home over a closing progression, as loud as what went before or dying away."""
    family = "minor" if plan.header.mode in score.MINOR_MODES else "major"
    fading = rng.random() < 0.35
    band = theme if fading else before
    return replace(
        theme,
        energy=band.energy,
        bars=read_progression(rng.choice(ENDINGS[plan.header.genre][family])),
        groove=band.groove,
        bass=band.bass,
        accompaniment=band.accompaniment,
        extra=band.extra,
        melody=(rng.choice(("aaox", "abox", "a.ox", "aAox")),),
        extra_from=0,
    )


def playable(patterns: tuple[str, ...], header: score.Header) -> tuple[str, ...]:
    """The patterns as the accompanying instrument plays them: harp and banjo break chords, only a guitar strums."""
    if header.accompaniment in _PLUCKED:
        broken = tuple(pattern for pattern in patterns if any(mark.isdigit() for mark in pattern))
        return broken or _ROLLS[header.metre]
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
