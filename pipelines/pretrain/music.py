"""Train the bundled MusicGen from nothing: `python -m pipelines.pretrain.music --minutes 60 --out DIR --work DIR`.

The composer writes the corpus, its traits are put into words, and a small MusicGen (T5 encoder, decoder with delayed
streams) learns to write the tokens of `corpus.score` from the words. Everything is saved in transformers' directory
format with a model card that states how well it went. A run that was killed goes on from its checkpoint in --work.

The first steps are nothing but headers, very many of them: what the words say about tempo, key and instruments is a
dictionary to be learned by heart, and whole pieces show one entry each at the price of 250.

With --drummers DIR (Groove MIDI, Gillick et al. 2019, CC BY 4.0) a third of the pieces are played by a human drummer.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from transformers import AutoTokenizer

from core.fit import FitConfig, fit
from core.precision import precision
from core.runtime import compute
from corpus import score
from corpus.captions import Fields
from pipelines.engines.windows import CONTEXT_STEPS, Tokens, draw_window
from pipelines.pretrain.music_card import Run, card
from pipelines.pretrain.music_corpus import unigram_losses, write_pieces
from pipelines.pretrain.music_network import Size, build, encode, look_back, losses, padded, save
from pipelines.pretrain.music_words import Phrases, phrase, train_tokenizer

Draw = Callable[[Tokens, np.random.Generator], Tokens]


@dataclass(frozen=True)
class Batches:
    """How much a step reads: whole examples, and bare headers; `blind_share` of the examples come without words."""

    examples: int = 12
    headers: int = 48
    headers_at_first: int = 128
    at_first: int = 300  # steps of nothing but headers
    blind_share: float = 0.12
    header_weight: float = 20.0  # of a header frame against a frame of music


class Course:
    """The training loss: draws examples, puts them into words, and weighs header and music."""

    def __init__(
        self, network: Any, tokenizer: Any, pieces: Sequence[Tokens], phrases: Phrases, batches: Batches
    ) -> None:
        self._network, self._tokenizer, self._pieces, self._phrases = network, tokenizer, pieces, phrases
        self._batches, self._device = batches, network.device

    def __call__(self, step: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """One step's loss, for core.fit."""
        rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
        batches = self._batches
        with precision(self._device):
            if step == batches.at_first:
                # Headers are too short to look back in: what they do to these heads is noise. Without this, bars of the
                # tune still did not return after 2,100 steps.
                look_back(self._network)
            if step < batches.at_first:
                bare = self._losses(rng, batches.headers_at_first, draw_header).mean()
                return {"loss": bare, "bare": bare}
            bare = self._losses(rng, batches.headers, draw_header).mean()
            whole, counts = self._whole(rng)
        n_head = score.N_HEADER_FRAMES
        head = whole[..., :n_head].mean()
        per_stream = (whole[..., n_head:] * counts).sum((0, 2)) / counts.sum((0, 2))
        # A header is judged where music follows it as well: its last streams are chosen when music is already in sight.
        weight = batches.header_weight * n_head / CONTEXT_STEPS
        total = (weight * (bare + head) / 2 + per_stream.mean()) / (weight + 1)
        named = dict(zip(score.STREAM_NAMES, per_stream, strict=True))
        return {"loss": total, "header": head, "bare": bare} | named

    def _whole(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Losses (B, K, T) of windows, and (B, 1, T - header) that is 0 where a window is over."""
        lengths: list[int] = []

        def draw(piece: Tokens, rng: np.random.Generator) -> Tokens:
            window = draw_window(piece, rng)
            lengths.append(window.shape[1])
            return window

        each = self._losses(rng, self._batches.examples, draw)
        at = torch.arange(score.N_HEADER_FRAMES, each.shape[2], device=each.device)
        return each, (at[None, None] < torch.tensor(lengths, device=each.device)[:, None, None]).float()

    def _losses(self, rng: np.random.Generator, n: int, draw: Draw) -> torch.Tensor:
        chosen = rng.integers(len(self._pieces), size=n)
        tokens = padded([draw(self._pieces[i], rng) for i in chosen])
        words = random.Random(int(rng.integers(2**62)))
        text = encode(self._tokenizer, [self._phrases(int(i), words) for i in chosen], self._device)
        seen = torch.from_numpy((rng.random(n) >= self._batches.blind_share).astype(np.int64)).to(self._device)
        return losses(self._network, tokens.to(self._device), text, seen)


def draw_header(piece: Tokens, rng: np.random.Generator) -> Tokens:
    """Nothing but the header."""
    return piece[:, : score.N_HEADER_FRAMES]


def held_out_losses(
    network: Any, tokenizer: Any, pieces: Sequence[Tokens], texts: list[str], *, batch: int = 16
) -> torch.Tensor:
    """Mean loss in nats of header and music per stream, float (2, K), on the first window of each piece."""
    network.eval()
    head, sums, counts = score.N_HEADER_FRAMES, torch.zeros(2, score.N_STREAMS), torch.zeros(2, 1)
    windows = [piece[:, : head + CONTEXT_STEPS] for piece in pieces]
    with torch.no_grad(), precision(network.device):
        for start in range(0, len(windows), batch):
            rows = windows[start : start + batch]
            text = encode(tokenizer, texts[start : start + batch], network.device)
            seen = torch.ones(len(rows), dtype=torch.long, device=network.device)
            for each, row in zip(losses(network, padded(rows).to(network.device), text, seen).cpu(), rows, strict=True):
                n = row.shape[1]
                sums += torch.stack([each[:, :head].sum(1), each[:, head:n].sum(1)])
                counts += torch.tensor([[float(head)], [float(n - head)]])
    network.train()
    return sums / counts


def kept_tokenizer(work: Path, fields: Sequence[Fields], seed: int) -> Any:
    """The tokenizer beside the checkpoint, or a new one that is put there.

    A run that goes on must read words as it did before, also where the phrasings have changed in the meantime.
    """
    folder = work / "tokenizer"
    if folder.is_dir():
        return AutoTokenizer.from_pretrained(folder)
    tokenizer = train_tokenizer(fields, seed)
    tokenizer.save_pretrained(folder)
    return tokenizer


def train(options: argparse.Namespace, size: Size, batches: Batches) -> Run:
    """Compose the corpus, train, measure, save."""
    started = time.monotonic()
    corpus = write_pieces(options.pieces + options.held_out, options.seed, options.drummers)
    tokens, fields = corpus.pieces, corpus.fields
    print(f"{len(tokens)} pieces in {time.monotonic() - started:.0f} s", flush=True)
    held_out, learnt = tokens[: options.held_out], tokens[options.held_out :]
    tokenizer = kept_tokenizer(options.work, fields[options.held_out :], options.seed)
    torch.manual_seed(options.seed)
    network = build(len(tokenizer), size).to(compute().device).train()
    if network.device.type == "cpu":
        # torch's fused attention is slow at going backwards in bfloat16 here: plain products save a fifth of a step.
        network.set_attn_implementation("eager")
    words = random.Random(options.seed)
    texts = [phrase(piece, words) for piece in fields[: options.held_out]]

    def sample(step: int) -> None:
        header, music = held_out_losses(network, tokenizer, held_out[:64], texts[:64]).tolist()
        print(json.dumps({"step": step, "held_out_header": header, "held_out_music": music}), flush=True)
        save(network, tokenizer, options.work / "so_far")

    config = FitConfig(
        minutes=options.minutes,
        steps=options.steps,
        learning_rate=3e-3,
        ema=0.99,
        seed=options.seed,
        sample_every_share=0.1,
    )
    course = Course(network, tokenizer, learnt, Phrases(fields[options.held_out :]), batches)
    fit({"network": network}, course, out=options.work, config=config, sample=sample)
    save(network, tokenizer, options.out)
    header, music = held_out_losses(network, tokenizer, held_out, texts).tolist()
    steps, seconds = progress_so_far(options.work)
    return Run(
        pieces=len(learnt),
        hours=corpus.hours,
        drummed=corpus.drummed,
        held_out=len(held_out),
        steps=steps,
        minutes=seconds / 60,
        seed=options.seed,
        parameters=sum(p.numel() for p in network.parameters()),
        machine=machine(),
        header=header,
        music=music,
        unigram=unigram_losses(learnt, held_out).tolist(),
    )


def progress_so_far(work: Path) -> tuple[int, float]:
    """Steps and seconds of the whole run, from its checkpoint."""
    with safe_open(work / "checkpoint.safetensors", "pt") as file:
        meta = json.loads(file.metadata()["fit"])
    return int(meta["step"]), float(meta["seconds"])


def machine() -> str:
    """What the training ran on, in words."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    n = torch.get_num_threads()
    return f"{n} CPU {'thread' if n == 1 else 'threads'} of a {os.cpu_count()}-core machine"


def main(argv: list[str] | None = None, *, size: Size | None = None, batches: Batches | None = None) -> int:
    """The command line; a smaller network or batch only for tests."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.pretrain.music", description="Train the bundled MusicGen."
    )
    parser.add_argument("--out", type=Path, required=True, help="directory for the finished model")
    parser.add_argument("--work", type=Path, required=True, help="directory for checkpoints, log and early models")
    parser.add_argument("--minutes", type=float, default=60.0, help="of training")
    parser.add_argument("--steps", type=int, default=None, help="exactly so many steps instead of minutes")
    parser.add_argument("--pieces", type=int, default=24000, help="how many the composer writes to learn from")
    parser.add_argument("--drummers", type=Path, default=None, help="the folder of Groove MIDI")
    parser.add_argument("--held-out", type=int, default=400, help="pieces never trained on, for the figures")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads, 0 for torch's choice")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    run = train(options, size or Size(), batches or Batches())
    (options.out / "README.md").write_text(card(run))
    (options.out / "README.md").chmod(0o644)
    print(json.dumps(asdict(run)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
