"""What a part goes through after its instrument: amplifier, compressor, chorus, echoes, and the room that all share.

Effects are filters of FFmpeg (libavfilter, through PyAV), each named with its settings as in FFmpeg's documentation;
rooms are convolved by scipy. All are causal and keep their state, so sound fed in pieces comes out as when fed whole.
Sound is float32 (2, n) around -20 dBFS; a chain neither delays it nor changes its length.
"""

from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]
Filters = tuple[tuple[str, str], ...]

_ELECTRIC_PIANOS, _ORGANS, _CLEAN_GUITARS, _DRIVEN_GUITARS = (4, 5), (16, 17, 18, 19), (26, 27, 28), (29, 30)
_LEADS, _PADS, _SYNTH_BASSES = tuple(range(80, 88)), (50, 51, *range(88, 96)), (38, 39)
_SOLOISTS = (22, 27, 29, 30, 56, 65, 66, *_LEADS)
_PRE_GAINS_DB = {"metal": 20.0, "rock": 14.0, "blues": 10.0, "pop": 8.0}
"""How hard an amplifier is driven for an overdriven guitar (patches 29 and 30 are recorded driven: a chord of them
still needs the amplifier, which mixes its notes); elsewhere 6."""
_CLEAN_GAINS_DB = {"blues": 10.0, "rock": 9.0, "country": 3.0}
"""The same for a clean electric guitar; genres that are not named play it straight into the desk."""
_ROOMS: dict[str, tuple[float, float, float, float]] = {
    "blues": (0.7, 0.012, 0.42, 0.10), "classical": (2.1, 0.024, 0.55, 0.26), "country": (0.8, 0.015, 0.5, 0.10),
    "disco": (1.0, 0.02, 0.6, 0.12), "hiphop": (0.7, 0.012, 0.45, 0.09), "jazz": (1.0, 0.015, 0.45, 0.13),
    "metal": (0.8, 0.015, 0.55, 0.09), "pop": (1.3, 0.025, 0.6, 0.14), "reggae": (1.4, 0.02, 0.5, 0.13),
    "rock": (0.9, 0.018, 0.55, 0.11),
}  # fmt: skip
"""By genre: reverberation time in seconds, the time until the first reflections, how much longer low tones ring than
high ones (0 the same, 1 for ever), wet share."""


def chain_of(genre: str, role: str, program: int, *, beat_s: float) -> Filters:
    """The filters of a part in order; none for an instrument that is heard as it is. `beat_s` sets the echoes."""
    if role == "drums":
        return _DRUM_BUSES.get(genre, ())
    if role == "bass":
        return _bass(genre, program)
    chain: Filters = ()
    if program in _DRIVEN_GUITARS:
        chain = _amplifier(_PRE_GAINS_DB.get(genre, 6.0), cabinet_hz=4800, body_hz=110)
        chain += (("haas", "left_delay=0.1:right_delay=9:left_gain=0.85:right_gain=0.85"),) if role != "melody" else ()
    elif program in _CLEAN_GUITARS and genre in _CLEAN_GAINS_DB:
        chain = _amplifier(_CLEAN_GAINS_DB[genre], cabinet_hz=5500, body_hz=80)
    elif program in _CLEAN_GUITARS or program in _ELECTRIC_PIANOS:
        chain = (("chorus", "0.75:1:19|27:0.28|0.24:0.37|0.53:1.1|1.4"), ("volume", "1.2"))
    elif program in _ORGANS:
        chain = (("chorus", "0.7:1:12|17:0.3|0.25:6.3|5.7:0.35|0.3"), ("tremolo", "f=6.3:d=0.18"))
    elif program in _PADS:
        chain = (("chorus", "0.65:1:23|31|40:0.4|0.34|0.28:0.21|0.33|0.47:2|2.3|1.8"),)
    return chain + _echoes(genre, role, program, beat_s)


def _bass(genre: str, program: int) -> Filters:
    squeeze = ("acompressor", "threshold=0.09:ratio=3:attack=12:release=140:knee=4:makeup=1.6")
    if genre in ("jazz", "classical", "country"):
        return (("highpass", "f=32:r=f64"), ("acompressor", "threshold=0.16:ratio=2:attack=20:release=200:knee=4"))
    if program in _SYNTH_BASSES or genre == "metal":
        # A little distortion lets a small loudspeaker suggest the fundamental that it cannot play.
        return (("highpass", "f=28:r=f64"), squeeze, ("volume", "2.2"), ("asoftclip", "type=tanh"), ("volume", "0.6"))
    return (("highpass", "f=32:r=f64"), squeeze)


def _amplifier(gain_db: float, *, cabinet_hz: int, body_hz: int) -> Filters:
    """A guitar amplifier: what is driven has no bass, and a cabinet passes no treble."""
    after_db = -0.55 * gain_db - 2.5
    return (
        ("highpass", f"f={body_hz}:r=f64"),
        ("equalizer", "f=800:t=q:w=0.6:g=3"),
        ("volume", f"{gain_db + 6}dB"),  # oversampling by two halves the amplitude that is clipped
        ("asoftclip", "type=tanh:oversample=2"),
        ("lowpass", f"f={cabinet_hz}:p=2"),
        ("lowpass", f"f={cabinet_hz}:p=1"),
        ("equalizer", "f=2600:t=q:w=1.2:g=3"),
        ("equalizer", "f=420:t=q:w=1:g=-2"),
        ("volume", f"{after_db:.1f}dB"),
    )


def _echoes(genre: str, role: str, program: int, beat_s: float) -> Filters:
    """Slapback for a soloist, and in reggae the echoes of a dub desk, three quarters of a beat apart."""
    if genre == "reggae" and role in ("extra", "accompaniment"):
        apart_ms = [max(1, round(750 * beat_s * i)) for i in (1, 2, 3)]
        decays = (0.3, 0.17, 0.09) if role == "extra" else (0.16, 0.08, 0.04)
        return (("aecho", f"1:0.92:{'|'.join(map(str, apart_ms))}:{'|'.join(map(str, decays))}"),)
    if role == "melody" and program in _SOLOISTS:
        if genre in ("metal", "rock", "disco", "pop") and program in (*_DRIVEN_GUITARS, *_LEADS):
            return (("aecho", f"1:0.95:{round(750 * beat_s)}|{round(1500 * beat_s)}:0.2|0.09"),)
        if genre in ("blues", "country", "hiphop", "rock"):
            return (("aecho", "1:0.95:115:0.22"),)
    return ()


def _drum_bus(threshold: float, ratio: float, *, makeup: float = 1.0, warmth: float = 0.0) -> Filters:
    compressor = f"threshold={threshold}:ratio={ratio}:attack=14:release=110:knee=3:makeup={makeup}"
    saturation = (("volume", f"{1 + warmth}"), ("asoftclip", "type=tanh"), ("volume", f"{1 / (1 + warmth / 2):.2f}"))
    return (("acompressor", compressor), *(saturation if warmth else ()))


_DRUM_BUSES: dict[str, Filters] = {
    "blues": _drum_bus(0.2, 2), "country": _drum_bus(0.2, 2), "disco": _drum_bus(0.14, 3, makeup=1.3),
    "hiphop": _drum_bus(0.12, 3.5, makeup=1.4, warmth=0.8), "metal": _drum_bus(0.12, 4, makeup=1.5, warmth=0.4),
    "pop": _drum_bus(0.14, 3, makeup=1.3, warmth=0.3), "reggae": _drum_bus(0.16, 2.5, makeup=1.2),
    "rock": _drum_bus(0.12, 3.5, makeup=1.4, warmth=0.4),
}  # fmt: skip
_GLUE: dict[str, Filters] = {
    genre: (("acompressor", f"threshold={threshold}:ratio={ratio}:attack=25:release=180:knee=6"),)
    for genre, threshold, ratio in (
        ("disco", 0.16, 2), ("hiphop", 0.16, 2), ("metal", 0.14, 2.5), ("pop", 0.16, 2), ("rock", 0.15, 2.2),
        ("reggae", 0.18, 1.8), ("blues", 0.2, 1.6), ("country", 0.2, 1.6),
    )
}  # fmt: skip


def glue_of(genre: str) -> Filters:
    """What the whole band goes through: a slow compressor, none for the genres that live on their dynamics."""
    return _GLUE.get(genre, ())


class Chain:
    """Filters that hear one sound from its beginning, in pieces of any length."""

    def __init__(self, filters: Filters, rate: int) -> None:
        self.rate, self._at = rate, 0
        self._graph = _graph(filters, rate) if filters else None

    def __call__(self, sound: Audio) -> Audio:
        """The next (2, n) of the sound, filtered."""
        if self._graph is None or not sound.shape[1]:
            return sound
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self.rate, self._at, Fraction(1, self.rate)
        self._at += sound.shape[1]
        self._graph.push(frame)
        pieces: list[Audio] = []
        while sum(piece.shape[1] for piece in pieces) < sound.shape[1]:
            pieces.append(self._graph.pull().to_ndarray())
        return np.concatenate(pieces, axis=1) if len(pieces) > 1 else pieces[0]


def _graph(filters: Filters, rate: int) -> Any:
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="stereo", time_base=Fraction(1, rate))
    closing = (("aformat", "sample_fmts=fltp:channel_layouts=stereo"), ("abuffersink", ""))
    for name, settings in (*filters, *closing):
        following = graph.add(name, settings) if settings else graph.add(name)
        source.link_to(following)
        source = following
    graph.configure()
    return graph


class Room:
    """The room of a genre: what it answers to the sound so far, without the sound itself."""

    def __init__(self, genre: str, rate: int) -> None:
        *kind, self._share = _ROOMS[genre]
        self._kind = (kind[0], kind[1], kind[2], rate)
        self._n = _impulse(*self._kind).shape[1]
        self._ringing = np.zeros((2, self._n - 1), np.float32)

    def __call__(self, sound: Audio) -> Audio:
        """The room's answer during the next (2, n) of the sound."""
        from scipy.fft import irfft, next_fast_len, rfft

        n = sound.shape[1]
        if not n:
            return sound
        size = next_fast_len(n + self._n - 1, real=True)
        spectrum = rfft(sound * np.float32(self._share), size) * _response(*self._kind, size)
        answer = irfft(spectrum, size)[:, : n + self._n - 1]
        answer[:, : self._n - 1] += self._ringing
        self._ringing = answer[:, n:].copy()
        return np.asarray(answer[:, :n], np.float32)


@lru_cache(maxsize=8)
def _response(time_s: float, early_s: float, darkness: float, rate: int, size: int) -> npt.NDArray[np.complex64]:
    """The spectrum of a room's answer to a click, zero-padded to `size`."""
    from scipy.fft import rfft

    return np.asarray(rfft(_impulse(time_s, early_s, darkness, rate), size), np.complex64)


@cache
def _impulse(time_s: float, early_s: float, darkness: float, rate: int) -> Audio:
    """A room's answer to a click, (2, n): a few reflections, then noise that dies by 60 dB, its treble sooner.

    Noise in four bands, of which each rings shorter than the one below.
    """
    from scipy.signal import butter, sosfilt

    rng = np.random.default_rng(7)
    n = int(time_s * rate)
    t = np.arange(n) / rate
    tail = np.zeros((2, n))
    edges_hz = np.minimum((120.0, 500.0, 1800.0, 5000.0, 12000.0), 0.45 * rate)
    for band, (low_hz, high_hz) in enumerate(pairwise(edges_hz)):
        if low_hz >= high_hz:
            break
        sos = butter(2, (low_hz, high_hz), "bandpass", fs=rate, output="sos")
        ring_s = time_s * (1 - darkness * band / 4)
        tail += sosfilt(sos, rng.standard_normal((2, n)), axis=1) * 10 ** (-3 * t / ring_s) * (1, 1, 0.8, 0.45)[band]
    tail *= np.minimum(1, t / 0.03)
    for delay_s, strength in zip(rng.uniform(0, 0.05, (10, 2)), rng.uniform(2, 7, 10), strict=True):
        for side in (0, 1):
            tail[side, int(delay_s[side] * rate)] += strength * rng.choice((-1, 1)) * 10 ** (-20 * delay_s[side])
    tail = np.pad(tail, ((0, 0), (int(early_s * rate), 0)))
    return np.asarray(tail / np.sqrt(np.square(tail).sum(axis=1, keepdims=True)), np.float32)
