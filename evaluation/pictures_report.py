"""What an examination of the picture model found, and the tables that say it, in Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation import results
from evaluation.picture_probe import Recognition, Share
from evaluation.pictures_clips import TwoClips
from evaluation.pictures_looks import Distances, Sharpness, Variety
from evaluation.pictures_pace import PLAIN, Pace

EMOTION_BAR, SCENE_BAR, SHARPNESS_BAR, SECONDS_BAR = 0.95, 0.88, 0.6, 1.5


@dataclass(frozen=True)
class OfScene:
    """One scene family: how often it is recognised, and how sharp it is for the model and for the autoencoder."""

    recognised: Share
    model: Sharpness
    autoencoder: Sharpness


@dataclass(frozen=True)
class Unseen:
    """Sentences as people write them: the share of pictures whose scene and whose emotion fits, and what was seen."""

    scene: Share
    emotion: Share
    answers: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Asked:
    """What was asked and got: the model, the painter and the painter through the autoencoder on varied phrasings, the
    model on canonical ones, and the probe itself on other paintings. `mistaken` counts wrong scenes, commonest first.
    """

    model: Recognition
    canonical: Recognition
    autoencoder: Recognition
    painter: Recognition
    probe: Recognition
    mistaken: dict[str, int]


@dataclass(frozen=True)
class Looks:
    """How the pictures look, beside paintings."""

    model: Sharpness
    autoencoder: Sharpness
    scenes: dict[str, OfScene]
    distances: Distances
    variety: Variety
    psnr_db: float


@dataclass(frozen=True)
class Examination:
    """Everything; `clips` is absent where there were no clips to hear, and `no_clips` says why."""

    seed: int
    asked: Asked
    looks: Looks
    unseen: Unseen
    paces: tuple[Pace, ...]
    clips: TwoClips | None
    no_clips: str


def tables(found: Examination, command: str) -> str:
    """The whole report."""
    clips = _clips(found.clips) if found.clips else f"Two clips, one caption: not measured, {found.no_clips}."
    parts = (
        "\n".join(_asked(found)), "\n".join(_looks(found.looks)), "\n".join(_scenes(found)), _unseen(found.unseen),
        clips, _pace(found.paces), f"Measured with `{command}`, commit {results.commit()}, seed {found.seed}.",
    )  # fmt: skip
    return "\n\n".join(parts)


def _asked(found: Examination) -> Iterator[str]:
    asked = found.asked
    yield "| asked and recognised by the probe (Wilson 95 %) | n | emotion | scene |"
    yield "|---|---|---|---|"
    yield f"| bar | | {EMOTION_BAR:.0%} | {SCENE_BAR:.0%} |"
    for name, got in (
        ("the model, varied phrasings", asked.model),
        ("the model, the app's own phrasing, ten genres by nine emotions", asked.canonical),
        ("paintings of the same specifications", asked.painter),
        ("those paintings through the autoencoder", asked.autoencoder),
        ("other paintings, as small as the probe learned from", asked.probe),
    ):
        yield f"| {name} | {got.scene.n} | {_share(got.emotion)} | {_share(got.scene)} |"


def _looks(looks: Looks) -> Iterator[str]:
    far, model, floor = looks.distances, looks.model, looks.autoencoder
    yield "| beside paintings of the same specifications | bar | model | autoencoder | other paintings |"
    yield "|---|---|---|---|---|"
    yield (
        f"| sharpness: Laplacian variance, median of {model.n} ratios | {SHARPNESS_BAR:.0%} | {model.median:.0%} | "
        f"{floor.median:.0%} | 100 % |"
    )
    yield f"| mean of the ratios | | {model.mean:.0%} | {floor.mean:.0%} | |"
    yield f"| ratio of the means | | {model.of_means:.0%} | {floor.of_means:.0%} | |"
    yield (
        f"| squared Frechet distance in the probe's 64 features, n = {far.n} | | {far.model:.2f} | "
        f"{far.autoencoder:.2f} | {far.painter:.2f} |"
    )
    yield f"| PSNR | | | {looks.psnr_db:.1f} dB | |"
    yield (
        f"| variety between {looks.variety.n_seeds} seeds of {looks.variety.n_prompts} prompts: pixels, features | | "
        f"{looks.variety.pixels:.0%}, {looks.variety.features:.0%} | | 100 % |"
    )


def _scenes(found: Examination) -> Iterator[str]:
    yield "| scene | recognised | n | sharpness, median | mean | autoencoder, median | mean |"
    yield "|---|---|---|---|---|---|---|"
    for name, scene in found.looks.scenes.items():
        yield (
            f"| {name.replace('_', ' ')} | {scene.recognised.share:.0%} | {scene.recognised.n} | "
            f"{scene.model.median:.0%} | {scene.model.mean:.0%} | {scene.autoencoder.median:.0%} | "
            f"{scene.autoencoder.mean:.0%} |"
        )
    if found.asked.mistaken:
        yield ""
        yield f"Mistaken: {', '.join(f'{what} ({n})' for what, n in found.asked.mistaken.items())}."


def _unseen(unseen: Unseen) -> str:
    return (
        f"{len(unseen.answers)} sentences as people write them: a fitting scene in {_share(unseen.scene)} of "
        f"{unseen.scene.n} pictures, a fitting emotion in {_share(unseen.emotion)} of {unseen.emotion.n} (where "
        "any would fit it is not counted)."
    )


def _clips(clips: TwoClips) -> str:
    curves = ", ".join(f"{name} {value:+.2f}" for name, value in clips.curves.items())
    return (
        f"Two clips, one caption ({clips.n_clips} recordings, {clips.n_captions} captions, the same seed): their "
        f"pictures differ by {clips.between_clips:.1%} of full scale on average; two seeds without a clip by "
        f"{clips.between_seeds:.1%}, two seeds of one clip by {clips.between_seeds_of_one_clip:.1%}. Brightness of a "
        f"picture's columns correlates with the clip's own drawing by {clips.own_drawing:.2f}, with other clips' by "
        f"{clips.other_drawing:.2f} (curves: {curves})."
    )


def _pace(paces: tuple[Pace, ...]) -> str:
    rows = [
        f"| seconds a picture, medians | bar | by the clock | of the processor | {PLAIN}: clock | processor | faster |",
        "|---|---|---|---|---|---|---|",
    ]
    for pace in paces:
        what = f"{pace.threads} thread{'s' if pace.threads > 1 else ''} (n = {pace.n}; {pace.n_plain} plain)"
        bar = f"{SECONDS_BAR} s" if pace.threads == 2 else ""
        rows.append(
            f"| {what} | {bar} | {pace.wall_s:.2f} s | {pace.cpu_s:.2f} s | {pace.plain_wall_s:.1f} s | "
            f"{pace.plain_cpu_s:.1f} s | {pace.times_faster:.0f} times |"
        )
    return "\n".join(rows)


def _share(share: Share) -> str:
    return f"{share.share:.1%} ({100 * share.low:.0f} to {100 * share.high:.0f})"
