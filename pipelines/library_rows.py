"""What a library's table says of one file: the row, its columns, and the function that makes it in a worker.

A row is a dict of plain values under the names of COLUMNS, so that it crosses process and machine borders as it is.
A file that cannot be described is a row as well: its `error` says why, what was not heard is None.
"""

from collections.abc import Callable
from typing import Any

from corpus.captions import EMOTIONS, GENRES

Row = dict[str, Any]
Judge = Callable[[str], Row]
"""From a path to the row's values beyond path, size and time; answers with an `error` rather than raise."""

_DIGITS = 4

COLUMNS: dict[str, str] = {
    "path": "string",  # below the folder, with / between the parts
    "size_bytes": "int64",
    "modified": "timestamp[ns, tz=UTC]",
    "seconds": "double",
    "caption": "string",
    "genre": "string",
    **{f"genre_{label}": "double" for label in GENRES},
    "emotion": "string",
    **{f"emotion_{label}": "double" for label in EMOTIONS},
    "tempo_bpm": "double",
    "tempo_alternative_bpm": "double",
    "tempo_confidence": "double",
    "key": "string",
    "key_confidence": "double",
    "loudness_lufs": "double",
    "music_probability": "double",
    "warnings": "string",  # sentences, or null where there are none
    "error": "string",  # why the file could not be described, or null
}
"""Name and Arrow type of every column, in order."""


def describer() -> Judge:
    """Load the classifiers in this process and return the function that describes files with them."""
    from pipelines.describe import warm

    warm()
    return judge


def judge(path: str) -> Row:
    """Describe one file; a refusal or an unexpected error becomes the row's `error`."""
    from core.errors import UserError
    from pipelines.describe import describe_file

    try:
        return heard(describe_file(path))
    except UserError as error:
        return failure(str(error))
    except Exception as error:  # one strange file must not end the run; what happened stands in its row
        return failure(f"An unexpected error: {type(error).__name__}: {error}"[:500])


def failure(sentence: str) -> Row:
    """The row of a file that could not be described."""
    return {"error": sentence}


def heard(description: Any) -> Row:
    """The row of a Description; figures are rounded to four digits."""
    traits = description.traits
    genre = {f"genre_{label}": share for label, share in traits.genre.as_dict().items()}
    emotion = {f"emotion_{label}": share for label, share in traits.emotion.as_dict().items()}
    numbers = {
        "seconds": traits.seconds,
        **genre,
        **emotion,
        "tempo_bpm": traits.beats.tempo_bpm,
        "tempo_alternative_bpm": traits.beats.alternative_bpm,
        "tempo_confidence": traits.beats.confidence,
        "key_confidence": traits.key_confidence,
        "loudness_lufs": traits.loudness_lufs,
        "music_probability": traits.music_probability,
    }
    return {name: round(float(value), _DIGITS) for name, value in numbers.items()} | {
        "caption": description.caption,
        "genre": traits.genre.top,
        "emotion": traits.emotion.top,
        "key": traits.key,
        "warnings": " ".join(description.warnings) or None,
        "error": None,
    }
