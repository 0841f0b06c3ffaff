"""MusicGen (Copet et al. 2023), both tiers: transformers' MusicgenForConditionalGeneration from a directory or the Hub.

The audio encoder decides how a piece is made. With the score codec (the bundled model) the tokens are a score, see
`musicgen_score`; with EnCodec (the full tier) they are sound at 50 frames a second, see `musicgen_sound`.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import UserError
from core.models import Model, resolve
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest, Progress, Provenance
from corpus.captions import Fields, music_prompt
from corpus.prompts import read_prompt
from pipelines.engines.wishes import wishes

if TYPE_CHECKING:
    import torch

LABEL = "MusicGen"
CAPABILITIES = (
    "prompt", "genre", "emotion", "key", "tempo", "exact tempo", "instruments", "guidance", "temperature", "midi",
)  # fmt: skip
SECONDS = (1.0, 300.0)
CARD_LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class Loaded:
    """The network with its tokenizer; `plays_scores` where the audio encoder is the score codec."""

    network: Any
    tokenizer: Any
    row: Model
    device: str
    plays_scores: bool


@dataclass(frozen=True)
class Made:
    """What a tier hands back: sound float32 (channels, n) at `rate` and what was decided on the way."""

    samples: npt.NDArray[np.float32]
    rate: int
    request: MusicRequest
    midi: bytes | None = None
    details: dict[str, object] = field(default_factory=dict)


def model() -> Model:
    """The row of the model table in use. A directory with the score codec is of the bundled kind, wherever it is."""
    row = resolve("music")
    return replace(row, tier="bundled", licence=CARD_LICENCE) if _plays_scores(row) else row


def _plays_scores(row: Model) -> bool:
    config = Path(row.where) / "config.json"
    if not row.is_directory or not config.is_file():
        return False
    return bool(json.loads(config.read_text())["audio_encoder"]["model_type"] == "score_codec")


def load(compute: Compute) -> Loaded:
    """Network and tokenizer of `model()` on the device of `compute`.

    Raises UserError when they are not there: no directory, or not cached and no network.
    """
    from transformers import AutoTokenizer, MusicgenForConditionalGeneration

    from pipelines.engines import score_codec  # registers the codec

    row = model()
    if row.tier == "bundled" and not row.is_directory:
        raise UserError(f"The bundled music model is missing: there is no directory {row.where}.", "Restore it.")
    where: dict[str, Any] = {"revision": row.revision or None, "local_files_only": row.is_directory}
    # Small enough for float32 everywhere; half precision is for the gigabytes of the full tier.
    dtype = "float32" if row.tier == "bundled" else compute.dtype
    try:
        network: Any = MusicgenForConditionalGeneration.from_pretrained(
            row.where, dtype=dtype, use_safetensors=True, **where
        )
        tokenizer = AutoTokenizer.from_pretrained(row.where, **where)
    except OSError as error:
        raise UserError(
            f"The music model {row.where} cannot be loaded.", f"Is it there, or is the network? {str(error)[:200]}"
        ) from error
    plays_scores = isinstance(network.audio_encoder, score_codec.ScoreCodecModel)
    if plays_scores:
        network.audio_encoder.muted = True  # musicgen_score plays the finished piece by itself
    return Loaded(network.to(compute.device).eval(), tokenizer, row, compute.device, plays_scores)


def generate(loaded: Loaded, request: MusicRequest, progress: Progress) -> GeneratedClip:
    """Make the clip, exactly `request.seconds` long. The caller sees to it that one model makes one piece at a time."""
    started = time.monotonic()
    make: Callable[[Loaded, MusicRequest, Fields, Progress], Made]
    if loaded.plays_scores:
        from pipelines.engines.musicgen_score import make
    else:
        from pipelines.engines.musicgen_sound import make
    made = make(loaded, request, wishes(request), progress)
    row = loaded.row
    provenance = Provenance(
        row.name, row.revision, row.tier, row.licence, (), loaded.device, time.monotonic() - started
    )
    return GeneratedClip(AudioClip(made.samples, made.rate), made.request, provenance, made.midi, made.details)


def words(request: MusicRequest) -> str:
    """The prompt, and after it in words those fields of the request that it does not state by itself."""
    said = read_prompt(request.prompt)
    unsaid = Fields(
        genre=_unless(said.genre, request.genre),
        emotion=request.emotion if request.emotion not in (said.emotion, said.second_emotion) else None,
        tempo_bpm=_unless(said.tempo_bpm, request.tempo_bpm),
        key=_unless(said.key, request.key),
        instruments=tuple(word for word in request.instruments if word not in said.instruments),
    )
    return ", ".join(filter(None, (request.prompt, music_prompt(unsaid) if unsaid != Fields() else "")))


def _unless(said: Any, asked: Any) -> Any:
    return None if said == asked else asked


def tokenised(loaded: Loaded, text: str) -> "tuple[dict[str, torch.Tensor], list[str]]":
    """`input_ids` and `attention_mask`, int (1, n), and a note where the text did not fit in the model's window."""
    window = min(loaded.tokenizer.model_max_length, 512)
    n_tokens = len(loaded.tokenizer(text).input_ids)
    inputs = loaded.tokenizer(text, return_tensors="pt", truncation=True, max_length=window)
    notes = [f"The prompt is {n_tokens} tokens long; the model read the first {window}."] if n_tokens > window else []
    return {"input_ids": inputs.input_ids, "attention_mask": inputs.attention_mask}, notes
