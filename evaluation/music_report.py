"""What an examination of the music model found, and the tables that say it, in Markdown."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evaluation.music_figures import Follows
from evaluation.music_scores import Sense
from evaluation.music_speed import CLIP_S, Speed
from pipelines.pretrain.music_card import MEASURED


@dataclass(frozen=True)
class Answered:
    """Clips as asked: with fields, from words alone, a minute long; and how the composer answers the same requests.

    `distance` is the Frechet distance to other pieces of the composer, `distance_of_halves` that of the composer's own
    answers to the same.
    """

    model: Follows
    in_words: Follows
    long: Follows
    composer: Follows
    distance: float
    distance_of_halves: float


@dataclass(frozen=True)
class Written:
    """Long scores: the model's, those left free of the scale, and the composer's of the same requests."""

    model: Sense
    free: Sense
    composer: Sense
    n: int


@dataclass(frozen=True)
class Worded:
    """Sentences heeded, by what they ask for: through the verb, and by the model with nothing forced."""

    verb: dict[str, float]
    free: dict[str, float]
    n: int


@dataclass(frozen=True)
class Examination:
    """Everything."""

    answered: Answered
    written: Written
    worded: Worded
    speed: Speed


_FOLLOWS: tuple[tuple[str, str, Callable[[Follows], str]], ...] = (
    ("tempo by our ears, within 4 % or an octave", "97 %", lambda f: _share(f.tempo)),
    ("tempo by our ears, the octave right too", "", lambda f: _share(f.tempo_same_octave)),
    ("key by our ears (MIREX score)", "90 %", lambda f: f"{_share(f.key)} ({f.key_mirex:.2f})"),
    ("tempo, key as the score states them", "", lambda f: f"{_share(f.tempo_of_score)}, {_share(f.key_of_score)}"),
    ("genre by the judge", "80 %", lambda f: _share(f.genre)),
    ("genre by the app's classifier, which learned from recordings", "", lambda f: _share(f.genre_by_app)),
    ("emotion by the judge, rank-biserial correlation", "0.5", lambda f: f"{f.emotion_rank:.2f}"),
    ("the same as Spearman's, at most 0.54", "", lambda f: f"{f.emotion_spearman:.2f}"),
    ("arousal, valence: Spearman's correlation", "", lambda f: f"{f.arousal:.2f}, {f.valence:.2f}"),
    ("emotion likeliest of nine (chance 11 %)", "", lambda f: _share(f.emotion)),
    ("silent, clipped, stuck in a bar, of another length", "0", lambda f: f"{f.silent}, {f.clipped}, {f.stuck}, "
     f"{f.of_another_length}"),
)  # fmt: skip
_SENSE: tuple[tuple[str, Callable[[Sense], str]], ...] = (
    ("notes of the tune in the scale", lambda s: _share(s.in_scale)),
    ("bass notes in the chord", lambda s: _share(s.bass_in_chord)),
    ("bars of the tune that return after four bars", lambda s: _share(s.bars_returning)),
    ("bars of the tune heard eight bars before or earlier", lambda s: _share(s.bars_far_back)),
    ("themes after a contrast that bring a bar of the theme back", lambda s: _share(s.themes_returning)),
    ("sections a minute", lambda s: f"{s.sections_per_minute:.1f}"),
    ("phrases: intro, theme, variation, contrast, ending", lambda s: ", ".join(f"{x:.0%}" for x in s.kinds.values())),
    ("pieces that end on the tonic", lambda s: _share(s.ends_on_tonic)),
    ("entropy of which bar is heard (1: none twice)", lambda s: f"{s.repetition_entropy:.2f}"),
    ("notes a bar of the tune, its range in semitones", lambda s: f"{s.notes_per_bar:.1f}, {s.range_semitones:.1f}"),
    ("two-bar tunes found in the training pieces; those of seven notes or more", lambda s: f"{s.copied:.1%}; "
     f"{s.copied_full:.1%}"),
    ("tunes unlike any other of the set", lambda s: _share(s.distinct)),
    ("pieces without tune, bass, chords", lambda s: f"{_share(s.without_tune)}, {_share(s.without_bass)}, "
     f"{_share(s.without_chords)}"),
)  # fmt: skip


def tables(found: Examination, command: str) -> str:
    """The whole report."""
    return "\n\n".join(
        [
            _answered(found.answered),
            _written(found.written),
            _worded(found.worded),
            _speed(found.speed),
            f"Measured with `{command}`. The judge learned from other pieces of the composer (`evaluation.judge`).",
        ]
    )


def _answered(found: Answered) -> str:
    columns = (found.model, found.composer, found.in_words, found.long)
    counts = " | ".join(f"n = {each.n}" for each in columns)
    rows = [
        "| asked and got, clips of 10 s | bar | model | composer | model, words alone | model, 60 s |",
        "|---|---|---|---|---|---|",
        f"| | | {counts} |",
        *(f"| {what} | {bar} | {' | '.join(figure(each) for each in columns)} |" for what, bar, figure in _FOLLOWS),
        f"| Frechet distance to other pieces of the composer, in the judge's embedding | | {found.distance:.2f} | "
        f"{found.distance_of_halves:.2f} | | |",
    ]
    return "\n".join(rows)


def _written(found: Written) -> str:
    columns = (found.model, found.composer, found.free)
    rows = [
        f"| scores of 60 s, n = {found.n} | model | composer, the same requests | model, left free of the scale |",
        "|---|---|---|---|",
        *(f"| {what} | {' | '.join(figure(each) for each in columns)} |" for what, figure in _SENSE),
    ]
    return "\n".join(rows)


def _worded(found: Worded) -> str:
    rows = [
        f"| {found.n} sentences as people write them: heeded | through the verb | the model alone, nothing forced |",
        "|---|---|---|",
        *(f"| {what} | {share:.0%} | {found.free[what]:.0%} |" for what, share in found.verb.items()),
    ]
    return "\n".join(rows)


def _speed(s: Speed) -> str:
    lengths = ", ".join(f"{seconds:g}" for seconds in s.lengths_s)
    return (
        f"A clip of {CLIP_S:.0f} s takes {s.cpu_s:.2f} s of one core, mastered and heard: {s.realtime:.0f} times real "
        f"time ({s.wall_s:.2f} s by the clock on the machine as it was). First sound after {s.first_sound_cpu_s:.2f} s "
        f"({s.first_sound_wall_s:.2f} s by the clock). transformers' `generate` takes {s.plain_cpu_s:.2f} s "
        f"({s.plain_wall_s:.2f} s) for the same tokens with the same weights: {s.against_plain:.1f} times as long. "
        f"Medians of {s.n}, turn about, {s.threads} thread. Lengths of {lengths} s "
        f"{'are exact to the sample' if s.lengths_exact else 'are NOT exact'}."
    )


def _share(share: float) -> str:
    return f"{100 * share:.4g} %" if share in (0, 1) else f"{100 * share:.1f} %"


def write_into(card: Path, text: str) -> None:
    """Put the figures between the card's marks. Raises ValueError where it has none."""
    before, begin, rest = card.read_text().partition(MEASURED[0])
    _, end, after = rest.partition(MEASURED[1])
    if not begin or not end:
        raise ValueError(f"{card} has no place for figures")
    card.write_text(f"{before}{begin}\n{text}\n{end}{after}")
