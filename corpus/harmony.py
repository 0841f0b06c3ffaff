"""Chord progressions by genre and mode, in roman numerals, and how to read them.

One word a bar, two chords in a bar joined by "/". Upper case is major, lower case minor; roots are counted in the major
scale (bVII is a whole tone below the tonic in every mode). Endings: ^ major 7, 7 dominant or minor 7, 9 dominant 9,
o diminished, h half-diminished, s suspended, 5 power chord. Progressions last 4 or 8 bars, the blues 12; the second
half of an 8-bar one answers the first.
"""

import re
from dataclasses import dataclass
from functools import cache

from corpus.score import QUALITIES

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NUMERAL = re.compile(r"([b#]?)([ivIV]+)([\^79ohs5]?)$")
_ENDINGS = {
    "^": "major 7",
    "9": "dominant 9",
    "o": "diminished",
    "h": "half-diminished",
    "s": "suspended",
    "5": "power",
}


@dataclass(frozen=True)
class Chord:
    """`root` in semitones above the tonic; `quality` a name of `score.QUALITIES`."""

    root: int
    quality: str

    @property
    def intervals(self) -> tuple[int, ...]:
        return QUALITIES[self.quality]

    @property
    def tones(self) -> frozenset[int]:
        """Pitch classes above the tonic."""
        return frozenset((self.root + interval) % 12 for interval in self.intervals)


Bar = tuple[Chord, ...]
"""The chords of one bar: one, or two that share it."""


def read_numeral(numeral: str) -> Chord:
    """A roman numeral such as "bVI^" as a chord. Raises ValueError on anything else."""
    match = _NUMERAL.match(numeral)
    if match is None or match[2].lower() not in _DEGREES:
        raise ValueError(f"{numeral!r} is no chord")
    sign, degree, ending = match.groups()
    root = (_DEGREES[degree.lower()] + {"b": -1, "#": 1, "": 0}[sign]) % 12
    minor = degree.islower()
    if ending == "7":
        return Chord(root, "minor 7" if minor else "dominant 7")
    return Chord(root, _ENDINGS.get(ending, "minor" if minor else "major"))


@cache
def read_progression(text: str) -> tuple[Bar, ...]:
    """A progression as bars of chords."""
    return tuple(tuple(read_numeral(numeral) for numeral in bar.split("/")) for bar in text.split())


PROGRESSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "blues": {
        "blues": (
            "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
            "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
            "I7 IV7 I7 I9 IV9 #IVo I7 VI7 ii7 V9 I7/VI7 ii7/V7",
            "I7 IV9 I7 I7 IV9 IV9 I7 I7 V9 IV9 I7/IV7 I7/V7",
        ),
        "minor": (
            "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI^ V7 i7 V7",
            "i7 iv7 i7 i7 iv7 iv7 i7 i7 v7 iv7 i7 v7",
            "i7 iv7 i7 i7 iv7 iv7 i7 i7 iih V7 i7/iv7 i7/V7",
        ),
    },
    "classical": {
        "major": (
            "I ii V I vi ii V7 I", "I IV I V I IV I/V7 I", "I V vi iii IV I ii V7", "I vi ii V I vi ii/V7 I",
            "I I V7 V7 V7 V7 I I", "I IV ii V vi IV V7 I", "I V7/I IV V I V7/I ii/V7 I",
        ),
        "minor": (
            "i iv v i bVI iv V7 i", "i bVII bVI V i iv V7 i", "i iv bVII bIII bVI iio V7 i", "i v bVI bIII iv i iv V",
        ),
        "harmonic minor": (
            "i V i V i iv V7 i", "i iv V i bVI iio V7 i", "i i V7 V7 V7 V7 i i", "i iio V7 i iv i V7 i",
        ),
        "dorian": ("i IV i v i IV v i", "i IV bVII bIII i IV v i"),
        "lydian": ("I II I V I II V I", "I II vi V iii vi II I", "I^ II I^ II vi iii V I"),
        "phrygian": ("i bII i iv i bII bvii i", "i bII bIII bII i iv bII i"),
        "mixolydian": ("I bVII IV I I v bVII I", "I IV bVII I IV I bVII I"),
    },
    "country": {
        "major": (
            "I I IV I I I V7 V7", "I IV I V7 I IV V7 I", "I I V7 V7 IV IV I V7", "I IV V7 I IV I V7 I",
            "I vi IV V7 I IV I/V7 I", "IV I V7 I IV I V7 I",
        ),
        "mixolydian": ("I bVII IV I I bVII IV I", "I I bVII bVII IV IV I I"),
        "minor": ("i bVII bVI bVII i bVII bVI i", "i i iv i bVI bVII i i", "i bIII bVII iv i bIII bVII i"),
        "dorian": ("i IV i bVII i IV bVII i",),
        "harmonic minor": ("i iv i V7 i iv V7 i",),
    },
    "disco": {
        "minor": (
            "i7 iv7 bVII bIII^ bVI^ iih V7 i7", "i7 i7 iv7 iv7", "i7 bVI^ bIII^ bVII", "i7 bVII bVI^ v7",
            "iv7 bVII bIII^ bVI^ iih V7 i7 i7",
        ),
        "dorian": ("i7 IV9 i7 IV9", "i7 i7 IV9 IV9", "i7 v7 IV9 IV9", "i7 bIII^ IV9 i7"),
        "major": ("I^ vi7 ii7 V9", "IV^ iii7 ii7 V9", "I iii7 IV V9", "ii7 V9 I^ vi7", "I^ I^ ii7 V9"),
        "mixolydian": ("I9 I9 bVII bVII", "I9 IV9 I9 bVII", "I bVII IV IV"),
        "harmonic minor": ("i7 iv7 V7 i7", "i i bVI^ V7"),
        "lydian": ("I^ II9 I^ II9", "I^ II vi7 II"),
    },
    "hiphop": {
        "minor": ("i7 i7 bVI^ v7", "i7 iv7 i7 iv7", "i7 bVI^ iv7 v7", "i7 bIII^ bVI^ v7", "bVI^ v7 i7 i7"),
        "dorian": ("i7 IV9 i7 IV9", "i7 ii7 bIII^ ii7", "i7 i7 ii7 v7"),
        "major": ("ii7 V9 I^ vi7", "IV^ iii7 ii7 I^", "I^ iii7 IV^ V9", "ii7 iii7 IV^ I^", "I^ vi7 ii7 V9"),
        "phrygian": ("i bII^ i bII^", "i i bII bII", "i7 bII^ bvii7 i7"),
        "harmonic minor": ("i bVI^ iv7 V7", "i i iv7 V7"),
        "lydian": ("I^ II9 I^ iii7", "I^ I^ II9 II9"),
    },
    "jazz": {
        "major": (
            "I^ vi7 ii7 V9 iii7 VI7 ii7/V9 I^", "I^/vi7 ii7/V9 iii7/vi7 ii7/V9 I^ IV^ iii7/VI7 ii7/V9",
            "ii7 V9 I^ vi7 ii7 V9 I^ I^", "I^ ii7 iii7 ii7/V9 I^ vi7 ii7/V9 I^", "ii7 V9 I^ IV^ iii7 vi7 ii7/V9 I^",
        ),
        "minor": (
            "iv7 bVII9 bIII^ bVI^ iih V7 i7 i7", "i7 iih/V7 i7 i7 iv7 bVII9 iih V7", "i7 iv7 iih V7 i7 bVI^ iih/V7 i7",
        ),
        "dorian": ("i7 i7 i7 i7 ii7 ii7 i7 i7", "i7 IV9 i7 IV9 i7 IV9 ii7/v7 i7", "i7 i7 IV9 IV9 i7 i7 ii7 i7"),
        "mixolydian": ("I9 IV9 I9 I9 IV9 IV9 I9 I9", "I9 v7 I9 v7 IV9 IV9 bVII I9"),
        "harmonic minor": ("i7 iv7 iih V7 i7 iv7 iih/V7 i7", "i7 iih V7 i7 bVI^ iv7 iih/V7 i7"),
        "lydian": ("I^ II9 I^ II9 iii7 vi7 II9 I^",),
    },
    "metal": {
        "minor": ("i5 i5 bVI5 bVII5", "i5 bIII5 bVII5 bVI5", "i5 bVI5 bIII5 bVII5", "i5 i5 iv5 bVI5/bVII5"),
        "phrygian": ("i5 bII5 i5 bVII5", "i5 i5 bII5 bIII5", "i5 bII5 bIII5 bII5", "i5 i5/bII5 i5 bVI5/bII5"),
        "harmonic minor": ("i5 bVI5 iv5 V5", "i5 iv5 V5 i5", "i5 i5 bVI5 V5"),
        "major": ("I5 V5 vi5 IV5", "I5 IV5 vi5 V5", "vi5 IV5 I5 V5"),
        "mixolydian": ("I5 bVII5 IV5 I5", "I5 I5 bVII5 IV5"),
        "dorian": ("i5 IV5 bVII5 i5", "i5 bIII5 IV5 bVII5"),
        "lydian": ("I5 II5 vi5 V5",),
    },
    "pop": {
        "major": (
            "I V vi IV", "vi IV I V", "I vi IV V", "IV V iii vi", "I iii IV V", "IV I V vi", "I IV vi V",
            "I^ iii7 vi7 IV^",
        ),
        "minor": ("i bVI bIII bVII", "i bVII bVI bVII", "i iv bVI bVII", "bVI bVII i i", "i bIII bVII bVI"),
        "mixolydian": ("I bVII IV I", "I v bVII IV"),
        "dorian": ("i IV i IV", "i bIII IV bVII", "i7 IV bVII i7"),
        "lydian": ("I II I II", "I II vi V", "I^ II vi7 II"),
        "harmonic minor": ("i bVI iv V", "i iv V i"),
        "phrygian": ("i bII bIII bII", "i bII bvii i"),
    },
    "reggae": {
        "major": ("I IV I IV", "I IV V IV", "I V vi IV", "I vi ii V", "I ii I ii", "I iii IV V"),
        "minor": ("i iv i iv", "i bVII bVI bVII", "i7 iv7 v7 i7", "i i iv bVII", "i bVII i bVII"),
        "dorian": ("i7 IV i7 IV", "i7 v7 i7 IV"),
        "mixolydian": ("I bVII I bVII", "I bVII IV I"),
        "harmonic minor": ("i iv V i", "i i iv V"),
        "lydian": ("I^ II I^ II",),
        "phrygian": ("i bII i bII", "i i bII bvii"),
    },
    "rock": {
        "major": ("I IV V IV", "I V vi IV", "I IV I V", "vi IV I V", "I vi IV V"),
        "mixolydian": ("I bVII IV I", "I I bVII IV", "I IV bVII IV", "I5 bVII5 I5 IV5"),
        "minor": ("i bVII bVI bVII", "i5 bVI5 bVII5 i5", "i bVI bIII bVII", "i bIII bVII iv",
                  "i5 bIII5 iv5 bVI5/bVII5"),
        "dorian": ("i IV bVII i", "i bIII IV i", "i5 bVII5 IV5 IV5"),
        "phrygian": ("i bII i bvii", "i5 bII5 bIII5 bII5"),
        "harmonic minor": ("i bVI iv V", "i iv bVI V"),
        "lydian": ("I II I II", "I II vi V"),
    },
}  # fmt: skip
BRIDGES: dict[str, tuple[str, ...]] = {"jazz": ("III9 III9 VI9 VI9 II9 II9 V9 V9",)}
"""Progressions only for a contrasting section, in major."""

EMOTION_MODES: dict[str, tuple[str, ...]] = {
    "amazement": ("lydian", "major", "mixolydian", "dorian"),
    "solemnity": ("minor", "harmonic minor", "dorian", "major"),
    "tenderness": ("major", "lydian", "dorian", "minor"),
    "nostalgia": ("dorian", "major", "minor", "mixolydian"),
    "calmness": ("major", "lydian", "dorian"),
    "power": ("minor", "mixolydian", "major", "harmonic minor"),
    "joyful_activation": ("major", "mixolydian"),
    "tension": ("phrygian", "harmonic minor", "minor"),
    "sadness": ("minor", "harmonic minor", "dorian"),
}
"""Modes that suit an emotion, the most telling first."""
