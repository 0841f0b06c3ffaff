"""The shared vocabulary and the sentences made of it.

describe.py speaks these words, the painter's and the composer's captions are made of them, so the bundled models
have read every word that a description can contain. Genres are GTZAN's ten (Tzanetakis & Cook 2002); emotions are the
nine of the Geneva Emotional Music Scale (Zentner, Grandjean & Scherer 2008) as used by Emotify (Aljanaki et al. 2016).

Every function is deterministic with `rng=None` (the canonical phrasing); with a random.Random it draws one of many
phrasings, which is what training captions need.
"""

import random
from dataclasses import dataclass, replace

from corpus.scene_words import COLOUR_NAMES as COLOUR_NAMES
from corpus.scene_words import ENERGY_NAMES as ENERGY_NAMES
from corpus.scene_words import GENRE_SCENES as GENRE_SCENES
from corpus.scene_words import SCENES as SCENES

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
EMOTIONS = (
    "amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness",
)  # fmt: skip
KEYS = tuple(
    f"{tonic} {mode}"
    for mode in ("major", "minor")
    for tonic in ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
)

EMOTION_WORDS: dict[str, tuple[str, ...]] = {
    "amazement": ("wondrous", "amazing", "awe-struck", "dazzling"),
    "solemnity": ("solemn", "reverent", "grave", "stately"),
    "tenderness": ("tender", "gentle", "loving", "warm"),
    "nostalgia": ("nostalgic", "wistful", "dreamy", "longing"),
    "calmness": ("calm", "serene", "relaxed", "peaceful"),
    "power": ("powerful", "strong", "heroic", "triumphant"),
    "joyful_activation": ("joyful", "happy", "bouncy", "cheerful"),
    "tension": ("tense", "nervous", "anxious", "agitated"),
    "sadness": ("sad", "melancholic", "sorrowful", "mournful"),
}
EMOTION_COLOURS: dict[str, str] = {
    "amazement": "violet and gold",
    "solemnity": "navy and old gold",
    "tenderness": "blush pink and cream",
    "nostalgia": "sepia and amber",
    "calmness": "aqua and mint",
    "power": "crimson and orange",
    "joyful_activation": "bright yellow and sky blue",
    "tension": "black and acid green",
    "sadness": "slate blue and grey",
}
INSTRUMENTS: dict[str, int] = {
    "piano": 0, "electric piano": 4, "vibraphone": 11, "organ": 16, "accordion": 21, "acoustic guitar": 25,
    "jazz guitar": 26, "electric guitar": 27, "distorted guitar": 30, "double bass": 32, "bass guitar": 33,
    "synth bass": 38, "violin": 40, "cello": 42, "harp": 46, "strings": 48, "synth strings": 50, "choir": 52,
    "trumpet": 56, "trombone": 57, "horn": 60, "brass": 61, "saxophone": 65, "oboe": 68, "clarinet": 71,
    "flute": 73, "harmonica": 22, "banjo": 105, "fiddle": 110, "synth lead": 81, "synth pad": 89,
}  # fmt: skip
"""Instrument words and their General MIDI programs, counted from 0."""

GENRE_INSTRUMENTS: dict[str, tuple[str, ...]] = {
    "blues": ("electric guitar", "harmonica", "piano", "bass guitar", "organ"),
    "classical": ("piano", "strings", "violin", "cello", "flute", "oboe", "clarinet", "horn", "harp"),
    "country": ("acoustic guitar", "banjo", "fiddle", "bass guitar", "harmonica", "piano"),
    "disco": ("strings", "electric piano", "bass guitar", "brass", "electric guitar"),
    "hiphop": ("electric piano", "synth bass", "synth pad", "strings", "vibraphone"),
    "jazz": ("saxophone", "piano", "double bass", "trumpet", "jazz guitar", "vibraphone"),
    "metal": ("distorted guitar", "bass guitar", "strings", "choir"),
    "pop": ("piano", "synth lead", "acoustic guitar", "synth pad", "bass guitar"),
    "reggae": ("electric guitar", "organ", "bass guitar", "brass", "saxophone"),
    "rock": ("distorted guitar", "electric guitar", "bass guitar", "organ", "piano"),
}


@dataclass(frozen=True)
class Fields:
    """What a sentence is made of; None leaves the words out."""

    genre: str | None = None
    emotion: str | None = None
    second_emotion: str | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    instruments: tuple[str, ...] = ()
    scene: str | None = None
    metre: str | None = None


@dataclass(frozen=True)
class Doubts:
    """What a caption is not sure of; a trait that is no better than a guess is left out of its Fields instead."""

    other_genre: str | None = None
    """The genre that it may be as well."""
    emotion: bool = False
    tempo: bool = False
    not_music: bool = False


METRE_WORDS: dict[str, tuple[str, ...]] = {
    "4/4": ("in 4/4", "in common time"),
    "3/4": ("in 3/4", "in waltz time", "in three"),
    "6/8": ("in 6/8", "in compound time", "with a 6/8 sway"),
    "5/4": ("in 5/4", "in five"),
}
NOT_MUSIC = "This does not sound like music: speech, noise or silence, perhaps."


def tempo_word(tempo_bpm: float) -> str:
    """slow under 80 bpm, mid-tempo under 120, else fast."""
    return "slow" if tempo_bpm < 80 else "mid-tempo" if tempo_bpm < 120 else "fast"


def genre_word(genre: str) -> str:
    """The genre as people write it."""
    return "hip hop" if genre == "hiphop" else genre


def scene_for(genre: str, emotion: str) -> str:
    """The scene family that stands for a genre, varied by emotion so that one genre is not one picture."""
    quiet, dreamy = emotion in ("calmness", "sadness"), emotion in ("nostalgia", "amazement")
    warm = emotion in ("tenderness", "joyful_activation")
    return GENRE_SCENES[genre][1 if quiet else 2 if dreamy else 3 if warm else 0]


def _pick(options: tuple[str, ...], rng: random.Random | None) -> str:
    return options[0] if rng is None else rng.choice(options)


def _article(phrase: str) -> str:
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def clock(seconds: float) -> str:
    """Minutes and seconds, as players show them: "0:07"."""
    whole = int(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"


def likeness(label: str) -> str:
    """A genre or an emotion as something to be more or less of: "jazz-like", "tender"."""
    return EMOTION_WORDS[label][0] if label in EMOTION_WORDS else f"{genre_word(label)}-like"


def join_words(words: tuple[str, ...]) -> str:
    """ "piano", "piano and cello", "piano, cello and flute"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def caption(fields: Fields, rng: random.Random | None = None) -> str:
    """A sentence a person would write: "A calm, tender classical piece in A minor at about 72 bpm."."""
    return _capital(_piece(fields, ", ".join(_moods(fields, rng))))


def hedged_caption(fields: Fields, doubts: Doubts) -> str:
    """The canonical caption with its doubts said; without any doubt it is `caption(fields)`.

    "Perhaps jazz, perhaps blues: a tender or perhaps nostalgic piece in A minor at perhaps 96 bpm."
    """
    if doubts.not_music:
        return NOT_MUSIC
    moods = _moods(fields, None)
    mood = ", ".join(moods)
    if moods and doubts.emotion:
        mood = " or perhaps ".join(moods) if len(moods) > 1 else f"perhaps {mood}"
    around = "perhaps" if doubts.tempo else "about"
    if not (fields.genre and doubts.other_genre):
        return _capital(_piece(fields, mood, around))
    kinds = ", ".join(f"perhaps {genre_word(genre)}" for genre in (fields.genre, doubts.other_genre))
    return _capital(f"{kinds}: {_piece(replace(fields, genre=None), mood, around)}")


def _moods(fields: Fields, rng: random.Random | None) -> list[str]:
    return [_pick(EMOTION_WORDS[e], rng) for e in (fields.emotion, fields.second_emotion) if e]


def _piece(fields: Fields, mood: str, around: str = "about") -> str:
    """ "a calm, tender classical piece in A minor at about 72 bpm"."""
    kind = " ".join(filter(None, (mood, genre_word(fields.genre) if fields.genre else "", "piece")))
    parts = [_article(kind)]
    if fields.instruments:
        parts.append(f"for {join_words(fields.instruments)}")
    if fields.key:
        parts.append(f"in {fields.key}")
    if fields.metre:
        parts.append(METRE_WORDS[fields.metre][0])
    if fields.tempo_bpm:
        parts.append(f"at {around} {fields.tempo_bpm:.0f} bpm")
    return " ".join(parts)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:] + "."


def image_prompt(fields: Fields, rng: random.Random | None = None) -> str:
    """A picture prompt: scene, mood, colours, and the music it belongs to.

    Canonical: "a cathedral window with rays of light, solemn mood, navy and old gold, slow classical music".
    """
    scene = fields.scene or (scene_for(fields.genre, fields.emotion) if fields.genre and fields.emotion else None)
    if rng is not None:
        return _drawn_image_prompt(fields, scene, rng)
    tempo = tempo_word(fields.tempo_bpm) if fields.tempo_bpm else ""
    parts = [SCENES[scene][0]] if scene else []
    if fields.emotion:
        parts += [f"{EMOTION_WORDS[fields.emotion][0]} mood", EMOTION_COLOURS[fields.emotion]]
    return ", ".join([*parts, " ".join(filter(None, (tempo, genre_word(fields.genre or ""), "music")))])


def _drawn_image_prompt(fields: Fields, scene: str | None, rng: random.Random) -> str:
    """One of many phrasings: six in ten full, the rest terse, the scene alone, or mood and colours alone."""
    lot = rng.random()
    if scene and lot < 0.08:
        return rng.choice(SCENES[scene])
    if fields.emotion and lot < 0.13:
        return _said_colours(fields.emotion, rng, f"{rng.choice(EMOTION_WORDS[fields.emotion])} mood")
    if scene and lot < 0.4:
        return _terse_image_prompt(fields, scene, rng)
    return _full_image_prompt(fields, scene, rng)


def _said_colours(emotion: str, rng: random.Random, mood: str) -> str:
    colours = rng.choice((EMOTION_COLOURS[emotion], *COLOUR_NAMES[emotion]))
    return rng.choice((f"{mood}, {colours}", f"{colours}, {mood}", f"{mood} in {colours}"))


def _terse_image_prompt(fields: Fields, scene: str, rng: random.Random) -> str:
    """ "sad blue city", "jazz, piano, calm", "fast red ocean waves"."""
    words = [rng.choice(EMOTION_WORDS[fields.emotion])] if fields.emotion and rng.random() < 0.7 else []
    if fields.tempo_bpm and rng.random() < 0.4:
        words.append(rng.choice(ENERGY_NAMES[tempo_word(fields.tempo_bpm)]))
    if fields.emotion and rng.random() < 0.6:
        words.append(rng.choice(COLOUR_NAMES[fields.emotion]))
    if fields.genre and rng.random() < 0.3:
        words.append(genre_word(fields.genre))
    rng.shuffle(words)
    noun = SCENES[scene][-1]
    if rng.random() < 0.6:
        return " ".join([*words, noun])
    listed = [rng.choice((noun, rng.choice(SCENES[scene]))), *words]
    rng.shuffle(listed)
    return ", ".join(listed)


def _full_image_prompt(fields: Fields, scene: str | None, rng: random.Random) -> str:
    """The canonical form with other words, some of its parts left out, sometimes in another order."""
    parts = [rng.choice((SCENES[scene][0], *SCENES[scene]))] if scene else []
    tempo = ""
    if fields.tempo_bpm:
        word = tempo_word(fields.tempo_bpm)
        tempo = word if rng.random() < 0.7 else rng.choice(ENERGY_NAMES[word])
    music = " ".join(filter(None, (tempo, genre_word(fields.genre or ""), "music")))
    if fields.emotion and rng.random() < 0.9:
        mood = rng.choice(EMOTION_WORDS[fields.emotion])
        if rng.random() < 0.6:
            parts.append(f"{mood} mood")
        else:
            music = f"{mood} {music}"
    if fields.emotion and rng.random() < 0.6:
        colours = EMOTION_COLOURS[fields.emotion]
        others = (f"{colours} palette", *COLOUR_NAMES[fields.emotion])
        parts.append(colours if rng.random() < 0.6 else rng.choice(others))
    if rng.random() < 0.75:
        parts.append(music)
    if rng.random() < 0.3:
        rng.shuffle(parts)
    return ", ".join(parts) or music


def music_prompt(fields: Fields, rng: random.Random | None = None) -> str:
    """A music prompt: "calm, tender classical piece with piano and strings, slow, 72 bpm, A minor"."""
    mood = _moods(fields, rng)
    genre = genre_word(fields.genre) if fields.genre else ""
    noun = _pick(("piece", "track", "music", "tune"), rng)
    parts = [" ".join(filter(None, (", ".join(mood), genre, noun)))]
    if fields.instruments and (rng is None or rng.random() < 0.7):
        parts[0] += f" with {join_words(fields.instruments)}"
    if fields.tempo_bpm:
        words = [tempo_word(fields.tempo_bpm), f"{fields.tempo_bpm:.0f} bpm"]
        parts += words if rng is None else rng.sample(words, rng.randint(0, 2))
    if fields.key and (rng is None or rng.random() < 0.6):
        parts.append(fields.key if rng is None or rng.random() < 0.5 else f"in {fields.key}")
    if fields.metre and (rng is None or rng.random() < 0.8):
        parts.append(_pick(METRE_WORDS[fields.metre], rng))
    if rng is not None and rng.random() < 0.3:
        rng.shuffle(parts)
    return ", ".join(parts)
