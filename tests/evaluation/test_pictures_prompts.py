"""What is asked covers everything equally often, says what it asks for, and names nothing that does not exist."""

from collections import Counter
from dataclasses import replace

import pytest

from corpus.captions import EMOTIONS, GENRES, SCENES
from corpus.painter import SceneSpec
from evaluation.pictures_prompts import SENTENCES, canonical, phrased, says, sheet_specs, specifications


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nine_rows_have_every_pair_of_scene_and_emotion_once(seed: int) -> None:
    specs = specifications(9 * len(SCENES), seed=seed)
    assert Counter((s.scene, s.emotion) for s in specs) == Counter({(s, e): 1 for s in SCENES for e in EMOTIONS})
    assert set(Counter(s.scene for s in specs[: 2 * len(SCENES)]).values()) == {2}
    assert {s.genre for s in specs} == set(GENRES)


def test_another_seed_asks_for_other_things_and_more_extends_fewer() -> None:
    assert specifications(30, seed=1) == specifications(60, seed=1)[:30]
    assert specifications(30, seed=1) != specifications(30, seed=2)


def test_every_phrasing_says_its_scene_and_its_mood() -> None:
    specs = specifications(180, seed=4)
    prompts = phrased(specs, seed=4)
    assert all(says(prompt, spec) for prompt, spec in zip(prompts, specs, strict=True))
    others = sum(prompt != canonical(spec) for prompt, spec in zip(prompts, specs, strict=True))
    assert others > 150
    assert phrased(specs, seed=5) != prompts


def test_what_is_not_said_is_missed() -> None:
    spec = SceneSpec("sea", "sadness", "blues", 70.0)
    assert says("mournful rolling sea waves", spec)
    assert says("rolling sea waves, slate blue and grey", spec)
    assert not says("rolling sea waves", spec)
    assert not says("mournful blues", spec)
    assert not says("rolling sea waves, sadly", replace(spec, emotion="power"))


def test_sentences_name_scenes_and_emotions_that_exist() -> None:
    assert len({sentence.prompt for sentence in SENTENCES}) >= 24
    for sentence in SENTENCES:
        assert set(sentence.scenes) <= set(SCENES), sentence
        assert set(sentence.emotions) <= set(EMOTIONS), sentence


def test_the_sheet_has_every_genre_in_every_emotion() -> None:
    assert {(s.genre, s.emotion) for s in sheet_specs()} == {(g, e) for g in GENRES for e in EMOTIONS}
