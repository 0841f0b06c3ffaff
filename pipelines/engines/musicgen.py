"""MusicGen (Copet et al. 2023), both tiers: transformers' MusicGen and MusicGen Melody from a directory or the Hub.

The audio encoder decides how a piece is made. With the score codec (the bundled model) the tokens are a score, see
`musicgen_score`; with EnCodec (the full tier) they are sound at 50 frames a second, see `musicgen_sound`.
"""

import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import UserError
from core.models import MELODY, Model, cached_file, resolve
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest, Provenance
from corpus.captions import Fields, music_prompt
from corpus.prompts import read_prompt
from pipelines.engines.task import Task

if TYPE_CHECKING:
    import torch

LABEL = "MusicGen"
CAPABILITIES = (
    "prompt", "genre", "emotion", "key", "tempo", "exact tempo", "instruments", "guidance", "temperature", "midi",
    "continue", "unconditional", "melody", "stream", "variations",
)  # fmt: skip
"""What MusicGen can do at all; `capabilities` says what a model of the table can."""
SECONDS = (1.0, 300.0)
CARD_LICENCE = "Apache-2.0"
_MADE_BY_SCORES = ("midi", "exact tempo")


@dataclass(frozen=True)
class Loaded:
    """The network with its tokenizer; `plays_scores` where the audio encoder is the score codec."""

    network: Any
    tokenizer: Any
    row: Model
    device: str
    plays_scores: bool
    follows_melody: bool = False


@dataclass(frozen=True)
class Made:
    """What a tier hands back: sound float32 (channels, n) at `rate` and what was decided on the way."""

    samples: npt.NDArray[np.float32]
    rate: int
    request: MusicRequest
    midi: bytes | None = None
    details: dict[str, object] = field(default_factory=dict)
    beat_times_s: tuple[float, ...] = ()
    lead_in: AudioClip | None = None


def model() -> Model:
    """The row of the model table in use. A directory with the score codec is of the bundled kind, wherever it is."""
    row = resolve("music")
    return replace(row, tier="bundled", licence=CARD_LICENCE) if _plays_scores(_config(row)) else row


def capabilities(row: Model) -> tuple[str, ...]:
    """What the model can do, as far as its config is at hand: the network is not asked for it."""
    config = _config(row)
    lacking: tuple[str, ...] = () if _plays_scores(config) or row.tier == "bundled" else _MADE_BY_SCORES
    likely = "musicgen_melody" if "melody" in row.name else "musicgen"
    if config.get("model_type", likely) != "musicgen_melody":
        lacking += ("melody",)
    return tuple(each for each in CAPABILITIES if each not in lacking)


def _config(row: Model) -> dict[str, Any]:
    """The model's config.json, from its directory or the Hub's cache; empty where there is none."""
    path = Path(row.where) / "config.json" if row.is_directory else cached_file(row, "config.json")
    return dict(json.loads(path.read_text())) if path and path.is_file() else {}


def _plays_scores(config: dict[str, Any]) -> bool:
    return bool(config.get("audio_encoder", {}).get("model_type") == "score_codec")


def load(compute: Compute) -> Loaded:
    """Network and tokenizer of `model()` on the device of `compute`.

    Raises UserError when they are not there: no directory, or not cached and no network, or no MusicGen at all.
    """
    from transformers import AutoTokenizer

    from pipelines.engines import score_codec  # registers the codec

    row = model()
    if row.tier == "bundled" and not row.is_directory:
        raise UserError(f"The bundled music model is missing: there is no directory {row.where}.", "Restore it.")
    where: dict[str, Any] = {"revision": row.revision or None, "local_files_only": row.is_directory}
    try:
        network: Any = _kind(row, where).from_pretrained(row.where, dtype="float32", use_safetensors=True, **where)
        tokenizer = AutoTokenizer.from_pretrained(row.where, **where)
    except (OSError, ValueError) as error:
        raise UserError(
            f"The music model {row.where} cannot be loaded.", f"Is it there, or is the network? {str(error)[:200]}"
        ) from error
    plays_scores = isinstance(network.audio_encoder, score_codec.ScoreCodecModel)
    if not plays_scores:
        network.decoder.to(_quick_dtype(compute))
    follows_melody = network.config.model_type == "musicgen_melody"
    return Loaded(network.to(compute.device).eval(), tokenizer, row, compute.device, plays_scores, follows_melody)


def _kind(row: Model, where: dict[str, Any]) -> Any:
    """The class of transformers for the model's type. Raises OSError when there is no config."""
    from transformers import AutoConfig, MusicgenForConditionalGeneration, MusicgenMelodyForConditionalGeneration

    kinds = {"musicgen": MusicgenForConditionalGeneration, "musicgen_melody": MusicgenMelodyForConditionalGeneration}
    found = AutoConfig.from_pretrained(row.where, **where).model_type
    if found not in kinds:
        raise UserError(f"{row.where} is no MusicGen, but a model of type {found}.", "Name a MusicGen directory.")
    return kinds[found]


def _quick_dtype(compute: Compute) -> "torch.dtype":
    """The decoder's dtype where it is gigabytes; text encoder and codec are run seldom and stay exact in float32.

    A step is bound by reading the weights. bfloat16 has float32's range, so nothing overflows; on a CPU with
    instructions for it guided steps are 1.3 (width 384) to 3 times (width 1024) as fast as in float32.
    """
    import torch

    if compute.device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if compute.device == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16", False):
        return torch.bfloat16
    return compute.torch_dtype


def generate(loaded: Loaded, task: Task) -> list[GeneratedClip]:
    """A clip for each request, made in one batch, each exactly as long as asked.

    The caller lets one model do one task at a time. Raises UserError for a mode that this model cannot do.
    """
    started = time.monotonic()
    _refuse(loaded, task)
    if loaded.plays_scores:
        from pipelines.engines.musicgen_score import make
    else:
        from pipelines.engines.musicgen_sound import make
    made = make(loaded, task)
    row, seconds_taken = loaded.row, time.monotonic() - started
    provenance = Provenance(row.name, row.revision, row.tier, row.licence, (), loaded.device, seconds_taken)
    return [
        GeneratedClip(
            AudioClip(each.samples, each.rate),
            each.request,
            provenance,
            each.midi,
            each.details,
            beat_times_s=each.beat_times_s,
            lead_in=each.lead_in,
        )
        for each in made
    ]


def _refuse(loaded: Loaded, task: Task) -> None:
    mode = task.requests[0].mode
    if mode == "melody" and not loaded.follows_melody:
        raise UserError(
            f"{loaded.row.name} cannot follow a melody.",
            f"{MELODY.name} can: set SYNTHESETE_MUSIC_MODEL to {MELODY.where}, or choose another mode.",
        )
    if mode in ("continue", "melody") and task.source is None:
        raise UserError("There is no clip to start from.", "Give one, or choose the mode text.")


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
