"""The values that cross every boundary: frozen, picklable dataclasses.

Plain values go down, plain values come up; tensors and pipeline objects never leave the verb that made them.
A result carries the request that made it, fully resolved: no None that meant "you choose", no random seed.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Progress = Callable[[float, str], None]
"""`progress(fraction, what)`: called once a step on the caller's thread; may raise `core.errors.Cancelled`."""


OnSound = Callable[["AudioClip"], None]
"""`on_sound(piece)`: the next piece of a clip that is still being made. Joined, the pieces are what the engine made."""


OnPicture = Callable[[npt.NDArray[np.uint8]], None]
"""`on_picture(pixels)`: a rough view of a picture that is still being painted, uint8 (height, width, 3), any size."""


def no_progress(fraction: float, what: str) -> None:
    """The silent Progress."""


@dataclass(frozen=True)
class AudioClip:
    """Sound: `samples` float32 of shape (channels, n) in [-1, 1], made read-only; `rate` in Hz."""

    samples: npt.NDArray[np.float32]
    rate: int
    name: str = "clip"

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            raise ValueError(f"samples must be float32 (channels, n), got {self.samples.dtype} {self.samples.shape}")
        self.samples.setflags(write=False)

    @property
    def seconds(self) -> float:
        return self.samples.shape[1] / self.rate

    @cached_property
    def digest(self) -> str:
        """The first 16 hex digits of the SHA-256 of rate and samples."""
        sha = hashlib.sha256(str(self.rate).encode())
        sha.update(np.ascontiguousarray(self.samples).data)
        return sha.hexdigest()[:16]

    def mono(self) -> npt.NDArray[np.float32]:
        """The mean of the channels, shape (n,)."""
        return self.samples.mean(axis=0, dtype=np.float32)


@dataclass(frozen=True)
class Scores:
    """A distribution over `labels`; probabilities sum to one."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def top(self) -> str:
        return self.ranked()[0][0]

    @property
    def entropy(self) -> float:
        """Shannon entropy in nats."""
        return -sum(p * math.log(p) for p in self.probabilities if p > 0)

    def ranked(self) -> list[tuple[str, float]]:
        """(label, probability), most probable first."""
        return sorted(zip(self.labels, self.probabilities, strict=True), key=lambda pair: -pair[1])

    def as_dict(self) -> dict[str, float]:
        return dict(zip(self.labels, self.probabilities, strict=True))


@dataclass(frozen=True)
class Beats:
    """Tempo in beats a minute, the second candidate, and the beat times in seconds."""

    tempo_bpm: float
    confidence: float
    alternative_bpm: float
    times_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """Genre and emotion along a clip: one distribution a window of `window_s` seconds, at its centre in seconds."""

    window_s: float
    centres_s: tuple[float, ...]
    genre: tuple[Scores, ...]
    emotion: tuple[Scores, ...]


@dataclass(frozen=True)
class Traits:
    """What was heard. `key` such as "A minor"; `loudness_lufs` integrated, ITU-R BS.1770."""

    genre: Scores
    emotion: Scores
    beats: Beats
    key: str
    key_confidence: float
    loudness_lufs: float
    music_probability: float
    seconds: float
    timeline: Timeline | None = None


@dataclass(frozen=True)
class Provenance:
    """Which model made a result, where, in how long, and under which licence; `sampler` of a picture, such as "LCM"."""

    model: str
    revision: str
    tier: str  # "bundled", "full" or "rules"
    licence: str
    adapters: tuple[str, ...] = ()
    device: str = "cpu"
    seconds_taken: float = 0.0
    sampler: str = ""


@dataclass(frozen=True)
class Description:
    """Traits put into words; the three texts are deterministic for given traits."""

    traits: Traits
    caption: str
    image_prompt: str
    music_prompt: str
    warnings: tuple[str, ...] = ()
    provenance: Provenance | None = None


LAYOUT_POINTS = 48


@dataclass(frozen=True)
class Layout:
    """A clip as a composition, read from left to right: curves of LAYOUT_POINTS values in [0, 1] along its time.

    `contour` is how high the spectrum lies (0 the lowest, 1 the highest of music), `loudness` how loud it is (1 its
    loudest moment), `beats` how dense and strong its onsets are.
    """

    contour: tuple[float, ...]
    loudness: tuple[float, ...]
    beats: tuple[float, ...]

    def __post_init__(self) -> None:
        for name, curve in vars(self).items():
            if len(curve) != LAYOUT_POINTS or not all(0 <= value <= 1 for value in curve):
                raise ValueError(f"{name} must be {LAYOUT_POINTS} values in [0, 1]")


ASPECTS = {"1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4, "16:9": 16 / 9, "9:16": 9 / 16}
"""Width by height."""


@dataclass(frozen=True)
class ImageRequest:
    """A picture to paint. None lets the model choose; `adapters` are (name, weight) pairs.

    `size_px` is the side of the square with the picture's area, before it is made `upscale` (1 or 2) times larger;
    `aspect` a key of ASPECTS. With a `layout` painting starts from the clip's drawing instead of from noise alone;
    `layout_strength` runs from 0 (the words alone) to 1 (the drawing alone).
    """

    prompt: str
    negative_prompt: str = ""
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    size_px: int | None = None
    adapters: tuple[tuple[str, float], ...] = ()
    aspect: str = "1:1"
    upscale: int = 1
    layout: Layout | None = None
    layout_strength: float | None = None


@dataclass(frozen=True)
class GeneratedImage:
    """`pixels` uint8 of shape (height, width, 3), the resolved request, and where it came from."""

    pixels: npt.NDArray[np.uint8]
    request: ImageRequest
    provenance: Provenance


MUSIC_MODES = ("text", "continue", "melody", "unconditional")


@dataclass(frozen=True)
class MusicRequest:
    """Music to make. None lets the engine choose (from the prompt's words where it can).

    `mode` "continue" goes on from the last `prompt_s` seconds of a source clip, "melody" follows a source's tune,
    "unconditional" reads no words. `source` names that clip; its sound travels beside the request.
    """

    prompt: str
    engine: str = "auto"
    seconds: float = 10.0
    seed: int = 0
    tempo_bpm: float | None = None
    genre: str | None = None
    emotion: str | None = None
    key: str | None = None
    instruments: tuple[str, ...] = ()
    guidance: float | None = None
    temperature: float | None = None
    mode: str = "text"
    prompt_s: float = 10.0
    source: str = ""


@dataclass(frozen=True)
class Answer:
    """One thing that was asked for and what our ears got: "tempo", "96 bpm", "97 bpm", 0.9; `met` None: not asked."""

    what: str
    asked: str
    got: str
    confidence: float
    met: bool | None


@dataclass(frozen=True)
class Match:
    """How a generated clip answers its request, heard by our own ears; `score` in [0, 1] ranks candidates."""

    answers: tuple[Answer, ...]
    score: float
    traits: Traits

    @property
    def sentence(self) -> str:
        """Such as "asked 96 bpm, got 97; asked jazz, got jazz (0.81)"."""
        return "; ".join(
            f"asked {a.asked}, got {a.got}" + (f" ({a.confidence:.2f})" if a.what in ("genre", "emotion") else "")
            for a in self.answers
            if a.met is not None
        )


@dataclass(frozen=True)
class GeneratedClip:
    """`clip` of exactly the requested length; `midi` is a Standard MIDI File, `midi_is_estimate` where it was heard.

    `beat_times_s` is the grid of a score. `lead_in` is what sounds just before a continuation begins, for fading from
    the source into it.
    """

    clip: AudioClip
    request: MusicRequest
    provenance: Provenance
    midi: bytes | None = None
    details: dict[str, object] = field(default_factory=dict)
    midi_is_estimate: bool = False
    beat_times_s: tuple[float, ...] = ()
    lead_in: AudioClip | None = None
    match: Match | None = None
