"""Our settings in a Standard MIDI File: a text event at the start of its first track, which players pass over.

The Standard MIDI File 1.0: a chunk MThd, then chunks MTrk, each a name, a length (4 bytes, most significant first) and
its bytes; a text event is 00 (no wait) FF 01, its length in groups of seven bits, and the text.
"""

from pathlib import Path

NAME = "synthesete"
_TRACK, _TEXT = b"MTrk", b"\x00\xff\x01"
_LONGEST = 1 << 20


def with_text(midi: bytes, text: str) -> bytes:
    """The file with `text` in its first track under our NAME; bytes that are no such file come back as they are."""
    at = midi.find(_TRACK)
    if not midi.startswith(b"MThd") or at < 0 or len(midi) < at + 8:
        return midi
    said = f"{NAME}:{text}".encode()
    event = _TEXT + _seven_bits(len(said)) + said
    length = int.from_bytes(midi[at + 4 : at + 8], "big") + len(event)
    return midi[: at + 4] + length.to_bytes(4, "big") + event + midi[at + 8 :]


def text_in(path: Path) -> str | None:
    """What `with_text` put into the file at `path`, else None."""
    try:
        with path.open("rb") as file:
            head = file.read(_LONGEST)
    except OSError:
        return None
    at = head.find(_TRACK) + 8
    mark = f"{NAME}:".encode()
    if not head.startswith(b"MThd") or at < 8 or not head[at:].startswith(_TEXT):
        return None
    at += len(_TEXT)
    size, at = _read_seven_bits(head, at)
    said = head[at : at + size]
    return said[len(mark) :].decode(errors="replace") if said.startswith(mark) and len(said) == size else None


def _seven_bits(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(0x80 | (number & 0x7F))
    return bytes(reversed(groups))


def _read_seven_bits(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends."""
    number = 0
    for index in range(at, min(at + 4, len(data))):
        number = number << 7 | data[index] & 0x7F
        if data[index] < 0x80:
            return number, index + 1
    return 0, at
