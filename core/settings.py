"""What a result was made with, as text that travels inside its file, and back from that text.

Two forms: JSON of our own, which holds every field of the request, and for pictures the `parameters` line that other
image tools read (prompt, "Negative prompt: ..", then "Steps: 6, Sampler: LCM, .., Version: Synthesete"). Only the JSON
is read back. It comes from files that anybody may have changed, so every value is held to its annotated kind.
"""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from core.errors import UserError
from core.types import GeneratedClip, GeneratedImage, ImageRequest, MusicRequest

_R = TypeVar("_R")
FORMAT = 1


@dataclass(frozen=True)
class Settings:
    """What a dropped file says it was made with: a picture, music, or both of a film."""

    image: ImageRequest | None
    music: MusicRequest | None
    description: dict[str, Any]


def settings_json(result: GeneratedImage | GeneratedClip, words: dict[str, Any]) -> str:
    """The settings as JSON, ASCII only."""
    return json.dumps(
        {
            "format": FORMAT,
            "kind": "picture" if isinstance(result, GeneratedImage) else "music",
            "request": asdict(result.request),
            "provenance": asdict(result.provenance),
            "description": words,
        }
    )


def film_json(*parts: str | None) -> str:
    """The settings of a film, of those of its picture and its music; empty where neither has any that can be used."""
    known: list[dict[str, Any]] = []
    for part in filter(None, parts):
        with suppress(UserError):
            settings_in(part)
            known += _parts(part)
    return json.dumps({"format": FORMAT, "kind": "film", "parts": known}) if known else ""


def _parts(text: str) -> list[dict[str, Any]]:
    """The settings in a file's text; a film has those of several."""
    data = json.loads(text)
    return list(data["parts"]) if data["kind"] == "film" else [data]


def settings_in(text: str) -> Settings:
    """What `settings_json` or `film_json` wrote. Raises UserError when it cannot be used."""
    try:
        image = music = None
        words: dict[str, Any] = {}
        for part in _parts(text):
            words |= {str(key): value for key, value in part.get("description", {}).items()}
            if part["kind"] == "picture":
                image = _instance(ImageRequest, part["request"])
            else:
                music = _instance(MusicRequest, part["request"])
        return Settings(image, music, words)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise UserError(
            "This file carries settings that this version cannot read.", "Use a file made by this version."
        ) from error


def parameters_text(result: GeneratedImage) -> str:
    """The settings in the text form that other image tools read (the `parameters` chunk).

    They give the size before enlarging, and how much of the start is noise, which is what a layout leaves of it.
    """
    request, source = result.request, result.provenance
    height, width = (side // request.upscale for side in result.pixels.shape[:2])
    prompt = request.prompt + "".join(f" <lora:{name}:{weight:g}>" for name, weight in request.adapters)
    lines = [prompt, f"Negative prompt: {request.negative_prompt}"] if request.negative_prompt else [prompt]
    by_layout = request.layout_strength if request.layout else None
    facts = {
        "Steps": request.steps, "Sampler": source.sampler, "CFG scale": request.guidance, "Seed": request.seed,
        "Size": f"{width}x{height}", "Model": source.model,
        "Denoising strength": f"{1 - by_layout:g}" if by_layout else "",
        "Hires upscale": request.upscale if request.upscale > 1 else "", "Version": "Synthesete",
    }  # fmt: skip
    told = [f"{name}: {_quoted(value)}" for name, value in facts.items() if value not in (None, "")]
    return "\n".join([*lines, ", ".join(told)])


def _quoted(value: object) -> str:
    """The value, in quotes where a comma, a colon or a line's end in it would be read as the end of it."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(',:\n"') else text


def _instance(kind: type[_R], data: Mapping[str, Any]) -> _R:
    """The dataclass with these fields; those that are not there keep their defaults. Raises ValueError, TypeError."""
    hints = get_type_hints(kind)
    if unknown := set(data) - set(hints):
        raise ValueError(f"unknown settings {sorted(unknown)}")
    return kind(**{name: _value(value, hints[name]) for name, value in data.items()})


def _value(value: Any, hint: Any) -> Any:
    """A value from JSON as the annotated kind: a tuple from a list, a dataclass from an object, a finite number.

    Raises ValueError or TypeError for a value of another kind.
    """
    if get_origin(hint) is UnionType:
        kind = next(kind for kind in get_args(hint) if kind is not type(None))
        return None if value is None else _value(value, kind)
    if get_origin(hint) is tuple and isinstance(value, list):
        each_kind = get_args(hint)
        each_kind = each_kind[:1] * len(value) if each_kind[-1] is ... else each_kind
        return tuple(_value(each, kind) for each, kind in zip(value, each_kind, strict=True))
    if is_dataclass(hint) and isinstance(value, dict):
        return _instance(hint, value)  # type: ignore[arg-type]
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not hint or (hint is float and not math.isfinite(value)):
        raise ValueError(f"{str(value)[:80]!r} is no {hint}")
    return value
