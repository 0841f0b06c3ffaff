"""Ctrl-C (and SIGTERM) during training asks for a stop after the present step; a second one stops at once."""

import signal
from types import FrameType
from typing import Any, Self


class Asked:
    """Within the block, true once the person has asked to stop.

        with Asked() as asked:
            fit(..., stop=asked)

    Called, it answers; `obeyed` is true when it has answered yes, so that the work was indeed left unfinished.
    """

    def __init__(self) -> None:
        self.obeyed = False
        self._asked = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for name in (signal.SIGINT, signal.SIGTERM):
            self._before[name] = signal.signal(name, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def __call__(self) -> bool:
        self.obeyed = self._asked
        return self._asked

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        self._restore()

    def _restore(self) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)
        self._before.clear()
