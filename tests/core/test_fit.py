"""The training loop: it learns, a resumed run equals the unbroken one, and a foreign checkpoint is refused."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch

from core.fit import FitConfig, checkpoint_step, fit, learning_rate_at, step_seed


def _net() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.1), torch.nn.Linear(8, 1))


def _loss(net: torch.nn.Module):
    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        x = torch.randn(32, 4, generator=generator)
        return {"loss": ((net(x)[:, 0] - x.sum(1)) ** 2).mean()}

    return loss


def _weights(net: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def test_a_killed_and_resumed_run_equals_the_unbroken_one(tmp_path: Path) -> None:
    config = FitConfig(steps=60, learning_rate=1e-2)
    whole, parts = _net(), _net()
    fit({"net": whole}, _loss(whole), out=tmp_path / "whole", config=config)
    stops = iter([False] * 25 + [True])
    fit({"net": parts}, _loss(parts), out=tmp_path / "parts", config=config, stop=lambda: next(stops))
    resumed = _net()
    fit({"net": resumed}, _loss(resumed), out=tmp_path / "parts", config=config)
    assert torch.equal(_weights(whole), _weights(resumed))
    assert not torch.equal(_weights(parts), _weights(resumed))


def test_it_learns(tmp_path: Path) -> None:
    net = _net()
    row = fit({"net": net}, _loss(net), out=tmp_path, config=FitConfig(steps=400, learning_rate=1e-2))
    assert row["loss"] < 0.5  # the target's variance is 4
    with torch.no_grad():
        assert float(((net.eval()(torch.eye(4))[:, 0] - 1) ** 2).mean()) < 0.2


def test_a_step_that_is_not_a_number_costs_nothing(tmp_path: Path) -> None:
    net = _net()
    good = _loss(net)

    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        value = good(step, generator)["loss"]
        return {"loss": value * float("nan") if step in (0, 7) else value}

    fit({"net": net}, loss, out=tmp_path, config=FitConfig(steps=20))
    assert torch.isfinite(_weights(net)).all()
    assert not torch.equal(_weights(net), _weights(_net()))


def test_samples_see_the_averaged_weights(tmp_path: Path) -> None:
    net = _net()
    seen: list[torch.Tensor] = []
    config = FitConfig(steps=20, sample_every_share=0.5)
    fit({"net": net}, _loss(net), out=tmp_path, config=config, sample=lambda step: seen.append(_weights(net)))
    assert len(seen) == 1
    assert not torch.equal(seen[0], _weights(net))


def test_samples_come_every_so_many_steps(tmp_path: Path) -> None:
    net, seen = _net(), list[int]()
    config = FitConfig(steps=20, sample_every_steps=6)
    fit({"net": net}, _loss(net), out=tmp_path, config=config, sample=seen.append)
    assert seen == [6, 12, 18]


def test_a_loss_that_left_its_gradients_trains_as_one_that_did_not(tmp_path: Path) -> None:
    plain, pieces = _net(), _net()
    inner = _loss(pieces)

    def loss(step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        value = inner(step, generator)["loss"]
        for share in (0.25, 0.75):
            (share * value).backward(retain_graph=True)
        return {"loss": value.detach()}

    config = FitConfig(steps=10)
    fit({"net": plain}, _loss(plain), out=tmp_path / "plain", config=config)
    fit({"net": pieces}, loss, out=tmp_path / "pieces", config=config, differentiated=True)
    torch.testing.assert_close(_weights(pieces), _weights(plain))


def test_a_process_that_does_not_write_leaves_nothing(tmp_path: Path) -> None:
    net, seen = _net(), list[int]()
    config = FitConfig(steps=10, sample_every_steps=1, checkpoint_minutes=0)
    fit({"net": net}, _loss(net), out=tmp_path, config=config, sample=seen.append, writes=False)
    assert (seen, list(tmp_path.iterdir()), checkpoint_step(tmp_path)) == ([], [], 0)
    fit({"net": net}, _loss(net), out=tmp_path, config=config)
    assert checkpoint_step(tmp_path) == 10


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    net = _net()
    fit({"net": net}, _loss(net), out=tmp_path, config=FitConfig(steps=2))
    with pytest.raises(ValueError, match="another model"):
        fit({"other": net}, _loss(net), out=tmp_path, config=FitConfig(steps=4))


def test_the_rate_warms_up_stays_and_falls() -> None:
    config = FitConfig(learning_rate=1.0, warmup_steps=10, flat_share=0.5)
    rates = [learning_rate_at(config, step, step / 100) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:50] == [1.0] * 40
    assert all(a > b for a, b in pairwise(rates[51:]))
    assert rates[-1] == pytest.approx(0.02)


def test_step_seeds_differ() -> None:
    assert len({step_seed(seed, step) for seed in range(10) for step in range(100)}) == 1000
