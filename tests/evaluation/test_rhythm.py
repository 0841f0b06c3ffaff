"""The measures of tempo, beats and key on answers whose figures are known by hand, and the report on two pieces."""

from pathlib import Path

import numpy as np
import pytest

from classifiers import tempo
from core import harmony, rhythm
from core.types import Beats
from evaluation import rhythm as report
from evaluation.rhythm import Answer, Tonality

THIRDS = (1, 2, 1 / 2, 3, 1 / 3)


@pytest.mark.parametrize(
    ("found", "once", "octave"),
    [(103.9, True, True), (104.1, False, False), (50.0, False, True), (300.0, False, True), (150.0, False, False)],
)
def test_accuracies(found: float, once: bool, octave: bool) -> None:
    answer = Answer(Beats(found, 0.5, 2 * found), 100.0)
    assert answer.right() is once
    assert answer.right(THIRDS) is octave


def test_either_candidate_counts() -> None:
    assert Answer(Beats(60.0, 0.5, 120.0), 121.0).either()
    assert not Answer(Beats(60.0, 0.5, 180.0), 121.0).either()


def test_beat_f_forgives_seventy_milliseconds() -> None:
    truth = np.arange(0, 20, 0.5)
    assert report.beat_f(truth, tuple(truth + 0.05)) == pytest.approx(1)
    assert report.beat_f(truth, tuple(truth + 0.1)) == pytest.approx(0)
    assert report.beat_f(truth, tuple(truth[::2])) == pytest.approx(2 / 3, abs=0.02)
    assert report.beat_f(truth, ()) == 0


def test_calibration_error() -> None:
    right = np.array([1.0, 0.0] * 50)
    assert report.calibration_error(np.full(100, 0.5), right) == pytest.approx(0, abs=1e-9)
    assert report.calibration_error(np.full(100, 0.9), right) == pytest.approx(0.4)


def test_rows_have_the_figures() -> None:
    answers = {report.TRUE: [Answer(Beats(100.0, 1.0, 50.0), 100.0, 0.5), Answer(Beats(50.0, 0.0, 100.0), 100.0, 1.0)]}
    cells = [cell.strip() for cell in report.tempo_rows("composer", answers)[0].split("|")]
    assert cells[1:4] == ["composer", "2", report.TRUE]
    assert cells[4].startswith("0.500")
    assert cells[5:10] == ["1.000", "1.000", "0.50", "0.00", "0.750"]


def test_key_rows_score_like_mirex() -> None:
    profile = np.array(harmony.MAJOR, np.float32)
    pieces = [Tonality(np.roll(profile, k), np.roll(profile, k), name) for k, name in ((0, "C major"), (7, "C major"))]
    row = report.key_rows(pieces)[-1]
    assert "| 0.750 | 0.500 |" in row


def test_a_table_learns_the_octave_it_is_told() -> None:
    """The same pulse, once counted slowly and once fast: the weights follow the annotations."""
    evidence = tempo.metronomes(8)
    slow = [tempo.Example(e.name, e.evidence, "rock", e.tempo_bpm / 2) for e in evidence if e.tempo_bpm > 80]
    fast = [tempo.Example(e.name, e.evidence, "rock", e.tempo_bpm) for e in evidence]
    prior = rhythm.log_prior([rhythm.ANY_TEMPO])
    for told, factor in ((slow, 0.5), (fast, 1)):
        counting = tempo.learn([], told, tempo.genre_tempi([]))
        found = rhythm.TEMPI_BPM[(evidence[5].evidence @ counting.weights + counting.prior_weight * prior).argmax()]
        assert found == pytest.approx(factor * evidence[5].tempo_bpm, rel=0.03)


def test_tempi_of_genres_are_drawn_to_the_middle() -> None:
    heard = np.zeros((361, 18))
    few = tempo.genre_tempi([tempo.Example("a", heard, "metal", 200.0)])
    many = tempo.genre_tempi([tempo.Example("a", heard, "metal", 200.0)] * 100)
    assert few["rock"] == (112, 0.5)
    assert 112 < few["metal"][0] < 130
    assert many["metal"][0] > 190
    assert many["metal"][1] < few["metal"][1]


def test_the_composer_half_works_without_real_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYNTHESETE_DATA", str(tmp_path))
    text = report.report(2, 73, 0)
    assert text.count("| composer | 2 |") == 4
    assert "gtzan/audio |" not in text
    assert all(name in text for name in report.PROFILES)


def test_write_replaces_the_block(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text(f"before\n{report.START}\nold\n{report.END}\nafter\n")
    report.write("new", page)
    assert page.read_text() == f"before\n{report.START}\nnew\n{report.END}\nafter\n"
