"""Is this music at all? The recipe and training of the network that tells music from speech, noise and birdsong.

Real music and speech, plain and as rooms, telephones, noise and crowds change them (classifiers.disguises); music that
is less than a band (classifiers.bare_music); Emotify and GTZAN's training part; noises made by rule. The figures come
from 5-fold cross-validation by clip: a clip and everything made of it stay on one side. What ships learns from all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import bare_music, datasets, disguises, fitting, measures, network, noises
from core import features

Floats = npt.NDArray[np.float32]

LABELS = ("music",)
VIEWS = ("thin",)
RECIPE = fitting.Recipe((12, 24, 32, 32), "sigmoid", "binary_crossentropy", (48, 144), 0.08)
FOLDS, MEMBERS = 5, 2
SHARES = {
    "music": 0.12, "disguised music": 0.08, "songs": 0.12, "loops": 0.08, "solos": 0.08, "pieces": 0.02,
    "speech": 0.14, "disguised speech": 0.12, "crowd": 0.05, "noise": 0.19,
}  # fmt: skip
"""How often each kind is drawn, however many examples there are of it."""
NOT_MUSIC = ("speech", "disguised speech", "crowd", "noise")
_EVERY_FOLD = -1


@dataclass
class Material:
    """Views, each with its kind and the fold that it is tested in (_EVERY_FOLD: only trained on)."""

    views: list[Floats] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)

    def add(self, kind: str, sounds: Iterable[Floats], fold: int = _EVERY_FOLD) -> None:
        self.add_mel(kind, (features.log_mel(sound) for sound in sounds), fold)

    def add_mel(self, kind: str, mels: Iterable[Floats], fold: int = _EVERY_FOLD) -> None:
        for mel in mels:
            self.views.append(features.thin(mel))
            self.kinds.append(kind)
            self.folds.append(fold)

    def examples(self) -> fitting.Examples:
        targets = np.array([[kind not in NOT_MUSIC] for kind in self.kinds], np.float32)
        weights = [SHARES[kind] / self.kinds.count(kind) for kind in self.kinds]
        return fitting.Examples(self.views, targets, np.array(weights, np.float32))


def train(minutes: float, seed: int, *, cache: Path, work: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """The network and its figures after `minutes` of processor time in all."""
    material = gather(seed, cache)
    examples, folds = material.examples(), np.array(material.folds)
    seconds = minutes * 60 / (FOLDS + MEMBERS)
    guesses = np.full(len(folds), np.nan)
    for k in range(FOLDS):
        rest, held = np.flatnonzero(folds != k), np.flatnonzero(folds == k)
        model = fitting.fitted(RECIPE, examples.part(rest), seconds=seconds, seed=seed + k)
        guesses[held] = fitting.predict_all(model, [examples.views[i] for i in held])[:, 0]
    members = [fitting.fitted(RECIPE, examples, seconds=seconds, seed=seed + 10 + k) for k in range(MEMBERS)]
    return network.ensemble(members), _figures(guesses, np.array(material.kinds))


def _figures(guesses: npt.NDArray, kinds: npt.NDArray) -> dict[str, Any]:
    plain = np.isin(kinds, ["music", "speech"])
    tested = ~np.isnan(guesses)
    is_music = (~np.isin(kinds, NOT_MUSIC)).astype(int)
    right = (guesses > 0.5) == is_music
    return {
        "cv_auc": round(measures.auc(guesses[plain], is_music[plain]), 4),
        "cv_accuracy": round(float(right[plain].mean()), 4),
        "n": int(plain.sum()),
        "cv_auc_disguised": round(measures.auc(guesses[tested & ~plain], is_music[tested & ~plain]), 4),
        "cv_accuracy_disguised": round(float(right[tested & ~plain].mean()), 4),
        "n_disguised": int((tested & ~plain).sum()),
    }


def gather(seed: int, cache: Path) -> Material:
    """Everything there is to learn from."""
    material, rng = Material(), np.random.default_rng(seed)
    clips = list(_clips())
    folds = rng.permutation(len(clips)) % FOLDS
    for (is_music, sound), fold in zip(clips, folds, strict=True):
        name = "music" if is_music else "speech"
        material.add(name, [sound], int(fold))
        effects = [disguises.DISGUISES[i] for i in rng.permutation(len(disguises.DISGUISES))[:3]]
        material.add(f"disguised {name}", (effect(sound, rng) for effect in effects), int(fold))
    for fold in range(FOLDS):
        voices = [sound for (is_music, sound), of in zip(clips, folds, strict=True) if of == fold and not is_music]
        material.add("crowd", (disguises.crowd(voices, rng) for _ in range(6)), fold)
    material.add_mel("songs", (datasets.from_bytes(mel) for mel in datasets.emotify(cache).mel))
    train_views = datasets.gtzan("train").views
    material.views += list(train_views)
    material.kinds += ["songs"] * len(train_views)
    material.folds += [_EVERY_FOLD] * len(train_views)
    material.add("loops", bare_music.drum_loops(60, seed))
    material.add("solos", bare_music.solos(60, seed + 1))
    material.add("pieces", bare_music.pieces(20, seed + 2))
    material.add("noise", noises.not_music(160, seed))
    return material


def _clips() -> Iterator[tuple[bool, Floats]]:
    """The real music and speech as samples; a clip that is music comes with True."""
    for path in sorted((datasets.data_folder() / "music_or_speech").glob("*/*.opus")):
        yield path.parent.name == "music", datasets.sound(path)
