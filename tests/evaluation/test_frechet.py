"""The Frechet distance, on distributions whose distance is known."""

import numpy as np
import pytest

from evaluation.frechet import frechet


def with_moments(mean: np.ndarray, spread: np.ndarray, n: int = 400) -> np.ndarray:
    """Rows that have exactly this mean and covariance."""
    rows = np.random.default_rng(0).normal(size=(n, len(mean)))
    rows -= rows.mean(axis=0)
    white = rows @ np.linalg.inv(np.linalg.cholesky(np.cov(rows, rowvar=False)).T)
    return white @ np.linalg.cholesky(spread).T + mean


def test_of_a_set_and_itself_it_is_nothing() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 8))
    assert frechet(rows, rows) == pytest.approx(0, abs=1e-9)


def test_a_shift_counts_its_square() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 8))
    assert frechet(rows, rows + 0.5) == pytest.approx(8 * 0.25)


def test_it_is_the_closed_form_of_two_normal_distributions() -> None:
    # where both covariances are diagonal it is the squared distance of means and of standard deviations
    first = with_moments(np.array([0.0, 1.0, 2.0]), np.diag([1.0, 4.0, 9.0]))
    second = with_moments(np.array([1.0, 1.0, 0.0]), np.diag([4.0, 1.0, 9.0]))
    assert frechet(first, second) == pytest.approx(1 + 4 + (2 - 1) ** 2 + (1 - 2) ** 2)


def test_covariances_that_do_not_commute_agree_with_scipys_matrix_root() -> None:
    from scipy.linalg import sqrtm

    rng = np.random.default_rng(2)
    first, second = (rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5)) for _ in range(2))
    a, b = (np.cov(rows, rowvar=False) for rows in (first, second))
    apart = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    expected = apart + np.trace(a + b - 2 * np.real(sqrtm(a @ b)))
    assert frechet(first, second) == pytest.approx(expected, rel=1e-6)
    assert frechet(second, first) == pytest.approx(expected, rel=1e-6)


def test_one_column_is_enough_and_one_row_is_not() -> None:
    assert frechet(np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]])) == pytest.approx(1)
    with pytest.raises(ValueError, match="two embeddings"):
        frechet(np.zeros((1, 3)), np.zeros((5, 3)))
