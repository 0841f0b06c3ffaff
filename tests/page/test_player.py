"""The player of generated music: what it draws, and that nothing of a person's text is taken for markup."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.types import AudioClip, GeneratedClip, MusicRequest, Provenance
from page import player
from page.player import Tune
from page.roll import PlayedNote
from page.stream import PieceLog

RATE = 32000
TAGS = set(re.findall(r"\w+", "figure figcaption img div b span p svg path i ul li button canvas label input a"))
EVIL = "<script>alert('x')</script>\""
TUNE = Tune("gradio_api/file=/x/tune.wav", 8.0, RATE, peaks=(0.1, 0.5, 0.25, 0.0))


def tone(seconds: float = 2.0) -> AudioClip:
    return AudioClip((0.5 * np.sin(np.arange(round(seconds * RATE)) / 20)).astype(np.float32)[None], RATE)


def midi() -> bytes:
    """One note of one second."""
    from symusic import Note, Score, Tempo, Track

    score, track = Score(480), Track(name="tune")
    score.tempos.append(Tempo(0, qpm=120))
    track.notes.append(Note(0, 960, 60, 90))
    score.tracks.append(track)
    return bytes(score.dumps_midi())


def test_nothing_of_a_persons_text_is_taken_for_markup() -> None:
    evil = Tune(
        EVIL, 2.0, RATE, title=EVIL, facts=EVIL, match_sentence=EVIL, cover_url=EVIL, job=EVIL,
        downloads=((EVIL, EVIL, EVIL),), notes=(PlayedNote(EVIL, 60, 0.0, 1.0),),
    )  # fmt: skip
    for drawn in (
        player.player_html(evil),
        player.stream_html(PieceLog(Path("/x"), 2.0, job=EVIL).update(), title=EVIL),
    ):
        reader = Reader()
        reader.feed(drawn)
        assert reader.tags <= TAGS
        assert {text for text in reader.texts if "alert" in text} == {EVIL}


class Reader(HTMLParser):
    """Collects the tags and texts of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.add(data)


def test_only_a_long_piece_can_be_looked_at_closer() -> None:
    assert 'aria-label="Look closer"' not in player.player_html(TUNE)
    assert 'aria-label="Look closer"' in player.player_html(replace(TUNE, seconds=60.0))


def test_everything_can_be_reached_and_is_named() -> None:
    drawn = player.player_html(replace(TUNE, notes=(PlayedNote("tune", 60, 0.0, 1.0),)))
    for name in ("Play", "Loop", "Volume", "Position", "Waveform", "Spectrum, low to high", "Tracks"):
        assert f'aria-label="{name}"' in drawn
    assert 'role="slider" tabindex="0"' in drawn
    assert 'aria-valuemax="8"' in drawn


def test_a_generated_clip_becomes_a_tune() -> None:
    request = MusicRequest(
        "words", genre="jazz", emotion="joyful_activation", tempo_bpm=96.2, key="A minor", seconds=2.0
    )
    made = GeneratedClip(tone(), request, Provenance("m", "", "rules", ""), midi(), midi_is_estimate=True)
    assert player.tune_of(replace(made, midi_is_estimate=False), sound=Path("/x")).bar_beats == 4
    tune = player.tune_of(made, sound=Path("/x/a b.wav"))
    assert tune.bar_beats == 0  # beats that were heard are in no bar
    assert (tune.title, tune.facts) == ("Jazz, joyful activation", "96 bpm · A minor · 0:02")
    assert tune.sound_url == "gradio_api/file=/x/a%20b.wav"
    assert len(tune.peaks) == 250
    assert max(tune.peaks) == pytest.approx(0.5, abs=0.01)
    assert tune.notes == (PlayedNote("tune", 60, 0.0, 1.0),)
    assert "estimate" in player.player_html(tune)
    assert player.tune_of(replace(made, midi=b"broken"), sound=Path("/x")).notes == ()


def test_a_stream_says_how_much_is_made_and_how_long_the_rest_takes(tmp_path: Path) -> None:
    log = PieceLog(tmp_path, seconds=8.0)
    assert "Making the first seconds" in player.stream_html(log.update())
    update = log.add(tone()) | {"left_s": 11.6}
    drawn = player.stream_html(update)  # type: ignore[arg-type]
    assert "2 of 8 s made, about 12 s to go" in drawn
    assert 'class="syn-made" style="width:25.00%"' in drawn
    strokes = [float(x) for x in re.findall(r"M([\d.]+) [\d.]+V", drawn)]
    assert 240 < max(strokes) < 250  # the waveform ends where the sound does
    feed = re.search(r'data-feed="([^"]*)"', drawn)
    assert feed
    told = json.loads(feed[1].replace("&quot;", '"'))
    assert told["ends"] == [64000]
    assert told["base"].endswith("/piece-")
    whole = log.add(tone(6.0))
    assert "8 of 8 s made, finishing" in player.stream_html(whole)
    assert f'data-job="{log.job}"' in player.player_html(replace(TUNE, job=log.job))


def test_a_clip_without_a_job_is_named_after_its_file() -> None:
    jobs = [re.search(r'data-job="(\w+)"', player.player_html(replace(TUNE, sound_url=url))) for url in ("a", "b", "a")]
    names = [job[1] for job in jobs if job]
    assert names[0] == names[2] != names[1]


def test_style_and_script_fetch_nothing_from_outside() -> None:
    for path in (player.STYLE_SHEET, *player.SCRIPTS):
        assert not re.search(r"https?://|@import|src=", path.read_text())
    assert player.head().count("</script") == 1
