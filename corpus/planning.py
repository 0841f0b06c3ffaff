"""Decide what a piece will be before a note is written: header, energy, register, articulation.

Genre gives the ranges, emotion the place within them; whatever is asked for overrules both.
"""

import random
from dataclasses import dataclass

from corpus import score
from corpus.captions import EMOTIONS, GENRE_INSTRUMENTS, GENRES, KEYS
from corpus.grooves import ENERGIES
from corpus.harmony import EMOTION_MODES, PROGRESSIONS
from corpus.instruments import cast_parts, is_chordal
from corpus.metres import METRE_CHANCES
from corpus.score import Header
from corpus.styles import STYLES


@dataclass(frozen=True)
class Mood:
    """What an emotion does.

    `pace` 0..1 within the genre's tempi, weights of soft, mid and hard `energy` and of the tune's `density`, dynamics
    `level` 0..7, `centre` of the tune in semitones from the tonic.
    """

    pace: float
    energy: tuple[float, float, float]
    level: int
    centre: int
    density: tuple[float, float, float]


MOODS: dict[str, Mood] = {
    "amazement": Mood(0.5, (0.2, 0.6, 0.2), 4, 12, (0.3, 0.5, 0.2)),
    "solemnity": Mood(0.1, (0.5, 0.5, 0.0), 3, 5, (0.8, 0.2, 0.0)),
    "tenderness": Mood(0.2, (0.9, 0.1, 0.0), 2, 9, (0.6, 0.4, 0.0)),
    "nostalgia": Mood(0.3, (0.5, 0.5, 0.0), 3, 8, (0.4, 0.6, 0.0)),
    "calmness": Mood(0.1, (0.95, 0.05, 0.0), 1, 7, (0.9, 0.1, 0.0)),
    "power": Mood(0.75, (0.0, 0.2, 0.8), 6, 10, (0.0, 0.6, 0.4)),
    "joyful_activation": Mood(0.75, (0.0, 0.55, 0.45), 5, 12, (0.0, 0.5, 0.5)),
    "tension": Mood(0.7, (0.05, 0.5, 0.45), 5, 7, (0.1, 0.4, 0.5)),
    "sadness": Mood(0.05, (0.8, 0.2, 0.0), 2, 5, (0.7, 0.3, 0.0)),
}
_REGISTERS = {
    11: 2, 22: 2, 26: -3, 27: -2, 29: -2, 30: -2, 42: -12, 57: -9, 60: -7, 61: -3, 65: -2, 66: -6, 71: -1, 73: 4,
    105: -2,
}  # fmt: skip
"""How far an instrument's comfortable middle lies from the common one, in semitones."""
_LOW_CHORDS = (29, 30)


@dataclass(frozen=True)
class Plan:
    """The decisions. `articulation` 0 normal, 1 staccato, 2 legato; `solo`: one player, no band."""

    header: Header
    energy: str
    density: str
    level: int
    centre: int
    articulation: int
    pentatonic: bool
    solo: bool
    extra_wanted: bool


def raised(energy: str, by: int) -> str:
    """The energy `by` places louder, as far as there is one."""
    return ENERGIES[min(len(ENERGIES) - 1, ENERGIES.index(energy) + by)]


def plan_piece(
    rng: random.Random,
    *,
    genre: str | None,
    emotion: str | None,
    tempo_bpm: float | None,
    key: str | None,
    metre: str | None,
    instruments: tuple[str, ...],
) -> Plan:
    """Draw what is not given. Raises ValueError on a name that the vocabulary does not have."""
    genre = _named(genre, GENRES, "genre", rng.choice(_fitting(tempo_bpm, instruments)))
    emotion = _named(emotion, EMOTIONS, "emotion", rng.choice(EMOTIONS))
    style, mood = STYLES[genre], MOODS[emotion]
    energy = rng.choices(ENERGIES, mood.energy)[0]
    if genre == "metal" and rng.random() < 0.5:
        energy = raised(energy, 1)
    tonic, mode = _key(key, genre, emotion, rng)
    parts = cast_parts(instruments)
    solo = len(instruments) == 1 and is_chordal(instruments[0])
    programs = {role: rng.choice(options) for role, options in style.programs.items()} | parts
    if solo:
        programs["melody"] = programs["accompaniment"]
    metre = _metre(metre, genre, energy, rng)
    header = Header(
        genre=genre,
        emotion=emotion,
        tempo_bpm=_tempo(tempo_bpm, genre, metre, mood, rng),
        tonic=tonic,
        mode=mode,
        metre=metre,
        swing=rng.choice(style.swings) if metre != "6/8" else "straight",
        kit=rng.choice(style.kits[energy]),
        register=0 if programs["accompaniment"] in _LOW_CHORDS else 1,
        **programs,
    )
    manner = 2 if emotion in style.legato else 1 if emotion in style.staccato else 0
    return Plan(
        header=header,
        energy=energy,
        density=rng.choices(ENERGIES, mood.density)[0],
        level=mood.level,
        centre=mood.centre + _REGISTERS.get(header.melody, 0),
        articulation=manner,
        pentatonic=rng.random() < style.pentatonic,
        solo=solo and genre == "classical",
        extra_wanted="extra" in parts,
    )


def _named(name: str | None, names: tuple[str, ...], what: str, drawn: str) -> str:
    if name is not None and name not in names:
        raise ValueError(f"{name!r} is not a {what}: {', '.join(names)}")
    return drawn if name is None else name


def _fitting(tempo_bpm: float | None, instruments: tuple[str, ...]) -> tuple[str, ...]:
    """The genres that use most of the instruments asked for, of those the ones that are played at the tempo."""
    shared = {genre: len(set(GENRE_INSTRUMENTS[genre]) & set(instruments)) for genre in GENRES}
    genres = tuple(genre for genre in GENRES if shared[genre] == max(shared.values()))
    if tempo_bpm is None:
        return genres
    played = tuple(g for g in genres if STYLES[g].tempo_bpm[0] <= tempo_bpm <= STYLES[g].tempo_bpm[1])
    return played or genres


def _metre(asked: str | None, genre: str, energy: str, rng: random.Random) -> str:
    """What was asked for, else drawn by the genre's habits; the others only where the genre is never played so."""
    if asked is not None and asked not in score.METRES:
        raise ValueError(f"{asked!r} is not a metre: {', '.join(score.METRES)}")
    chances = METRE_CHANCES.get(genre, {})
    drawn = rng.choices(("4/4", *chances), (1 - sum(chances.values()), *chances.values()))[0]
    return asked or drawn


def _tempo(asked_bpm: float | None, genre: str, metre: str, mood: Mood, rng: random.Random) -> int:
    low, high = STYLES[genre].tempo_bpm
    if metre == "6/8":
        low, high = score.MIN_TEMPO_BPM, max(score.MIN_TEMPO_BPM + 10, round(high * 2 / 3))
    drawn = low + (high - low) * min(1.0, max(0.0, mood.pace + rng.uniform(-0.15, 0.15)))
    return round(min(score.MAX_TEMPO_BPM, max(score.MIN_TEMPO_BPM, drawn if asked_bpm is None else asked_bpm)))


def _key(key: str | None, genre: str, emotion: str, rng: random.Random) -> tuple[int, str]:
    """(tonic, mode): the first modes of the emotion are likelier; a key that was asked for decides major or minor."""
    tonic = rng.randrange(12)
    if key is not None and key not in KEYS:
        raise ValueError(f"{key!r} is not a key such as 'A minor' or 'Eb major'")
    modes = [mode for mode in EMOTION_MODES[emotion] if mode in PROGRESSIONS[genre]]
    if genre == "blues" and not (modes and emotion in ("sadness", "tension", "solemnity") and rng.random() < 0.7):
        modes = ["blues"]
    if key is not None:
        name, kind = key.rsplit(" ", 1)
        tonic = score.TONICS.index(name)
        family = [mode for mode in PROGRESSIONS[genre] if (mode in score.MINOR_MODES) == (kind == "minor")]
        modes = [mode for mode in modes if mode in family] or family[:1]
    weights = [2.0**-i for i in range(len(modes))]
    return tonic, rng.choices(modes, weights)[0]
