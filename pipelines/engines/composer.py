"""The composer: music written by rules and played with a General MIDI soundfont. No weights, no torch, always there.

What the request leaves open is read from its prompt, what the prompt leaves open is drawn from the seed. The clip is
exactly as long as asked, closes on its tonic chord where there is room for one, and comes with its MIDI file.
"""

import time
from dataclasses import asdict, replace

from core.models import Model
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest, Progress, Provenance
from corpus import composer, score
from corpus.captions import Fields
from corpus.performance import Piece, to_notes
from corpus.render import midi_bytes, render
from pipelines.engines.wishes import asked_tempo_bpm, wishes

LABEL = "Composer"
CAPABILITIES = ("prompt", "genre", "emotion", "key", "tempo", "exact tempo", "instruments", "midi")
SECONDS = (1.0, 600.0)
RATE_HZ = 32000
_ROW = Model("composer", "rules", "", "rules", "Apache-2.0")


def model() -> Model:
    """The composer's row: it is rules, so there is nothing to find."""
    return _ROW


def load(compute: Compute) -> Model:
    """Nothing to load; the row stands for the model."""
    return _ROW


def generate(loaded: Model, request: MusicRequest, progress: Progress) -> GeneratedClip:
    """Write, play and note down a piece of exactly `request.seconds`; the clip's request has every field filled in."""
    started = time.monotonic()
    progress(0.0, "composing")
    piece, fields = write(request)
    sound = render(
        piece,
        rate=RATE_HZ,
        seconds=request.seconds,
        on_track=lambda fraction: progress(0.1 + 0.8 * fraction, "playing"),
    )
    progress(0.95, "writing the MIDI file")
    provenance = Provenance(
        loaded.name, loaded.revision, loaded.tier, loaded.licence, seconds_taken=time.monotonic() - started
    )
    details: dict[str, object] = {"notes": _notes(request, fields), "header": asdict(piece.header)}
    resolved = replace(
        request,
        tempo_bpm=piece.tempo_bpm,
        genre=fields.genre,
        emotion=fields.emotion,
        key=fields.key,
        instruments=fields.instruments,
    )
    return GeneratedClip(AudioClip(sound, RATE_HZ), resolved, provenance, midi_bytes(piece), details)


def write(request: MusicRequest) -> tuple[Piece, Fields]:
    """The piece, at least `request.seconds` long, and what it is.

    A tempo outside the score's 50..190 bpm is played as asked: the piece is written for the nearest one.
    """
    wanted = wishes(request)
    asked_bpm = asked_tempo_bpm(wanted)
    tokens = composer.compose(
        request.seed,
        genre=wanted.genre,
        emotion=wanted.emotion,
        tempo_bpm=asked_bpm,
        key=wanted.key,
        instruments=wanted.instruments,
        seconds=request.seconds if asked_bpm is None else None,
        steps=None if asked_bpm is None else score.steps_for(request.seconds, asked_bpm),
    )
    return to_notes(tokens, tempo_bpm=asked_bpm), composer.labels_of(tokens)


def _notes(request: MusicRequest, fields: Fields) -> list[str]:
    """What could not be met, in sentences."""
    missing = [word for word in wishes(request).instruments if word not in fields.instruments]
    return [f"No part was left for {', '.join(missing)}: the band has four players."] if missing else []
