"""MusicGen over the score codec, with a network that has learnt nothing: form, fields, batches, streams, cancelling."""

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled
from core.runtime import Compute
from core.types import AudioClip, GeneratedClip, MusicRequest, no_progress
from corpus import score
from corpus.composer import compose
from corpus.score import Header
from pipelines.engines import musicgen, musicgen_score, score_prompt, score_writer
from pipelines.engines.score_prompt import Prompt
from pipelines.engines.score_rules import Frame
from pipelines.engines.task import Task


@pytest.fixture(scope="module")
def loaded(tiny_score_musicgen: Path) -> musicgen.Loaded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_score_musicgen))
        return musicgen.load(Compute("cpu", "float32", "a test"))


def write(loaded: musicgen.Loaded, *requests: MusicRequest) -> list[score_writer.Written]:
    return score_writer.write(loaded, requests, no_progress)


def play(loaded: musicgen.Loaded, request: MusicRequest) -> GeneratedClip:
    return musicgen.generate(loaded, Task((request,)))[0]


@pytest.mark.parametrize("words", ["calm jazz", "a slow waltz", "rock in 6/8", "jazz in five"])
@pytest.mark.parametrize("seconds", [3.0, 40.0])
def test_positions_count_on_and_down_to_the_last_chord(loaded: musicgen.Loaded, words: str, seconds: float) -> None:
    written = write(loaded, MusicRequest(words, seconds=seconds, tempo_bpm=120.0, seed=3))[0]
    header, music = Header.unpack(written.tokens), written.tokens[:, score.N_HEADER_FRAMES :]
    assert music.shape[1] == score.steps_for(seconds, 120, header.steps_per_beat)
    steps = np.arange(music.shape[1])
    assert (music[score.POSITION, 1::2] == steps[1::2] % header.steps_per_phrase // 2).all()
    left = [score.read_section(int(token)) for token in music[score.POSITION, ::2]]
    classes = [mark[1] for mark in left if mark]
    assert len(classes) == len(left)
    assert all(now <= before for before, now in pairwise(classes))
    final = score.final_bar(music.shape[1], header)
    assert (classes[-1] == 0) == (final is not None)


def test_fields_and_words_settle_the_header(loaded: musicgen.Loaded) -> None:
    request = MusicRequest("in 3/4", seconds=2.0, tempo_bpm=97.0, genre="jazz", emotion="tension", key="F# minor")
    header = write(loaded, request)[0].header
    stated = (header.tempo_bpm, header.genre, header.emotion, header.key, header.metre)
    assert stated == (97, "jazz", "tension", "F# minor", "3/4")


def test_a_key_is_plain_major_or_minor(loaded: musicgen.Loaded) -> None:
    for prompt, modes in (
        ("pop in D major", {"major"}),
        ("blues in D major", {"blues"}),
        ("jazz in D minor", {"minor", "harmonic minor"}),
        ("D major", {"major", "blues"}),
    ):
        asked = [MusicRequest(prompt, seconds=1.0, seed=seed) for seed in range(6)]
        assert {piece.header.mode for piece in write(loaded, *asked)} <= modes


def test_a_tempo_without_a_metre_counts_quarters(loaded: musicgen.Loaded) -> None:
    asked = [MusicRequest("rock", seconds=1.0, tempo_bpm=96.0, seed=seed) for seed in range(8)]
    assert {piece.header.metre for piece in write(loaded, *asked)} <= set(score.QUARTER_METRES)
    six = replace(asked[0], prompt="rock in 6/8")
    assert write(loaded, six)[0].header.metre == "6/8"


def test_a_row_of_a_batch_is_what_it_is_alone(loaded: musicgen.Loaded) -> None:
    request = MusicRequest("rock", seconds=12.0, tempo_bpm=140.0, seed=8)
    both = write(loaded, request, replace(request, seed=9))
    assert np.array_equal(both[0].tokens, write(loaded, request)[0].tokens)
    assert np.array_equal(both[1].tokens, write(loaded, replace(request, seed=9))[0].tokens)
    assert not np.array_equal(both[0].tokens, both[1].tokens)


def test_unconditional_music_reads_no_words(loaded: musicgen.Loaded) -> None:
    free = MusicRequest("calm jazz, 96 bpm", seconds=2.0, seed=2, mode="unconditional")
    assert np.array_equal(write(loaded, free)[0].tokens, write(loaded, replace(free, prompt="loud metal"))[0].tokens)


def test_the_stream_is_the_clip_and_begins_before_it_is_written(loaded: musicgen.Loaded) -> None:
    pieces: list[AudioClip] = []
    fractions: list[float] = []
    heard_at: list[float] = []

    def on_sound(piece: AudioClip) -> None:
        pieces.append(piece)
        heard_at.append(fractions[-1])

    request = MusicRequest("calm jazz", seconds=12.0, tempo_bpm=120.0, seed=5)
    task = Task((request,), lambda fraction, what: fractions.append(fraction), None, on_sound)
    clip = musicgen.generate(loaded, task)[0].clip
    joined = np.concatenate([piece.samples for piece in pieces], 1)
    assert joined.shape == clip.samples.shape == (2, 12 * 32000)
    assert np.array_equal(joined, clip.samples)
    assert heard_at[0] < 0.5
    assert np.abs(joined - play(loaded, request).clip.samples).max() < 1e-3
    assert fractions == sorted(fractions)


def test_cancelling_takes_one_step_and_breaks_nothing(loaded: musicgen.Loaded) -> None:
    fractions: list[float] = []

    def stop(fraction: float, what: str) -> None:
        fractions.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        musicgen.generate(loaded, Task((MusicRequest("calm jazz", seconds=20.0),), stop))
    assert sum(fraction > 0.3 for fraction in fractions) == 1
    assert play(loaded, MusicRequest("calm jazz", seconds=1.0)).clip.seconds == 1.0


@pytest.mark.parametrize("rest", [0, 5])
def test_a_continuation_goes_on_from_its_prompt(
    loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch, rest: int
) -> None:
    given = compose(4, genre="blues", tempo_bpm=90, key="E minor", metre="4/4", steps=128 + rest, ending=False)
    header, music = Header.unpack(given), given[:, score.N_HEADER_FRAMES :].astype(np.int64)
    prompt = Prompt(header, music, 90.4, score.seconds_of(music.shape[1], 90.4))
    monkeypatch.setattr(musicgen_score, "listen", lambda source, request: prompt)
    request = MusicRequest("sad blues", seconds=9.0, mode="continue", seed=1)
    source = AudioClip(np.zeros((1, 32000), np.float32), 32000)
    made = musicgen.generate(loaded, Task((request,), source=source))[0]
    assert made.clip.samples.shape == (2, 9 * 32000)
    assert (made.request.tempo_bpm, made.request.key) == (90.4, "E minor")
    assert made.lead_in is not None
    assert made.lead_in.seconds == pytest.approx(musicgen_score.LEAD_IN_S, abs=0.01)
    assert made.beat_times_s[0] == pytest.approx(-rest % 4 * score.seconds_of(1, 90.4), abs=1e-4)
    written = score_writer.write(loaded, (request,), no_progress, prompt=prompt)[0]
    assert np.array_equal(written.tokens[:, 2 : 2 + music.shape[1]], music)
    assert written.first_step == 128 + rest


def test_a_form_is_drawn_like_the_composers() -> None:
    forms = [Frame.drawn(Header(genre="pop"), 16 * 44, 43, random.Random(seed)) for seed in range(20)]
    assert {len(frame.form) for frame in forms} == {11}
    assert {frame.form[0] for frame in forms} == {"intro", "theme"}
    assert all(frame.form[-1] == "ending" and "ending" not in frame.form[:-1] for frame in forms)
    assert all("intro" not in frame.form[1:] for frame in forms)
    assert len({frame.form for frame in forms}) > 2
    short = [Frame.drawn(Header(), 16 * 6, 5, random.Random(seed)).form for seed in range(20)]
    assert set(short) == {("theme", "theme")}
    going_on = Frame.drawn(Header(), 16 * 20, 19, random.Random(0), first_step=133).form
    assert going_on[:3] == ("theme",) * 3


def test_prompts_keep_what_was_heard_and_let_the_rest_be_wanted() -> None:
    prompt = Prompt(Header(genre="rock", tempo_bpm=101, tonic=4, mode="minor"), np.zeros((8, 0), np.int64), 101.2, 0.0)
    cells = prompt.cells(score_prompt_wishes())
    assert [int(i) for i in cells[score.POSITION, 0]] == [5]  # jazz was wanted
    assert [int(i) for i in cells[score.CHORD, 1]] == [4]  # another key was wanted, and is not had
    assert [int(i) for i in cells[score.MELODY, 0]] == [73]


def score_prompt_wishes() -> dict[tuple[int, int], object]:
    from corpus.captions import Fields
    from pipelines.engines.score_rules import wanted_cells

    assert score_prompt.MOST_PHRASES == 2
    return wanted_cells(Fields("jazz", key="C major", instruments=("flute",)))  # type: ignore[return-value]
