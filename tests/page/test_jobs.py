"""Jobs: progress arrives, results and errors come through, Stop stops, visitors take turns."""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from typing import TypeVar

import pytest

from core.errors import Cancelled, UserError
from core.types import Progress
from page.jobs import Desk, Job, Moment, Turn, awaited, streamed, watched

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


def test_the_shortest_work_is_told_once_and_what_else_changes_is_told_at_once() -> None:
    assert len(finish(watched(Job("a"), lambda progress: "made"))[0]) == 1
    pieces, seen, told = list[int](), set[int](), threading.Event()

    def work(progress: Progress) -> None:
        for piece in range(3):
            pieces.append(piece)
            assert told.wait(10), "a piece was not told of"
            told.clear()

    for _ in watched(Job("a"), work, also=lambda: len(pieces)):
        if pieces and len(pieces) not in seen:
            seen.add(len(pieces))
            told.set()
    assert seen == {1, 2, 3}


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


def test_awaited_work_answers_raises_and_stops_when_cancelled() -> None:
    reached: list[int] = []

    async def cancelled() -> None:
        task = asyncio.create_task(awaited(endless(reached)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        count = len(reached)
        await asyncio.sleep(0.1)
        assert len(reached) <= count + 1

    def broken(progress: Progress) -> None:
        raise UserError("That is no good.")

    assert asyncio.run(awaited(lambda progress: "made")) == "made"
    with pytest.raises(UserError, match="no good"):
        asyncio.run(awaited(broken))
    asyncio.run(cancelled())
    assert reached


def test_a_stream_gives_pieces_at_once_and_the_result_last() -> None:
    go_on = threading.Event()

    def work(progress: Progress, give: Callable[[str], None]) -> str:
        give("first")
        assert go_on.wait(5)
        give("second")
        return "whole"

    async def taken() -> list[str]:
        came = []
        async for piece in streamed(work):
            came.append(piece)
            go_on.set()  # only after the first piece had come
        return came

    assert asyncio.run(taken()) == ["first", "second", "whole"]


def test_a_stream_that_nobody_listens_to_stops_its_work() -> None:
    reached: list[int] = []

    def work(progress: Progress, give: Callable[[str], None]) -> str:
        give("first")
        endless(reached)(progress)
        return "never"

    async def left() -> None:
        pieces = streamed(work)
        assert await anext(pieces) == "first"
        await pieces.aclose()

    asyncio.run(left())
    time.sleep(0.1)
    count = len(reached)
    time.sleep(0.1)
    assert len(reached) == count
