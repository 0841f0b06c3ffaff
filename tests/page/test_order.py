"""An order for music: one is streamed, several are one batch, the ears choose where asked to, all forms are written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import UserError
from core.types import AudioClip, Beats, GeneratedClip, Match, MusicRequest, Progress, Provenance, Scores, Traits
from page import order
from page.order import Delivery, Order
from pipelines import compose

RATE = 32000
REQUEST = MusicRequest("calm jazz", engine="composer", seconds=1.0, seed=7, tempo_bpm=120.0)
SOURCE = Provenance("model", "", "rules", "Apache-2.0")


def heard(score: float) -> Match:
    beats = Beats(120, 0.9, 60, (0.1, 0.6))
    traits = Traits(Scores(("jazz",), (1.0,)), Scores(("power",), (1.0,)), beats, "A minor", 0.8, -14, 1, 1)
    return Match((), score, traits)


def made(seed: int, score: float = 0.5, *, midi: bytes | None = b"MThd") -> GeneratedClip:
    sound = np.full((2, RATE), 0.1, np.float32)
    return GeneratedClip(AudioClip(sound, RATE), replace(REQUEST, seed=seed), SOURCE, midi, match=heard(score))


@pytest.fixture(autouse=True)
def verb(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The verb answers at once; what was called is listed."""
    called: list[str] = []
    scores = (0.2, 0.9, 0.5, 0.8)

    def one(request: MusicRequest, *, source: object, progress: Progress, on_sound: object) -> GeneratedClip:
        called.append(f"one, {'source' if source else 'no source'}")
        return made(request.seed)

    def several(request: MusicRequest, n: int, *, source: object, progress: Progress) -> list[GeneratedClip]:
        called.append(f"{n} at once")
        return [made(request.seed + i, scores[i]) for i in range(n)]

    monkeypatch.setattr(compose, "compose", one)
    monkeypatch.setattr(compose, "variations", several)
    return called


def deliver(wanted: Order) -> Delivery:
    return order.deliver(wanted, lambda fraction, what: None)


def test_one_clip_is_simply_made(verb: list[str]) -> None:
    delivery = deliver(Order(REQUEST))
    assert verb == ["one, no source"]
    assert (len(delivery.clips), delivery.best_of) == (1, None)


def test_variations_are_one_batch_and_the_first_is_the_result(verb: list[str]) -> None:
    delivery = deliver(Order(REQUEST, variations=3))
    assert verb == ["3 at once"]
    assert [clip.request.seed for clip in delivery.clips] == [7, 8, 9]
    assert delivery.result.request.seed == 7


def test_the_best_of_several_is_the_result_and_the_next_best_stand_beside_it(verb: list[str]) -> None:
    delivery = deliver(Order(REQUEST, variations=2, best_of=4))
    assert verb == ["4 at once"]
    assert [clip.request.seed for clip in delivery.clips] == [8, 10]
    assert delivery.result.request.seed == 8
    assert delivery.best_of is not None
    assert delivery.best_of["chosen"] == 1
    assert deliver(Order(REQUEST, best_of=4)).clips[0].request.seed == 8


@pytest.mark.parametrize(("variations", "best_of"), [(0, 1), (5, 1), (1, 0), (1, 9)])
def test_only_so_many_can_be_made(verb: list[str], variations: int, best_of: int) -> None:
    with pytest.raises(UserError, match="out of range"):
        deliver(Order(REQUEST, variations, best_of))
    assert verb == []


def test_the_clip_is_read_only_for_ways_that_start_from_one(verb: list[str], tmp_path: Path) -> None:
    deliver(Order(REQUEST, source=tmp_path / "missing.wav"))
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.zeros(2 * RATE), RATE)
    deliver(Order(replace(REQUEST, mode="continue"), source=path))
    assert verb == ["one, no source", "one, source"]


def test_a_continuation_is_also_saved_joined_with_its_clip(tmp_path: Path) -> None:
    source = AudioClip(np.full((1, 2 * RATE), 0.1, np.float32), RATE)
    clip = made(1)
    going_on = replace(clip, request=replace(clip.request, mode="continue"))
    files = order.save(Delivery((going_on,), source=source), going_on, tmp_path)
    assert files.joined is not None
    assert soundfile.info(files.joined).frames == 3 * RATE
    assert order.save(Delivery((clip,), source=source), clip, tmp_path).joined is None


def test_the_grid_is_the_scores_or_that_of_an_exact_tempo_or_what_the_ears_heard() -> None:
    clip = made(1)
    assert order.beat_times_s(replace(clip, beat_times_s=(0.25, 0.75))) == (0.25, 0.75)
    assert order.beat_times_s(clip) == (0.0, 0.5, 1.0)
    assert order.beat_times_s(replace(clip, midi_is_estimate=True)) == (0.1, 0.6)
    assert order.beat_times_s(replace(clip, midi=None, match=None)) == ()


def test_more_clips_take_longer() -> None:
    one, four = order.estimate_s(Order(REQUEST)), order.estimate_s(Order(REQUEST, best_of=4))
    assert one is not None
    assert four is not None
    assert four > one
    assert order.estimate_s(Order(replace(REQUEST, engine="kazoo"))) is None
