"""The lanes: strokes as high as the sound is loud, beats where they fall, times that stay apart."""

import re

import numpy as np
import pytest

from core.types import AudioClip
from page import lanes
from tests.page.drawn import path_of, xs


def test_beats_and_stronger_downbeats_lie_on_the_waveform() -> None:
    beats = tuple(0.5 * i for i in range(16))
    drawn = lanes.grid(beats, 3, 8.0)
    assert xs(path_of(drawn, 'class="syn-beats"')) == pytest.approx([62.5 * i for i in range(16)], abs=0.06)
    assert xs(path_of(drawn, 'class="syn-downbeats"')) == pytest.approx([187.5 * i for i in range(6)], abs=0.06)
    assert 'data-beats="16"' in drawn
    assert "syn-downbeats" not in lanes.grid(beats, 0, 8.0)
    assert lanes.grid((), 4, 8.0) == ""


def test_so_many_beats_that_they_would_be_a_veil_are_for_looking_closer() -> None:
    beats = tuple(0.3 * i for i in range(1000))
    drawn = lanes.grid(beats, 4, 300.0)
    kinds = ('class="syn-beats" data-many', 'class="syn-downbeats" data-many', 'class="syn-downbeats"')
    assert [len(xs(path_of(drawn, kind))) for kind in kinds] == [1000, 250, 63]


def test_the_waveform_fills_the_height_with_its_loudest_stroke() -> None:
    drawn = lanes.waveform((0.1, 0.5, 0.25, 0.0), 1.0)
    strokes = re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", drawn)
    heights = [float(foot) - float(top) for _, top, foot in strokes]
    assert len(strokes) == 4
    assert heights.index(max(heights)) == 1
    assert max(heights) == pytest.approx(90)
    assert min(heights) > 1  # silence is a thin line


def test_a_stream_has_as_many_strokes_as_its_part_of_the_width_has_room_for() -> None:
    strokes = [0.1] * 999 + [0.9]
    assert lanes.thinned(strokes, 0.5) == [0.1] * 124 + [0.9]
    assert lanes.thinned(strokes[-3:], 0.5) == [0.1, 0.1, 0.9]


def test_a_long_clip_has_strokes_and_times_for_looking_closer() -> None:
    short, long = (AudioClip(np.full((1, 1000 * s), 0.5, np.float32), 1000) for s in (10, 60))
    assert len(lanes.peaks_of(short)) == lanes.N_STROKES
    assert len(lanes.peaks_of(long)) == 480
    assert set(lanes.peaks_of(long)) == {0.5}
    assert "syn-fine" not in lanes.times(10.0)
    assert lanes.times(60.0).count("<span", lanes.times(60.0).index("syn-fine")) == 12
