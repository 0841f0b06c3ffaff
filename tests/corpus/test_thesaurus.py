"""Words near the vocabulary: every scene and mood has some, no word means two things, prompts name what they are of."""

import random

from corpus import captions, thesaurus
from corpus.captions import EMOTION_WORDS, EMOTIONS, SCENES, Fields


def test_every_scene_and_every_mood_has_a_dozen_near_words() -> None:
    assert set(thesaurus.NEAR_SCENES) == set(SCENES)
    assert set(thesaurus.NEAR_MOODS) == set(EMOTIONS)
    for words in (*thesaurus.NEAR_SCENES.values(), *thesaurus.NEAR_MOODS.values()):
        assert len(words) == len(set(words)) >= 12


def test_no_word_leads_to_two_scenes_and_fillers_lead_nowhere() -> None:
    said = [word for words in thesaurus.NEAR_SCENES.values() for word in words]
    assert len(said) == len(set(said))
    moods = [word for words in thesaurus.NEAR_MOODS.values() for word in words]
    assert len(moods) == len(set(moods))
    assert not set(thesaurus.FILLERS) & {*said, *moods}


def test_a_loose_prompt_names_its_scene_or_its_mood_and_no_other() -> None:
    rng = random.Random(5)
    fields = Fields(genre="jazz", emotion="power", tempo_bpm=150, scene="vinyl")
    others = {w for s, words in thesaurus.NEAR_SCENES.items() if s != "vinyl" for w in words if len(w) > 9}
    prompts = [thesaurus.loose_prompt(fields, rng) for _ in range(300)]
    assert len(set(prompts)) > 200
    for prompt in prompts:
        near = (*thesaurus.NEAR_SCENES["vinyl"], *thesaurus.NEAR_MOODS["power"])
        assert any(word in prompt for word in near), prompt
        assert not any(word in prompt for word in others), prompt


def test_near_words_are_beside_the_vocabulary_not_in_it() -> None:
    known = {word for words in EMOTION_WORDS.values() for word in words}
    assert sum(word in known for words in thesaurus.NEAR_MOODS.values() for word in words) < 20
    assert not {w for words in thesaurus.NEAR_SCENES.values() for w in words} & {
        phrase for phrases in captions.SCENES.values() for phrase in phrases
    }
