"""A clip along its time: strips in the right place, words inside the plots and apart, and nothing where nothing is."""

import base64
import io
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.types import Beats, Scores, Timeline, Traits
from corpus.captions import EMOTIONS, GENRES
from page import along, figures


def traits(n_windows: int = 11, *, seconds: float = 30.0, change: bool = True, seed: int = 0) -> Traits:
    """Jazz that turns into metal in the middle; emotions waver."""
    rng = np.random.default_rng(seed)
    genre, emotion = [], []
    for i in range(n_windows):
        first, second = (5, 6) if i < n_windows / 2 or not change else (6, 5)
        p = np.full(10, 0.03)
        p[first], p[second] = 0.6, 0.16
        genre.append(Scores(GENRES, tuple(p / p.sum())))
        q = np.array([0.06, 0.08, 0.2, 0.18, 0.17, 0.06, 0.12, 0.05, 0.08]) * rng.uniform(0.8, 1.2, 9)
        emotion.append(Scores(EMOTIONS, tuple(q / q.sum())))
    window_s = min(10.0, seconds)
    centres = np.linspace(window_s / 2, seconds - window_s / 2, n_windows)
    timeline = Timeline(window_s, tuple(centres), tuple(genre), tuple(emotion))
    return Traits(genre[0], emotion[0], Beats(96, 0.9, 192), "A minor", 0.9, -14, 0.99, seconds, timeline)


def test_every_label_has_its_strip_and_the_top_ones_are_shown() -> None:
    drawn = along.strips(traits())
    assert drawn.count("data-label") == len(GENRES) + len(EMOTIONS)
    assert re.findall(r'is-on" data-label="(\w+)"', drawn) == ["jazz", traits().emotion.top]
    assert "Which seconds sound like jazz: most from 0:00 to 0:1" in drawn
    assert "Which seconds sound like metal: most from 0:1" in drawn
    assert "Which seconds sound tender" in drawn


def test_a_strip_has_its_ink_where_the_evidence_is() -> None:
    drawn = along.strips(traits())
    (png,) = re.findall(r'data-label="jazz".*?base64,([\w+/=]+)', drawn)
    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        ink = np.asarray(picture.getchannel("A"))
    assert ink.shape == (1, 30)
    assert ink[0, :12].min() > ink[0, 18:].max() + 60


def test_an_even_clip_has_even_strips_and_says_so() -> None:
    drawn = along.strips(traits(change=False))
    assert "Which seconds sound like jazz: even throughout" in drawn
    with Image.open(io.BytesIO(along.ink_png(np.zeros(30)))) as picture:
        assert len(set(np.asarray(picture.getchannel("A")).ravel())) == 1


def test_a_clip_of_one_window_gets_a_sentence_instead() -> None:
    short = traits(1, seconds=4.0)
    assert along.strips(short) == ""
    assert "too short" in along.plots(short)
    assert "<svg" not in along.plots(short)
    unknown = replace(short, timeline=None)
    assert along.strips(unknown) == along.plots(unknown) == ""
    assert not along.can_be_followed(short)


def test_stacked_areas_stay_inside_and_name_every_tone() -> None:
    drawn = along.areas(along.curves(traits().timeline, "genre", 30.0))  # type: ignore[arg-type]
    tones = set(re.findall(r'class="syn-area" data-tone="(\d)"', drawn))
    assert tones == {"0", "1"}
    assert set(re.findall(r'class="syn-tag" data-tone="(\d)"', drawn)) == tones
    heights = [float(y) for path in re.findall(r' d="([^"]+)"', drawn) for y in re.findall(r"\d+ ([\d.]+)", path)]
    assert 0 <= min(heights) < max(heights) <= 100
    assert {"jazz", "metal", "others"} == set(re.findall(r'%">([^<]+)</span>', drawn))


@pytest.mark.parametrize("seed", range(8))
def test_names_at_lines_stay_inside_and_apart(seed: int) -> None:
    along_clip = traits(seed=seed).timeline
    assert along_clip is not None
    drawn = along.lines(along.curves(along_clip, "emotion", 30.0))
    places = re.findall(r'data-tone="(\w+)" style="left:([\d.]+)%;top:([\d.]+)%">([^<]+)</span>', drawn)
    tags = [along.Tag(word, None, float(x) / 100, 1 - float(y) / 100, len(word) * 0.011) for _, x, y, word in places]
    named = [tag for tag in tags if not tag.word.endswith("%")]
    assert len(named) == 4
    for tag in named:
        assert tag.half_width - 0.02 <= tag.x <= 1 - tag.half_width + 0.02
        assert 0 < tag.y < 1
    for i, one in enumerate(named):
        assert not any(one.overlaps(other) for other in named[i + 1 :])


def test_small_changes_look_small() -> None:
    wavering = traits(seed=1).timeline
    assert wavering is not None
    level = tuple(Scores(EMOTIONS, (1 / 9 + (i % 2) * 1e-4, *(1 / 9 - (i % 2) * 1e-4 / 8,) * 8)) for i in range(11))
    drawn = along.lines(along.curves(replace(wavering, emotion=level), "emotion", 30.0))
    for path in re.findall(r'class="syn-line"[^>]* d="([^"]+)"', drawn):
        assert np.ptp([float(y) for y in re.findall(r"\d+ ([\d.]+)", path)]) < 1


@pytest.mark.parametrize("seconds", [12, 30, 61.5, 240, 600])
def test_the_axis_has_few_round_times(seconds: float) -> None:
    times = re.findall(r">(\d+:\d\d)<", along.axis(seconds))
    assert times[0] == "0:00"
    assert 4 <= len(times) <= 7


def test_a_plot_is_put_into_words_too() -> None:
    drawn = along.plots(traits())
    (genre, emotion) = re.findall(r'class="syn-plot" role="img" aria-label="([^"]+)"', drawn)
    assert re.match(r"at the start jazz \d\d %, metal \d\d %", genre)
    assert "at the end" in emotion


def test_the_bars_choose_the_strip() -> None:
    drawn = figures.bars("Genre", traits().genre, kind="genre")
    assert drawn.count('data-speaks="genre"') == len(GENRES)
    assert re.findall(r'data-label="(\w+)" aria-pressed="true"', drawn) == ["jazz"]
    assert "<button" not in figures.bars("Genre", traits().genre)


def test_all_of_it_takes_no_time() -> None:
    heard = traits(48, seconds=600.0)
    along.strips(heard)
    times = []
    for _ in range(3):
        started = time.thread_time()
        along.strips(heard), along.plots(heard)
        times.append(time.thread_time() - started)
    assert min(times) < 0.05
