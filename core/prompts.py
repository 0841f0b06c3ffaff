"""What a person typed, made fit to be read by a model and shown on a page."""

import unicodedata

from core.errors import UserError

LONGEST_PROMPT = 2000
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format (also reversing marks), stray surrogates, line ends


def clean_prompt(text: str, *, what: str = "prompt") -> str:
    """The text without unprintable characters and with single spaces.

    Raises UserError when more than LONGEST_PROMPT characters are left; `what` names the text in that sentence.
    """
    printable = "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text)
    cleaned = " ".join(printable.split())
    if len(cleaned) > LONGEST_PROMPT:
        raise UserError(
            f"The {what} has {len(cleaned)} characters; at most {LONGEST_PROMPT} fit.", "Say it in fewer words."
        )
    return cleaned
