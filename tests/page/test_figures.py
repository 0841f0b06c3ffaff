"""The drawings: right shapes in the right places, and nothing of a person's text taken for markup."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from core.types import AudioClip, Beats, Description, Provenance, Scores, Traits
from page import figures

RATE = 22050
EVIL = "<script>alert('x')</script>\""


def tone(hz: float, seconds: float = 2.0) -> AudioClip:
    time_s = np.arange(int(RATE * seconds)) / RATE
    return AudioClip((0.5 * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)[None], RATE)


def description(**beats: float) -> Description:
    told = {"tempo_bpm": 96.0, "confidence": 0.8, "alternative_bpm": 192.0} | beats
    traits = Traits(
        Scores(("jazz", "hiphop"), (0.3, 0.7)), Scores(("joyful_activation", "power"), (0.9, 0.1)),
        Beats(**told), "A minor", 0.7, -14.2, 0.9, 61.4,
    )  # fmt: skip
    return Description(traits, "A piece.", "a picture", "a piece")


def test_bars_are_ranked_and_readable() -> None:
    drawn = figures.bars("Genre", description().traits.genre)
    assert drawn.index("hip hop") < drawn.index("jazz")
    assert "--p:0.7000" in drawn
    assert "70 %" in drawn


def test_facts_offer_the_other_tempo() -> None:
    assert re.search(r"96 bpm .*80 % sure.*or 192\?", figures.facts(description()))
    assert re.search(r"192 bpm +<button.*or 96\?", figures.facts(description(), 192.0))
    assert "data-swap" not in figures.facts(description(alternative_bpm=96.2))


def test_beats_stand_where_they_are_heard() -> None:
    assert figures.beat_path((0.0, 1.0, 2.0), 4.0) == "M0.0 100v-9M250.0 100v-9M500.0 100v-9"
    assert figures.beat_path((5.0,), 4.0) == ""
    assert figures.beat_path(tuple(np.arange(0, 600, 0.5)), 600.0).count("M") <= 400


def test_the_waveform_is_as_high_as_the_sound_is_loud() -> None:
    fade = AudioClip(np.linspace(0, 1, RATE, dtype=np.float32)[None] * tone(440, 1.0).samples, RATE)
    heights = [float(b) - float(a) for a, b in re.findall(r"M\d+ ([\d.]+)V([\d.]+)", figures.waveform_path(fade))]
    assert len(heights) == figures.N_PEAKS
    assert heights[-1] > 80
    assert heights[0] < 20
    assert figures.waveform_path(AudioClip(np.zeros((1, RATE), np.float32), RATE))


@pytest.mark.parametrize(("low_hz", "high_hz"), [(200.0, 1000.0), (1000.0, 5000.0)])
def test_a_higher_tone_stands_higher_in_the_spectrogram(low_hz: float, high_hz: float) -> None:
    rows = [int(figures.mel_levels(tone(hz)).mean(axis=1).argmax()) for hz in (low_hz, high_hz)]
    assert rows[0] < rows[1]
    with Image.open(io.BytesIO(figures.spectrogram_png(tone(low_hz)))) as drawn:
        ink = np.asarray(drawn.getchannel("A"))
    assert ink.shape[0] == 64
    assert ink.mean(axis=1).argmax() == 63 - rows[0]  # low at the foot


def test_silence_leaves_the_spectrogram_empty() -> None:
    assert figures.mel_levels(AudioClip(np.zeros((1, RATE), np.float32), RATE)).max() == 0


def test_the_caption_has_what_stands_out_and_notes_below_it() -> None:
    drawn = figures.words("A piece.", ["First.", "Second."], ["Most jazz-like from 0:12 to 0:21."])
    assert drawn.index("A piece.") < drawn.index("Most jazz-like") < drawn.index("First. Second.")
    assert "syn-note" not in figures.words("A piece.")
    assert "syn-moments" not in figures.words("A piece.")


def test_a_player_holds_what_it_is_given_to_show_along_the_clip() -> None:
    drawn = figures.player(tone(440), source="a.wav", name="A", strips="<b>strips</b>", below="<b>below</b>")
    assert (
        drawn.index("syn-wave") < drawn.index("<b>strips</b>") < drawn.index("<figcaption>") < drawn.index("<b>below")
    )


def test_nothing_that_a_person_wrote_becomes_markup() -> None:
    source = Provenance(EVIL, "", "bundled", EVIL, (EVIL,))
    drawn = [
        figures.words(EVIL, [EVIL], [EVIL]), figures.provenance(source, EVIL),
        figures.downloads([(EVIL, EVIL, EVIL)]), figures.player(tone(440), source=EVIL, name=EVIL),
        figures.stages("see", what=EVIL), figures.bars(EVIL, Scores((EVIL,), (1.0,)), kind=EVIL),
    ]  # fmt: skip
    for html in drawn:
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_the_stages_mark_where_the_job_is() -> None:
    assert re.findall(r'<li class="(\w*)">', figures.stages("see", fraction=0.5)) == ["was", "now", ""]
    assert re.findall(r'<li class="(\w*)">', figures.stages("done", state="done")) == ["was", "was", "was"]
    assert "width:50%" in figures.stages("see", fraction=0.5)
