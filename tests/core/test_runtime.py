"""Seeds and device."""

import pytest

from core import runtime
from core.errors import UserError


def test_a_drawn_seed_is_valid() -> None:
    seeds = {runtime.draw_seed() for _ in range(20)}
    assert len(seeds) > 1
    assert all(runtime.check_seed(seed) == seed for seed in seeds)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True])
def test_a_seed_out_of_range_is_a_sentence(seed: int) -> None:
    with pytest.raises(UserError, match=r"0 to 4294967295"):
        runtime.check_seed(seed)


def test_compute_gives_its_reason() -> None:
    compute = runtime.compute()
    assert compute.device in ("cpu", "cuda", "mps")
    assert compute.reason
    assert str(compute.torch_dtype) == f"torch.{compute.dtype}"


def test_threads_that_wait_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    runtime.share_cores()
    assert runtime.os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    runtime.share_cores()
    assert runtime.os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
