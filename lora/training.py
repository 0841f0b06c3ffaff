"""A training run of an adapter: prepared on a base, trained within a budget, and not mistaken for another one."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.utils import broadcast

from core.errors import UserError
from core.fit import FitConfig, checkpoint_step, fit
from core.together import accelerator
from lora.adapter import Recipe, put_in
from lora.encoded import Encoded, encode
from lora.examples import Examples
from lora.objective import training_schedule
from lora.steps import Steps

RUN_NAME = "run.json"


@dataclass(frozen=True)
class Run:
    """A pipeline that holds the adapter, the steps that change it, and the folder of checkpoints and samples."""

    pipeline: Any
    recipe: Recipe
    steps: Steps
    work: Path

    def checkpoint_gradients(self) -> None:
        """Compute activations again on the way back instead of keeping them: a third slower, much less memory."""
        self.pipeline.unet.enable_gradient_checkpointing()
        if self.recipe.text_encoder:
            self.pipeline.text_encoder.activation_checkpointing_enable({"use_reentrant": False})

    def train(
        self, fitting: FitConfig, *, sample: Callable[[int], Any] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> dict[str, float]:  # fmt: skip
        """Train until the budget is used or `stop()` is true in any process; returns the last log row."""
        row = fit(
            self.steps.parts, self.steps, out=self.work, config=fitting, sample=sample,
            stop=lambda: self.steps.anyone(stop()), differentiated=True, writes=self.steps.crew.is_main_process,
        )  # fmt: skip
        for part in self.steps.parts.values():
            part.eval()
        return row


def train(pipeline: Any, examples: Examples, recipe: Recipe, *, fitting: FitConfig, work: Path) -> dict[str, float]:
    """Put an adapter into `pipeline` and train it; checkpoints go to `work`. Returns the last log row."""
    encoded = encode(pipeline, examples, trigger=recipe.trigger)
    return prepared(pipeline, encoded, recipe, work=work, crew=accelerator(), seed=fitting.seed).train(fitting)


def prepared(
    pipeline: Any, encoded: Encoded, recipe: Recipe, *, work: Path, crew: Accelerator, seed: int = 0, pieces: int = 1
) -> Run:
    """Put an untrained adapter into `pipeline`. Raises UserError for a base or a batch that cannot be trained."""
    shares = crew.num_processes * pieces
    if recipe.batch < shares:
        raise UserError(
            f"A batch of {recipe.batch} cannot be cut into {shares} pieces.", "Use a larger --batch or fewer --pieces."
        )
    schedule = training_schedule(pipeline.scheduler)
    parts = put_in(pipeline, recipe, seed=seed)
    for part in parts.values():
        part.train()
    steps = Steps(parts, schedule, encoded, recipe, crew, pieces)
    if crew.num_processes > 1:
        for parameter in steps.parameters():
            parameter.data.copy_(broadcast(parameter.data))
    return Run(pipeline, recipe, steps, work)


def claim(work: Path, recipe: Recipe, *, digest: str, seed: int) -> None:
    """Note in `work` which run lives there. Raises UserError where a checkpoint of another one does.

    `digest` names examples and base: with other pictures, another base or rank a checkpoint would not go on, but go
    wrong.
    """
    facts = asdict(recipe) | {"examples or base": digest, "seed": seed}
    path = work / RUN_NAME
    if path.exists() and checkpoint_step(work):
        before = json.loads(path.read_text())
        told = ("name", "base", "description", "licence")  # words about the run, which do not steer it
        other = [name for name in facts if name not in told and before.get(name) != facts[name]]
        if other:
            raise UserError(
                f"{work} holds a run with other settings: {', '.join(other)}.",
                "Give another --work, or remove that folder to start anew.",
            )
    work.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".writing")
    scratch.write_text(json.dumps(facts, indent=1))
    os.replace(scratch, path)
