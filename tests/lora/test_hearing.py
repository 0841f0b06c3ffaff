"""The words for a picture that has a clip: those of a description of that clip."""

import numpy as np
import soundfile

from lora.hearing import picture_words
from pipelines.describe import describe_file


def test_a_clip_is_painted_as_it_is_described(tmp_path):
    rng = np.random.default_rng(0)
    beat = np.exp(-np.arange(11_025) / 800) * rng.normal(0, 0.3, 11_025)
    tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(11_025 * 16) / 22_050)
    soundfile.write(tmp_path / "song.wav", np.stack([np.tile(beat, 16) + tone] * 2, 1), 22_050)
    assert picture_words(tmp_path / "song.wav") == describe_file(tmp_path / "song.wav").image_prompt
