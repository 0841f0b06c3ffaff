"""Deviations drawn like a drummer's: repeatable, bounded, without drift, and as correlated as the figures say."""

import json
from pathlib import Path

import numpy as np
import pytest

from corpus.captions import GENRES
from corpus.feel import FURTHEST_VELOCITY, PARTS, STEPS, TABLE, Feel, feel_of, humanised

ALL = feel_of("all")
LONG = np.arange(16 * 6000)


NOUGHT = ((0.0,) * STEPS,) * len(PARTS)
PLAIN = Feel("all", 1, 1, NOUGHT, NOUGHT, (2.0, 2.0, 2.0), (4.0, 4.0, 4.0), 0.8, 0.9, 0.3)
"""A feel without habits, whose deviations are too small to be compressed."""


@pytest.mark.parametrize("genre", [*GENRES, "all"])
def test_every_genre_has_a_feel(genre):
    feel = feel_of(genre)
    assert np.shape(feel.offset_ms) == np.shape(feel.velocity) == (len(PARTS), STEPS)
    assert np.abs(feel.offset_ms).max() < 20
    assert np.abs(np.mean(feel.offset_ms)) < 6
    assert 8 < min(feel.offset_sd_ms) <= max(feel.offset_sd_ms) < 25
    assert 0.5 < feel.wander < 0.95
    assert 0.8 < feel.persistence < 0.98
    assert hash(feel) == hash(feel_of(genre))


def test_genres_without_drummers_feel_as_all_do():
    assert feel_of("metal") == feel_of("classical") == ALL != feel_of("rock")


def test_the_same_arguments_give_the_same_deviations():
    steps, parts = np.arange(64), np.arange(64) % 3
    one, other = (humanised(steps, ALL, 7, parts=parts) for _ in range(2))
    np.testing.assert_array_equal(one.offset_s, other.offset_s)
    np.testing.assert_array_equal(one.velocity, other.velocity)
    assert (humanised(steps, ALL, 8, parts=parts).offset_s != one.offset_s).mean() > 0.9


@pytest.mark.parametrize("step_s", [0.05, 0.15, 0.3])
@pytest.mark.parametrize("genre", ["all", "jazz", "rock"])
def test_deviations_are_bounded_and_not_late_on_the_whole(genre, step_s):
    drawn = humanised(LONG, feel_of(genre), 3, parts=LONG % 3, step_s=step_s)
    assert np.abs(drawn.offset_s).max() < min(0.03, 0.35 * step_s)
    assert np.abs(drawn.offset_s.mean()) < 0.003
    assert np.abs(drawn.velocity).max() <= FURTHEST_VELOCITY


def test_without_habits_the_mean_is_nought():
    drawn = humanised(LONG, PLAIN, 1, parts=LONG % 3)
    assert np.abs(drawn.offset_s.mean()) < 0.0002
    assert np.abs(drawn.velocity.mean()) < 0.2


def test_deviation_and_correlation_are_those_of_the_feel():
    steps = np.repeat(LONG, 2)
    offsets = humanised(steps, PLAIN, 5, parts=steps % 3).offset_s.reshape(-1, 2)
    assert offsets.std() == pytest.approx(0.002, rel=0.03)
    assert np.corrcoef(offsets.T)[0, 1] == pytest.approx(0.8, abs=0.03)
    for lag in (1, 4, 8):
        assert np.corrcoef(offsets[:-lag, 0], offsets[lag:, 0])[0, 1] == pytest.approx(0.8 * 0.9**lag, abs=0.03)


def test_deviations_grow_with_the_root_of_the_step():
    fast, slow = (humanised(LONG[:100], PLAIN, 2, step_s=step_s).offset_s for step_s in (0.1, 0.4))
    np.testing.assert_allclose(slow, 2 * fast, rtol=0.05)


def test_habits_are_added_where_they_belong():
    drawn = humanised(LONG, ALL, 4, parts=np.full(len(LONG), 2))
    strokes = drawn.velocity.reshape(-1, STEPS).mean(axis=0)
    assert np.corrcoef(strokes, ALL.velocity[2])[0, 1] > 0.98


def test_players_of_one_seed_wander_together():
    steps = LONG[:4000]
    drums, bass = humanised(steps, ALL, 9).offset_s, humanised(steps[::2], ALL, 9, player=1).offset_s
    stranger = humanised(steps[::2], ALL, 10, player=1).offset_s
    assert np.corrcoef(drums[::2], bass)[0, 1] > 0.6
    assert np.corrcoef(drums[::2], stranger)[0, 1] < 0.2


def test_no_notes_give_no_deviations():
    assert humanised([], ALL, 0).offset_s.shape == (0,)


def test_the_table_is_small_and_names_its_source():
    assert TABLE.stat().st_size < 20_000
    assert "Gillick" in json.loads(TABLE.read_text())["source"]


GROOVE_DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "midi" / "groove"


@pytest.mark.skipif(not GROOVE_DATA.is_dir(), reason="the Groove MIDI data set is not here")
def test_the_table_is_what_the_data_set_measures():
    from corpus.microtiming import measure

    feels = measure(GROOVE_DATA)
    assert set(feels) == set(json.loads(TABLE.read_text())["feels"])
    assert all(feel == feel_of(genre) for genre, feel in feels.items())
