"""The estimate before, the time left meanwhile, and how both are put."""

import pytest

from core.types import MusicRequest
from pipelines import pace
from pipelines.pace import Kind

KIND = Kind("musicgen", "here@", "bundled", "cpu", 1)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_learned", {})


def test_a_first_guess_depends_on_the_tier_and_device() -> None:
    assert pace.expected_s(KIND, 10) == pytest.approx(10 * pace.FIRST_S_PER_S["bundled"])
    on_cpu, on_gpu = (pace.expected_s(Kind("m", "x", "full", device, 1), 10) for device in ("cpu", "cuda"))
    assert on_cpu > 5 * on_gpu


def test_experience_replaces_the_guess_and_the_newest_counts_most() -> None:
    pace.learn(KIND, 10.0, 5.0)
    assert pace.expected_s(KIND, 20) == pytest.approx(10.0)
    for _ in range(20):
        pace.learn(KIND, 10.0, 1.0)
    assert pace.expected_s(KIND, 20) == pytest.approx(2.0, rel=0.01)
    pace.learn(KIND, 10.0, 5.0)
    assert 2.0 < pace.expected_s(KIND, 20) < 10.0


def test_another_batch_lends_its_experience_and_another_model_does_not() -> None:
    pace.learn(Kind("musicgen", "here@", "bundled", "cpu", 2), 10.0, 4.0)
    pace.learn(Kind("musicgen", "here@", "bundled", "cpu", 8), 10.0, 3.0)
    assert pace.expected_s(Kind("musicgen", "here@", "bundled", "cpu", 4), 10) == pytest.approx(4.0)
    assert pace.expected_s(Kind("musicgen", "there@", "bundled", "cpu", 2), 10) == pytest.approx(0.8)


def test_an_estimate_for_a_request_counts_its_clips_and_knows_its_engines() -> None:
    request = MusicRequest("jazz", engine="composer", seconds=20.0)
    assert pace.estimate_s(request, n=3) == pytest.approx(60 * pace.FIRST_S_PER_S["rules"])
    assert pace.estimate_s(MusicRequest("jazz", engine="kazoo")) is None


@pytest.mark.parametrize(
    ("fraction", "elapsed_s", "expected_s", "left_s"),
    [
        (0.0, 0.0, None, None),  # nothing is known
        (0.0, 3.0, 10.0, 7.0),
        (0.5, 4.0, None, 4.0),
        (0.5, 4.0, 100.0, 4.0),  # from the middle on its own speed counts alone
        (0.25, 2.0, 10.0, 7.0),  # half of each: 6 by its speed, 8 by the estimate
        (0.0, 50.0, 10.0, 5.0),  # later than expected: still something
        (1.0, 9.0, 10.0, 0.0),
        (1.7, 9.0, None, 0.0),
    ],
)
def test_what_is_left(fraction: float, elapsed_s: float, expected_s: float | None, left_s: float | None) -> None:
    assert pace.remaining_s(fraction, elapsed_s, expected_s=expected_s) == (
        left_s if left_s is None else pytest.approx(left_s)
    )


def test_progress_says_what_is_left_where_it_is_worth_it() -> None:
    time_s = iter([100.0, 100.0, 104.0, 107.9])
    said: list[str] = []
    telling = pace.told(lambda _, what: said.append(what), 8.0, clock=lambda: next(time_s))
    for fraction in (0.0, 0.5, 0.99):
        telling(fraction, "composing")
    assert said == ["composing, about 8 s left", "composing, about 4 s left", "composing"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (4.4, "4 s"), (9.6, "10 s"), (42.4, "40 s"), (58.0, "1 min"), (200.0, "3 min")]
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert pace.in_words(seconds) == words
