"""The values: read-only, picklable, exact."""

import math
import pickle

import numpy as np
import pytest

from core.types import AudioClip, Scores


def _clip() -> AudioClip:
    return AudioClip(np.linspace(-1, 1, 200, dtype=np.float32).reshape(2, 100), 50)


def test_a_clip_knows_its_length_and_is_read_only() -> None:
    clip = _clip()
    assert clip.seconds == 2.0
    with pytest.raises(ValueError, match="read-only"):
        clip.samples[0, 0] = 0
    assert clip.mono().shape == (100,)


def test_the_digest_follows_the_sound() -> None:
    clip = _clip()
    assert clip.digest == pickle.loads(pickle.dumps(clip)).digest
    assert clip.digest != AudioClip(clip.samples.copy(), 51).digest


@pytest.mark.parametrize("samples", [np.zeros(5, np.float32), np.zeros((1, 5), np.float64)])
def test_a_clip_of_another_shape_or_dtype_is_refused(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="float32"):
        AudioClip(samples, 10)


def test_scores() -> None:
    scores = Scores(("a", "b", "c"), (0.25, 0.5, 0.25))
    assert scores.top == "b"
    assert scores.entropy == pytest.approx(1.5 * math.log(2))
    assert scores.as_dict() == {"a": 0.25, "b": 0.5, "c": 0.25}
