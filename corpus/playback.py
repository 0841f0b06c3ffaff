"""Play a score while it is being written: tokens in, as many as there are, and out comes the sound that is settled.

Everything here is causal: instruments, effects and levels know nothing of what comes later, and nothing depends on the
windows in which the sound is made. So the pieces joined are the sound of the whole score, which `corpus.render.render`
makes by these same lines.
Each part goes through its effects and is placed in the stereo picture; the band shares a room and a bus.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from corpus import levels
from corpus.effects import Chain, Room, chain_of, glue_of
from corpus.performance import Piece, Track, to_notes
from corpus.score import Tokens
from corpus.synthesizer import Instrument

Audio = npt.NDArray[np.float32]

PEAK = 0.93
FADE_S, EDGE_S = 0.35, 0.004
LOWEST_HZ = 25.0
_KNEE = 0.7
_WINDOW_S = 2.0
"""Longer stretches are made in windows of this length: they stay in the processor's cache, and a call can be stopped
between two."""
_PANS = {"drums": 0.0, "bass": 0.0, "accompaniment": -0.55, "extra": 0.6, "melody": 0.12}
_SENDS = {"drums": 0.5, "bass": 0.1, "accompaniment": 0.9, "extra": 1.2, "melody": 1.0}


class Playback:
    """One piece of `seconds`, float32 (2, n) at `rate` Hz; `tempo_bpm` overrules the score's header."""

    def __init__(self, *, rate: int = 32000, seconds: float, tempo_bpm: float | None = None) -> None:
        self.rate, self.tempo_bpm = rate, tempo_bpm
        self.n = round(seconds * rate)
        self._done = 0
        self._band: _Band | None = None

    def add(self, tokens: Tokens, *, final: bool) -> Audio:
        """The sound from where the last call stopped to where the score so far settles it, (2, n), n may be 0.

        `tokens` int (N_STREAMS, N_HEADER_FRAMES + steps): the whole score so far; what an earlier call brought never
        changes. After the `final` call the pieces joined are round(seconds * rate) samples.
        """
        return self.play(to_notes(tokens, tempo_bpm=self.tempo_bpm, final=final), final=final)

    def play(self, piece: Piece, *, final: bool, on_window: Callable[[float], None] | None = None) -> Audio:
        """The same for a performance, settled until `piece.settled_s`.

        `on_window(fraction)` is called before each window; what it raises stops the work.
        """
        self._band = self._band or _Band(piece, self.rate)
        until = self.n if final else min(self.n, int(piece.settled_s * self.rate))
        windows = []
        while self._done < until:
            if on_window:
                on_window(self._done / self.n)
            last = min(until, self._done + round(_WINDOW_S * self.rate))
            windows.append(self._edged(self._band.play(piece, self._done, last)))
            self._done = last
        return np.concatenate(windows, axis=1) if windows else np.zeros((2, 0), np.float32)

    def _edged(self, sound: Audio) -> Audio:
        """Opened without a click and closed softly: what lies in this window of both."""
        at = np.arange(self._done, self._done + sound.shape[1], dtype=np.float32)
        edge, fade = EDGE_S * self.rate, min(self.n // 4, round(FADE_S * self.rate))
        if self._done < edge:
            sound *= np.minimum(at / np.float32(edge), 1)
        if self._done + sound.shape[1] > self.n - fade:
            sound *= np.cos(np.clip((at - (self.n - 1 - fade)) / np.float32(max(fade, 1)), 0, 1) * (np.pi / 2)) ** 2
        return sound


class _Band:
    """All the parts of a piece, their room and the bus."""

    def __init__(self, piece: Piece, rate: int) -> None:
        from scipy.signal import butter

        self.genre, self.beat_s, self.rate = piece.header.genre, 60 / piece.tempo_bpm, rate
        self._parts: dict[tuple[str, int, int], _Part] = {}
        self._room = Room(self.genre, rate)
        self._glue = Chain(glue_of(self.genre), rate)
        self._highpass = butter(2, LOWEST_HZ, "highpass", fs=rate, output="sos")
        self._below = np.zeros((1, 2, 2))

    def play(self, piece: Piece, first: int, last: int) -> Audio:
        """The samples `first` to `last`, (2, last - first)."""
        from scipy.signal import sosfilt

        dry, wet = np.zeros((2, 2, last - first), np.float32)
        for part, track in self._cast(piece.tracks):
            sound = part.play(track, first, last)
            dry += sound
            wet += sound * np.float32(_SENDS[track.name])
        mix = self._glue(dry + self._room(wet))
        # Without what lies below hearing: some of the soundfont's samples are off centre.
        level, self._below = sosfilt(self._highpass, mix, axis=1, zi=self._below)
        return rounded(level.astype(np.float32) * np.float32(10 ** (levels.GENRE_GAINS_DB[self.genre] / 20)))

    def _cast(self, tracks: tuple[Track, ...]) -> Iterator[tuple["_Part", Track]]:
        """Each track with its part, which joins the band when the track has its first notes."""
        count: Counter[tuple[str, int]] = Counter()
        for track in tracks:
            role = (track.name, track.program)
            count[role] += 1
            if (*role, count[role]) not in self._parts:
                self._parts[*role, count[role]] = _Part(track, self)
            yield self._parts[*role, count[role]], track


class _Part:
    """One instrument with its effects, level and place."""

    def __init__(self, track: Track, band: _Band) -> None:
        self._instrument = Instrument(track.program, band.rate, is_drum=track.is_drum)
        self._chain = Chain(chain_of(band.genre, track.name, track.program, beat_s=band.beat_s), band.rate)
        self._gain = np.float32(10 ** (levels.part_gain_db(track.program, is_drum=track.is_drum) / 20))
        angle = (_PANS[track.name] + 1) * np.pi / 4
        gain = 10 ** (levels.role_gain_db(band.genre, track.name) / 20) * np.sqrt(2)
        # Constant power; the soundfont's own stereo (a wide piano, the drummer's view) is kept.
        self._sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(gain)
        self._begins = round(track.notes[0].start_s * band.rate)

    def play(self, track: Track, first: int, last: int) -> Audio:
        """The samples `first` to `last`. Effects run from the first note on, whatever the windows are."""
        sound = self._instrument.play(track.notes, first, last)
        begins = max(self._begins - first, 0)
        if begins < last - first:
            sound[:, begins:] = self._chain(sound[:, begins:] * self._gain)
        return sound * self._sides


def rounded(sound: Audio) -> Audio:
    """The same with its peaks rounded off below PEAK."""
    size = np.abs(sound)
    if size.max(initial=0.0) <= _KNEE:
        return sound
    rounded = _KNEE + (PEAK - _KNEE) * np.tanh((size - _KNEE) / (PEAK - _KNEE))
    return np.where(size > _KNEE, np.sign(sound) * rounded, sound).astype(np.float32)
