"""The sentences: canonical ones unchanged, hedged ones hedged where told and nowhere else."""

import itertools

import pytest

from corpus.captions import EMOTIONS, GENRES, NOT_MUSIC, Doubts, Fields, caption, clock, hedged_caption, likeness

SURE = Fields("jazz", "tenderness", "nostalgia", 96, "A minor")


@pytest.mark.parametrize(
    ("doubts", "said"),
    [
        (Doubts(), "A tender, nostalgic jazz piece in A minor at about 96 bpm."),
        (
            Doubts(other_genre="blues"),
            "Perhaps jazz, perhaps blues: a tender, nostalgic piece in A minor at about 96 bpm.",
        ),
        (Doubts(emotion=True), "A tender or perhaps nostalgic jazz piece in A minor at about 96 bpm."),
        (Doubts(tempo=True), "A tender, nostalgic jazz piece in A minor at perhaps 96 bpm."),
        (Doubts(not_music=True, tempo=True), NOT_MUSIC),
    ],
)
def test_the_caption_hedges_what_it_is_not_sure_of(doubts: Doubts, said: str) -> None:
    assert hedged_caption(SURE, doubts) == said


def test_one_uncertain_emotion_and_a_vowel() -> None:
    assert hedged_caption(Fields("rock", "amazement"), Doubts(emotion=True)) == "A perhaps wondrous rock piece."
    assert hedged_caption(Fields("hiphop"), Doubts("blues")) == "Perhaps hip hop, perhaps blues: a piece."
    assert hedged_caption(Fields(), Doubts("blues", emotion=True, tempo=True)) == "A piece."


def test_without_doubts_it_is_the_canonical_caption() -> None:
    for genre, emotion, key in itertools.product((None, *GENRES), (None, *EMOTIONS), (None, "Db major")):
        fields = Fields(genre, emotion, None, 120, key)
        assert hedged_caption(fields, Doubts()) == caption(fields)


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (61.4, "1:01"), (600, "10:00")])
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_labels_as_likenesses() -> None:
    assert [likeness(label) for label in ("hiphop", "jazz", "joyful_activation")] == [
        "hip hop-like",
        "jazz-like",
        "joyful",
    ]
