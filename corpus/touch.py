"""How players stray from what is written: a little early or late, louder or softer, as people do.

Drummers stray as those of corpus.feel; the bass stays with the kick, a soloist lays back where the style wants it, and
everyone follows the drummer's wandering. Loudness follows the accents of the metre and the arch of a four-bar phrase.
All of it depends on the header, the part and the step alone: the same score is always played alike, and what is yet to
be written changes nothing. Starts stray by less than FURTHEST_S and FURTHEST_STEPS (of a swing's shortest step), so the
grid can be read back.
"""

import zlib
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from corpus.feel import Floats, feel_of, humanised
from corpus.score import METRES, Header

Ints = npt.NDArray[np.int64]

FURTHEST_S, FURTHEST_STEPS = 0.024, 0.34
KICK, SNARE, CYMBAL = 0, 1, 2
_BLOCK = 256
"""Steps drawn at a time: a block is drawn whole, so a longer score draws the same."""
_TIGHTNESS = {"disco": 0.45, "metal": 0.5, "hiphop": 0.6, "pop": 0.55}
_USUAL_TIGHTNESS = 0.75
"""Share of a drummer's straying that a record leaves: takes are chosen, and some genres are edited to the grid."""
_LAID_BACK_S = {"jazz": 0.011, "blues": 0.009, "hiphop": 0.008, "reggae": 0.006, "country": 0.002}
_OWN_SHARE = 0.55
"""Of a drummer's straying, what the other players have: their attacks are softer, but they listen."""
_LOCK = 0.75
"""How far the bass goes along with the kick."""
_LIVELINESS = {"drums": 0.5, "bass": 0.25, "accompaniment": 0.25, "extra": 0.25, "melody": 0.35}
"""Share of a drummer's unevenness of loudness."""
_ARCHES = {"drums": 0.0, "bass": 2.0, "accompaniment": 3.0, "extra": 4.0, "melody": 6.0}
_PEAK = 0.62
"""Where in the phrase the arch is highest."""
_OTHERS = ("accompaniment", "extra", "melody")


@dataclass(frozen=True)
class _Strays:
    """Seconds and velocities to add at each step of a block: for the kit's three voices, then each other part."""

    drums_s: tuple[list[float], ...]
    drums_velocity: tuple[list[float], ...]
    parts_s: dict[str, list[float]]
    parts_velocity: dict[str, list[float]]


class Touch:
    """How the band of a header plays; `exact` like a machine: on the grid, with nothing but the metre's accents."""

    def __init__(self, header: Header, step_s: float, shortest_s: float, *, exact: bool) -> None:
        """`shortest_s` is the shortest step of the swing."""
        self.header, self.step_s, self.exact = header, step_s, exact
        self.seed = zlib.crc32(repr(replace(header, tempo_bpm=0)).encode())
        self.limit_s = min(FURTHEST_S, FURTHEST_STEPS * shortest_s)

    def delay_s(self, part: str, step: int, voice: int = 0) -> float:
        """How late a part plays what is written at a step; `voice` is the drum, else the place in a chord."""
        if self.exact:
            return 0.0
        block, place = self._place(step)
        if part == "drums":
            return block.drums_s[voice][place]
        spread_s = 0.0016 * ((step * 7 + voice * 5) % 5) if voice else 0.0
        return max(-self.limit_s, min(self.limit_s, block.parts_s[part][place] + spread_s))

    def emphasis(self, part: str, step: int, voice: int = 0) -> float:
        """What a part adds to the velocity that is written at a step."""
        accent = self._accent(step)
        if self.exact:
            return accent
        block, place = self._place(step)
        stray = block.drums_velocity[voice][place] if part == "drums" else block.parts_velocity[part][place]
        return accent + stray + _ARCHES[part] * self._arch(step)

    def _accent(self, step: int) -> float:
        """The metre: strong first beat, 6/8 in two, 5/4 as three and two."""
        in_bar, beat = step % self.header.steps_per_bar, self.header.steps_per_beat
        if in_bar == 0:
            return 7.0
        if in_bar == {"4/4": 8, "6/8": 6, "5/4": 12}.get(self.header.metre):
            return 5.0
        return 3.0 if in_bar % beat == 0 else 0.0 if in_bar % 2 == 0 else -4.0

    def _arch(self, step: int) -> float:
        """-0.5 at the ends of a phrase, 0.5 at its height."""
        at = step % self.header.steps_per_phrase / self.header.steps_per_phrase
        return float(np.cos(np.pi * (at / _PEAK - 1 if at < _PEAK else (at - _PEAK) / (1 - _PEAK)))) / 2

    def _place(self, step: int) -> tuple[_Strays, int]:
        """The block of a step and its place there."""
        block, place = divmod(step, _BLOCK)
        return _strays(self.header.genre, self.header.metre, self.seed, block, self.step_s, self.limit_s), place


@lru_cache(maxsize=64)
def _strays(genre: str, metre: str, seed: int, block: int, step_s: float, limit_s: float) -> _Strays:
    """The straying of all players during a block."""
    steps = _in_fours(metre, np.arange(block * _BLOCK, (block + 1) * _BLOCK))
    steps -= steps[0] // 32 * 32
    feel, tightness = feel_of(genre), _TIGHTNESS.get(genre, _USUAL_TIGHTNESS)

    def bounded(offset_s: Floats) -> list[float]:
        return [float(x) for x in limit_s * np.tanh(offset_s / limit_s)]

    drums = [
        humanised(steps, feel, seed + block, parts=np.full(_BLOCK, voice), step_s=step_s, player=voice)
        for voice in (KICK, SNARE, CYMBAL)
    ]
    others = {
        part: humanised(steps, feel, seed + block, step_s=step_s, player=3 + index)
        for index, part in enumerate(("bass", *_OTHERS))
    }
    kick_s = tightness * drums[KICK].offset_s
    late_s = {"melody": _LAID_BACK_S.get(genre, 0.0)}
    parts_s = {
        part: bounded(tightness * _OWN_SHARE * others[part].offset_s + late_s.get(part, 0.0)) for part in _OTHERS
    }
    parts_s["bass"] = bounded(_LOCK * kick_s + (1 - _LOCK) * tightness * others["bass"].offset_s)
    return _Strays(
        drums_s=tuple(bounded(tightness * stray.offset_s) for stray in drums),
        drums_velocity=tuple([float(x) for x in _LIVELINESS["drums"] * stray.velocity] for stray in drums),
        parts_s=parts_s,
        parts_velocity={part: [float(x) for x in _LIVELINESS[part] * others[part].velocity] for part in others},
    )


def _in_fours(metre: str, steps: Ints) -> Ints:
    """Steps as if every bar had sixteen, or twice that: a drummer's habits belong to places in the bar."""
    bar, place = np.divmod(steps, METRES[metre].steps_per_bar)
    if metre == "6/8":
        return 16 * bar + 8 * (place // 6) + place % 6
    return (32 if metre == "5/4" else 16) * bar + place
