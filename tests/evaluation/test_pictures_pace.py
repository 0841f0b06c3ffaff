"""Times of a picture, with painters that take a known time."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.types import ImageRequest
from evaluation import pictures_pace
from evaluation.pictures_pace import pace, using


def test_both_are_timed_by_the_clock_and_by_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def plain(pipeline: Path) -> Callable[[str, int], None]:
        return lambda prompt, steps: (asked.append(steps), time.sleep(0.002 * steps))[1]  # type: ignore[func-returns-value]

    monkeypatch.setattr(pictures_pace, "illustrate", lambda request: time.sleep(0.02))
    monkeypatch.setattr(pictures_pace, "plain_painter", plain)
    found = pace(Path(), ["sea", "forest", "stage"], threads=2)
    assert (found.threads, found.n, found.n_plain) == (2, 3, 2)
    assert asked == [1, 50, 50]  # one to warm up
    assert 0.02 <= found.wall_s < found.plain_wall_s
    assert found.plain_wall_s >= 0.1
    assert found.cpu_s < 0.02  # a sleeper spends nothing


def test_prompts_get_seeds_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: dict[str, int] = {}

    def note(request: ImageRequest) -> None:
        seeds[request.prompt] = request.seed

    monkeypatch.setattr(pictures_pace, "illustrate", note)
    monkeypatch.setattr(pictures_pace, "plain_painter", lambda pipeline: lambda prompt, steps: None)
    pace(Path(), ["sea", "forest"], threads=1)
    assert seeds == {"sea": 0, "forest": 1}


def test_the_number_of_threads_is_put_back_also_after_a_fault() -> None:
    before = torch.get_num_threads()
    within: list[int] = []

    def fail() -> None:
        with using(before + 1):
            within.append(torch.get_num_threads())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert within == [before + 1]
    assert torch.get_num_threads() == before
