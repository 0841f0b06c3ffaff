"""Workers on a Ray cluster: actors that describe one file at a time, as pipelines.library_crew does on one machine.

Paths are sent, not bytes: a library lives on storage that every node mounts, so each file travels once, from there to
the node that describes it, and formats are decoded by seeking in the file. Sending bytes would push the whole library
through the driver. So the folder, this project and its requirements must be at the same place on every node; an
actor that does not see the folder says so before any work begins.

ray is an optional extra (requirements-ray.txt) and imported only here.
"""

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.models import ROOT
from pipelines.library_crew import CANNOT_START, CRASHED, ONE_THREAD, START_LIMIT_S, overran
from pipelines.library_rows import Judge, Row, failure

LOG = logging.getLogger("synthesete.library")
LOCAL = "local"
"""The address that starts a Ray of one's own on this machine."""

_OBJECT_STORE_BYTES = 80 * 2**20  # only paths and rows travel
_LOOK_S = 1.0


class Describer:
    """The actor: loads in `start`, so that a failure there arrives as an answer."""

    def __init__(self, make: Callable[[], Judge]) -> None:
        self._make = make
        self._judge: Judge | None = None

    def start(self, folder: str) -> bool:
        """Whether this node sees the folder; loads the classifiers if it does."""
        if Path(folder).is_dir():
            self._judge = self._make()
        return self._judge is not None

    def judge(self, path: str) -> Row:
        """The row of one file."""
        assert self._judge is not None, "start comes first"
        return self._judge(path)


@dataclass(frozen=True)
class _Errand:
    actor: Any
    path: str | None  # None while it starts
    due_s: float  # by the monotonic clock


def outcomes(
    paths: Sequence[str], make: Callable[[], Judge], *, folder: Path, address: str, workers: int | None, limit_s: float
) -> Generator[tuple[str, Row]]:
    """Judge every path on the cluster, in any order; `workers` None takes every free CPU. Closing it lets go of Ray.

    Raises UserError where ray is not installed, or the cluster is not there, starts no worker or does not see `folder`.
    """
    ray = _joined(address, workers)
    try:
        count = workers or max(1, int(ray.available_resources().get("CPU", 1)))
        yield from _Crew(ray, make, folder, limit_s).outcomes(paths, count)
    finally:
        ray.shutdown()


class _Crew:
    """Actors and what each of them is doing."""

    def __init__(self, ray: Any, make: Callable[[], Judge], folder: Path, limit_s: float) -> None:
        self._ray, self._make, self._folder, self._limit_s = ray, make, folder, limit_s
        self._kind = ray.remote(num_cpus=1, max_restarts=0)(Describer)
        self._errands: dict[Any, _Errand] = {}

    def outcomes(self, paths: Sequence[str], workers: int) -> Generator[tuple[str, Row]]:
        waiting = deque(paths)
        for _ in range(min(workers, len(waiting))):
            self._hire()
        while self._errands:
            done, _ = self._ray.wait(list(self._errands), num_returns=1, timeout=_LOOK_S)
            late = [ref for ref, errand in self._errands.items() if ref not in done and self._is_late(ref, errand)]
            for ref in [*done, *late]:
                errand = self._errands.pop(ref)
                row, alive = self._answer(ref, errand) if ref in done else self._too_late(errand)
                if errand.path is not None:
                    yield errand.path, row
                self._go_on(errand, waiting, alive=alive)
        if waiting:
            raise CANNOT_START

    def _hire(self) -> None:
        actor = self._kind.remote(self._make)
        start = actor.start.remote(str(self._folder))
        self._errands[start] = _Errand(actor, None, time.monotonic() + START_LIMIT_S)

    def _is_late(self, ref: Any, errand: _Errand) -> bool:
        # an answer that came while the driver was busy counts, however late it is read
        return time.monotonic() > errand.due_s and not self._ray.wait([ref], timeout=0)[0]

    def _answer(self, ref: Any, errand: _Errand) -> tuple[Row, bool]:
        """The row (of no meaning where the actor only started), and whether the actor goes on."""
        try:
            answer = self._ray.get(ref)
        except self._ray.exceptions.RayActorError as error:
            if errand.path is None:
                LOG.warning("A worker did not start: %s", error)
            return failure(CRASHED), False
        except self._ray.exceptions.RayTaskError as error:
            raise CANNOT_START from error  # judge does not raise
        if errand.path is None and not answer:
            raise UserError(
                f"A node of the cluster does not see the folder {self._folder}.",
                "Put it on storage that every node mounts at the same place.",
            )
        return answer, True

    def _too_late(self, errand: _Errand) -> tuple[Row, bool]:
        if errand.path is None:
            LOG.warning("A worker was not ready after %g s.", START_LIMIT_S)
        return failure(overran(self._limit_s)), False

    def _go_on(self, errand: _Errand, waiting: deque[str], *, alive: bool) -> None:
        """Give the actor the next path; one that is gone is replaced, unless it never started."""
        if not alive:
            self._ray.kill(errand.actor)
            if waiting and errand.path is not None:
                self._hire()
        elif waiting:
            path = waiting.popleft()
            due_s = time.monotonic() + self._limit_s
            self._errands[errand.actor.judge.remote(path)] = _Errand(errand.actor, path, due_s)


def _joined(address: str, workers: int | None) -> Any:
    """The ray module, connected."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UserError("Ray is not installed.", "Run: pip install -r requirements-ray.txt") from error
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {"env_vars": ONE_THREAD | {"PYTHONPATH": os.pathsep.join(places)}}
    settings: dict[str, Any] = {"runtime_env": environment, "log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        settings |= {"num_cpus": workers, "include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES}
    try:
        ray.init(address=address, **settings)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        hint = "Check the address; where the cluster asks for a token, set RAY_AUTH_MODE=token."
        raise UserError(f"No Ray cluster lets us in at {address}.", hint) from error
    return ray
