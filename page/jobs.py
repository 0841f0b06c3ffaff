"""Jobs: one verb at work for one visitor, with progress that can be watched and a stop that really stops.

A verb blocks, so it runs on a thread of its own while the handler (a generator) passes its progress on. Stopping sets
an event; the verb's next call of `progress` then raises Cancelled on the verb's own thread, within one step. That is
needed because Gradio's own `cancels` leaves a running torch call running. When the visitor closes the page, Gradio
drops the generator, and that stops the job as well.

Two generations at once would halve each other's speed and share one pipeline's state, so visitors take turns.

An endpoint has no strip to show progress on: it awaits its work (`awaited`, `streamed`). A client that cancels its
request cancels the coroutine, and that stops the work just so.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from core.errors import Cancelled
from core.types import Progress

_POLL_S, _TELL_S = 0.04, 0.15
"""How often a job is looked at, and how often at most its progress is told: each telling costs the server time that the
job could use."""
T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True)
class Moment:
    """How far a job is: `fraction` in 0..1, what it is doing, and for how long it has run."""

    fraction: float
    what: str
    seconds: float


class Turn:
    """A lock that is given in the order of asking, and that tells those who wait how many are before them."""

    def __init__(self) -> None:
        self._line: deque[object] = deque()
        self._moved = threading.Condition()

    @contextmanager
    def taken(self, progress: Progress) -> Iterator[None]:
        """Hold the turn within the block; while waiting `progress` is called and may raise Cancelled."""
        ticket = object()
        with self._moved:
            self._line.append(ticket)
        try:
            self._wait_for(ticket, progress)
            yield
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _wait_for(self, ticket: object, progress: Progress) -> None:
        while True:
            with self._moved:
                before = self._line.index(ticket)
                if before == 0:
                    return
                self._moved.wait(0.3)
            progress(0.0, f"Waiting for {before} other {'job' if before == 1 else 'jobs'} to finish")


GENERATION = Turn()
"""Painting and playing: one at a time in this process."""


class Job:
    """One piece of work for one visitor (`session` is Gradio's session hash)."""

    def __init__(self, session: str) -> None:
        self.session = session
        self._stop = threading.Event()
        self._fraction, self._what = 0.0, "Starting"
        self._started = time.monotonic()

    def stop(self) -> None:
        """Ask the work to stop; it does within one step of progress."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def progress(self, fraction: float, what: str) -> None:
        """The Progress handed to the verb. Raises Cancelled after `stop()`."""
        if self._stop.is_set():
            raise Cancelled
        self._fraction, self._what = min(1.0, max(0.0, fraction)), what

    def moment(self) -> Moment:
        return Moment(self._fraction, self._what, time.monotonic() - self._started)


class Desk:
    """Who has which jobs at work, so that Stop finds them."""

    def __init__(self) -> None:
        self._jobs: set[Job] = set()
        self._lock = threading.Lock()

    @contextmanager
    def job(self, session: str) -> Iterator[Job]:
        """A job that is listed within the block, and stopped when the block is left early."""
        job = Job(session)
        with self._lock:
            self._jobs.add(job)
        try:
            yield job
        finally:
            job.stop()
            with self._lock:
                self._jobs.discard(job)

    def stop(self, session: str) -> int:
        """Stop every job of a visitor; returns how many there were."""
        with self._lock:
            jobs = [job for job in self._jobs if job.session == session]
        for job in jobs:
            job.stop()
        return len(jobs)


DESK = Desk()


def begin(job: Job, work: Callable[[Progress], T]) -> Future[T]:
    """Start `work(job.progress)` on a thread of its own; the future holds what it returns or raises."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from now on only the job's event ends it

    def run() -> None:
        try:
            future.set_result(work(job.progress))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="synthesete-job", daemon=True).start()
    return future


def watched(
    job: Job, work: Callable[[Progress], T], *, also: Callable[[], object] = lambda: None
) -> Generator[Moment, None, T]:
    """Run `work(job.progress)` on its own thread; yields a Moment whenever something changed, returns its result.

    What `also` returns is something that can change, too, and that is told at once. Raises what the work raises.
    """
    last: tuple[object, ...] = ()
    other, told_at = also(), time.monotonic()
    future = begin(job, work)
    try:
        yield job.moment()  # the first one comes however short the work is
        while not future.done():
            moment, now = job.moment(), time.monotonic()
            seen = (round(moment.fraction, 2), moment.what, int(moment.seconds))
            if also() != other or (seen != last and now - told_at >= _TELL_S):
                last, other, told_at = seen, also(), now
                yield moment
            try:
                future.exception(timeout=_POLL_S)
            except TimeoutError:
                continue
    finally:
        if not future.done():
            job.stop()
    return future.result()


async def awaited(work: Callable[[Progress], T]) -> T:
    """What `work(progress)` returns or raises, made on its own thread; cancelling the coroutine stops it."""
    job = Job("")
    try:
        return await asyncio.wrap_future(begin(job, work))
    finally:
        job.stop()


async def streamed(work: Callable[[Progress, Callable[[P], None]], P]) -> AsyncIterator[P]:
    """What `work(progress, give)` gives on the way, as soon as it is given, then what it returns.

    Raises what the work raises; a consumer that goes away stops it.
    """
    job, loop = Job(""), asyncio.get_running_loop()
    line: asyncio.Queue[P | Future[P]] = asyncio.Queue()

    def put(item: P | Future[P]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(line.put_nowait, item)

    begin(job, lambda progress: work(progress, put)).add_done_callback(put)
    try:
        while not isinstance(item := await line.get(), Future):
            yield item
        yield item.result()
    finally:
        job.stop()
