"""Folders of one's own pictures, in all the forms in which words come with them; what is wrong is a sentence."""

import json

import numpy as np
import pytest
from PIL import Image

from core.errors import UserError
from lora.examples import folder_examples, square


def deaf(clip):
    raise AssertionError(f"nobody should listen to {clip}")


def read(folder, hear=deaf):
    return folder_examples(folder, size_px=32, hear=hear)


def refused(folder) -> str:
    with pytest.raises(UserError) as caught:
        read(folder)
    assert caught.value.hint
    return caught.value.message


@pytest.fixture
def folder(tmp_path):
    """a.png and b.jpg, in that order one dark and one bright."""
    for name, light in (("b.jpg", 220), ("a.png", 20)):
        Image.new("RGB", (40, 40), (light,) * 3).save(tmp_path / name)
    return tmp_path


def test_captions_beside_pictures(folder):
    (folder / "a.txt").write_text("\ufeffa dark one\n", "utf-8")
    (folder / "b.txt").write_text("été", "utf-8")
    (folder / "notes.md").write_text("left alone")
    examples = read(folder)
    assert examples.captions == ("a dark one", "été")
    assert examples.pixels.shape == (2, 32, 32, 3)
    assert examples.pixels[0].mean() < 30 < 200 < examples.pixels[1].mean()


def test_metadata_lists_the_pictures_and_their_words(folder):
    (folder / "deep").mkdir()
    (folder / "a.png").rename(folder / "deep" / "a.png")
    rows = [{"file_name": "b.jpg", "text": "bright"}, {"file_name": "deep/a.png", "text": "dark", "more": 1}]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    assert read(folder).captions == ("bright", "dark")
    (folder / "metadata.jsonl").unlink()
    (folder / "metadata.csv").write_text('file_name,text\ndeep/a.png,"dark, very"\nb.jpg,bright\n')
    examples = read(folder)
    assert examples.captions == ("dark, very", "bright")
    assert examples.pixels[0].mean() < 30


def test_a_clip_beside_a_picture_is_heard(folder):
    (folder / "a.mp3").write_bytes(b"sound")
    (folder / "b.txt").write_text("bright")
    (folder / "b.wav").write_bytes(b"not heard: the person's own words come first")
    heard = []

    def hear(clip):
        heard.append(clip.name)
        return "a moonlit sea"

    assert read(folder, hear).captions == ("a moonlit sea", "bright")
    assert heard == ["a.mp3"]


def test_folders_that_cannot_be_used_are_a_sentence(folder, tmp_path):
    assert "no folder" in refused(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in refused(tmp_path / "empty")
    assert "a.png has no caption" in refused(folder)
    (folder / "a.txt").write_bytes(b"\xff\xfe\xfa")
    assert "a.txt is not text in UTF-8" in refused(folder)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metadata.jsonl", "{", "not JSON"),
        ("metadata.jsonl", '{"file_name": "a.png"}', "Row 1 of metadata.jsonl lacks"),
        ("metadata.jsonl", "[1]", "Row 1 of metadata.jsonl lacks"),
        ("metadata.csv", "file,text\na.png,x\n", "Row 1 of metadata.csv lacks"),
        ("metadata.csv", "file_name,text\na.png,x\nc.png,y\n", "Row 2 of metadata.csv names c.png, which is not there"),
    ],
)
def test_metadata_that_is_wrong_is_a_sentence(folder, name, content, said):
    (folder / name).write_text(content)
    assert said in refused(folder)


def test_the_middle_is_kept_upright_and_on_white(tmp_path):
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[:, 40:60] = 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    pixels = square(tmp_path / "wide.png", 32)
    assert (pixels[16, 16, 0], pixels[16, 0, 0] < 20) == (200, True)
    clear = np.zeros((40, 40, 4), np.uint8)
    Image.fromarray(clear).save(tmp_path / "clear.png")
    assert square(tmp_path / "clear.png", 32).min() == 255
    top = np.zeros((40, 40, 3), np.uint8)
    top[:10] = 255
    turned = Image.Exif()
    turned[0x0112] = 3  # held upside down
    Image.fromarray(top).save(tmp_path / "turned.jpg", exif=turned)
    assert square(tmp_path / "turned.jpg", 32)[-2].mean() > 200
    Image.new("P", (40, 40), 3).save(tmp_path / "palette.png")
    Image.new("I;16", (40, 40), 3).save(tmp_path / "deep.png")
    assert square(tmp_path / "palette.png", 32).shape == square(tmp_path / "deep.png", 32).shape == (32, 32, 3)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_named(tmp_path, content):
    (tmp_path / "b.png").write_bytes(content)
    with pytest.raises(UserError, match=r"b\.png cannot be read"):
        square(tmp_path / "b.png", 32)
