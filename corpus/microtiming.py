"""Measure how real drummers stray from the grid: the figures of corpus.feel, from a folder of Groove MIDI.

`python -m corpus.microtiming DATA` writes feel.json; with `--plot FILE` it draws the habits, too. Source of the data:
see corpus.strokes. Every performance is compared with its own mean, so a drummer who is always late is not sloppy.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.drummers import genres_of
from corpus.feel import PARTS, REFERENCE_STEP_S, STEPS, TABLE, Feel, Floats
from corpus.strokes import (
    CLOSED,
    KICK,
    OPEN,
    RIDE,
    SNARE,
    Strokes,
    lead_beats,
    nearest_steps,
    performances,
    read_strokes,
    strays,
    swing_of,
)

_PART_OF_VOICE = np.full(9, -1)
_PART_OF_VOICE[[KICK, SNARE, CLOSED, OPEN, RIDE]] = 0, 1, 2, 2, 2
_FAINT = (0.25, 0.5, 0.25)
"""Of a part's loud strokes: ghost notes and strokes by chance are not measured, the grid has its own way with them."""
_FARTHEST_STEPS, _FEWEST_STROKES, _FEWEST_AT_PLACE, _FEWEST_PAIRS = 0.35, 100, 4, 200
_SHRINKAGE = 40
"""A place counts its strokes and this many of everyone's."""
_LAGS = (1, 2, 3, 4, 6, 8)
_SWINGS = {"blues": ("triplet", "light"), "jazz": ("triplet", "light")}
_EVEN = ("straight", "sixteenth")
_N_CELLS = len(PARTS) * STEPS


@dataclass(frozen=True)
class Measured:
    """One performance: per stroke its step, part, offset in ms at the reference step, and velocity; the n are equal."""

    genre: str
    swing: str
    steps: npt.NDArray[np.int64]
    parts: npt.NDArray[np.int64]
    offsets_ms: Floats
    velocities: Floats

    @property
    def cells(self) -> npt.NDArray[np.int64]:
        """Part and place in the bar of each stroke, as one index."""
        return self.parts * STEPS + self.steps % STEPS

    def from_mean(self) -> Floats:
        """Offsets less their mean, (n,)."""
        return self.offsets_ms - self.offsets_ms.mean()

    def from_part_mean(self) -> Floats:
        """Velocities less the mean of their part, (n,)."""
        n = np.maximum(np.bincount(self.parts, minlength=len(PARTS)), 1)
        return np.asarray(self.velocities - (np.bincount(self.parts, self.velocities, len(PARTS)) / n)[self.parts])

    def from_place_mean(self) -> Floats:
        """(2, n): offsets and velocities less their mean at each place; NaN where it is struck seldom."""
        cells, n = self.cells, np.bincount(self.cells, minlength=_N_CELLS)
        rows = []
        for values in (self.offsets_ms, self.velocities):
            mean = np.bincount(cells, values, _N_CELLS) / np.maximum(n, 1)
            rows.append(np.where(n[cells] >= _FEWEST_AT_PLACE, values - mean[cells], np.nan))
        return np.array(rows)


def measure(folder: Path) -> dict[str, Feel]:
    """The feel of every genre that has two performances in its usual swings, and of "all"."""
    takes = [take for row in performances(folder) if row["beat_type"] == "beat" for take in _measured(folder, row)]
    everyone = _feel("all", takes, None)
    feels = {"all": everyone}
    for genre in sorted({take.genre for take in takes}):
        own = [take for take in takes if take.genre == genre and take.swing in _SWINGS.get(genre, _EVEN)]
        if len(own) >= 2:
            feels[genre] = _feel(genre, own, everyone)
    return feels


def _measured(folder: Path, row: dict[str, str]) -> Iterator[Measured]:
    """The performance of a row of info.csv, once for each of its genres, unless it is short."""
    strokes = read_strokes(folder / row["midi_filename"])
    if len(strokes.beats) < _FEWEST_STROKES:
        return
    beats = strokes.beats - lead_beats(strokes)
    swing = swing_of(beats)
    steps = nearest_steps(beats, swing)
    away = strays(beats, steps, swing)
    kept = _accented(strokes) & (np.abs(away) < _FARTHEST_STEPS)
    step_s = 15 / float(row["bpm"])
    offsets_ms = away * step_s * 1000 * np.sqrt(REFERENCE_STEP_S / step_s)
    parts = _PART_OF_VOICE[strokes.voices]
    for genre in genres_of(row["style"]):
        yield Measured(genre, swing, steps[kept], parts[kept], offsets_ms[kept], strokes.velocities[kept])


def _accented(strokes: Strokes) -> npt.NDArray[np.bool_]:
    """Strokes of a part that are not faint beside its loud ones."""
    parts = _PART_OF_VOICE[strokes.voices]
    kept = np.zeros(len(parts), bool)
    for part, faint in enumerate(_FAINT):
        own = parts == part
        if own.any():
            kept |= own & (strokes.velocities >= faint * np.percentile(strokes.velocities[own], 90))
    return kept


def _feel(genre: str, takes: Sequence[Measured], everyone: Feel | None) -> Feel:
    """Pool performances; sparse places lean on the feel of everyone, and so does the persistence of the wander."""
    cells, parts = np.concatenate([take.cells for take in takes]), np.concatenate([take.parts for take in takes])
    n = np.bincount(cells, minlength=_N_CELLS)
    from_mean = np.concatenate([np.stack([take.from_mean(), take.from_part_mean()]) for take in takes], axis=1)
    rest = [take.from_place_mean() for take in takes]
    spread = np.concatenate(rest, axis=1)
    sds = [[float(np.nanstd(row[parts == part])) for part in range(len(PARTS))] for row in spread]
    lean = np.zeros((2, _N_CELLS))
    if everyone is not None:
        lean = np.array([np.ravel(everyone.offset_ms), np.ravel(everyone.velocity)])
    offset_ms, velocity = (
        (np.bincount(cells, values, _N_CELLS) + _SHRINKAGE * prior) / (n + _SHRINKAGE)
        for values, prior in zip(from_mean, lean, strict=True)
    )
    timing, loudness = (_correlations(takes, [np.array(rows[kind], float) for rows in rest]) for kind in (0, 1))
    persistence = _persistence(timing) if everyone is None else everyone.persistence
    return Feel(
        genre=genre,
        n_performances=len(takes),
        n_strokes=int(n.sum()),
        offset_ms=_rounded(offset_ms),
        velocity=_rounded(velocity),
        offset_sd_ms=tuple(round(sd, 1) for sd in sds[0]),
        velocity_sd=tuple(round(sd, 1) for sd in sds[1]),
        wander=_share(timing, persistence),
        persistence=persistence,
        velocity_wander=_share(loudness, persistence),
    )


def _rounded(cells: Floats) -> tuple[tuple[float, ...], ...]:
    """(3 * 16,) as rows of PARTS."""
    return tuple(tuple(round(value, 1) for value in row) for row in cells.reshape(len(PARTS), STEPS).tolist())


def _correlations(takes: Sequence[Measured], rest: Sequence[Floats]) -> dict[int, tuple[float, int]]:
    """By lag, of a part's strokes that many steps apart: (correlation, number of pairs), where there are enough."""
    pairs: dict[int, list[Floats]] = {lag: [] for lag in _LAGS}
    for take, values in zip(takes, rest, strict=True):
        for part in range(len(PARTS)):
            own = (take.parts == part) & ~np.isnan(values)
            if not own.any():
                continue
            line = np.full(int(take.steps.max()) + 1, np.nan)
            line[take.steps[own]] = values[own] / max(1e-9, float(values[own].std()))
            for lag in _LAGS:
                both = np.stack([line[:-lag], line[lag:]])
                pairs[lag].append(both[:, ~np.isnan(both).any(axis=0)])
    pooled = {lag: np.concatenate(found, axis=1) for lag, found in pairs.items()}
    return {
        lag: (float(np.asarray(np.corrcoef(both))[0, 1]), both.shape[1])
        for lag, both in pooled.items()
        if both.shape[1] >= _FEWEST_PAIRS
    }


def _persistence(correlations: dict[int, tuple[float, int]]) -> float:
    """What the wander keeps from step to step: the slope of the logarithm of share * persistence^lag."""
    logs = [np.log(correlation) for correlation, _ in correlations.values()]
    return round(float(np.exp(np.polyfit(list(correlations), logs, 1)[0])), 3)


def _share(correlations: dict[int, tuple[float, int]], persistence: float) -> float:
    """The wander's share of the variance, by least squares weighted with the number of pairs."""
    kept = {lag: persistence**lag for lag in correlations}
    upper = sum(n * kept[lag] * correlation for lag, (correlation, n) in correlations.items())
    lower = sum(n * kept[lag] ** 2 for lag, (_, n) in correlations.items())
    return round(min(1.0, max(0.0, upper / lower)), 2)


def main() -> None:
    """Measure a folder into feel.json."""
    import argparse

    parser = argparse.ArgumentParser(description="Measure how drummers stray from the grid.")
    parser.add_argument("data", type=Path, help="the folder that holds info.csv")
    parser.add_argument("--plot", type=Path, help="a picture of the habits to write")
    arguments = parser.parse_args()
    feels = measure(arguments.data)
    source = "Groove MIDI data set, Gillick et al. 2019, CC BY 4.0; python -m corpus.microtiming DATA"
    lines = ",\n".join(f'  "{name}": {json.dumps(asdict(feel))}' for name, feel in feels.items())
    TABLE.write_text(f'{{"source": "{source}", "feels": {{\n{lines}\n}}}}\n', encoding="utf-8")
    for name, feel in feels.items():
        print(name, feel.n_performances, feel.n_strokes, feel.offset_sd_ms, feel.velocity_sd, feel.wander,
              feel.persistence, feel.velocity_wander)  # fmt: skip
    if arguments.plot:
        _plot(feels, arguments.plot)


def _plot(feels: dict[str, Feel], path: Path) -> None:
    """Mean offset and velocity by place in the bar: a column a part, a line a genre."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(18, 9), layout="constrained")
    for row, name in enumerate(("offset_ms", "velocity")):
        for part, part_name in enumerate(PARTS):
            axes = figure.add_subplot(2, len(PARTS), 1 + row * len(PARTS) + part, title=f"{part_name}: {name}")
            for genre, feel in feels.items():
                axes.plot(range(STEPS), getattr(feel, name)[part], label=genre, lw=3 if genre == "all" else 1)
            axes.grid()
    axes.legend()
    figure.savefig(path)


if __name__ == "__main__":
    main()
