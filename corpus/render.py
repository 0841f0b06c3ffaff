"""Render a Piece: a mixed stereo recording of it, and the same notes as a Standard MIDI File.

The recording is what `corpus.playback` plays; here it may be brought to TARGET_LUFS (ITU-R BS.1770).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.loudness import SILENCE_LUFS, integrated
from corpus.imprint import imprinted
from corpus.performance import Piece, Track
from corpus.playback import Audio, Playback, rounded
from corpus.score import STEPS_PER_BEAT

TARGET_LUFS = -16.0
TICKS_PER_QUARTER = 480


def render(
    piece: Piece,
    *,
    rate: int = 32000,
    seconds: float | None = None,
    mono: bool = False,
    mastered: bool = True,
    on_track: Callable[[float], None] | None = None,
) -> Audio:
    """Float32 audio (2, n) or (1, n), n = round(seconds * rate); `seconds` defaults to the length of the piece.

    Music that goes on past `seconds` is faded out over at most FADE_S. `mastered` is at TARGET_LUFS; otherwise it is as
    loud as the genre and the dynamics make it, around -18 LUFS. Never louder than PEAK, finite, silent only where the
    piece has no notes. `on_track(fraction)` is called every few seconds of music; what it raises stops the work.
    """
    playback = Playback(rate=rate, seconds=piece.seconds if seconds is None else seconds)
    sound = playback.play(piece, final=True, on_window=on_track)
    if mono:
        sound = sound.mean(axis=0, keepdims=True)
    return _mastered(sound, rate) if mastered else sound


def _mastered(sound: Audio, rate: int) -> Audio:
    """At TARGET_LUFS with rounded peaks."""
    loudness = integrated(sound, rate) if sound.shape[1] > rate // 100 else SILENCE_LUFS
    if loudness <= SILENCE_LUFS:
        return sound
    return rounded(sound * np.float32(10 ** ((TARGET_LUFS - loudness) / 20)))


def midi_bytes(piece: Piece) -> bytes:
    """A Standard MIDI File with tempo, metre, key signature, named tracks and an imprint (`corpus.imprint`)."""
    from symusic import KeySignature, TimeSignature

    sheet = _sheet(piece, piece.tracks)
    minor = piece.key.endswith("minor")
    sheet.time_signatures.append(TimeSignature(0, *(int(n) for n in piece.header.metre.split("/"))))
    sheet.key_signatures.append(KeySignature(0, _sharps(piece.header.tonic, minor), int(minor)))
    return imprinted(bytes(sheet.dumps_midi()), piece)


def _sharps(tonic: int, minor: bool) -> int:
    """Sharps (or, negative, flats) of a key signature, -5..6."""
    fifths = (tonic + (3 if minor else 0)) * 7 % 12
    return fifths if fifths <= 6 else fifths - 12


def _sheet(piece: Piece, tracks: tuple[Track, ...]) -> Any:
    """A symusic Score in ticks. Equal keys never overlap within a track: a note ends where its successor starts."""
    from symusic import Note, Score, Tempo
    from symusic import Track as SymusicTrack

    sheet = Score(TICKS_PER_QUARTER)
    quarters_per_minute = piece.tempo_bpm * piece.header.steps_per_beat / STEPS_PER_BEAT  # in 6/8 a beat is dotted
    sheet.tempos.append(Tempo(0, qpm=quarters_per_minute))
    ticks_per_s = TICKS_PER_QUARTER * quarters_per_minute / 60
    for track in tracks:
        row = SymusicTrack(name=track.name, program=track.program, is_drum=track.is_drum)
        free = dict.fromkeys(range(128), 1 << 60)
        for note in reversed(track.notes):
            start = round(note.start_s * ticks_per_s)
            end = min(round(note.end_s * ticks_per_s), free[note.pitch])
            if end > start:
                row.notes.append(Note(start, end - start, note.pitch, note.velocity))
                free[note.pitch] = start
        row.notes.sort(key=lambda played: played.time)
        sheet.tracks.append(row)
    return sheet
