"""MusicGen over the score codec: scores are written (`score_writer`), played as they grow, and noted down as MIDI."""

from dataclasses import asdict, replace

import numpy as np
import numpy.typing as npt

from core.types import AudioClip, MusicRequest, OnSound
from corpus import score
from corpus.composer import labels_of
from corpus.performance import to_notes
from corpus.playback import Playback
from corpus.render import midi_bytes
from pipelines.engines.musicgen import Loaded, Made
from pipelines.engines.score_prompt import Prompt, listen
from pipelines.engines.score_writer import Grid, Written, write
from pipelines.engines.task import Task
from pipelines.engines.wishes import left_out

LEAD_IN_S = 1.0
"""How much of the music before a continuation is handed on for cross-fading."""


def make(loaded: Loaded, task: Task) -> list[Made]:
    """Write the scores, play them, note them down as MIDI; the first sounds while it is written."""
    request = task.requests[0]
    rate = loaded.network.config.audio_encoder.sampling_rate
    prompt = listen(task.source, request) if request.mode == "continue" and task.source else None
    stage = _Stage(request, rate, prompt, task.on_sound)
    scores = write(loaded, task.requests, task.progress, prompt=prompt, on_score=stage.play)
    made = []
    for index, (each, written) in enumerate(zip(task.requests, scores, strict=True)):
        player = stage if index == 0 else _Stage(each, rate, prompt, None)
        player.play(written.tokens, final=True, tempo_bpm=written.tempo_bpm)
        made.append(_made(each, written, player))
    return made


class _Stage:
    """One piece being played: what was given is played too, but only its end is handed on, as the lead-in."""

    def __init__(self, request: MusicRequest, rate: int, prompt: Prompt | None, on_sound: OnSound | None) -> None:
        self._given = 0 if prompt is None else round(prompt.seconds * rate)
        self._n, self.rate, self._on_sound = round(request.seconds * rate), rate, on_sound
        self._sounds: list[npt.NDArray[np.float32]] = []
        self._playback: Playback | None = None

    def play(self, tokens: Grid, *, final: bool = False, tempo_bpm: float | None = None) -> None:
        """Play on as far as the score goes."""
        if self._playback is None:
            seconds = (self._given + self._n) / self.rate
            self._playback = Playback(rate=self.rate, seconds=seconds, tempo_bpm=tempo_bpm)
        heard = self.n_heard
        sound = self._playback.add(tokens, final=final)
        self._sounds.append(sound)
        fresh = sound[:, max(0, self._given - heard) :]
        if self._on_sound and fresh.shape[1]:
            self._on_sound(AudioClip(np.ascontiguousarray(fresh), self.rate))

    @property
    def given_s(self) -> float:
        return self._given / self.rate

    @property
    def n_heard(self) -> int:
        return sum(sound.shape[1] for sound in self._sounds)

    def sound(self) -> npt.NDArray[np.float32]:
        """Exactly what was asked for, float32 (2, n)."""
        return np.ascontiguousarray(np.concatenate(self._sounds, 1)[:, self._given :])

    def lead_in(self) -> AudioClip | None:
        """What sounds just before, where something was given."""
        if not self._given:
            return None
        before = np.concatenate(self._sounds, 1)[:, max(0, self._given - round(LEAD_IN_S * self.rate)) : self._given]
        return AudioClip(np.ascontiguousarray(before), self.rate, "lead-in")


def _made(request: MusicRequest, written: Written, stage: _Stage) -> Made:
    header, sound = written.header, stage.sound()
    own = np.concatenate(
        [written.tokens[:, : score.N_HEADER_FRAMES], written.tokens[:, score.N_HEADER_FRAMES + written.first_step :]], 1
    )
    details: dict[str, object] = {
        "notes": written.notes + left_out(request, labels_of(own)),
        "header": asdict(header),
        "guidance_used": written.guidance,
    }
    return Made(
        sound,
        stage.rate,
        resolved(request, written),
        midi_bytes(to_notes(own, tempo_bpm=written.tempo_bpm)),
        details,
        beat_times_s=_beats(written, stage.given_s, request.seconds),
        lead_in=stage.lead_in(),
    )


def _beats(written: Written, given_s: float, seconds: float) -> tuple[float, ...]:
    """Seconds of the beats from the end of what was given."""
    beat_s = 60 / written.tempo_bpm
    every = np.arange(0.0, given_s + seconds, beat_s) - given_s
    return tuple(round(float(t), 6) for t in every[every >= -1e-6])


def resolved(request: MusicRequest, written: Written) -> MusicRequest:
    """The request as it was met: every field stated, and the instruments that play."""
    header = written.header
    return replace(
        request,
        tempo_bpm=round(float(written.tempo_bpm), 2),
        genre=header.genre,
        emotion=header.emotion,
        key=header.key,
        instruments=labels_of(written.tokens).instruments,
        guidance=1.0 if request.guidance is None else request.guidance,
        temperature=1.0 if request.temperature is None else request.temperature,
    )
