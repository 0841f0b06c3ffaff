"""The pictures of the classifiers' report: who is taken for whom, and how far confidence can be believed.

Drawn with matplotlib's Agg canvas (no display, no global state). Matrices are (labels, labels), rows the truth.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

INK, GRID, FIRST, SECOND = "#26323a", "#d5dbdf", "#b9602f", "#2c6e8f"
_DPI = 110


def confusion(counts: npt.NDArray, labels: Sequence[str], path: Path, *, title: str) -> None:
    """How often each label (row) was taken for which (column): shares of the row as colour, counts as numbers."""
    from matplotlib.colors import LinearSegmentedColormap

    figure, axes = _axes(5.7, 5.6, title)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(1)
    axes.imshow(shares, cmap=LinearSegmentedColormap.from_list("", ["#ffffff", "#9cc4d6", "#17455e"]), vmin=0, vmax=1)
    for row in range(len(labels)):
        for column in range(len(labels)):
            if counts[row, column]:
                ink = "white" if shares[row, column] > 0.55 else INK
                weight = "bold" if row == column else "normal"
                where = {"ha": "center", "va": "center", "fontsize": 9}
                axes.text(column, row, str(int(counts[row, column])), color=ink, weight=weight, **where)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _save(figure, path)


def reliability(before: npt.NDArray, after: npt.NDArray, path: Path, *, title: str) -> None:
    """Accuracy against confidence, rows of (confidence, accuracy, count), before and after temperature scaling."""
    figure, axes = _axes(5.2, 5.0, title)
    axes.plot([0, 1], [0, 1], color=GRID, linewidth=1.5, zorder=1)
    axes.text(0.06, 0.09, "as sure as right", color="#8a969d", rotation=45, ha="left", va="bottom", fontsize=8)
    for rows, colour, name in ((before, FIRST, "before scaling"), (after, SECOND, "as shipped")):
        axes.plot(rows[:, 0], rows[:, 1], color=colour, linewidth=1, alpha=0.5, zorder=2)
        axes.scatter(
            rows[:, 0],
            rows[:, 1],
            s=rows[:, 2] * 3,
            color=colour,
            alpha=0.85,
            label=name,
            zorder=3,
            lw=0,
            clip_on=False,
        )
    legend = axes.legend(frameon=False, loc="upper left")
    for handle in legend.legend_handles:
        handle.set_sizes([40])
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share that is right", aspect="equal")
    axes.grid(color=GRID, linewidth=0.5)
    _save(figure, path)


def _axes(width_in: float, height_in: float, title: str) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.tick_params(colors=INK, labelsize=9)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(GRID)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # no version or date inside: the same figures give the same file
    figure.savefig(path, metadata={"Software": None})
