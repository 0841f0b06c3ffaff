"""The composer: music written by rules and played with a General MIDI soundfont. No weights, no torch, always there.

What the request leaves open is read from its prompt, what the prompt leaves open is drawn from the seed. The clip is
exactly as long as asked, closes on its tonic chord where there is room for one, and comes with its MIDI file.
"""

import time
from dataclasses import asdict, replace

import numpy as np
import numpy.typing as npt

from core.models import Model
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest, Progress, Provenance
from corpus import composer, score
from corpus.captions import Fields
from corpus.performance import Piece, to_notes
from corpus.render import midi_bytes, render
from pipelines.engines.task import Task
from pipelines.engines.wishes import asked_tempo_bpm, left_out, wishes

LABEL = "Composer"
CAPABILITIES = ("prompt", "genre", "emotion", "key", "tempo", "exact tempo", "instruments", "midi", "unconditional")
SECONDS = (1.0, 600.0)
RATE_HZ = 32000
_ROW = Model("composer", "rules", "", "rules", "Apache-2.0")


def model() -> Model:
    """The composer's row: it is rules, so there is nothing to find."""
    return _ROW


def load(compute: Compute) -> Model:
    """Nothing to load; the row stands for the model."""
    return _ROW


def generate(loaded: Model, task: Task) -> list[GeneratedClip]:
    """A piece for each request, exactly as long as asked; the clip's request has every field filled in."""
    n = len(task.requests)

    def shared(index: int) -> Progress:
        return lambda fraction, what: task.progress((index + fraction) / n, what)

    clips = [_generate(loaded, request, shared(index)) for index, request in enumerate(task.requests)]
    if task.on_sound:
        task.on_sound(clips[0].clip)
    return clips


def _generate(loaded: Model, request: MusicRequest, progress: Progress) -> GeneratedClip:
    started = time.monotonic()
    progress(0.0, "composing")
    piece, fields = write(request)
    sound = render(
        piece,
        rate=RATE_HZ,
        seconds=request.seconds,
        mastered=False,
        on_track=lambda fraction: progress(0.1 + 0.8 * fraction, "playing"),
    )
    progress(0.95, "writing the MIDI file")
    provenance = Provenance(
        loaded.name, loaded.revision, loaded.tier, loaded.licence, seconds_taken=time.monotonic() - started
    )
    details: dict[str, object] = {"notes": left_out(request, fields), "header": asdict(piece.header)}
    resolved = replace(
        request,
        tempo_bpm=piece.tempo_bpm,
        genre=fields.genre,
        emotion=fields.emotion,
        key=fields.key,
        instruments=fields.instruments,
    )
    beat_times_s = tuple(beat_s for beat_s in piece.beat_times_s if beat_s < request.seconds)
    clip = AudioClip(sound, RATE_HZ)
    return GeneratedClip(clip, resolved, provenance, midi_bytes(piece), details, beat_times_s=beat_times_s)


def write(request: MusicRequest) -> tuple[Piece, Fields]:
    """The piece, at least `request.seconds` long, and what it is.

    A tempo outside the score's 50..190 bpm is played as asked: the piece is written for the nearest one.
    """
    wanted = wishes(request)
    asked_bpm = asked_tempo_bpm(wanted)
    playable_bpm = min(score.MAX_TEMPO_BPM, max(score.MIN_TEMPO_BPM, asked_bpm)) if asked_bpm else 1
    seconds = request.seconds * (asked_bpm or 1) / playable_bpm
    tokens = _compose(request.seed, wanted, asked_bpm, seconds)
    if asked_bpm and not wanted.metre and score.Header.unpack(tokens).metre not in score.QUARTER_METRES:
        tokens = _compose(request.seed, replace(wanted, metre="4/4"), asked_bpm, seconds)
    return to_notes(tokens, tempo_bpm=asked_bpm), composer.labels_of(tokens)


def _compose(seed: int, wanted: Fields, tempo_bpm: float | None, seconds: float) -> npt.NDArray[np.uint8]:
    return composer.compose(
        seed,
        genre=wanted.genre,
        emotion=wanted.emotion,
        tempo_bpm=tempo_bpm,
        key=wanted.key,
        metre=wanted.metre,
        instruments=wanted.instruments,
        seconds=seconds,
    )
