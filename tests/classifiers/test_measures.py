"""The measures against cases that can be worked out by hand, and against scikit-learn."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import confusion_matrix, f1_score, roc_auc_score

from classifiers import measures

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.2, 0.2, 0.6]])
TRUTH = np.array([0, 1, 1, 2])


def test_accuracy_loss_and_recall() -> None:
    assert measures.accuracy(P, TRUTH) == 0.75
    assert measures.log_loss(P, TRUTH) == pytest.approx(-np.log([0.7, 0.8, 0.4, 0.6]).mean())
    assert measures.recalls(P, TRUTH, "abc") == {"a": 1.0, "b": 0.5, "c": 1.0}


def test_temperature_flattens_keeps_the_order_and_is_found_again() -> None:
    flat = measures.tempered(P, 2.0)
    assert np.allclose(flat.sum(axis=1), 1)
    assert (flat.argsort(axis=1) == measures.tempered(P, 1.0).argsort(axis=1)).all()
    assert flat.max() < P.max()
    rng = np.random.default_rng(0)
    honest = rng.dirichlet(np.ones(5), 4000)
    classes = np.array([rng.choice(5, p=p) for p in honest])
    boastful = measures.tempered(honest, 1 / 1.7)
    assert measures.best_temperature(boastful, classes) == pytest.approx(1.7, rel=0.1)


def test_auc_is_scikit_learns_with_ties() -> None:
    rng = np.random.default_rng(1)
    scores, positive = rng.integers(0, 10, 200) / 10, rng.integers(0, 2, 200)
    assert measures.auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_pearsons_by_column() -> None:
    x = np.arange(10.0)
    assert measures.pearsons(np.stack([x, -x], 1), np.stack([2 * x + 1, x], 1)) == pytest.approx([1, -1])


def test_spearmans_are_scipys_with_ties() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 9, (40, 3)) / 9, rng.integers(0, 9, (40, 3)) / 9
    assert measures.spearmans(a, b) == pytest.approx([spearmanr(a[:, k], b[:, k]).statistic for k in range(3)])


def test_kl_by_hand_and_whatever_the_rows_sum_to() -> None:
    targets, guesses = np.array([[0.5, 0.5, 0.0]]), np.array([[0.25, 0.5, 0.25]])
    assert measures.kl(guesses, targets) == pytest.approx(0.5 * np.log(2))
    assert measures.kl(3 * guesses, 0.4 * targets) == pytest.approx(0.5 * np.log(2))
    assert measures.kl(targets, targets) == pytest.approx(0)


def test_auc_of_the_top_quarter_with_ties_at_its_edge() -> None:
    targets = np.array([[0.9, 0.8, 0.8, 0.1, 0.1, 0.0, 0.0, 0.0]]).T
    guesses = np.array([[0.7, 0.6, 0.1, 0.2, 0.0, 0.0, 0.0, 0.0]]).T
    # the quarter is two rows, the third is tied with the second: one of 3 x 5 pairs is the wrong way round
    assert measures.aucs_top_quarter(guesses, targets) == pytest.approx([14 / 15])


def test_the_interval_of_a_mean_is_two_standard_errors_each_way() -> None:
    values = np.random.default_rng(3).normal(1.0, 2.0, 400)
    low, high = measures.interval(lambda rows: float(values[rows].mean()), len(values))
    error = values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.1 * error)


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    assert measures.wilson(160, 290) == pytest.approx((0.4942, 0.6079), abs=1e-3)
    low, high = measures.wilson(0, 10)
    assert low == 0
    assert high == pytest.approx(0.2775, abs=1e-3)


def test_f1_and_confusion_are_scikit_learns() -> None:
    rng = np.random.default_rng(2)
    p, classes = rng.dirichlet(np.ones(4), 60), rng.integers(0, 4, 60)
    guesses = p.argmax(axis=1)
    assert measures.macro_f1(p, classes) == pytest.approx(f1_score(classes, guesses, average="macro"))
    assert (measures.confusion(p, classes) == confusion_matrix(classes, guesses, labels=range(4))).all()


@pytest.mark.parametrize("equal_mass", [False, True])
def test_calibration_error_by_hand_and_of_the_honest(equal_mass: bool) -> None:
    sure = np.array([[0.9, 0.1]] * 4)
    assert measures.ece(sure, np.array([0, 0, 1, 1]), equal_mass=equal_mass, bins=1) == pytest.approx(0.4)
    rng = np.random.default_rng(3)
    honest = rng.dirichlet(np.ones(5), 6000)
    classes = np.array([rng.choice(5, p=p) for p in honest])
    boastful = measures.tempered(honest, 0.5)
    assert measures.ece(honest, classes, equal_mass=equal_mass) < 0.03
    assert measures.ece(boastful, classes, equal_mass=equal_mass) > 0.1
    rows = measures.reliability(honest, classes, equal_mass=equal_mass)
    assert rows[:, 2].sum() == 6000
    assert (np.ptp(rows[:, 2]) <= 1) == equal_mass
