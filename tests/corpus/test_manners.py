"""Every manner changes the hand and keeps scene, palette and size-independence: what its adapter is to learn."""

import time

import numpy as np
import pytest
from PIL import Image

from corpus import manners, manners_forms
from corpus.captions import EMOTIONS
from corpus.manners import STYLES, stylise
from corpus.manners_paper import SLEEVE
from corpus.painter import SCENES, SceneSpec, paint

SIZE_PX = 96


def picture(scene: str, emotion: str, *, size_px: int = SIZE_PX) -> np.ndarray:
    return paint(SceneSpec(scene, emotion, "pop", 110.0), 31, size_px=size_px)


def scene_part(styled: np.ndarray, style: str) -> np.ndarray:
    """What is left of a styled picture without its border, frame or table."""
    size = styled.shape[0]
    left, top, side = SLEEVE if style == "vinyl_cover" else (0.0, 0.0, 1.0)
    left, top, side = left + 0.05 * side, top + 0.05 * side, 0.9 * side
    edges = (left * size, top * size, (left + side) * size, (top + side) * size)
    return np.asarray(Image.fromarray(styled).resize((size, size), Image.Resampling.BILINEAR, box=edges))


def layout(pixels: np.ndarray) -> np.ndarray:
    """Where a picture is light and where it has edges, on 12 x 12 fields of unit variance each."""
    grey = pixels.mean(-1)
    maps = (grey, np.hypot(*np.gradient(grey)))
    small = [np.asarray(Image.fromarray(m.astype(np.float32)).resize((12, 12), Image.Resampling.BOX)) for m in maps]
    return np.concatenate([((m - m.mean()) / m.std()).ravel() for m in small])


def hues(pixels: np.ndarray) -> np.ndarray:
    """How much colour a picture has in each of 18 hues, smoothed over neighbours, of unit length."""
    hue, saturation, value = np.moveaxis(np.asarray(Image.fromarray(pixels).convert("HSV"), float), -1, 0)
    bars = np.bincount((hue * 18 // 256).astype(int).ravel(), (saturation * value).ravel(), minlength=18)
    bars = np.roll(bars, 1) + 2 * bars + np.roll(bars, -1)
    return bars / np.linalg.norm(bars)


def found_again(plain: list[np.ndarray], styled: list[np.ndarray]) -> float:
    """The share of `styled` rows that resemble the plain row of their own number most."""
    return float(np.mean(np.argmax(np.stack(styled) @ np.stack(plain).T, 1) == np.arange(len(plain))))


@pytest.mark.parametrize("style", STYLES)
def test_scenes_are_recognised_in_another_hand(style: str) -> None:
    plain = [picture(scene, EMOTIONS[i % 9]) for i, scene in enumerate(SCENES)]
    styled = [stylise(pixels, style, i) for i, pixels in enumerate(plain)]
    assert found_again([layout(p) for p in plain], [layout(scene_part(s, style)) for s in styled]) > 0.7
    assert min(np.abs(s.astype(int) - p).mean() for p, s in zip(plain, styled, strict=True)) > 8, "hardly restyled"


@pytest.mark.parametrize("style", STYLES)
def test_emotions_keep_their_colours(style: str) -> None:
    for scene in ("mountains", "stage", "flow"):
        plain = [picture(scene, emotion) for emotion in EMOTIONS]
        styled = [stylise(pixels, style, 5) for pixels in plain]
        assert found_again([hues(p) for p in plain], [hues(scene_part(s, style)) for s in styled]) > 0.7


@pytest.mark.parametrize("style", STYLES)
def test_a_style_depends_on_its_seed_and_hardly_on_the_size(style: str) -> None:
    large = picture("desert_road", "amazement", size_px=256)
    pixels = np.asarray(Image.fromarray(large).reduce(2))
    styled = stylise(pixels, style, 3)
    assert styled.shape == pixels.shape
    assert styled.dtype == np.uint8
    assert np.array_equal(styled, stylise(pixels, style, 3))
    assert not np.array_equal(styled, stylise(pixels, style, 4))
    same = np.abs(np.asarray(Image.fromarray(stylise(large, style, 3)).reduce(2), int) - styled).mean()
    assert same < 0.5 * np.abs(styled.astype(int) - pixels).mean()


def test_styles_differ_from_one_another_as_much_as_from_the_plain_picture() -> None:
    pixels = picture("sea", "joyful_activation")
    made = [pixels, *(stylise(pixels, style, 1) for style in STYLES)]
    for i, one in enumerate(made):
        for other in made[:i]:
            assert np.abs(one.astype(int) - other).mean() > 10


@pytest.mark.parametrize("style", STYLES)
def test_a_blank_picture_stays_without_faults(style: str) -> None:
    for level in (0, 127, 255):
        made = stylise(np.full((64, 64, 3), level, np.uint8), style, 1)
        assert made.shape == (64, 64, 3)


def test_an_unknown_style_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        stylise(np.zeros((32, 32, 3), np.uint8), "cubism", 0)


def test_five_pictures_a_second_at_256_px() -> None:
    pixels = picture("skyline", "power", size_px=256)
    for style in STYLES:
        taken = []
        for _ in range(3):
            started = time.process_time()
            stylise(pixels, style, 0)
            taken.append(time.process_time() - started)
        assert min(taken) < 0.2, style


def test_contours_follow_a_disc_and_ignore_a_gradient() -> None:
    y, x = np.mgrid[0:128, 0:128] / 128
    ramp = np.repeat(x[..., None], 3, -1).astype(np.float32)
    assert not manners_forms.contours(ramp).any()
    disc = np.where((np.hypot(x - 0.5, y - 0.5) < 0.3)[..., None], 0.9, 0.1).repeat(3, -1).astype(np.float32)
    radius = np.hypot(x - 0.5, y - 0.5)[manners_forms.contours(disc)]
    assert len(radius) > 150
    assert np.abs(radius - 0.3).max() < 0.02


def test_few_colours_are_those_of_the_picture() -> None:
    bars = np.zeros((64, 64, 3), np.float32)
    bars[:, 20:40] = (1.0, 0.2, 0.1)
    bars[:, 40:] = (0.9, 0.95, 1.0)
    assert manners_forms.few_colours(bars, 3) == pytest.approx(bars[0, [5, 30, 60]], abs=0.05)


def test_the_sheet_shows_every_style() -> None:
    assert manners.contact_sheet(1, size_px=64).shape == (64 * (1 + len(STYLES)), 64 * len(EMOTIONS), 3)
