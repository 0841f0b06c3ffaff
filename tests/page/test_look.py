"""The look: an accent for every emotion that text can be read on, and fonts that are really there."""

import importlib.resources
import re

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
