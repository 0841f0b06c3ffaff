"""Which model serves which job, where its weights are, and one bounded cache of what is loaded.

A model is a directory or a Hub id; loaders do not know which tier they serve. SYNTHESETE_TIER (auto, bundled, full)
chooses; SYNTHESETE_IMAGE_MODEL and SYNTHESETE_MUSIC_MODEL name any other directory or Hub id of the same format.
`auto` takes the full tier where its weights are already cached or the machine is a GPU Space, else the bundled one.
Looking never touches the network; only `folder_of` may be told to fetch.
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
MELODY = Model("musicgen-melody", "facebook/musicgen-melody", "", "full", "CC-BY-NC-4.0")
"""The MusicGen that follows a given tune: for SYNTHESETE_MUSIC_MODEL."""
SD_TURBO = Model(
    "sd-turbo", "stabilityai/sd-turbo",
    "b261bac6fd2cf515557d5d0707481eafa0485ec2", "full", "Stability AI Non-Commercial Research Community License",
)  # fmt: skip
SDXL_TURBO = Model(
    "sdxl-turbo", "stabilityai/sdxl-turbo",
    "71153311d3dbb46851df1931d3ca6e939de83304", "full", "Stability AI Non-Commercial Research Community License",
)  # fmt: skip
"""Painters of one to four steps: for SYNTHESETE_IMAGE_MODEL."""
LCM_LORA = Model(
    "lcm-lora-sdv1-5", "latent-consistency/lcm-lora-sdv1-5",
    "cf2fced511dbe7e26c8d1d397e728fbab875db4b", "full", "OpenRAIL++-M",
)  # fmt: skip
"""What lets Stable Diffusion 1.x paint in four to eight steps."""
TINY_DECODER = Model("taesd", "madebyollin/taesd", "614f76814bbe30edbe2e627ace1c2234c81a2c0e", "full", "MIT")
TINY_DECODER_XL = Model("taesdxl", "madebyollin/taesdxl", "b20258aaef75ef61e659c1e0f14f251cf0ad153e", "full", "MIT")
"""Small autoencoders for the latents of Stable Diffusion 1.x and 2.x, and of XL."""
_BY_NAME = {row.where: row for row in (*FULL.values(), MELODY, SD_TURBO, SDXL_TURBO)}
_OVERRIDE = {"image": "SYNTHESETE_IMAGE_MODEL", "music": "SYNTHESETE_MUSIC_MODEL"}
_MARKER = {"image": "model_index.json", "music": "config.json"}


def resolve(job: str) -> Model:
    """The model for `job` ("image" or "music") under the present settings.

    Raises UserError when SYNTHESETE_TIER is not one of auto, bundled, full.
    """
    override = os.environ.get(_OVERRIDE[job], "")
    if override:
        return _BY_NAME.get(override) or Model(Path(override).name, override, "", "full", "see the model's card")
    tier = os.environ.get("SYNTHESETE_TIER", "auto")
    if tier not in ("auto", "bundled", "full"):
        raise UserError(f"SYNTHESETE_TIER is {tier!r}.", "Set it to auto, bundled or full.")
    full = tier == "full" or (tier == "auto" and (_is_cached(job) or _is_gpu_space()))
    return FULL[job] if full else BUNDLED[job]


def cached_file(row: Model, name: str) -> Path | None:
    """A file of a Hub model where it is cached already; never asks the network."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(row.where, name, revision=row.revision or None)
    except HFValidationError:  # no Hub id at all, such as the path of a directory that is not there
        return None
    return Path(found) if isinstance(found, str) else None


def folder_of(row: Model, files: tuple[str, ...], *, fetch: bool = False) -> Path | None:
    """The folder that holds all `files` of a model: its directory, or its snapshot in the Hub's cache.

    None where one of them is missing. With `fetch` what is missing is asked of the Hub, unless HF_HUB_OFFLINE is set.
    """
    if row.is_directory:
        folder = Path(row.where)
        return folder if all((folder / name).is_file() for name in files) else None
    found = [cached_file(row, name) or (_fetched(row, name) if fetch else None) for name in files]
    return found[0].parents[files[0].count("/")] if found[0] and all(found) else None


def _fetched(row: Model, name: str) -> Path | None:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(row.where, name, revision=row.revision or None))
    except (OSError, ValueError):  # no network, no such file, a name that is no Hub id
        return None


def _is_cached(job: str) -> bool:
    return cached_file(FULL[job], _MARKER[job]) is not None


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
