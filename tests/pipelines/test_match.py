"""What counts as met, how doubts are worded, and the ears at work on a tune whose tempo and key are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audio import read_clip
from core.types import Answer, AudioClip, Beats, GeneratedClip, Match, MusicRequest, Provenance, Scores, Traits
from corpus.captions import EMOTIONS, GENRES
from pipelines import describe, match
from pipelines.match import best, hear_back, relative_key


def spread(labels: tuple[str, ...], **shares: float) -> Scores:
    rest = (1 - sum(shares.values())) / (len(labels) - len(shares))
    return Scores(labels, tuple(shares.get(label, rest) for label in labels))


HEARD = Traits(
    genre=spread(GENRES, jazz=0.8),
    emotion=spread(EMOTIONS, calmness=0.4, sadness=0.2),
    beats=Beats(96.0, 0.9, 48.0),
    key="A minor",
    key_confidence=0.8,
    loudness_lufs=-14.0,
    music_probability=1.0,
    seconds=10.0,
)
CLIP = AudioClip(np.ones((1, 8000), np.float32), 8000)
ALL = MusicRequest("", tempo_bpm=96.0, key="A minor", genre="jazz", emotion="calmness")


def matched(monkeypatch: pytest.MonkeyPatch, request: MusicRequest, traits: Traits = HEARD) -> Match:
    monkeypatch.setattr(describe, "hear", lambda clip: traits)
    found = hear_back(CLIP, request)
    assert found is not None
    return found


def answer(found: Match, what: str) -> Answer:
    return next(each for each in found.answers if each.what == what)


def test_everything_as_asked_scores_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = matched(monkeypatch, ALL)
    assert found.score == 1.0
    assert found.sentence == (
        "asked 96 bpm, got 96 bpm; asked A minor, got A minor; asked jazz, got jazz (0.80); "
        "asked calmness, got calmness (0.40)"
    )


def test_words_of_the_prompt_are_asked_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found = matched(monkeypatch, MusicRequest("sad jazz, 96 bpm"))
    assert {each.what: each.met for each in found.answers} == {
        "tempo": True, "key": None, "genre": True, "emotion": False,
    }  # fmt: skip


def test_what_was_not_asked_is_told_and_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    found = matched(monkeypatch, MusicRequest(""))
    assert found == matched(monkeypatch, replace(ALL, prompt="sad blues", mode="unconditional"))
    assert [(each.asked, each.met) for each in found.answers] == [("", None)] * 4
    assert [each.got for each in found.answers] == ["96 bpm", "A minor", "jazz", "calmness"]
    assert (found.sentence, found.score) == ("", 1.0)


@pytest.mark.parametrize(
    ("asked_bpm", "met", "got"),
    [
        (93.0, True, "96 bpm"),
        (91.0, False, "96 bpm"),
        (190.0, True, "96 bpm, half as fast"),
        (48.5, True, "96 bpm, twice as fast"),
        (64.0, False, "96 bpm"),
    ],
)
def test_tempo_within_4_percent_or_an_octave(
    monkeypatch: pytest.MonkeyPatch, asked_bpm: float, met: bool, got: str
) -> None:
    found = answer(matched(monkeypatch, MusicRequest("", tempo_bpm=asked_bpm)), "tempo")
    assert (found.met, found.got, found.asked) == (met, got, f"{asked_bpm:.0f} bpm")


def test_doubts_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    unsure = replace(
        HEARD,
        genre=spread(GENRES, jazz=0.31, blues=0.3),
        emotion=spread(EMOTIONS, calmness=0.15),
        beats=Beats(96.0, 0.2, 64.0),
        key_confidence=0.2,
    )
    found = matched(monkeypatch, ALL, unsure)
    assert [each.got for each in found.answers] == [
        "perhaps 96 bpm", "perhaps A minor", "perhaps jazz, perhaps blues", "perhaps calmness",
    ]  # fmt: skip
    beatless = answer(matched(monkeypatch, ALL, replace(HEARD, beats=Beats(96.0, 0.0, 48.0))), "tempo")
    assert (beatless.got, beatless.met) == ("no clear beat", False)


def test_a_relative_key_is_half_right_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = matched(monkeypatch, MusicRequest("", key="C major"))
    assert (answer(found, "key").met, answer(found, "key").got) == (False, "A minor, its relative")
    assert found.score == match.RELATIVE_KEY
    assert [relative_key(key) for key in ("A minor", "C major", "Bb major", "G minor", "F# minor")] == [
        "C major", "A minor", "G minor", "Bb major", "A major",
    ]  # fmt: skip


def test_nearer_scores_higher(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = [
        matched(monkeypatch, ALL, traits).score
        for traits in (
            HEARD,
            replace(HEARD, beats=Beats(192.0, 0.9, 96.0)),
            replace(HEARD, key="C major"),
            replace(HEARD, key="D major"),
            replace(HEARD, key="D major", genre=spread(GENRES, jazz=0.4, blues=0.5)),
            replace(HEARD, key="D major", genre=spread(GENRES, jazz=0.1, blues=0.5)),
            replace(HEARD, key="D major", genre=spread(GENRES, jazz=0.1, blues=0.5), music_probability=0.1),
        )
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_silence_has_no_match() -> None:
    assert hear_back(AudioClip(np.zeros((2, 32_000), np.float32), 32_000), ALL) is None


def test_a_tune_of_known_tempo_and_key_is_heard(tune: Path) -> None:
    found = hear_back(read_clip(tune).clip, MusicRequest("", tempo_bpm=120.0, key="A minor"))
    assert found is not None
    assert answer(found, "tempo").met
    assert answer(found, "key").met
    assert found.score > 0.8


def test_of_a_long_clip_the_middle_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[AudioClip] = []
    monkeypatch.setattr(describe, "hear", lambda clip: heard.append(clip) or HEARD)
    ramp = np.linspace(-1, 1, 200 * 1000, dtype=np.float32)[None]
    hear_back(AudioClip(ramp, 1000), ALL)
    assert heard[0].seconds == match.LONGEST_HEARD_S
    assert heard[0].samples.mean() == pytest.approx(0, abs=1e-3)


def test_the_best_says_how_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    good = matched(monkeypatch, ALL)
    matches = [replace(good, score=0.4), None, replace(good, score=0.9)]
    origin = Provenance("m", "", "rules", "Apache-2.0")
    made = [
        GeneratedClip(CLIP, replace(ALL, seed=seed), origin, details={"notes": ["a note"]}, match=each)
        for seed, each in enumerate(matches)
    ]
    told = best(made).details["best_of"]
    assert isinstance(told, dict)
    assert (told["n"], told["chosen"], told["seeds"], told["scores"]) == (3, 2, [0, 1, 2], [0.4, 0.0, 0.9])
    assert told["sentence"].startswith("Best of 3: the third, which is as asked in 4 of 4 things (asked 96 bpm")
    assert best(made).details["notes"] == ["a note"]
    assert best(made[1:2]).details["best_of"]["sentence"] == "Best of 1: the first."  # type: ignore[index]
