"""Typed text is cleaned the same way for pictures and for music."""

import pytest

from core.errors import UserError
from core.prompts import LONGEST_PROMPT, clean_prompt


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  calm   sea ", "calm sea"),
        ("a\x00b\x07\tc\nd", "a b c d"),
        ("left \u202eright\u2028line", "left right line"),
        ("\ud800 alone", "alone"),
        ("Übung, 海, ♪", "Übung, 海, ♪"),
        ("\x00\x01", ""),
    ],
)
def test_what_cannot_be_printed_goes_and_the_rest_stays(typed: str, read: str) -> None:
    assert clean_prompt(typed) == read


def test_too_long_is_a_sentence_that_names_the_text() -> None:
    assert len(clean_prompt("x" * LONGEST_PROMPT)) == LONGEST_PROMPT
    with pytest.raises(UserError, match="The music prompt has 2001 characters"):
        clean_prompt("x" * (LONGEST_PROMPT + 1), what="music prompt")
