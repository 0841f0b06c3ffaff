"""Models load in the background after the page is up; this says how far that is."""

import logging
import threading
from collections.abc import Callable, Mapping

LOG = logging.getLogger("synthesete.page")


def _warmers() -> dict[str, Callable[[], object]]:
    from pipelines import compose, describe, illustrate

    return {"ears": describe.warm, "painter": illustrate.warm, "players": compose.warm}


class Readiness:
    """The state of each part: "waiting", "loading", "ready" or "failed"."""

    def __init__(self, warmers: Callable[[], Mapping[str, Callable[[], object]]] = _warmers) -> None:
        self._warmers = warmers
        self._parts: dict[str, str] = {"ears": "waiting", "painter": "waiting", "players": "waiting"}
        self._started = False

    def start(self, page_is_up: threading.Event | None = None) -> threading.Thread:
        """Load everything on a background thread, from the moment that the page is up.

        One part that fails does not keep the others from loading.
        """
        self._started = True
        thread = threading.Thread(target=self._load, args=(page_is_up,), name="synthesete-warm", daemon=True)
        thread.start()
        return thread

    def parts(self) -> dict[str, str]:
        return dict(self._parts)

    @property
    def settled(self) -> bool:
        """Nothing more will change: loaded, failed, or never asked to load ahead."""
        return not self._started or all(state in ("ready", "failed") for state in self._parts.values())

    def sentence(self) -> str:
        """For the person: what is loading, or that all is ready."""
        if not self._started:
            return "Models load when they are first needed"
        failed = [part for part, state in self._parts.items() if state == "failed"]
        if not self.settled:
            loading = [part for part, state in self._parts.items() if state != "ready"]
            return f"Models are loading: {', '.join(loading)} …"
        return f"Could not load the {' and the '.join(failed)}; the log says why" if failed else "Ready"

    def _load(self, page_is_up: threading.Event | None) -> None:
        if page_is_up is not None:
            page_is_up.wait()
        for part, warm in self._warmers().items():
            self._parts[part] = "loading"
            try:
                warm()
                self._parts[part] = "ready"
            except Exception:
                LOG.exception("the %s could not be loaded", part)
                self._parts[part] = "failed"


READINESS = Readiness()
