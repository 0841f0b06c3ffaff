"""The soundfont in tune: what the synthesizer plays has the pitch it was asked for, and the file stays a soundfont."""

from functools import cache
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
from symusic import Note, Score, Synthesizer, Tempo, Track

from corpus.soundfont import in_tune

RATE = 44_100
ORIGINAL = Path(pretty_midi.__file__).with_name("TimGM6mb.sf2")


@cache
def mended() -> bytes:
    return in_tune(ORIGINAL.read_bytes())


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("soundfont") / "in_tune.sf2"
    path.write_bytes(mended())
    return path


def semitones_off(soundfont: Path, program: int, pitch: int) -> float:
    """How far the note's lowest six harmonics are from where they should be, octaves apart being the same (0 to 6)."""
    sheet = Score(480)
    sheet.tempos.append(Tempo(0, qpm=120))
    track = Track(name="one", program=program, is_drum=False)
    track.notes.append(Note(0, 960, pitch, 90))
    sheet.tracks.append(track)
    sound = np.asarray(Synthesizer(sf_path=str(soundfont), sample_rate=RATE, quality=0).render(sheet, True)).mean(0)
    heard = sound[RATE // 5 : RATE * 4 // 5]
    spectrum, hz = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 1 << 17)), np.fft.rfftfreq(1 << 17, 1 / RATE)
    tried = np.arange(-6, 6.05, 0.1)
    bases = 440 * 2 ** ((pitch + tried - 69) / 12)
    floor = 1e-3 * spectrum.max()
    at = np.searchsorted(hz, bases[:, None] * np.arange(1, 7))
    near = np.max([spectrum[at + k] for k in range(-3, 4)], axis=0)
    return float(abs(tried[np.log(floor + near).sum(axis=1).argmax()]))


@pytest.mark.parametrize(
    ("program", "pitch"), [(0, 60), (0, 67), (4, 60), (24, 55), (32, 38), (34, 43), (38, 38), (40, 67), (73, 72)]
)
def test_notes_have_the_pitch_that_was_asked_for(tuned: Path, program: int, pitch: int) -> None:
    assert semitones_off(tuned, program, pitch) < 0.25


def test_the_original_is_out_of_tune() -> None:
    """As long as this holds the mended file is needed: a double bass a minor third flat."""
    assert semitones_off(ORIGINAL, 32, 38) == pytest.approx(3, abs=0.25)


def test_only_tables_of_zones_and_headers_change() -> None:
    original, after = ORIGINAL.read_bytes(), mended()
    samples = original.index(b"smpl")
    size = int.from_bytes(original[samples + 4 : samples + 8], "little")
    assert after[12 : samples + 8 + size] == original[12 : samples + 8 + size]
    assert int.from_bytes(after[4:8], "little") == len(after) - 8
    assert 0 < len(after) - len(original) < 46 * 1000
    assert after.endswith(original[-46:])  # the closing header stays last
    assert in_tune(after) == after


@pytest.mark.parametrize("other", [b"", b"RIFF\0\0\0\0WAVEfmt ", b"RIFF\0\0\0\0sfbk"])
def test_other_files_are_refused(other: bytes) -> None:
    with pytest.raises(ValueError, match="SoundFont"):
        in_tune(other)
