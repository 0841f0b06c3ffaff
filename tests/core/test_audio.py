"""Real files of every promised kind are written, read back and compared; bad ones each get one clear sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from core.audio import fold, loudness_lufs, peaks, read_clip, resample, write_wav
from core.errors import UserError
from core.types import AudioClip

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SYNTHESETE_DATA", ROOT.parent / "shared" / "data"))


def tone(seconds: float = 2.0, rate: int = 44_100, hz: float = 440.0, channels: int = 2) -> np.ndarray:
    """A tone, each channel half as loud as the one before; float32 (channels, n)."""
    wave = np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)
    return np.stack([0.5 * wave / 2**c for c in range(channels)]).astype(np.float32)


def encode(path: Path, samples: np.ndarray, rate: int, codec: str) -> Path:
    """Write with FFmpeg's encoders, as phones and browsers do."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo" if len(samples) == 2 else "mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=stream.layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """The best correlation of two signals over the small shifts that codecs add."""
    n = min(len(a), len(b)) - 8000
    spectrum = np.fft.rfft(a[:n], 2 * n) * np.conj(np.fft.rfft(b[:n], 2 * n))
    return float(np.fft.irfft(spectrum).max() / np.linalg.norm(a[:n]) / np.linalg.norm(b[:n]))


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_16", 4e-5),
        ("a.wav", "PCM_24", 2e-7),
        ("a.wav", "PCM_U8", 1e-2),
        ("a.wav", "FLOAT", 0),
        ("a.wav", "DOUBLE", 0),
        ("a.flac", "PCM_24", 2e-7),
        ("a.aiff", "PCM_16", 4e-5),
        ("a.aiff", "PCM_32", 1e-7),
    ],
)
def test_lossless_files_come_back_as_written(tmp_path: Path, name: str, subtype: str, tolerance: float) -> None:
    samples = tone()
    soundfile.write(tmp_path / name, samples.T, 44_100, subtype=subtype)
    clip, warnings = read_clip(tmp_path / name)
    assert (clip.rate, clip.samples.shape, clip.name, warnings) == (44_100, samples.shape, "a", ())
    assert np.abs(clip.samples - samples).max() <= tolerance


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mp3", "mp3", 44_100),
        ("a.m4a", "aac", 44_100),
        ("a.aac", "aac", 22_050),
        ("a.opus", "libopus", 48_000),
        ("a.webm", "libopus", 48_000),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_files_come_back_alike(tmp_path: Path, name: str, codec: str, rate: int, channels: int) -> None:
    samples = tone(rate=rate, channels=channels)
    clip, warnings = read_clip(encode(tmp_path / name, samples, rate, codec))
    assert (clip.rate, clip.samples.shape[0], warnings) == (rate, channels, ())
    assert clip.seconds == pytest.approx(2.0, abs=0.1)
    assert correlation(clip.samples[0], samples[0]) > 0.98


def test_vorbis_comes_back_alike(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", tone().T, 44_100)
    clip, _ = read_clip(tmp_path / "a.ogg")
    assert (clip.rate, clip.samples.shape[0]) == (44_100, 2)
    assert correlation(clip.samples[0], tone()[0]) > 0.98


def test_eight_channels_at_96_khz_become_two(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.5, 96_000, channels=8).T, 96_000)
    clip, _ = read_clip(tmp_path / "a.wav")
    assert (clip.samples.shape, clip.rate) == ((2, 144_000), 96_000)
    assert 0.1 < np.abs(clip.samples).max() <= 1


def test_faster_rates_are_read_at_96_khz(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0, 192_000, channels=1).T, 192_000)
    clip, _ = read_clip(tmp_path / "a.wav")
    assert clip.rate == 96_000
    assert clip.seconds == pytest.approx(1.0, abs=1e-3)
    assert correlation(clip.samples[0], tone(1.0, 96_000, channels=1)[0]) > 0.999


def test_fold_follows_the_channels_positions() -> None:
    names = ("FL", "FR", "FC", "LFE", "BL", "BR")
    only = {name: fold(np.eye(6, dtype=np.float32)[:, [i]], names)[:, 0] for i, name in enumerate(names)}
    assert only["FL"][0] > 0
    assert only["FL"][1] == 0
    assert only["FC"][0] == only["FC"][1] > 0
    assert not only["LFE"].any()
    assert np.abs(fold(np.ones((6, 1), np.float32), names)).max() <= 1 + 1e-6
    assert fold(np.ones((5, 1), np.float32)).shape == (2, 1)


def test_long_files_are_cut_with_a_warning(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(3.0).T, 44_100)
    clip, warnings = read_clip(tmp_path / "a.wav", max_seconds=2)
    assert clip.seconds == pytest.approx(2.0)
    assert any("only its beginning" in w for w in warnings)


def test_ten_minutes_exactly_is_not_too_long(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(8000 * 600, np.int16), 8000)
    clip, warnings = read_clip(tmp_path / "a.wav")
    assert (clip.seconds, warnings) == (600.0, ())


def test_samples_that_are_not_numbers_become_silence(tmp_path: Path) -> None:
    samples = tone(channels=1)
    samples[0, 100:200], samples[0, 300], samples[0, 400] = np.nan, np.inf, -1e30
    soundfile.write(tmp_path / "a.wav", samples.T, 44_100, subtype="FLOAT")
    clip, warnings = read_clip(tmp_path / "a.wav")
    assert np.isfinite(clip.samples).all()
    assert not clip.samples[0, 100:200].any()
    assert np.abs(clip.samples).max() == pytest.approx(0.5, abs=1e-3)
    assert any("not a number" in w for w in warnings)


def test_a_float_file_over_full_scale_is_turned_down_not_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", 8 * tone().T, 44_100, subtype="FLOAT")
    clip, _ = read_clip(tmp_path / "a.wav")
    assert np.allclose(clip.samples, 2 * tone(), atol=1e-5)


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Name -> (a file nobody can listen to, words its sentence must hold)."""
    files = {name: folder / name for name in ("empty.wav", "text.mp3", "list.m3u8", "short.wav", "nan.wav", "head.wav")}
    files["empty.wav"].touch()
    files["text.mp3"].write_text("This is a shopping list, not music. " * 200)
    files["list.m3u8"].write_text(f"#EXTM3U\n#EXTINF:10,\nfile://{folder}/other.wav\n#EXT-X-ENDLIST\n")
    soundfile.write(folder / "other.wav", tone().T, 44_100)
    soundfile.write(files["short.wav"], tone(0.2).T, 44_100)
    soundfile.write(files["nan.wav"], np.full((44_100, 1), np.nan), 44_100, subtype="FLOAT")
    files["head.wav"].write_bytes((folder / "other.wav").read_bytes()[:44])
    with av.open(str(folder / "silent film.mp4"), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width, video.height = 64, 64
        for _ in range(20):
            container.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(video.encode(None))
    return {
        "missing": (folder / "nowhere.wav", "no file"),
        "folder": (folder, "folder"),
        "empty": (files["empty.wav"], "empty"),
        "text": (files["text.mp3"], "not a sound file"),
        "playlist": (files["list.m3u8"], "not a sound file"),
        "0.2 s": (files["short.wav"], "only 0.2 s"),
        "NaN": (files["nan.wav"], "not a number"),
        "header only": (files["head.wav"], "nothing in it can be played"),
        "film without sound": (folder / "silent film.mp4", "no sound in it"),
    }


def test_bad_files_get_one_clear_sentence_and_a_hint(tmp_path: Path) -> None:
    for kind, (path, words) in bad_files(tmp_path).items():
        with pytest.raises(UserError) as caught:
            read_clip(path)
        assert words in caught.value.message, kind
        assert caught.value.message.endswith("."), kind
        assert caught.value.hint, kind


@pytest.mark.parametrize("name", ["a\x00b.wav", "x" * 5000, "a\nb.wav"])
def test_impossible_names_are_refused_in_a_short_printable_sentence(name: str) -> None:
    with pytest.raises(UserError) as caught:
        read_clip(name)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


def test_a_damaged_middle_is_left_out(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 4 * 44_100)).astype(np.float32)
    data = bytearray(encode(tmp_path / "a.m4a", noise, 44_100, "aac").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4000] = b"\xff" * 4000
    (tmp_path / "a.m4a").write_bytes(data)
    clip, warnings = read_clip(tmp_path / "a.m4a")
    assert 2 < clip.seconds < 4.2
    assert any("damaged" in w for w in warnings)


def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp3", tone(4.0), 44_100, "mp3")
    data = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "a.mp3").write_bytes(data[: len(data) // 2])
    assert read_clip(tmp_path / "a.mp3").clip.seconds == pytest.approx(2.0, abs=0.2)


ODD_SCRIPT = """
import json, sys
from core.audio import read_clip
from core.errors import UserError
for path in sys.stdin.read().split("\\n"):
    try:
        clip, _ = read_clip(path)
        answer = "read" if 0.9 < clip.seconds <= 600 and abs(clip.samples).max() <= 1 else "out of bounds"
    except UserError as error:
        answer = "refused" if error.message.endswith(".") and error.hint else "unclear"
    print(json.dumps([path, answer]), flush=True)
"""


@pytest.mark.skipif(not (DATA / "odd_audio").is_dir(), reason="the odd_audio files are not here")
def test_odd_files_neither_crash_nor_hang() -> None:
    paths = sorted(str(p) for p in (DATA / "odd_audio").iterdir())
    done = subprocess.run(
        [sys.executable, "-c", ODD_SCRIPT], input="\n".join(paths), capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"stopped at {paths[len(rows)]}: {done.stderr[-500:]}"
    assert [row[0] for row in rows] == paths
    assert {row[1] for row in rows} == {"read", "refused"}
    assert sum(row[1] == "read" for row in rows) >= 160


def test_resample_keeps_the_tone_and_the_length() -> None:
    clip = AudioClip(tone(rate=48_000), 48_000)
    other = resample(clip, 22_050)
    assert other.samples.shape == (2, 44_100)
    assert correlation(other.samples[0], tone(rate=22_050)[0]) > 0.999
    assert resample(clip, 48_000) is clip


def test_loudness_of_the_standard_tone() -> None:
    # EBU Tech 3341, case 1: a stereo 1000 Hz tone with peaks of -23 dBFS measures -23 LUFS
    wave = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(48_000 * 5) / 48_000)
    assert loudness_lufs(AudioClip(np.stack([wave, wave]).astype(np.float32), 48_000)) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("n", [10, 48_000])
def test_loudness_of_silence_is_a_number(n: int) -> None:
    assert loudness_lufs(AudioClip(np.zeros((1, n), np.float32), 48_000)) == -70


def test_peaks_bound_the_sound() -> None:
    samples = np.linspace(-1, 1, 1000, dtype=np.float32)[None]
    picture = peaks(AudioClip(samples, 1000), 10)
    assert picture.shape == (10, 2)
    assert picture[0, 0] == -1
    assert picture[-1, 1] == 1
    assert np.allclose(picture[1:, 0], samples[0, 100::100])
    assert peaks(AudioClip(samples[:, :5].copy(), 1000), 20).shape == (20, 2)


@pytest.mark.parametrize(("bits", "tolerance"), [(16, 4e-5), (24, 2e-7), (32, 0)])
def test_write_wav_round_trip(tmp_path: Path, bits: int, tolerance: float) -> None:
    clip = AudioClip(tone(), 32_000)
    back = read_clip(write_wav(clip, tmp_path / "out.wav", bits=bits)).clip
    assert back.rate == 32_000
    assert np.abs(back.samples - clip.samples).max() <= tolerance
    assert [p.name for p in tmp_path.iterdir()] == ["out.wav"]


def test_write_wav_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever libsndfile says
        write_wav(AudioClip(tone(), 44_100), tmp_path / "no" / "such" / "folder.wav")
    assert not list(tmp_path.iterdir())
