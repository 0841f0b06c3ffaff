"""The piano roll of a piece, as HTML: a tone for each of the four busiest tracks, grey for the rest, drums in a lane.

The drawing is 1000 units wide whatever the length, one unit high a semitone, and stretched by CSS; it carries classes
and tones (page/look.css), no colours. Times in seconds.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from page.figures import WIDTH, escape

N_TONES = 4
DRUMS = "drums"
_LEAST_SPAN = 24
"""Semitones that are always shown: a bass alone shall not fill the picture with three fat bars."""
_DRUM_ROWS = (
    ("kick", (35, 36)),
    ("snare", (37, 38, 39, 40, 41, 43, 45, 47, 48, 50)),
)
"""Key -> row of the lane, from the foot; cymbals and everything else are the top row."""
_CAP, _FAR_S = 3.5, 30.0


@dataclass(frozen=True)
class PlayedNote:
    """One note: which track plays it, MIDI pitch 0..127 (of drums: the key), from when to when."""

    track: str
    pitch: int
    start_s: float
    end_s: float
    is_drum: bool = False


def notes_of(midi: bytes) -> tuple[PlayedNote, ...]:
    """Every note of a Standard MIDI File, in order of their start. Raises ValueError for bytes that are no MIDI."""
    found = [
        PlayedNote(_name(track.name, index, track.is_drum), note.pitch, note.time, note.end, track.is_drum)
        for index, track in enumerate(_score(midi).to("second").tracks)
        for note in track.notes
    ]
    return tuple(sorted(found, key=lambda note: (note.start_s, note.pitch)))


def bar_beats_of(midi: bytes) -> int:
    """Beats in a bar by the file's first time signature, 4 without one; of 6/8, 9/8 and 12/8 the dotted ones.

    Raises ValueError for bytes that are no MIDI.
    """
    signatures = _score(midi).time_signatures
    if not len(signatures):
        return 4
    beats, unit = signatures[0].numerator, signatures[0].denominator
    return beats // 3 if unit == 8 and beats % 3 == 0 and beats > 3 else max(1, beats)


def _score(midi: bytes) -> Any:
    from symusic import Score

    try:
        return Score.from_midi(midi)
    except Exception as error:  # symusic raises what its C++ raises
        raise ValueError("these bytes are no Standard MIDI File") from error


def _name(written: str, index: int, is_drum: bool) -> str:
    cleaned = re.sub(r"[\x00-\x1f\x7f]+", " ", written).strip()[:40]
    return cleaned or (DRUMS if is_drum else f"track {index + 1}")


def tones(notes: Sequence[PlayedNote]) -> dict[str, str]:
    """Pitched track -> tone, "0" to "3" for the four with most notes, "rest" for the others; highest track first."""
    pitched = [note for note in notes if not note.is_drum]
    count = Counter(note.track for note in pitched)
    # ties by name, so that the same piece has the same colours each time
    busiest = {track for track, _ in sorted(count.items(), key=lambda item: (-item[1], item[0]))[:N_TONES]}
    height = {track: sum(n.pitch for n in pitched if n.track == track) / count[track] for track in count}
    order = sorted(count, key=lambda track: (-height[track], track))
    free = iter(range(N_TONES))
    return {track: str(next(free)) if track in busiest else "rest" for track in order}


def roll(notes: Sequence[PlayedNote], seconds: float) -> str:
    """The roll and, where there are drums, their lane below it; empty without notes."""
    heard = [note for note in notes if note.start_s < seconds]
    drawn = _pitched([n for n in heard if not n.is_drum], seconds) + _lane([n for n in heard if n.is_drum], seconds)
    return f'<div class="syn-roll" role="img" aria-label="{escape(_summary(heard))}">{drawn}</div>' if drawn else ""


def legend(notes: Sequence[PlayedNote], *, are_estimate: bool = False) -> str:
    """Which tone is which track, and whether the notes were only heard."""
    rows = list(tones(notes).items())
    rows += [(DRUMS, DRUMS)] if any(note.is_drum for note in notes) else []
    items = "".join(f'<li data-tone="{tone}"><i></i>{escape(track)}</li>' for track, tone in rows)
    if not items:
        return ""
    doubt = '<li class="syn-doubt">notes are an estimate, heard in the sound</li>' if are_estimate else ""
    return f'<ul class="syn-legend" aria-label="Tracks">{items}{doubt}</ul>'


def _pitched(notes: Sequence[PlayedNote], seconds: float) -> str:
    if not notes:
        return ""
    low, high = _range([note.pitch for note in notes])
    bars: dict[str, list[str]] = {track: [] for track in reversed(tones(notes))}
    for note in notes:
        bars[note.track].append(_bar(note, high - note.pitch, seconds))
    toned = tones(notes)
    paths = "".join(f'<path data-tone="{toned[track]}" d="{"".join(drawn)}"/>' for track, drawn in bars.items())
    octaves = "".join(f"M0 {high - pitch + 1}H{WIDTH}" for pitch in range(low, high + 1) if pitch % 12 == 0)
    return (
        f'<svg class="syn-keys" viewBox="0 0 {WIDTH} {high - low + 1}" preserveAspectRatio="none">'
        f'<path class="syn-octave" d="{octaves}"/>{paths}</svg>'
    )


def _range(pitches: Sequence[int]) -> tuple[int, int]:
    """Lowest and highest pitch shown: those that sound with one to spare, at least two octaves."""
    low, high = min(pitches) - 1, max(pitches) + 1
    lacking = max(0, _LEAST_SPAN - (high - low))
    return low - lacking // 2, high + (lacking + 1) // 2


def _lane(notes: Sequence[PlayedNote], seconds: float) -> str:
    if not notes:
        return ""
    n_rows = len(_DRUM_ROWS) + 1
    strokes = "".join(_stroke(note, n_rows - 1 - _drum_row(note.pitch), seconds) for note in notes)
    return (
        f'<svg class="syn-drums" viewBox="0 0 {WIDTH} {n_rows}" preserveAspectRatio="none">'
        f'<path data-tone="{DRUMS}" d="{strokes}"/></svg>'
    )


def _drum_row(key: int) -> int:
    return next((row for row, (_, keys) in enumerate(_DRUM_ROWS) if key in keys), len(_DRUM_ROWS))


def _bar(note: PlayedNote, row: int, seconds: float) -> str:
    """A note as a stroke whose round ends reach from its start to its end on a page of usual width.

    Long pieces are also looked at near to, where a cap is nothing: there the stroke itself has the note's length.
    """
    cap = _CAP if seconds <= _FAR_S else 0.2
    left, right = (WIDTH * min(t, seconds) / seconds for t in (note.start_s, note.end_s))
    return f"M{left + cap:.1f} {row + 0.5:g}h{max(0.1, right - left - 2 * cap - 0.3):.1f}"


def _stroke(note: PlayedNote, row: int, seconds: float) -> str:
    """A drum stroke as a short upright line: its written length means nothing."""
    return f"M{WIDTH * note.start_s / seconds:.1f} {row + 0.12:g}v.76"


def _summary(notes: Sequence[PlayedNote]) -> str:
    """What the roll shows, in words."""
    names = [*tones(notes), *([DRUMS] if any(note.is_drum for note in notes) else [])]
    return f"Piano roll: {len(notes)} notes of {', '.join(names)}"
