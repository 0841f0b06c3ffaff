"""Where painting over a drawing sets in, and what views may cost."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipelines import sampling
from pipelines.sampling import start


@pytest.mark.parametrize("strength", [0.02, 0.15, 0.25, 0.5, 0.75, 0.9, 0.98])
@pytest.mark.parametrize("steps", [1, 2, 4, 6, 8, 12, 25, 50])
@pytest.mark.parametrize("most_steps", [50, 1000])
def test_about_the_steps_asked_for_are_taken_from_about_the_strength(
    steps: int, strength: float, most_steps: int
) -> None:
    way = start(steps, strength, most_steps=most_steps)
    taken = int(way.steps * way.strength)  # as diffusers counts them
    assert taken == way.taken
    assert 1 <= taken <= steps + 1
    assert taken < way.steps <= most_steps, "from the first step on, the drawing would count for nothing"
    if steps >= 4:
        assert taken / way.steps == pytest.approx(1 - strength, abs=0.15 if strength < 0.1 else 0.08)
    if steps / (1 - strength) <= most_steps - 1:
        assert taken >= steps


def test_more_of_the_drawing_means_less_of_the_way() -> None:
    shares = [start(8, strength, most_steps=1000) for strength in (0.1, 0.3, 0.5, 0.7, 0.9)]
    ways = [way.taken / way.steps for way in shares]
    assert ways == sorted(ways, reverse=True)
    assert len(set(ways)) == 5


class Clock:
    """Seconds that pass only when a step or a view takes them."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.mark.parametrize(("view_s", "least", "most"), [(0.01, 10, 11), (0.25, 3, 7), (1.0, 1, 2), (10.0, 1, 1)])
def test_views_take_their_share_of_the_time_at_most(
    monkeypatch: pytest.MonkeyPatch, view_s: float, least: int, most: int
) -> None:
    clock, seen = Clock(), []

    def view(latents: Any) -> np.ndarray:
        clock.now_s += view_s
        return np.zeros((8, 8, 3), np.uint8)

    monkeypatch.setattr(sampling, "time", clock)
    model: Any = SimpleNamespace(preview=view)
    stepped = sampling._watch(model, 12, lambda *_: None, seen.append)
    for step in range(12):
        clock.now_s += 1.0
        stepped(None, step, None, {"latents": None})
    assert least <= len(seen) <= most
    assert (len(seen) - 1) * view_s <= 0.15 * clock.now_s


def test_the_last_step_has_no_view_for_the_picture_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    model: Any = SimpleNamespace(preview=lambda _: np.zeros((8, 8, 3), np.uint8))
    stepped = sampling._watch(model, 1, lambda *_: None, seen.append)
    stepped(None, 0, None, {"latents": None})
    assert not seen
