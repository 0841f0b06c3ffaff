"""The easel: views come one after the other in the same place, how long it takes is told, and nothing is markup."""

import base64
import io
import re

import numpy as np
from PIL import Image

from page.easel import VIEW_PX, Easel, hung, view_url
from page.jobs import Moment

GREEN = np.full((90, 160, 3), (20, 160, 60), np.uint8)


def tags(html: str) -> list[str]:
    """The elements up to the picture, without their attributes."""
    return re.findall(r"<(\w+)", html.split("<figcaption")[0])


def test_before_the_first_view_what_hung_there_stays() -> None:
    waiting = Easel(ratio=1.0, before="old.png").html(Moment(0.0, "waiting for another picture", 2.0))
    assert 'src="old.png"' in waiting
    assert 'data-state="waiting"' in waiting
    assert "Waiting for another picture</figcaption>" in waiting
    assert "src=" in Easel(ratio=1.0).html(Moment(0.0, "", 0.0))


def test_a_view_takes_its_place_and_the_rest_of_the_time_is_told() -> None:
    easel = Easel(ratio=1.0, before="old.png")
    easel.html(Moment(0.0, "loading", 30.0))
    easel.show(GREEN)
    first = easel.html(Moment(0.2, "painting, step 1 of 4", 31.0))
    assert "old.png" not in first
    assert "--ratio:1.7778" in first
    assert "to go" not in first  # loading says nothing about the pace
    easel.show(GREEN)
    assert easel.n_views == 2
    assert "Painting, step 2 of 4, about 6 s to go" in easel.html(Moment(0.4, "painting, step 2 of 4", 33.0))
    assert "about 4 s to go" in easel.html(Moment(0.4, "painting, step 2 of 4", 35.0))
    assert "about 1 s to go" in easel.html(Moment(0.4, "painting, step 2 of 4", 95.0))


def test_the_finished_picture_stands_in_the_same_elements() -> None:
    done = hung("new.png", "a sea", ratio=2.0)
    assert tags(done) == tags(Easel(ratio=1.0).html(Moment(0.0, "", 0.0))) == ["figure", "a", "img"]
    assert 'href="new.png"' in done


def test_a_view_is_small_and_shows_the_picture() -> None:
    url = view_url(np.full((1024, 2048, 3), (20, 160, 60), np.uint8))
    with Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) as view:
        assert view.size == (VIEW_PX, VIEW_PX // 2)
        assert np.abs(np.asarray(view.convert("RGB"), int) - (20, 160, 60)).max() < 8
    assert len(url) < 4000


def test_nothing_is_markup() -> None:
    evil = '"><script>'
    drawn = hung(evil, evil, ratio=float("nan")) + Easel(ratio=0.0, before=evil).html(Moment(0.0, evil, 0.0))
    assert "<script>" not in drawn
    assert "nan" not in drawn
