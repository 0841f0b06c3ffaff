"""Which model serves which job, where its weights are, and one bounded cache of what is loaded.

A model is a directory or a Hub id; loaders do not know which tier they serve. SYNTHESETE_TIER (auto, bundled, full)
chooses; SYNTHESETE_IMAGE_MODEL and SYNTHESETE_MUSIC_MODEL name any other directory or Hub id of the same format.
`auto` takes the full tier where its weights are already cached or the machine is a GPU Space, else the bundled one.
Looking never touches the network.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "weights"


@dataclass(frozen=True)
class Model:
    """A row of the table: `where` is a directory or a Hub id; `revision` a commit, "" for a directory."""

    name: str
    where: str
    revision: str
    tier: str
    licence: str

    @property
    def is_directory(self) -> bool:
        return Path(self.where).is_dir()


BUNDLED = {
    "image": Model("synthesete-painter", str(WEIGHTS / "image"), "", "bundled", "Apache-2.0"),
    "music": Model("synthesete-score-musicgen", str(WEIGHTS / "music"), "", "bundled", "Apache-2.0"),
}
FULL = {
    "image": Model(
        "stable-diffusion-v1-5", "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "451f4fe16113bff5a5d2269ed5ad43b0592e9a14", "full", "CreativeML OpenRAIL-M",
    ),
    "music": Model(
        "musicgen-small", "facebook/musicgen-small",
        "4c8334b02c6ec4e8664a91979669a501ec497792", "full", "CC-BY-NC-4.0",
    ),
}  # fmt: skip
_OVERRIDE = {"image": "SYNTHESETE_IMAGE_MODEL", "music": "SYNTHESETE_MUSIC_MODEL"}
_MARKER = {"image": "model_index.json", "music": "config.json"}


def resolve(job: str) -> Model:
    """The model for `job` ("image" or "music") under the present settings.

    Raises UserError when SYNTHESETE_TIER is not one of auto, bundled, full.
    """
    override = os.environ.get(_OVERRIDE[job], "")
    if override:
        return Model(Path(override).name, override, "", "full", "see the model's card")
    tier = os.environ.get("SYNTHESETE_TIER", "auto")
    if tier not in ("auto", "bundled", "full"):
        raise UserError(f"SYNTHESETE_TIER is {tier!r}.", "Set it to auto, bundled or full.")
    full = tier == "full" or (tier == "auto" and (_is_cached(job) or _is_gpu_space()))
    return FULL[job] if full else BUNDLED[job]


def _is_cached(job: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    row = FULL[job]
    return isinstance(try_to_load_from_cache(row.where, _MARKER[job], revision=row.revision), str)


def _is_gpu_space() -> bool:
    return bool(os.environ.get("SPACE_ID")) and os.environ.get("ACCELERATOR", "none") not in ("none", "cpu-basic", "")


class Cache:
    """At most `size` loaded models; the least recently used goes first. Each key is loaded once, under its own lock."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, Any] = OrderedDict()
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str, load: Callable[[], Any]) -> Any:
        """The value for `key`, loading it with `load()` when it is not there."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            with self._lock:
                if key in self._entries:
                    return self._entries[key]
            value = load()
            with self._lock:
                self._entries[key] = value
                while len(self._entries) > self._size:
                    self._entries.popitem(last=False)
            return value

    def names(self) -> list[str]:
        """Keys of what is loaded now, oldest use first."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget everything that is loaded."""
        with self._lock:
            self._entries.clear()


LOADED = Cache(size=6)
"""The process-wide cache."""
