"""Read a SoundFont 2 file (SoundFont Technical Specification 2.04): which recorded sample plays a note, and how.

A preset names instruments, an instrument has zones: ranges of keys and velocities with a sample and generators (loops,
tuning, envelopes, a low pass). Only what the soundfont of pretty_midi (TimGM6mb) uses is read: its presets add nothing
to their instruments, and it has no modulators beyond the standard ones.
"""

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_START, _END, _LOOP_START, _LOOP_END = 0, 1, 2, 3
_CUTOFF, _RESONANCE, _SWEEP, _PAN = 8, 9, 11, 17
_SWEEP_DECAY, _SWEEP_SUSTAIN = 28, 29
_DELAY, _ATTACK, _HOLD, _DECAY, _SUSTAIN, _RELEASE = 33, 34, 35, 36, 37, 38
_INSTRUMENT, _KEYS, _VELOCITIES, _ATTENUATION, _COARSE, _FINE, _SAMPLE = 41, 43, 44, 48, 51, 52, 53
_MODES, _SCALE, _CHOKE, _ROOT = 54, 56, 57, 58
_INSTANT, _OPEN = -12000, 13500
_DEFAULTS = {
    _CUTOFF: _OPEN, _KEYS: 127 << 8, _VELOCITIES: 127 << 8, _SCALE: 100, _ROOT: -1, _SWEEP_DECAY: _INSTANT,
} | dict.fromkeys((_DELAY, _ATTACK, _HOLD, _DECAY, _RELEASE), _INSTANT)  # fmt: skip
_ATTENUATION_SHARE = 0.4
"""The file's attenuations are those of the EMU hardware, which applied four tenths of what the specification says."""
DRUM_BANK = 128


@dataclass(frozen=True)
class Zone:
    """How one sample plays the keys and velocities of a range (both ends included)."""

    keys: tuple[int, int]
    velocities: tuple[int, int]
    first: int
    last: int
    loop: tuple[int, int] | None
    """Frames from `first`; None plays the sample once."""
    rate_hz: int
    root: float
    """The key, in semitones with fractions, that plays the sample as it was recorded."""
    semitones_per_key: float
    gain: float
    pan: float
    """-1 left, 1 right."""
    delay_s: float
    attack_s: float
    hold_s: float
    decay_s: float
    """Time in which the sound falls by 100 dB, as is `release_s`; it stops at `sustain_db` below its peak."""
    sustain_db: float
    release_s: float
    cutoff_hz: float
    resonance_db: float
    sweep_octaves: float
    """How far above `cutoff_hz` the low pass opens at first; it closes over `sweep_s` to `sweep_sustain` of that."""
    sweep_s: float
    sweep_sustain: float
    choke: int
    """Notes of one class other than 0 cut each other off."""

    def distance(self, key: int) -> int:
        """How many keys a key lies outside of the zone, 0 inside."""
        return max(self.keys[0] - key, key - self.keys[1], 0)


class Soundfont:
    """A file of samples and the presets that play them. Raises ValueError on what is no SoundFont 2."""

    def __init__(self, data: bytes) -> None:
        tables, samples = data.find(b"pdta"), data.find(b"smpl")
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk" or tables < 0 or samples < 0:
            raise ValueError("this is no SoundFont 2")
        size = int.from_bytes(data[samples + 4 : samples + 8], "little")
        self.samples: npt.NDArray[np.int16] = np.frombuffer(data, "<i2", size // 2, samples + 8)
        size = int.from_bytes(data[tables - 4 : tables], "little")
        self._tables = _chunks(data[tables + 4 : tables + size])
        self._presets = {(row[2], row[1]): index for index, row in enumerate(self._rows("phdr", "<20sHHHIII")[:-1])}
        self._zones: dict[tuple[int, int], tuple[Zone, ...]] = {}

    def zones(self, bank: int, program: int) -> tuple[Zone, ...]:
        """The zones of a preset; a kit that the file lacks is the first one, another preset the piano."""
        place = (bank, program) if (bank, program) in self._presets else (bank, 0)
        if place not in self._zones:
            bags = self._bags("phdr", "<20sHHHIII", 3, self._presets[place])
            instruments = [bag[_INSTRUMENT] for bag in self._generators("pbag", "pgen", bags)]
            self._zones[place] = tuple(zone for instrument in instruments for zone in self._instrument(instrument))
        return self._zones[place]

    def playing(self, bank: int, program: int, key: int, velocity: int) -> tuple[Zone, ...]:
        """The zones that play a note; outside an instrument's compass those of its nearest key."""
        zones = self.zones(bank, program)
        distance = min((zone.distance(key) for zone in zones), default=0)
        near = tuple(zone for zone in zones if zone.distance(key) == distance)
        return tuple(zone for zone in near if zone.velocities[0] <= velocity <= zone.velocities[1]) or near

    def _instrument(self, index: int) -> list[Zone]:
        zones, common = [], dict(_DEFAULTS)
        for bag in self._generators("ibag", "igen", self._bags("inst", "<20sH", 1, index)):
            generators = common | bag
            if _SAMPLE in generators:
                zones.append(_zone(generators, self._rows("shdr", "<20sIIIIIBbHH")[generators[_SAMPLE]]))
            else:
                common = generators
        return zones

    @cache  # noqa: B019 -- the one soundfont lives as long as the process
    def _rows(self, table: str, layout: str) -> list[tuple[int, ...]]:
        return list(struct.iter_unpack(layout, self._tables[table]))

    def _bags(self, table: str, layout: str, column: int, index: int) -> range:
        rows = self._rows(table, layout)
        return range(rows[index][column], rows[index + 1][column])

    def _generators(self, bags: str, generators: str, wanted: range) -> list[dict[int, int]]:
        starts, rows = self._rows(bags, "<HH"), self._rows(generators, "<Hh")
        return [{row[0]: row[1] for row in rows[starts[bag][0] : starts[bag + 1][0]]} for bag in wanted]


def _zone(generators: dict[int, int], header: tuple[int, ...]) -> Zone:
    """A zone from its generators and the header of its sample."""

    def get(generator: int) -> int:
        return generators.get(generator, 0)

    _, start, end, loop_start, loop_end, rate_hz, pitch, correction = header[:8]
    first, last = start + get(_START), end + get(_END)
    loop = (loop_start + get(_LOOP_START) - first, loop_end + get(_LOOP_END) - first)
    cents = 100 * get(_COARSE) + get(_FINE) + correction
    return Zone(
        keys=(get(_KEYS) & 127, get(_KEYS) >> 8 & 127),
        velocities=(get(_VELOCITIES) & 127, get(_VELOCITIES) >> 8 & 127),
        first=first,
        last=last,
        loop=loop if get(_MODES) & 1 and 0 <= loop[0] < loop[1] <= last - first else None,
        rate_hz=rate_hz,
        root=(get(_ROOT) if get(_ROOT) >= 0 else pitch) - cents / 100,
        semitones_per_key=get(_SCALE) / 100,
        gain=10 ** (-_ATTENUATION_SHARE * get(_ATTENUATION) / 200),
        pan=max(-1.0, min(1.0, get(_PAN) / 500)),
        delay_s=_seconds(get(_DELAY)),
        attack_s=_seconds(get(_ATTACK)),
        hold_s=_seconds(get(_HOLD)),
        decay_s=_seconds(get(_DECAY)),
        sustain_db=min(100.0, max(0.0, get(_SUSTAIN) / 10)),
        release_s=_seconds(get(_RELEASE)),
        cutoff_hz=8.176 * 2 ** (get(_CUTOFF) / 1200),
        resonance_db=get(_RESONANCE) / 10,
        sweep_octaves=get(_SWEEP) / 1200,
        sweep_s=_seconds(get(_SWEEP_DECAY)),
        sweep_sustain=1 - min(1000, max(0, get(_SWEEP_SUSTAIN))) / 1000,
        choke=get(_CHOKE),
    )


def _seconds(timecents: int) -> float:
    return 0.0 if timecents <= _INSTANT else float(2 ** (timecents / 1200))


def _chunks(data: bytes) -> dict[str, bytes]:
    chunks, at = {}, 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        chunks[data[at : at + 4].decode("ascii")] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return chunks


@cache
def general_midi() -> Soundfont:
    """The General MIDI soundfont that pretty_midi brings."""
    import pretty_midi

    return Soundfont(Path(pretty_midi.__file__).with_name("TimGM6mb.sf2").read_bytes())
