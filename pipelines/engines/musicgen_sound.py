"""MusicGen over EnCodec, the full tier: tokens are sound, 50 frames a second at 32 kHz.

Longer pieces are windows of at most WINDOW_S, each going on from the last frames of the one before: the model
degrades beyond 30 s. A continuation is the same with the end of a clip as its first frames. The frames of all windows
are one stream to the codec (`decoding`), so windows leave no seam, and sound is there soon after its tokens.
Tempo, key, genre, emotion and instruments are words in the prompt. Settings are audiocraft's: guidance 3, the 250 most
probable tokens, temperature 1.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr
import torch

from core.errors import UserError
from core.runtime import cpu_generator
from core.types import AudioClip, MusicRequest
from pipelines.engines import melody, musicgen
from pipelines.engines.decoding import Decoding
from pipelines.engines.musicgen import Loaded, Made
from pipelines.engines.steering import Row, Sampling, Steering
from pipelines.engines.streams import Conditions, generate_frames, read_nothing, read_text
from pipelines.engines.task import Task
from pipelines.engines.wishes import wishes

WINDOW_S, KEPT_S = 30.0, 12.0
MOST_HEARD_S, LEAST_HEARD_S = 20.0, 0.5
"""How much of a clip a continuation goes on from; more would leave the first window little room."""
FIRST_PIECE_S, PIECE_S = 0.6, 1.0
"""Sound goes to the listener in pieces of this much."""
LEAD_IN_S = 1.0
GUIDANCE, TEMPERATURE, TOP_K = 3.0, 1.0, 250
HEADROOM, LOUDEST = 0.5, 0.98
"""Of the codec's sound, which is as loud as records are, and louder; a stream cannot be turned down afterwards."""


def make(loaded: Loaded, task: Task) -> list[Made]:
    """Generate the sound window by window; what the request left open of tempo, genre and key stays open."""
    request, codec = task.requests[0], loaded.network.config.audio_encoder
    read, notes = _reader(loaded, task)
    given = torch.zeros(1, loaded.network.config.decoder.num_codebooks, 0, dtype=torch.long)
    if request.mode == "continue" and task.source is not None:
        given = heard(loaded, task.source, prompt_s=request.prompt_s)
        notes += [f"It goes on from the last {MOST_HEARD_S:g} s."] if request.prompt_s > MOST_HEARD_S else []
    stage = _Stage(loaded.network, given, task)
    _play(loaded, task, read, _sampling(request), stage)
    return [
        Made(sound, codec.sampling_rate, _resolved(each), None, {"notes": list(notes)}, lead_in=lead_in)
        for each, (sound, lead_in) in zip(task.requests, stage.clips(), strict=True)
    ]


def _sampling(request: MusicRequest) -> Sampling:
    guidance = GUIDANCE if request.guidance is None else request.guidance
    guidance = 1.0 if request.mode == "unconditional" else max(1.0, guidance)
    return Sampling(guidance=guidance, temperature=request.temperature or TEMPERATURE, top_k=TOP_K)


def _resolved(request: MusicRequest) -> MusicRequest:
    sampling = _sampling(request)
    request = replace(request, guidance=sampling.guidance, temperature=sampling.temperature)
    if request.mode == "unconditional":
        return request
    asked = wishes(request)
    return replace(
        request,
        tempo_bpm=asked.tempo_bpm,
        genre=asked.genre,
        emotion=asked.emotion,
        key=asked.key,
        instruments=asked.instruments,
    )


def _reader(loaded: Loaded, task: Task) -> tuple[Callable[[float], Conditions], list[str]]:
    """What the decoder reads in a window that begins at so many seconds, and notes: a tune goes on, the words stay."""
    network, request = loaded.network, task.requests[0]
    words, notes = musicgen.tokenised(loaded, musicgen.words(request))
    is_said = request.mode != "unconditional"
    text = read_text(network, words) if is_said else read_nothing(network)
    tune = melody.pitch_classes(task.source) if request.mode == "melody" and task.source is not None else None

    def read(begin_s: float) -> Conditions:
        return melody.with_tune(network, text, tune, begin_s=begin_s) if loaded.follows_melody else text

    return read, notes if is_said else []


def delays(n_streams: int, channels: int) -> list[int]:
    """Stream k waits k frames; in a stereo model left and right take turns, so that a pair shares its delay."""
    return [stream // channels for stream in range(n_streams)]


@torch.inference_mode()
def heard(loaded: Loaded, source: AudioClip, *, prompt_s: float) -> torch.Tensor:
    """The end of a clip as codes, int (1, K, n): its last `prompt_s`, at most MOST_HEARD_S, in whole frames.

    Raises UserError where there is less than LEAST_HEARD_S of it.
    """
    network = loaded.network
    codec, channels = network.audio_encoder, network.config.decoder.audio_channels
    sound = soxr.resample(source.samples.T, source.rate, codec.config.sampling_rate).T
    sound = sound.mean(0, keepdims=True) if channels == 1 else np.broadcast_to(sound, (2, sound.shape[1]))
    n_frames = int(min(prompt_s, MOST_HEARD_S, sound.shape[1] / codec.config.sampling_rate) * _frame_rate(codec.config))
    if n_frames < LEAST_HEARD_S * _frame_rate(codec.config):
        raise UserError("The clip is too short to go on from.", f"Give one of at least {LEAST_HEARD_S:g} seconds.")
    end = torch.from_numpy(np.ascontiguousarray(sound[:, -n_frames * codec.config.hop_length :], dtype=np.float32))
    codes = codec.encode(end[:, None].to(codec.device)).audio_codes[0]  # a side a row: (channels, K / channels, n)
    return codes.transpose(0, 1).flatten(0, 1)[None].cpu()


def _frame_rate(codec: Any) -> float:
    return float(codec.sampling_rate / codec.hop_length)


def _play(loaded: Loaded, task: Task, read: Callable[[float], Conditions], sampling: Sampling, stage: "_Stage") -> None:
    """Windows until the stage has all its frames."""
    frame_rate = _frame_rate(loaded.network.config.audio_encoder)
    rows = [Row(cpu_generator(request.seed)) for request in task.requests]
    while (done := stage.n_made) < stage.n_frames:
        kept = stage.end(round((KEPT_S if done else MOST_HEARD_S) * frame_rate))
        wanted = min(round(WINDOW_S * frame_rate) - kept.shape[2], stage.n_frames - done)
        # a tune is read from where the window begins, which is what was kept
        conditions = read(max(0.0, (done - kept.shape[2]) / frame_rate))
        steering = stage.steering(sampling, rows, n_frames=wanted)
        stage.add(generate_frames(loaded.network, conditions, prefix=kept, n_frames=wanted, steering=steering))


class _Stage:
    """The pieces of a batch: their codes so far, and their sound, the first row's handed on as it comes."""

    def __init__(self, network: Any, given: torch.Tensor, task: Task) -> None:
        seconds = task.requests[0].seconds
        codec = network.config.audio_encoder
        self._rate, frame_rate = codec.sampling_rate, _frame_rate(codec)
        # rounded first: 1.1 s at 50 frames a second are 55, not a hair more
        self.n_frames = math.ceil(round(seconds * frame_rate, 6))
        self._n_given, self._n_samples = given.shape[2], round(seconds * self._rate)
        self._codes = given.expand(len(task.requests), -1, -1)
        self._decoding, self._on_sound, self._progress = Decoding(network), task.on_sound, task.progress
        self._delays = delays(given.shape[1], network.config.decoder.audio_channels)
        self._first, self._each = round(FIRST_PIECE_S * frame_rate), round(PIECE_S * frame_rate)
        self._n_decoded, self._n_heard = self._n_given, -self._n_given * self._decoding.hop
        self._pieces: list[npt.NDArray[np.float32]] = []
        if self._n_given:
            self._hear(self._decoding.add(self._codes))

    @property
    def n_made(self) -> int:
        return self._codes.shape[2] - self._n_given

    def end(self, n_frames: int) -> torch.Tensor:
        """The last frames, given ones too, int (B, K, at most n_frames)."""
        return self._codes[..., max(0, self._codes.shape[2] - n_frames) :]

    def steering(self, sampling: Sampling, rows: list[Row], *, n_frames: int) -> Steering:
        """That of the next window, whose steps are reported, and heard while they are made."""
        done = self.n_made

        def on_step(step: int) -> None:
            # a window takes a few more columns than it has frames: the delay of the last stream
            self._progress((done + min(step, n_frames)) / self.n_frames, "composing")
            self._listen(steering, step - max(self._delays))

        steering = Steering(self._delays, sampling, rows, on_step=on_step)
        return steering

    def _listen(self, steering: Steering, n_window: int) -> None:
        """Decode what a window has so far, `n_window` frames, once there is a piece of it."""
        n_new = self._codes.shape[2] + n_window - self._n_decoded
        if n_new >= (self._first if self._n_decoded == self._n_given else self._each):
            self._decode(steering.frames()[..., n_window - n_new :])

    def add(self, new: torch.Tensor) -> None:
        """Frames of a finished window, int (B, K, n)."""
        self._codes = torch.cat([self._codes, new], 2)
        if self._n_decoded < self._codes.shape[2]:
            self._decode(self._codes[..., self._n_decoded :])

    def _decode(self, codes: torch.Tensor) -> None:
        self._n_decoded += codes.shape[2]
        is_last = self._n_decoded == self._n_given + self.n_frames
        self._hear(self._decoding.add(codes, is_last=is_last))

    def _hear(self, sound: torch.Tensor) -> None:
        finite = np.nan_to_num(sound.numpy() * np.float32(HEADROOM), nan=0.0, posinf=0.0, neginf=0.0)
        piece = np.clip(finite, -LOUDEST, LOUDEST)
        self._pieces.append(piece)
        fresh = piece[0, :, max(0, -self._n_heard) : max(0, self._n_samples - self._n_heard)]
        self._n_heard += piece.shape[2]
        if self._on_sound and fresh.shape[1]:
            self._on_sound(AudioClip(np.ascontiguousarray(fresh), self._rate))

    def clips(self) -> list[tuple[npt.NDArray[np.float32], AudioClip | None]]:
        """Each row's sound, float32 (channels, n), exactly as long as asked, and what sounds just before if given."""
        sound, begin = np.concatenate(self._pieces, 2), self._n_given * self._decoding.hop
        before = sound[..., max(0, begin - round(LEAD_IN_S * self._rate)) : begin]
        lead_ins = [AudioClip(row.copy(), self._rate, "lead-in") if begin else None for row in before]
        return list(zip(sound[..., begin : begin + self._n_samples].copy(), lead_ins, strict=True))
