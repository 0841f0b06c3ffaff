"""Play notes with the soundfont: voices that start, sound and are released, mixed window by window.

A voice is a stretch of `_held` sound (the key kept down: loop, envelope and low pass applied) at the loudness of its
velocity, with a falling end once the note is over. Every sample of a voice depends on its note alone and voices are
added in order of their start, so the windows in which a part is played change nothing at all: that is what makes
streaming exact. Notes whose end is not known yet (`end_s` infinite) simply go on.
Why not symusic's synthesizer, which writes our MIDI files: 0.5.8 ignores velocities, filters, root keys and most of a
note's release; tinysoundfont has them, but needs a compiler on Linux for an audio device that nobody here opens.
Sound is float32 (channels, n).
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from corpus.performance import Note
from corpus.soundfont import DRUM_BANK, Zone, general_midi

Audio = npt.NDArray[np.float32]
Source = tuple[int, int, int, int, int]
"""Bank, program, key, layer, rate."""

_LAYERS = 5
"""Shades of brightness between the softest and the hardest stroke."""
_SOFT_OCTAVES = 1.6
"""How far the softest stroke closes the low pass."""
_BRIGHTER_OCTAVES = 0.7
"""The file's own cutoffs are those of a small hardware synthesizer: everything would sound behind a curtain."""
_LOUDNESS = 1.5
"""Amplitude is velocity to this power: 9 dB from mezzo piano to fortissimo. The specification's 2 buries soft notes."""
_SILENT_DB = 66.0
_SHORTEST_RELEASE_S, _LONGEST_RELEASE_S, _LONGEST_DRUM_S, _CHOKE_S = 0.06, 4.0, 2.2, 0.08
"""A ride that rings for as long as the file has it becomes a wash of noise under every bar."""
_HELD_STEP_S, _SHELF_BYTES = 0.25, 100_000_000
_HATS = (42, 44, 46)
_NEVER = 1 << 60


class Instrument:
    """One part's player. `program` is General MIDI from 0, a kit's where `is_drum`."""

    def __init__(self, program: int, rate: int, *, is_drum: bool) -> None:
        self.program, self.rate, self.is_drum = program, rate, is_drum
        self._voices: list[_Voice] = []
        self._n_started = 0

    def play(self, notes: Sequence[Note], first: int, last: int) -> Audio:
        """The samples `first` to `last` of the part, (2, last - first). Calls must follow each other without a gap.

        `notes`, in order of start, are all notes so far: later calls may add to them and end those without an end.
        """
        for voice in self._voices:
            voice.end_by(notes[voice.index].end_s)
        while self._n_started < len(notes) and round(notes[self._n_started].start_s * self.rate) < last:
            self._start(self._n_started, notes[self._n_started])
            self._n_started += 1
        window = np.zeros((2, last - first), np.float32)
        for voice in self._voices:
            voice.add_to(window, first)
        self._voices = [voice for voice in self._voices if voice.last > last]
        return window

    def _start(self, index: int, note: Note) -> None:
        voice = _Voice(index, note, self.program, self.rate, is_drum=self.is_drum)
        if voice.choke:
            for other in self._voices:
                if other.choke == voice.choke and other.first < voice.first:
                    other.cut(voice.first)
        voice.end_by(note.end_s)
        self._voices.append(voice)


class _Voice:
    """A note that sounds from sample `first` to before `last`, falling from `released` on."""

    def __init__(self, index: int, note: Note, program: int, rate: int, *, is_drum: bool) -> None:
        self.index, self.rate = index, rate
        self.source = (DRUM_BANK if is_drum else 0, program, note.pitch, (note.velocity - 1) * _LAYERS // 127, rate)
        zones = _zones(*self.source[:4])
        self.choke = 1 if is_drum and note.pitch in _HATS else max(zone.choke for zone in zones)
        self.first = round(note.start_s * rate)
        self.gain = np.float32((note.velocity / 100) ** _LOUDNESS)
        self.release_s = min(
            max(*(zone.release_s for zone in zones), _SHORTEST_RELEASE_S), _LONGEST_RELEASE_S / (_SILENT_DB / 100)
        )
        self.released = self.choked = self.last = _NEVER

    def end_by(self, end_s: float) -> None:
        """Let go at `end_s`, unless something ended it before."""
        if self.released == _NEVER and end_s != math.inf:
            self.released = max(round(end_s * self.rate), self.first + 1)
            self.last = min(self.last, self.released + round(self.release_s * _SILENT_DB / 100 * self.rate))

    def cut(self, at: int) -> None:
        """Fall silent at once."""
        self.choked = min(self.choked, at)
        self.last = min(self.last, self.choked + round(_CHOKE_S * _SILENT_DB / 100 * self.rate))

    def add_to(self, window: Audio, start: int) -> None:
        """Add the part of the voice that falls into a window whose first sample is `start`."""
        first, last = max(self.first, start), min(self.last, start + window.shape[1])
        if last <= first:
            return
        whole = self.last if self.last < _NEVER else last + self.rate
        sound = _shelf().sound(self.source, whole - self.first)[:, first - self.first : last - self.first]
        if first + sound.shape[1] < last:  # it has died away
            self.last = last = first + sound.shape[1]
        part = sound * self.gain
        for fall, fall_s in ((self.released, self.release_s), (self.choked, _CHOKE_S)):
            if last > fall:
                late = max(fall, first)
                age = np.arange(late - fall, last - fall, dtype=np.float32)
                part[:, late - first :] *= _falling(age, fall_s * self.rate)
        window[:, first - start : last - start] += part


def _falling(age: Audio, samples: float) -> Audio:
    """100 dB down in so many samples; straightened a little at the end, so that it arrives at nothing."""
    shape = np.exp(age * np.float32(-np.log(10) * 5 / samples))
    floor = np.float32(10 ** (-_SILENT_DB / 20))
    return np.asarray(np.maximum(shape - floor, 0) / (1 - floor), np.float32)


class _Shelf:
    """Held keys that notes can share, up to _SHELF_BYTES: what was used longest ago is forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Source, tuple[int, Audio]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def sound(self, source: Source, n: int) -> Audio:
        """At least `n` samples of a held key, fewer where it dies away before."""
        with self._lock:
            asked, sound = self._kept.get(source, (0, None))
            if sound is None or asked < n:
                step = round(_HELD_STEP_S * source[-1])
                asked = -(-max(n, asked * 3 // 2) // step) * step
                self._bytes -= 0 if sound is None else sound.nbytes
                sound = _held(source, asked)
                self._kept[source] = asked, sound
                self._bytes += sound.nbytes
            self._kept.move_to_end(source)
            while self._bytes > _SHELF_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1][1].nbytes
            return sound


@cache
def _shelf() -> _Shelf:
    return _Shelf()


@cache
def _zones(bank: int, program: int, key: int, layer: int) -> tuple[Zone, ...]:
    return general_midi().playing(bank, program, key, round((layer + 0.5) * 127 / _LAYERS))


def _held(source: Source, n: int) -> Audio:
    """A key of a preset kept down, (1 or 2, n); less than n where it has died away before.

    A longer one begins with exactly the shorter one.
    """
    bank, program, key, layer, rate = source
    zones, velocity = _zones(bank, program, key, layer), round((layer + 0.5) * 127 / _LAYERS)
    sounds = [_zone_sound(zone, key, velocity, rate, n) for zone in zones]
    if len(zones) == 1 and zones[0].pan == 0:
        return sounds[0][None]
    sound = np.zeros((2, max(map(len, sounds))), np.float32)
    for zone, part in zip(zones, sounds, strict=True):
        angle = (zone.pan + 1) * np.pi / 4
        sides = np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]])
        sound[:, : len(part)] += sides.astype(np.float32) * part
    return sound


def _zone_sound(zone: Zone, key: int, velocity: int, rate: int, n: int) -> Audio:
    """At most `n` samples of a zone with the key kept down, (n,)."""
    octaves = ((key - zone.root) * zone.semitones_per_key) / 12
    played = _looped(zone, zone.rate_hz * 2.0**octaves, rate, n)
    filtered = _filtered(zone, velocity, played, rate)
    envelope = _envelope(zone, rate, len(filtered))
    return filtered[: len(envelope)] * envelope


def _looped(zone: Zone, source_hz: float, rate: int, n: int) -> Audio:
    """The sample, repeated where it loops, as heard when played at `source_hz`, at most `n` samples at `rate`."""
    import soxr

    sample = general_midi().samples[zone.first : zone.last]
    needed = int(n * source_hz / rate) + 64
    if zone.loop and needed > zone.loop[1]:
        start, end = zone.loop
        sample = np.concatenate([sample[:end], np.resize(sample[start:end], needed - end)])
    source = sample[:needed].astype(np.float32) * np.float32(zone.gain / 32768)
    return np.asarray(soxr.resample(source, source_hz, rate, quality="MQ")[:n], np.float32)


def _filtered(zone: Zone, velocity: int, sound: Audio, rate: int) -> Audio:
    """Through the zone's low pass, which opens wider for hard strokes and may close while the note sounds."""
    hardness = _SOFT_OCTAVES * (velocity / 127 - 0.8)
    octaves = hardness + _BRIGHTER_OCTAVES
    opened = _lowpassed(sound, zone.cutoff_hz * 2 ** (octaves + zone.sweep_octaves), zone.resonance_db, rate)
    share = zone.sweep_octaves * zone.sweep_sustain
    if abs(zone.sweep_octaves - share) < 0.1:
        return opened
    closed = _lowpassed(sound, zone.cutoff_hz * 2 ** (octaves + share), zone.resonance_db, rate)
    age = np.arange(len(sound), dtype=np.float32) / np.float32(max(zone.sweep_s, 0.01) * rate)
    openness = np.maximum(0, 1 - age)
    return openness * opened + (1 - openness) * closed


def _lowpassed(sound: Audio, cutoff_hz: float, resonance_db: float, rate: int) -> Audio:
    """A second-order low pass (R. Bristow-Johnson's cookbook); nothing where it would lie above 0.42 of the rate."""
    from scipy.signal import lfilter

    if cutoff_hz > 0.42 * rate:
        return sound
    turn = 2 * np.pi * max(cutoff_hz, 20.0) / rate
    alpha = np.sin(turn) / (2 * 0.707 * 10 ** (resonance_db / 20))
    b = np.array([0.5, 1.0, 0.5]) * (1 - np.cos(turn))
    a = np.array([1 + alpha, -2 * np.cos(turn), 1 - alpha])
    return np.asarray(lfilter(b / a[0], a / a[0], sound), np.float32)


def _envelope(zone: Zone, rate: int, n: int) -> Audio:
    """Loudness over time with the key kept down; ends where it has died away."""
    peak_s = zone.delay_s + zone.attack_s + zone.hold_s
    fall_s = max(zone.decay_s * zone.sustain_db / 100, 1e-3)
    if zone.sustain_db > _SILENT_DB:
        n = min(n, round((peak_s + zone.decay_s * _SILENT_DB / 100) * rate))
    t = np.arange(n, dtype=np.float32) / np.float32(rate)
    db = np.clip((t - np.float32(peak_s)) * np.float32(zone.sustain_db / fall_s), 0, zone.sustain_db)
    envelope = np.exp(db * np.float32(-np.log(10) / 20))
    if zone.delay_s + zone.attack_s > 0:
        envelope *= np.clip((t - np.float32(zone.delay_s)) / np.float32(max(zone.attack_s, 1e-3)), 0, 1)
    return np.asarray(envelope, np.float32)
