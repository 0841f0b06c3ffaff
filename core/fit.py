"""One training loop for every torch model here: a time or step budget, EMA, exact resume.

The loop owns the optimiser, the schedule and the checkpoint; the caller owns the loss. Step k draws everything from a
generator seeded with (seed, k), so a run that is killed and resumed computes what the unbroken run would have.
A checkpoint is one safetensors file (weights, EMA, Adam moments) with the counters as JSON in its metadata.
"""

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

Loss = Callable[[int, torch.Generator], dict[str, torch.Tensor]]
"""`loss(step, generator)` -> named scalars; "loss" is minimised, the rest is logged."""

CHECKPOINT_NAME = "checkpoint.safetensors"


@dataclass(frozen=True)
class FitConfig:
    """`minutes` of training time in all (earlier runs counted in), or exactly `steps` when that is given."""

    minutes: float = 60.0
    steps: int | None = None
    learning_rate: float = 1e-3
    warmup_steps: int = 60
    flat_share: float = 0.5  # of the budget at full rate, then a cosine down to 2 %
    weight_decay: float = 0.02
    beta2: float = 0.95
    clip_norm: float = 1.0
    ema: float = 0.998
    seed: int = 0
    checkpoint_minutes: float = 5.0
    sample_every_share: float = 0.2  # of the budget
    sample_every_steps: int | None = None  # instead of the share


def step_seed(seed: int, step: int) -> int:
    """A well-mixed 63-bit seed for one step (splitmix64)."""
    z = (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (z ^ (z >> 31)) >> 1


def learning_rate_at(config: FitConfig, step: int, share: float) -> float:
    """Linear warm-up, flat, then cosine to 2 % of the peak; `share` in [0, 1] is the part of the budget used."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    tail = min(1.0, max(0.0, (share - config.flat_share) / max(1e-9, 1 - config.flat_share)))
    return config.learning_rate * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * tail)))


class _Run:
    """Parameters, EMA, optimiser and counters of one training run."""

    def __init__(self, modules: Mapping[str, nn.Module], config: FitConfig) -> None:
        self.parameters = {
            f"{name}.{key}": p for name, m in modules.items() for key, p in m.named_parameters() if p.requires_grad
        }
        self.ema = {key: p.detach().clone() for key, p in self.parameters.items()}
        self.optimiser = torch.optim.AdamW(
            self.parameters.values(), config.learning_rate, betas=(0.9, config.beta2), weight_decay=config.weight_decay
        )
        self.step = 0
        self.seconds = 0.0

    def save(self, path: Path, config: FitConfig) -> None:
        tensors = {f"now.{k}": p.detach() for k, p in self.parameters.items()}
        tensors |= {f"ema.{k}": v for k, v in self.ema.items()}
        for key, p in self.parameters.items():
            for name, value in self.optimiser.state.get(p, {}).items():
                tensors[f"adam.{name}.{key}"] = value
        meta = {"step": self.step, "seconds": self.seconds, "config": asdict(config)}
        scratch = path.with_suffix(".writing")
        save_file({k: v.contiguous().clone() for k, v in tensors.items()}, scratch, {"fit": json.dumps(meta)})
        os.replace(scratch, path)

    def load(self, path: Path) -> None:
        with safe_open(path, "pt") as file:
            meta = json.loads(file.metadata()["fit"])
            keys = set(file.keys())
            missing = {f"now.{k}" for k in self.parameters} - keys
            if missing:
                raise ValueError(f"{path} was made for another model; it lacks {sorted(missing)[:3]}")
            for key, p in self.parameters.items():
                p.data.copy_(file.get_tensor(f"now.{key}"))
                self.ema[key].copy_(file.get_tensor(f"ema.{key}"))
                names = [n for n in ("step", "exp_avg", "exp_avg_sq") if f"adam.{n}.{key}" in keys]
                if names:  # Adam counts its steps on the CPU, wherever the weights are
                    kept = {n: file.get_tensor(f"adam.{n}.{key}") for n in names}
                    self.optimiser.state[p] = {n: v if n == "step" else v.to(p.device) for n, v in kept.items()}
        self.step, self.seconds = meta["step"], meta["seconds"]


def fit(
    modules: Mapping[str, nn.Module],
    loss: Loss,
    *,
    out: Path,
    config: FitConfig,
    sample: Callable[[int], Any] | None = None,
    stop: Callable[[], bool] = lambda: False,
    differentiated: bool = False,
    writes: bool = True,
) -> dict[str, float]:
    """Train `modules` in place until the budget is used, then leave the EMA weights in them.

    Resumes from `out/checkpoint.safetensors` where it exists; logs to `out/log.jsonl`; `sample(step)` is called with
    the EMA weights in place. `stop()` true ends the run after a checkpoint, with the raw weights in place.
    A `differentiated` loss has left the gradients in the parameters itself, summed over pieces or over processes; of
    several processes one `writes` checkpoints, logs and samples, and the budget must be one of steps.
    Returns the last log row.
    """
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / CHECKPOINT_NAME
    run = _Run(modules, config)
    if checkpoint.exists():
        run.load(checkpoint)
    started, before = time.monotonic(), run.seconds
    saved_at, sums, row = run.seconds, dict[str, float](), dict[str, float]()
    summed, next_sample = 0, config.sample_every_share
    while (share := _share(config, run)) < 1 and not stop():
        values = _advance(run, loss, config, share, differentiated=differentiated)
        run.step += 1
        run.seconds = before + time.monotonic() - started
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        summed += 1
        if run.step % 100 == 0 or run.step in (10, 50):
            row = {"step": run.step, "seconds": round(run.seconds, 1)} | {
                k: round(v / summed, 5) for k, v in sums.items()
            }
            if writes:
                _log(out, row)
            sums, summed = {}, 0
        if writes and run.seconds - saved_at > config.checkpoint_minutes * 60:
            run.save(checkpoint, config)
            saved_at = run.seconds
        every = config.sample_every_steps
        if writes and sample is not None and (run.step % every == 0 if every else share >= next_sample):
            with ema_weights(run.parameters, run.ema):
                sample(run.step)
            next_sample = share + config.sample_every_share
    if writes:
        run.save(checkpoint, config)
    if _share(config, run) >= 1:
        for key, p in run.parameters.items():
            p.data.copy_(run.ema[key])
    return row


def checkpoint_step(out: Path) -> int:
    """How many steps the checkpoint in `out` has behind it; 0 where there is none."""
    path = out / CHECKPOINT_NAME
    if not path.exists():
        return 0
    with safe_open(path, "pt") as file:
        return int(json.loads(file.metadata()["fit"])["step"])


class ema_weights:  # noqa: N801 - used as a with-statement
    """Within the block the parameters hold their EMA."""

    def __init__(self, parameters: dict[str, nn.Parameter], ema: dict[str, torch.Tensor]) -> None:
        self._parameters, self._ema = parameters, ema

    def __enter__(self) -> None:
        self._kept = {k: p.detach().clone() for k, p in self._parameters.items()}
        for key, p in self._parameters.items():
            p.data.copy_(self._ema[key])

    def __exit__(self, *_: object) -> None:
        for key, p in self._parameters.items():
            p.data.copy_(self._kept[key])


def _share(config: FitConfig, run: _Run) -> float:
    return run.step / config.steps if config.steps is not None else run.seconds / (config.minutes * 60)


def _advance(
    run: _Run, loss: Loss, config: FitConfig, share: float, *, differentiated: bool
) -> dict[str, torch.Tensor]:
    seed = step_seed(config.seed, run.step)
    torch.manual_seed(seed)
    for group in run.optimiser.param_groups:
        group["lr"] = learning_rate_at(config, run.step, share)
    run.optimiser.zero_grad(set_to_none=True)
    values = loss(run.step, torch.Generator().manual_seed(seed))
    if not differentiated:
        values["loss"].backward()
    norm = torch.nn.utils.clip_grad_norm_(list(run.parameters.values()), config.clip_norm)
    if not torch.isfinite(norm):
        # One slope that is not a number would spoil every weight. torch 2.13 on a CPU sometimes makes one: that of a
        # strided bfloat16 convolution over a single pixel reads memory that nobody has written.
        for parameter in run.parameters.values():
            if parameter.grad is not None:
                parameter.grad.zero_()
    run.optimiser.step()
    decay = min(config.ema, (run.step + 1) / (run.step + 10))
    with torch.no_grad():
        torch._foreach_lerp_(list(run.ema.values()), [p.detach() for p in run.parameters.values()], 1 - decay)
    return values


def _log(out: Path, row: dict[str, float]) -> None:
    print(json.dumps(row), flush=True)
    with (out / "log.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
