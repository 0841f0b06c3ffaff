"""How loud each instrument and each genre is mixed: measured once, so that a piece can be played before it is known.

`PROGRAM_LUFS` and `KIT_LUFS` say how loud the soundfont's instruments are as they come out of `corpus.synthesizer`:
the integrated loudness (ITU-R BS.1770) of a scale at velocity 80; `python -m corpus.levels` measures them again.
`GENRE_GAINS_DB` brings the composer's pieces of a genre, four of 16 s each, to -18 LUFS on average.
"""

from core.loudness import integrated
from corpus.performance import Note
from corpus.score import KITS
from corpus.synthesizer import Instrument

RATE_HZ = 32000
REFERENCE_LUFS = -22.0
"""Every part's loudness before its level: what the effects are set for."""
BASSES = (*range(32, 40), 43, 58)
_ROLES_DB = {"drums": 0.0, "bass": -0.5, "accompaniment": -4.5, "extra": -5.5, "melody": 0.0}
_GENRES_DB: dict[str, dict[str, float]] = {
    "blues": {"drums": 1, "accompaniment": 0.5}, "classical": {"drums": -3, "bass": 1, "accompaniment": 1},
    "country": {"bass": 1.5}, "jazz": {"drums": -1.5, "accompaniment": 0.5},
    "disco": {"drums": 1, "bass": 1, "extra": 1}, "hiphop": {"drums": 1, "bass": 1},
    "metal": {"drums": 0.5, "accompaniment": -0.5, "melody": -3}, "pop": {"drums": 0.5, "extra": 0.5},
    "reggae": {"drums": 3, "bass": 2, "accompaniment": 1, "melody": -1},
    "rock": {"drums": 0.5, "bass": 0.5, "accompaniment": -2.5, "melody": -1},
}  # fmt: skip
"""What a genre brings forward or holds back."""
GENRE_GAINS_DB = {
    "blues": -1.4, "classical": -2.6, "country": -1.3, "disco": -1.6, "hiphop": -0.9, "jazz": -2.3, "metal": -2.2,
    "pop": -1.9, "reggae": -0.9, "rock": -2.4,
}  # fmt: skip
PROGRAM_LUFS: tuple[float, ...] = (
    -19.6, -19.4, -16.9, -18.0, -13.7, -17.4, -18.5, -15.3, -18.0, -15.4, -15.3, -11.6, -20.1, -19.9, -12.3, -19.5,
    -14.0, -16.0, -14.7, -14.3, -12.2, -13.5, -12.5, -15.9, -14.8, -18.0, -14.3, -20.7, -17.9, -13.9, -11.6, -12.8,
    -16.6, -14.5, -16.0, -14.3, -14.5, -19.8, -15.8, -12.0, -11.1, -10.9, -9.8, -13.3, -14.4, -17.3, -12.0, -19.1,
    -16.0, -16.9, -16.3, -13.5, -13.8, -14.6, -13.9, -13.8, -14.3, -14.5, -17.3, -18.5, -7.7, -17.4, -12.9, -13.7,
    -11.8, -12.1, -12.7, -15.8, -11.9, -12.4, -14.1, -12.5, -11.7, -13.4, -12.0, -12.9, -13.8, -13.5, -9.0, -8.9,
    -10.2, -12.2, -11.1, -13.2, -12.6, -11.6, -13.2, -10.6, -13.1, -16.7, -15.6, -12.2, -14.4, -15.6, -11.6, -16.1,
    -13.5, -11.3, -14.4, -12.9, -12.0, -16.0, -11.6, -13.2, -15.7, -16.1, -20.3, -15.5, -17.2, -11.5, -12.1, -11.0,
    -17.1, -18.6, -17.3, -21.5, -16.1, -22.1, -15.1, -22.2, -21.0, -26.7, -12.4, -12.8, -11.5, -33.0, -25.6, -19.2,
)  # fmt: skip
KIT_LUFS: dict[int, float] = {0: -15.1, 8: -11.1, 16: -13.4, 24: -13.9, 25: -15.9, 32: -15.1, 40: -17.1, 48: -15.6}


def part_gain_db(program: int, *, is_drum: bool) -> float:
    """What brings an instrument to REFERENCE_LUFS."""
    return REFERENCE_LUFS - (KIT_LUFS.get(program, KIT_LUFS[0]) if is_drum else PROGRAM_LUFS[program])


def role_gain_db(genre: str, role: str) -> float:
    """What a part gains from its place in the band, after its effects."""
    return _ROLES_DB[role] + _GENRES_DB[genre].get(role, 0.0)


def _scale(program: int) -> float:
    """The loudness of two octaves of a program's usual compass, in thirds, each note most of a second long."""
    lowest = 28 if program in BASSES else 52
    notes = [Note(0.7 * i, 0.7 * i + 0.65, lowest + pitch, 80) for i, pitch in enumerate((0, 4, 7, 12, 16, 19, 24))]
    return integrated(Instrument(program, RATE_HZ, is_drum=False).play(notes, 0, 5 * RATE_HZ), RATE_HZ)


def _groove(program: int) -> float:
    """The loudness of two bars of eighths on a kit."""
    kit = next(kit for kit in KITS if kit.program == program)
    notes = [Note(0.25 * i, 0.25 * i + 0.12, kit.closed, 66) for i in range(16)]
    notes += [Note(0.5 * i, 0.5 * i + 0.12, (kit.kick, kit.snare)[i % 2], 90) for i in range(8)]
    notes.sort(key=lambda note: note.start_s)
    return integrated(Instrument(program, RATE_HZ, is_drum=True).play(notes, 0, 4 * RATE_HZ), RATE_HZ)


def main() -> None:
    """Print the tables of instruments and kits."""
    print("PROGRAM_LUFS =", tuple(round(_scale(program), 1) for program in range(128)))
    print("KIT_LUFS =", {kit.program: round(_groove(kit.program), 1) for kit in KITS})


if __name__ == "__main__":
    main()
