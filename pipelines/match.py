"""Asked and got: a generated clip is heard by our own ears and compared with its request.

What is asked are the request's fields, and where they are open the words of its prompt. Tempo, key, genre and emotion
are judged; instruments are not, for our ears do not know them. The ears can err, and where a caption would hedge (see
pipelines.confidence) the answer does too.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.audio import SILENCE_LUFS
from core.harmony import TONICS
from core.types import Answer, AudioClip, GeneratedClip, Match, MusicRequest, Scores, Traits
from corpus.captions import genre_word
from pipelines import confidence, describe
from pipelines.engines.wishes import wishes

TEMPO_TOLERANCE = 0.04
WEIGHTS = {"tempo": 1.0, "key": 1.0, "genre": 1.5, "emotion": 1.0}
"""What each thing counts in the score, where it was asked."""
RELATIVE_KEY, OTHER_OCTAVE = 0.5, 0.9
"""What a relative key and twice or half the tempo are worth."""
LONGEST_HEARD_S = 120.0
"""Of a longer clip the middle is heard."""
_OCTAVES = {1.0: "", 2.0: ", twice as fast", 0.5: ", half as fast"}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def hear_back(clip: AudioClip, request: MusicRequest) -> Match | None:
    """What of `request` is heard in `clip`; None for a clip that is silent.

    The score is the weighted mean of how well each thing asked for is met (1 where nothing was asked), times a half to
    one for how likely this is music at all.
    """
    traits = describe.hear(_middle(clip))
    if traits.loudness_lufs <= SILENCE_LUFS or not np.any(clip.samples):
        return None
    asked = wishes(request)
    judged = [
        _tempo(asked.tempo_bpm, traits),
        _key(asked.key, traits),
        _label("genre", tuple(filter(None, (asked.genre,))), traits.genre, traits),
        _label("emotion", tuple(filter(None, (asked.emotion, asked.second_emotion))), traits.emotion, traits),
    ]
    weighed = [(WEIGHTS[answer.what], worth) for answer, worth in judged if answer.met is not None]
    mean = sum(w * worth for w, worth in weighed) / sum(w for w, _ in weighed) if weighed else 1.0
    return Match(tuple(a for a, _ in judged), round(mean * (1 + traits.music_probability) / 2, 4), traits)


def best(made: Sequence[GeneratedClip]) -> GeneratedClip:
    """The clip whose match has the highest score; details["best_of"] tells of all: "n", "chosen" (an index), "seeds",
    "scores" and a "sentence" for people."""
    scores = [score(clip) for clip in made]
    chosen = int(np.argmax(scores))
    told: dict[str, object] = {
        "n": len(made),
        "chosen": chosen,
        "seeds": [clip.request.seed for clip in made],
        "scores": scores,
        "sentence": _choice(made, chosen),
    }
    return replace(made[chosen], details=made[chosen].details | {"best_of": told})


def score(made: GeneratedClip) -> float:
    """Its match's score; 0 for a clip in which nothing could be heard."""
    return made.match.score if made.match else 0.0


def _choice(made: Sequence[GeneratedClip], chosen: int) -> str:
    match = made[chosen].match
    asked = [answer for answer in match.answers if answer.met is not None] if match else []
    which = f"Best of {len(made)}: the {_ORDINALS[chosen]}"
    if not match or not asked:
        return f"{which}."
    n_met = sum(bool(answer.met) for answer in asked)
    return f"{which}, which is as asked in {n_met} of {len(asked)} things ({match.sentence})."


def _middle(clip: AudioClip) -> AudioClip:
    n, most = clip.samples.shape[1], round(LONGEST_HEARD_S * clip.rate)
    start = (n - most) // 2
    return clip if n <= most else AudioClip(clip.samples[:, start : start + most], clip.rate, clip.name)


Judged = tuple[Answer, float]
"""An answer and how well it meets what was asked, in [0, 1]."""


def _tempo(asked_bpm: float | None, traits: Traits) -> Judged:
    beats = traits.beats
    heard = f"{beats.tempo_bpm:.0f} bpm"
    if beats.confidence == 0:
        heard = "no clear beat"
    elif confidence.doubts(traits).tempo:
        heard = f"perhaps {heard}"
    if asked_bpm is None:
        return Answer("tempo", "", heard, beats.confidence, None), 0.0
    ratio = beats.tempo_bpm / asked_bpm
    octave = min(_OCTAVES, key=lambda factor: abs(math.log2(ratio / factor)))
    met = abs(ratio / octave - 1) <= TEMPO_TOLERANCE and beats.confidence > 0
    worth = (1.0 if octave == 1 else OTHER_OCTAVE) if met else 0.0
    said = heard + (_OCTAVES[octave] if met else "")
    return Answer("tempo", f"{asked_bpm:.0f} bpm", said, beats.confidence, met), worth


def _key(asked: str | None, traits: Traits) -> Judged:
    sure = traits.key_confidence >= confidence.KEY_SURE
    heard = traits.key if sure else f"perhaps {traits.key}"
    if asked is None:
        return Answer("key", "", heard, traits.key_confidence, None), 0.0
    met, relative = asked == traits.key, relative_key(asked) == traits.key
    said = f"{heard}, its relative" if relative else heard
    return Answer("key", asked, said, traits.key_confidence, met), 1.0 if met else RELATIVE_KEY * relative


def relative_key(key: str) -> str:
    """The key with the same notes: "A minor" -> "C major"."""
    tonic, mode = key.split(" ")
    shift, other = (3, "major") if mode == "minor" else (-3, "minor")
    return f"{TONICS[(TONICS.index(tonic) + shift) % 12]} {other}"


def _label(what: str, asked: tuple[str, ...], scores: Scores, traits: Traits) -> Judged:
    """Genre or emotion: met where it is the likeliest; half the worth is for how likely it is beside the likeliest."""
    (top, probability), (second, _) = scores.ranked()[:2]
    doubts = confidence.doubts(traits)
    heard = _words(top)
    if what == "genre" and doubts.other_genre:
        heard = f"perhaps {_words(top)}, perhaps {_words(second)}"
    elif what == "emotion" and doubts.emotion:
        heard = f"perhaps {heard}"
    if not asked:
        return Answer(what, "", heard, probability, None), 0.0
    met, share = top in asked, max(scores.as_dict()[label] for label in asked) / probability
    answer = Answer(what, " and ".join(_words(label) for label in asked), heard, probability, met)
    return answer, 0.5 * met + 0.5 * share


def _words(label: str) -> str:
    return genre_word(label).replace("_", " ")
