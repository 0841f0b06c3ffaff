"""Painting on the page: views come to the easel, one of several is chosen, settings are used again, a film is made."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.files import SavedClip, save_picture
from core.types import LAYOUT_POINTS, GeneratedImage, ImageRequest, Layout, MusicRequest, Progress, Provenance
from page import outputs, picture_panel, work
from page.commission import Commission
from page.easel import Easel
from page.handlers import Handlers
from page.history import Music, Picture, Sitting

REQUEST: Any = SimpleNamespace(session_hash="visitor")
SOURCE = Provenance("m", "", "bundled", "free")
LAYOUT = Layout(*[(0.5,) * LAYOUT_POINTS] * 3)
HUNG = Picture(Path("a.png"), ImageRequest("a sea", seed=5), SOURCE)
MUSIC = Music(SavedClip(Path("a.wav"), Path("a.mp3"), None), MusicRequest("jazz"), SOURCE, "<i>tune</i>")
EVERYTHING = ImageRequest("a forest", "fog", 42, 6, 1.5, 256, (("chalk", 0.5), ("neon", -0.5)), "16:9", 2, LAYOUT, 0.4)
Paint = Callable[[Commission, dict[str, Any], Easel, Progress], tuple[Picture, ...]]


@pytest.fixture(autouse=True)
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person is told besides; results lie in a folder of the test, and the painter has nothing to say."""
    told: list[str] = []
    monkeypatch.setattr(outputs, "outputs_folder", lambda: tmp_path)
    monkeypatch.setattr(picture_panel, "_limits", lambda: {"notes": ["25 steps"]})
    for name in ("Info", "Warning"):
        monkeypatch.setattr(gr, name, told.append)
    return told


def values(handlers: Handlers, **changed: Any) -> dict[Any, Any]:
    """What Gradio hands over when the page is fresh but for a picture prompt and what is `changed`."""
    first = {"sitting": Sitting(), "history": (), "image_prompt": "a forest", "strength": 0.2, "n_pictures": 1}
    given = {widget: (first | changed).get(name) for name, widget in vars(handlers.w).items() if name != "weights"}
    return given | dict.fromkeys(handlers.w.weights.values(), 1.0)


def shown_values(updates: dict[Any, Any]) -> dict[Any, Any]:
    """Updates as the values that the widgets then have."""
    return {w: new["value"] if isinstance(new, dict) and "value" in new else new for w, new in updates.items()}


def painting(handlers: Handlers, paint: Paint, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> Iterator[dict]:
    monkeypatch.setattr(work, "paint", paint)
    return handlers.staged(handlers.paint)(values(handlers, **changed), REQUEST)


def test_views_come_to_the_easel_and_several_can_be_chosen_among(
    handlers: Handlers, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    views = tuple(replace(HUNG, path=Path(f"{i}.png"), request=replace(HUNG.request, seed=i)) for i in range(4))
    orders = []

    def paint(wanted: Commission, words: dict[str, Any], easel: Easel, progress: Progress) -> tuple[Picture, ...]:
        orders.append(wanted)
        easel.show(np.zeros((8, 8, 3), np.uint8))
        progress(0.5, "painting, step 2 of 4")
        while easel.n_views and not seen:
            progress(0.5, "painting, step 2 of 4")
        return views

    w, seen, updates = handlers.w, list[str](), list[dict]()
    before = Sitting(picture=HUNG, music=MUSIC, film=Path("a.mp4"))
    for update in painting(handlers, paint, monkeypatch, sitting=before, n_pictures=6):
        updates.append(update)
        seen += [html for html in [update.get(w.picture, "")] if "data:image/webp" in html]
    assert orders[0].n == 6
    assert said == ["The safety checker held 2 of 6 pictures back."]
    assert updates[0][w.paint_seed] == orders[0].request.seed
    sitting = next(update[w.sitting] for update in updates if w.sitting in update)
    history = next(update[w.history] for update in updates if w.history in update)
    assert (sitting.picture, sitting.views, sitting.film) == (views[0], views, None)
    chosen = handlers.recall.picture(values(handlers, sitting=sitting, history=history), clicked(view=2))
    assert chosen[w.sitting].picture == views[2]
    assert chosen[w.history][-1].picture == views[2]
    assert chosen[w.paint_seed] == 2
    assert 'data-view="2" aria-pressed="true"' in chosen[w.picture]
    with pytest.raises(UserError, match="gone"):
        handlers.recall.picture(values(handlers, sitting=sitting), clicked(view=4))


@pytest.mark.parametrize("error", [Cancelled(), UserError("The safety checker held this picture back.", "Reword.")])
def test_what_hung_there_comes_back_after_a_stop_and_after_an_error(
    handlers: Handlers, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def paint(*_: Any) -> tuple[Picture, ...]:
        raise error

    steps, updates = painting(handlers, paint, monkeypatch, sitting=Sitting(picture=HUNG)), list[dict]()
    with suppress(UserError):
        for update in steps:
            updates.append(update)
    pictures = [update[handlers.w.picture] for update in updates if handlers.w.picture in update]
    assert 'data-state="waiting"' in pictures[0]
    assert 'data-state="done"' in pictures[-1]
    assert "a.png" in pictures[-1]


def test_every_setting_of_a_picture_comes_back_and_spells_the_same_request(handlers: Handlers) -> None:
    shown = handlers.parts.pictures.settings(EVERYTHING, has_clip=True)
    back = handlers.parts.pictures.commission(values(handlers) | shown_values(shown))
    assert back == Commission(replace(EVERYTHING, prompt="a forest"))
    assert picture_panel.BORROWED in shown[handlers.w.painter]
    assert "25 steps" in shown[handlers.w.painter]


def test_what_is_not_here_is_left_out_and_said(handlers: Handlers, said: list[str]) -> None:
    odd = replace(EVERYTHING, adapters=(("oil", 1.0), ("neon", 9.0)), aspect="5:2", layout=None)
    w, sitting = handlers.w, Sitting(picture=replace(HUNG, request=odd), clip="a.wav")
    shown = shown_values(handlers.recall.card(values(handlers, history=(sitting,)), clicked(index=0)))
    assert said == ["Not installed here, and left out: oil."]
    assert (shown[w.adapters], shown[w.aspect]) == (["neon"], "1:1")
    assert shown[w.weights["neon"]] == 2.0
    assert w.strength in shown


def test_a_new_seed_is_drawn_kept_and_used(handlers: Handlers) -> None:
    w, sitting = handlers.w, Sitting(picture=replace(HUNG, request=EVERYTHING))
    for how, is_same in (("same", True), ("fresh", False)):
        shown = shown_values(handlers.recall.picture(values(handlers, sitting=sitting), clicked(reuse=how)))
        assert (shown[w.paint_seed] == 42) is is_same
        assert shown[w.image_prompt] == "a forest"
        wanted = handlers.parts.pictures.commission(values(handlers) | shown).request
        assert wanted == replace(EVERYTHING, seed=shown[w.paint_seed])
    with pytest.raises(UserError, match="no picture"):
        handlers.recall.picture(values(handlers), clicked(reuse="same"))


def test_a_seed_that_is_not_kept_is_drawn(handlers: Handlers) -> None:
    spell = handlers.parts.pictures.commission
    assert spell(values(handlers, paint_seed=7, paint_locked=True)).request.seed == 7
    drawn = {spell(values(handlers, paint_seed=7, paint_locked=False)).request.seed for _ in range(3)}
    assert len(drawn) == 3
    with pytest.raises(UserError, match="out of range"):
        spell(values(handlers, paint_seed=-1, paint_locked=True))


def test_a_dropped_picture_brings_its_settings_back_with_or_without_its_seed(
    handlers: Handlers, tmp_path: Path, said: list[str]
) -> None:
    image = GeneratedImage(np.zeros((8, 8, 3), np.uint8), EVERYTHING, SOURCE)
    given = values(handlers, dropped=str(save_picture(image, tmp_path)))
    w = handlers.w
    assert handlers.recall.file(given)[w.paint_seed] == 42
    assert handlers.recall.file(given)[w.borrowed] == LAYOUT
    assert handlers.recall.file_with_a_new_seed(given)[w.paint_seed] != 42
    assert "with a new seed" in said[-1]
    with pytest.raises(UserError, match="no file"):
        handlers.recall.file(values(handlers))


def test_the_clip_shapes_the_picture_only_where_it_is_to(handlers: Handlers) -> None:
    spell = handlers.parts.pictures.commission
    assert spell(values(handlers)).clip is None
    assert spell(values(handlers, clip="a.wav")).clip == Path("a.wav")
    assert spell(values(handlers, clip="a.wav", strength=0)).clip is None
    assert spell(values(handlers, clip="a.wav", borrowed=LAYOUT)).clip is None
    with pytest.raises(UserError, match="no picture prompt"):
        spell(values(handlers, image_prompt=" "))


def test_each_chosen_adapter_has_its_weight_and_no_other(handlers: Handlers) -> None:
    shown = handlers.weigh(values(handlers, adapters=["neon"]))
    assert [shown[handlers.w.weights[name]]["visible"] for name in ("chalk", "neon")] == [False, True]


def test_what_the_painter_is_like_is_shown_and_one_that_is_not_there_breaks_nothing(
    handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = handlers.w
    mute: dict[str, Any] = {
        "notes": ["25 <steps>"],
        "negative_prompt": {"acts": False},
        "layout_strength": {"default": 0.25},
    }
    mute |= {"guidance": {"note": "above 3 colours burn"}}
    monkeypatch.setattr(picture_panel, "_limits", lambda: mute)
    met = handlers.meet_painter()
    assert (met[w.painter], met[w.strength]) == ('<p class="syn-hint">25 &lt;steps&gt;</p>', 0.25)
    assert met[w.guidance_hint] == '<p class="syn-hint">above 3 colours burn</p>'
    assert met[w.negative]["interactive"] is False
    monkeypatch.undo()

    def limits() -> dict[str, Any]:
        raise UserError("The picture model is not there.")

    monkeypatch.setitem(sys.modules, "pipelines.illustrate", SimpleNamespace(limits=limits))
    met = handlers.meet_painter()
    assert (met[w.painter], met[w.guidance_hint], met[w.negative]["interactive"]) == ("", "", True)


def test_a_film_is_made_of_both_and_stays_with_them(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    w, asked = handlers.w, []

    def share(picture: Picture, music: Music, words: dict[str, Any], progress: Progress) -> Path:
        asked.append((picture, music))
        progress(0.5, "Filming")
        return Path("film.mp4")

    monkeypatch.setattr(work, "share", share)
    both = Sitting(picture=HUNG, music=MUSIC)
    updates = list(handlers.staged(handlers.share)(values(handlers, sitting=both, history=(both,)), REQUEST))
    assert asked == [(HUNG, MUSIC)]
    assert 'role="progressbar"' in updates[0][w.film]
    films = [update[w.film] for update in updates if w.film in update]
    assert "<video" in films[-1]
    assert "film.mp4" in films[-1]
    assert [update[w.share]["visible"] for update in updates if w.share in update] == [False]
    history = next(update[w.history] for update in updates if w.history in update)
    assert [card.film for card in history] == [Path("film.mp4")]
    assert shown_values(handlers.recall.card(values(handlers, history=history), clicked(index=0)))[w.film] == films[-1]
    with pytest.raises(UserError, match="nothing to share"):
        list(handlers.share(values(handlers, sitting=Sitting(picture=HUNG)), REQUEST))


def clicked(**data: Any) -> gr.EventData:
    event: Any = SimpleNamespace(_data=data)
    return event  # type: ignore[no-any-return]
