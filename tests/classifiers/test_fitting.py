"""Batches have the promised shapes, and a network learns to tell low sounds from high ones in seconds."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest

from classifiers import cards, datasets, emotion, fitting, genre, music_or_not, network
from core import features, runtime
from core.models import WEIGHTS

# Keras 3.15 copies torch weights in a way that NumPy 2 has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def low_and_high(n: int) -> fitting.Examples:
    """Views that are loud in the lower or in the upper half."""
    rng = np.random.default_rng(0)
    kinds = np.arange(n) % 2
    views = [
        np.roll(np.repeat([[0.8], [0.1]], 64, axis=0), 64 * k, axis=0) + 0.1 * rng.random((128, 60)) for k in kinds
    ]
    return fitting.Examples([v.astype(np.float32) for v in views], np.eye(2, dtype=np.float32)[kinds])


@pytest.mark.parametrize("recipe", [emotion.RECIPE, music_or_not.RECIPE, *genre.RECIPES.values()])
def test_batches(recipe: fitting.Recipe) -> None:
    examples = low_and_high(8)
    views, targets = fitting.draw(examples, recipe, np.random.default_rng(0))
    assert views.shape[0] == targets.shape[0] == 32
    assert views.shape[1] in recipe.crops
    assert views.shape[2] == 128
    assert views.dtype == targets.dtype == np.float32
    assert views.min() >= 0
    assert views.max() <= 1
    assert np.allclose(targets.sum(axis=1), 1, atol=1e-5)


def test_weights_decide_what_is_drawn() -> None:
    examples = low_and_high(8)
    only = fitting.Examples(examples.views, examples.targets, np.array([1, 0] * 4, np.float32))
    _, targets = fitting.draw(only, genre.RECIPES["thin"], np.random.default_rng(0))
    assert (targets[:, 0] == 1).all()


def test_parts_keep_their_weights() -> None:
    examples = fitting.Examples(low_and_high(4).views, low_and_high(4).targets, np.arange(4, dtype=np.float32))
    part = examples.part(np.array([1, 3]))
    assert part.weights is not None
    assert part.weights.tolist() == [1, 3]
    assert part.views[1] is examples.views[3]


def test_fit_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a budget of 6 s, in which every step takes 50 ms: a busy machine shall learn as much as an idle one."""
    ticks = itertools.count()
    monkeypatch.setattr(fitting, "time", SimpleNamespace(process_time=lambda: 0.05 * next(ticks)))
    runtime.keras().utils.set_random_seed(0)
    model = network.build(2, channels=(4, 4, 4, 4), activation="softmax")
    recipe = fitting.Recipe((4, 4, 4, 4), "softmax", "categorical_crossentropy", (48,), 0.02)
    examples = low_and_high(32)
    fitting.fit(model, examples, recipe, seconds=6, seed=0)
    guesses = fitting.predict_all(model, examples.views)
    assert (guesses.argmax(axis=1) == examples.targets.argmax(axis=1)).mean() > 0.9
    assert next(ticks) == 121  # the start, and 120 looks at the clock, the last of which ends it


def test_bytes_round_trip_within_a_step() -> None:
    mel = np.random.default_rng(0).uniform(-80, 0, (128, 40)).astype(np.float32)
    assert np.abs(datasets.from_bytes(datasets.to_bytes(mel)) - mel).max() <= features.TOP_DB / 255 / 2 + 1e-4


@pytest.mark.parametrize("name", ["genre", "emotion", "music_or_not"])
def test_cards_are_what_the_configs_say(name: str) -> None:
    folder = WEIGHTS / name
    config = json.loads((folder / "config.json").read_text())
    text = (folder / "README.md").read_text()
    assert text == cards.card(name, config)
    assert text.startswith("---\nlicense: apache-2.0")
    assert (folder / "model.keras").stat().st_size < 3.5e6
    for value in config["figures"].values():
        assert all(str(v) in text for v in (value.values() if isinstance(value, dict) else [value]))
