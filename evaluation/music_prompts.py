"""What the music model is asked in its examination: 180 requests by rule, and 60 sentences as people write them.

None of the phrasings is one of those that the training captions are drawn from (`pipelines.pretrain.music_words`), and
what each sentence means is written beside it by hand.
"""

import random
from dataclasses import dataclass

from core.types import MusicRequest
from corpus import score
from corpus.captions import EMOTION_WORDS, EMOTIONS, GENRES, KEYS, Fields, genre_word

SLOW_BPM, FAST_BPM = (56, 96), (104, 176)
_PHRASINGS = (
    "I need {a_mood} {genre} number, {bpm} bpm, key of {key}",
    "{mood} {genre} for the end of the evening ({key}, {bpm} bpm)",
    "{genre}! {mood}, please: {bpm} bpm and in {key}",
    "background music: {genre}, {key}, {mood}, tempo {bpm} bpm",
    "a short {genre} cue in {key}, {bpm} bpm, {mood} throughout",
    "{bpm} bpm {mood} {genre} in {key}",
)


def requests(n: int = 180, seed: int = 0, *, seconds: float = 10.0) -> list[MusicRequest]:
    """The first `n` of every genre with every emotion at a slow and a fast tempo, in an order that mixes them.

    Keys take turns, so that each of the 24 is asked for seven or eight times. Everything is stated in the words and
    again as fields.
    """
    rng = random.Random(f"examination/{seed}")
    grid = [(genre, emotion, span) for genre in GENRES for emotion in EMOTIONS for span in (SLOW_BPM, FAST_BPM)]
    keys = [KEYS[i % len(KEYS)] for i in range(len(grid))]
    rng.shuffle(grid)
    rng.shuffle(keys)
    made = []
    for (genre, emotion, span), key in zip(grid, keys, strict=True):
        fields = Fields(genre, emotion, tempo_bpm=rng.randint(*span), key=key)
        made.append(
            MusicRequest(
                sentence(fields, rng),
                seconds=seconds,
                seed=rng.getrandbits(32),
                tempo_bpm=fields.tempo_bpm,
                genre=genre,
                emotion=emotion,
                key=key,
            )
        )
    return made[:n]


def sentence(fields: Fields, rng: random.Random) -> str:
    """Genre, emotion, tempo and key in words: "96 bpm wistful jazz in A minor"."""
    mood = rng.choice(EMOTION_WORDS[fields.emotion or ""])
    return rng.choice(_PHRASINGS).format(
        mood=mood,
        a_mood=f"{'an' if mood[0] in 'aeiou' else 'a'} {mood}",
        genre=genre_word(fields.genre or ""),
        bpm=f"{fields.tempo_bpm:.0f}",
        key=fields.key,
    )


@dataclass(frozen=True)
class Wish:
    """A sentence and what it asks for; None and () where it says nothing. `tempo_bpm` is a span that would do."""

    text: str
    genre: str | None = None
    emotion: str | None = None
    tempo_bpm: tuple[float, float] | None = None
    key: str | None = None
    metre: str | None = None
    instruments: tuple[str, ...] = ()


def _at(bpm: float) -> tuple[float, float]:
    return 0.96 * bpm, 1.04 * bpm


_SLOW, _MIDDLE, _FAST = (score.MIN_TEMPO_BPM, 84.0), (80.0, 125.0), (112.0, float(score.MAX_TEMPO_BPM))

SENTENCES = (
    Wish("a lazy late-night blues with a wailing mouth harp", "blues", "calmness", _SLOW, instruments=("harmonica",)),
    Wish("twelve bars of bluesy heartbreak on piano, 68 beats per minute", "blues", "sadness", _at(68),
         instruments=("piano",)),
    Wish("gritty delta blues, E major, menacing", "blues", "tension", key="E major"),
    Wish("upbeat shuffle for a road trip at 132bpm", "blues", "joyful_activation", _at(132)),
    Wish("Blues in G, Hammond and guitar, wistful", "blues", "nostalgia", instruments=("organ", "acoustic guitar")),
    Wish("blues in six-eight, slow, lonely, B flat minor", "blues", "sadness", _SLOW, "Bb minor", "6/8"),
    Wish("stately baroque orchestra in D minor", "classical", "solemnity", key="D minor"),
    Wish("an awe-inspiring symphony, magical, in Eb major", "classical", "amazement", key="Eb major"),
    Wish("a delicate waltz for violin and harp, andante", "classical", "tenderness", (76.0, 96.0), metre="3/4",
         instruments=("violin", "harp")),
    Wish("string quartet, restless, C sharp minor, presto", "classical", "tension", _FAST, "Db minor",
         instruments=("strings",)),
    Wish("nocturne for solo piano, serene, largo", "classical", "calmness", _SLOW, instruments=("piano",)),
    Wish("triumphant orchestral fanfare with French horns at 120 BPM", "classical", "power", _at(120),
         instruments=("horn",)),
    Wish("sunny bluegrass with banjo and fiddle, allegro", "country", "joyful_activation", _FAST,
         instruments=("banjo", "fiddle")),
    Wish("a mournful western ballad, 3/4, harmonica", "country", "sadness", metre="3/4", instruments=("harmonica",)),
    Wish("nashville, warm and loving, ukulele, key of G major", "country", "tenderness", key="G major",
         instruments=("acoustic guitar",)),
    Wish("Americana, sentimental, around 92 bpm", "country", "nostalgia", _at(92)),
    Wish("honky tonk at 150 bpm, lively!", "country", "joyful_activation", _at(150)),
    Wish("folk tune, peaceful, in A major, slow", "country", "calmness", _SLOW, "A major"),
    Wish("funky dance floor filler, 118 bpm, party", "disco", "joyful_activation", _at(118)),
    Wish("eurodance, victorious, F# minor", "disco", "power", key="F# minor"),
    Wish("70s disco with a string section, dazzling", "disco", "amazement", instruments=("strings",)),
    Wish("house, dark, A min, 126 bpm", "disco", "tension", _at(126), "A minor"),
    Wish("a retro club track with rhodes, dreamy", "disco", "nostalgia", instruments=("electric piano",)),
    Wish("techno in D minor; ominous; fast", "disco", "tension", _FAST, "D minor"),
    Wish("lo-fi beats to study to, chill, 74 bpm", "hiphop", "calmness", _at(74)),
    Wish("boom bap, bittersweet, vibes", "hiphop", "nostalgia", instruments=("vibraphone",)),
    Wish("trap with sub bass, sinister, G minor, 140 bpm", "hiphop", "tension", _at(140), "G minor",
         instruments=("synth bass",)),
    Wish("fierce rap instrumental at 96 bpm", "hiphop", "power", _at(96)),
    Wish("hip-hop, sweet and romantic, electric piano, Db major", "hiphop", "tenderness", key="Db major",
         instruments=("electric piano",)),
    Wish("gloomy hip hop in B minor, very slow", "hiphop", "sadness", (50.0, 72.0), "B minor"),
    Wish("smoky jazz club, tenor sax and upright bass, tender, 66 bpm", "jazz", "tenderness", _at(66),
         instruments=("saxophone", "double bass")),
    Wish("bebop at 184 bpm, nervous, trumpet", "jazz", "tension", _at(184), instruments=("trumpet",)),
    Wish("bossa nova in F major, relaxing, with flute", "jazz", "calmness", key="F major", instruments=("flute",)),
    Wish("take it in five: playful jazz, 5/4, vibraphone", "jazz", "joyful_activation", metre="5/4",
         instruments=("vibraphone",)),
    Wish("big band swing, heroic, B flat major", "jazz", "power", key="Bb major"),
    Wish("a jazz waltz that longs for yesterday, clarinet", "jazz", "nostalgia", metre="3/4",
         instruments=("clarinet",)),
    Wish("thrash, aggressive, 180bpm, E minor", "metal", "power", _at(180), "E minor"),
    Wish("heavy metal hymn, solemn, with choir", "metal", "solemnity", instruments=("choir",)),
    Wish("death metal, scary, very fast", "metal", "tension", (140.0, 190.0)),
    Wish("djent in 5/4, urgent, distorted guitars", "metal", "tension", metre="5/4", instruments=("distorted guitar",)),
    Wish("a doomed metal lament, sorrowful, 60 bpm, C minor", "metal", "sadness", _at(60), "C minor"),
    Wish("metal, epic, strings, D minor", "metal", "amazement", key="D minor", instruments=("strings",)),
    Wish("synthpop, uplifting, 124 bpm, C major", "pop", "joyful_activation", _at(124), "C major"),
    Wish("a quiet ambient track with warm pads", "pop", "calmness", instruments=("synth pad",)),
    Wish("indie pop, longing, ukulele, mid-tempo", "pop", "nostalgia", _MIDDLE, instruments=("acoustic guitar",)),
    Wish("love song, pop, piano, Ab major, 76 bpm", "pop", "tenderness", _at(76), "Ab major", instruments=("piano",)),
    Wish("chiptune, wondrous, synth lead, fast", "pop", "amazement", _FAST, instruments=("synth lead",)),
    Wish("heartbroken pop ballad in 6/8", "pop", "sadness", metre="6/8"),
    Wish("dub, laid-back, melodica and organ, A minor", "reggae", "calmness", key="A minor", instruments=("organ",)),
    Wish("ska with a horn section, cheerful, 160 bpm", "reggae", "joyful_activation", _at(160), instruments=("brass",)),
    Wish("rocksteady, sweet, 80 bpm, Bb major", "reggae", "tenderness", _at(80), "Bb major"),
    Wish("dancehall, bold, G minor", "reggae", "power", key="G minor"),
    Wish("spiritual roots reggae with trombone", "reggae", "solemnity", instruments=("trombone",)),
    Wish("reggae, dreamy, slow, saxophone", "reggae", "nostalgia", _SLOW, instruments=("saxophone",)),
    Wish("punk, 176 bpm, agitated", "rock", "tension", _at(176)),
    Wish("grunge, melancholic, F minor, overdriven guitar", "rock", "sadness", key="F minor",
         instruments=("distorted guitar",)),
    Wish("rock and roll! bouncy! piano!", "rock", "joyful_activation", instruments=("piano",)),
    Wish("anthemic indie rock, A major, 128 bpm", "rock", "power", _at(128), "A major"),
    Wish("alternative, wonder-struck, spacey, 88 bpm, organ", "rock", "amazement", _at(88), instruments=("organ",)),
    Wish("a soft rock song, affectionate, clean guitar, in E major", "rock", "tenderness", key="E major",
         instruments=("electric guitar",)),
)  # fmt: skip
"""Six sentences a genre, not in the words of the captions alone: synonyms, spellings, tempo words, several orders.

Where a word has two readings the one that a musician would take stands here, whatever our own tables say.
"""
