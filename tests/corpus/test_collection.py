"""A collection of composed music: sound, notes and labels that agree, and a run that goes on where it was stopped."""

import io
import json
from pathlib import Path

import pretty_midi
import pytest
import soundfile

from corpus import collection
from corpus.captions import EMOTIONS, GENRES, KEYS


def test_a_collection_is_labelled_sound_that_can_be_gone_on_with(tmp_path: Path) -> None:
    hours = list(collection.fill(tmp_path, 0.01, 3, 1))
    assert hours == sorted(hours)
    assert hours[-1] >= 0.01
    rows = [json.loads(line) for line in (tmp_path / collection.LABELS).read_text().splitlines()]
    for row in rows:
        info = soundfile.info(tmp_path / f"{row['name']}.flac")
        assert (info.samplerate, info.channels) == (32000, 2)
        assert info.duration == pytest.approx(row["seconds"], abs=0.01)
        song = pretty_midi.PrettyMIDI(io.BytesIO((tmp_path / f"{row['name']}.mid").read_bytes()))
        assert song.instruments
        assert row["genre"] in GENRES
        assert row["emotion"] in EMOTIONS
        assert row["key"] in KEYS
        assert len(row["captions"]) == collection.N_CAPTIONS
        assert row["sections"][0]["start_s"] == 0
    with (tmp_path / collection.LABELS).open("a") as lines:
        lines.write('{"name": "cut o')
    assert not list(collection.fill(tmp_path, 0.01, 3, 1))
    longer = list(collection.fill(tmp_path, hours[-1] + 0.002, 3, 1))
    assert longer
    assert len(collection.written(tmp_path)) == len(rows) + len(longer)


def test_sections_are_told_in_seconds() -> None:
    from corpus.composer import compose

    tokens = compose(2, genre="pop", tempo_bpm=120, metre="4/4", seconds=60.0)
    found = collection.sections(tokens)
    assert found[-1]["kind"] == "ending"
    assert all(row["start_s"] % 8 == 0 for row in found)  # a phrase of four bars lasts 8 s
