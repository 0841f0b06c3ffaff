"""Render a Piece: General MIDI soundfont -> a mixed stereo recording, and the same notes as a Standard MIDI File.

The synthesizer (symusic 0.5.8 with pretty_midi's TimGM6mb soundfont, put in tune by corpus.soundfont) knows neither
volume nor pan nor reverb, so each track is rendered alone, brought to the level of its role, placed in the stereo
picture and mixed here with a room.
Loudness is normalised to TARGET_LUFS (ITU-R BS.1770 by pyloudnorm), peaks are rounded off below PEAK.
"""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.performance import HIGHEST_PITCH, Piece, Track
from corpus.soundfont import in_tune

TARGET_LUFS, PEAK = -16.0, 0.93
MIX_RATE_HZ = 44100
"""The soundfont's own rate. At 32 and 64 kHz the synthesizer reads past the end of some samples: rare clicks of one
sample that differ from run to run (symusic 0.5.8; none in 300 pieces at 44.1 kHz)."""
TICKS_PER_BEAT = 480
LOWEST_HZ = 25.0
FADE_S, EDGE_S = 0.35, 0.004
_KNEE = 0.7
_LEVELS_DB = {"drums": -1.0, "bass": -3.0, "accompaniment": -7.0, "extra": -10.0, "melody": -3.0}
_MIXES_DB: dict[str, dict[str, float]] = {
    "blues": {"melody": -1}, "classical": {"accompaniment": 1}, "country": {"accompaniment": 1}, "jazz": {"drums": -1},
    "disco": {"drums": 2, "bass": 2, "extra": 1}, "hiphop": {"drums": 4, "bass": 2, "melody": -1},
    "metal": {"drums": 3, "accompaniment": 3, "melody": -1}, "pop": {"drums": 3, "bass": 1},
    "reggae": {"drums": 2, "bass": 2, "accompaniment": 1, "melody": -1},
    "rock": {"drums": 5, "accompaniment": 2, "melody": -1},
}  # fmt: skip
"""What a genre brings forward or holds back."""
_PANS = {"drums": 0.0, "bass": 0.0, "accompaniment": -0.45, "extra": 0.5, "melody": 0.12}
_SENDS = {"drums": 0.5, "bass": 0.15, "accompaniment": 0.9, "extra": 1.2, "melody": 1.0}
_ROOMS: dict[str, tuple[float, float]] = {
    "blues": (0.7, 0.10), "classical": (1.9, 0.22), "country": (0.6, 0.08), "disco": (0.8, 0.10), "hiphop": (0.6, 0.08),
    "jazz": (0.9, 0.12), "metal": (0.7, 0.08), "pop": (1.0, 0.13), "reggae": (0.9, 0.12), "rock": (0.8, 0.10),
}  # fmt: skip
"""Reverberation time in seconds and wet share by genre."""
_DRIVEN = (29, 30)
_DRIVE = 4.0
_lock = threading.Lock()
"""The synthesizer is not known to be safe between threads."""

Audio = npt.NDArray[np.float32]


def render(
    piece: Piece,
    *,
    rate: int = 32000,
    seconds: float | None = None,
    mono: bool = False,
    on_track: Callable[[float], None] | None = None,
) -> Audio:
    """Float32 audio (2, n) or (1, n), n = round(seconds * rate); `seconds` defaults to the length of the piece.

    Music that goes on past `seconds` is faded out over at most FADE_S. Never louder than PEAK, finite, silent only
    where the piece has no notes. `on_track(fraction)` is called before each track; what it raises stops the work.
    """
    n = round((piece.seconds if seconds is None else seconds) * rate)
    n_mix = -(-n * MIX_RATE_HZ // rate)
    mix, wet = np.zeros((2, n_mix), np.float32), np.zeros((2, n_mix), np.float32)
    for index, track in enumerate(piece.tracks):
        if on_track:
            on_track(index / len(piece.tracks))
        level_db = _LEVELS_DB[track.name] + _MIXES_DB[piece.header.genre].get(track.name, 0)
        dry = _balanced(track, _sound(piece, track, n_mix), level_db)
        mix += dry
        wet += dry * np.float32(_SENDS[track.name])
    room_s, share = _ROOMS[piece.header.genre]
    mix += np.float32(share) * _room(wet, room_s)
    if mono:
        mix = mix.mean(axis=0, keepdims=True)
    mix = _resampled(_without_rumble(mix), rate, n)
    _fade(mix, rate)
    return _mastered(mix, rate)


def _without_rumble(sound: Audio) -> Audio:
    """Without what lies below hearing: some of the soundfont's samples are off centre."""
    from scipy.signal import butter, sosfilt

    highpass = butter(2, LOWEST_HZ, "highpass", fs=MIX_RATE_HZ, output="sos").astype(np.float32)
    return np.asarray(sosfilt(highpass, sound, axis=1), np.float32)


def _resampled(sound: Audio, rate: int, n: int) -> Audio:
    """The first `n` samples at `rate` of a sound at MIX_RATE_HZ."""
    from math import gcd

    from scipy.signal import resample_poly

    if rate == MIX_RATE_HZ:
        return sound[:, :n]
    shared = gcd(rate, MIX_RATE_HZ)
    return np.asarray(resample_poly(sound, rate // shared, MIX_RATE_HZ // shared, axis=1)[:, :n], np.float32)


def midi_bytes(piece: Piece) -> bytes:
    """A Standard MIDI File with tempo, metre, key signature and named tracks."""
    from symusic import KeySignature, TimeSignature

    sheet = _sheet(piece, piece.tracks)
    minor = piece.key.endswith("minor")
    sheet.time_signatures.append(TimeSignature(0, piece.header.metre, 4))
    sheet.key_signatures.append(KeySignature(0, _sharps(piece.header.tonic, minor), int(minor)))
    return bytes(sheet.dumps_midi())


def _sharps(tonic: int, minor: bool) -> int:
    """Sharps (or, negative, flats) of a key signature, -5..6."""
    fifths = (tonic + (3 if minor else 0)) * 7 % 12
    return fifths if fifths <= 6 else fifths - 12


def _sheet(piece: Piece, tracks: tuple[Track, ...]) -> Any:
    """A symusic Score in ticks. Equal keys never overlap within a track: a note ends where its successor starts."""
    from symusic import Note, Score, Tempo
    from symusic import Track as SymusicTrack

    sheet = Score(TICKS_PER_BEAT)
    sheet.tempos.append(Tempo(0, qpm=piece.tempo_bpm))
    ticks_per_s = TICKS_PER_BEAT * piece.tempo_bpm / 60
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


@cache
def _synthesizer() -> Any:
    import tempfile

    import pretty_midi
    from symusic import Synthesizer

    original = Path(pretty_midi.__file__).with_name("TimGM6mb.sf2").read_bytes()
    with tempfile.TemporaryDirectory() as folder:  # the synthesizer reads nothing but files, once
        soundfont = Path(folder, "in_tune.sf2")
        soundfont.write_bytes(in_tune(original))
        return Synthesizer(sf_path=str(soundfont), sample_rate=MIX_RATE_HZ, quality=0)


def _sound(piece: Piece, track: Track, n: int) -> Audio:
    """One track alone, float32 (2, n) at MIX_RATE_HZ."""
    if not track.is_drum and any(note.pitch > HIGHEST_PITCH for note in track.notes):
        raise ValueError(f"{track.name} has a pitch above {HIGHEST_PITCH}: the synthesizer would hang")
    with _lock:
        sound = np.asarray(_synthesizer().render(_sheet(piece, (track,)), True))[:, :n]
    whole = np.zeros((2, n), np.float32)
    whole[:, : sound.shape[1]] = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0)
    return whole


def _balanced(track: Track, sound: Audio, level_db: float) -> Audio:
    """The track at its level (against a common reference), overdriven where it is an electric guitar, and panned."""
    level = _active_level(sound)
    if level == 0:
        return sound
    if track.program in _DRIVEN and not track.is_drum:
        sound = np.tanh(sound * (_DRIVE * 0.2 / level)).astype(np.float32)
        level = _active_level(sound)
    gain = 10 ** (level_db / 20) * 0.1 / level
    angle = (_PANS[track.name] + 1) * np.pi / 4
    # Constant power; the soundfont's own stereo (a wide piano, the drummer's view) is kept.
    sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(gain * np.sqrt(2))
    return sound * sides


def _active_level(sound: Audio) -> float:
    """Root mean square over the 50 ms frames that are not nearly silent."""
    hop = MIX_RATE_HZ // 20
    power = np.square(sound).mean(axis=0)
    frames = power[: max(1, len(power) // hop) * hop].reshape(-1, min(hop, len(power))).mean(axis=1)
    loud = frames[frames > frames.max(initial=0.0) * 1e-3]
    return float(np.sqrt(loud.mean())) if len(loud) else 0.0


@cache
def _impulse(room_s: float) -> Audio:
    """A room's tail: 10 ms of distance, then stereo noise that falls by 60 dB in `room_s` and darkens as it goes."""
    rng = np.random.default_rng(7)
    n = int(room_s * MIX_RATE_HZ)
    noise = rng.standard_normal((2, n)).astype(np.float32)
    dark = noise.copy()
    for shift in (1, 2, 3, 4):
        dark[:, shift:] += noise[:, :-shift]
    age = np.linspace(0, 1, n, dtype=np.float32)
    tail = ((1 - age) * noise + age * dark * 0.6) * 10 ** (-3 * age)
    tail = np.pad(tail, ((0, 0), (MIX_RATE_HZ // 100, 0)))
    return np.asarray(tail / np.sqrt(np.square(tail).sum(axis=1, keepdims=True)), np.float32)


def _room(sound: Audio, room_s: float) -> Audio:
    from scipy.signal import oaconvolve

    return np.asarray(oaconvolve(sound, _impulse(room_s), axes=1)[:, : sound.shape[1]], np.float32)


def _fade(sound: Audio, rate: int) -> None:
    """Open without a click and close softly, in place."""
    n = sound.shape[1]
    edge, fade = min(n, int(EDGE_S * rate)), min(n // 4, int(FADE_S * rate))
    sound[:, :edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    sound[:, n - fade :] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2


def _mastered(sound: Audio, rate: int) -> Audio:
    """At TARGET_LUFS with rounded peaks. Clips too short to measure are judged by their root mean square."""
    import pyloudnorm

    if not sound.any():
        return sound
    if sound.shape[1] > 0.4 * rate + 1:
        loudness = pyloudnorm.Meter(rate).integrated_loudness(sound.T.astype(np.float64))
    else:
        loudness = 20 * np.log10(np.sqrt(np.square(sound).mean()))
    if not np.isfinite(loudness):
        loudness = -30.0
    sound = sound * np.float32(10 ** ((TARGET_LUFS - loudness) / 20))
    size = np.abs(sound)
    rounded = _KNEE + (PEAK - _KNEE) * np.tanh((size - _KNEE) / (PEAK - _KNEE))
    return np.where(size > _KNEE, np.sign(sound) * rounded, sound).astype(np.float32)
