"""The pitch, the rate, and the ceiling after coding."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core import mp3
from core.limiter import true_peak_dbtp
from core.mastering import CEILING_DBTP
from core.types import AudioClip

RATE = 32000


@pytest.mark.parametrize(("rate", "coded_at"), [(22050, 44100), (32000, 32000), (48000, 48000)])
def test_it_keeps_the_pitch(rate: int, coded_at: int, tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
    mp3.write_mp3(AudioClip(tone[None].astype(np.float32), rate), tmp_path / "a.mp3")
    sound, found = soundfile.read(tmp_path / "a.mp3", always_2d=True)
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    assert found == coded_at
    assert np.argmax(spectrum) * found / len(sound) == pytest.approx(440, abs=1.0)


def test_the_ceiling_is_one() -> None:
    assert mp3.CEILING_DBTP == CEILING_DBTP


def test_what_kept_the_ceiling_keeps_it_when_decoded(tmp_path: Path) -> None:
    # hard-clipped noise is the worst that can happen to a coder: its peaks rise by some 2 dB
    noise = np.clip(np.random.default_rng(0).normal(0, 1, (2, 2 * RATE)), -0.6, 0.6).astype(np.float32)
    clip = AudioClip(noise * np.float32(10 ** ((-1.05 - true_peak_dbtp(noise)) / 20)), RATE)
    mp3._encode(clip.samples, RATE, tmp_path / "plain.mp3", 320_000)
    mp3.write_mp3(clip, tmp_path / "held.mp3")
    assert true_peak_dbtp(mp3.decoded(tmp_path / "plain.mp3")) > -1.0  # or this test would show nothing
    assert true_peak_dbtp(mp3.decoded(tmp_path / "held.mp3")) <= -1.0


def test_what_is_above_the_ceiling_is_left_as_it_is(tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)[None].astype(np.float32)
    mp3.write_mp3(AudioClip(tone, RATE), tmp_path / "a.mp3")
    assert true_peak_dbtp(mp3.decoded(tmp_path / "a.mp3")) == pytest.approx(0.0, abs=0.3)
