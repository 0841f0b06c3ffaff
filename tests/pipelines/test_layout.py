"""What a clip's composition must be whatever the clip is, and what of it must be seen in the drawing."""

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.types import LAYOUT_POINTS, AudioClip, Beats, Layout
from corpus.captions import EMOTION_COLOURS, EMOTION_WORDS
from corpus.palettes import PALETTES
from pipelines.layout import draw, layout_of
from pipelines.layout_drawing import palette_for

RATE = 22_050
CLIPS = Path(__file__).parents[2] / "examples"


def clip_of(samples: npt.ArrayLike, rate: int = RATE) -> AudioClip:
    return AudioClip(np.atleast_2d(np.asarray(samples, np.float32)), rate)


def seconds(duration_s: float, rate: int = RATE) -> npt.NDArray[np.float64]:
    return np.arange(round(duration_s * rate)) / rate


def sweep(duration_s: float = 8.0, rate: int = RATE) -> npt.NDArray[np.float64]:
    """From 150 Hz to 4 kHz, equally fast in octaves."""
    t = seconds(duration_s, rate)
    octaves = np.log2(4000 / 150)
    phase = 150 * duration_s / (octaves * np.log(2)) * (2 ** (octaves * t / duration_s) - 1)
    return 0.3 * np.sin(2 * np.pi * phase)


def clicks(times_s: npt.ArrayLike, duration_s: float) -> npt.NDArray[np.float64]:
    samples = np.zeros(round(duration_s * RATE))
    burst = 0.5 * np.exp(-np.arange(400) / 60) * np.random.default_rng(1).standard_normal(400)
    for start in (np.asarray(times_s) * RATE).astype(int):
        samples[start : start + 400] += burst[: len(samples) - start]
    return samples


def trend(curve: tuple[float, ...]) -> float:
    return float(np.corrcoef(np.arange(len(curve)), curve)[0, 1])


def flat(contour: float = 0.5, loudness: float = 0.7, beats: float = 0.3) -> Layout:
    return Layout(*[(value,) * LAYOUT_POINTS for value in (contour, loudness, beats)])


def brightness(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.asarray(picture, np.float64).mean(axis=2)


@pytest.mark.parametrize("n", [0, 1, 4410, 5 * RATE])
def test_silence_is_flat_and_low(n: int) -> None:
    assert layout_of(clip_of(np.zeros((2, n)))) == flat(0, 0, 0)


def test_a_rising_sweep_rises() -> None:
    rising = layout_of(clip_of(sweep()))
    falling = layout_of(clip_of(sweep()[::-1]))
    assert np.diff(rising.contour).min() >= -0.01
    assert rising.contour[-1] - rising.contour[0] > 0.6
    assert falling.contour == pytest.approx(rising.contour[::-1], abs=0.03)


def test_a_higher_tone_is_drawn_higher_and_a_steady_one_flat() -> None:
    low, high = (layout_of(clip_of(0.3 * np.sin(2 * np.pi * hz * seconds(4)))).contour for hz in (300, 1200))
    assert min(high) > max(low) + 0.3
    assert np.ptp(low) < 0.1


def test_a_crescendo_grows_to_the_loudest_moment() -> None:
    noise = np.random.default_rng(0).standard_normal(8 * RATE)
    layout = layout_of(clip_of(noise * np.geomspace(0.01, 0.2, 8 * RATE)))
    assert trend(layout.loudness) > 0.98
    assert max(layout.loudness) == 1
    assert min(layout.loudness) == pytest.approx(0, abs=0.1)  # 26 dB below


def test_steady_noise_is_equally_loud_up_to_both_ends() -> None:
    for duration_s in (0.2, 4):
        noise = np.random.default_rng(0).standard_normal(round(duration_s * RATE))
        assert min(layout_of(clip_of(0.1 * noise)).loudness) > 0.93


def test_denser_and_stronger_onsets_are_more_beats() -> None:
    denser = layout_of(clip_of(clicks(np.cumsum(np.linspace(1, 0.12, 20)), 12)))
    assert trend(denser.beats[4:-4]) > 0.9
    tone = 0.05 * np.sin(2 * np.pi * 330 * seconds(6))
    steady = [layout_of(clip_of(tone + gain * clicks(np.arange(0.25, 5.9, 0.5), 6))).beats for gain in (0, 0.01, 1)]
    means = [float(np.mean(curve[2:-2])) for curve in steady]
    assert means[0] < 0.05 < means[1] < means[2] - 0.05


def test_an_onset_on_a_beat_counts_more() -> None:
    sound = clip_of(clicks(np.arange(0.5, 7.9, 0.5), 8))
    alone = np.asarray(layout_of(sound).beats)
    accented = np.asarray(layout_of(sound, Beats(120, 1, 60, tuple(np.arange(0.5, 4, 0.5)))).beats)
    assert accented[8:20].mean() > alone[8:20].mean() + 0.05
    assert accented[30:44] == pytest.approx(alone[30:44])
    assert layout_of(sound, Beats(120, 0, 60)) == layout_of(sound)


def test_rate_and_channels_do_not_matter() -> None:
    base = layout_of(clip_of(sweep()))
    for other in (clip_of(sweep(rate=44_100), 44_100), clip_of([sweep(), sweep()]), clip_of([sweep(), -sweep()])):
        assert layout_of(other).contour == pytest.approx(base.contour, abs=0.03)
        assert layout_of(other).loudness == pytest.approx(base.loudness, abs=0.08)


@pytest.mark.parametrize(("n", "rate"), [(1, 8000), (1600, 8000), (9600, 48_000), (8820, 44_100)])
def test_short_clips_have_a_layout(n: int, rate: int) -> None:
    layout_of(clip_of(0.2 * np.random.default_rng(0).standard_normal((2, n)), rate))  # Layout checks itself


def test_two_pieces_differ_and_one_is_always_the_same() -> None:
    from core.audio import read_clip

    disco, tender = (read_clip(next(CLIPS.glob(f"{kind}*.ogg"))).clip for kind in ("disco", "classical"))
    assert layout_of(disco) == layout_of(AudioClip(disco.samples.copy(), disco.rate))
    drawn = [draw(layout_of(c), "a sea", width_px=128, height_px=128).astype(float) for c in (disco, tender)]
    assert np.abs(drawn[0] - drawn[1]).mean() > 15


def test_thirty_seconds_take_a_tenth_of_one() -> None:
    sound = clip_of(0.1 * np.random.default_rng(0).standard_normal((2, 30 * 44_100)), 44_100)
    taken = []
    for _ in range(3):
        started = time.process_time()
        layout_of(sound)
        taken.append(time.process_time() - started)
    assert min(taken) < 0.1


@pytest.mark.parametrize(("width", "height"), [(256, 256), (320, 192), (144, 256), (64, 64), (9, 7)])
def test_a_drawing_has_its_size(width: int, height: int) -> None:
    for layout in (flat(), flat(0, 0, 0), flat(1, 1, 1)):
        drawn = draw(layout, "anything", width_px=width, height_px=height)
        assert drawn.shape == (height, width, 3)
        assert drawn.dtype == np.uint8
        assert np.array_equal(drawn, draw(layout, "anything", width_px=width, height_px=height))


def test_the_ridge_follows_the_contour() -> None:
    rising = Layout(tuple(np.linspace(0, 1, LAYOUT_POINTS)), *[(0.0,) * LAYOUT_POINTS] * 2)
    drawn = brightness(draw(rising, "calm mood, aqua and mint", width_px=240, height_px=240))
    edges = [int(np.diff(drawn[:, x]).argmin()) for x in (30, 80, 130, 180, 220)]  # from bright sky to dark land
    assert np.diff(edges).max() < -15


def test_the_light_stands_where_the_clip_is_loudest() -> None:
    x = (np.arange(LAYOUT_POINTS) + 0.5) / LAYOUT_POINTS
    for loudest in (0.2, 0.5, 0.8):
        loudness = np.exp(-(((x - loudest) / 0.15) ** 2))
        layout = Layout((0.4,) * LAYOUT_POINTS, tuple(loudness), (0.0,) * LAYOUT_POINTS)
        columns = brightness(draw(layout, "solemn mood, navy and old gold", width_px=192, height_px=128)).mean(axis=0)
        assert columns.argmax() / 192 == pytest.approx(loudest, abs=0.06)
        assert np.corrcoef(columns, np.interp(np.arange(192) / 192, x, loudness))[0, 1] > 0.8


def test_posts_stand_closer_and_taller_where_there_are_more_beats() -> None:
    beats = tuple(np.linspace(0.05, 1, LAYOUT_POINTS))
    layout = Layout((0.6,) * LAYOUT_POINTS, (0.5,) * LAYOUT_POINTS, beats)
    prompt = "tense mood, black and acid green"
    lit = brightness(draw(layout, prompt, width_px=256, height_px=256)) > 120
    low, high = lit[240], lit[192]  # near the foot, and above most of the posts
    assert np.diff(low[128:].astype(int)).clip(0).sum() > np.diff(low[:128].astype(int)).clip(0).sum() + 4
    assert high[128:].sum() > high[:128].sum() + 8
    assert not (brightness(draw(flat(0.6, 0.5, 0), prompt, width_px=256, height_px=256))[150:] > 120).any()


def test_the_prompt_names_the_colours() -> None:
    for emotion, colours in EMOTION_COLOURS.items():
        assert palette_for(f"rolling sea waves, {colours}") is PALETTES[emotion]
        assert palette_for(f"{EMOTION_WORDS[emotion][0].upper()} mood, a stage") is PALETTES[emotion]
    red, green = (draw(flat(), p, width_px=64, height_px=64).mean(axis=(0, 1)) for p in ("crimson", "acid green"))
    assert red.argmax() == 0
    assert green.argmax() == 1
    plain = draw(flat(), "a horse on a bicycle", width_px=64, height_px=64).mean(axis=(0, 1))
    assert np.ptp(plain) < 35


def test_a_drawing_is_quick() -> None:
    taken = []
    for _ in range(5):
        started = time.process_time()
        draw(flat(), "calm mood", width_px=256, height_px=256)
        taken.append(time.process_time() - started)
    assert min(taken) < 0.03
