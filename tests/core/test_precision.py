"""Where training computes in bfloat16."""

import pytest
import torch

from core import precision


@pytest.mark.parametrize("has", [True, False])
def test_bfloat16_only_where_the_processor_multiplies_in_it(has: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "multiplies_bfloat16", lambda: has)
    with precision.precision(torch.device("cpu")):
        made = torch.ones(2, 2) @ torch.ones(2, 2)
    assert (made.dtype == torch.bfloat16) == has
