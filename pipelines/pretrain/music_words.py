"""Words for the composer's pieces: many phrasings, synonyms, fields left out; and the tokenizer trained on them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from corpus.captions import (
    EMOTION_WORDS,
    GENRES,
    INSTRUMENTS,
    KEYS,
    METRE_WORDS,
    Fields,
    caption,
    genre_word,
    join_words,
    music_prompt,
    tempo_word,
)
from corpus.prompts import EMOTION_SYNONYMS, GENRE_SYNONYMS, INSTRUMENT_SYNONYMS

MODEL_MAX_LENGTH = 64
N_PIECES_FOR_WORDS = 20000
_KEPT = {"genre": 0.85, "emotion": 0.8, "second_emotion": 0.5, "tempo_bpm": 0.55, "key": 0.45, "metre": 0.85}
_OPENINGS = (
    "I want",
    "Play me",
    "Make",
    "Give me",
    "Please write",
    "Could I have",
    "I am looking for",
    "Something like",
)
_PURPOSES = (
    "for a film",
    "for a game",
    "for dinner",
    "for a journey",
    "for the morning",
    "for a walk",
    "to study to",
    "",
)
_SYNONYM_SHARE = 0.35


class Phrases:
    """`phrases(i, rng)` -> one of many ways to ask for piece i."""

    def __init__(self, pieces: Sequence[Fields]) -> None:
        self._pieces = pieces

    def __call__(self, index: int, rng: random.Random) -> str:
        return phrase(self._pieces[index], rng)


def phrase(fields: Fields, rng: random.Random) -> str:
    """A request that leaves out some of what is known, in a prompt's, a sentence's or a list's form."""
    said = replace(
        fields,
        instruments=tuple(rng.sample(fields.instruments, rng.randint(0, min(3, len(fields.instruments))))),
        **{name: None for name, share in _KEPT.items() if rng.random() > share},
    )
    form = rng.choices(_FORMS, _WEIGHTS)[0]
    return _with_synonyms(form(said, rng), said, rng)


def _listed(said: Fields, rng: random.Random) -> str:
    """ "tense, jazz, 96 bpm, saxophone" in any order."""
    words = [rng.choice(EMOTION_WORDS[e]) for e in (said.emotion, said.second_emotion) if e]
    words += [genre_word(said.genre)] if said.genre else []
    words += [_tempo(said.tempo_bpm, rng)] if said.tempo_bpm else []
    words += [_key(said.key, rng)] if said.key else []
    words += [rng.choice(METRE_WORDS[said.metre])] if said.metre else []
    words += said.instruments
    rng.shuffle(words)
    return rng.choice((", ", " ", ", ", "; ", " / ")).join(words) or "music"


def _tagged(said: Fields, rng: random.Random) -> str:
    """ "genre: jazz, mood: tense, tempo: 96 bpm", as in the tags of a library."""
    tags = [("genre", genre_word(said.genre))] if said.genre else []
    tags += [("mood", rng.choice(EMOTION_WORDS[said.emotion]))] if said.emotion else []
    tags += [("tempo", _tempo(said.tempo_bpm, rng))] if said.tempo_bpm else []
    tags += [("key", said.key)] if said.key else []
    tags += [("instruments", ", ".join(said.instruments))] if said.instruments else []
    rng.shuffle(tags)
    return ", ".join(f"{name}: {value}" for name, value in tags) or "music"


def _spoken(said: Fields, rng: random.Random) -> str:
    """ "Play me some sad blues with harmonica, slow, in E minor, for a film." """
    mood = rng.choice(EMOTION_WORDS[said.emotion]) if said.emotion else ""
    kind = " ".join(filter(None, ("some", mood, genre_word(said.genre) if said.genre else "music")))
    parts = [f"{rng.choice(_OPENINGS)} {kind}"]
    if said.instruments:
        parts[0] += f" {rng.choice(('with', 'played on', 'featuring'))} {join_words(said.instruments)}"
    parts += [_tempo(said.tempo_bpm, rng)] if said.tempo_bpm else []
    parts += [_key(said.key, rng)] if said.key else []
    parts += [rng.choice(METRE_WORDS[said.metre])] if said.metre else []
    parts += [rng.choice(_PURPOSES)]
    return ", ".join(filter(None, parts)) + "."


def _tempo(tempo_bpm: float, rng: random.Random) -> str:
    if rng.random() < 0.25:
        return tempo_word(tempo_bpm)
    return rng.choice(("{:.0f} bpm", "{:.0f} bpm", "{:.0f}bpm", "at {:.0f} bpm", "around {:.0f} bpm")).format(tempo_bpm)


def _key(key: str, rng: random.Random) -> str:
    tonic, kind = key.split(" ")
    return rng.choice(
        (key, f"in {key}", f"in the key of {key}", f"{tonic} {kind[:3]}", f"{tonic}{'m' * (kind == 'minor')}")
    )


_FORMS = (music_prompt, caption, _listed, _tagged, _spoken)
_WEIGHTS = (0.4, 0.2, 0.2, 0.08, 0.12)


def _with_synonyms(text: str, said: Fields, rng: random.Random) -> str:
    for word, others in _synonyms(said):
        if others and word in text and rng.random() < _SYNONYM_SHARE:
            text = text.replace(word, rng.choice(others), 1)
    return text


def _synonyms(said: Fields) -> list[tuple[str, tuple[str, ...]]]:
    pairs = [(word, INSTRUMENT_SYNONYMS.get(word, ())) for word in said.instruments]
    pairs += [(genre_word(said.genre), GENRE_SYNONYMS[said.genre])] if said.genre else []
    for emotion in (said.emotion, said.second_emotion):
        pairs += [(word, EMOTION_SYNONYMS[emotion]) for word in EMOTION_WORDS[emotion]] if emotion else []
    return pairs


def train_tokenizer(pieces: Sequence[Fields], seed: int, vocabulary: int = 1400) -> Any:
    """A lower-casing WordPiece tokenizer in transformers' format: <pad> 0, </s> 1, <unk> 2; numbers stay whole."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    rng = random.Random(seed)
    texts = [phrase(pieces[rng.randrange(len(pieces))], rng) for _ in range(N_PIECES_FOR_WORDS)]
    numbers = [f"{bpm} bpm" for bpm in range(30, 241)] * 5
    words = [*GENRES, *INSTRUMENTS, *KEYS, *(w for table in _TABLES for row in table.values() for w in row)]
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789,.#-'/()!?&")
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    # Digits apart from letters, so that "96bpm" is read as "96 bpm" is.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits()])
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=["<pad>", "</s>", "<unk>"], initial_alphabet=letters, show_progress=False
    )
    tokenizer.train_from_iterator(texts + (numbers + words) * 5, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=MODEL_MAX_LENGTH,
    )


_TABLES = (EMOTION_WORDS, EMOTION_SYNONYMS, GENRE_SYNONYMS, INSTRUMENT_SYNONYMS, METRE_WORDS)
