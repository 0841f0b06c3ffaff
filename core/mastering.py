"""Mastering: sound as an engine hands it over -> as loud as it should be, never above the ceiling, without a click.

Target and ceiling are what streaming services and AES TD1008 ask for: -14 LUFS integrated (ITU-R BS.1770-4), -1 dBTP
true peak (its Annex 2). A clip is measured as a whole. A stream cannot be: it starts with the gain that engines' sound
usually needs and follows what has been heard so far, slower than anyone notices.
"""

import numpy as np
import numpy.typing as npt

from core import loudness
from core.limiter import GainRider, Limiter, amplified, decibels, true_peak_dbtp, true_peaks
from core.types import AudioClip, OnSound

Floats = npt.NDArray[np.float32]

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0
EXPECTED_LUFS = -18.0
"""What engines hand over: the gain that a live stream starts with makes up for the difference."""
LOSSY_DB = 0.4
"""Kept free below the ceiling: 320 kbit/s MP3 adds as much to the peaks of music."""
EDGE_S, FADE_S = 0.003, 0.4
CLOSE_LU = 0.05
MOST_GAIN_DB = 40.0
LIVE_DB_S = 0.8
"""The gain of a stream moves no faster."""
_DIES_AWAY_DB, _LAST_S = -40.0, 0.03
_TRUST_S = 1.0  # of sound that the expected loudness counts for
_MOST_GIVEN_BACK_DB = 3.0
_HOLD_S = 0.05  # of a stream, kept back so that its end can be closed softly
_ROUNDS = 4
_AT_ONCE = 1 << 18  # samples whose gains are worked out together: five minutes must not need gigabytes


def master(clip: AudioClip, *, fade_s: float = FADE_S, lead_in_s: float = 0.0) -> AudioClip:
    """The clip at TARGET_LUFS with true peaks below CEILING_DBTP, without offset, opened and closed without a click.

    It fades out over `fade_s` (at most a quarter of it) unless it dies away by itself. `lead_in_s` seconds at the
    beginning are treated alike but not measured. Where peaks are so high that the limiter eats what more gain brings,
    or the gain would exceed MOST_GAIN_DB, the clip stays below the target; silence stays silence.
    """
    skip = round(lead_in_s * clip.rate)
    sound = np.nan_to_num(clip.samples, nan=0.0, posinf=0.0, neginf=0.0)
    sound = sound - sound.mean(axis=1, keepdims=True)
    sound = closed(opened(sound, clip.rate), clip.rate, fade_s=fade_s)
    if loudness.integrated(sound[:, skip:], clip.rate) > loudness.SILENCE_LUFS:
        sound = _levelled(sound, clip.rate, skip)
    return AudioClip(np.ascontiguousarray(sound, dtype=np.float32), clip.rate, clip.name)


def _levelled(sound: Floats, rate_hz: int, skip: int) -> Floats:
    """`sound` brought to the target by a gain and the limiter; what the limiter takes is given back, round by round."""
    peaks = true_peaks(sound)
    gain_db = min(MOST_GAIN_DB, TARGET_LUFS - loudness.integrated(sound[:, skip:], rate_hz))
    before_lufs = -np.inf
    for _ in range(_ROUNDS):
        made = limited(sound, peaks, rate_hz, gain_db)
        lufs = loudness.integrated(made[:, skip:], rate_hz)
        missing = TARGET_LUFS - lufs
        if abs(missing) < CLOSE_LU or gain_db >= MOST_GAIN_DB or lufs < before_lufs + CLOSE_LU:
            break
        gain_db, before_lufs = min(MOST_GAIN_DB, gain_db + 1.2 * missing), lufs
    over_db = true_peak_dbtp(made) - CEILING_DBTP
    return made * np.float32(10 ** (-over_db / 20)) if over_db > 0 else made


def limited(sound: Floats, peaks: Floats, rate_hz: int, gain_db: float) -> Floats:
    """`sound` by `gain_db` and under the ceiling; `peaks` are its true peaks."""
    gain = np.float32(10 ** (gain_db / 20))
    rider = GainRider(rate_hz, CEILING_DBTP - LOSSY_DB)
    n = len(peaks)
    parts = [rider.push(peaks[start : start + _AT_ONCE] * gain) for start in range(0, n, _AT_ONCE)]
    gains_db = np.concatenate([*parts, rider.push(np.zeros(rider.delay, np.float32))])
    return amplified(sound * gain, gains_db[:n])


def opened(sound: Floats, rate_hz: int) -> Floats:
    """`sound` (channels, n) with its first EDGE_S rising from nothing."""
    n = min(sound.shape[1], round(EDGE_S * rate_hz))
    return _scaled(sound, slice(0, n), np.sin(np.linspace(0, np.pi / 2, n)) ** 2)


def closed(sound: Floats, rate_hz: int, *, fade_s: float) -> Floats:
    """`sound` faded out over `fade_s`, or over EDGE_S where it dies away by itself; at most over a quarter of it."""
    n = sound.shape[1]
    length = min(n // 4, round((EDGE_S if dies_away(sound, rate_hz) else max(fade_s, EDGE_S)) * rate_hz))
    return _scaled(sound, slice(n - length, n), np.cos(np.linspace(0, np.pi / 2, length)) ** 2)


def dies_away(sound: Floats, rate_hz: int) -> bool:
    """Whether the last moment is 40 dB below the loudest."""
    peak, last = (float(np.abs(part).max(initial=0.0)) for part in (sound, sound[:, -round(_LAST_S * rate_hz) :]))
    return decibels(last) <= decibels(peak) + _DIES_AWAY_DB


def _scaled(sound: Floats, where: slice, gains: npt.NDArray[np.float64]) -> Floats:
    made = sound.copy()
    made[:, where] *= gains.astype(np.float32)
    return made


class LiveMaster:
    """The same for sound that arrives in pieces of one rate: `push` each, then `finish`; `on_sound` gets the results.

    Joined, they are as long as what came in; they lag by the _HOLD_S that a soft ending needs.
    """

    def __init__(self, on_sound: OnSound) -> None:
        self._on_sound = on_sound
        self._limiter: Limiter | None = None
        self._rate_hz, self._name = 0, ""
        self._gain_db: float | None = None
        self._loudest = 0.0
        self._held = np.zeros((0, 0), np.float32)
        self._raw, self._amplified, self._sent = _Meter(), _Meter(), _Meter()

    def push(self, piece: AudioClip) -> None:
        """Master the next piece; what is ready of the sound so far goes on."""
        sound = np.nan_to_num(piece.samples, nan=0.0, posinf=0.0, neginf=0.0)
        if self._limiter is None:
            self._limiter = Limiter(piece.rate, piece.samples.shape[0], CEILING_DBTP - LOSSY_DB)
            self._rate_hz, self._name, self._held = piece.rate, piece.name, sound[:, :0]
            sound = opened(sound, piece.rate)
        self._raw.push(sound, piece.rate)
        made = amplified(sound, self._gains_db(sound.shape[1]))
        self._amplified.push(made, piece.rate)
        self._loudest = max(self._loudest, float(np.abs(made).max(initial=0.0)))
        self._held = np.concatenate([self._held, made], axis=1)
        ready = max(0, self._held.shape[1] - round(_HOLD_S * piece.rate))
        self._send(self._limiter.push(self._held[:, :ready]))
        self._held = self._held[:, ready:]

    def finish(self) -> None:
        """Close the stream softly and send the rest."""
        if self._limiter is not None:
            n, last = self._held.shape[1], float(np.abs(self._held).max(initial=0.0))
            fades = decibels(last) > decibels(self._loudest) + _DIES_AWAY_DB
            gains = np.cos(np.linspace(0, np.pi / 2, n)) ** 2 if fades else np.ones(n)
            rest = self._limiter.push(_scaled(self._held, slice(0, n), gains))
            self._send(np.concatenate([rest, self._limiter.finish()], axis=1))

    def _gains_db(self, n: int) -> Floats:
        """The next `n` gains, moving towards the wanted one no faster than LIVE_DB_S."""
        wanted_db = self._wanted_db()
        before_db = wanted_db if self._gain_db is None else self._gain_db
        most = LIVE_DB_S / self._rate_hz * np.arange(1, n + 1)
        gains = before_db + np.clip(wanted_db - before_db, -most, most)
        self._gain_db = float(gains[-1]) if n else before_db
        return gains.astype(np.float32)

    def _wanted_db(self) -> float:
        """The gain for what has been heard so far, and what the limiter has taken; at first the expectation counts."""
        heard_s = self._raw.seconds
        lufs = (_TRUST_S * EXPECTED_LUFS + heard_s * self._raw.lufs) / (_TRUST_S + heard_s)
        taken_db = max(0.0, self._amplified.lufs - self._sent.lufs) if self._sent.seconds else 0.0
        return min(MOST_GAIN_DB, TARGET_LUFS - lufs + min(_MOST_GIVEN_BACK_DB, taken_db))

    def _send(self, samples: Floats) -> None:
        if samples.shape[1]:
            self._sent.push(samples, self._rate_hz)
            self._on_sound(AudioClip(np.ascontiguousarray(samples, dtype=np.float32), self._rate_hz, self._name))


class _Meter:
    """The loudness of a stream so far; `seconds` counts what was measured and is not silence."""

    def __init__(self) -> None:
        self._waiting: list[Floats] = []
        self._powers = np.zeros(0)
        self.lufs, self.seconds = loudness.SILENCE_LUFS, 0.0

    def push(self, samples: Floats, rate_hz: int) -> None:
        """Measure as soon as there is enough for a gating block."""
        self._waiting.append(samples)
        if sum(each.shape[1] for each in self._waiting) >= rate_hz // 2:
            powers = loudness.block_powers(np.concatenate(self._waiting, axis=1), rate_hz)
            self._powers, self._waiting = np.concatenate([self._powers, powers]), []
            self.lufs = loudness.gated(self._powers)
            self.seconds = loudness.BLOCKS_EVERY_S * len(self._powers) * (self.lufs > loudness.SILENCE_LUFS)
