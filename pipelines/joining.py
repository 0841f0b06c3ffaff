"""A continuation joined to the clip it goes on from: one level, one rate, no click at the seam.

Where the engine says what sounds just before its continuation (made.lead_in), the source turns into that with equal
power: the two play the same music, but not the same waves. Without it the source's last moment is mirrored to have
something that turns into the continuation. Either way nothing is lost or added: as long as both together.
"""

import numpy as np
import numpy.typing as npt

from core import loudness
from core.audio import resample
from core.limiter import Limiter, true_peak_dbtp
from core.mastering import CEILING_DBTP, LOSSY_DB
from core.types import AudioClip, GeneratedClip

Floats = npt.NDArray[np.float32]

FADE_S = 2.0
"""The longest cross-fade over a lead-in."""
MIRRORED_S = 0.03
LEVEL_S = 3.0
"""So much on both sides of the seam says how loud they are."""
MOST_GAIN_DB = 15.0


def join(source: AudioClip, made: GeneratedClip, *, fade_s: float = FADE_S) -> AudioClip:
    """`source` and then `made`, at made's rate, channels and level, with true peaks below the ceiling.

    As long as both together; the cross-fade takes made.lead_in (its last `fade_s` seconds), else 30 ms.
    """
    rate = made.clip.rate
    first, rest = _channels(resample(source, rate).samples, len(made.clip.samples)), made.clip.samples
    lead_in = made.lead_in.samples if made.lead_in else rest[:, :0]
    first = first * np.float32(10 ** (_level_gain_db(first, lead_in, rest, rate) / 20))
    if n := min(lead_in.shape[1], first.shape[1], round(fade_s * rate)):
        seam = _faded(first[:, -n:], lead_in[:, -n:])
        whole = np.concatenate([first[:, :-n], seam, rest], axis=1)
    else:
        n = min(first.shape[1], rest.shape[1], round(MIRRORED_S * rate))
        seam = _faded(first[:, first.shape[1] - n :][:, ::-1], rest[:, :n])
        whole = np.concatenate([first, seam, rest[:, n:]], axis=1)
    return AudioClip(np.ascontiguousarray(_under_ceiling(whole, rate), dtype=np.float32), rate, source.name)


def _channels(samples: Floats, n: int) -> Floats:
    """The same sound in `n` channels."""
    if len(samples) == n:
        return samples
    return np.repeat(samples.mean(axis=0, keepdims=True, dtype=np.float32), n, axis=0)


def _level_gain_db(first: Floats, lead_in: Floats, rest: Floats, rate_hz: int) -> float:
    """What makes the end of `first` as loud as its counterpart: the lead-in, or else what follows."""
    n = min(first.shape[1], round(LEVEL_S * rate_hz))
    after = np.concatenate([lead_in[:, -n:], rest[:, : max(0, n - lead_in.shape[1])]], axis=1)
    before_lufs, after_lufs = (loudness.integrated(part, rate_hz) for part in (first[:, first.shape[1] - n :], after))
    if min(before_lufs, after_lufs) <= loudness.SILENCE_LUFS:
        return 0.0
    return min(MOST_GAIN_DB, max(-MOST_GAIN_DB, after_lufs - before_lufs))


def _faded(out: Floats, into: Floats) -> Floats:
    """From one to the other, both (channels, n), with equal power: waves that are alike would add up to more."""
    angle = np.linspace(0, np.pi / 2, out.shape[1], dtype=np.float32)
    power = float(np.sqrt(np.square(out).sum() * np.square(into).sum()))
    alike = max(0.0, float((out * into).sum()) / power) if power > 0 else 0.0
    both = (out * np.cos(angle) + into * np.sin(angle)) / np.sqrt(1 + alike * np.sin(2 * angle))
    return np.asarray(both, np.float32)


def _under_ceiling(samples: Floats, rate_hz: int) -> Floats:
    if true_peak_dbtp(samples) <= CEILING_DBTP:
        return samples
    limiter = Limiter(rate_hz, len(samples), CEILING_DBTP - LOSSY_DB)
    return np.concatenate([limiter.push(samples), limiter.finish()], axis=1)
