"""The sets of pictures that an examination compares, and the figures that come from comparing them.

All sets answer the same specifications in the same order: the model's pictures, two sets of paintings by other seeds,
and the first of those after the autoencoder. The first `n` are the examination; all of them serve the distances, which
need more pictures to be steady.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.types import ImageRequest
from corpus.painter import SCENES, SceneSpec
from evaluation.picture_probe import Pixels, Probe, Recognition, Seen, paintings, recognition, seen, share_of
from evaluation.pictures_looks import Sharpness, Variety, distances, psnr_db, reconstructed, sharpness, variety
from evaluation.pictures_prompts import SENTENCES, phrased, specifications
from evaluation.pictures_report import Looks, OfScene, Unseen
from pipelines.illustrate import illustrate

SEEDS = 3
"""Of one prompt, for variety."""
SENTENCE_SEEDS = 2
_PAINTED, _AGAIN, _THIRD = 1, 2, 3  # added to the seed, so that no two sets share a painting


@dataclass(frozen=True)
class Sets:
    """Pictures of the same specifications, and what the probe sees in each."""

    n: int
    specs: Sequence[SceneSpec]
    prompts: Sequence[str]
    model: Sequence[Pixels]
    painted: Sequence[Pixels]
    again: Sequence[Pixels]
    rebuilt: Sequence[Pixels]
    in_model: Seen
    in_painted: Seen
    in_again: Seen
    in_rebuilt: Seen

    def recognised(self, answers: Seen) -> Recognition:
        """Of the first n."""
        return recognition(self.specs[: self.n], answers)


def by_model(prompts: Sequence[str], seed: int) -> list[Pixels]:
    """One picture a prompt at the verb's defaults, each with the next seed."""
    return [illustrate(ImageRequest(prompt, seed=seed + i)).pixels for i, prompt in enumerate(prompts)]


def made_sets(pipeline: Path, probe: Probe, *, n: int, many: int, seed: int) -> Sets:
    """Paint everything; `many` counts where it is more than `n`."""
    specs = specifications(max(n, many), seed=seed)
    prompts = phrased(specs, seed=seed)
    model = by_model(prompts, seed)
    painted, again = (paintings(specs, seed + k, size_px=len(model[0])) for k in (_PAINTED, _AGAIN))
    sets = (model, painted, again, reconstructed(pipeline, painted))
    return Sets(n, specs, prompts, *sets, *(seen(probe, pictures) for pictures in sets))


def mistaken(sets: Sets, most: int) -> dict[str, int]:
    """The scenes that were taken for others among the first n, commonest first."""
    pairs = zip(sets.specs[: sets.n], sets.in_model.scenes, strict=False)
    wrong = Counter(f"{spec.scene} for {scene}" for spec, scene in pairs if scene != spec.scene)
    return dict(wrong.most_common(most))


def looks(probe: Probe, sets: Sets, *, seed: int) -> Looks:
    """Sharpness and PSNR of the first n, distances of all."""
    n = sets.n
    return Looks(
        model=_sharp(sets, sets.model, range(n)),
        autoencoder=_sharp(sets, sets.rebuilt, range(n)),
        scenes={name: of for name in SCENES if (of := _of_scene(sets, name))},
        distances=distances(
            sets.in_again.features,
            model=sets.in_model.features,
            autoencoder=sets.in_rebuilt.features,
            painter=sets.in_painted.features,
        ),
        variety=varied(probe, sets, seed=seed),
        psnr_db=psnr_db(sets.rebuilt[:n], sets.painted[:n]),
    )


def _of_scene(sets: Sets, name: str) -> OfScene | None:
    rows = [i for i in range(sets.n) if sets.specs[i].scene == name]
    if not rows:
        return None
    recognised = share_of([sets.in_model.scenes[i] == name for i in rows])
    return OfScene(recognised, _sharp(sets, sets.model, rows), _sharp(sets, sets.rebuilt, rows))


def _sharp(sets: Sets, pictures: Sequence[Pixels], rows: Sequence[int]) -> Sharpness:
    chosen, painted, again = ([each[i] for i in rows] for each in (pictures, sets.painted, sets.again))
    return sharpness(chosen, painted, again)


def varied(probe: Probe, sets: Sets, *, seed: int) -> Variety:
    """The variety among SEEDS pictures of every scene's first prompt; the first of them is there already."""
    n = min(len(SCENES), len(sets.specs))
    prompts, specs = sets.prompts[:n], sets.specs[:n]
    more = [by_model(prompts, seed + 10_000 * k) for k in range(1, SEEDS)]
    third = paintings(specs, seed + _THIRD, size_px=len(sets.model[0]))
    made = list(zip(sets.model, *more, strict=False))
    painted = list(zip(sets.painted, sets.again, third, strict=False))
    features = ([seen(probe, row).features for row in rows] for rows in (made, painted))
    made_features, painted_features = features
    return variety(made, made_features, painted, painted_features)


def unseen(probe: Probe, rows: Sequence[Sequence[Pixels]]) -> Unseen:
    """What fits of the pictures of SENTENCES, one row a sentence."""
    scenes, emotions, answers = list[bool](), list[bool](), dict[str, tuple[str, ...]]()
    for sentence, row in zip(SENTENCES, rows, strict=True):
        found = seen(probe, row)
        answers[sentence.prompt] = tuple(map(", ".join, zip(found.emotions, found.scenes, strict=True)))
        scenes += [scene in sentence.scenes for scene in found.scenes if sentence.scenes]
        emotions += [emotion in sentence.emotions for emotion in found.emotions if sentence.emotions]
    return Unseen(share_of(scenes), share_of(emotions), answers)


def of_sentences(*, seed: int) -> list[list[Pixels]]:
    """SENTENCE_SEEDS pictures of each of SENTENCES."""
    prompts = [sentence.prompt for sentence in SENTENCES]
    by_seed = [by_model(prompts, seed + 10_000 * k) for k in range(SENTENCE_SEEDS)]
    return [list(row) for row in zip(*by_seed, strict=True)]
