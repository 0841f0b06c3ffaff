"""The comparison of speeds: its arithmetic, and both pictures really painted by a small model of the same layout."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.models import LOADED
from evaluation import bench
from evaluation.full_size import SMALL, Folders, Size, unet_of, write
from evaluation.picture_speed import Comparison, PlainTimes, Spent, compare, main, median, met, table

# diffusers' schedulers read torch tensors with np.array, which numpy 2 remarks upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")


def comparison(whole: Spent | None = None) -> Comparison:
    plain = PlainTimes(51, [Spent(1, 2)], [Spent(22, 44), Spent(24, 48), Spent(90, 46)], [Spent(31, 60)])
    ours = {2: [Spent(8, 16)], 4: [Spent(15, 30), Spent(16, 32), Spent(60, 33)]}
    return Comparison(512, 2, "bfloat16", ours, plain, whole)


def test_a_plain_picture_is_calculated_from_its_parts() -> None:
    made = comparison()
    assert made.plain.picture == Spent(1 + 51 * 24 + 31, 2 + 51 * 46 + 60)
    assert made.times_faster(4) == pytest.approx(1256 / 16)
    assert made.times_less_work(4) == pytest.approx(2408 / 32)
    assert made.times_faster(2) == pytest.approx(1256 / 8)
    assert comparison(Spent(1600, 2000)).times_faster(4) == 100
    assert median([Spent(1, 9), Spent(2, 8), Spent(9, 1)]) == Spent(2, 8)


def test_the_promise_is_judged_at_four_steps() -> None:
    assert met(comparison())
    assert not met(comparison(Spent(59 * 16, 1)))
    assert not met(Comparison(512, 2, "bfloat16", {2: [Spent(1, 1)]}, comparison().plain, None))


def test_the_table_says_what_was_calculated() -> None:
    assert "calculated from 3 timed steps of 51" in table(comparison())
    assert "| 16.0 | 78 | 32.0 | 75 |" in table(comparison())
    assert "painted whole | 1600 | 1 | 2000 | 1 |" in table(comparison(Spent(1600, 2000)))


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    """Small random models; the settings that a comparison makes are taken back."""
    names = ("SYNTHESETE_IMAGE_MODEL", "SYNTHESETE_IMAGE_LCM", "SYNTHESETE_IMAGE_DECODER")
    before = {name: os.environ.get(name) for name in names}
    yield write(tmp_path / "weights", SMALL)
    LOADED.clear()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def test_both_pictures_are_painted(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    made = compare(folders, steps=[2], plain_steps=2, rounds=2, whole=False)
    assert made.size_px == 64
    assert len(made.ours[2]) == 2
    assert made.plain.n_steps == 51, "PNDM takes one step more than it is asked for"
    assert len(made.plain.steps) == 4
    assert all(spent.wall_s > 0 for spent in [*made.plain.steps, *made.plain.decodings])
    assert made.times_faster(2) > 3
    bench.main(["--full-size", "--weights", str(folders.pipeline.parent), "--steps", "2", "--rounds", "1"])
    assert "NOT met" in capsys.readouterr().out, "four steps were not timed"


def test_the_full_size_is_that_of_stable_diffusion() -> None:
    import torch

    with torch.device("meta"):
        weights = sum(weight.numel() for weight in unet_of(Size()).parameters())
    assert weights == 859_520_964


def test_options_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--whole" in capsys.readouterr().out
