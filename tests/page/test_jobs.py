"""Jobs: progress arrives, results and errors come through, Stop stops, visitors take turns."""

import threading
import time
from collections.abc import Callable, Generator
from typing import TypeVar

import pytest

from core.errors import Cancelled, UserError
from core.types import Progress
from page.jobs import Desk, Job, Moment, Turn, watched

T = TypeVar("T")


def finish(steps: Generator[Moment, None, T]) -> tuple[list[Moment], T]:
    """All moments and the result."""
    moments = []
    while True:
        try:
            moments.append(next(steps))
        except StopIteration as done:
            return moments, done.value


def test_progress_arrives_and_the_result_comes_back() -> None:
    def work(progress: Progress) -> str:
        for step in range(3):
            progress(step / 3, f"step {step}")
            time.sleep(0.2)
        return "made"

    moments, result = finish(watched(Job("a"), work))
    assert result == "made"
    assert {"step 0", "step 1", "step 2"} <= {moment.what for moment in moments}
    assert [m.fraction for m in moments] == sorted(m.fraction for m in moments)


def test_an_error_comes_through() -> None:
    def work(progress: Progress) -> None:
        raise UserError("That is no good.")

    with pytest.raises(UserError, match="no good"):
        finish(watched(Job("a"), work))


def endless(reached: list[int]) -> Callable[[Progress], None]:
    def work(progress: Progress) -> None:
        while True:
            progress(0.5, "working")
            reached.append(1)
            time.sleep(0.01)

    return work


def test_stop_ends_the_work_itself() -> None:
    desk, reached = Desk(), list[int]()
    with desk.job("a") as job:
        steps = watched(job, endless(reached))
        next(steps)
        assert desk.stop("b") == 0
        assert desk.stop("a") == 1
        with pytest.raises(Cancelled):
            finish(steps)
    count = len(reached)
    time.sleep(0.1)
    assert len(reached) == count
    assert desk.stop("a") == 0


def test_a_dropped_generator_stops_the_work() -> None:
    reached: list[int] = []
    steps = watched(Job("a"), endless(reached))
    next(steps)
    steps.close()
    time.sleep(0.2)
    count = len(reached)
    time.sleep(0.1)
    assert len(reached) == count


def test_turns_are_taken_in_order_and_those_who_wait_are_told() -> None:
    turn, order, told = Turn(), list[int](), list[str]()
    first_in, let_go = threading.Event(), threading.Event()

    def visit(number: int) -> None:
        with turn.taken(lambda _, what: told.append(what)):
            order.append(number)
            first_in.set()
            let_go.wait(5)

    threads = []
    for number in range(3):
        threads.append(threading.Thread(target=visit, args=(number,)))
        threads[-1].start()
        first_in.wait(5)
        time.sleep(0.05)
    time.sleep(0.5)
    let_go.set()
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2]
    assert "Waiting for 1 other job to finish" in told
    assert "Waiting for 2 other jobs to finish" in told


def test_one_who_stops_waiting_leaves_the_line() -> None:
    turn = Turn()

    def cancelled(fraction: float, what: str) -> None:
        raise Cancelled

    with turn.taken(lambda *_: None), pytest.raises(Cancelled), turn.taken(cancelled):
        pytest.fail("the turn was given twice")
    with turn.taken(cancelled):
        pass
