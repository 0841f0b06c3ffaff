"""The look: an accent for every emotion that text can be read on, and fonts that are really there."""

import importlib.resources
import itertools
import re

import numpy as np
import pytest

from corpus.captions import EMOTIONS
from page import look


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2 of "#rrggbb"."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_emotion_has_its_own_accent() -> None:
    assert set(look.ACCENTS) == set(EMOTIONS)
    assert len({look.accent_style(emotion) for emotion in (*EMOTIONS, None)}) == len(EMOTIONS) + 1
    assert look.accent_style("<script>") == look.accent_style(None)


@pytest.mark.parametrize("colours", [*look.ACCENTS.values(), look.RESTING])
def test_text_can_be_read_on_and_in_every_accent(colours: tuple[str, str, str]) -> None:
    light, dark, _ = colours
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(light, "#fffdfa") >= 4.5
    assert contrast(dark, "#15111e") >= 4.5
    assert contrast(dark, "#1b1726") >= 4.5


# How people without one kind of cone see linear light: Machado, Oliveira & Fernandes 2009, severity 1.
SIGHTS = {
    "all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "no long": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no middle": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no short": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, sight: str) -> np.ndarray:
    """CIE L*a*b* (D65) of "#rrggbb" as seen."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ (np.array(SIGHTS[sight]) @ linear).clip(0, 1) / (0.9505, 1.0, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("mode", "paper"), [(0, "#fffdfa"), (1, "#1b1726")])
def test_the_four_tones_are_told_apart_by_everybody(sight: str, mode: int, paper: str) -> None:
    tones = re.findall(r"--syn-tone-\d: (#[0-9a-f]{6})", look.STYLE_SHEET.read_text())[4 * mode : 4 * mode + 4]
    assert len(tones) == 4
    for one, two in itertools.combinations(tones, 2):
        assert np.linalg.norm(lab(one, sight) - lab(two, sight)) > 15  # 2.3 is just noticeable side by side
    assert min(contrast(tone, paper) for tone in tones) >= 3  # WCAG 2.1 for graphics


def test_the_fonts_hold_latin_letters_and_nothing_is_fetched() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib", reason="fontTools reads the font files")
    pytest.importorskip("brotli", reason="the font files are compressed with brotli")
    static = importlib.resources.files("gradio") / "templates" / "frontend"
    theme = look.theme()
    assert theme._stylesheets == []  # these would be fetched from outside
    files = re.findall(r"url\('(static/fonts/[^']+)'\)", "".join(theme._font_css))
    assert len(files) == 6
    for file in files:
        with ttlib.TTFont(str(static / file)) as face:
            assert {ord(letter) for letter in "AZaz09%·"} <= set(face.getBestCmap()), file


def test_style_and_script_fetch_nothing() -> None:
    for path in (look.STYLE_SHEET, look.SCRIPT):
        assert not re.search(r"https?://|@import|src=", path.read_text())
