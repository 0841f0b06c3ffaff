"""Self-attention that looks at every other row and column: a third of a large UNet's time on a CPU is spent there.

Queries stay whole; keys and values are taken from one place of every 2 x 2 (token downsampling: Smith, Saxena and Saha
2024, "ToDo", https://arxiv.org/abs/2402.13573, which found pictures hardly changed and the nearest place better than
a mean). Only in layers that see as many places as the latents have, and only where these are many; smaller ones have
little to save.
"""

from typing import TYPE_CHECKING, Any

from diffusers.models.attention_processor import AttnProcessor2_0

if TYPE_CHECKING:
    import torch

FEWEST_PLACES = 3072
"""Below that attention is cheap: 64 x 48 latents are 512 x 384 pixels."""


class Downsampled(AttnProcessor2_0):
    """Attention whose keys and values come from every other place; `size` is that of the latents, (rows, columns)."""

    def __init__(self) -> None:
        super().__init__()
        self.size = (0, 0)

    def __call__(
        self, attn: Any, hidden_states: "torch.Tensor", encoder_hidden_states: Any = None, *rest: Any, **words: Any
    ) -> Any:
        """As AttnProcessor2_0; `hidden_states` (B, places, width)."""
        rows, columns = self.size
        if encoder_hidden_states is None and hidden_states.shape[1] == rows * columns >= FEWEST_PLACES:
            encoder_hidden_states = every_other(hidden_states, rows, columns)
        return super().__call__(attn, hidden_states, encoder_hidden_states, *rest, **words)


def every_other(places: "torch.Tensor", rows: int, columns: int) -> "torch.Tensor":
    """(B, rows * columns, width) to (B, ceil(rows / 2) * ceil(columns / 2), width)."""
    return places.unflatten(1, (rows, columns))[:, ::2, ::2].flatten(1, 2)


def apply(unet: Any) -> None:
    """Let the self-attention of `unet` work so from now on; attention to words stays as it is."""
    ours = Downsampled()

    def note(_: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        sample = given[0] if given else named["sample"]
        ours.size = tuple(sample.shape[-2:])

    unet.register_forward_pre_hook(note, with_kwargs=True)
    unet.set_attn_processor({name: ours if ".attn1." in name else kept for name, kept in unet.attn_processors.items()})
