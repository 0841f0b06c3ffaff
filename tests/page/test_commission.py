"""An order for pictures: one is painted, several are one batch, and a clip shapes them only where it is to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import UserError
from core.types import LAYOUT_POINTS, Beats, GeneratedImage, ImageRequest, Layout, OnPicture, Progress, Provenance
from page import commission
from page.commission import Commission
from pipelines import illustrate

REQUEST = ImageRequest("a forest", seed=7)
LAYOUT = Layout(*[(0.5,) * LAYOUT_POINTS] * 3)
Asked = list[tuple[str, ImageRequest]]


@pytest.fixture(autouse=True)
def verb(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The verb answers at once; what it was asked is listed."""
    asked: Asked = []

    def made(request: ImageRequest) -> GeneratedImage:
        return GeneratedImage(np.zeros((8, 8, 3), np.uint8), request, Provenance("m", "", "bundled", "free"))

    def one(request: ImageRequest, *, progress: Progress, on_picture: OnPicture | None) -> GeneratedImage:
        asked.append(("one", request))
        return made(request)

    def several(
        request: ImageRequest, n: int, *, progress: Progress, on_picture: OnPicture | None
    ) -> list[GeneratedImage]:
        asked.append((f"{n} at once", request))
        return [made(replace(request, seed=request.seed + i)) for i in range(n)]

    monkeypatch.setattr(illustrate, "illustrate", one)
    monkeypatch.setattr(illustrate, "variations", several)
    return asked


def deliver(wanted: Commission) -> tuple[GeneratedImage, ...]:
    return commission.deliver(wanted, lambda fraction, what: None)


def test_one_is_painted_and_several_are_one_batch(verb: Asked) -> None:
    assert [image.request.seed for image in deliver(Commission(REQUEST))] == [7]
    assert [image.request.seed for image in deliver(Commission(REQUEST, 3))] == [7, 8, 9]
    assert [what for what, _ in verb] == ["one", "3 at once"]


@pytest.mark.parametrize("n", [0, 10])
def test_only_so_many_can_be_painted(verb: Asked, n: int) -> None:
    with pytest.raises(UserError, match="out of range"):
        deliver(Commission(REQUEST, n))
    assert verb == []


def test_a_clip_is_heard_once_and_shapes_the_picture(
    verb: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, reads = tmp_path / "clip.wav", list[Path]()
    time_s = np.arange(2 * 22050) / 22050
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 330 * time_s), 22050)
    from core import audio

    read_clip = audio.read_clip
    monkeypatch.setattr(audio, "read_clip", lambda path: (reads.append(path), read_clip(path))[1])
    wanted = Commission(replace(REQUEST, layout_strength=0.4), clip=path, beats=Beats(120, 0.9, 60, (0.5, 1.0)))
    for _ in range(2):
        deliver(wanted)
    assert reads == [path]
    (_, first), (_, second) = verb
    assert first.layout is not None
    assert first.layout == second.layout
    assert first.layout_strength == 0.4
    deliver(replace(wanted, request=REQUEST))
    assert verb[-1][1] == replace(REQUEST, layout=first.layout)  # how strongly, the model chooses


def test_without_strength_or_clip_the_words_are_alone(verb: Asked, tmp_path: Path) -> None:
    deliver(Commission(replace(REQUEST, layout_strength=0.0), clip=tmp_path / "missing.wav"))
    deliver(Commission(replace(REQUEST, layout_strength=0.0, layout=LAYOUT)))
    assert [request for _, request in verb] == [REQUEST, REQUEST]


def test_a_layout_that_came_with_the_settings_is_used_as_it_is(verb: Asked, tmp_path: Path) -> None:
    shaped = replace(REQUEST, layout=LAYOUT, layout_strength=0.5)
    deliver(Commission(shaped, clip=tmp_path / "missing.wav"))
    assert verb[0][1] == shaped
