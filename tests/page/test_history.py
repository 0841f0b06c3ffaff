"""The history of a session: what grew is one card, what is new is another, and old cards go."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.files import SavedClip
from core.types import ImageRequest, MusicRequest, Provenance
from page.history import KEPT, Music, Picture, Sitting, choose_take, choose_view, file_url, gallery, remember

SOURCE = Provenance("model", "", "bundled", "Apache-2.0")


def picture(name: str) -> Picture:
    return Picture(Path(f"{name}.png"), ImageRequest("a forest"), SOURCE)


def music(name: str) -> Music:
    return Music(SavedClip(Path(f"{name}.wav"), Path(f"{name}.mp3"), None), MusicRequest("a tune"), SOURCE, "")


def test_a_sitting_that_grew_stays_one_card() -> None:
    seen = Sitting(clip="a.wav", picture=picture("1"))
    heard = replace(seen, music=music("1"))
    assert remember(remember((), seen), heard) == (heard,)


def test_another_picture_is_another_card() -> None:
    first = Sitting(picture=picture("1"), music=music("1"))
    second = replace(first, picture=picture("2"))
    third = replace(second, music=music("2"))
    assert remember(remember((first,), second), third) == (first, second, third)


def test_only_so_many_are_kept() -> None:
    history: tuple[Sitting, ...] = ()
    for number in range(KEPT + 5):
        history = remember(history, Sitting(picture=picture(str(number))))
    assert len(history) == KEPT
    assert history[-1].picture == picture(str(KEPT + 4))


def test_another_take_replaces_the_first_on_its_card_wherever_that_is() -> None:
    takes = (music("1"), music("2"))
    sitting = Sitting(picture=picture("1"), music=takes[0], takes=takes)
    later = Sitting(picture=picture("2"), music=music("3"))
    history, chosen = choose_take((sitting, later), sitting, 1)
    assert chosen.music == takes[1]
    assert history == (chosen, later)
    assert choose_take(history, chosen, 0) == ((sitting, later), sitting)
    for missing in (-1, 2):
        with pytest.raises(IndexError):
            choose_take(history, chosen, missing)


def test_another_view_replaces_the_picture_and_makes_the_film_untrue() -> None:
    views = (picture("1"), picture("2"))
    sitting = Sitting(picture=views[0], views=views, music=music("1"), film=Path("film.mp4"))
    history, chosen = choose_view((sitting,), sitting, 1)
    assert history == (chosen,)
    assert (chosen.picture, chosen.views, chosen.music, chosen.film) == (views[1], views, music("1"), None)
    assert choose_take((chosen,), replace(chosen, takes=(music("2"),), film=Path("x.mp4")), 0)[1].film is None
    with pytest.raises(IndexError):
        choose_view(history, chosen, -1)


def test_the_gallery_shows_the_newest_first_and_escapes() -> None:
    history = (
        Sitting(words={"caption": "<b>first</b>"}, picture=picture("1"), music=music("1")),
        Sitting(words={"caption": "second"}, music=music("2")),
    )
    cards = gallery(history)
    assert cards.index("second") < cards.index("&lt;b&gt;first")
    assert cards.index('data-index="1"') < cards.index('data-index="0"')
    assert cards.count("<audio") == 2
    assert "gather" in gallery(())


@pytest.mark.parametrize("name", ["a b.wav", "50% & more?.wav", "é#1.wav"])
def test_addresses_survive_odd_names(name: str) -> None:
    from urllib.parse import unquote

    address = file_url(Path("folder") / name)
    assert not set(address) & set(" ?#&\"'")
    assert unquote(address) == f"gradio_api/file=folder/{name}"


def test_a_sitting_holds_no_samples() -> None:
    assert not any(isinstance(value, np.ndarray) for value in vars(Sitting(picture=picture("1"))).values())
