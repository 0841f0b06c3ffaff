"""Train the two small networks of a transcription on composed pieces: `python -m pipelines.pretrain.transcription`.

Pieces of all genres and emotions are rendered; the grid they were written on says what was played at each step. The
perceptrons are small on purpose (2,500 weights): what they learn is what an attack and a harmonic look like, not the
composer. Writes weights/transcription/model.safetensors. Some ten minutes on one core.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from core.audio import resample
from core.features import RATE_HZ
from core.types import AudioClip
from corpus import score
from corpus.captions import EMOTIONS, GENRES
from corpus.composer import compose
from corpus.performance import Piece, step_times, to_notes
from corpus.render import render
from pipelines.engines import parts
from pipelines.engines.spectra import LOWEST_PITCH, N_TONES, spectra_of

Floats = npt.NDArray[np.float32]

SECONDS = 12.0
_HIDDEN_STROKES, _HIDDEN_TONES = 16, 24
_RARE = 10.0  # weight of the sparse targets, struck and sounding, beside the lines


@dataclass(frozen=True)
class Lesson:
    """A piece at its steps: what the networks see, and what was played.

    `struck` (n, 5); `lines` (2, n) places of bass and tune, N_TONES for a rest; `tones` (2, n, N_TONES): whether each
    is struck, and whether it sounds.
    """

    stroke_features: Floats
    tone_features: Floats
    struck: Floats
    lines: npt.NDArray[np.int64]
    tones: Floats


def lessons(n: int, seed: int) -> Iterator[Lesson]:
    """Pieces of every genre and emotion in turn."""
    for index in range(n):
        genre, emotion = GENRES[index % len(GENRES)], EMOTIONS[(index // len(GENRES) + index) % len(EMOTIONS)]
        tokens = compose(seed * 1_000_003 + index, genre=genre, emotion=emotion, seconds=SECONDS, ending=False)
        yield lesson(tokens)


def lesson(tokens: score.Tokens, seconds: float = SECONDS) -> Lesson:
    """Render a piece and look at it on its own grid."""
    piece = to_notes(tokens)
    sound = AudioClip(render(piece, seconds=seconds, mono=True), 32_000)
    spectra = spectra_of(resample(sound, RATE_HZ).samples[0])
    step_s = score.seconds_of(1, piece.tempo_bpm, piece.header.steps_per_beat)
    n = min(tokens.shape[1] - score.N_HEADER_FRAMES, int((seconds - 0.3) / step_s))
    times_s = step_times(piece.header, n + 1)
    drums = np.asarray(tokens)[score.DRUMS, score.N_HEADER_FRAMES :][:n].astype(int)
    cymbal, tom = drums >> 2 & 3, drums >> 4 & 3
    struck = np.stack([drums & 1, drums >> 1 & 1, cymbal > 0, (tom > 0) & (tom < 3), tom == 3], axis=1)
    lines, tones = played(piece, times_s)
    strengths = parts.tone_strengths(spectra, times_s)
    return Lesson(
        parts.stroke_features(spectra, times_s[:-1]),
        parts.tone_features(strengths),
        struck.astype(np.float32),
        lines,
        tones,
    )


def played(piece: Piece, times_s: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], Floats]:
    """The lines of bass and tune, and which tones are struck and sound at each step."""
    n = len(times_s) - 1
    lines, tones = np.full((2, n), N_TONES), np.zeros((2, n, N_TONES), np.float32)
    for track in piece.tracks:
        for note in track.notes:
            place, first = note.pitch - LOWEST_PITCH, int(np.abs(times_s - note.start_s).argmin())
            if track.is_drum or first >= n or not 0 <= place < N_TONES:
                continue
            last = max(first + 1, min(n, int(np.searchsorted(times_s, note.end_s - 0.03))))
            tones[0, first, place] = 1
            tones[1, first:last, place] = 1
            if track.name in ("bass", "melody"):
                lines[int(track.name == "melody"), first:last] = place
    return lines, tones


def perceptron(n_in: int, hidden: tuple[int, ...], n_out: int) -> torch.nn.Sequential:
    """Linear layers with SiLU between them."""
    sizes = (n_in, *hidden, n_out)
    layers: list[torch.nn.Module] = []
    for size, following in pairwise(sizes):
        layers += [torch.nn.Linear(size, following), torch.nn.SiLU()]
    return torch.nn.Sequential(*layers[:-1])


def fit_strokes(taught: list[Lesson]) -> dict[str, Floats]:
    """All steps of all lessons at once, by LBFGS."""
    features = np.concatenate([one.stroke_features for one in taught])
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    inputs = torch.from_numpy((features - mean) / spread)
    targets = torch.from_numpy(np.concatenate([one.struck for one in taught]))
    torch.manual_seed(0)
    network = perceptron(inputs.shape[1], (_HIDDEN_STROKES,), len(parts.STROKES))
    optimizer = torch.optim.LBFGS(network.parameters(), max_iter=250)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        fit = torch.nn.functional.binary_cross_entropy_with_logits(network(inputs), targets)
        total = fit + 1e-4 * sum((p**2).sum() for p in network.parameters())
        total.backward()
        return total

    optimizer.step(loss)
    return _arrays("strokes", network, mean, spread)


def fit_tones(taught: list[Lesson], passes: int) -> dict[str, Floats]:
    """A lesson a step, by AdamW."""
    sample = np.concatenate([one.tone_features.reshape(-1, one.tone_features.shape[-1])[::37] for one in taught])
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    torch.manual_seed(0)
    network = perceptron(sample.shape[1], (_HIDDEN_TONES, _HIDDEN_TONES), 4)
    rests = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.AdamW([*network.parameters(), rests], weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=passes * len(taught))
    rng = np.random.default_rng(0)
    for index in (int(i) for _ in range(passes) for i in rng.permutation(len(taught))):
        optimizer.zero_grad()
        logits = network(torch.from_numpy((taught[index].tone_features - mean) / spread))
        tone_loss(logits, rests, taught[index]).backward()
        optimizer.step()
        schedule.step()
    return _arrays("tones", network, mean, spread) | {"rests": rests.detach().numpy()}


def tone_loss(logits: torch.Tensor, rests: torch.Tensor, one: Lesson) -> torch.Tensor:
    """Of logits (n, N_TONES, 4): one pitch or a rest for bass and tune, yes or no for struck and sounding."""
    functional = torch.nn.functional
    total = torch.zeros(())
    for part in (parts.BASS, parts.TUNE):
        choice = torch.cat([logits[..., part], rests[part].expand(len(logits), 1)], dim=1)
        total = total + functional.cross_entropy(choice, torch.from_numpy(one.lines[part]))
    for kind in (parts.STRUCK, parts.SOUNDING):
        target = torch.from_numpy(one.tones[kind - parts.STRUCK])
        total = total + _RARE * functional.binary_cross_entropy_with_logits(logits[..., kind], target)
    return total


def _arrays(name: str, network: torch.nn.Sequential, mean: Floats, spread: Floats) -> dict[str, Floats]:
    linear = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
    arrays = {f"{name}.mean": mean.astype(np.float32), f"{name}.spread": spread.astype(np.float32)}
    for i, layer in enumerate(linear):
        arrays[f"{name}.weight.{i}"] = layer.weight.detach().numpy()
        arrays[f"{name}.bias.{i}"] = layer.bias.detach().numpy()
    return arrays


def main() -> None:
    """Render, train, write."""
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=300, help="pieces to learn from")
    parser.add_argument("--passes", type=int, default=8, help="how often each is met")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, default=parts.FOLDER)
    arguments = parser.parse_args()
    taught = list(lessons(arguments.n, arguments.seed))
    arguments.out.mkdir(parents=True, exist_ok=True)
    recipe = {
        "n": str(arguments.n),
        "passes": str(arguments.passes),
        "seed": str(arguments.seed),
        "grid": str(score.GRID),
    }
    arrays = fit_strokes(taught) | fit_tones(taught, arguments.passes)
    save_file(arrays, arguments.out / "model.safetensors", metadata=recipe)


if __name__ == "__main__":
    main()
