"""What endpoints get and give: arguments checked, one sentence each; files as Gradio's FileData records.

Arguments arrive as plain JSON values (gr.api converts nothing). A record's file is downloaded by the Python client,
anyone else finds a `url` in it.
"""

import math
from pathlib import Path
from typing import Any

from gradio_client import utils as client_files

from core.errors import UserError
from core.files import SavedClip
from core.runtime import MAX_SEED, check_seed, draw_seed
from page.history import file_url


def clip_path(audio: Any) -> Path:
    """The uploaded sound file of a FileData record."""
    return _upload("clip", audio, such_as="clip.mp3")


def picture_path(picture: Any) -> Path:
    """The uploaded picture of a FileData record."""
    return _upload("picture", picture, such_as="picture.png")


def _upload(what: str, record: Any, *, such_as: str) -> Path:
    """Only uploads are read: a bare path would name a file of the server's."""
    if record is None:
        raise UserError(f"There is no {what}.", f"Send a file; in Python: handle_file('{such_as}').")
    if not client_files.is_file_obj_with_meta(record):
        raise UserError(f"The {what} did not arrive as a file.", f"In Python: handle_file('{such_as}').")
    return Path(record["path"])


def file_record(path: Path) -> Any:
    """A result file as Gradio's FileData record."""
    return {
        "path": str(path),
        "url": "/" + file_url(path),
        "orig_name": path.name,
        "size": path.stat().st_size,
        "meta": {"_type": "gradio.FileData"},
    }


def clip_records(files: SavedClip) -> dict[str, Any]:
    """Records of all forms of a clip, None for those that it lacks."""
    forms = {"wav": files.wav, "mp3": files.mp3, "midi": files.midi, "flac": files.flac, "joined": files.joined}
    return {name: file_record(path) if path else None for name, path in forms.items()}


def text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UserError(f"The {what} is not text.", "Send a string.")
    return value


def word(what: str, value: Any) -> str | None:
    return None if value is None or value == "" else text(what, value)


def number(what: str, value: Any, *, default: float | None = None) -> Any:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(f"The {what} is not a number.", "Send a number, or leave it out.")
    return float(value)


def whole(what: str, value: Any) -> int | None:
    given = number(what, value)
    if given is not None and given != int(given):
        raise UserError(f"The {what} {given:g} is not a whole number.", "Send a whole number, or leave it out.")
    return None if given is None else int(given)


def count(what: str, value: Any) -> int:
    """A whole number, one where it is left out."""
    given = whole(what, value)
    return 1 if given is None else given


def seed(value: Any) -> int:
    if value is None:
        return draw_seed()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError("The seed is not a number.", f"Use a whole number from 0 to {MAX_SEED}, or leave it out.")
    return check_seed(value)  # type: ignore[arg-type]


def instruments(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise UserError("The instruments are not a list of words.", 'Send a list such as ["piano", "cello"].')
    return tuple(word.strip() for word in words if word.strip())


def adapters(value: Any) -> tuple[tuple[str, float], ...]:
    """Names with weights, out of a mapping or a list of "name:weight"; a name alone weighs 1."""
    if value is not None and not isinstance(value, dict | list):
        raise UserError("The adapters are neither a mapping nor a list.", 'Send for example {"watercolour": 0.8}.')
    pairs = list(value.items()) if isinstance(value, dict) else [_pair(each) for each in value or []]
    return tuple(
        (text("adapter", name), number(f"weight of adapter {name!r}", weight, default=1.0)) for name, weight in pairs
    )


def _pair(value: Any) -> tuple[str, float | None]:
    name, _, weight = text("adapter", value).rpartition(":")
    if not name:
        return weight, None
    try:
        return name, float(weight)
    except ValueError:
        raise UserError(f"The weight of adapter {name!r} is not a number.", 'Send for example "chalk:0.5".') from None
