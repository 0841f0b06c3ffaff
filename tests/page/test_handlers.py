"""Playing on the page: pieces reach the player while they are made, the finished clip takes over, Stop restores."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.files import SavedClip
from core.types import AudioClip, MusicRequest, Progress, Provenance
from page import outputs, work
from page.handlers import MAKING_SEVERAL, Handlers
from page.history import Music, Sitting
from page.jobs import DESK
from page.order import Order
from page.stream import PieceLog

REQUEST: Any = SimpleNamespace(session_hash="visitor")
PLAYED = Music(
    SavedClip(Path("a.wav"), Path("a.mp3"), None), MusicRequest("jazz", seed=5), Provenance("m", "", "rules", "free"),
    "<figure>finished</figure>",
)  # fmt: skip
Play = Callable[[Order, dict[str, Any], Path | None, PieceLog, Progress], tuple[Music, tuple[Music, ...]]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(outputs, "outputs_folder", lambda: tmp_path)
    return tmp_path


def values(handlers: Handlers, **changed: Any) -> dict[Any, Any]:
    """What Gradio hands over when the page is fresh but for a music prompt and what is `changed`."""
    first: dict[str, Any] = {
        "sitting": Sitting(), "history": (), "music_prompt": "jazz", "mode": "text", "prompt_s": 10, "seconds": 10,
        "variations": 1, "best_of": 1, "engine": "auto",
    }  # fmt: skip
    given = {widget: (first | changed).get(name) for name, widget in vars(handlers.w).items() if name != "weights"}
    return given | dict.fromkeys(handlers.w.weights.values(), 1.0)


def playing(handlers: Handlers, play: Play, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> Iterator[dict]:
    monkeypatch.setattr(work, "play", play)
    return handlers.staged(handlers.play)(values(handlers, **changed), REQUEST)


def test_pieces_come_to_the_player_before_the_clip_is_finished(
    handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threading.Event()

    def play(
        wanted: Order, words: dict[str, Any], cover: Path | None, log: PieceLog, progress: Progress
    ) -> tuple[Music, tuple[Music, ...]]:
        log.add(AudioClip(np.zeros((2, 3200), np.float32), 32000))
        assert seen.wait(10), "the first piece did not reach the page"
        return PLAYED, ()

    shown = []
    for updates in playing(handlers, play, monkeypatch):
        shown.append(updates.get(handlers.w.music, ""))
        if "ends&quot;: [3200]" in shown[-1]:
            seen.set()
    shown = [html for html in shown if html]
    assert "data-feed" in shown[0]
    assert "finished" in shown[-1]
    assert "data-feed" not in shown[-1]


def test_stop_brings_back_what_was_there(handlers: Handlers, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def play(
        wanted: Order, words: dict[str, Any], cover: Path | None, log: PieceLog, progress: Progress
    ) -> tuple[Music, tuple[Music, ...]]:
        log.add(AudioClip(np.zeros((2, 3200), np.float32), 32000))
        while True:
            progress(0.5, "composing")

    before = Sitting(music=PLAYED)
    shown, stopped = [], False
    for updates in playing(handlers, play, monkeypatch, sitting=before):
        shown.append(updates)
        if not stopped and "3200" in updates.get(handlers.w.music, ""):
            stopped = DESK.stop("visitor") == 1
    assert stopped
    last = [updates[handlers.w.music] for updates in shown if handlers.w.music in updates][-1]
    assert "finished" in last
    assert "Stopped" in shown[-1][handlers.w.strip]
    assert not any(handlers.w.history in updates for updates in shown)
    assert list(folder.iterdir()) == []


def test_several_are_not_streamed_and_can_be_chosen_among(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    others = (PLAYED, replace(PLAYED, request=MusicRequest("jazz", seed=6)))
    orders = []

    def play(wanted: Order, *_: Any) -> tuple[Music, tuple[Music, ...]]:
        orders.append(wanted)
        return PLAYED, others

    updates = list(playing(handlers, play, monkeypatch, variations=2, strictness=3.0, temperature=0.9))
    w = handlers.w
    assert updates[0][w.music] == MAKING_SEVERAL
    assert (orders[0].variations, orders[0].request.guidance, orders[0].request.temperature) == (2, 3.0, 0.9)
    sitting = next(step[w.sitting] for step in updates if w.sitting in step)
    history = next(step[w.history] for step in updates if w.history in step)
    assert sitting.takes == others
    event: Any = SimpleNamespace(_data={"take": 1})
    chosen = handlers.recall.take(values(handlers, sitting=sitting, history=history), event)
    assert chosen[w.sitting].music == others[1]
    assert chosen[w.history][0].music == others[1]
    assert chosen[w.play_seed] == 6
    with pytest.raises(UserError, match="gone"):
        handlers.recall.take(values(handlers, sitting=sitting), SimpleNamespace(_data={"take": "x"}))  # type: ignore[arg-type]


def test_ways_that_need_a_clip_or_words_say_so(handlers: Handlers) -> None:
    for changed, says in (
        ({"mode": "continue"}, "no clip"),
        ({"mode": "text", "music_prompt": " "}, "no music prompt"),
    ):
        with pytest.raises(UserError, match=says):
            handlers.parts.order(values(handlers, **changed))
    free = handlers.parts.order(values(handlers, mode="unconditional", music_prompt=""))
    assert (free.request.mode, free.source) == ("unconditional", None)
    going_on = handlers.parts.order(values(handlers, mode="continue", clip="/somewhere/clip.wav", prompt_s=4))
    assert going_on.source == Path("/somewhere/clip.wav")
    assert (going_on.request.source, going_on.request.prompt_s) == ("clip.wav", 4.0)


def test_the_time_is_told_ahead_and_lacking_ways_are_greyed_with_the_reason(handlers: Handlers) -> None:
    w = handlers.w
    shown = handlers.foresee(values(handlers, engine="composer", seconds=60, mode="melody"))
    assert shown[w.mode] == "text"
    assert "Composer cannot" in shown[w.ways]
    assert "nth-of-type(3)" in shown[w.ways]
    assert "About" in shown[w.outlook]
    several = handlers.foresee(values(handlers, engine="composer", seconds=60, best_of=4))
    assert "4 clips" in several[w.outlook]


def test_settings_of_a_file_come_back_whole(handlers: Handlers) -> None:
    wanted = MusicRequest(
        "jazz", engine="composer", seconds=42, seed=9, guidance=2.5, temperature=0.7, mode="unconditional", prompt_s=5
    )
    shown, w = handlers.parts.music_settings(wanted), handlers.w
    back = handlers.parts.order(values(handlers) | shown)
    assert replace(back.request, prompt="jazz") == wanted
    assert w.prompt_s in shown


def test_a_cancelled_job_is_no_error(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(*_: Any) -> tuple[Music, tuple[Music, ...]]:
        raise Cancelled

    assert "Stopped" in list(playing(handlers, play, monkeypatch))[-1][handlers.w.strip]
