"""Sounds that are not music, made by rule: noise of several colours, hum, test tones, clicks, chirps, knocks and beeps.

They teach the music-or-not network what lies beyond speech. Samples are float32 at core.features.RATE_HZ.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from core.features import RATE_HZ

Floats = npt.NDArray[np.float32]
SECONDS = 12


def not_music(n: int, seed: int) -> Iterator[Floats]:
    """`n` clips of 12 s, the kinds in turn, each with a quiet floor of noise."""
    rng = np.random.default_rng(seed)
    kinds: tuple[Callable[[np.random.Generator], npt.NDArray], ...] = (
        coloured,
        gusts,
        hum,
        clicks,
        chirps,
        knocks,
        beeps,
        tones,
    )
    for k in range(n):
        sound = kinds[k % len(kinds)](rng)
        sound = sound / (np.abs(sound).max() + 1e-9) + 10 ** rng.uniform(-5, -2) * rng.normal(size=sound.shape)
        yield (0.3 * sound).astype(np.float32)


def coloured(rng: np.random.Generator) -> npt.NDArray:
    """Noise with a spectrum of 1/f to the power 0 to 3 within a random band: hiss, wind, traffic."""
    n = SECONDS * RATE_HZ
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    low, high = sorted(np.exp(rng.uniform(np.log(20), np.log(RATE_HZ / 2), 2)))
    gain = np.maximum(hz, 20) ** -rng.uniform(0, 1.5)
    if rng.random() < 0.5 and high > 2 * low:
        gain = gain * ((hz > low) & (hz < high))
    return np.fft.irfft(np.fft.rfft(rng.normal(size=n)) * gain, n)


def gusts(rng: np.random.Generator) -> npt.NDArray:
    """Coloured noise that swells and fades without a beat: wind, waves, rain."""
    n = SECONDS * RATE_HZ
    points = int(rng.integers(6, 60))
    level = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, points), rng.normal(0, 1.2, points))
    return coloured(rng) * np.exp(level)


def hum(rng: np.random.Generator) -> npt.NDArray:
    """A tone with harmonics over noise, steady or drifting: mains, motors, sirens, a test signal."""
    n = SECONDS * RATE_HZ
    root = float(rng.choice([50, 60, 100, 120, rng.uniform(80, 2000)]))
    knots = int(rng.integers(2, 9))
    drift = rng.choice([0.0, 0.02, 0.5]) * np.interp(
        np.linspace(0, 1, n), np.linspace(0, 1, knots), rng.normal(size=knots)
    )
    phase = 2 * np.pi * np.cumsum(root * np.exp(drift)) / RATE_HZ
    partials = range(1, int(rng.integers(1, 8)) + 1)
    tone = sum((np.sin(k * phase) * rng.uniform(0, 1) / k for k in partials), np.zeros(n))
    noise = coloured(rng)
    return tone + 10 ** rng.uniform(-3, 0) * noise / (np.abs(noise).max() + 1e-9)


def tones(rng: np.random.Generator) -> npt.NDArray:
    """Pure tones without any noise, one to three at once, steady or sweeping: test signals, whistling electronics."""
    t = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    sound = np.zeros(len(t))
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        start, end = np.exp(rng.uniform(np.log(50), np.log(6000), 2))
        hz = np.geomspace(start, end if rng.random() < 0.25 else start, len(t))
        sound += rng.uniform(0.3, 1) * np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)
    return sound


def clicks(rng: np.random.Generator) -> npt.NDArray:
    """Short bursts at random times: footsteps, typing, crackle."""
    sound = np.zeros(SECONDS * RATE_HZ)
    length = int(RATE_HZ * rng.uniform(0.002, 0.06))
    decay = np.exp(-5 * np.linspace(0, 1, length))
    for at in rng.integers(0, len(sound) - length, int(rng.integers(5, 120))):
        sound[at : at + length] += rng.uniform(0.2, 1) * rng.normal(size=length) * decay
    return sound


def knocks(rng: np.random.Generator) -> npt.NDArray:
    """Thuds and taps one after the other, roughly in time: footsteps, hammering, a machine that stamps."""
    sound, at = 0.05 * rng.random() * rng.normal(size=SECONDS * RATE_HZ), 0.0
    pause_s, jitter, length = rng.uniform(0.25, 1.2), rng.uniform(0, 0.15), int(RATE_HZ * rng.uniform(0.02, 0.15))
    softness = int(rng.integers(1, 40))  # samples over which the noise is averaged
    while at + length < len(sound):
        thud = np.convolve(rng.normal(size=length), np.ones(softness) / softness, "same")
        start = int(at)
        sound[start : start + length] += (
            rng.uniform(0.5, 1) * thud * np.exp(-5 * np.linspace(0, 1, length)) * softness**0.5
        )
        at += RATE_HZ * pause_s * (1 + jitter * rng.normal()) + 1
        at = max(at, start + 200.0)
    return sound


def beeps(rng: np.random.Generator) -> npt.NDArray:
    """Tones of one pitch, or of two at once, with pauses: machines that ask for attention, a keypad, morse code."""
    sound, at = np.zeros(SECONDS * RATE_HZ), 0
    hz = rng.uniform(400, 3500, int(rng.integers(1, 9)))
    together, longest_s = int(rng.integers(1, 3)), rng.uniform(0.06, 0.6)
    while True:
        n = int(RATE_HZ * rng.uniform(0.4, 1) * longest_s)
        if at + n >= len(sound):
            return sound + 10 ** rng.uniform(-4, -1.5) * rng.normal(size=len(sound))
        t = np.arange(n) / RATE_HZ
        sound[at : at + n] += np.sum([np.sin(2 * np.pi * f * t) for f in rng.choice(hz, together)], axis=0)
        at += n + int(RATE_HZ * rng.uniform(0.03, 0.8))


def chirps(rng: np.random.Generator) -> npt.NDArray:
    """Whistled glides of 1 to 8 kHz with pauses: birds, alarms."""
    sound = np.zeros(SECONDS * RATE_HZ)
    centre = rng.uniform(1500, 6000)
    for _ in range(int(rng.integers(4, 60))):
        n = int(RATE_HZ * rng.uniform(0.03, 0.4))
        at = int(rng.integers(0, len(sound) - n))
        knots = int(rng.integers(2, 8))
        hz = centre * np.exp(np.interp(np.linspace(0, 1, n), np.linspace(0, 1, knots), rng.normal(0, 0.25, knots)))
        sound[at : at + n] += rng.uniform(0.2, 1) * np.hanning(n) * np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)
    return sound
