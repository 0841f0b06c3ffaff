"""The painter keeps its promises: every scene in every mood, the same at every size, told apart when blurred."""

import random
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from corpus import captions, painter
from corpus.painter import SCENES, SceneSpec, draw_spec, paint

# Hues in degrees that the words of captions.EMOTION_COLOURS allow (the black, grey and cream in them have none)
HUES = {
    "amazement": ((235, 330), (25, 65)),
    "solemnity": ((205, 260), (25, 60)),
    "tenderness": ((315, 360), (0, 60)),
    "nostalgia": ((10, 60),),
    "calmness": ((140, 210),),
    "power": ((335, 360), (0, 55)),
    "joyful_activation": ((190, 230), (35, 65)),
    "tension": ((60, 165),),
    "sadness": ((195, 240),),
}


def pictures(size_px: int, first_seed: int, scenes=tuple(SCENES), emotions=captions.EMOTIONS):
    """(scene, emotion, pixels) for each pair, at a tempo that differs from pair to pair."""
    for r, scene in enumerate(scenes):
        for c, emotion in enumerate(emotions):
            spec = SceneSpec(scene, emotion, "pop", 60.0 + (37 * (r + 2 * c)) % 120)
            yield scene, emotion, paint(spec, first_seed + 9 * r + c, size_px=size_px)


def test_covers_the_shared_vocabulary():
    assert set(SCENES) == set(captions.SCENES)
    assert set(painter.PALETTES) == set(captions.EMOTIONS) == set(HUES)


@pytest.mark.parametrize("scene", SCENES)
def test_every_emotion_gives_a_full_picture_in_its_named_colours(scene):
    for _, emotion, pixels in pictures(64, 40, scenes=(scene,)):
        assert pixels.shape == (64, 64, 3)
        assert pixels.dtype == np.uint8
        assert pixels.std() > 12, f"{emotion} is nearly blank"
        hue, saturation, value = (
            plane.ravel().astype(float)
            for plane in np.moveaxis(np.asarray(Image.fromarray(pixels).convert("HSV")), -1, 0)
        )
        weight = (saturation * value)[saturation * value > 40 * 255 / 4]
        degrees = hue[saturation * value > 40 * 255 / 4] * 360 / 255
        named = np.zeros(degrees.shape, bool)
        for low, high in HUES[emotion]:
            named |= (degrees >= low) & (degrees <= high)
        assert weight[named].sum() > 0.75 * weight.sum(), f"{scene} in {emotion} strays from its colours"


def test_paints_the_same_picture_again_and_another_for_another_seed():
    spec = SceneSpec("skyline", "power", "hiphop", 92.0)
    once = paint(spec, 5, size_px=96)
    assert np.array_equal(once, paint(spec, 5, size_px=96))
    assert np.abs(once.astype(int) - paint(spec, 6, size_px=96)).mean() > 5


@pytest.mark.parametrize("scene", SCENES)
def test_size_changes_the_resolution_not_the_picture(scene):
    spec = SceneSpec(scene, "amazement", "rock", 120.0)
    small, large = paint(spec, 3, size_px=64), Image.fromarray(paint(spec, 3, size_px=256))
    other = np.asarray(Image.fromarray(paint(spec, 4, size_px=256)).reduce(4), float)
    distance = np.abs(small - np.asarray(large.reduce(4), float)).mean()
    assert distance < 6
    assert distance < 0.5 * np.abs(small - other).mean()


@pytest.mark.parametrize("scene", SCENES)
def test_the_largest_picture_is_the_usual_one_made_larger(scene):
    spec = SceneSpec(scene, "power", "rock", 140.0)
    usual, large = paint(spec, 8), Image.fromarray(paint(spec, 8, size_px=512))
    assert large.size == (512, 512)
    assert np.abs(usual - np.asarray(large.reduce(2), float)).mean() < 1.5  # of 255; flicker of a fine grid far away


def test_refuses_sizes_and_words_it_does_not_know():
    with pytest.raises(ValueError, match="1024"):
        paint(SceneSpec("sea", "power", "pop", 100.0), 0, size_px=1024)
    with pytest.raises(KeyError):
        paint(SceneSpec("volcano", "power", "pop", 100.0), 0)


def nearest_share(train, test, target: int) -> float:
    """The share of `test` whose nearest class mean, learned from `train`, is its own."""
    classes = sorted({row[target] for row in train})
    means = np.stack([np.mean([row[2] for row in train if row[target] == c], axis=0) for c in classes])
    right = [classes[int(((means - row[2]) ** 2).sum(1).argmin())] == row[target] for row in test]
    return float(np.mean(right))


def blurred_layout(pixels):
    """An 8 x 8 grey thumbnail of unit contrast: what is left of a picture without colour and detail."""
    grey = np.asarray(Image.fromarray(pixels).convert("L").resize((8, 8), Image.Resampling.BOX), float).ravel()
    return (grey - grey.mean()) / grey.std()


def test_scenes_survive_blur_and_emotions_survive_everything_but_colour():
    train = [row for seed in (0, 1000) for row in pictures(64, seed)]
    test = list(pictures(64, 9000))
    layouts = [[(s, e, blurred_layout(p)) for s, e, p in rows] for rows in (train, test)]
    colours = [
        [(s, e, np.sort(p.reshape(-1, 3)[::7].astype(float), 0).mean(0)) for s, e, p in rows] for rows in (train, test)
    ]
    assert nearest_share(*layouts, target=0) > 0.75  # chance is 1/20
    assert nearest_share(*colours, target=1) > 0.6  # by the mean colour alone; chance is 1/9


def test_fast_music_makes_busier_pictures():
    def busyness(scene: str, tempo_bpm: float) -> float:
        pixels = [paint(SceneSpec(scene, "power", "rock", tempo_bpm), seed, size_px=64).mean(-1) for seed in range(4)]
        return float(np.mean([np.abs(np.diff(p, axis=a)).mean() for p in pixels for a in (0, 1)]))

    busier = [scene for scene in SCENES if busyness(scene, 175.0) > busyness(scene, 60.0)]
    assert len(busier) >= 18, sorted(set(SCENES) - set(busier))


def test_draws_every_pair_that_captions_can_ask_for():
    rng = random.Random(7)
    specs = [draw_spec(rng) for _ in range(6000)]
    assert len({(s.scene, s.emotion) for s in specs}) == len(SCENES) * len(captions.EMOTIONS)
    scenes, emotions = Counter(s.scene for s in specs), Counter(s.emotion for s in specs)
    assert min(scenes.values()) > 0.75 * len(specs) / len(SCENES)
    assert min(emotions.values()) > 0.85 * len(specs) / len(captions.EMOTIONS)
    own = np.mean([s.scene in captions.GENRE_SCENES[s.genre] for s in specs])
    assert 0.6 < own < 0.9
    assert min(s.tempo_bpm for s in specs) >= 60
    assert max(s.tempo_bpm for s in specs) <= 180


def test_captions_name_the_scene_and_the_canonical_one_is_the_description_s():
    rng = random.Random(1)
    pairs = [(spec.scene, painter.caption(spec, rng)) for spec in (draw_spec(rng) for _ in range(1000))]
    named = [any(words in sentence for words in captions.SCENES[scene]) for scene, sentence in pairs]
    assert 0.92 < np.mean(named) < 0.98
    spec = SceneSpec("cathedral", "solemnity", "classical", 62.0)
    said = "a cathedral window with rays of light, solemn mood, navy and old gold, slow classical music"
    assert painter.caption(spec) == said
