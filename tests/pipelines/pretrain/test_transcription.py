"""Lessons know what was played when, and what is learned from a few of them is read back as it was written."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from corpus import score
from corpus.performance import step_times, to_notes
from corpus.score import HOLD, Header
from pipelines.engines import parts
from pipelines.engines.spectra import LOWEST_PITCH, N_TONES
from pipelines.pretrain import transcription


@pytest.fixture(scope="module")
def tokens() -> np.ndarray:
    """Two bars: a kick a beat, a bass note a bar, a tune in the second bar."""
    music = np.zeros((score.N_STREAMS, 32), np.int64)
    music[score.DYNAMICS] = 5
    music[score.DRUMS, ::4] = 1
    music[score.BASS] = [14, *[HOLD] * 15] * 2
    music[score.MELODY, 16:] = [38, *[HOLD] * 7, 40, *[HOLD] * 7]
    return np.concatenate([Header(tempo_bpm=100).pack(), music], axis=1)


def test_a_lesson_says_what_was_played(tokens: np.ndarray) -> None:
    lines, tones = transcription.played(to_notes(tokens), step_times(Header(tempo_bpm=100), 33))
    assert lines[0, 0] == lines[0, 20] == 36 - LOWEST_PITCH
    assert (lines[1, :16] == N_TONES).all()
    assert lines[1, 16] == 60 + score.MELODY_LOWEST + 36 - LOWEST_PITCH
    assert tones[0].sum() == 4
    assert tones[1, 5, 36 - LOWEST_PITCH] == 1
    assert not tones[1, 5, 37 - LOWEST_PITCH]


def test_what_is_learned_is_read_back(tokens: np.ndarray, tmp_path: Path) -> None:
    one = transcription.lesson(tokens, seconds=4.0)
    np.testing.assert_array_equal(one.struck[::4, 0], 1)
    arrays = transcription.fit_strokes([one]) | transcription.fit_tones([one], 2)
    save_file(arrays, tmp_path / "model.safetensors")
    networks = parts.load(tmp_path)
    heard = networks.strokes(one.stroke_features)[:, 0] > 0
    assert (heard == one.struck[:, 0].astype(bool)).mean() > 0.9
    assert networks.tones(one.tone_features).shape == (*one.tone_features.shape[:2], 4)


def test_a_line_stays_where_it_is_unless_another_pitch_is_likelier() -> None:
    logits = np.full((6, N_TONES), -5.0, np.float32)
    logits[:, 10] = [4, 4, -1, 4, -5, -5]
    logits[2, 12] = 0.0
    assert parts.line(logits, 0.0, change=2.0).tolist() == [10, 10, 10, 10, -1, -1]
