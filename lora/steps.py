"""One training step of an adapter over pieces of a batch and over processes (core/together.py)."""

from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list

from core.together import added
from lora.adapter import Recipe
from lora.encoded import Encoded
from lora.objective import Draw, diffusion_loss, draw


@dataclass(frozen=True)
class Steps:
    """`steps(k, generator)` leaves the gradients of step k in the parameters and returns its losses (floats as
    tensors), the same in every process; `pieces` saves memory."""

    parts: dict[str, Any]
    schedule: Any
    encoded: Encoded
    recipe: Recipe
    crew: Accelerator
    pieces: int = 1

    def __call__(self, step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        drawn = draw(self.encoded, self.schedule, self.recipe, step=step, generator=generator)
        mine = drawn.part(self.crew.process_index, self.crew.num_processes)
        sums = dict[str, torch.Tensor]()
        for index in range(self.pieces):
            for name, value in self.of_piece(mine.part(index, self.pieces), share_of=len(drawn.rows)).items():
                sums[name] = sums.get(name, torch.zeros(())) + value.cpu()
        return added(self.crew, self.parameters(), sums)

    def of_piece(self, piece: Draw, *, share_of: int) -> dict[str, torch.Tensor]:
        """Add a piece's gradients, weighted by its share of a batch of `share_of`; returns its share of the losses."""
        values = diffusion_loss(
            self.parts["unet"], self.schedule, self.encoded, piece,
            snr_gamma=self.recipe.snr_gamma, text_encoder=self.parts.get("text_encoder"),
        )  # fmt: skip
        share = len(piece.rows) / share_of
        (values["loss"] * share).backward()
        return {name: value.detach() * share for name, value in values.items()}

    def parameters(self) -> list[torch.nn.Parameter]:
        """What learns."""
        return [p for part in self.parts.values() for p in part.parameters() if p.requires_grad]

    def agreed(self, value: Any) -> Any:
        """The first process's value, in all of them."""
        return broadcast_object_list([value])[0]

    def anyone(self, flag: bool) -> bool:
        """Whether any process says so."""
        if self.crew.num_processes == 1:
            return flag
        return bool(self.crew.reduce(torch.tensor(float(flag), device=self.crew.device), "sum").item())
