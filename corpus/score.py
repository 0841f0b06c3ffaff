"""The score grid: music as small integers, eight parallel streams on a grid of sixteenths (in 6/8 six steps a beat).

Tokens are an int array (N_STREAMS, N_HEADER_FRAMES + n_steps), every value in 0..VOCABULARY-1. All pitches and chords
are relative to the tonic: `corpus.performance.to_notes` transposes and turns them into timed notes. Decoding never
fails, whatever the integers: values wrap, clamp or are silent.

Header cells, (stream, frame): value
  POSITION 0 genre          DRUMS 0 kit            CHORD 0 mode            BASS 0 bass program
  POSITION 1 (bpm-50) // 2  DRUMS 1 (bpm-50) % 2   CHORD 1 tonic, C = 0    BASS 1 swing
  ACCOMPANIMENT 0 program   EXTRA 0 program        MELODY 0 program        DYNAMICS 0 emotion
  ACCOMPANIMENT 1 metre     EXTRA 1 always 0       MELODY 1 register of    DYNAMICS 1 always 0
                                                   the accompaniment
Music streams, one value a step
  POSITION       at even steps what the phrase is and how many bars are left until the final chord (`section_token`),
                 at odd steps the step within the four-bar phrase, halved (0..39)
  DRUMS          kick + 2 snare + 4 cymbal (closed, open, ride) + 16 tom (high, low, crash) + 64 colour
  CHORD          0 none, else 1 + 10 root + quality, restated at every step
  BASS           0 rest, 1 hold, else 2 + semitones above BASS_LOWEST
  ACCOMPANIMENT  0 rest, 1 hold, 2..11 a way to play the chord (ACTIONS), 12..23 one tone of the spread chord
  EXTRA          0 rest, 1 hold, 2..53 a pitch as in MELODY, 54 the chord held, 55 short, 56 short an octave higher
  MELODY         0 rest, 1 hold, 2..53 semitones above MELODY_LOWEST, 54..105 the same with a grace note from below
  DYNAMICS       level (0..7) + 8 articulation (normal, staccato, legato)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.captions import EMOTIONS, GENRES

GRID = 2
"""Counts the meanings that tokens have had: weights trained on another grid are refused."""
VOCABULARY = 128
N_STREAMS = 8
N_HEADER_FRAMES = 2
STEPS_PER_BEAT = 4
POSITION, DRUMS, CHORD, BASS, ACCOMPANIMENT, EXTRA, MELODY, DYNAMICS = range(N_STREAMS)
STREAM_NAMES = ("position", "drums", "chord", "bass", "accompaniment", "extra", "melody", "dynamics")

REST, HOLD, FIRST_PITCH = 0, 1, 2
N_PITCHES = 52
MELODY_LOWEST, BASS_LOWEST = -24, -12
"""Semitones from the tonic near middle C (MELODY, EXTRA) and near C2 (BASS)."""
N_BASS_PITCHES = 40
GRACE = N_PITCHES
PAD, STAB, HIGH_STAB = 54, 55, 56
ACTIONS = ("block", "stab", "strum_down", "strum_up", "chug", "power", "wide", "high", "roll", "shell")
FIRST_ACTION, FIRST_TONE, N_TONES = 2, 12, 12
BARS_PER_PHRASE = 4
SECTIONS = ("intro", "theme", "variation", "contrast", "ending")
BARS_LEFT = (0, 1, 2, 3, 4, 8, 16)
"""Lower bounds of the classes of bars left until the final chord; one class more where the end is out of sight."""
N_POSITIONS, N_LEFT = 40, len(BARS_LEFT) + 1

MIN_TEMPO_BPM, MAX_TEMPO_BPM = 50, 190
SWINGS = ("straight", "light", "triplet", "sixteenth")
MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "blues": (0, 3, 4, 5, 6, 7, 10),
}
MODE_NAMES = tuple(MODES)
MINOR_MODES = ("minor", "dorian", "harmonic minor", "phrygian")
TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
QUALITIES: dict[str, tuple[int, ...]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "major 7": (0, 4, 7, 11),
    "minor 7": (0, 3, 7, 10),
    "dominant 7": (0, 4, 7, 10),
    "half-diminished": (0, 3, 6, 10),
    "suspended": (0, 5, 7),
    "power": (0, 7),
    "dominant 9": (0, 4, 10, 14),
}
QUALITY_NAMES = tuple(QUALITIES)

Tokens = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Metre:
    """A bar: so many beats of so many steps. The tempo counts these beats (in 6/8 dotted quarters)."""

    beats: int
    steps_per_beat: int = STEPS_PER_BEAT

    @property
    def steps_per_bar(self) -> int:
        return self.beats * self.steps_per_beat


METRES = {"4/4": Metre(4), "3/4": Metre(3), "6/8": Metre(2, 6), "5/4": Metre(5)}
METRE_NAMES = tuple(METRES)
QUARTER_METRES = tuple(name for name, metre in METRES.items() if metre.steps_per_beat == STEPS_PER_BEAT)
"""Whose beats are quarters. Who states a tempo and no metre means one of these: 6/8 at 96 is heard as 144 or 288."""


@dataclass(frozen=True)
class Kit:
    """A drum kit: its General MIDI program and the keys of its nine voices; `ghosts` softens snares off the beat."""

    name: str
    program: int
    kick: int = 36
    snare: int = 38
    closed: int = 42
    open: int = 46
    ride: int = 51
    high_tom: int = 48
    low_tom: int = 43
    crash: int = 49
    colour: int = 54
    ghosts: bool = True


KITS = (
    Kit("standard", 0),
    Kit("room", 8, colour=56, ghosts=False),
    Kit("power", 16, low_tom=41, colour=57, ghosts=False),
    Kit("dance", 24, colour=39, ghosts=False),
    Kit("808", 25, colour=39),
    Kit("jazz", 32, low_tom=45, colour=44),
    Kit("brush", 40, low_tom=45, colour=44),
    Kit("orchestra", 48, low_tom=41, crash=57, colour=59, ghosts=False),
    Kit("reggae", 0, snare=37, high_tom=65, low_tom=66, colour=38, ghosts=False),
    Kit("train", 40, colour=54),
)
KIT_NAMES = tuple(kit.name for kit in KITS)


@dataclass(frozen=True)
class Header:
    """What a piece states before its first note. Names, not indices; `tonic` 0..11; programs are General MIDI, 0..127.

    `register` moves the accompaniment: 0 an octave down, 1 as written, 2 an octave up.
    """

    genre: str = "pop"
    emotion: str = "calmness"
    tempo_bpm: float = 100
    tonic: int = 0
    mode: str = "major"
    metre: str = "4/4"
    swing: str = "straight"
    kit: str = "standard"
    bass: int = 33
    accompaniment: int = 0
    extra: int = 48
    melody: int = 73
    register: int = 1

    @property
    def key(self) -> str:
        """The key in the words of `captions.KEYS`: the nearest of major and minor."""
        return f"{TONICS[self.tonic]} {'minor' if self.mode in MINOR_MODES else 'major'}"

    @property
    def steps_per_beat(self) -> int:
        return METRES[self.metre].steps_per_beat

    @property
    def steps_per_bar(self) -> int:
        return METRES[self.metre].steps_per_bar

    @property
    def steps_per_phrase(self) -> int:
        return BARS_PER_PHRASE * self.steps_per_bar

    def pack(self) -> npt.NDArray[np.int64]:
        """The header frames, int (N_STREAMS, N_HEADER_FRAMES). Raises ValueError on what the tables do not hold."""
        if not MIN_TEMPO_BPM <= self.tempo_bpm <= MAX_TEMPO_BPM or self.tempo_bpm != int(self.tempo_bpm):
            raise ValueError(f"tempo {self.tempo_bpm} is not a whole number in {MIN_TEMPO_BPM}..{MAX_TEMPO_BPM}")
        coarse, fine = divmod(int(self.tempo_bpm) - MIN_TEMPO_BPM, 2)
        cells = np.zeros((N_STREAMS, N_HEADER_FRAMES), np.int64)
        cells[POSITION] = GENRES.index(self.genre), coarse
        cells[DRUMS] = KIT_NAMES.index(self.kit), fine
        cells[CHORD] = MODE_NAMES.index(self.mode), self.tonic
        cells[BASS] = self.bass, SWINGS.index(self.swing)
        cells[ACCOMPANIMENT] = self.accompaniment, METRE_NAMES.index(self.metre)
        cells[EXTRA] = self.extra, 0
        cells[MELODY] = self.melody, self.register
        cells[DYNAMICS] = EMOTIONS.index(self.emotion), 0
        return cells

    @staticmethod
    def unpack(tokens: Tokens) -> "Header":
        """Read the first frames of (N_STREAMS, >= N_HEADER_FRAMES) tokens; any integers give some header."""
        cells = np.asarray(tokens)[:, :N_HEADER_FRAMES].astype(np.int64)
        tempo = MIN_TEMPO_BPM + 2 * cells[POSITION, 1] + cells[DRUMS, 1] % 2
        return Header(
            genre=GENRES[cells[POSITION, 0] % len(GENRES)],
            emotion=EMOTIONS[cells[DYNAMICS, 0] % len(EMOTIONS)],
            tempo_bpm=int(np.clip(tempo, MIN_TEMPO_BPM, MAX_TEMPO_BPM)),
            tonic=int(cells[CHORD, 1] % 12),
            mode=MODE_NAMES[cells[CHORD, 0] % len(MODES)],
            metre=METRE_NAMES[cells[ACCOMPANIMENT, 1] % len(METRES)],
            swing=SWINGS[cells[BASS, 1] % len(SWINGS)],
            kit=KIT_NAMES[cells[DRUMS, 0] % len(KITS)],
            bass=int(cells[BASS, 0] % 128),
            accompaniment=int(cells[ACCOMPANIMENT, 0] % 128),
            extra=int(cells[EXTRA, 0] % 128),
            melody=int(cells[MELODY, 0] % 128),
            register=int(cells[MELODY, 1] % 3),
        )


_HEADER_SIZES = {
    (POSITION, 0): len(GENRES),
    (POSITION, 1): (MAX_TEMPO_BPM - MIN_TEMPO_BPM) // 2 + 1,
    (DRUMS, 0): len(KITS),
    (DRUMS, 1): 2,
    (CHORD, 0): len(MODES),
    (CHORD, 1): 12,
    (BASS, 1): len(SWINGS),
    (ACCOMPANIMENT, 1): len(METRES),
    (EXTRA, 1): 1,
    (MELODY, 1): 3,
    (DYNAMICS, 0): len(EMOTIONS),
    (DYNAMICS, 1): 1,
}
_STREAM_SIZES = {
    POSITION: N_POSITIONS + N_LEFT * len(SECTIONS),
    CHORD: 1 + 12 * len(QUALITIES),
    BASS: FIRST_PITCH + N_BASS_PITCHES,
    ACCOMPANIMENT: FIRST_TONE + N_TONES,
    EXTRA: HIGH_STAB + 1,
    MELODY: FIRST_PITCH + 2 * N_PITCHES,
    DYNAMICS: 24,
}


def valid_tokens(stream: int, header_frame: int | None = None) -> npt.NDArray[np.int64]:
    """The ids that mean something in `stream`: in that header frame, or in the music where `header_frame` is None."""
    if header_frame is None:
        return np.arange(_STREAM_SIZES.get(stream, VOCABULARY))
    return np.arange(_HEADER_SIZES.get((stream, header_frame), VOCABULARY))


def in_scale_tokens(stream: int, mode: str) -> npt.NDArray[np.int64]:
    """The ids of MELODY, EXTRA or BASS whose pitch lies in the mode's scale, and those that are no pitch at all."""
    ids = valid_tokens(stream)
    lowest, n_pitches = (BASS_LOWEST, N_BASS_PITCHES) if stream == BASS else (MELODY_LOWEST, N_PITCHES)
    is_pitch = (ids >= FIRST_PITCH) & (ids < (PAD if stream == EXTRA else len(ids)))
    semitones = ((ids - FIRST_PITCH) % n_pitches + lowest) % 12
    return ids[~is_pitch | np.isin(semitones, MODES[mode])]


def chord_token(root: int, quality: str) -> int:
    """The CHORD id of a root (semitones above the tonic) and a quality."""
    return 1 + 10 * (root % 12) + QUALITY_NAMES.index(quality)


def read_chord(token: int) -> tuple[int, tuple[int, ...]] | None:
    """(root above the tonic, intervals) of a CHORD id, None where there is no chord."""
    if not 1 <= token <= 12 * len(QUALITIES):
        return None
    root, quality = divmod(int(token) - 1, len(QUALITIES))
    return root, QUALITIES[QUALITY_NAMES[quality]]


def section_token(section: str, bars_left: int | None) -> int:
    """The POSITION id at even steps: the kind of phrase, and the bars left until the final chord (None: no end yet)."""
    left = N_LEFT - 1 if bars_left is None else int(np.searchsorted(BARS_LEFT, bars_left, side="right")) - 1
    return N_POSITIONS + N_LEFT * SECTIONS.index(section) + max(0, left)


def position_row(section: str, first_step: int, n_steps: int, bars_left: int | None) -> npt.NDArray[np.int64]:
    """The POSITION ids of a bar of `n_steps` that begins `first_step` steps into its phrase, (n_steps,)."""
    steps = np.arange(first_step, first_step + n_steps)
    return np.where(steps % 2, steps // 2, section_token(section, bars_left))


def read_section(token: int) -> tuple[str, int] | None:
    """(kind of phrase, index of the class of bars left) of a POSITION id at an even step, None for any other id."""
    if not N_POSITIONS <= token < N_POSITIONS + N_LEFT * len(SECTIONS):
        return None
    section, left = divmod(int(token) - N_POSITIONS, N_LEFT)
    return SECTIONS[section], left


def final_bar(n_steps: int, header: "Header") -> int | None:
    """The bar of the final chord, as late as leaves it half a bar and 1.2 s to ring; None where none fits."""
    bar = header.steps_per_bar
    needed = max(bar // 2, round(1.2 / seconds_of(1, header.tempo_bpm, header.steps_per_beat)))
    final = (n_steps - needed) // bar
    return final if final >= 2 else None


def steps_for(seconds: float, tempo_bpm: float, steps_per_beat: int = STEPS_PER_BEAT) -> int:
    """The fewest steps that last at least `seconds` (a rounding error short of a step is forgiven)."""
    return max(1, int(np.ceil(seconds * tempo_bpm * steps_per_beat / 60 - 1e-6)))


def seconds_of(steps: int, tempo_bpm: float, steps_per_beat: int = STEPS_PER_BEAT) -> float:
    """How long `steps` last."""
    return steps * 60 / (tempo_bpm * steps_per_beat)
