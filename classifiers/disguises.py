"""What happens to a recording on its way: a room, a telephone, noise, another speed, a crowd of speakers.

Music-or-not learns music and speech alike through these, so that none of them is a sign of either. Samples are float32
mono at core.features.RATE_HZ; every function draws how strong its effect is from `rng`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.features import RATE_HZ

Floats = npt.NDArray[np.float32]


def room(sound: Floats, rng: np.random.Generator) -> Floats:
    """Reverberation of 0.2 to 1.5 s: noise that decays, behind the direct sound."""
    seconds = float(rng.uniform(0.2, 1.5))
    n = int(seconds * RATE_HZ)
    echo = rng.normal(size=n) * np.exp(-6.9 * np.arange(n) / n)  # -60 dB at its end
    echo *= rng.uniform(0.3, 1.5) / np.sqrt(np.square(echo).sum())
    echo[0] += 1
    return _filtered(sound, np.fft.rfft(echo, _size(len(sound) + n)))


def telephone(sound: Floats, rng: np.random.Generator) -> Floats:
    """Nothing below 200 to 400 Hz and above 2.5 to 4 kHz."""
    size = _size(len(sound))
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    return _filtered(sound, (hz > rng.uniform(200, 400)) & (hz < rng.uniform(2500, 4000)))


def hiss(sound: Floats, rng: np.random.Generator) -> Floats:
    """White to brown noise 0 to 25 dB below the sound."""
    noise = _filtered(rng.normal(size=len(sound)), _slope(_size(len(sound)), rng.uniform(0, 1)))
    level = 10 ** (-rng.uniform(0, 25) / 20) * sound.std() / max(float(noise.std()), 1e-9)
    return (sound + level * noise).astype(np.float32)


def speed(sound: Floats, rng: np.random.Generator) -> Floats:
    """Played up to a third faster or slower: another speaker, another key."""
    at = np.arange(0, len(sound) - 1, np.exp(rng.uniform(-0.3, 0.3)))
    return np.interp(at, np.arange(len(sound)), sound).astype(np.float32)


def crowd(voices: Sequence[Floats], rng: np.random.Generator) -> Floats:
    """Four to ten of the voices at once, from different moments on, in a room."""
    n = min(len(voice) for voice in voices)
    chosen = rng.choice(len(voices), int(rng.integers(4, 11)))
    parts = [np.roll(voices[i], int(rng.integers(n)))[:n] / max(float(voices[i].std()), 1e-9) for i in chosen]
    return room(np.sum(parts, axis=0, dtype=np.float32), rng)


DISGUISES = (room, telephone, hiss, speed)


def _slope(size: int, exponent: float) -> npt.NDArray[np.float64]:
    return np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 20) ** -exponent


def _filtered(sound: npt.NDArray, response: npt.NDArray) -> Floats:
    size = 2 * (len(response) - 1)
    return np.fft.irfft(np.fft.rfft(sound, size) * response, size)[: len(sound)].astype(np.float32)


def _size(n: int) -> int:
    return 1 << (n - 1).bit_length()
