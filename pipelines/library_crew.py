"""Workers on one machine: a few spawned processes, each describing one file at a time with one thread of everything.

Not concurrent.futures: there one dead worker (a decoder that crashes) ends the whole pool and a file that takes for
ever cannot be stopped. Here every worker has a pipe of its own; one that dies or overruns costs its file an error row
and is replaced. Workers ignore Ctrl-C (the driver decides) and end by themselves when the driver is gone.
"""

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from core.errors import UserError
from pipelines.library_rows import Judge, Row, failure

ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE",
}  # fmt: skip
"""Environment of a worker: the files are the parallelism, threads inside one would only fight for the cores."""

CRASHED = (
    "Describing this file ended its worker: the file is damaged, or memory ran out. Try again with --retry-errors."
)
START_LIMIT_S = 300.0
_READY = "ready"
CANNOT_START = UserError("A worker could not start.", "The reason is above; with too little memory use --workers 1.")


def overran(limit_s: float) -> str:
    """The sentence for a file that took too long."""
    return f"Describing this file took longer than {limit_s:g} s. Shorten it, or raise --time-limit."


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    due_s: float  # by the monotonic clock; a worker that has said nothing until then is stopped
    path: str | None = None
    ready: bool = False


def outcomes(
    paths: Sequence[str], make: Callable[[], Judge], *, workers: int, limit_s: float
) -> Generator[tuple[str, Row]]:
    """Judge every path, in any order; closing the iterator stops the workers.

    `make` is called once in each worker and must be importable there. Raises UserError when no worker can start.
    """
    waiting = deque(paths)
    crew = [_started(make) for _ in range(min(workers, len(waiting)))]
    try:
        while crew:
            patience_s = max(0.0, min(worker.due_s for worker in crew) - time.monotonic())
            wait([worker.pipe for worker in crew], patience_s)
            for worker in list(crew):
                done, alive = _heard(worker, limit_s)
                if done is not None:
                    yield done
                if not alive:
                    crew.remove(worker)
                    _stop(worker)
                    if not worker.ready and not crew:
                        raise CANNOT_START
                    if worker.ready and waiting:
                        crew.append(_started(make))
                elif worker.path is None and worker.ready and not _give(worker, waiting, limit_s):
                    crew.remove(worker)
                    _stop(worker)
    finally:
        for worker in crew:
            _stop(worker)


def _heard(worker: _Worker, limit_s: float) -> tuple[tuple[str, Row] | None, bool]:
    """What a worker has to say: (path and row, or None), and whether it goes on."""
    path = worker.path
    if not worker.pipe.poll():
        if time.monotonic() < worker.due_s:
            return None, True
        return (None if path is None else (path, failure(overran(limit_s)))), False
    try:
        message = worker.pipe.recv()
    except (EOFError, OSError):
        return (None if path is None else (path, failure(CRASHED))), False
    worker.path, worker.ready = None, True
    return (None if message == _READY or path is None else (path, message)), True


def _give(worker: _Worker, waiting: deque[str], limit_s: float) -> bool:
    """Hand over the next path; False where none is left."""
    if not waiting:
        return False
    worker.path, worker.due_s = waiting.popleft(), time.monotonic() + limit_s
    with suppress(OSError):  # it died between two files: the next look at its pipe finds out
        worker.pipe.send(worker.path)
    return True


def _started(make: Callable[[], Judge]) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, make), daemon=True)
    with _environment(ONE_THREAD):
        process.start()
    theirs.close()  # else the end of the worker would never be noticed
    return _Worker(process, ours, time.monotonic() + START_LIMIT_S)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for the children started inside: libraries read them when they are loaded, before our code runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _work(pipe: Connection, make: Callable[[], Judge]) -> None:
    """The body of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    judge = make()
    try:
        pipe.send(_READY)
        while True:
            pipe.send(judge(pipe.recv()))
    except (EOFError, OSError):
        return  # the driver is gone
