"""Tags as other programs see them: FFmpeg's command line, PyAV and mutagen."""

import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import files, tags
from core.types import AudioClip, Beats, GeneratedClip, Match, MusicRequest, Provenance, Scores, Traits

REQUEST = MusicRequest("a calm tune “for Ünal”", "composer", 1.0, 7, 96.4, "hiphop", "calmness", "F# minor", ("piano",))
ORIGIN = Provenance("composer", "", "rules", "Apache-2.0")
HEARD = Traits(
    Scores(("jazz", "rock"), (0.7, 0.3)), Scores(("calmness", "power"), (0.6, 0.4)), Beats(101.7, 0.9, 50.0), "C major",
    0.8, -14.0, 1.0, 1.0,
)  # fmt: skip


@pytest.fixture
def music() -> GeneratedClip:
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(32000) / 32000)
    return GeneratedClip(AudioClip(np.stack([tone, tone]).astype(np.float32), 32000), REQUEST, ORIGIN)


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    path = tmp_path / "cover.png"
    Image.new("RGB", (64, 48), "red").save(path)
    return path


@pytest.mark.parametrize("form", ["wav", "flac", "mp3"])
def test_ffmpeg_prints_them_and_finds_the_cover(form: str, music: GeneratedClip, cover: Path, tmp_path: Path) -> None:
    import imageio_ffmpeg

    saved = files.save_clip(music, tmp_path, name="a", cover=cover)
    path = getattr(saved, form)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    of_the_file = printed.partition("Stream #")[0]
    facts = {key.lower(): value for key, value in re.findall(r"^\s+([\w-]+)\s*: (.*)$", of_the_file, re.MULTILINE)}
    assert facts["title"] == "Hip-Hop in F# minor, 96 bpm"
    assert facts["artist"] == "Synthesete (composer)"
    assert facts["genre"] == "Hip-Hop"
    assert facts.get("tbpm", facts.get("bpm")) == "96"
    assert facts.get("tkey", facts.get("initialkey")) == "F#m"
    assert facts["date"].startswith(str(date.today().year))
    assert facts["comment"] == "Prompt: a calm tune “for Ünal”."
    assert facts["copyright"] == "Apache-2.0"
    assert '"seed": 7' in facts["synthesete"]
    assert "Video: png" in printed
    assert "64x48" in printed


def test_what_was_left_open_is_tagged_as_heard_where_the_ears_are_sure(music: GeneratedClip) -> None:
    free = replace(music, request=replace(REQUEST, tempo_bpm=None, key=None, genre=None))
    assert (tags.tags_of(free, "{}", cover=None).tempo_bpm, tags.tags_of(free, "{}", cover=None).key) == (None, "")
    sure = tags.tags_of(replace(free, match=Match((), 1.0, HEARD)), "{}", cover=None)
    assert (sure.tempo_bpm, sure.key, sure.genre) == (102, "C major", "")
    doubtful = replace(HEARD, beats=Beats(101.7, 0.3, 50.0), key_confidence=0.3)
    unsure = tags.tags_of(replace(free, match=Match((), 1.0, doubtful)), "{}", cover=None)
    assert (unsure.tempo_bpm, unsure.key) == (None, "")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (REQUEST, "Hip-Hop in F# minor, 96 bpm"),
        (MusicRequest("", genre="jazz"), "Jazz"),
        (MusicRequest("a walk by the sea", tempo_bpm=70.0), "A walk by the sea, 70 bpm"),
        (MusicRequest(""), "Music"),
    ],
)
def test_titles_are_plain(request_: MusicRequest, words: str) -> None:
    assert tags.title(request_) == words
    assert tags.title(request_, said="Calm jazz") == "Calm jazz"


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF0000WAVE", b"fLaC", b"ID3", b"MThd\0\0\0\6\0\1\0\0\0\x60"])
def test_other_files_have_no_text(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    path.write_bytes(content)
    assert tags.read_text(path) is None
