"""The music model's examination: its requests, its figures on scores and records that are known, and its tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.types import MusicRequest
from corpus import composer, score
from corpus.captions import EMOTIONS, GENRES, KEYS
from corpus.prompts import read_prompt
from corpus.score import Header
from evaluation import judge, music, music_clips, music_figures, music_report, music_scores, music_words
from evaluation.judge import Network, Shape
from evaluation.music_clips import Record
from evaluation.music_prompts import SENTENCES, Wish, requests
from evaluation.music_report import Answered, Examination, Worded, Written
from evaluation.music_speed import Speed
from pipelines.pretrain.music_card import MEASURED


def piece(notes: list[int], header: Header | None = None, kinds: tuple[str, ...] = ()) -> np.ndarray:
    """One crotchet after another as the tune, in semitones above the tonic; C major, bass on its root."""
    header = header or Header()
    tokens = np.zeros((score.N_STREAMS, score.N_HEADER_FRAMES + 4 * len(notes)), np.int64)
    tokens[:, : score.N_HEADER_FRAMES] = header.pack()
    tokens[score.CHORD, score.N_HEADER_FRAMES :] = score.chord_token(0, "major")
    for beat, semitones in enumerate(notes):
        at = score.N_HEADER_FRAMES + 4 * beat
        tokens[score.MELODY, at : at + 4] = [score.FIRST_PITCH + semitones - score.MELODY_LOWEST, *[score.HOLD] * 3]
        tokens[score.BASS, at] = score.FIRST_PITCH - score.BASS_LOWEST
    for phrase, kind in enumerate(kinds):
        tokens[score.POSITION, score.N_HEADER_FRAMES + 64 * phrase] = score.section_token(kind, None)
    return tokens


TUNE = [0, 2, 4, 5, 7, 5, 4, 2, 0, 4, 7, 4, 2, 2, 0, 0]
OTHER = [7, 7, 9, 9, 11, 9, 7, 5, 12, 11, 9, 7, 5, 4, 5, 9]


def test_the_requests_are_every_genre_with_every_emotion_twice() -> None:
    asked = requests()
    assert len(asked) == 180
    assert len({(r.genre, r.emotion, (r.tempo_bpm or 0) < 100) for r in asked}) == 180
    assert {r.key for r in asked} == set(KEYS)
    assert [r.prompt for r in requests()] == [r.prompt for r in asked]
    assert not {r.seed for r in asked} & {r.seed for r in requests(seed=1)}
    assert {r.genre for r in requests(60)} == set(GENRES)
    for request in asked:
        said = read_prompt(request.prompt)
        assert (said.genre, said.emotion, said.key) == (request.genre, request.emotion, request.key), request.prompt
        assert said.tempo_bpm == request.tempo_bpm


def test_the_sentences_name_what_the_vocabulary_has() -> None:
    assert len(SENTENCES) == 60
    assert {wish.genre for wish in SENTENCES} == set(GENRES)
    assert {wish.emotion for wish in SENTENCES} == set(EMOTIONS)
    assert {wish.key for wish in SENTENCES} - {None} <= set(KEYS)
    assert {word for wish in SENTENCES for word in wish.instruments} <= set(composer.INSTRUMENTS)
    assert len({wish.text for wish in SENTENCES}) == 60


def test_figures_of_known_scores() -> None:
    returning = piece(TUNE + TUNE)
    wrong = piece([1, 3] * 8)
    wrong[score.BASS, score.N_HEADER_FRAMES :: 8] += 1  # every other bass note a semitone off
    figures = music_scores.sense([returning, wrong], frozenset(music_scores.two_bar_tunes(returning)))
    assert figures.in_scale == pytest.approx(32 / 48, abs=1e-3)
    assert figures.bass_in_chord == pytest.approx(40 / 48, abs=1e-3)
    assert figures.bars_returning == 1.0
    assert figures.copied == pytest.approx(7 / 10)
    sparse = piece([0, 2, 4, 5])
    sparse = np.concatenate([sparse, sparse[:, 2:] * 0], axis=1)
    assert len(music_scores.two_bar_tunes(sparse)) == 1
    assert not music_scores.two_bar_tunes(sparse, music_scores.FULL)
    assert figures.distinct == 1.0
    assert figures.ends_on_tonic == 1.0
    assert figures.notes_per_bar == 4
    assert figures.range_semitones == pytest.approx((7 + 2) / 2)
    assert figures.without_tune == figures.without_bass == 0.0
    assert figures.without_chords == 1.0


def test_bars_without_a_tune_do_not_count() -> None:
    silent = np.pad(piece([]), ((0, 0), (0, 256)))
    figures = music_scores.sense([silent, silent])
    assert figures.bars_returning == figures.copied == figures.distinct == figures.repetition_entropy == 0.0
    assert figures.without_tune == 1.0
    assert figures.ends_on_tonic == 0.0


def test_a_theme_returns_where_a_bar_of_it_comes_after_a_contrast() -> None:
    home = piece(TUNE + OTHER + TUNE, kinds=("theme", "contrast", "theme"))
    lost = piece(TUNE + OTHER + OTHER, kinds=("theme", "contrast", "theme"))
    assert music_scores.theme_returns(home) is True
    assert music_scores.theme_returns(lost) is False
    assert music_scores.theme_returns(piece(TUNE + TUNE, kinds=("theme", "theme"))) is None
    figures = music_scores.sense([home, lost])
    assert figures.themes_returning == 0.5
    assert figures.bars_far_back == 0.5  # four of the eight bars from the ninth on
    assert figures.kinds["contrast"] == pytest.approx(1 / 3, abs=1e-3)
    assert figures.sections_per_minute == pytest.approx(6 / (2 * 48 * 0.6 / 60), rel=1e-3)


def test_entropy_is_that_of_the_bars() -> None:
    assert music_scores.repetition_entropy(piece(TUNE[:4] * 4)) == 0
    assert music_scores.repetition_entropy(piece(TUNE)) == pytest.approx(1)
    assert music_scores.repetition_entropy(piece(TUNE + TUNE)) == pytest.approx(np.log(4) / np.log(8))
    assert music_scores.repetition_entropy(piece(TUNE[:12])) is None


def test_training_tunes_are_found_again(tmp_path: Path) -> None:
    known = music_scores.known_tunes(3, 5, 2, tmp_path)
    pieces = [tokens.astype(np.int64) for tokens in composer.write_corpus(5, 5)[0]]
    assert music_scores.sense(pieces[2:], known).copied == 1
    assert music_scores.sense(pieces[:2], known).copied < 0.2
    assert music_scores.known_tunes(3, 5, 2, tmp_path) == known  # from its file


def test_the_composers_own_pieces_score_as_the_rules_promise() -> None:
    asked = [replace(request, seconds=60.0) for request in requests(10, 3)]
    pieces = [music.composed(request, piece([0] * 128)) for request in asked]
    assert all(p.shape == (8, 514) for p in pieces)
    figures = music_scores.sense(pieces)
    assert figures.in_scale == figures.ends_on_tonic == 1.0
    assert {Header.unpack(p).key for p in pieces} == {request.key for request in asked}


def test_a_piece_is_stuck_where_it_goes_round_in_one_bar() -> None:
    assert music_clips.is_stuck(piece(TUNE[:4] * 6))
    assert music_clips.is_stuck(piece(TUNE[:8] * 3))
    assert not music_clips.is_stuck(piece(TUNE))
    assert not music_clips.is_stuck(piece(TUNE[:8]))  # two bars, both different
    assert not music_clips.is_stuck(piece(TUNE[:4]))


def test_records_are_made_once_and_only_for_their_requests(tmp_path: Path) -> None:
    asked = [replace(request, engine="composer", seconds=3.0) for request in requests(2, 9)]
    network = Network(Shape(channels=(8, 8, 8, 8), embedding=4))
    path = tmp_path / "clips.jsonl"
    first = music_clips.records(asked[:1], network, path)
    written = path.read_text()
    assert music_clips.records(asked[:1], network, path) == first
    assert path.read_text() == written
    assert music_clips.records(asked, network, path)[:1] == first
    for row, request in zip(first, asked, strict=False):
        assert (row.asked_genre, row.header["genre"], row.score_key) == (request.genre, request.genre, request.key)
        assert row.samples_off == 0
        assert len(row.embedding) == 4
        assert not row.silent
        assert not row.clipped
        assert row.seed == request.seed
    with pytest.raises(ValueError, match="other requests"):
        music_clips.records(asked[1:], network, path)


def row(**changes: object) -> Record:
    """A record of a clip that is what was asked for."""
    good = Record(
        seed=1, prompt="", asked_bpm=100.0, asked_key="A minor", asked_genre="jazz", asked_emotion="sadness",
        header={"tempo_bpm": 100, "tonic": 9, "mode": "minor", "metre": "4/4"}, instruments=(), heard_bpm=101.0,
        heard_key="A minor", heard_genre="jazz", heard_emotion="sadness", genre_odds=one_hot(GENRES, "jazz"),
        emotion_odds=one_hot(EMOTIONS, "sadness"), embedding=[0.0, 1.0], loudness_lufs=-14.0, peak=0.89,
        samples_off=0, stuck=False,
    )  # fmt: skip
    return replace(good, **changes)  # type: ignore[arg-type]


def one_hot(names: tuple[str, ...], name: str) -> list[float]:
    return [float(each == name) for each in names]


def test_what_is_as_asked_is_counted() -> None:
    rows = [
        row(),
        row(heard_bpm=50.5, heard_key="C major", genre_odds=one_hot(GENRES, "rock")),
        row(heard_bpm=67.0, heard_key="A major", header=row().header | {"mode": "major", "tempo_bpm": 90}),
        row(peak=1.0, loudness_lufs=-60.0, stuck=True, samples_off=3, heard_genre="pop"),
    ]
    joyful = row(asked_emotion="joyful_activation", emotion_odds=one_hot(EMOTIONS, "joyful_activation"))
    figures = music_figures.follows([*rows, joyful])
    assert (figures.n, figures.tempo, figures.tempo_same_octave, figures.tempo_of_score) == (5, 0.8, 0.6, 0.8)
    assert (figures.key, figures.key_of_score, figures.genre, figures.genre_by_app) == (0.6, 0.8, 0.8, 0.8)
    assert figures.key_mirex == pytest.approx((3 + 0.3 + 0.2) / 5)
    assert (figures.emotion, figures.emotion_rank) == (1, 1)
    assert figures.arousal == figures.valence == pytest.approx(1)
    assert (figures.silent, figures.clipped, figures.stuck, figures.of_another_length) == (1, 1, 1, 1)


def test_spearman_of_yes_and_no_has_a_ceiling() -> None:
    perfect = [row(asked_emotion=name, emotion_odds=(0.9 * np.array(one_hot(EMOTIONS, name)) + 0.01 * k).tolist())
               for k, name in enumerate(EMOTIONS)]  # fmt: skip
    figures = music_figures.follows(perfect)
    assert figures.emotion_rank == 1
    assert figures.emotion_spearman <= 0.55


def test_sentences_are_heeded_where_the_header_has_what_they_say() -> None:
    wishes = [
        Wish("", "jazz", "sadness", (96.0, 104.0), "A minor", "3/4", ("piano",)),
        Wish("", "rock"),
    ]
    headers = [Header("jazz", "power", 100, 9, "minor", "3/4"), Header("pop")]
    assert music_words.heeded(wishes, headers, [("piano", "flute"), ()]) == {
        "genre": 0.5, "emotion": 0.0, "tempo": 1.0, "key": 1.0, "metre": 1.0, "instruments": 1.0,
    }  # fmt: skip


def examination() -> Examination:
    figures = music_figures.follows([row(), row(asked_emotion="power", emotion_odds=one_hot(EMOTIONS, "power"))])
    sense = music_scores.sense([piece(TUNE)])
    shares = dict.fromkeys(music_words.WHATS, 0.5)
    return Examination(
        Answered(figures, figures, figures, figures, 12.5, 11.25),
        Written(sense, sense, sense, 1),
        Worded(shares, shares, 60),
        Speed(7, 1, 0.7, 0.5, 0.3, 0.2, 0.9, 0.8, (1.0, 120.0), lengths_exact=True),
    )


def test_the_report_says_all_figures_beside_their_bars() -> None:
    text = music_report.tables(examination(), "a command")
    assert "| tempo by our ears, within 4 % or an octave | 97 % | 100 % | 100 % | 100 % | 100 % |" in text
    assert "| 12.50 | 11.25 |" in text
    assert "20 times real time" in text
    assert "1.6 times as long" in text
    assert "are exact to the sample" in text
    assert text.count("\n| ") > 30


def test_figures_go_between_the_marks_of_the_card(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"---\nlicense: apache-2.0\n---\n\n{MEASURED[0]}\nNot measured yet\n{MEASURED[1]}\n\n## Limits\n")
    music_report.write_into(path, "| figure | 1 |")
    text = path.read_text()
    assert text.startswith("---\nlicense: apache-2.0\n")
    assert f"{MEASURED[0]}\n| figure | 1 |\n{MEASURED[1]}" in text
    assert "Not measured yet" not in text
    assert text.endswith("## Limits\n")
    path.write_text("no marks")
    with pytest.raises(ValueError, match="no place"):
        music_report.write_into(path, "x")


def test_words_alone_are_judged_by_what_was_meant() -> None:
    request = requests(1)[0]
    bare = music.in_words(request)
    assert bare == MusicRequest(request.prompt, seconds=request.seconds, seed=request.seed)
    judged = music_figures.as_asked(row(asked_genre=None), request)
    assert (judged.asked_genre, judged.asked_key) == (request.genre, request.key)


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = music.fingerprint(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert first != music.fingerprint(tmp_path)
    assert len(first) == 8
    assert judge.SEED != judge.HELD_OUT_SEED
