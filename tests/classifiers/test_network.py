"""The network takes any length, averages its members and survives a save and a load in safe mode."""

from pathlib import Path

import numpy as np
import pytest

from classifiers import network
from core import runtime

# Keras 3.15 copies torch weights in a way that NumPy 2 has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def members() -> list:
    runtime.keras().utils.set_random_seed(0)
    return [network.build(4, channels=(4, 4, 6, 6), activation="softmax") for _ in range(2)]


def views(n: int, columns: int) -> np.ndarray:
    return np.random.default_rng(0).random((n, 128, columns), np.float32)


@pytest.mark.parametrize("columns", [1, 31, 32, 100, 334])
def test_any_length_gives_distributions(members: list, columns: int) -> None:
    p = network.predict(members[0], views(3, columns))
    assert p.shape == (3, 4)
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)


def test_ensemble_is_the_mean_and_reloads_equal(members: list, tmp_path: Path) -> None:
    x = views(2, 64)
    both = network.ensemble(members)
    expected = np.mean([network.predict(m, x) for m in members], axis=0)
    assert np.allclose(network.predict(both, x), expected, atol=1e-5)
    both.save(tmp_path / "model.keras")
    back = runtime.keras().saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert np.allclose(network.predict(back, x), expected, atol=1e-5)


def test_a_compiled_member_brings_no_optimiser_into_the_file(members: list, tmp_path: Path) -> None:
    member = network.build(4, channels=(4, 4, 6, 6), activation="softmax")
    network.ensemble([member]).save(tmp_path / "plain.keras")
    member.compile("adam", "categorical_crossentropy")
    member.train_on_batch(np.swapaxes(views(2, 64), 1, 2), np.eye(4)[:2])
    network.ensemble([member]).save(tmp_path / "trained.keras")
    plain, trained = ((tmp_path / f"{name}.keras").stat().st_size for name in ("plain", "trained"))
    assert trained < 1.1 * plain


def test_windows_cover_begin_and_end_evenly() -> None:
    ramp = np.tile(np.arange(1000, dtype=np.float32), (128, 1))
    batch = network.windows(ramp, 300)
    assert batch.shape == (6, 128, 300)
    assert batch[0, 0, 0] == 0
    assert batch[-1, 0, -1] == 999
    assert network.windows(ramp, 20, at_most=8).shape == (8, 128, 20)
    assert network.windows(ramp[:, :50], 300).shape == (1, 128, 50)
