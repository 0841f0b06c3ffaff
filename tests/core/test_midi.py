"""Settings inside MIDI files, which stay the same music."""

from pathlib import Path

import pytest
from symusic import Note, Score, Tempo, Track

from core import midi


def sheet() -> bytes:
    score = Score(480)
    score.tempos.append(Tempo(0, qpm=96))
    track = Track(name="melody", program=11)
    track.notes.append(Note(0, 480, 60, 90))
    score.tracks.append(track)
    return bytes(score.dumps_midi())


@pytest.mark.parametrize("text", ["", "{}", "x" * 127, '{"prompt": "ü"}' * 2000])
def test_text_comes_back_and_the_music_stays(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(midi.with_text(sheet(), text))
    assert midi.text_in(path) == text
    score = Score(str(path))
    assert score.tempos[0].qpm == pytest.approx(96, abs=0.01)
    assert [(n.pitch, n.duration) for track in score.tracks for n in track.notes] == [(60, 480)]
    assert score.tracks[0].program == 11


@pytest.mark.parametrize("content", [b"", b"MThd", b"MThd....MTrk", b"RIFF", b"MThd....MTrk\0\0\0\4\0\xff\1\xff"])
def test_other_files_have_none_and_are_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(content)
    assert midi.text_in(path) is None
    if len(content) < 16:
        assert midi.with_text(content, "text") == content


def test_a_plain_midi_file_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(sheet())
    assert midi.text_in(path) is None
    assert midi.text_in(tmp_path / "nothing.mid") is None
