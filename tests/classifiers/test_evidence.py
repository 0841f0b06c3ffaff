"""Evidence by the second: flat where nothing changes, in the right place where something does, never amplified."""

import numpy as np
import pytest

from classifiers.evidence import MARKED, RANGE_NATS, by_label, evidence, stretch
from core.types import Scores, Timeline

GENRES = ("jazz", "metal", "pop")
EMOTIONS = ("calmness", "tension")


def timeline(log_jazz: np.ndarray, *, window_s: float = 10.0, hop_s: float = 2.0, noise: float = 0.0) -> Timeline:
    """What windows say of a clip whose seconds say `log_jazz`: the mean over their seconds, and some noise."""
    rng = np.random.default_rng(0)
    starts = np.arange(0, len(log_jazz) - window_s + 1e-6, hop_s)
    means = [log_jazz[round(s) : round(s + window_s)].mean() + noise * rng.normal() for s in starts]
    shares = np.exp(np.minimum(means, -0.01))
    genre = tuple(Scores(GENRES, (p, 0.7 * (1 - p), 0.3 * (1 - p))) for p in shares)
    emotion = tuple(Scores(EMOTIONS, (0.6, 0.4)) for _ in shares)
    return Timeline(window_s, tuple(starts + window_s / 2), genre, emotion)


def changing(at_s: int = 15, seconds: int = 30) -> np.ndarray:
    return np.log(np.where(np.arange(seconds) < at_s, 0.8, 0.1))


def test_an_even_clip_gives_an_even_strip() -> None:
    flat = timeline(np.full(30, np.log(0.6)))
    for label in (*GENRES, *EMOTIONS):
        assert np.abs(evidence(flat, label, seconds=30)).max() < 1e-6


def test_small_wavering_stays_small() -> None:
    # relative to its own maximum any clip would reach 1
    assert np.abs(evidence(timeline(np.full(60, np.log(0.6)), noise=0.05), "jazz", seconds=60)).max() < 0.15


@pytest.mark.parametrize(("window_s", "hop_s"), [(10, 2), (8, 2), (6, 2)])
def test_a_change_is_found_where_it_is_and_sharper_than_by_averaging(window_s: float, hop_s: float) -> None:
    truth = changing()
    windows = timeline(truth, window_s=window_s, hop_s=hop_s, noise=0.03)
    strip = evidence(windows, "jazz", seconds=30)
    assert np.flatnonzero(np.diff(np.sign(strip))) == pytest.approx([14], abs=1)
    said = np.log([scores.probabilities[0] for scores in windows.genre])
    inside = np.abs(np.array(windows.centres_s)[:, None] - np.arange(0.5, 30)) < window_s / 2
    average = (inside.T @ said) / np.maximum(1, inside.sum(axis=0))
    ideal = truth - truth.mean()
    error, blurred = (np.abs(x - ideal).mean() for x in (strip * RANGE_NATS["genre"], average - average.mean()))
    assert error < 0.9 * blurred


@pytest.mark.parametrize(("window_s", "hop_s", "step_s"), [(10, 2, 1), (6, 1.5, 0.5), (8, 7, 1)])
def test_it_is_the_least_squares_solution(window_s: float, hop_s: float, step_s: float) -> None:
    windows = timeline(changing(), window_s=window_s, hop_s=hop_s, noise=0.1)
    edges, centres = np.arange(0, 30 + step_s, step_s), np.array(windows.centres_s)[:, None]
    upper = np.minimum(centres + window_s / 2, edges[1:])
    heard = np.maximum(0, upper - np.maximum(centres - window_s / 2, edges[:-1])) / window_s
    smooth = np.sqrt(window_s**2 / 128 / (hop_s * step_s)) * np.diff(np.eye(heard.shape[1]), axis=0)
    said = np.log(np.maximum(0.02, [scores.probabilities[0] for scores in windows.genre]))
    expected = np.linalg.lstsq(np.vstack([heard, smooth]), np.r_[said, np.zeros(len(smooth))], rcond=None)[0]
    strip = evidence(windows, "jazz", seconds=30, step_s=step_s)
    assert strip == pytest.approx((expected - expected.mean()) / RANGE_NATS["genre"], abs=1e-9)


def test_what_speaks_for_one_label_speaks_against_the_others() -> None:
    strips = by_label(timeline(changing()), "genre", seconds=30)
    assert set(strips) == set(GENRES)
    assert strips["jazz"][:11].min() > 0.25
    assert strips["metal"][:11].max() < -0.25
    assert strips["metal"][19:].min() > 0.25
    assert all(np.abs(strip).max() <= 1 for strip in strips.values())


def test_a_hopeless_label_is_not_magnified() -> None:
    tiny = timeline(np.log(np.where(np.arange(30) < 15, 1e-6, 1e-3)))
    assert np.abs(evidence(tiny, "jazz", seconds=30)).max() < 1e-6


@pytest.mark.parametrize(("seconds", "step_s", "n"), [(30.0, 1.0, 30), (30.4, 1.0, 31), (30.0, 2.5, 12), (1.0, 1.0, 1)])
def test_one_value_a_step(seconds: float, step_s: float, n: int) -> None:
    windows = timeline(changing())
    strip = evidence(windows, "jazz", seconds=seconds, step_s=step_s)
    assert strip.shape == (n,)
    assert np.isfinite(strip).all()


def test_the_strip_hardly_depends_on_the_step() -> None:
    windows = timeline(changing(), noise=0.1)
    fine, coarse = (evidence(windows, "jazz", seconds=30, step_s=step_s) for step_s in (0.5, 1.0))
    assert np.abs(fine.reshape(30, 2).mean(axis=1) - coarse).max() < 0.05


def test_one_window_tells_nothing_about_seconds() -> None:
    assert np.abs(evidence(timeline(changing(seconds=10), window_s=10), "jazz", seconds=10)).max() < 1e-6


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="polka"):
        evidence(timeline(changing()), "polka", seconds=30)


def test_the_strongest_stretch_is_told() -> None:
    found = stretch(evidence(timeline(changing(12, 40)), "jazz", seconds=40), seconds=40)
    assert found is not None
    assert found[0] == 0
    assert found[1] == pytest.approx(12, abs=2)
    late = stretch(evidence(timeline(changing(12, 40)), "metal", seconds=39.5), seconds=39.5)
    assert late is None or late[1] == 39.5


def test_without_contrast_there_is_no_stretch() -> None:
    assert stretch(np.full(30, MARKED - 0.01), seconds=30) is None
    assert stretch(np.full(30, 0.9), seconds=30) is None  # nothing stands out where everything does
    one = np.full(30, -0.1)
    one[7] = 0.5
    assert stretch(one, seconds=30) == (7, 8)
