"""Which instrument plays which part, and what a General MIDI program is called.

Words are those of captions.INSTRUMENTS. A program that the vocabulary does not name is called by its nearest relative.
"""

from corpus.captions import INSTRUMENTS

ROLES = ("melody", "accompaniment", "extra", "bass")
_CHORDS = ("accompaniment", "extra", "melody")
_LEADS = ("melody", "extra", "accompaniment")
_PADS = ("extra", "melody", "accompaniment")
_PREFERENCES: dict[str, tuple[str, ...]] = {
    "double bass": ("bass",), "bass guitar": ("bass",), "synth bass": ("bass",),
    "piano": _CHORDS, "electric piano": _CHORDS, "organ": _CHORDS, "accordion": ("accompaniment", "melody", "extra"),
    "acoustic guitar": _CHORDS, "jazz guitar": _CHORDS, "electric guitar": _CHORDS, "distorted guitar": _CHORDS,
    "harp": _CHORDS, "banjo": ("accompaniment", "melody", "extra"), "vibraphone": ("melody", "accompaniment", "extra"),
    "strings": _PADS, "synth strings": _PADS, "choir": _PADS, "synth pad": _PADS, "brass": _PADS, "horn": _PADS,
    "cello": ("melody", "bass", "extra"), "trombone": ("melody", "extra"),
}  # fmt: skip
_RELATIVES = {
    1: "piano", 2: "piano", 3: "piano", 5: "electric piano", 6: "piano", 17: "organ", 18: "organ", 19: "organ",
    24: "acoustic guitar", 28: "electric guitar", 29: "distorted guitar", 34: "bass guitar", 35: "bass guitar",
    36: "bass guitar", 37: "bass guitar", 39: "synth bass", 41: "violin", 43: "double bass", 44: "strings",
    45: "strings", 49: "strings", 51: "synth strings", 53: "choir", 62: "brass", 64: "saxophone", 66: "saxophone",
    67: "saxophone", 72: "flute", 80: "synth lead", 90: "synth pad", 91: "synth pad", 94: "synth pad",
}  # fmt: skip
_NAMES = {program: word for word, program in INSTRUMENTS.items()}


def words_of(programs: tuple[int, ...]) -> tuple[str, ...]:
    """The vocabulary's words for General MIDI programs, without repeats; a program without one is left out."""
    words = (_NAMES.get(program) or _RELATIVES.get(program) for program in programs)
    return tuple(dict.fromkeys(word for word in words if word))


def is_chordal(instrument: str) -> bool:
    """Whether one player can carry a tune and its chords."""
    return _PREFERENCES.get(instrument, _LEADS)[0] == "accompaniment"


def cast_parts(instruments: tuple[str, ...]) -> dict[str, int]:
    """Role -> program for the instruments asked for, in their order; one that finds no free part is left out.

    Raises ValueError on a word that is not in the vocabulary.
    """
    parts: dict[str, int] = {}
    for instrument in instruments:
        if instrument not in INSTRUMENTS:
            raise ValueError(f"{instrument!r} is not one of the instruments {', '.join(sorted(INSTRUMENTS))}")
        free = [role for role in _PREFERENCES.get(instrument, _LEADS) if role not in parts]
        if free:
            parts[free[0]] = INSTRUMENTS[instrument]
    return parts
