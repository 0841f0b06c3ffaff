"""The prompt reader inverts the caption makers and understands people's words."""

import random

import pytest

from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, KEYS, Fields, caption, music_prompt
from corpus.prompts import read_prompt


def _random_fields(rng: random.Random) -> Fields:
    first, second = rng.sample(EMOTIONS, 2)
    instruments = tuple(rng.sample(sorted(INSTRUMENTS), rng.randint(1, 3)))
    return Fields(rng.choice(GENRES), first, second, float(rng.randint(50, 190)), rng.choice(KEYS), instruments)


@pytest.mark.parametrize("sentence", [music_prompt, caption])
def test_inverts_the_canonical_sentences(sentence):
    rng = random.Random(1)
    for _ in range(300):
        fields = _random_fields(rng)
        assert read_prompt(sentence(fields)) == fields


def test_varied_phrasings_keep_what_they_state():
    rng = random.Random(2)
    for _ in range(300):
        fields = _random_fields(rng)
        text = music_prompt(fields, rng)
        read = read_prompt(text)
        assert read.genre == fields.genre
        assert {read.emotion, read.second_emotion} == {fields.emotion, fields.second_emotion}
        assert read.key == (fields.key if fields.key in text else None)
        assert ("bpm" not in text) or read.tempo_bpm == fields.tempo_bpm


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a chill lo-fi hip hop beat", Fields("hiphop", "calmness")),
        ("upbeat ska with sax, 150BPM", Fields("reggae", "joyful_activation", None, 150.0, None, ("saxophone",))),
        ("sad piano", Fields(None, "sadness", None, None, None, ("piano",))),
        ("fast thrash in e flat minor", Fields("metal", None, None, 140.0, "Eb minor")),
        ("F# major, C-sharp minor", Fields(key="F# major")),
        ("a song in a major key", Fields()),
        ("jazz guitar", Fields(instruments=("jazz guitar",))),
        ("rocking horse, popular, bluebird", Fields()),
        ("", Fields()),
        ("\0\x07 💥 128", Fields()),
        ("1000 bpm", Fields()),
    ],
)
def test_reads_what_people_write(text, expected):
    assert read_prompt(text) == expected


def test_every_vocabulary_word_is_read_back():
    assert all(read_prompt(f"some {name} music").genre == name for name in GENRES)
    assert all(read_prompt(f"with {name}").instruments == (name,) for name in INSTRUMENTS)
    assert all(read_prompt(f"in {key}").key == key for key in KEYS)


@pytest.mark.parametrize(
    ("text", "metre"),
    [("a sad waltz", "3/4"), ("rock ballad in 6/8", "6/8"), ("jazz in five", "5/4"), ("pop, 4/4", "4/4"),
     ("13/8 madness", None), ("calm piano", None)],
)  # fmt: skip
def test_a_metre_is_read(text: str, metre: str | None) -> None:
    assert read_prompt(text).metre == metre
