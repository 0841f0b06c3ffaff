"""MusicGen over EnCodec, the full tier: tokens are sound, 50 frames a second at 32 kHz.

Longer pieces are windows of at most WINDOW_S, each going on from the last frames of the one before: the model
degrades beyond 30 s. Tempo, key, genre, emotion and instruments are words in the prompt. Settings are audiocraft's:
guidance 3, the 250 most probable tokens, temperature 1.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from core.runtime import cpu_generator
from core.types import MusicRequest, Progress
from corpus.captions import Fields
from pipelines.engines import musicgen
from pipelines.engines.musicgen import Loaded, Made
from pipelines.engines.steering import Sampling, Steering, generate_frames

WINDOW_S, KEPT_S = 30.0, 12.0
JOIN_S = 0.04
"""Windows are cross-faded over this much: the decoder's last frames lack what follows them."""
GUIDANCE, TEMPERATURE, TOP_K = 3.0, 1.0, 250
LOUDEST = 0.98


def make(loaded: Loaded, request: MusicRequest, wishes: Fields, progress: Progress) -> Made:
    """Generate the sound window by window; what the request left open of tempo, genre and key stays open."""
    text, notes = musicgen.tokenised(loaded, musicgen.words(request))
    guidance = GUIDANCE if request.guidance is None else request.guidance
    sampling = Sampling(guidance=max(1.0, guidance), temperature=request.temperature or TEMPERATURE, top_k=TOP_K)
    sound = _windows(loaded, text, request, sampling, progress)
    codec = loaded.network.config.audio_encoder
    request = replace(
        request,
        tempo_bpm=wishes.tempo_bpm,
        genre=wishes.genre,
        emotion=wishes.emotion,
        key=wishes.key,
        instruments=wishes.instruments,
        guidance=guidance,
        temperature=sampling.temperature,
    )
    n = round(request.seconds * codec.sampling_rate)
    return Made(_safe(sound[:, :n].numpy()), codec.sampling_rate, request, None, {"notes": notes})


def delays(n_streams: int, channels: int) -> list[int]:
    """Stream k waits k frames; in a stereo model left and right take turns, so that a pair shares its delay."""
    return [stream // channels for stream in range(n_streams)]


def join(first: torch.Tensor, second: torch.Tensor, overlap: int) -> torch.Tensor:
    """Sound (channels, n) whose last `overlap` samples turn into the first of `second`."""
    if not overlap:
        return torch.cat([first, second], 1)
    rise = torch.linspace(0, 1, overlap)
    seam = first[:, -overlap:] * (1 - rise) + second[:, :overlap] * rise
    return torch.cat([first[:, :-overlap], seam, second[:, overlap:]], 1)


def _windows(
    loaded: Loaded, text: dict[str, torch.Tensor], request: MusicRequest, sampling: Sampling, progress: Progress
) -> torch.Tensor:
    """Sound float32 (channels, >= n)."""
    decoder, codec = loaded.network.config.decoder, loaded.network.config.audio_encoder
    hop = codec.hop_length
    frame_rate = codec.sampling_rate / hop
    n_frames = math.ceil(request.seconds * frame_rate)
    overlap = round(JOIN_S * codec.sampling_rate)
    generator = cpu_generator(request.seed)
    codes = torch.zeros(decoder.num_codebooks, 0, dtype=torch.long)
    sound = torch.zeros(1, 0)
    while (done := codes.shape[1]) < n_frames:
        kept = codes[:, max(0, done - round(KEPT_S * frame_rate)) :]
        wanted = min(round(WINDOW_S * frame_rate) - kept.shape[1], n_frames - done)
        steering = Steering(
            delays(decoder.num_codebooks, decoder.audio_channels),
            sampling,
            generator=generator,
            on_step=_reporter(progress, done, wanted, n_frames),
        )
        new, window = generate_frames(loaded.network, text, prefix=kept, n_frames=wanted, steering=steering)
        codes = torch.cat([codes, new], 1)
        sound = join(sound, window[:, kept.shape[1] * hop - overlap :], overlap) if done else window
    return sound


def _reporter(progress: Progress, done: int, wanted: int, n_frames: int) -> Callable[[int], None]:
    """A window takes a few more columns than it has frames: the delay of the last stream."""
    return lambda step: progress((done + min(step, wanted)) / n_frames, "composing")


def _safe(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Finite, and turned down as a whole where it would clip."""
    finite = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    peak = float(np.abs(finite).max(initial=0.0))
    return np.ascontiguousarray(finite * np.float32(LOUDEST / peak) if peak > LOUDEST else finite)
