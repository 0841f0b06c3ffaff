"""LoRA adapters on a picture model for the length of one request: read, weighed, and taken off again.

Adapters are weighed with `set_adapters`, never fused, so that no request sees another's.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from typing import Any

from core.errors import UserError
from pipelines.picture_model import PictureModel

MAX_WEIGHT = 2.0
Chosen = tuple[tuple[str, float], ...]
"""(name, weight) pairs."""


def adapters() -> list[dict[str, Any]]:
    """The adapters that `ImageRequest.adapters` may name, as plain JSON values."""
    from lora.check import list_adapters

    return [info.as_json() for info in list_adapters()]


def known(chosen: Sequence[tuple[str, float]]) -> Chosen:
    """The chosen adapters, those of weight 0 left out.

    Raises UserError for one that is not installed or chosen twice, and for a weight outside -MAX_WEIGHT..MAX_WEIGHT.
    """
    if not isinstance(chosen, Sequence):
        raise UserError("The adapters are no list.", "Give pairs of a name and a weight.")
    installed = [row["name"] for row in adapters()] if chosen else []
    seen: dict[str, float] = {}
    for pair in chosen:
        name, weight = pair if isinstance(pair, Sequence) and len(pair) == 2 else (pair, math.nan)
        if name not in installed:
            raise UserError(
                f"There is no adapter {name!r}.", f"Choose one of: {', '.join(installed) or 'none installed'}."
            )
        if name in seen:
            raise UserError(f"The adapter {name!r} is chosen twice.", "Choose it once, with one weight.")
        if isinstance(weight, bool) or not isinstance(weight, Real) or not abs(float(weight)) <= MAX_WEIGHT:
            hint = f"Use a number from {-MAX_WEIGHT:g} to {MAX_WEIGHT:g}."
            raise UserError(f"The weight of adapter {name!r} is {weight}.", hint)
        seen[name] = float(weight)
    return tuple((name, weight) for name, weight in seen.items() if weight)


@contextmanager
def worn(model: PictureModel, chosen: Chosen) -> Iterator[None]:
    """Within the block the model wears the chosen adapters; after it none.

    Raises UserError for an adapter that does not fit the model or cannot be read.
    """
    try:
        if chosen:
            _put_on(model, chosen)
        yield
    finally:
        if model.adapters:
            model.pipe.disable_lora()


def _put_on(model: PictureModel, chosen: Chosen) -> None:
    paths = {row["name"]: Path(row["path"]) for row in adapters()}
    slots = [_read(model, name, paths[name]) for name, _ in chosen]
    model.pipe.enable_lora()
    model.pipe.set_adapters(slots, [weight for _, weight in chosen])


def _read(model: PictureModel, name: str, path: Path) -> str:
    """The adapter's name inside PEFT, where it is read unless this version of the file has been already.

    The file's age is part of that name: an adapter that was trained anew under its name is another adapter. So is the
    dot's replacement, for PEFT would part the name at a dot.
    """
    slot = f"{name.replace('.', '_')}_{path.stat().st_mtime_ns:x}"
    if slot in model.adapters:
        return slot
    from safetensors import SafetensorError

    from lora.check import check_adapter

    check_adapter(path, {key: tuple(p.shape) for key, p in model.pipe.unet.named_parameters()})
    try:
        model.pipe.load_lora_weights(path.parent, weight_name=path.name, adapter_name=slot, use_safetensors=True)
    except (OSError, RuntimeError, ValueError, KeyError, SafetensorError) as error:
        raise UserError(f"The adapter {name} could not be read.", "Train it again, or take its file away.") from error
    model.adapters.add(slot)
    return slot
