"""Loading ahead: parts become ready one by one, and one that fails is told and does not keep the others."""

import threading

from page.readiness import Readiness


def test_parts_become_ready_and_the_sentence_follows() -> None:
    gate = threading.Event()
    ready = Readiness(lambda: {"ears": lambda: gate.wait(5), "painter": int, "players": int})
    assert ready.settled
    thread = ready.start()
    assert not ready.settled
    assert "loading" in ready.sentence()
    gate.set()
    thread.join(5)
    assert ready.settled
    assert ready.sentence() == "Ready"


def test_a_part_that_fails_is_told_and_the_others_load() -> None:
    def broken() -> None:
        raise RuntimeError("no weights")

    ready = Readiness(lambda: {"ears": broken, "painter": int, "players": int})
    ready.start().join(5)
    assert ready.parts() == {"ears": "failed", "painter": "ready", "players": "ready"}
    assert "ears" in ready.sentence()
