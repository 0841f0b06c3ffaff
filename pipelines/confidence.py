"""How sure a description may sound: when its caption hedges, what it leaves out, and what it says beside it.

Everything here is a pure function of the traits, so the same traits always give the same words. Only the caption
hedges; the prompts for the picture and the music keep the definite words that their models have read.
"""

from classifiers.evidence import by_label, stretch
from core.types import Scores, Traits
from corpus.captions import Doubts, Fields, clock, genre_word, likeness

GENRE_SURE, GENRE_MARGIN = 0.35, 0.08
"""A genre is named alone from this probability on, and when the next one is at least this much less probable."""
EMOTION_SURE, EMOTION_NEAR = 0.18, 0.75
"""An emotion is certain from this share on: nine even shares are 0.11, and in 311 of the 320 excerpts of Emotify the
emotion that most listeners chose has more. The runner-up is named too from this part of the first one's share on."""
TEMPO_SURE, KEY_SURE = 0.5, 0.5
"""Both confidences are probabilities of being right: below these, wrong is likelier. The tempo is then "perhaps" one,
and the key is left out of the caption."""
MUSIC_SURE = 0.5
"""Below this probability of being music the caption says nothing else."""

HARDLY_MUSIC = "As this is hardly music, genre, emotion, tempo and key mean little here."


def second_emotion(emotion: Scores) -> str | None:
    """The runner-up where it is nearly as strong as the first, else None."""
    (_, first), (label, second) = emotion.ranked()[:2]
    return label if second >= EMOTION_NEAR * first else None


def heard(traits: Traits) -> Fields:
    """What a caption for these traits speaks of: a guessed tempo and an uncertain key are left out."""
    return Fields(
        genre=traits.genre.top,
        emotion=traits.emotion.top,
        second_emotion=second_emotion(traits.emotion),
        tempo_bpm=traits.beats.tempo_bpm if traits.beats.confidence > 0 else None,
        key=traits.key if traits.key_confidence >= KEY_SURE else None,
    )


def doubts(traits: Traits) -> Doubts:
    """What of it is not certain."""
    (_, first), (other, second) = traits.genre.ranked()[:2]
    sure = first >= GENRE_SURE and first - second >= GENRE_MARGIN
    return Doubts(
        other_genre=None if sure else other,
        emotion=traits.emotion.ranked()[0][1] < EMOTION_SURE,
        tempo=traits.beats.confidence < TEMPO_SURE,
        not_music=traits.music_probability < MUSIC_SURE,
    )


def notes(traits: Traits) -> list[str]:
    """What a person should know before trusting the description, each a sentence."""
    found = doubts(traits)
    if found.not_music:
        return [HARDLY_MUSIC]
    said = []
    if found.other_genre:
        (first, p), (other, q) = traits.genre.ranked()[:2]
        both = f"{genre_word(first)} ({100 * p:.0f} %) or {genre_word(other)} ({100 * q:.0f} %)"
        said.append(f"The genre is uncertain: {both}.")
    if traits.beats.confidence == 0:
        said.append("No beat was found, so the tempo is a guess.")
    elif found.tempo:
        tempi = f"{traits.beats.tempo_bpm:.0f} or {traits.beats.alternative_bpm:.0f} bpm"
        said.append(f"The beat is hard to make out: perhaps {tempi}.")
    if traits.key_confidence < KEY_SURE:
        said.append(f"The key is uncertain: {traits.key} is only the likeliest.")
    return said


def moments(traits: Traits) -> list[str]:
    """Which stretch speaks most for the genre and for the emotion, each a sentence; none where the clip is even."""
    if traits.timeline is None or traits.music_probability < MUSIC_SURE:
        return []
    said = []
    for kind, label in (("genre", traits.genre.top), ("emotion", traits.emotion.top)):
        strip = by_label(traits.timeline, kind, seconds=traits.seconds)[label]
        if found := stretch(strip, seconds=traits.seconds):
            said.append(f"Most {likeness(label)} from {clock(found[0])} to {clock(found[1])}.")
    return said
