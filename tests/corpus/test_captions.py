"""The sentences: canonical ones unchanged, hedged ones hedged where told and nowhere else."""

import itertools
import random
import re

import pytest

from corpus.captions import (
    EMOTION_COLOURS,
    EMOTIONS,
    GENRE_SCENES,
    GENRES,
    NOT_MUSIC,
    SCENES,
    Doubts,
    Fields,
    caption,
    clock,
    hedged_caption,
    image_prompt,
    likeness,
    scene_for,
)

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


def test_every_scene_stands_for_a_genre_and_every_genre_for_three_or_more() -> None:
    assert {scene for scenes in GENRE_SCENES.values() for scene in scenes} == set(SCENES)
    assert min(map(len, GENRE_SCENES.values())) >= 3
    assert {scene_for(genre, emotion) for genre in GENRES for emotion in EMOTIONS} == set(SCENES)
    assert scene_for("classical", "solemnity") == "cathedral"


def test_no_phrasing_stands_for_two_scenes() -> None:
    said = [words for phrasings in SCENES.values() for words in phrasings]
    assert len(set(said)) == len(said)
    assert all(5 <= len(phrasings) <= 7 for phrasings in SCENES.values())


def drawn_prompts(scene: str, count: int = 400) -> list[str]:
    rng, fields = random.Random(4), Fields("jazz", "sadness", None, 60, scene=scene)
    return [image_prompt(fields, rng) for _ in range(count)]


@pytest.mark.parametrize("scene", SCENES)
def test_picture_prompts_are_many_and_short(scene: str) -> None:
    prompts = drawn_prompts(scene)
    assert len(set(prompts)) > 200
    assert max(len(re.findall(r"\w+|[^\w\s]", prompt)) for prompt in prompts) <= 30


def test_picture_prompts_are_terse_full_bare_and_sometimes_without_a_scene() -> None:
    prompts = drawn_prompts("skyline", 3000)
    assert {"sad blue city", "blue sad city", "city", "skyscrapers over water"} <= set(prompts)
    assert any(set(prompt.split(", ")) == {"city", "jazz", "slow"} for prompt in prompts)
    assert any("still" in prompt.split() for prompt in prompts)
    assert any(prompt.endswith(" mood in slate blue and grey") for prompt in prompts)
    assert "a city skyline with lit windows, sad mood, slate blue and grey, slow jazz music" in prompts


def test_the_canonical_picture_prompt_names_scene_mood_colours_and_music() -> None:
    for scene, emotion in itertools.product(SCENES, EMOTIONS):
        said = image_prompt(Fields("hiphop", emotion, None, 130, scene=scene))
        first, mood, colours, music = said.split(", ")
        assert (first, colours, music) == (SCENES[scene][0], EMOTION_COLOURS[emotion], "fast hip hop music")
        assert mood.endswith(" mood")
    assert image_prompt(Fields()) == "music"
    assert image_prompt(Fields("jazz")) == "jazz music"
