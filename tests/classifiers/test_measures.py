"""The measures against cases that can be worked out by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

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
