"""Does written music make sense: figures of scores, to stand beside those of held-out pieces of the composer.

Shares are in [0, 1]. A bar counts where its tune has two notes or more; bars of two pieces are the same where their
tunes are, relative to the key. What a phrase is (theme, contrast, ending) the score says itself, in its
position stream.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from corpus import composer, score
from corpus.score import BARS_PER_PHRASE, FIRST_PITCH, Header

Tokens = npt.NDArray[np.int64]
Known = frozenset[bytes]
"""Two-bar tunes, each as the eight bytes that `fingerprint` makes of it."""

FEWEST, FULL = 4, 7
"""Notes that two bars must have to count as a tune, and to be one that two pieces do not share by chance."""
FAR = 8
"""Bars after which a bar that comes again is a return, and no repetition."""


@dataclass(frozen=True)
class Sense:
    """What a set of scores is like."""

    in_scale: float  # notes of the tune that lie in the mode's scale
    bass_in_chord: float  # bass notes that belong to the chord above them
    bars_returning: float  # bars of the tune that are exactly the bar four bars before
    bars_far_back: float  # bars, from the ninth on, that stand eight bars before or earlier
    themes_returning: float  # themes after a contrast that hold a bar of the theme before it, exactly
    sections_per_minute: float
    kinds: dict[str, float]  # share of the phrases that are each of score.SECTIONS
    ends_on_tonic: float  # pieces whose last chord stands on the tonic
    repetition_entropy: float  # of the bars of a piece: 0 one bar over and over, 1 no bar twice
    notes_per_bar: float
    range_semitones: float  # of a piece's tune
    copied: float  # two-bar tunes that stand note for note in the training pieces looked at
    copied_full: float  # the same of those with FULL notes or more: four notes meet by chance
    distinct: float  # tunes that no other piece of the set has
    without_tune: float  # pieces
    without_bass: float
    without_chords: float


def sense(pieces: Sequence[Tokens], known: Known = frozenset()) -> Sense:
    """The figures of a set of scores, (8, n) tokens each; `known` are two-bar tunes of the training pieces."""
    tunes = [tune(tokens).tobytes() for tokens in pieces]
    minutes = [_seconds(tokens) / 60 for tokens in pieces]
    phrases = [kinds(tokens) for tokens in pieces]
    sections = sum(sum(1 for _ in itertools.groupby(row)) for row in phrases)
    counts = Counter(itertools.chain.from_iterable(phrases))
    tuneful = [bar for tokens in pieces for bar in bars(tokens) if _counts(bar)]
    return Sense(
        in_scale=share(fits for tokens in pieces for fits in _in_scale(tokens)),
        bass_in_chord=share(fits for tokens in pieces for fits in _bass_fits(tokens)),
        bars_returning=share(again for tokens in pieces for again in _returning(tokens)),
        bars_far_back=share(again for tokens in pieces for again in _far_back(tokens)),
        themes_returning=share(again for tokens in pieces if (again := theme_returns(tokens)) is not None),
        sections_per_minute=round(sections / max(sum(minutes), 1e-9), 2),
        kinds={kind: round(counts[kind] / max(1, counts.total()), 3) for kind in score.SECTIONS},
        ends_on_tonic=share(ends_on_tonic(tokens) for tokens in pieces),
        repetition_entropy=mean(each for tokens in pieces if (each := repetition_entropy(tokens)) is not None),
        notes_per_bar=mean(float((bar >= FIRST_PITCH).sum()) for bar in tuneful),
        range_semitones=mean(float(np.ptp(pitches)) for tokens in pieces if (pitches := _pitches(tune(tokens))).size),
        copied=share(pair in known for tokens in pieces for pair in two_bar_tunes(tokens)),
        copied_full=share(pair in known for tokens in pieces for pair in two_bar_tunes(tokens, FULL)),
        distinct=share(tunes.count(each) == 1 for each in tunes),
        without_tune=share(not _sounds(tokens, score.MELODY) for tokens in pieces),
        without_bass=share(not _sounds(tokens, score.BASS) for tokens in pieces),
        without_chords=share(not _sounds(tokens, score.ACCOMPANIMENT) for tokens in pieces),
    )


def tune(tokens: Tokens) -> Tokens:
    """The melody stream, (steps,)."""
    return np.asarray(tokens)[score.MELODY, score.N_HEADER_FRAMES :].astype(np.int64)


def bars(tokens: Tokens) -> list[Tokens]:
    """The tune bar by bar, whole bars only."""
    row, size = tune(tokens), Header.unpack(tokens).steps_per_bar
    return [row[start : start + size] for start in range(0, len(row) - size + 1, size)]


def kinds(tokens: Tokens) -> list[str]:
    """What each four-bar phrase says that it is, as far as it says anything."""
    position, size = np.asarray(tokens)[score.POSITION, score.N_HEADER_FRAMES :], Header.unpack(tokens).steps_per_phrase
    said = [score.read_section(int(token)) for token in position[::size]]
    return [each[0] for each in said if each]


def two_bar_tunes(tokens: Tokens, n_notes: int = FEWEST) -> list[bytes]:
    """Fingerprints of every two neighbouring bars with at least `n_notes` notes; relative to the key."""
    pairs = (np.concatenate(pair) for pair in itertools.pairwise(bars(tokens)))
    return [fingerprint(pair) for pair in pairs if (pair >= FIRST_PITCH).sum() >= n_notes]


def fingerprint(row: Tokens) -> bytes:
    """Eight bytes that stand for a passage: two different ones agree in one of 10^19 cases."""
    return hashlib.blake2b(row.astype(np.uint8).tobytes(), digest_size=8).digest()


def known_tunes(n: int, seed: int, held_out: int, work: Path) -> Known:
    """The two-bar tunes of the `n` training pieces that follow the first `held_out` of the corpus of `seed`.

    They are kept in `work`. Pieces in which a drummer plays have the same tunes as without him.
    """
    path = work / f"tunes-{seed}-{held_out}-{n}.safetensors"
    if not path.exists():
        pieces, _ = composer.write_corpus(held_out + n, seed)
        found = {pair for piece in pieces[held_out:] for pair in two_bar_tunes(piece.astype(np.int64))}
        work.mkdir(parents=True, exist_ok=True)
        save_file({"tunes": np.frombuffer(b"".join(sorted(found)), np.uint8).reshape(-1, 8).copy()}, path)
    return frozenset(row.tobytes() for row in load_file(path)["tunes"])


def theme_returns(tokens: Tokens) -> bool | None:
    """Whether a theme that comes after a contrast brings back a bar of the theme before; None where none comes."""
    row, said = bars(tokens), kinds(tokens)
    before, contrast, again = set[bytes](), False, None
    for phrase, kind in enumerate(said):
        here = row[phrase * BARS_PER_PHRASE : (phrase + 1) * BARS_PER_PHRASE]
        tunes = {bar.tobytes() for bar in here if _counts(bar)}
        if kind == "contrast":
            contrast = bool(before)
        elif kind == "theme" and contrast and tunes:
            again = bool(again) or bool(tunes & before)
        elif kind == "theme":
            before |= tunes
    return again


def repetition_entropy(tokens: Tokens) -> float | None:
    """Entropy of which bar is heard, against that of as many different ones; None with fewer than four bars."""
    row = [bar.tobytes() for bar in bars(tokens) if _counts(bar)]
    if len(row) < 4:
        return None
    shares = np.array(list(Counter(row).values())) / len(row)
    return float(-(shares * np.log(shares)).sum() / np.log(len(row)))


def ends_on_tonic(tokens: Tokens) -> bool:
    """Whether the last chord has the tonic for its root."""
    row = np.asarray(tokens)[score.CHORD, score.N_HEADER_FRAMES :]
    sounding = [chord for token in row[-1:] if (chord := score.read_chord(int(token)))]
    return bool(sounding) and sounding[0][0] == 0


def share(truths: Iterable[object]) -> float:
    """How many of them are true; 0 of none."""
    return round(mean(bool(each) for each in truths), 4)


def mean(figures: Iterable[float]) -> float:
    """Their mean, 0 of none."""
    row = list(figures)
    return round(float(np.mean(row)), 4) if row else 0.0


def _counts(bar: Tokens) -> bool:
    return bool((bar >= FIRST_PITCH).sum() >= 2)


def _seconds(tokens: Tokens) -> float:
    header = Header.unpack(tokens)
    return score.seconds_of(tokens.shape[1] - score.N_HEADER_FRAMES, header.tempo_bpm, header.steps_per_beat)


def _pitches(row: Tokens) -> Tokens:
    return (row[row >= FIRST_PITCH] - FIRST_PITCH) % score.N_PITCHES


def _in_scale(tokens: Tokens) -> list[bool]:
    row, mode = tune(tokens), Header.unpack(tokens).mode
    return list(np.isin(row[row >= FIRST_PITCH], score.in_scale_tokens(score.MELODY, mode)))


def _bass_fits(tokens: Tokens) -> Iterable[bool]:
    """For every bass note struck over a chord, whether it is one of its tones."""
    music = np.asarray(tokens)[:, score.N_HEADER_FRAMES :]
    for token, bass in zip(music[score.CHORD].tolist(), music[score.BASS].tolist(), strict=True):
        if bass >= FIRST_PITCH and (chord := score.read_chord(token)):
            yield (bass - FIRST_PITCH + score.BASS_LOWEST - chord[0]) % 12 in {tone % 12 for tone in chord[1]}


def _returning(tokens: Tokens) -> list[bool]:
    row = bars(tokens)
    return [bool((now == before).all()) for before, now in zip(row, row[4:], strict=False) if _counts(now)]


def _far_back(tokens: Tokens) -> list[bool]:
    row = [bar.tobytes() for bar in bars(tokens)]
    return [row[i] in row[: i - FAR + 1] for i, bar in enumerate(bars(tokens)) if i >= FAR and _counts(bar)]


def _sounds(tokens: Tokens, stream: int) -> bool:
    return bool((np.asarray(tokens)[stream, score.N_HEADER_FRAMES :] >= FIRST_PITCH).any())
