"""Read a music prompt: free words -> the fields of the shared vocabulary, None where nothing was said.

The inverse of `corpus.captions.music_prompt` and `caption`, with synonyms. Words are looked up, not guessed: one
that is not here says nothing. The first genre named wins; the first two emotions are kept in the order of the text.
"""

import re
from functools import cache

from corpus.captions import EMOTION_WORDS, EMOTIONS, GENRES, INSTRUMENTS, Fields

GENRE_SYNONYMS: dict[str, tuple[str, ...]] = {
    "blues": ("bluesy", "shuffle", "delta blues", "rhythm and blues"),
    "classical": ("orchestral", "orchestra", "baroque", "symphony", "symphonic", "sonata", "chamber music", "waltz",
                  "cinematic", "string quartet", "nocturne", "romantic era"),
    "country": ("bluegrass", "folk", "americana", "western", "honky tonk", "nashville"),
    "disco": ("funk", "funky", "dance", "house", "techno", "edm", "electronic", "club", "eurodance", "trance"),
    "hiphop": ("hip hop", "hip-hop", "rap", "trap", "lofi", "lo-fi", "lo fi", "boom bap", "boom-bap", "beats"),
    "jazz": ("jazzy", "swing", "bebop", "bossa nova", "bossa", "big band", "smooth jazz"),
    "metal": ("heavy metal", "thrash", "death metal", "hard rock", "djent"),
    "pop": ("synthpop", "synth-pop", "synth pop", "indie pop", "electropop", "ambient", "chiptune", "k-pop"),
    "reggae": ("ska", "dub", "dancehall", "rocksteady"),
    "rock": ("punk", "grunge", "indie", "indie rock", "alternative", "rock and roll", "rock'n'roll"),
}  # fmt: skip
EMOTION_SYNONYMS: dict[str, tuple[str, ...]] = {
    "amazement": ("amazement", "wonder", "wonderful", "magical", "astonishing", "mysterious", "spacey", "epic"),
    "solemnity": ("solemnity", "spiritual", "sacred", "majestic", "serious", "noble", "dignified", "ceremonial"),
    "tenderness": ("tenderness", "romantic", "love", "soft", "sweet", "affectionate", "delicate", "intimate"),
    "nostalgia": ("nostalgia", "sentimental", "bittersweet", "reminiscing", "retro", "vintage"),
    "calmness": ("calmness", "calming", "quiet", "relaxing", "chill", "mellow", "soothing", "meditative", "laid-back"),
    "power": ("power", "energetic", "driving", "intense", "aggressive", "bold", "fierce", "anthemic", "victorious"),
    "joyful_activation": ("joy", "joyful activation", "joyful_activation", "upbeat", "uplifting", "fun", "sunny",
                          "playful", "danceable", "lively", "bright", "party", "exciting", "groovy"),
    "tension": ("tension", "dark", "scary", "ominous", "suspenseful", "sinister", "dramatic", "urgent", "eerie",
                "menacing", "restless"),
    "sadness": ("sadness", "sorrow", "melancholy", "gloomy", "blue", "heartbroken", "lonely", "depressing", "tragic"),
}  # fmt: skip
INSTRUMENT_SYNONYMS: dict[str, tuple[str, ...]] = {
    "piano": ("pianos", "grand piano", "keys", "keyboard"),
    "electric piano": ("rhodes", "wurlitzer", "e-piano"),
    "vibraphone": ("vibes", "marimba", "xylophone", "glockenspiel", "bells"),
    "organ": ("hammond", "church organ", "pipe organ"),
    "acoustic guitar": ("guitar", "guitars", "acoustic guitars", "ukulele", "mandolin"),
    "electric guitar": ("electric guitars", "clean guitar"),
    "distorted guitar": ("distorted guitars", "distortion", "overdriven guitar", "heavy guitar", "heavy guitars"),
    "double bass": ("upright bass", "contrabass", "walking bass"),
    "bass guitar": ("bass", "electric bass"),
    "synth bass": ("sub bass", "808 bass"),
    "violin": ("violins",),
    "cello": ("cellos",),
    "strings": ("string section", "string quartet", "viola"),
    "choir": ("voices", "vocals", "choral"),
    "trumpet": ("trumpets", "cornet"),
    "trombone": ("trombones",),
    "horn": ("horns", "french horn", "french horns"),
    "brass": ("brass section", "horn section"),
    "saxophone": ("sax", "saxophones", "tenor sax", "alto sax"),
    "clarinet": ("clarinets",),
    "flute": ("flutes", "whistle", "recorder"),
    "fiddle": ("fiddles",),
    "synth lead": ("synth", "synths", "synthesizer", "synthesizers", "lead synth"),
    "synth pad": ("pad", "pads", "warm pad"),
}  # fmt: skip
_TONIC_NAMES = {
    "C": "C", "C#": "Db", "DB": "Db", "D": "D", "D#": "Eb", "EB": "Eb", "E": "E", "FB": "E", "E#": "F", "F": "F",
    "F#": "F#", "GB": "F#", "G": "G", "G#": "Ab", "AB": "Ab", "A": "A", "A#": "Bb", "BB": "Bb", "B": "B", "CB": "B",
    "B#": "C",
}  # fmt: skip
_TEMPO_WORDS: dict[str, float] = {
    "very slow": 60, "very fast": 168, "slow": 70, "mid-tempo": 100, "midtempo": 100, "mid tempo": 100,
    "moderate": 100, "fast": 140, "largo": 54, "adagio": 66, "andante": 84, "moderato": 108, "allegro": 132,
    "vivace": 152, "presto": 176,
}  # fmt: skip
_METRES = (
    (re.compile(r"(?<![\w/])(?:3/4|three[- ]four)(?![\w/])|\bin three\b|\bwaltz"), "3/4"),
    (re.compile(r"(?<![\w/])(?:6/8|12/8|six[- ]eight)(?![\w/])|\bcompound (?:time|metre|meter)\b"), "6/8"),
    (re.compile(r"(?<![\w/])(?:5/4|five[- ]four)(?![\w/])|\bin five\b"), "5/4"),
    (re.compile(r"(?<![\w/])(?:4/4|four[- ]four)(?![\w/])|\bcommon time\b|\bin four\b"), "4/4"),
)
_BPM = re.compile(r"(?<![\d.])(\d{2,3}(?:\.\d+)?)\s*(?:bpm|beats (?:per|a) minute)", re.IGNORECASE)
_KEY = re.compile(r"\b([A-Ga-g])\s?(#|♯|b|♭|[- ]?sharp|[- ]?flat)?[\s-]*(major|minor|maj|min)\b", re.IGNORECASE)


@cache
def _phrases() -> dict[str, tuple[tuple[str, str], ...]]:
    """For genre, emotion and instrument: (phrase, name), longest phrase first so that "jazz guitar" beats "jazz"."""
    genres = [(word, name) for name in GENRES for word in (name, *GENRE_SYNONYMS[name])]
    emotions = [(w, name) for name in EMOTIONS for w in (*EMOTION_WORDS[name], *EMOTION_SYNONYMS[name])]
    instruments = [(w, name) for name in INSTRUMENTS for w in (name, *INSTRUMENT_SYNONYMS.get(name, ()))]
    tables = {"genre": genres, "emotion": emotions, "instrument": instruments}
    return {kind: tuple(sorted(table, key=lambda pair: -len(pair[0]))) for kind, table in tables.items()}


def read_prompt(text: str) -> Fields:
    """The fields that `text` states. Tempo in bpm; a bare "slow" or "fast" gives a typical tempo.

    Nothing is said about what is not in the text; any string, however odd, is read without an error.
    """
    tempo_bpm, text = _read_tempo(text)
    key, text = _read_key(text)
    lower = " ".join(text.lower().split())
    instruments, lower = _find("instrument", lower)
    metre = next((metre for words, metre in _METRES if words.search(lower)), None)
    genres, rest = _find("genre", lower)
    emotions, rest = _find("emotion", rest)
    if tempo_bpm is None:
        tempo_bpm = next((bpm for word, bpm in _TEMPO_WORDS.items() if _has(word, rest)), None)
    return Fields(
        genre=genres[0] if genres else None,
        emotion=emotions[0] if emotions else None,
        second_emotion=emotions[1] if len(emotions) > 1 else None,
        tempo_bpm=tempo_bpm,
        key=key,
        instruments=instruments,
        metre=metre,
    )


def _has(phrase: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


def _find(kind: str, text: str) -> tuple[tuple[str, ...], str]:
    """The names found, in the order of the text and without repeats, and the text without them."""
    found: list[tuple[int, str]] = []
    for phrase, name in _phrases()[kind]:
        if phrase not in text:
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text):
            found.append((match.start(), name))
            text = text[: match.start()] + "\0" * len(phrase) + text[match.end() :]
    return tuple(dict.fromkeys(name for _, name in sorted(found))), text


def _read_tempo(text: str) -> tuple[float | None, str]:
    match = _BPM.search(text)
    return (float(match[1]), text[: match.start()] + " " + text[match.end() :]) if match else (None, text)


def _read_key(text: str) -> tuple[str | None, str]:
    """A key by the names of `captions.KEYS`; "a major key" is an article, "A major" and "in a minor" are keys."""
    for match in _KEY.finditer(text):
        letter, accidental, mode = match.groups()
        if (
            letter == "a"
            and not accidental
            and re.match(r"\s+(key|mode|chord|scale|third|piece|song|tune)", text[match.end() :])
        ):
            continue
        sign = (
            "#" if accidental and accidental.strip(" -").lower() in ("#", "♯", "sharp") else "b" if accidental else ""
        )
        tonic = _TONIC_NAMES[letter.upper() + sign.upper()]
        name = f"{tonic} {'major' if mode.lower().startswith('maj') else 'minor'}"
        return name, text[: match.start()] + " " + text[match.end() :]
    return None, text
