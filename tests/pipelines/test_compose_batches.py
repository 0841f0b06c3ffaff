"""What the verb adds to its engines: modes and sources, batches, mastering, a live stream, ears, the time left."""

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pyloudnorm
import pytest

from core.errors import Cancelled, UserError
from core.limiter import true_peak_dbtp
from core.types import AudioClip, MusicRequest
from pipelines import compose, pace
from tests.pipelines import stub_engine

ASKED = MusicRequest("calm jazz, 96 bpm", engine="stub", seconds=3.0, seed=4)
NOISE = np.random.default_rng(0).normal(0, 0.1, (1, 48_000)).astype(np.float32)
SOURCE = AudioClip(NOISE, 16_000, "my clip")


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub is one of the engines, and nothing is known of its speed."""
    monkeypatch.setitem(compose.ENGINES, "stub", "tests.pipelines.stub_engine")
    monkeypatch.setattr(pace, "_learned", {})
    stub_engine.SEEN.clear()


def lufs(clip: AudioClip) -> float:
    return float(pyloudnorm.Meter(clip.rate).integrated_loudness(clip.samples.T.astype(np.float64)))


def test_what_an_engine_hands_over_is_mastered_and_heard() -> None:
    made = compose.compose(ASKED)
    assert made.clip.samples.shape == (2, 48_000)
    assert lufs(made.clip) == pytest.approx(-14, abs=0.2)
    assert true_peak_dbtp(made.clip.samples) <= -1
    assert made.match is not None
    assert {answer.what: answer.asked for answer in made.match.answers if answer.met is not None} == {
        "tempo": "96 bpm", "genre": "jazz", "emotion": "calmness",
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["continue", "melody"])
def test_some_modes_need_a_clip_and_get_it(mode: str) -> None:
    with pytest.raises(UserError, match="There is no clip for"):
        compose.compose(replace(ASKED, mode=mode))
    made = compose.compose(replace(ASKED, mode=mode), source=SOURCE)
    assert stub_engine.SEEN[0].source is SOURCE
    assert made.request.source == "my clip"


@pytest.mark.parametrize("mode", ["text", "unconditional"])
def test_other_modes_leave_the_clip_alone(mode: str) -> None:
    made = compose.compose(replace(ASKED, mode=mode, source="left over"), source=SOURCE)
    assert stub_engine.SEEN[0].source is None
    assert made.request.source == ""


def test_an_engine_is_not_asked_for_what_it_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = ModuleType("deaf")
    deaf.__dict__.update({name: getattr(stub_engine, name) for name in ("LABEL", "SECONDS", "model", "load")})
    monkeypatch.setattr(deaf, "CAPABILITIES", ("prompt",), raising=False)
    monkeypatch.setitem(sys.modules, "deaf", deaf)
    monkeypatch.setitem(compose.ENGINES, "deaf", "deaf")
    with pytest.raises(UserError, match=r"engine deaf cannot make a continuation. Choose the engine .*stub"):
        compose.check(replace(ASKED, engine="deaf", mode="continue"), source=SOURCE)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mode": "karaoke"}, r"no mode called 'karaoke'.*text, continue, melody, unconditional"),
        ({"prompt_s": 0.5}, r"length of the prompt from the clip 0.5 seconds .* 1 to 30 seconds"),
        ({"prompt_s": 31.0}, r"31 seconds"),
    ],
)
def test_modes_and_prompts_have_limits(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        compose.check(replace(ASKED, **change))  # type: ignore[arg-type]


def test_variations_are_one_batch_of_following_seeds() -> None:
    made = compose.variations(replace(ASKED, seed=2**32 - 2), 3)
    assert [clip.request.seed for clip in made] == [2**32 - 2, 2**32 - 1, 0]
    assert len(stub_engine.SEEN) == 1
    assert len({clip.clip.digest for clip in made}) == 3
    assert made[1].clip.digest == compose.compose(made[1].request).clip.digest


@pytest.mark.parametrize("n", [0, 9])
def test_there_is_a_limit_to_variations(n: int) -> None:
    with pytest.raises(UserError, match=f"number of variations {n} .* 1 to 8"):
        compose.variations(ASKED, n)


def test_the_best_is_the_one_of_the_highest_score_and_says_so() -> None:
    all_made = compose.variations(ASKED, 3)
    kept = compose.best_of(ASKED, 3)
    told = kept.details["best_of"]
    assert isinstance(told, dict)
    scores = [made.match.score for made in all_made if made.match]
    assert told["scores"] == scores
    assert told["seeds"] == [4, 5, 6]
    assert kept.clip.digest == all_made[int(np.argmax(scores))].clip.digest
    assert told["sentence"].startswith(f"Best of 3: the {('first', 'second', 'third')[told['chosen']]}, which")


def test_a_stream_is_mastered_on_its_way_and_as_long_as_the_clip() -> None:
    pieces: list[AudioClip] = []
    made = compose.compose(replace(ASKED, seconds=6.0), on_sound=pieces.append)
    joined = AudioClip(np.concatenate([piece.samples for piece in pieces], axis=1), pieces[0].rate)
    assert len(pieces) == 3
    assert joined.samples.shape == made.clip.samples.shape
    assert true_peak_dbtp(joined.samples) <= -1
    both = np.corrcoef(joined.samples[0, :-8000], made.clip.samples[0, :-8000])
    assert both[0, 1] > 0.99  # but for the end, which a stream cannot fade for so long


def test_the_first_sound_waits_for_neither_ears_nor_mastering(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    monkeypatch.setattr("pipelines.match.hear_back", lambda clip, request: events.append("heard"))
    compose.compose(ASKED, on_sound=lambda piece: events.append("sound"), progress=lambda _, what: events.append(what))
    assert events.index("sound") < events.index("mastering") < events.index("heard")


def test_a_lead_in_is_mastered_with_what_follows_it() -> None:
    made = compose.compose(replace(ASKED, mode="continue"), source=SOURCE)
    assert made.lead_in is not None
    assert made.lead_in.seconds == stub_engine.LEAD_IN_S
    seam = np.concatenate([made.lead_in.samples[0, -400:], made.clip.samples[0, :400]])
    assert np.abs(np.diff(seam, 2)).max() < 1.2 * np.abs(np.diff(seam[:350], 2)).max()
    assert lufs(made.clip) == pytest.approx(-14, abs=0.2)


@pytest.mark.parametrize("at", ["humming", "mastering", "listening to it"])
def test_a_cancel_comes_through_from_every_stage_and_frees_the_engine(at: str) -> None:
    def stop(fraction: float, what: str) -> None:
        if what.startswith(at):
            raise Cancelled

    with pytest.raises(Cancelled):
        compose.best_of(ASKED, 2, progress=stop)
    assert compose.compose(ASKED).clip.seconds == 3.0


def test_progress_only_rises_and_tells_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pace.FIRST_S_PER_S, "rules", 10.0)
    said: list[tuple[float, str]] = []
    compose.variations(ASKED, 2, progress=lambda fraction, what: said.append((fraction, what)))
    rising = [fraction for fraction, _ in said]
    assert rising == sorted(rising)
    assert ("humming, about 1 min left") in {what for _, what in said}
    assert pace.estimate_s(ASKED, n=2) != 60  # it was learnt how fast the stub is
    assert pace.estimate_s(ASKED, n=2) < 30  # type: ignore[operator]


def test_estimated_notes_are_marked_and_a_score_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = ModuleType("pipelines.engines.transcription")
    heard.midi_estimate = lambda clip: b"MThd"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pipelines.engines.transcription", heard)
    made = compose.compose(ASKED)
    assert (made.midi, made.midi_is_estimate) == (None, False)
    noted = compose.estimated_midi(made)
    assert (noted.midi, noted.midi_is_estimate) == (b"MThd", True)
    assert compose.estimated_midi(replace(made, midi=b"score")).midi_is_estimate is False


def test_the_composer_can_play_without_wishes() -> None:
    free = MusicRequest("fast metal in A minor", engine="composer", seconds=2.0, seed=1, mode="unconditional")
    made = compose.compose(free)
    assert compose.compose(replace(free, prompt="slow jazz")).clip.digest == made.clip.digest
    assert compose.compose(replace(free, mode="text")).clip.digest != made.clip.digest


def test_a_clip_has_a_title_for_its_files() -> None:
    made = compose.compose(replace(ASKED, genre="jazz", tempo_bpm=96.0, key="A minor"))
    assert made.details["title"] == "Jazz in A minor, 96 bpm"
