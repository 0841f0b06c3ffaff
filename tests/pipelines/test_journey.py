"""The main job for real, on the bundled weights: a clip is heard, painted and played."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from core.audio import read_clip
from core.errors import Cancelled, UserError
from core.files import read_settings
from core.types import GeneratedImage, ImageRequest, MusicRequest, Provenance
from corpus.captions import EMOTIONS, GENRES, KEYS
from pipelines import compose, illustrate, share_frames
from pipelines.__main__ import main
from pipelines.journey import Journey, Painting, description_json, travel
from pipelines.layout import layout_of
from pipelines.picture_request import LAYOUT_STRENGTH
from tests.pipelines import stub_engine


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of music by our own composer."""
    music = compose.compose(
        MusicRequest("a joyful disco tune", engine="composer", seconds=12, seed=5, tempo_bpm=120)
    ).clip
    path = tmp_path_factory.mktemp("clips") / "disco.wav"
    soundfile.write(path, music.samples.T, music.rate)
    return path


@pytest.fixture(scope="module")
def stages(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Journey]:
    return list(travel(clip, out=tmp_path_factory.mktemp("out"), seconds=5, seed=11))


@pytest.fixture(scope="module")
def shaped(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Two small pictures that the clip shaped, and a film."""
    out = tmp_path_factory.mktemp("shaped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(share_frames, "SIDE_PX", 160)
        painting = Painting(aspect="16:9")
        stages = travel(
            clip, out=out, seconds=2, seed=11, engine="composer", painting=painting, layout_strength=0.6, pictures=2,
            share=True,
        )  # fmt: skip
        return list(stages)[-1]


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


def test_unless_told_the_clip_shapes_the_picture_as_the_model_likes(clip: Path, stages: list[Journey]) -> None:
    image = stages[-1].image
    assert image is not None
    assert image.request.layout == layout_of(read_clip(clip).clip, stages[0].description.traits.beats)
    assert image.request.layout_strength == LAYOUT_STRENGTH["bundled"]
    assert (stages[-1].other_pictures, stages[-1].video) == ((), None)


def test_at_strength_zero_the_words_are_alone(clip: Path, tmp_path: Path) -> None:
    journey = travel(clip, out=tmp_path, seconds=2, seed=11, engine="composer", layout_strength=0)
    next(journey)
    image = next(journey).image
    assert image is not None
    assert (image.request.layout, image.request.layout_strength) == (None, None)


def test_the_clip_shapes_the_pictures(clip: Path, stages: list[Journey], shaped: Journey) -> None:
    assert shaped.picture is not None
    ((other, path),) = shaped.other_pictures
    beats = stages[0].description.traits.beats
    for file, seed in ((shaped.picture, 11), (path, 12)):
        settings = read_settings(file)
        assert settings is not None
        assert settings.image is not None
        assert settings.image.seed == seed
        assert settings.image.layout == layout_of(read_clip(clip).clip, beats)
        assert settings.image.layout_strength == 0.6
    assert other.pixels.shape[1] / other.pixels.shape[0] == pytest.approx(16 / 9, rel=0.1)


def test_the_film_is_of_the_picture_and_the_music(shaped: Journey) -> None:
    assert shaped.files is not None
    assert shaped.video == shaped.files.wav.with_suffix(".mp4")
    back, painted, played = map(read_settings, (shaped.video, shaped.picture, shaped.files.wav))
    assert (back.image, back.music) == (painted.image, played.music)
    with av.open(str(shaped.video)) as film:
        assert [stream.type for stream in film.streams] == ["video", "audio"]
        assert film.duration is not None
        assert film.duration / 1e6 == pytest.approx(2, abs=0.04)
        assert shaped.description.image_prompt in film.metadata["comment"]
        assert "bpm" in film.metadata["title"]


def test_cancelling_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    def stop(fraction: float, what: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(travel(clip, out=tmp_path / "out", seconds=5, seed=1, progress=stop))
    assert not list((tmp_path / "out").glob("*"))


def test_a_bad_number_is_refused_before_any_work(clip: Path, tmp_path: Path) -> None:
    for change in (
        {"seconds": 10_000.0},
        {"seed": -4},
        {"engine": "kazoo"},
        {"pictures": 10},
        {"layout_strength": 1.2},
    ):
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
    suffixes = sorted(path.suffix for path in (tmp_path / "out").iterdir())
    assert suffixes == [".flac", ".json", ".mid", ".mp3", ".png", ".wav"]


def test_the_command_line_goes_on_from_a_clip_and_keeps_the_best(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(compose.ENGINES, "stub", "tests.pipelines.stub_engine")
    out = tmp_path / "out"
    options = ["--engine", "stub", "--continue", "--prompt-seconds", "3", "--best-of", "3", "--variations", "2"]
    assert main([str(clip), "--out", str(out), "--seconds", "2", "--seed", "5", *options]) == 0
    printed = capsys.readouterr().out
    assert "Best of 3: the " in printed
    assert sum(line.startswith("  ") for line in printed.splitlines()) == 2
    assert "asked " in printed
    joined = sorted(out.glob("*_joined.flac"))
    assert len(joined) == len(list(out.glob("*.mp3"))) == 2
    assert [round(soundfile.info(path).duration, 2) for path in joined] == [14.0, 14.0]
    task = stub_engine.SEEN[-1]
    assert [request.seed for request in task.requests] == [5, 6, 7]
    assert (task.requests[0].mode, task.requests[0].prompt_s) == ("continue", 3.0)
    assert task.source is not None
    record = json.loads(next(out.glob("*.json")).read_text())
    assert {take["file"] for take in record["music"]} == {path.name for path in out.glob("*.wav")}
    assert record["music"][0]["asked_and_got"].startswith("Best of 3")


@pytest.mark.parametrize("options", [["--best-of", "9"], ["--variations", "0"], ["--melody", "--engine", "composer"]])
def test_the_command_line_refuses_what_cannot_be_made(
    options: list[str], clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(clip), "--out", str(tmp_path / "out"), *options]) == 1
    assert "Traceback" not in (printed := capsys.readouterr().err)
    assert "number of variations" in printed or "cannot make music on a given melody" in printed
    assert not (tmp_path / "out").exists()


def test_the_command_line_paints_as_it_is_told(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def painted(request: ImageRequest, n: int, **_: object) -> list[GeneratedImage]:
        asked.update(request=request)
        pixels = np.zeros((72, 128, 3), np.uint8)
        made = Provenance("none", "", "rules", "")
        return [GeneratedImage(pixels, replace(request, seed=request.seed + i), made) for i in range(n)]

    monkeypatch.setattr(illustrate, "variations", painted)
    monkeypatch.setitem(compose.ENGINES, "stub", "tests.pipelines.stub_engine")
    monkeypatch.setattr(share_frames, "SIDE_PX", 96)
    options = [
        "--shape",
        "0.5",
        "--pictures",
        "3",
        "--aspect",
        "16:9",
        "--upscale",
        "2",
        "--negative",
        "text",
        "--share",
    ]
    out = tmp_path / "out"
    assert main([str(clip), "--out", str(out), "--seconds", "1", "--seed", "5", "--engine", "stub", *options]) == 0
    request = asked["request"]
    assert (request.aspect, request.upscale, request.negative_prompt) == ("16:9", 2, "text")
    assert (request.layout_strength, request.seed) == (0.5, 5)
    record = json.loads(next(out.glob("*.json")).read_text())
    assert sorted(record["pictures"]) == sorted(path.name for path in out.glob("*.png"))
    assert len(record["pictures"]) == 3
    assert (out / record["video"]).suffix == ".mp4"
    assert record["video"] in capsys.readouterr().out


def test_the_command_line_wears_several_adapters(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worn: list[object] = []

    def travelled(*_: object, adapters: object, **__: object) -> Iterator[Journey]:
        worn.append(adapters)
        yield from ()
        raise UserError("That will do.")

    monkeypatch.setattr("pipelines.__main__.travel", travelled)
    main([str(clip), "--out", str(tmp_path), "--adapter", "neon:0.5", "--adapter", "chalk", "--adapter", "woodcut:-1"])
    assert worn == [(("neon", 0.5), ("chalk", 1.0), ("woodcut", -1.0))]


def test_the_command_line_refuses_a_bad_seed(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(clip), "--out", str(tmp_path), "--seed", "-1"]) == 2
    assert "out of range" in capsys.readouterr().err
