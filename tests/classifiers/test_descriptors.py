"""The statistics against what they must be for sounds whose answer is known, and against plain numpy."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.fft import dct

from classifiers import descriptors, network
from core import features, runtime

Floats = npt.NDArray[np.float32]

# Keras 3.15 copies torch weights in a way that NumPy 2 has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def model() -> object:
    return descriptors.build()


def noise(columns: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).random((1, 128, columns)).astype(np.float32)


def test_cepstral_statistics_are_numpys(model: object) -> None:
    view = noise(200)
    cepstrum = dct(view[0] * descriptors.UNIT, axis=0, norm="ortho")[:20]
    found = network.predict(model, view)[0]
    assert found[:20] == pytest.approx(cepstrum.mean(axis=1), abs=1e-4)
    assert found[20:40] == pytest.approx(cepstrum.std(axis=1), abs=1e-4)
    correlation = np.corrcoef(cepstrum[:12])[np.tril_indices(12, -1)]
    # the deviations are kept from zero by 0.05 of some 2.3
    assert found[40:106] == pytest.approx(correlation, abs=0.02)


@pytest.mark.parametrize("columns", [network.MIN_COLUMNS, 65, 646])
@pytest.mark.parametrize("level", [0.0, 1.0])
def test_silence_and_a_constant_are_finite(model: object, columns: int, level: float) -> None:
    found = network.predict(model, np.full((1, 128, columns), level, np.float32))
    assert np.isfinite(found).all()


def test_statistics_do_not_depend_on_the_length(model: object) -> None:
    short, long = (network.predict(model, noise(columns)) for columns in (300, 1200))
    wide = network.predict(model, np.concatenate([noise(300, seed) for seed in range(8)]))
    # where lengths differ, it is by no more than two samples of one length do
    assert np.abs(long - short).mean() < 2 * wide.std(axis=0).mean()


def chord(semitones: tuple[int, ...]) -> Floats:
    """A view of 6 s of a chord above A5, in two octaves, four partials a tone."""
    t = np.arange(6 * features.RATE_HZ) / features.RATE_HZ
    tones = [220 * octave * 2 ** (s / 12) for s in semitones for octave in (4, 8)]
    mono = sum(np.sin(2 * np.pi * hz * k * t) / k for hz in tones for k in range(1, 5))
    return features.smooth(features.log_mel((0.02 * np.asarray(mono)).astype(np.float32)))


def test_a_major_chord_is_more_major_than_a_minor_one_in_every_key() -> None:
    keras = runtime.keras()
    inputs = keras.Input((None, 128))
    peaks = keras.ops.relu(-descriptors._fixed(inputs, np.diff(np.eye(128, dtype=np.float32), 2, axis=1)))
    chords = keras.Model(inputs, descriptors._chords(peaks, (700.0, 6000.0))[0])  # major, minor, ...
    for tonic in (0, 3, 7):
        major, minor = (chord(tuple(tonic + k for k in kind)) for kind in ((0, 4, 7), (0, 3, 7)))
        heard = network.predict(chords, np.stack([major, minor]))
        more_major = heard[:, 0] - heard[:, 1]
        assert more_major[0] > more_major[1] + 0.05


def test_nothing_is_trained_and_it_is_saved_whole(model: object, tmp_path: object) -> None:
    assert not model.trainable_weights  # type: ignore[attr-defined]
    model.save(tmp_path / "model.keras")  # type: ignore[attr-defined, operator]
    again = runtime.keras().saving.load_model(tmp_path / "model.keras", safe_mode=True)  # type: ignore[operator]
    assert np.array_equal(network.predict(again, noise(70)), network.predict(model, noise(70)))
