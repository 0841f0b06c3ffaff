"""The Frechet distance of two sets of embeddings: how far apart two kinds of music are as wholes.

Each set is taken for a normal distribution; the distance squared (Dowson & Landau 1982) is
|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2), as in the Frechet inception and audio distances (Heusel et al. 2017; Kilgour
et al. 2019). With few rows it is too large, by about as much for any two sets of the same sizes: a distance means
something beside the one of two halves of the real thing, each as large.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


def frechet(first: Floats, second: Floats) -> float:
    """The squared distance of embeddings (n, d) and (m, d). Raises ValueError on fewer than two rows."""
    if min(len(first), len(second)) < 2:
        raise ValueError("a spread needs two embeddings at least")
    a, b = (np.asarray(rows, np.float64) for rows in (first, second))
    spread_a, spread_b = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b))
    # (S1 S2)^1/2 has the trace of (S1^1/2 S2 S1^1/2)^1/2, whose inside is symmetric: no complex root is needed
    root = _root(spread_a)
    inside = np.linalg.eigvalsh(root @ spread_b @ root)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    distance = apart + np.trace(spread_a) + np.trace(spread_b) - 2 * np.sqrt(np.maximum(inside, 0)).sum()
    return float(max(0.0, distance))


def _root(spread: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The symmetric square root of a covariance."""
    values, vectors = np.linalg.eigh(spread)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
