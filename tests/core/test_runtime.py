"""Seeds and device."""

from pathlib import Path

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


@pytest.mark.parametrize(
    ("told", "quick"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True, "avx512_bf16": False}, True),
        ({"avx512_f": True, "avx512_bf16": False, "cpu_name": "some"}, False),
        ({}, False),
    ],
)
def test_bfloat16_is_quick_where_the_cpu_multiplies_it(
    told: dict[str, object], quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: told)
    assert runtime.multiplies_bfloat16.__wrapped__() is quick


def test_an_older_torch_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("torch.cpu.get_capabilities")
    assert runtime.multiplies_bfloat16.__wrapped__() is False


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux tells how much memory is free")
def test_free_memory_is_what_the_kernel_or_the_container_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    free = runtime.free_bytes("cpu")
    assert free is not None
    assert 2**20 < free < 2**46
    monkeypatch.setattr(runtime, "_container_free_bytes", lambda folder: 1000)
    assert runtime.free_bytes("cpu") == 1000


def test_a_container_can_drop_the_pages_of_files(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("3000\n")
    (tmp_path / "memory.stat").write_text("anon 1500\ninactive_file 700\n")
    assert runtime._container_free_bytes(tmp_path) == 2700
    (tmp_path / "memory.max").write_text("max\n")
    assert runtime._container_free_bytes(tmp_path) is None
    assert runtime._container_free_bytes(tmp_path / "none") is None
