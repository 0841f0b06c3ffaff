"""The classifiers' report: its figures on cases worked out by hand, and that a stored view is judged as sound is."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifiers import datasets, listener, measures
from core import features
from corpus.captions import EMOTIONS, GENRES
from evaluation import charts, classifiers

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "classical-tenderness-76bpm.ogg"


def sure_of(classes: list[int], confidence: list[float]) -> np.ndarray:
    """Probabilities with `confidence` at each class, the rest spread over the other nine."""
    p = np.tile((1 - np.array(confidence))[:, None] / 9, (1, 10))
    p[np.arange(len(classes)), classes] = confidence
    return p


def test_genre_figures_of_ten_tracks_by_hand() -> None:
    guesses = [0, 1, 2, 3, 4, 5, 6, 7, 8, 8]
    p = sure_of(guesses, [0.95, 0.8, 0.8, 0.6, 0.6, 0.6, 0.4, 0.4, 0.2, 0.2])
    p[9, 9] += 0.05  # the runner-up of the wrong one is right
    p[9] /= p[9].sum()
    heard = classifiers.Judged(p, p, np.arange(10))
    whole = classifiers.Judged(p[::-1], p[::-1], np.arange(10))
    lines = classifiers.genre_lines(heard, whole, 1.0, "valid")
    low, high = measures.wilson(9, 10)
    assert f"| accuracy (Wilson 95 %) | **0.900** ({low:.3f} to {high:.3f}) |" in lines
    assert "| right among the first two | 1.000 |" in lines
    text = "\n".join(lines)
    assert "| the same in the timeline's windows of 10 s | 0.000 |" in text
    assert "ahead): share of tracks, of these right | 0.80, 1.00 |" in text
    assert "| hedged: share of tracks, first right, one of the two right | 0.20, 0.50, 1.00 |" in text
    assert "| confidence at least 0.7: share of tracks, of these right | 0.30, 1.00 |" in text
    assert "| rock |  |  |  |  |  |  |  |  | 1 |  | 0.00 |" in text
    assert "| reggae |  |  |  |  |  |  |  |  | 1 |  | 1.00 |" in text


def test_nothing_hedged_and_nothing_that_sure_are_said_so() -> None:
    lines = classifiers.coverage_rows(sure_of([0, 1], [0.6, 0.6]), np.array([0, 1]))
    assert not [line for line in lines if "hedged" in line]
    assert "| confidence at least 0.9: share of tracks, of these right | 0.00, none |" in lines


def test_stored_views_are_judged_in_the_listeners_windows_without_the_faint() -> None:
    seen = []

    def model(batches: list[np.ndarray], training: bool) -> np.ndarray:
        seen.append([batch.shape for batch in batches])
        return np.stack([batches[0].mean(axis=(1, 2)), batches[1][:, 0, 0]], axis=1)

    thin, fine = np.zeros((128, 334), np.float32), np.full((128, 130), 0.3, np.float32)
    thin[:, 150:] = 0.5
    one = listener.Classifier(model, ("a", "b"), ("thin", "fine"), 1.0)
    answer = classifiers.from_stored(one, thin, fine, window_s=10)
    assert seen == [[(11, 111, 128), (11, 130, 128)]]  # 10 s, 2 s apart in 30 s
    begins = np.linspace(0, 223, 11).astype(int)
    means = [thin[:, b : b + 111].mean() for b in begins]
    assert answer == pytest.approx([np.mean([m for m in means if m > 0]), 0.3])
    assert classifiers.from_stored(one, thin, fine) == pytest.approx([thin.mean(), 0.3])
    with pytest.raises(ValueError, match="smooth"):
        classifiers.judged(listener.Classifier(model, ("a",), ("smooth",), 1.0), datasets.Tracks(*[np.zeros(0)] * 4))


def test_sound_and_its_stored_views_get_nearly_the_same_answer() -> None:
    mel_db = classifiers._mel(EXAMPLE)
    one = listener.ears()["genre"]
    start = mel_db[:, :130]
    fine = features.fine(start, float(mel_db.mean()), float(mel_db.std()))
    seen = measures.tempered(classifiers.from_stored(one, features.thin(mel_db), fine), one.temperature)
    heard = np.array(listener.listen(mel_db).genre.probabilities)
    assert np.abs(seen - heard).sum() / 2 < 0.2
    assert seen.argmax() == heard.argmax()


@pytest.mark.skipif(not (datasets.data_folder() / "gtzan").exists(), reason="GTZAN's stored views are not here")
def test_the_shipped_genre_network_knows_some_of_valid() -> None:
    tracks = datasets.gtzan("valid")
    some = slice(0, None, 9)
    part = datasets.Tracks(tracks.views[some], tracks.fine[some], tracks.targets[some], tracks.names[some])
    heard = classifiers.judged(listener.ears()["genre"], part)
    assert heard.scaled.shape == (22, len(GENRES))
    assert heard.scaled.sum(axis=1) == pytest.approx(1)
    assert measures.accuracy(heard.scaled, heard.classes) > 0.3


def test_emotion_figures_come_from_the_stored_predictions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.05, 0.9, (40, 9)).round(3)
    names = [f"pop/{k}" for k in range(40)]
    header = ",".join(["genre", "number", "n_listeners", *EMOTIONS])
    rows = [",".join(["pop", str(k), "20", *map(str, shares[k])]) for k in range(40)]
    (tmp_path / "emotify").mkdir()
    (tmp_path / "emotify" / "listeners.csv").write_text("\n".join([header, *rows]))
    (tmp_path / "emotion").mkdir()
    order = rng.permutation(40)  # stored in another order than the listeners' table
    stored = {"tracks": [names[k] for k in order], "shares": shares[order].tolist()}
    (tmp_path / "emotion" / "out_of_fold.json").write_text(json.dumps(stored))
    measured = {"cv_mean_pearson": 0.1234, "cv_mean_pearson_95": [0.1, 0.15], "cv_top_right": 0.5, "n": 40}
    some = measured | {"n": 8, "folds": 1, "minutes_a_fold": 12.0}
    (tmp_path / "baselines.json").write_text(json.dumps({"svr": measured, "deep": some}))
    monkeypatch.setattr(classifiers, "BASELINES", tmp_path / "baselines.json")
    monkeypatch.setenv("SYNTHESETE_DATA", str(tmp_path))
    monkeypatch.setattr(classifiers, "WEIGHTS", tmp_path)
    monkeypatch.setattr(measures, "interval", partial(measures.interval, draws=20))
    text = "\n".join(classifiers.emotion_lines())
    assert "| mean Pearson over the nine | 1.000 (1.000 to 1.000) |" in text
    assert "| KL divergence, nats | 0.000 (0.000 to 0.000) |" in text
    figures = "mean Pearson, most-chosen right | 0.123 (0.100 to 0.150), 0.500 |"
    assert f"hand-made features (n = 40): {figures}" in text
    assert f"20 M parameters (n = 8, 1 folds of 12 minutes): {figures}" in text
    assert "| sadness | 1.00 | 1.00 | 1.00 |" in text


def test_pictures_are_small_and_show_something(tmp_path: Path) -> None:
    counts = np.diag(np.arange(10, 20)) + 1
    p, classes = sure_of([0, 1, 2, 3] * 10, [0.3, 0.5, 0.7, 0.9] * 10), np.array([0, 1, 2, 4] * 10)
    rows = measures.reliability(p, classes, equal_mass=True)
    charts.confusion(counts, GENRES, tmp_path / "c.png", title="A title")
    charts.reliability(rows, rows, tmp_path / "new" / "r.png", title="A title")
    for path in (tmp_path / "c.png", tmp_path / "new" / "r.png"):
        assert path.stat().st_size < 100_000
        assert np.asarray(Image.open(path).convert("L")).std() > 10
    again = tmp_path / "again.png"
    charts.confusion(counts, GENRES, again, title="A title")
    assert again.read_bytes() == (tmp_path / "c.png").read_bytes()


def test_only_the_block_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text(f"# A\n{classifiers.START}\nstale\n{classifiers.END}\n# B\n")
    classifiers.write("fresh", page)
    assert page.read_text() == f"# A\n{classifiers.START}\nfresh\n{classifiers.END}\n# B\n"
