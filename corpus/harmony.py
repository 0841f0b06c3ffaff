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
            "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
            "I7 IV7 I7 I9 IV9 #IVo I7 VI7 ii7 V9 I7/VI7 ii7/V7", "I7 IV9 I7 I7 IV9 IV9 I7 I7 V9 IV9 I7/IV7 I7/V7",
            "I7 I7 I7 I9 IV9 IV9 I7 I7 V9 IV9 I7 V7", "I7 IV7 I7 I9 IV7 #IVo I7 VI7 ii7 V7 I7/VI7 ii7/V7",
            "I7 IV7 I7 I7 IV7 IV7 I7 VI7 ii7 V7 I7/IV7 I7/V7", "I7 IV7 I7 I7 IV7 IV7 I7 VI7 II9 V9 I7/IV7 I7/V7",
        ),
        "minor": (
            "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI^ V7 i7 V7", "i7 iv7 i7 i7 iv7 iv7 i7 i7 v7 iv7 i7 v7",
            "i7 iv7 i7 i7 iv7 iv7 i7 i7 iih V7 i7/iv7 i7/V7", "i7 i7 i7 i7 iv7 iv7 i7 i7 v7 iv7 i7 i7",
            "i7 iv7 i7 i7 iv7 iv7 i7 i7 bVI9 V7 i7/bVI9 V7", "i7 iv7 i7 v7 iv7 iv7 i7 i7 iih V7 i7 iih/V7",
        ),
    },
    "classical": {
        "major": (
            "I ii V I vi ii V7 I", "I IV I V I IV I/V7 I", "I V vi iii IV I ii V7", "I vi ii V I vi ii/V7 I",
            "I I V7 V7 V7 V7 I I", "I IV ii V vi IV V7 I", "I V7/I IV V I V7/I ii/V7 I", "I vi IV ii I V7 I/V7 I",
            "I V vi V I IV I/V7 I", "I iii vi IV ii V7 I I", "IV I V7 vi ii I V7 I",
        ),
        "minor": (
            "i iv v i bVI iv V7 i", "i bVII bVI V i iv V7 i", "i iv bVII bIII bVI iio V7 i", "i v bVI bIII iv i iv V",
            "i iv bVII bIII bVI iio V i", "i bVI iv V i bII V7 i", "i V i bVII bIII bVII i/V7 i",
            "i iv i V i iv i/V7 i",
        ),
        "harmonic minor": (
            "i V i V i iv V7 i", "i iv V i bVI iio V7 i", "i i V7 V7 V7 V7 i i", "i iio V7 i iv i V7 i",
            "i iv V7 i i bII V7 i", "i V7 bVI iv i iio V7 i",
        ),
        "dorian": (
            "i IV i v i IV v i", "i IV bVII bIII i IV v i", "i bVII i IV i bIII v i", "i IV v i bIII IV i/v i",
        ),
        "lydian": (
            "I II I V I II V I", "I II vi V iii vi II I", "I^ II I^ II vi iii V I", "I II V I vi II V I",
            "I V II I iii II V I",
        ),
        "phrygian": (
            "i bII i iv i bII bvii i", "i bII bIII bII i iv bII i", "i bvii bII i bIII bII iv i",
            "i iv bII i bVI bII bvii i",
        ),
        "mixolydian": (
            "I bVII IV I I v bVII I", "I IV bVII I IV I bVII I", "I v IV I bVII IV v I", "I IV I bVII I v bVII I",
        ),
    },
    "country": {
        "major": (
            "I I IV I I I V7 V7", "I IV I V7 I IV V7 I", "I I V7 V7 IV IV I V7", "I IV V7 I IV I V7 I",
            "I vi IV V7 I IV I/V7 I", "IV I V7 I IV I V7 I", "I IV I II7 V7 IV I/V7 I", "I I7 IV IV I V7 I V7",
            "vi IV I V vi IV V7 I", "I VI7 II7 V7 I IV I/V7 I",
        ),
        "mixolydian": (
            "I bVII IV I I bVII IV I", "I I bVII bVII IV IV I I", "I IV bVII I IV bVII I I",
            "I bVII I IV I bVII bVII I",
        ),
        "minor": (
            "i bVII bVI bVII i bVII bVI i", "i i iv i bVI bVII i i", "i bIII bVII iv i bIII bVII i",
            "i bVI bVII i iv bVII i i", "i iv bVII bIII bVI iv v i",
        ),
        "dorian": (
            "i IV i bVII i IV bVII i", "i IV i IV bIII bVII IV i", "i bVII IV i bIII IV bVII i",
            "i i IV IV bVII bVII i i",
        ),
        "harmonic minor": (
            "i iv i V7 i iv V7 i", "i V7 i iv i iv V7 i", "i bVI iv V7 i i V7 i", "i i iv iv V7 V7 i i",
        ),
    },
    "disco": {
        "minor": (
            "i7 iv7 bVII bIII^ bVI^ iih V7 i7", "i7 i7 iv7 iv7", "i7 bVI^ bIII^ bVII", "i7 bVII bVI^ v7",
            "iv7 bVII bIII^ bVI^ iih V7 i7 i7", "i7 v7 bVI^ bVII", "i7 bVII bVI^ bVII", "i7 iv7 v7 i7",
            "bVI^ bVII i7 i7", "i7 bIII^ iv7 v7",
        ),
        "dorian": (
            "i7 IV9 i7 IV9", "i7 i7 IV9 IV9", "i7 v7 IV9 IV9", "i7 bIII^ IV9 i7", "i7 bVII IV9 i7", "i7 ii7 i7 IV9",
            "i7 bVII bVII IV9",
        ),
        "major": (
            "I^ vi7 ii7 V9", "IV^ iii7 ii7 V9", "I iii7 IV V9", "ii7 V9 I^ vi7", "I^ I^ ii7 V9", "I vi7 IV V9",
            "IV^ V9 iii7 vi7", "I^ iii7 vi7 ii7/V9", "I^ I9 IV^ iv7", "ii7 iii7 IV^ V9",
        ),
        "mixolydian": (
            "I9 I9 bVII bVII", "I9 IV9 I9 bVII", "I bVII IV IV", "I9 bVII IV9 I9", "I9 v7 IV9 bVII",
        ),
        "harmonic minor": (
            "i7 iv7 V7 i7", "i i bVI^ V7", "i iv7 bVI^ V7", "i7 iih V7 i7",
        ),
        "lydian": (
            "I^ II9 I^ II9", "I^ II vi7 II", "I^ iii7 II9 I^", "I^ vi7 II9 II9",
        ),
    },
    "hiphop": {
        "minor": (
            "i7 i7 bVI^ v7", "i7 iv7 i7 iv7", "i7 bVI^ iv7 v7", "i7 bIII^ bVI^ v7", "bVI^ v7 i7 i7", "i7 bVII bVI^ v7",
            "bVI^ bVII i7 i7", "iv7 v7 i7 i7", "i7 bVI^ i7 v7", "i7 iv7 bVI^ V7",
        ),
        "dorian": (
            "i7 IV9 i7 IV9", "i7 ii7 bIII^ ii7", "i7 i7 ii7 v7", "i7 v7 IV9 i7", "i7 bIII^ IV9 ii7", "IV9 IV9 i7 i7",
        ),
        "major": (
            "ii7 V9 I^ vi7", "IV^ iii7 ii7 I^", "I^ iii7 IV^ V9", "ii7 iii7 IV^ I^", "I^ vi7 ii7 V9", "IV^ iv7 I^ VI7",
            "I^ IV^ I^ IV^", "vi7 ii7 V9 I^", "IV^ III7 vi7 V7",
        ),
        "phrygian": (
            "i bII^ i bII^", "i i bII bII", "i7 bII^ bvii7 i7", "i i7 bII^ bIII^", "i bIII^ bII^ i",
        ),
        "harmonic minor": (
            "i bVI^ iv7 V7", "i i iv7 V7", "i7 iih V7 i7", "bVI^ V7 i i",
        ),
        "lydian": (
            "I^ II9 I^ iii7", "I^ I^ II9 II9", "I^ vi7 II9 I^", "II9 I^ iii7 I^",
        ),
    },
    "jazz": {
        "major": (
            "I^ vi7 ii7 V9 iii7 VI7 ii7/V9 I^", "I^/vi7 ii7/V9 iii7/vi7 ii7/V9 I^ IV^ iii7/VI7 ii7/V9",
            "ii7 V9 I^ vi7 ii7 V9 I^ I^", "I^ ii7 iii7 ii7/V9 I^ vi7 ii7/V9 I^", "ii7 V9 I^ IV^ iii7 vi7 ii7/V9 I^",
            "I^ VI7 ii7 V9 I^ #Io ii7/V9 I^", "I^ I^ II9 II9 ii7 V9 I^ ii7/V9",
            "I^ iv7/bVII9 I^ VI7 ii7 V9 iii7/VI7 ii7/V9", "IV^ iv7 iii7 VI7 ii7 V9 I^ I^",
        ),
        "minor": (
            "iv7 bVII9 bIII^ bVI^ iih V7 i7 i7", "i7 iih/V7 i7 i7 iv7 bVII9 iih V7", "i7 iv7 iih V7 i7 bVI^ iih/V7 i7",
            "i7 i7 iv7 iv7 iih V7 i7 V7", "i7 bVII9 bVI9 V7 i7 iv7 iih/V7 i7", "iih V7 i7 i7 v7 iv7 iih/V7 i7",
            "i7 iv7 bVII9 bIII^ bVI^ iih V7 i7", "i7 i7 iih V7 iih V7 i7 iih/V7",
        ),
        "dorian": (
            "i7 i7 i7 i7 ii7 ii7 i7 i7", "i7 IV9 i7 IV9 i7 IV9 ii7/v7 i7", "i7 i7 IV9 IV9 i7 i7 ii7 i7",
            "i7 ii7 bIII^ ii7 i7 ii7 IV9 i7", "i7 bVII i7 bVII IV9 IV9 i7 i7",
        ),
        "mixolydian": (
            "I9 IV9 I9 I9 IV9 IV9 I9 I9", "I9 v7 I9 v7 IV9 IV9 bVII I9", "I9 I9 bVII bVII IV9 IV9 I9 I9",
            "I9 IV9 I9 v7 IV9 bVII9 I9 I9",
        ),
        "harmonic minor": (
            "i7 iv7 iih V7 i7 iv7 iih/V7 i7", "i7 iih V7 i7 bVI^ iv7 iih/V7 i7", "i7 iv7 i7 V7 iv7 i7 iih/V7 i7",
            "i7 bVI^ iih V7 i7 iv7 V7 i7",
        ),
        "lydian": (
            "I^ II9 I^ II9 iii7 vi7 II9 I^", "I^ I^ II9 II9 I^ I^ iii7 II9", "I^ II9 iii7 vi7 I^ II9 I^ I^",
            "I^ iii7 II9 I^ vi7 II9 V^ I^",
        ),
    },
    "metal": {
        "minor": (
            "i5 i5 bVI5 bVII5", "i5 bIII5 bVII5 bVI5", "i5 bVI5 bIII5 bVII5", "i5 i5 iv5 bVI5/bVII5",
            "i5 bVII5 bVI5 bVII5", "i5 iv5 bVI5 bVII5", "bVI5 bVII5 i5 i5", "i5 i5/bIII5 iv5 bVI5/bVII5",
        ),
        "phrygian": (
            "i5 bII5 i5 bVII5", "i5 i5 bII5 bIII5", "i5 bII5 bIII5 bII5", "i5 i5/bII5 i5 bVI5/bII5",
            "i5 bII5 bvii5 i5", "i5/bII5 bIII5/bII5 i5 bII5", "i5 i5 bVI5 bII5", "i5 iv5 bIII5 bII5",
        ),
        "harmonic minor": (
            "i5 bVI5 iv5 V5", "i5 iv5 V5 i5", "i5 i5 bVI5 V5", "i5 bVI5 V5 V5", "i5 iv5 bVI5 V5",
        ),
        "major": (
            "I5 V5 vi5 IV5", "I5 IV5 vi5 V5", "vi5 IV5 I5 V5", "I5 IV5 V5 IV5", "I5 iii5 IV5 V5",
        ),
        "mixolydian": (
            "I5 bVII5 IV5 I5", "I5 I5 bVII5 IV5", "I5 bVII5 I5 IV5", "I5 v5 bVII5 IV5",
        ),
        "dorian": (
            "i5 IV5 bVII5 i5", "i5 bIII5 IV5 bVII5", "i5 bVII5 IV5 bVII5", "i5 IV5 i5 bIII5/IV5",
        ),
        "lydian": (
            "I5 II5 vi5 V5", "I5 II5 I5 II5", "I5 iii5 II5 V5", "vi5 II5 I5 V5",
        ),
    },
    "pop": {
        "major": (
            "I V vi IV", "vi IV I V", "I vi IV V", "IV V iii vi", "I iii IV V", "IV I V vi", "I IV vi V",
            "I^ iii7 vi7 IV^", "I IV I/V vi", "I V/iii vi IV", "ii7 V I vi", "I III7 IV iv",
        ),
        "minor": (
            "i bVI bIII bVII", "i bVII bVI bVII", "i iv bVI bVII", "bVI bVII i i", "i bIII bVII bVI", "i v bVI bVII",
            "i bIII bVI bVII", "iv bVI bIII bVII", "i bVI iv V",
        ),
        "mixolydian": (
            "I bVII IV I", "I v bVII IV", "I IV bVII IV", "IV bVII I I",
        ),
        "dorian": (
            "i IV i IV", "i bIII IV bVII", "i7 IV bVII i7", "i v IV IV", "bIII IV i i",
        ),
        "lydian": (
            "I II I II", "I II vi V", "I^ II vi7 II", "I V II I", "vi II I V",
        ),
        "harmonic minor": (
            "i bVI iv V", "i iv V i", "i iv bVI V", "bVI V i i",
        ),
        "phrygian": (
            "i bII bIII bII", "i bII bvii i", "i bVI bII i", "i iv bII i",
        ),
    },
    "reggae": {
        "major": (
            "I IV I IV", "I IV V IV", "I V vi IV", "I vi ii V", "I ii I ii", "I iii IV V", "I vi IV V", "IV I V I",
            "I IV ii V",
        ),
        "minor": (
            "i iv i iv", "i bVII bVI bVII", "i7 iv7 v7 i7", "i i iv bVII", "i bVII i bVII", "i bVI bVII i",
            "i7 bVII bVI v7", "iv i iv i",
        ),
        "dorian": (
            "i7 IV i7 IV", "i7 v7 i7 IV", "i7 IV bVII i7", "i7 i7 IV bVII",
        ),
        "mixolydian": (
            "I bVII I bVII", "I bVII IV I", "I IV bVII I", "I I bVII bVII",
        ),
        "harmonic minor": (
            "i iv V i", "i i iv V", "i bVI V i", "i V i V",
        ),
        "lydian": (
            "I^ II I^ II", "I II I II", "I^ iii7 II I^", "I^ I^ II vi7",
        ),
        "phrygian": (
            "i bII i bII", "i i bII bvii", "i bII bIII bII", "i bvii bII i",
        ),
    },
    "rock": {
        "major": (
            "I IV V IV", "I V vi IV", "I IV I V", "vi IV I V", "I vi IV V", "I iii IV iv", "I II IV I", "I bVII IV I",
            "IV V vi I",
        ),
        "mixolydian": (
            "I bVII IV I", "I I bVII IV", "I IV bVII IV", "I5 bVII5 I5 IV5", "I v IV bVII", "bVII IV I I",
        ),
        "minor": (
            "i bVII bVI bVII", "i5 bVI5 bVII5 i5", "i bVI bIII bVII", "i bIII bVII iv", "i5 bIII5 iv5 bVI5/bVII5",
            "i iv bVII i", "bVI bVII i i", "i5 iv5 i5 bVII5", "i v bVI bVII",
        ),
        "dorian": (
            "i IV bVII i", "i bIII IV i", "i5 bVII5 IV5 IV5", "i IV bIII bVII", "i i IV bVII",
        ),
        "phrygian": (
            "i bII i bvii", "i5 bII5 bIII5 bII5", "i bII bIII bII", "i5 bVI5 bII5 i5",
        ),
        "harmonic minor": (
            "i bVI iv V", "i iv bVI V", "i bVI V i", "i iv V V",
        ),
        "lydian": (
            "I II I II", "I II vi V", "I V II I", "I iii II V",
        ),
    },
}  # fmt: skip
BRIDGES: dict[str, tuple[str, ...]] = {
    "jazz": (
        "III9 III9 VI9 VI9 II9 II9 V9 V9", "iv7 bVII9 I^ I^ iii7 VI9 ii7 V9", "v7 I9 IV^ IV^ vi7 II9 ii7 V9",
        "IV^ iv7/bVII9 I^ I^ #IVh/VII7 iii7/VI7 II9 ii7/V9",
    ),
    "classical": (
        "V I V I II7 V V7 V7", "vi III7 vi vi II7 V V7 V7", "IV I IV I II7 V7 V V7", "ii VI7 ii ii V V7 I V7",
    ),
    "country": (
        "IV IV I I II7 II7 V7 V7", "IV I IV I vi II7 IV V7", "vi iii IV I vi iii II7 V7",
    ),
    "disco": (
        "IV^ V9 iii7 VI7 ii7 ii7 V9 V9", "vi7 iii7 IV^ V9", "bVI^ bVII I^ I^",
    ),
    "hiphop": (
        "IV^ iv7 iii7 VI7", "vi7 V IV^ IV^", "ii7 III7 vi7 v7/I9",
    ),
    "metal": (
        "vi5 IV5 I5 V5", "bVI5 bVII5 I5 I5", "ii5 IV5 vi5 V5",
    ),
    "pop": (
        "vi iii IV V", "IV V iii vi IV V ii7 Vs/V", "ii7 iii7 IV V", "bVI bVII I I/V", "IV iv I VI7 II7 II7 V V",
    ),
    "reggae": (
        "vi iii vi iii IV IV V V", "ii V ii V", "IV IV I I",
    ),
    "rock": (
        "vi V IV IV", "bVI bVII I I", "IV IV I I bVII IV V V", "vi iii IV V", "bIII bVII IV IV",
    ),
}  # fmt: skip
"""Progressions only for a contrasting section, in major."""

ENDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "blues": {
        "major": ("V9 IV9 I7/#IVo I7", "I7/I9 IV7/#IVo I7/V9 I7", "ii7 V9 I7/bII9 I7", "IV7 #IVo I7/V7 I9"),
        "minor": ("bVI^ V7 i7/V7 i7", "iih V7 i7/iv7 i7", "iv7 iv7 bVI9/V7 i7"),
    },
    "classical": {
        "major": ("IV ii/V7 I/V7 I", "ii7 I/V V7 I", "vi IV/ii Vs/V7 I", "IV I/ii V7 I", "I7 IV/iv I/V7 I"),
        "minor": ("iv iio/V7 i/V7 i", "bVI iv V7 i", "iio i/V Vs/V7 i", "bII V7 V7 i"),
    },
    "country": {
        "major": ("IV I/vi ii/V7 I", "V7 V7 IV/V7 I", "IV V7 I/V7 I", "II7 V7 IV/I I"),
        "minor": ("bVI bVII V7 i", "iv i/bVII V7 i", "iv iv V7 i"),
    },
    "disco": {
        "major": ("IV^ iii7 ii7/V9 I^", "ii7 ii7/V9 IV^/V9 I^", "bVI^ bVII V9 I^"),
        "minor": ("bVI^ bVII V7 i7", "iv7 v7 bVI^/bVII i7", "iih iih/V7 V7 i7"),
    },
    "hiphop": {
        "major": ("ii7 iii7 IV^/V9 I^", "IV^ iii7 ii7/bII9 I^", "IV^ iv7 IV^/iv7 I^"),
        "minor": ("bVI^ v7 iv7 i7", "iv7 iv7/v7 bVI^ i7", "iih iih V7 i7"),
    },
    "jazz": {
        "major": ("iii7/VI7 ii7/V9 iii7/VI7 I^", "ii7 bII9 I^/bII^ I^", "#IVh iv7/bVII9 iii7/bII9 I^",
                  "ii7 V9 bVI^/bII^ I^"),
        "minor": ("iih V7 i7/V7 i7", "iv7/bVII9 iih V7 i7", "bVI9 V7 iih/bII9 i7", "iih/V7 i7/iih V7 i7"),
    },
    "metal": {
        "major": ("IV5 V5 bVI5/bVII5 I5", "vi5 IV5 V5 I5", "bVI5 bVI5 bVII5 I5"),
        "minor": ("bVI5 bVII5 V5 i5", "iv5 bVI5 bVII5 i5", "bIII5 bII5 bVII5/bII5 i5", "i5/bII5 bVI5 V5 i5"),
    },
    "pop": {
        "major": ("IV V vi/V I", "IV iv I/V I", "ii7 IV V7 I", "vi IV Vs/V I", "bVI bVII I/V I"),
        "minor": ("bVI bVII v i", "iv bVI bVII i", "bVI iv Vs/V i", "iv i/bVI bVII i"),
    },
    "reggae": {
        "major": ("IV V IV I", "ii V IV/V I", "I IV I/V I"),
        "minor": ("iv v7 iv i", "bVI bVII iv i", "iv i/bVII iv/v i"),
    },
    "rock": {
        "major": ("bVI bVII IV I", "IV V IV I", "bVII IV bVII/IV I", "vi IV Vs/V I"),
        "minor": ("bVI bVII V i", "bIII bVII iv i", "iv5 bVI5 bVII5 i5", "bVI iv bVI/bVII i"),
    },
}  # fmt: skip
"""Four bars that bring a piece home to its tonic, for the modes with a major or a minor third."""

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
