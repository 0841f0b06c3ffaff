"""The history of a session: what grew is one card, what is new is another, and old cards go."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.files import SavedClip
from core.types import ImageRequest, MusicRequest, Provenance
from page.history import KEPT, Music, Picture, Sitting, file_url, gallery, remember

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
