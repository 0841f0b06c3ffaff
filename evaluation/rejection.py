"""Is what is not music recognised, on sounds nobody trained on? `python -m evaluation.rejection`.

Nineteen kinds of noise made by other rules than those of classifiers.noises: seven kinds have a like one there, which
the table says, twelve have none. And music that classifiers.music_or_not has not learned from: drum loops of Groove
MIDI's test split, piano music (piano-midi.de, rendered), written pieces and solos of other seeds, the clips and the
examples. Through listener.listen, as /describe does it. Samples are float32 mono at core.features.RATE_HZ.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers import bare_music, listener, measures
from classifiers.datasets import data_folder
from core import features
from core.audio import read_clip, resample
from core.features import RATE_HZ
from core.models import ROOT

Sound = npt.NDArray
Rng = np.random.Generator
SECONDS = 20
N = SECONDS * RATE_HZ
TIME_S = np.arange(N) / RATE_HZ


def coloured(rng: Rng, n: int, exponent: float, low_hz: float = 0, high_hz: float = RATE_HZ / 2) -> Sound:
    """Noise of power 1/f^exponent within a band, peak 1."""
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    gain = np.maximum(hz, 20) ** (-exponent / 2) * ((hz >= low_hz) & (hz <= high_hz))
    sound = np.fft.irfft(np.fft.rfft(rng.normal(size=n)) * gain, n)
    return sound / np.abs(sound).max()


def scattered(rng: Rng, grain: Callable[[], Sound], n: int, floor: Sound) -> Sound:
    """`n` grains at random times over `floor`."""
    sound = np.array(floor)
    for _ in range(n):
        piece = grain()
        at = int(rng.integers(0, N - len(piece)))
        sound[at : at + len(piece)] += piece
    return sound


def paced(rng: Rng, grain: Callable[[], Sound], pause_s: Callable[[], float], floor: Sound) -> Sound:
    """Grains one after the other, `pause_s()` from one's start to the next."""
    sound, at = np.array(floor), 0
    while at < N:
        piece = grain()[: N - at]
        sound[at : at + len(piece)] += piece
        at += int(RATE_HZ * pause_s())
    return sound


def struck(rng: Rng, n: int, decay: float, exponent: float = 0, high_hz: float = RATE_HZ / 2) -> Sound:
    """A burst of noise that dies away."""
    return coloured(rng, n, exponent, 30, high_hz) * np.exp(-np.arange(n) / decay) * rng.uniform(0.2, 1)


def rain(rng: Rng) -> Sound:
    return scattered(rng, lambda: 0.6 * struck(rng, 300, 60), 4000, 0.3 * coloured(rng, N, 0, 500, 9000))


def engine(rng: Rng) -> Sound:
    wander = 1 + 0.1 * np.cumsum(rng.normal(size=N)) / np.sqrt(N)
    phase = 2 * np.pi * np.cumsum(rng.uniform(25, 60) * wander) / RATE_HZ
    partials = [np.sin(k * phase + rng.uniform(0, 6)) / k for k in range(1, 30)]
    return np.sum(partials, axis=0) * (1 + 0.3 * np.sin(phase / 2)) + 2 * coloured(rng, N, 1)


def applause(rng: Rng) -> Sound:
    return scattered(rng, lambda: struck(rng, int(rng.integers(200, 700)), 90), 4000, np.zeros(N))


def keypad(rng: Rng) -> Sound:
    def tone() -> Sound:
        t = np.arange(int(RATE_HZ * rng.uniform(0.08, 0.3))) / RATE_HZ
        rows, columns = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
        return np.sin(2 * np.pi * rng.choice(rows) * t) + np.sin(2 * np.pi * rng.choice(columns) * t)

    return paced(rng, tone, lambda: rng.uniform(0.3, 0.8), 0.02 * coloured(rng, N, 0))


def alarm(rng: Rng) -> Sound:
    pitch_hz, rate_hz = rng.uniform(500, 3000), rng.uniform(0.5, 8)
    wobble = (0.3 * np.sign(np.sin(2 * np.pi * rate_hz * TIME_S)), 0.4 * ((TIME_S * rate_hz) % 1))[rng.integers(2)]
    sound = np.sin(2 * np.pi * np.cumsum(pitch_hz * (1 + wobble)) / RATE_HZ)
    return (np.sign(sound) if rng.random() < 0.5 else sound) + 0.02 * coloured(rng, N, 1)


def beeper(rng: Rng) -> Sound:
    tone = np.sin(2 * np.pi * rng.uniform(500, 3000) * TIME_S) * (np.sin(2 * np.pi * rng.uniform(0.5, 4) * TIME_S) > 0)
    return tone + 0.02 * coloured(rng, N, 1)


def crickets(rng: Rng) -> Sound:
    sound = 0.02 * coloured(rng, N, 0)
    for _ in range(int(rng.integers(1, 5))):
        chirp = np.maximum(0, np.sin(2 * np.pi * rng.uniform(20, 60) * TIME_S))
        phrases = np.sin(2 * np.pi * rng.uniform(0.5, 3) * TIME_S + rng.uniform(0, 6)) > rng.uniform(-0.3, 0.5)
        sound += rng.uniform(0.3, 1) * np.sin(2 * np.pi * rng.uniform(3500, 6500) * TIME_S) * chirp * phrases
    return sound


def dripping(rng: Rng) -> Sound:
    def drop() -> Sound:
        t = np.arange(2000) / RATE_HZ
        rise = rng.uniform(600, 2500) * (t + t**2 * rng.uniform(2, 10))
        return rng.uniform(0.5, 1) * np.sin(2 * np.pi * rise) * np.exp(-60 * t)

    pace_s = rng.uniform(0.2, 1.2)
    return paced(rng, drop, lambda: pace_s * rng.uniform(0.7, 1.3), 0.01 * coloured(rng, N, 1))


def crackle(rng: Rng) -> Sound:
    return scattered(rng, lambda: struck(rng, 40, 8), int(rng.integers(100, 800)), 0.1 * coloured(rng, N, 1))


def bursts(rng: Rng) -> Sound:
    def burst() -> Sound:
        return rng.normal(size=int(RATE_HZ * rng.uniform(0.1, 2))) * rng.uniform(0.1, 1)

    return paced(rng, burst, lambda: rng.uniform(1, 4), np.zeros(N))


def footsteps(rng: Rng) -> Sound:
    pace_s, high_hz = rng.uniform(0.4, 0.7), rng.uniform(500, 4000)
    steps = paced(
        rng, lambda: struck(rng, 2500, 400, 1.5, high_hz), lambda: pace_s * rng.uniform(0.95, 1.05), np.zeros(N)
    )
    return steps + 0.05 * coloured(rng, N, 1)


def clock(rng: Rng) -> Sound:
    return paced(rng, lambda: struck(rng, 200, 30), lambda: 0.5, 0.02 * coloured(rng, N, 1))


def typing(rng: Rng) -> Sound:
    return paced(rng, lambda: struck(rng, 600, 60), lambda: rng.gamma(2, 0.08), 0.02 * coloured(rng, N, 1))


def barking(rng: Rng) -> Sound:
    def bark() -> Sound:
        n = int(rng.uniform(2500, 6000))
        phase = 2 * np.pi * np.cumsum(rng.uniform(300, 700) * (1 + 0.5 * np.hanning(n))) / RATE_HZ
        return np.hanning(n) * (np.sum([np.sin(k * phase) / k for k in range(1, 8)], axis=0) + rng.normal(size=n))

    return scattered(rng, bark, 15, 0.02 * coloured(rng, N, 1))


def sweep(rng: Rng) -> Sound:
    ends_hz = rng.uniform(30, 100), rng.uniform(5000, 10_000)
    return np.sin(2 * np.pi * np.cumsum(np.geomspace(*ends_hz, N)) / RATE_HZ)


def near_silence(rng: Rng) -> Sound:
    return np.round(rng.normal(size=N) * rng.uniform(0.3, 2))


NOISES: dict[str, Callable[[Rng], Sound]] = {
    "rain": rain, "engine": engine, "applause": applause, "keypad": keypad, "alarm": alarm, "beeper": beeper,
    "crickets": crickets, "dripping": dripping, "crackle": crackle, "bursts": bursts, "footsteps": footsteps,
    "clock": clock, "typing": typing, "barking": barking, "sweep": sweep, "near silence": near_silence,
    "white noise": lambda rng: coloured(rng, N, 0), "pink noise": lambda rng: coloured(rng, N, 1),
    "brown noise": lambda rng: coloured(rng, N, 2),
}  # fmt: skip

LIKE_TRAINED = ("keypad", "beeper", "footsteps", "near silence", "white noise", "pink noise", "brown noise")
"""Kinds of which classifiers.noises makes something similar, by other rules."""


def music(n: int, seed: int) -> dict[str, Iterator[Sound]]:
    """Music that the network has not learned from, by kind."""
    data = data_folder()
    return {
        "drum loops (Groove, test split)": bare_music.drum_loops(n, seed, split="test"),
        "piano music (rendered)": bare_music.piano(n, seed),
        "solos": bare_music.solos(n, seed),
        "written pieces": bare_music.pieces(n, seed),
        "clips": map(_read, sorted((data / "clips").glob("*_-_*.ogg")) + sorted((data / "clips").glob("*waltz*.ogg"))),
        "examples": map(_read, sorted((ROOT / "examples").glob("*.ogg"))),
    }


def judged(sounds: Iterator[Sound]) -> npt.NDArray[np.float64]:
    """The probability of music for each sound."""
    return np.array([listener.listen(features.log_mel(s.astype(np.float32))).music_probability for s in sounds])


def _read(path: Path) -> Sound:
    return resample(read_clip(path, max_seconds=30).clip, RATE_HZ).mono()


def noise(kind: str, n: int, seed: int) -> Iterator[Sound]:
    """`n` sounds of a kind; near silence stays within two steps of 16 bits, the others peak at 0.4."""
    for k in range(n):
        sound = NOISES[kind](np.random.default_rng([seed, k]))
        yield sound / 32768 if kind == "near silence" else 0.4 * sound / np.abs(sound).max()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.rejection")
    parser.add_argument("--n", type=int, default=8, help="sounds of each kind of noise; five times as many of music")
    parser.add_argument("--seed", type=int, default=77)
    options = parser.parse_args()
    played = {kind: judged(sounds) for kind, sounds in music(5 * options.n, options.seed).items()}
    made = {kind: judged(noise(kind, options.n, options.seed)) for kind in NOISES}
    print("| sound | n | recognised | probability of music: median | worst |\n|---|---|---|---|---|")
    for kind, p in played.items():
        print(f"| {kind} | {len(p)} | {(p > 0.5).mean():.2f} | {np.median(p):.3f} | {p.min():.3f} |")
    for kind, p in made.items():
        name = f"{kind} (a like kind was trained on)" if kind in LIKE_TRAINED else kind
        print(f"| {name} | {len(p)} | {(p < 0.5).mean():.2f} | {np.median(p):.3f} | {p.max():.3f} |")
    p, q = (np.concatenate(list(part.values())) for part in (played, made))
    unseen = np.concatenate([part for kind, part in made.items() if kind not in LIKE_TRAINED])
    for what, negative in (("all kinds", q), ("kinds unlike any trained on", unseen)):
        scores, positive = np.concatenate([p, negative]), np.repeat([1, 0], [len(p), len(negative)])
        print(
            f"\nAUC, {what}: {measures.auc(scores, positive):.4f} (n = {len(p)} + {len(negative)}, seed {options.seed})"
        )


if __name__ == "__main__":
    main()
