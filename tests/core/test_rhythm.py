"""Onsets, tempogram and beats against librosa; tempo, octave and confidence against sounds whose truth is known."""

import warnings

import numpy as np
import pytest

from core import rhythm
from core.features import FRAMES_PER_SECOND, RATE_HZ, log_mel
from corpus.captions import GENRES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # audioread and friends look for modules that newer Pythons have dropped
    import librosa


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


def clicks(bpm: float, seconds: float = 20.0) -> np.ndarray:
    """A decaying burst on every beat over faint noise."""
    sound = 0.001 * noise(seconds)
    burst = noise(0.05, 1) * np.exp(-np.linspace(0, 6, int(0.05 * RATE_HZ))).astype(np.float32)
    for start in np.round(np.arange(0.3, seconds - 0.1, 60 / bpm) * RATE_HZ).astype(int):
        sound[start : start + len(burst)] += 5 * burst
    return sound


def drums(bpm: float, seconds: float = 20.0) -> np.ndarray:
    """Kick on one and three, snare on two and four, a hi-hat on every half beat."""
    sound, t = 0.001 * noise(seconds), np.arange(int(0.12 * RATE_HZ)) / RATE_HZ
    kick = np.sin(2 * np.pi * 60 * t) * np.exp(-t / 0.04)
    snare = noise(0.12, 2)[: len(t)] * 3 * np.exp(-t / 0.03)
    hat = np.diff(noise(0.12, 3), prepend=0)[: len(t)] * np.exp(-t / 0.01)
    for half, at in enumerate(np.arange(0.2, seconds - 0.2, 30 / bpm)):
        hit = hat + (kick if half % 4 == 0 else snare if half % 4 == 2 else 0)
        start = round(at * RATE_HZ)
        sound[start : start + len(t)] += hit.astype(np.float32)
    return sound


def wandering(seed: int, n: int = 1292) -> np.ndarray:
    """Onsets of an uneven player: one in twenty frames or so, of any strength."""
    rng = np.random.default_rng(seed)
    strength = 0.05 * rng.random(n)
    at = np.cumsum(rng.normal(19.3, 1.5, n // 19)).astype(int)
    strength[at[at < n]] += rng.exponential(1, (at < n).sum())
    return strength.astype(np.float32)


def test_onset_strength_is_librosas() -> None:
    mel = log_mel(clicks(120, 5))
    theirs = librosa.onset.onset_strength(S=mel, sr=RATE_HZ)
    assert np.abs(rhythm.onset_strength(mel) - theirs).max() < 1e-4
    assert rhythm.onsets(mel).shape == (3, mel.shape[1])
    assert np.abs(rhythm.onsets(mel)[0] - theirs).max() < 1e-4


@pytest.mark.parametrize("n", [130, 1292])
def test_tempogram_is_librosas(n: int) -> None:
    strength = wandering(0, n)
    theirs = librosa.feature.tempogram(onset_envelope=strength, sr=RATE_HZ)
    ours = rhythm.tempogram(strength, 7)
    assert ours.shape == (-(-n // 7), rhythm.WINDOW)
    assert np.abs(ours - theirs.T[::7]).max() < 1e-6


@pytest.mark.parametrize("bpm", [55.0, 96.0, 133.7, 190.0, 260.0])
@pytest.mark.parametrize("n", [130, 1292])
def test_beats_are_librosas(bpm: float, n: int) -> None:
    for seed in range(4):
        strength = wandering(seed, n)
        theirs = librosa.beat.beat_track(onset_envelope=strength, sr=RATE_HZ, bpm=bpm, trim=False)[1]
        assert rhythm.track(strength, bpm).tolist() == theirs.tolist()


def test_silence_has_no_beat() -> None:
    found = rhythm.beats(log_mel(np.zeros(RATE_HZ, np.float32)))
    assert (found.confidence, found.times_s) == (0, ())
    assert 36 <= found.tempo_bpm <= 288


@pytest.mark.parametrize("bpm", [72, 96, 120, 151])
def test_tempo_of_clicks(bpm: float) -> None:
    found = rhythm.beats(log_mel(clicks(bpm)))
    assert found.tempo_bpm == pytest.approx(bpm, rel=0.01)
    assert any(found.alternative_bpm == pytest.approx(bpm * f, rel=0.01) for f in (0.5, 2, 1 / 3, 3))
    truth = np.arange(0.3, 19.9, 60 / bpm)
    late = [np.abs(truth - t).min() for t in found.times_s]
    assert np.median(late) < 0.05
    assert len(found.times_s) == pytest.approx(len(truth), abs=2)


@pytest.mark.parametrize("seconds", [6.0, 20.0, 90.0])
@pytest.mark.parametrize("bpm", [84, 110, 140])
def test_tempo_of_drums(bpm: float, seconds: float) -> None:
    """Kick, snare and hi-hat leave no doubt: not the half beats of the hi-hat, not the bars of the kick."""
    assert rhythm.beats(log_mel(drums(bpm, seconds))).tempo_bpm == pytest.approx(bpm, rel=0.02)


def test_the_prior_settles_the_octave() -> None:
    mel = log_mel(clicks(160))
    slow = rhythm.beats(mel, [rhythm.TempoPrior(1, 75, 0.2)])
    fast = rhythm.beats(mel, [rhythm.TempoPrior(1, 170, 0.2)])
    assert slow.tempo_bpm == pytest.approx(80, rel=0.02)
    assert fast.tempo_bpm == pytest.approx(160, rel=0.02)
    assert slow.alternative_bpm == pytest.approx(160, rel=0.02)


def test_confidence_tells_music_from_noise() -> None:
    unsure = [rhythm.beats(log_mel(noise(20, seed))).confidence for seed in range(3)]
    assert np.mean(unsure) < 0.45
    assert rhythm.beats(log_mel(drums(110))).confidence > 0.6


@pytest.mark.parametrize("n", [600, 4096, 22_050])
def test_short_sounds_have_a_tempo_of_some_kind(n: int) -> None:
    found = rhythm.beats(log_mel(noise(n / RATE_HZ)))
    assert 34 <= found.tempo_bpm <= 300
    assert 0 <= found.confidence <= 1


def test_evidence_is_strongest_where_the_pulse_is() -> None:
    frames = 60 * FRAMES_PER_SECOND / rhythm.TEMPI_BPM[200]
    strength = np.exp(-0.5 * ((np.arange(1292) % frames - frames / 2) / 1.5) ** 2)
    heard = rhythm.evidence(np.tile(strength, (3, 1)))
    assert heard.shape == (361, len(rhythm.COUNTING.weights))
    beat = rhythm.MULTIPLES.index(1)
    assert heard[200, beat] == pytest.approx(0.03, abs=0.1)  # log 1: it repeats perfectly, near or far
    assert heard[200, rhythm.MULTIPLES.index(4)] == pytest.approx(heard[200, beat], abs=0.15)
    assert heard[260, beat] < -1


def test_priors_follow_the_genres() -> None:
    assert tuple(rhythm.TEMPO_PRIORS) == GENRES
    sure = rhythm.log_prior(rhythm.priors_of({"reggae": 1.0}))
    torn = rhythm.log_prior(rhythm.priors_of({"reggae": 0.5, "rock": 0.5}))
    assert rhythm.TEMPI_BPM[sure.argmax()] == pytest.approx(rhythm.TEMPO_PRIORS["reggae"][0], rel=0.01)
    assert rhythm.TEMPI_BPM[torn.argmax()] < 130
    assert sure.min() == pytest.approx(np.log(0.02), abs=0.05)


@pytest.mark.parametrize("bpm", [20, 270, 310])
def test_both_tempi_are_ones_that_people_tap(bpm: float) -> None:
    found = rhythm.beats(log_mel(clicks(bpm)), [rhythm.TempoPrior(1, bpm, 0.2)])
    assert 36 <= found.tempo_bpm <= 240
    assert 36 <= found.alternative_bpm <= 240
