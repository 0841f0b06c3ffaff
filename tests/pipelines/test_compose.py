"""The composing verb: what it refuses, what it promises, and two clients at once."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.models import LOADED
from core.types import AudioClip, MusicRequest
from corpus.captions import EMOTIONS, GENRES
from pipelines import compose

PLAIN = MusicRequest("calm jazz with piano", seconds=2.0, seed=7)


@pytest.fixture
def score_model(tiny_score_musicgen: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_score_musicgen))
    return tiny_score_musicgen


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seconds": 10000.0}, r"length 10000 seconds .* 1 to 300 seconds"),
        ({"seconds": 0.2}, r"length 0.2 seconds"),
        ({"seconds": float("nan")}, r"length nan"),
        ({"seed": -1}, r"seed -1 .* 0 to 4294967295"),
        ({"seed": 2**32}, r"seed 4294967296"),
        ({"tempo_bpm": 10.0}, r"tempo 10 bpm .* 30 to 240 bpm"),
        ({"tempo_bpm": float("inf")}, r"tempo inf"),
        ({"guidance": 21.0}, r"guidance 21"),
        ({"temperature": 0.0}, r"temperature 0"),
        ({"genre": "polka"}, r"no genre called 'polka'.*blues, classical"),
        ({"emotion": "hungry"}, r"no emotion called 'hungry'.*amazement"),
        ({"key": "H minor"}, r"no key called 'H minor'.*C major"),
        ({"instruments": ("piano", "kazoo")}, r"no instrument called 'kazoo'.*electric piano"),
        ({"engine": "theremin"}, r"no engine called 'theremin'.*auto, musicgen, composer"),
        ({"prompt": "x" * 2001}, r"2001 characters; at most 2000"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_in_a_sentence(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        compose.check(replace(PLAIN, **change))  # type: ignore[arg-type]


def test_odd_characters_leave_the_prompt_and_auto_is_named() -> None:
    cleaned = compose.check(replace(PLAIN, prompt="calm\x00 \x1b[31mjazz\n\u202e piano \ud800"))
    assert cleaned.prompt == "calm [31mjazz piano"
    assert cleaned.engine == "musicgen"


def test_the_limits_themselves_are_allowed() -> None:
    for seconds in (1.0, 300.0):
        assert compose.check(replace(PLAIN, seconds=seconds, seed=2**32 - 1, tempo_bpm=240.0)).seconds == seconds


def test_importing_the_verb_and_listing_engines_loads_no_torch() -> None:
    program = (
        "import sys; from pipelines import compose; print(len(compose.engines())); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(compose.ENGINES)


def test_every_engine_says_what_it_can(score_model: Path) -> None:
    records = {record["name"]: record for record in compose.engines()}
    assert list(records) == list(compose.ENGINES)
    assert records["musicgen"]["tier"] == "bundled"
    assert "midi" in records["musicgen"]["capabilities"]
    assert records["musicgen"]["limits"] == {"min_seconds": 1.0, "max_seconds": 300.0}
    assert all(record["licence"] and record["label"] for record in records.values())


def test_a_full_tier_model_promises_no_midi(tiny_musicgen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_musicgen))
    record = next(r for r in compose.engines() if r["name"] == "musicgen")
    assert record["tier"] == "full"
    assert "midi" not in record["capabilities"]


def test_the_result_is_exactly_as_long_and_fully_resolved(score_model: Path) -> None:
    made = compose.compose(replace(PLAIN, seconds=3.21))
    assert made.clip.samples.shape == (2, round(3.21 * 32000))
    assert np.isfinite(made.clip.samples).all()
    request = made.request
    assert request.engine == "musicgen"
    assert request.genre == "jazz"
    assert request.emotion == "calmness"
    assert None not in (request.tempo_bpm, request.key, request.guidance, request.temperature)
    assert made.midi is not None
    assert made.midi[:4] == b"MThd"
    assert made.provenance.tier == "bundled"
    assert made.provenance.licence == "Apache-2.0"
    assert made.provenance.seconds_taken > 0


@pytest.mark.parametrize("tempo_bpm", [30.0, 96.0, 240.0])
def test_the_tempo_asked_for_is_the_tempo_of_the_midi(score_model: Path, tempo_bpm: float, tmp_path: Path) -> None:
    from symusic import Score

    made = compose.compose(replace(PLAIN, tempo_bpm=tempo_bpm))
    assert made.request.tempo_bpm == tempo_bpm
    assert made.midi is not None
    (tmp_path / "made.mid").write_bytes(made.midi)
    assert Score(str(tmp_path / "made.mid")).tempos[0].qpm == pytest.approx(tempo_bpm, abs=0.01)


def test_fields_win_over_the_prompt(score_model: Path) -> None:
    made = compose.compose(replace(PLAIN, genre="metal", emotion="tension", key="F# minor", tempo_bpm=150.0))
    assert (made.request.genre, made.request.emotion, made.request.key) == ("metal", "tension", "F# minor")


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_and_some_emotion_can_be_asked_for(score_model: Path, genre: str) -> None:
    emotion = EMOTIONS[GENRES.index(genre) % len(EMOTIONS)]
    made = compose.compose(MusicRequest("", seconds=1.0, genre=genre, emotion=emotion))
    assert (made.request.genre, made.request.emotion) == (genre, emotion)


def test_a_resolved_request_makes_the_same_music_again(score_model: Path) -> None:
    first = compose.compose(replace(PLAIN, tempo_bpm=100.0))
    assert np.array_equal(compose.compose(replace(PLAIN, tempo_bpm=100.0)).clip.samples, first.clip.samples)
    assert not np.array_equal(compose.compose(replace(PLAIN, tempo_bpm=100.0, seed=8)).clip.samples, first.clip.samples)


def test_two_clients_at_once_get_what_each_would_get_alone(score_model: Path) -> None:
    requests = [replace(PLAIN, seed=seed) for seed in (1, 2, 3)]
    alone = [compose.compose(request).clip.digest for request in requests]
    with ThreadPoolExecutor(3) as pool:
        together = [made.clip.digest for made in pool.map(compose.compose, requests)]
    assert together == alone


def test_cancel_stops_within_one_step_and_frees_the_model(score_model: Path) -> None:
    calls: list[str] = []

    def cancel_third(fraction: float, what: str) -> None:
        calls.append(what.split(",")[0])  # without the time left
        if calls.count("composing") == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        compose.compose(replace(PLAIN, seconds=60.0), progress=cancel_third)
    assert calls.count("composing") == 3
    assert compose.compose(PLAIN).clip.seconds == 2.0


def test_a_job_that_waits_can_be_cancelled(score_model: Path) -> None:
    started, leave = threading.Event(), threading.Event()

    def hold(fraction: float, what: str) -> None:
        if what.startswith("composing"):
            started.set()
            assert leave.wait(30)

    def give_up(fraction: float, what: str) -> None:
        if what.startswith("waiting"):
            raise Cancelled

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(compose.compose, PLAIN, progress=hold)
        assert started.wait(60)
        with pytest.raises(Cancelled):
            compose.compose(PLAIN, progress=give_up)
        leave.set()
        assert first.result().clip.seconds == 2.0


def test_progress_only_ever_rises_to_its_end_and_long_pieces_sound_to_theirs(score_model: Path) -> None:
    fractions: list[float] = []
    asked = replace(PLAIN, seconds=40.0, tempo_bpm=120.0)  # 320 steps: more than one window
    clip = compose.compose(asked, progress=lambda fraction, what: fractions.append(fraction)).clip
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert clip.seconds == 40.0
    assert np.abs(clip.samples[:, -96000:]).max() > 0.01


def test_a_continuation_streams_and_joins_its_source(score_model: Path) -> None:
    from pipelines.joining import join

    source = compose.compose(replace(PLAIN, engine="composer", seconds=8.0, tempo_bpm=100.0)).clip
    pieces: list[AudioClip] = []
    asked = replace(PLAIN, mode="continue", seconds=4.0, prompt_s=6.0)
    made = compose.compose(asked, source=source, on_sound=pieces.append)
    assert made.clip.seconds == 4.0
    assert sum(piece.samples.shape[1] for piece in pieces) == made.clip.samples.shape[1]
    assert made.lead_in is not None
    joined = join(source, made).samples
    assert joined.shape == (2, 12 * 32000)
    seam = np.abs(np.diff(joined[:, 8 * 32000 - 200 : 8 * 32000 + 200])).max()
    assert seam < np.abs(np.diff(joined)).max()


def test_more_instruments_than_parts_are_told(score_model: Path) -> None:
    asked = ("piano", "organ", "violin", "flute", "trumpet")
    made = compose.compose(replace(PLAIN, instruments=asked))
    missing = [word for word in asked if word not in made.request.instruments]
    assert missing
    assert all(word in str(made.details["notes"]) for word in missing)


def test_warm_loads_the_default_model(score_model: Path) -> None:
    LOADED.clear()
    compose.warm()
    assert any(str(score_model) in name for name in LOADED.names())


BUNDLED = Path(__file__).parents[2] / "weights" / "music"


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SYNTHESETE_MUSIC_MODEL", raising=False)
    monkeypatch.setenv("SYNTHESETE_TIER", "bundled")
    return BUNDLED


def test_the_bundled_model_plays_a_whole_band(bundled: Path, tmp_path: Path) -> None:
    from symusic import Score

    request = MusicRequest(
        "joyful rock with organ", seconds=10.0, seed=3, tempo_bpm=132.0, genre="rock", emotion="joyful_activation",
        key="A minor", instruments=("organ",),
    )  # fmt: skip
    made = compose.compose(request)
    assert made.clip.samples.shape == (2, 320000)
    peak = np.abs(made.clip.samples).max()
    assert 0.1 < peak < 0.99
    assert made.midi is not None
    (tmp_path / "made.mid").write_bytes(made.midi)
    score = Score(str(tmp_path / "made.mid"))
    assert score.tempos[0].qpm == pytest.approx(132, abs=0.01)
    assert {"drums", "bass", "accompaniment", "melody"} <= {track.name for track in score.tracks}
    assert 16 in {track.program for track in score.tracks if not track.is_drum}
    assert made.request.key == "A minor"
    assert made.provenance.model == "synthesete-score-musicgen"


def test_the_bundled_model_plays_in_the_key_it_is_asked_for(bundled: Path, tmp_path: Path) -> None:
    from symusic import Score

    made = compose.compose(replace(PLAIN, seconds=10.0, key="D major", genre="pop", tempo_bpm=120.0))
    assert made.midi is not None
    (tmp_path / "made.mid").write_bytes(made.midi)
    tonal = [t for t in Score(str(tmp_path / "made.mid")).tracks if not t.is_drum]
    heard = np.bincount([note.pitch % 12 for track in tonal for note in track.notes], minlength=12)
    in_d_major = heard[[2, 4, 6, 7, 9, 11, 1]].sum() / heard.sum()
    assert in_d_major > 0.8  # a few tones belong to borrowed chords; chance is 7 / 12


def test_the_bundled_files_are_small_readable_and_have_a_card(bundled: Path) -> None:
    files = list(bundled.iterdir())
    assert {"config.json", "tokenizer.json", "README.md"} <= {file.name for file in files}
    assert all(file.stat().st_size < 10_000_000 for file in files)
    assert all(file.suffix in (".json", ".safetensors", ".md") for file in files)
    text = (bundled / "README.md").read_text()
    assert "license: apache-2.0" in text
    assert "Not measured yet" not in text
