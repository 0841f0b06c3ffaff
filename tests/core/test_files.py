"""Names, settings inside files, and settings back out."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image
from symusic import Score, Track

from core import files, settings
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
    assert back == settings.Settings(image.request, None, WORDS)
    with Image.open(path) as picture:
        assert np.array_equal(np.asarray(picture), image.pixels)
        text = picture.text["parameters"]
    assert text.splitlines()[0] == "sea, calm <tag> ünïcode <lora:watercolour:0.8>"
    assert text.splitlines()[1] == "Negative prompt: blur"
    assert "Steps: 12, CFG scale: 3.0, Seed: 42, Size: 96x64, Model: synthesete-painter" in text


def test_a_picture_of_any_kind_is_read_and_anything_else_is_a_sentence(tmp_path: Path) -> None:
    Image.new("RGBA", (3000, 1500), (20, 160, 60, 255)).save(tmp_path / "a.webp")
    pixels = files.read_picture(tmp_path / "a.webp")
    assert (pixels.shape, pixels.dtype) == ((1024, 2048, 3), np.uint8)
    for content in (b"", b"hello", b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "b.png").write_bytes(content)
        with pytest.raises(UserError, match="no picture"):
            files.read_picture(tmp_path / "b.png")


def test_music_settings_tags_and_sound_come_back(image: GeneratedImage, music: GeneratedClip, tmp_path: Path) -> None:
    cover = files.save_picture(image, tmp_path, words=WORDS)
    saved = files.save_clip(music, tmp_path, words=WORDS, cover=cover)
    assert saved.flac is not None
    for path in (saved.wav, saved.flac, saved.mp3):
        back = files.read_settings(path)
        assert back is not None
        assert back.music == music.request
        assert back.description == WORDS
    for path in (saved.wav, saved.flac):
        sound, rate = soundfile.read(path, always_2d=True)
        assert rate == 32000
        assert np.abs(sound.T - music.clip.samples).max() < 2**-22
        assert soundfile.info(path).subtype == "PCM_24"
    with av.open(str(saved.mp3)) as container:
        assert abs(container.duration / 1e6 - 2.0) < 0.1
        assert container.streams.audio[0].codec_context.bit_rate == 320_000
    assert saved.midi is not None
    assert saved.midi.read_bytes() == b"MThd-something"


def test_notes_that_were_heard_are_called_an_estimate(music: GeneratedClip, tmp_path: Path) -> None:
    assert files.save_clip(replace(music, midi=None), tmp_path, name="a").midi is None
    heard = files.save_clip(replace(music, midi_is_estimate=True), tmp_path, name="b").midi
    assert heard is not None
    assert heard.name == "b_estimate.mid"


def test_a_continuation_is_saved_alone_and_joined(music: GeneratedClip, tmp_path: Path) -> None:
    going_on = replace(music, lead_in=music.clip, clip=replace(music.clip, samples=music.clip.samples[:, 20:]))
    long = AudioClip(np.tile(music.clip.samples, 3), 32000)
    saved = files.save_clip(going_on, tmp_path, name="a", joined=long)
    assert saved.joined == tmp_path / "a_joined.flac"
    assert soundfile.info(saved.joined).frames == 3 * 64000
    back = files.read_settings(saved.joined)
    assert back is not None
    assert back.music == music.request
    alone, _ = soundfile.read(saved.wav, always_2d=True)
    assert abs(going_on.clip.samples[0, 0]) > 0.2
    assert abs(alone[0, 0]) < 1e-3  # it begins in the midst of sound, and still opens without a click


def test_new_settings_come_back_and_old_files_are_still_read(music: GeneratedClip, tmp_path: Path) -> None:
    asked = replace(music.request, mode="continue", prompt_s=4.5, source="my clip.wav", guidance=2.5, temperature=None)
    sheet = Score(480)
    sheet.tracks.append(Track(name="melody"))
    score = replace(music, request=asked, midi=bytes(sheet.dumps_midi()))
    saved = files.save_clip(score, tmp_path, name="a")
    for path in (saved.wav, saved.flac, saved.mp3, saved.midi):
        back = files.read_settings(path)  # type: ignore[arg-type]
        assert back is not None
        assert back.music == asked
    old = json.loads(settings.settings_json(music, {}))
    for later in ("mode", "prompt_s", "source"):
        del old["request"][later]
    back = files.read_settings(_wav_with(json.dumps(old), tmp_path))
    assert back is not None
    assert back.music == music.request


@pytest.mark.parametrize("change", [{"mode": 3}, {"prompt_s": "4"}, {"seed": True}, {"tempo_bpm": [96]}, {"seed": 1.5}])
def test_settings_of_the_wrong_kind_are_a_sentence(
    music: GeneratedClip, change: dict[str, object], tmp_path: Path
) -> None:
    data = json.loads(settings.settings_json(music, {}))
    with pytest.raises(UserError, match="cannot read"):
        files.read_settings(_wav_with(json.dumps(data | {"request": data["request"] | change}), tmp_path))


def _wav_with(text: str, folder: Path) -> Path:
    from mutagen.id3 import TXXX
    from mutagen.wave import WAVE

    path = folder / "old.wav"
    soundfile.write(path, np.zeros(800), 8000)
    audio = WAVE(path)
    audio.add_tags()
    audio.tags.add(TXXX(encoding=3, desc="synthesete", text=text))
    audio.save()
    return path


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
    assert list(tmp_path.iterdir()) == []


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
    info.add_text("synthesete", json.dumps(json.loads(settings.settings_json(image, {})) | change))
    Image.fromarray(image.pixels).save(tmp_path / "a.png", pnginfo=info)
    with pytest.raises(UserError, match="cannot read"):
        files.read_settings(tmp_path / "a.png")
