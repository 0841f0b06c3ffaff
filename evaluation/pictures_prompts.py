"""What the picture model is asked: prompts whose answers are known, and sentences as people write them.

Specifications name every scene and every emotion equally often, with any genre and tempo; prompts are drawn from the
many phrasings of `corpus.captions.image_prompt`. A phrasing that leaves scene or mood out is drawn again: what is not
said cannot be recognised. `SENTENCES` are no captions; each has the scenes and the moods that would fit it.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.captions import EMOTION_COLOURS, EMOTION_WORDS, EMOTIONS, GENRES, SCENES, image_prompt, scene_for
from corpus.painter import SceneSpec


@dataclass(frozen=True)
class Sentence:
    """A prompt in a person's words, with the scenes and the emotions that fit it; none where anything does."""

    prompt: str
    scenes: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()


SENTENCES = (
    Sentence("an old gramophone", ("vinyl",), ("nostalgia",)),
    Sentence("rainy night in Tokyo", ("skyline", "neon_grid"), ("sadness", "solemnity", "tension", "calmness")),
    Sentence("my grandmother's garden", ("forest", "palms"), ("nostalgia", "tenderness", "calmness")),
    Sentence("techno rave", ("dance_floor", "stage", "neon_grid", "rings"), ("power", "joyful_activation", "tension")),
    Sentence("sad piano at dusk", ("piano",), ("sadness",)),
    Sentence("a lonely cowboy riding west", ("desert_road", "mountains"), ("nostalgia", "sadness")),
    Sentence("thunderstorm over the harbour", ("sea", "skyline"), ("tension", "power", "sadness")),
    Sentence("monks singing at midnight", ("cathedral",), ("solemnity", "calmness")),
    Sentence("surfing in Hawaii", ("palms", "sea"), ("joyful_activation", "calmness")),
    Sentence("heavy metal festival, huge audience", ("stage", "shards"), ("power", "tension")),
    Sentence("an astronaut drifting past Jupiter", ("planets",)),
    Sentence("songs at the campfire", ("guitar", "forest"), ("joyful_activation", "nostalgia", "tenderness")),
    Sentence("a love letter", (), ("tenderness",)),
    Sentence("hiking in the Alps on a quiet morning", ("mountains",), ("calmness", "tenderness")),
    Sentence("winter night in Iceland", ("aurora", "mountains"), ("calmness", "solemnity", "sadness", "amazement")),
    Sentence("an arcade game from 1985", ("neon_grid", "cassette"), ("nostalgia", "amazement", "tension")),
    Sentence("a broken mirror", ("shards",), ("tension", "sadness", "power")),
    Sentence("a funeral", ("cathedral", "forest"), ("solemnity", "sadness")),
    Sentence("Saturday night fever", ("dance_floor",), ("joyful_activation", "amazement", "power")),
    Sentence("New York rooftops", ("skyline",)),
    Sentence("the mixtape I made for my first girlfriend", ("cassette",), ("nostalgia", "tenderness")),
    Sentence("a drop of ink in water", ("flow", "rings")),
    Sentence("something by Kandinsky", ("geometric", "shards", "flow", "rings")),
    Sentence("soundtrack of a horror film", (), ("tension",)),
    Sentence("driving home through the desert", ("desert_road",)),
    Sentence("fire and fury", (), ("power",)),
)  # fmt: skip


def specifications(count: int, *, seed: int) -> list[SceneSpec]:
    """`count` specifications: every row of len(SCENES) has every scene once, nine rows have every pair once."""
    rng = random.Random(f"specifications {seed}")
    scenes, emotions = (rng.sample(list(names), len(names)) for names in (SCENES, EMOTIONS))
    specs = []
    for i in range(count):
        row, column = divmod(i, len(scenes))
        emotion = emotions[(row + column) % len(emotions)]
        specs.append(SceneSpec(scenes[column], emotion, rng.choice(GENRES), float(rng.randint(60, 180))))
    return specs


def phrased(specs: Sequence[SceneSpec], *, seed: int) -> list[str]:
    """A prompt for each specification in one of the corpus' phrasings, which names its scene and its mood."""
    rng = random.Random(f"phrasings {seed}")
    return [_telling(spec, rng) for spec in specs]


def _telling(spec: SceneSpec, rng: random.Random) -> str:
    while True:
        prompt = image_prompt(spec.fields, rng)
        if says(prompt, spec):
            return prompt


def says(prompt: str, spec: SceneSpec) -> bool:
    """Whether a prompt names both the scene and the mood, by a word for it or its two colours."""
    moods = (*EMOTION_WORDS[spec.emotion], EMOTION_COLOURS[spec.emotion])
    return _has(prompt, SCENES[spec.scene]) and _has(prompt, moods)


def _has(prompt: str, phrases: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(phrase)}\b", prompt) for phrase in phrases)


def canonical(spec: SceneSpec) -> str:
    """The prompt that the app itself writes for a clip of these traits."""
    return image_prompt(spec.fields)


def sheet_specs() -> list[SceneSpec]:
    """Nine emotions (rows) by ten genres, row by row, each in the scene that stands for them."""
    return [
        SceneSpec(scene_for(genre, emotion), emotion, genre, 70.0 + 11 * ((g + e) % 10))
        for e, emotion in enumerate(EMOTIONS)
        for g, genre in enumerate(GENRES)
    ]
