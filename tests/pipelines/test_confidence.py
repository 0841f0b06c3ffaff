"""When a description hedges: thresholds from both sides, definite prompts, and sentences only where they are true."""

from dataclasses import replace

import pytest

from core.types import Beats, Scores, Timeline, Traits
from corpus.captions import EMOTIONS, GENRES, NOT_MUSIC
from pipelines.confidence import (
    EMOTION_SURE,
    GENRE_MARGIN,
    GENRE_SURE,
    HARDLY_MUSIC,
    KEY_SURE,
    MUSIC_SURE,
    TEMPO_SURE,
    doubts,
    moments,
    notes,
    second_emotion,
)
from pipelines.describe import words, words_for


def scores(labels: tuple[str, ...], **told: float) -> Scores:
    """The told labels, the rest sharing what is left."""
    rest = (1 - sum(told.values())) / (len(labels) - len(told))
    return Scores(labels, tuple(told.get(label, rest) for label in labels))


CERTAIN = Traits(
    scores(GENRES, jazz=0.8), scores(EMOTIONS, tenderness=0.4), Beats(96.0, 0.9, 192.0), "A minor", 0.9,
    loudness_lufs=-14.0, music_probability=0.99, seconds=30.0,
)  # fmt: skip


def test_certain_traits_are_said_plainly() -> None:
    said = words_for(CERTAIN)
    assert said == words("jazz", "tenderness", tempo_bpm=96.0, key="A minor")
    assert said.caption == "A tender jazz piece in A minor at about 96 bpm."
    assert notes(CERTAIN) == []


@pytest.mark.parametrize(
    ("first", "second", "hedged"),
    [
        (GENRE_SURE + 0.01, 0.1, False),
        (GENRE_SURE - 0.01, 0.1, True),
        (0.45, 0.45 - GENRE_MARGIN - 0.01, False),
        (0.45, 0.45 - GENRE_MARGIN + 0.01, True),
    ],
)
def test_an_uncertain_genre_has_a_second_name(first: float, second: float, hedged: bool) -> None:
    traits = replace(CERTAIN, genre=scores(GENRES, jazz=first, blues=second))
    said = words_for(traits)
    assert said.caption.startswith("Perhaps jazz, perhaps blues: a tender piece") == hedged
    assert any("jazz" in note and "blues" in note for note in notes(traits)) == hedged
    assert "blues" not in said.image_prompt + said.music_prompt


def test_two_close_emotions_are_both_felt_or_neither_is_certain() -> None:
    together = replace(CERTAIN, emotion=scores(EMOTIONS, tenderness=0.3, nostalgia=0.28))
    assert words_for(together).caption.startswith("A tender, nostalgic jazz piece")
    weak = replace(CERTAIN, emotion=scores(EMOTIONS, tenderness=EMOTION_SURE - 0.01, nostalgia=EMOTION_SURE - 0.02))
    assert words_for(weak).caption.startswith("A tender or perhaps nostalgic jazz piece")
    assert "tender, nostalgic jazz piece" in words_for(weak).music_prompt


def test_a_second_emotion_is_named_only_when_it_is_close() -> None:
    def three(*p: float) -> Scores:
        return Scores(("power", "tension", "sadness"), p)

    assert second_emotion(three(0.5, 0.45, 0.05)) == "tension"
    assert second_emotion(three(0.6, 0.2, 0.2)) is None


def test_a_weak_beat_is_perhaps_one_and_no_beat_is_not_spoken_of() -> None:
    weak = replace(CERTAIN, beats=Beats(96.0, TEMPO_SURE - 0.01, 192.0))
    assert words_for(weak).caption.endswith("at perhaps 96 bpm.")
    assert "96 or 192" in " ".join(notes(weak))
    none = replace(CERTAIN, beats=Beats(96.0, 0.0, 192.0))
    assert words_for(none).caption == "A tender jazz piece in A minor."
    assert "96 bpm" in words_for(none).music_prompt
    assert "guess" in " ".join(notes(none))


def test_an_uncertain_key_is_left_out_of_the_caption_only() -> None:
    traits = replace(CERTAIN, key_confidence=KEY_SURE - 0.01)
    assert "A minor" not in words_for(traits).caption
    assert "A minor" in words_for(traits).music_prompt
    assert "A minor" in " ".join(notes(traits))


def test_what_is_not_music_is_called_so_and_can_still_be_painted() -> None:
    traits = replace(CERTAIN, music_probability=MUSIC_SURE - 0.01)
    said = words_for(traits)
    assert said.caption == NOT_MUSIC
    assert (said.image_prompt, said.music_prompt) == (words_for(CERTAIN).image_prompt, words_for(CERTAIN).music_prompt)
    assert notes(traits) == [HARDLY_MUSIC]
    assert doubts(traits).not_music


def halves(first: Scores, second: Scores) -> Timeline:
    windows = (first,) * 6 + (second,) * 5
    return Timeline(10.0, tuple(5.0 + 2 * i for i in range(11)), windows, (CERTAIN.emotion,) * 11)


def test_moments_are_told_only_where_there_is_contrast() -> None:
    even = halves(CERTAIN.genre, CERTAIN.genre)
    changing = halves(scores(GENRES, jazz=0.9), scores(GENRES, metal=0.8))
    assert moments(CERTAIN) == []
    assert moments(replace(CERTAIN, timeline=even)) == []
    (sentence,) = moments(replace(CERTAIN, timeline=changing))
    assert sentence.startswith("Most jazz-like from 0:00 to 0:1")
    assert moments(replace(CERTAIN, timeline=changing, music_probability=0.1)) == []
