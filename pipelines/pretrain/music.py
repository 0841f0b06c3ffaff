"""Train the bundled MusicGen from nothing: `python -m pipelines.pretrain.music --minutes 60 --out DIR --work DIR`.

The composer writes the corpus, its traits are put into words, and a small MusicGen (T5 encoder, decoder with delayed
streams) learns to write the tokens of `corpus.score` from the words. Everything is saved in transformers' directory
format with a model card that states how well it went. A run that was killed goes on from its checkpoint in --work.

Three things made the small network learn several times faster (320 steps, mean loss 0.27 before):
  - token embeddings start at a standard deviation of 0.3, not 0.02 where eight of them drown in the position code;
  - heads of the first layer start out looking back by exactly one bar, one phrase or two, see `point_heads_back`;
  - the first steps are nothing but headers, very many of them: what the words say about tempo, key and instruments is
    a dictionary to be learned by heart, and whole pieces show one entry each at the price of 250.

With --drummers DIR (Groove MIDI, Gillick et al. 2019, CC BY 4.0) a third of the pieces are played by a human drummer.
"""

import argparse
import copy
import json
import math
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from torch import nn
from transformers import AutoTokenizer

from core.fit import FitConfig, fit
from core.runtime import compute
from corpus import score
from corpus.captions import Fields
from corpus.composer import write_corpus
from corpus.drummers import Take, read_takes, with_drummer
from pipelines.engines.score_codec import ScoreCodecConfig
from pipelines.engines.windows import CONTEXT_STEPS, Tokens, draw_window
from pipelines.pretrain.music_card import Run, card
from pipelines.pretrain.music_words import Phrases, phrase, train_tokenizer

K, V = score.N_STREAMS, score.VOCABULARY
Draw = Callable[[Tokens, np.random.Generator], Tokens]
LOOKING_BACK = (63, 127, 15, 47)
"""By head of the first layer, in columns. What was chosen four bars ago, eight (where the theme is remembered), one bar
ago (4/4), and four bars ago in 3/4, is in the column one later.
"""
DRUMMED_SHARE = 1 / 3
"""Of the pieces that a human drummer can play."""


@dataclass(frozen=True)
class Size:
    """The network's width and depth."""

    width: int = 256
    layers: int = 4
    heads: int = 4
    text_width: int = 128
    text_layers: int = 2


@dataclass(frozen=True)
class Batches:
    """How much a step reads: whole examples, and bare headers; `blind_share` of the examples come without words."""

    examples: int = 12
    headers: int = 48
    headers_at_first: int = 128
    at_first: int = 300  # steps of nothing but headers
    blind_share: float = 0.12
    header_weight: float = 20.0  # of a header frame against a frame of music


def build(vocabulary: int, size: Size) -> Any:
    """A MusicgenForConditionalGeneration over the score codec, untrained; `vocabulary` is the tokenizer's."""
    from transformers import MusicgenConfig, MusicgenForConditionalGeneration, T5Config
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    text = T5Config(
        vocab_size=vocabulary,
        d_model=size.text_width,
        d_kv=32,
        d_ff=3 * size.text_width,
        num_layers=size.text_layers,
        num_heads=4,
        is_encoder_decoder=False,
        use_cache=False,
        dropout_rate=0.0,
        pad_token_id=0,
        eos_token_id=1,
    )
    decoder = MusicgenDecoderConfig(
        vocab_size=V,
        max_position_embeddings=1024,
        num_hidden_layers=size.layers,
        ffn_dim=4 * size.width,
        num_attention_heads=size.heads,
        hidden_size=size.width,
        dropout=0.0,
        num_codebooks=K,
        audio_channels=1,
        pad_token_id=V,
        bos_token_id=V,
    )
    config = MusicgenConfig(
        text_encoder=text.to_dict(), audio_encoder=ScoreCodecConfig().to_dict(), decoder=decoder.to_dict()
    )
    config.decoder_start_token_id = V
    network: Any = MusicgenForConditionalGeneration(config)
    for settings in (network.generation_config, network.decoder.generation_config):
        settings.pad_token_id = settings.bos_token_id = settings.decoder_start_token_id = V
        settings.eos_token_id = None
        settings.do_sample, settings.guidance_scale, settings.min_p = True, 1.0, 0.05
        settings.max_length = CONTEXT_STEPS + score.N_HEADER_FRAMES + K
    for table in network.decoder.model.decoder.embed_tokens:
        nn.init.normal_(table.weight, std=0.3)
    # At transformers' own 0.02 the words are too faint beside the tokens to be noticed: after 130 steps of headers the
    # key was right in 26 % of cases, so in all of them.
    nn.init.normal_(network.enc_to_dec_proj.weight, std=size.text_width**-0.5)
    for layer in network.decoder.model.decoder.layers:
        attention = layer.encoder_attn
        for projection in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj):
            nn.init.normal_(projection.weight, std=size.width**-0.5)
    look_back(network)
    return network


def look_back(network: Any) -> None:
    """Point the heads of the first layer to LOOKING_BACK."""
    point_heads_back(network.decoder.model.decoder.layers[0].self_attn, LOOKING_BACK)


def point_heads_back(attention: Any, offsets: tuple[int, ...], gain: float = 3.0) -> None:
    """Set queries and keys so that head h attends to the position `offsets[h]` before its own.

    The position code is cos and sin of w_i p. A key takes some of these pairs as they are; the query turns its own
    back by w_i * offset. Their product is then a sum of cos(w_i (p - offset - q)), which peaks at q = p - offset.
    Only a start: training is free to look elsewhere.
    """
    width, per_head = attention.embed_dim, attention.head_dim
    half = width // 2
    frequencies = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    # Layer-normalised pairs have length about sqrt(2), the product is divided by sqrt(per_head): this restores `gain`.
    size = math.sqrt(gain * math.sqrt(per_head) / 2)
    with torch.no_grad():
        for head, offset in enumerate(offsets):
            rows = slice(head * per_head, (head + 1) * per_head)
            query, key = torch.zeros(2, per_head, width)
            for pair in range(per_head // 2):
                i = min(2 * pair, half - 1)  # every other frequency, from the highest down
                turn = frequencies[i] * offset
                cos, sin = size * torch.cos(turn), size * torch.sin(turn)
                key[2 * pair, i] = key[2 * pair + 1, half + i] = size
                query[2 * pair, i], query[2 * pair, half + i] = cos, sin
                query[2 * pair + 1, half + i], query[2 * pair + 1, i] = cos, -sin
            attention.q_proj.weight[rows], attention.k_proj.weight[rows] = query, key


def delayed(tokens: torch.Tensor) -> torch.Tensor:
    """The decoder's input for tokens (B, K, T): int (B, K, T + K - 1), column 0 the start token, stream k late by k.

    Column c predicts frame c - k of stream k.
    """
    batch, streams, frames = tokens.shape
    columns = torch.full((batch, streams, frames + streams - 1), V, dtype=torch.long, device=tokens.device)
    for k in range(streams):
        columns[:, k, 1 + k : 1 + k + frames] = tokens[:, k, : columns.shape[2] - 1 - k]
    return columns


def losses(network: Any, tokens: torch.Tensor, text: dict[str, torch.Tensor], seen: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in nats of every token, (B, K, T).

    `tokens` int (B, K, T); `text` input_ids and attention_mask (B, n); `seen` (B,) is 0 where the words are hidden.
    """
    mask = text["attention_mask"]
    hidden = network.text_encoder(input_ids=text["input_ids"], attention_mask=mask).last_hidden_state
    mask = mask * seen[:, None]
    hidden = network.enc_to_dec_proj(hidden) * mask[..., None]
    states = network.decoder.model(
        delayed(tokens).flatten(0, 1), encoder_hidden_states=hidden, encoder_attention_mask=mask, use_cache=False
    ).last_hidden_state
    per_stream = []
    for k, head in enumerate(network.decoder.lm_heads):
        logits = head(states[:, k : k + tokens.shape[2]]).float()
        per_stream.append(nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, k], reduction="none"))
    return torch.stack(per_stream, 1)


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
        with autocast(self._device):
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


def padded(windows: Sequence[Tokens]) -> torch.Tensor:
    """Windows of different lengths as one int64 tensor (B, K, longest), zeros behind the short ones."""
    whole = np.zeros((len(windows), K, max(window.shape[1] for window in windows)), np.int64)
    for row, window in zip(whole, windows, strict=True):
        row[:, : window.shape[1]] = window
    return torch.from_numpy(whole)


def encode(tokenizer: Any, texts: list[str], device: torch.device) -> dict[str, torch.Tensor]:
    """input_ids and attention_mask, int (B, n)."""
    inputs = tokenizer(texts, return_tensors="pt", padding=True, truncation=True)
    return {name: inputs[name].to(device) for name in ("input_ids", "attention_mask")}


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where it is fast: on CUDA, and on CPUs with the AVX-512 instructions for it."""
    fast = device.type == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.autocast(device.type, torch.bfloat16, enabled=bool(fast))


def held_out_losses(
    network: Any, tokenizer: Any, pieces: Sequence[Tokens], texts: list[str], *, batch: int = 16
) -> torch.Tensor:
    """Mean loss in nats of header and music per stream, float (2, K), on the first window of each piece."""
    network.eval()
    head, sums, counts = score.N_HEADER_FRAMES, torch.zeros(2, K), torch.zeros(2, 1)
    windows = [piece[:, : head + CONTEXT_STEPS] for piece in pieces]
    with torch.no_grad(), autocast(network.device):
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


def unigram_losses(train: Sequence[Tokens], held_out: Sequence[Tokens]) -> npt.NDArray[np.float64]:
    """What the frequencies of the training tokens alone would give on the music, nats, (K,)."""
    head = score.N_HEADER_FRAMES
    known, asked = (np.concatenate([piece[:, head:] for piece in pieces], 1) for pieces in (train, held_out))
    figures = []
    for k in range(K):
        counts = np.bincount(known[k], minlength=V) + 0.5
        figures.append(-np.log(counts / counts.sum())[asked[k]].mean())
    return np.array(figures)


@dataclass(frozen=True)
class Corpus:
    """Pieces with their labels; in `drummed` of them a human plays the drums."""

    pieces: Sequence[Tokens]
    fields: list[Fields]
    drummed: int

    @property
    def hours(self) -> float:
        return sum(_seconds(piece) for piece in self.pieces) / 3600


def _seconds(piece: Tokens) -> float:
    header = score.Header.unpack(piece)
    return score.seconds_of(piece.shape[1] - score.N_HEADER_FRAMES, header.tempo_bpm, header.steps_per_beat)


def write_pieces(n: int, seed: int, drummers: Path | None) -> Corpus:
    """The corpus; with a folder of Groove MIDI a share of its pieces has a human drummer."""
    pieces, fields = write_corpus(n, seed)
    if drummers is None:
        return Corpus(pieces, fields, 0)
    takes: dict[str, list[Take]] = {}
    for take in read_takes(drummers):
        takes.setdefault(take.genre, []).append(take)
    rng = random.Random(seed)
    played = [with_drummer(piece, takes, rng) if rng.random() < DRUMMED_SHARE else piece for piece in pieces]
    drummed = sum(not np.array_equal(now, before) for now, before in zip(played, pieces, strict=True))
    return Corpus(played, fields, drummed)


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


def save(network: Any, tokenizer: Any, out: Path) -> None:
    """Directory format of transformers: float16 safetensors in shards under 10 MB, readable by everyone."""
    copy.deepcopy(network).to(torch.float16).save_pretrained(out, max_shard_size="8MB")
    tokenizer.save_pretrained(out)
    for path in out.iterdir():
        path.chmod(0o644)


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
