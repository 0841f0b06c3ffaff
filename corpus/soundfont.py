"""A soundfont that symusic plays in tune: the root key of every zone moved to where its synthesizer looks for it.

SoundFont 2.04 lets a zone overrule the pitch at which its sample was recorded (generator 58, overridingRootKey; most of
TimGM6mb does). The synthesizer of symusic 0.5.8 reads the sample's own pitch only, and plays a double bass three
semitones flat, an organ eight sharp, a piano by as many different amounts as it has samples. So for every pair of
sample and overriding root a copy of the sample's header is added that says that root; the sound itself is shared.
"""

import struct
from itertools import pairwise

_ROOT, _SAMPLE = 58, 53
_HEADER_BYTES, _PITCH_AT = 46, 40
"""Size of a sample header (shdr), and where in it the original pitch (one byte, a MIDI key) stands."""


def in_tune(soundfont: bytes) -> bytes:
    """The same soundfont with each zone's root key in the sample header it plays. Raises ValueError on other files."""
    start = soundfont.find(b"pdta")
    if soundfont[:4] != b"RIFF" or soundfont[8:12] != b"sfbk" or start < 0:
        raise ValueError("this is no SoundFont 2")
    size = int.from_bytes(soundfont[start - 4 : start], "little")
    chunks = _chunks(soundfont[start + 4 : start + size])
    chunks["igen"], chunks["shdr"] = _rerooted(chunks["ibag"], chunks["igen"], chunks["shdr"])
    tables = b"pdta" + b"".join(_chunk(name.encode(), data) for name, data in chunks.items())
    body = b"sfbk" + soundfont[12 : start - 8] + _chunk(b"LIST", tables) + soundfont[start + size :]
    return _chunk(b"RIFF", body)


def _rerooted(bags: bytes, generators: bytes, headers: bytes) -> tuple[bytes, bytes]:
    """Generators whose zones point to headers with their own root, and those headers before the closing one."""
    starts = [first for first, _ in struct.iter_unpack("<HH", bags)]
    rows = [list(row) for row in struct.iter_unpack("<HH", generators)]
    samples = [headers[at : at + _HEADER_BYTES] for at in range(0, len(headers), _HEADER_BYTES)]
    closing = samples.pop()
    copies: dict[tuple[int, int], int] = {}
    for first, last in pairwise(starts):
        zone = {row[0]: row for row in rows[first:last]}
        if _ROOT in zone and _SAMPLE in zone and zone[_ROOT][1] <= 127:
            wanted = (zone[_SAMPLE][1], zone[_ROOT][1])
            if samples[wanted[0]][_PITCH_AT] == wanted[1]:
                continue
            if wanted not in copies:
                copies[wanted] = len(samples)
                samples.append(_with_pitch(samples[wanted[0]], wanted[1]))
            zone[_SAMPLE][1] = copies[wanted]
    return b"".join(struct.pack("<HH", *row) for row in rows), b"".join([*samples, closing])


def _with_pitch(header: bytes, key: int) -> bytes:
    return header[:_PITCH_AT] + bytes([key]) + header[_PITCH_AT + 1 :]


def _chunks(data: bytes) -> dict[str, bytes]:
    chunks, at = {}, 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        chunks[data[at : at + 4].decode("ascii")] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
