"""Names, settings inside files, and settings back out."""

import json
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from core import files
from core.errors import UserError
from core.types import AudioClip, GeneratedClip, GeneratedImage, ImageRequest, MusicRequest, Provenance

WORDS = {"caption": 'A calm "jazz" piece\nin B♭', "genre": "jazz", "emotion": "calmness", "tempo_bpm": 96.0}
ORIGIN = Provenance("synthesete-painter", "", "bundled", "Apache-2.0", ("watercolour",), "cpu", 1.5)


@pytest.fixture
def image() -> GeneratedImage:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 96, 3), dtype=np.uint8)
    request = ImageRequest("sea, calm <tag> ünïcode", "blur", 42, 12, 3.0, 64, (("watercolour", 0.8),))
    return GeneratedImage(pixels, request, ORIGIN)


@pytest.fixture
def music() -> GeneratedClip:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * 32000) / 32000)
    request = MusicRequest("calm jazz", "composer", 2.0, 7, 96.0, "jazz", "calmness", "A minor", ("piano",))
    clip = AudioClip(np.stack([tone, tone]).astype(np.float32), 32000)
    return GeneratedClip(clip, request, ORIGIN, midi=b"MThd-something")


def test_the_name_tells_when_what_tempo_and_seed() -> None:
    when = datetime(2026, 11, 20, 14, 30, 12)
    name = files.result_name(genre="jazz", emotion="calmness", tempo_bpm=96.2, seed=42, when=when)
    assert name == "20261120-143012_jazz-calmness_96bpm_s42"


def test_a_name_never_leaves_its_folder() -> None:
    assert "/" not in files.result_name(genre="../../etc", emotion="a/b", seed=1)


def test_picture_settings_come_back(image: GeneratedImage, tmp_path: Path) -> None:
    path = files.save_picture(image, tmp_path, words=WORDS)
    back = files.read_settings(path)
    assert back == files.Settings(image.request, None, WORDS)
    with Image.open(path) as picture:
        assert np.array_equal(np.asarray(picture), image.pixels)
        text = picture.text["parameters"]
    assert text.splitlines()[0] == "sea, calm <tag> ünïcode <lora:watercolour:0.8>"
    assert text.splitlines()[1] == "Negative prompt: blur"
    assert "Steps: 12, CFG scale: 3.0, Seed: 42, Size: 96x64, Model: synthesete-painter" in text


def test_music_settings_tags_and_sound_come_back(image: GeneratedImage, music: GeneratedClip, tmp_path: Path) -> None:
    cover = files.save_picture(image, tmp_path, words=WORDS)
    saved = files.save_clip(music, tmp_path, words=WORDS, cover=cover)
    for path in (saved.wav, saved.mp3):
        back = files.read_settings(path)
        assert back is not None
        assert back.music == music.request
        assert back.description == WORDS
        with av.open(str(path)) as container:
            tags = {key.lower(): value for key, value in container.metadata.items()}
            assert tags.get("tbpm", tags.get("bpm")) == "96"
            assert tags.get("tkey", tags.get("initialkey")) == "Am"
    sound, rate = soundfile.read(saved.wav, always_2d=True)
    assert rate == 32000
    assert np.abs(sound.T - music.clip.samples).max() < 2**-22
    assert soundfile.info(saved.wav).subtype == "PCM_24"
    with av.open(str(saved.mp3)) as container:
        assert abs(container.duration / 1e6 - 2.0) < 0.1
        assert 300_000 < container.bit_rate < 420_000  # 320 kbit/s, and a short file's cover beside it
    assert saved.midi is not None
    assert saved.midi.read_bytes() == b"MThd-something"


def test_mp3_keeps_the_pitch(music: GeneratedClip, tmp_path: Path) -> None:
    files.write_mp3(AudioClip(music.clip.samples, 22050), tmp_path / "a.mp3")
    sound, rate = soundfile.read(tmp_path / "a.mp3", always_2d=True)
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    assert np.argmax(spectrum) * rate / len(sound) == pytest.approx(440 * 22050 / 32000, abs=1.0)


def test_a_second_result_of_the_same_name_keeps_the_first(image: GeneratedImage, tmp_path: Path) -> None:
    first = files.save_picture(image, tmp_path, name="a")
    second = files.save_picture(image, tmp_path, name="a")
    assert (first.name, second.name) == ("a.png", "a-2.png")


def test_nothing_half_written_stays(music: GeneratedClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(clip: AudioClip, path: Path) -> None:
        path.write_bytes(b"RIFF")
        raise OSError("disk full")

    monkeypatch.setattr(files, "write_mp3", broken)
    with pytest.raises(OSError, match="disk full"):
        files.save_clip(music, tmp_path, name="a")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF0000WAVE", b"\x89PNG\r\n\x1a\n"])
def test_a_file_without_settings_gives_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert files.read_settings(path) is None


@pytest.mark.parametrize("change", [{"request": {"prompt": "a", "surprise": 1}}, {"kind": None, "request": 3}])
def test_settings_that_cannot_be_read_are_a_sentence(
    image: GeneratedImage, change: dict[str, object], tmp_path: Path
) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("synthesete", json.dumps(json.loads(files.settings_json(image, {})) | change))
    Image.fromarray(image.pixels).save(tmp_path / "a.png", pnginfo=info)
    with pytest.raises(UserError, match="cannot read"):
        files.read_settings(tmp_path / "a.png")
