"""The main job for real, on the bundled weights: a clip is heard, painted and played."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from core.errors import Cancelled, UserError
from core.files import read_settings
from core.types import MusicRequest
from corpus.captions import EMOTIONS, GENRES, KEYS
from pipelines.__main__ import main
from pipelines.compose import compose
from pipelines.journey import Journey, description_json, travel


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of music by our own composer."""
    music = compose(MusicRequest("a joyful disco tune", engine="composer", seconds=12, seed=5, tempo_bpm=120)).clip
    path = tmp_path_factory.mktemp("clips") / "disco.wav"
    soundfile.write(path, music.samples.T, music.rate)
    return path


@pytest.fixture(scope="module")
def stages(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Journey]:
    return list(travel(clip, out=tmp_path_factory.mktemp("out"), seconds=5, seed=11))


def test_the_stages_arrive_in_order(stages: list[Journey]) -> None:
    assert [(s.picture is not None, s.files is not None) for s in stages] == [
        (False, False),
        (True, False),
        (True, True),
    ]


def test_the_description_is_plain_and_complete(stages: list[Journey]) -> None:
    answer = json.loads(json.dumps(description_json(stages[0].description)))
    assert set(answer["genre"]) == set(GENRES)
    assert set(answer["emotion"]) == set(EMOTIONS)
    assert sum(answer["genre"].values()) == pytest.approx(1, abs=0.01)
    assert answer["key"] in KEYS
    assert answer["seconds"] == pytest.approx(12, abs=0.05)
    along, evidence = answer["over_time"], answer["evidence"]
    assert len(along["times_s"]) == len(along["genre"]["jazz"]) == len(along["emotion"]["sadness"]) > 1
    assert sum(along["genre"][genre][0] for genre in GENRES) == pytest.approx(1, abs=0.01)
    assert set(evidence["genre"]) == set(GENRES)
    assert [len(strip) for strip in evidence["emotion"].values()] == [12] * len(EMOTIONS)
    assert max(map(abs, evidence["genre"]["disco"])) <= 1
    assert any(answer["tempo_bpm"] * factor == pytest.approx(120, rel=0.04) for factor in (0.5, 1, 2))


def test_the_picture_is_a_picture_with_its_settings(stages: list[Journey]) -> None:
    picture = stages[-1].picture
    assert picture is not None
    with Image.open(picture) as image:
        pixels = np.asarray(image, dtype=float)
    assert pixels.shape[2] == 3
    assert pixels.std() > 10
    settings = read_settings(picture)
    assert settings is not None
    assert settings.image is not None
    assert settings.image.prompt == stages[0].description.image_prompt
    assert settings.image.seed == 11


def test_the_music_is_as_long_as_asked_and_audible(stages: list[Journey]) -> None:
    files = stages[-1].files
    assert files is not None
    sound, rate = soundfile.read(files.wav, always_2d=True)
    assert len(sound) == round(5 * rate)
    assert 0.01 < np.sqrt((sound**2).mean()) < 0.5
    assert np.abs(sound).max() <= 1
    assert files.midi is not None
    settings = read_settings(files.mp3)
    assert settings is not None
    assert settings.music is not None
    assert (settings.music.seed, settings.music.seconds) == (11, 5)
    assert settings.music.tempo_bpm == round(stages[0].description.traits.beats.tempo_bpm)


def test_cancelling_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    def stop(fraction: float, what: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(travel(clip, out=tmp_path / "out", seconds=5, seed=1, progress=stop))
    assert not list((tmp_path / "out").glob("*"))


def test_a_bad_number_is_refused_before_any_work(clip: Path, tmp_path: Path) -> None:
    for change in ({"seconds": 10_000.0}, {"seed": -4}, {"engine": "kazoo"}):
        with pytest.raises(UserError):
            next(travel(clip, out=tmp_path, **{"seconds": 5.0, "seed": 1, **change}))


def test_the_command_line_survives_a_bad_file(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_text("this is not music")
    status = main([str(bad), str(clip), "--out", str(tmp_path / "out"), "--seconds", "2", "--seed", "3"])
    printed = capsys.readouterr()
    assert status == 1
    assert "1 of 2 clips done, seed 3" in printed.out
    assert "bad.mp3" in printed.err
    assert "Traceback" not in printed.err
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", ".mid", ".mp3", ".png", ".wav"]


def test_the_command_line_refuses_a_bad_seed(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(clip), "--out", str(tmp_path), "--seed", "-1"]) == 2
    assert "out of range" in capsys.readouterr().err
