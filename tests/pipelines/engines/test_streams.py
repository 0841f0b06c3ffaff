"""The loop over columns against transformers' own `generate`, and batches against single rows."""

from pathlib import Path

import pytest
import torch
from transformers import LogitsProcessor, LogitsProcessorList

from core.runtime import Compute
from pipelines.engines import musicgen
from pipelines.engines.decoder import Decoder
from pipelines.engines.steering import NEVER, Row, Sampling, Steering
from pipelines.engines.streams import Conditions, generate_frames, read_nothing, read_text


@pytest.fixture(scope="module")
def loaded(tiny_musicgen: Path) -> musicgen.Loaded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHESETE_MUSIC_MODEL", str(tiny_musicgen))
        loaded = musicgen.load(Compute("cpu", "float32", "a test"))
    loaded.network.float()  # where the decoder is quicker in bfloat16, rounding depends on the size of the batch
    return loaded


class Puppet(LogitsProcessor):
    """Lets `generate` take the tokens that a Steering chooses."""

    def __init__(self, steering: Steering) -> None:
        self.steering = steering

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        n_streams = len(self.steering.delays)
        choice = self.steering.choose(scores.view(-1, n_streams, scores.shape[-1]), column=input_ids.shape[1])
        chosen = torch.full((choice.numel(), scores.shape[-1]), NEVER).scatter_(1, choice.view(-1, 1), 0.0)
        # with guidance generate() applies its own arithmetic after this; equal halves pass through it unchanged
        return chosen.repeat(len(scores) // len(chosen), 1)


def steered(seeds: tuple[int, ...], guidance: float) -> Steering:
    rows = [Row(torch.Generator().manual_seed(seed)) for seed in seeds]
    return Steering(range(4), Sampling(guidance, top_k=30), rows)


def drawn_prefix(n_rows: int, n_frames: int) -> torch.Tensor:
    return torch.randint(0, 64, (n_rows, 4, n_frames), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("guidance", [1.0, 3.0])
@pytest.mark.parametrize("n_prefix", [0, 12])
def test_the_tokens_are_those_of_generate(loaded: musicgen.Loaded, guidance: float, n_prefix: int) -> None:
    network, (text, _) = loaded.network, musicgen.tokenised(loaded, "calm jazz")
    prefix, theirs = drawn_prefix(2, n_prefix), steered((5, 6), guidance)
    start = torch.full((8, 1), network.generation_config.decoder_start_token_id)
    network.generate(
        **{name: some.repeat(2, 1) for name, some in text.items()},
        decoder_input_ids=torch.cat([start, prefix.flatten(0, 1)], 1),
        max_new_tokens=20 + 3,
        logits_processor=LogitsProcessorList([Puppet(theirs)]),
        guidance_scale=guidance,
        do_sample=False,
    )
    ours = generate_frames(
        network, read_text(network, text), prefix=prefix, n_frames=20, steering=steered((5, 6), guidance)
    )
    assert torch.equal(ours, theirs.frames())


def test_a_row_of_a_batch_is_the_piece_it_would_be_alone(loaded: musicgen.Loaded) -> None:
    conditions = read_text(loaded.network, musicgen.tokenised(loaded, "calm jazz")[0])

    def made(*seeds: int) -> torch.Tensor:
        prefix = drawn_prefix(1, 6).expand(len(seeds), -1, -1)
        return generate_frames(loaded.network, conditions, prefix=prefix, n_frames=25, steering=steered(seeds, 3.0))

    batch = made(3, 4, 5)
    assert batch.shape == (3, 4, 25)
    for row, seed in enumerate((3, 4, 5)):
        assert torch.equal(batch[row], made(seed)[0])
    assert not torch.equal(batch[0], batch[1])


def test_rows_may_read_texts_of_different_lengths(loaded: musicgen.Loaded) -> None:
    network, texts = loaded.network, ["calm", "very loud rock with drums"]
    padded = loaded.tokenizer(texts, return_tensors="pt", padding=True)
    together = read_text(network, {"input_ids": padded.input_ids, "attention_mask": padded.attention_mask})
    batch = generate_frames(network, together, prefix=drawn_prefix(2, 0), n_frames=15, steering=steered((3, 4), 3.0))
    for row, (seed, text) in enumerate(zip((3, 4), texts, strict=True)):
        alone = read_text(network, musicgen.tokenised(loaded, text)[0])
        piece = generate_frames(network, alone, prefix=drawn_prefix(1, 0), n_frames=15, steering=steered((seed,), 3.0))
        assert torch.equal(batch[row], piece[0])


def test_what_comes_before_is_read_and_kept(loaded: musicgen.Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    read = Decoder.read

    def spy(decoder: Decoder, columns: torch.Tensor) -> torch.Tensor:
        seen.append(columns[0])
        return read(decoder, columns)

    monkeypatch.setattr(Decoder, "read", spy)
    prefix = drawn_prefix(1, 12)
    frames = generate_frames(
        loaded.network, read_nothing(loaded.network), prefix=prefix, n_frames=9, steering=steered((2,), 1.0)
    )
    read_columns, whole = torch.cat(seen, 1), torch.cat([prefix, frames], 2)[0]
    for stream in range(4):
        assert torch.all(read_columns[stream, : 1 + stream] == 64)
        n = read_columns.shape[1] - 1 - stream
        assert torch.equal(read_columns[stream, 1 + stream : 22 + stream], whole[stream, :n])


def test_no_text_is_what_generate_takes_for_it(loaded: musicgen.Loaded) -> None:
    network = loaded.network
    theirs = steered((5,), 1.0)
    network.generate(
        **network.get_unconditional_inputs(1), max_new_tokens=23, do_sample=False,
        logits_processor=LogitsProcessorList([Puppet(theirs)]),
    )  # fmt: skip
    nothing: Conditions = read_nothing(network)
    ours = generate_frames(network, nothing, prefix=drawn_prefix(1, 0), n_frames=20, steering=steered((5,), 1.0))
    assert torch.equal(ours, theirs.frames())
