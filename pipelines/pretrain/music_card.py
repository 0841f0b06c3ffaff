"""The model card of the bundled MusicGen, in the Hub's format, with the figures of the run that made it."""

from dataclasses import dataclass

from corpus.score import STREAM_NAMES

MEASURED = ("<!-- measured: begin -->", "<!-- measured: end -->")
"""`python -m evaluation.music --card` replaces what stands between these."""


@dataclass(frozen=True)
class Run:
    """How a training run went. Losses in nats a token on held-out pieces: header cells, music, and its unigram.

    `hours` is what the pieces last, `drummed` how many a human drummer plays in.
    """

    pieces: int
    hours: float
    drummed: int
    held_out: int
    steps: int
    minutes: float
    seed: int
    parameters: int
    machine: str
    header: list[float]
    music: list[float]
    unigram: list[float]


def card(run: Run) -> str:
    """README.md of the model's directory."""
    rows = "\n".join(
        f"| {name} | {unigram:.2f} | {music:.3f} |"
        for name, unigram, music in zip(STREAM_NAMES, run.unigram, run.music, strict=True)
    )
    return _TEMPLATE.format(
        rows=rows,
        begin=MEASURED[0],
        end=MEASURED[1],
        parameters=run.parameters / 1e6,
        header=sum(run.header) / len(run.header),
        pieces=f"{run.pieces:,}",
        hours=run.hours,
        drummed=f"{run.drummed:,}",
        held_out=run.held_out,
        n_pieces=run.pieces,
        steps=f"{run.steps:,}",
        minutes=run.minutes,
        seed=run.seed,
        machine=run.machine,
    )


_TEMPLATE = """---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-to-audio
tags:
- music
- musicgen
- symbolic-music
---

# Synesthete's score MusicGen

A MusicGen of {parameters:.1f} million parameters whose audio encoder is a **score codec**: its eight codebooks are parallel
streams of musical events (position, drums, chord, bass, accompaniment, a further voice, melody, dynamics) on a grid of
four steps a beat (six in 6/8), played by a General MIDI soundfont. So its tempo is exact, its sound is clean, every
piece comes with MIDI, and it runs on a plain CPU many times faster than real time. It is a small model of music written
by rules; it has never heard a recording, and it cannot sing.

## Use

```python
import pipelines.engines.score_codec  # registers the codec with transformers
from transformers import AutoTokenizer, MusicgenForConditionalGeneration

model = MusicgenForConditionalGeneration.from_pretrained("weights/music", dtype="float32")
tokenizer = AutoTokenizer.from_pretrained("weights/music")
text = tokenizer("calm jazz with piano, 96 bpm, A minor", return_tensors="pt")
sound = model.generate(**text, max_new_tokens=2 + 64 + 7)  # header, 64 steps (4 bars), delay of the last stream
```

`pipelines.compose` does more: it forces what a request states (genre, emotion, tempo, key, metre, instruments) into
the header, allows only tokens that mean something, makes pieces of 1 to 300 s in windows that remember the theme and
close on their last chord, goes on from a clip (`encode` hears its beats, key, chords, bass and drums), plays while it
writes, and returns MIDI as well. Guidance is off by default and acts as at most 3: at 6 tunes lose the bars that return.

## Training

| | |
|---|---|
| data | {pieces} pieces ({hours:.0f} hours) that `corpus/composer.py` wrote by rules: ten genres by nine emotions, four metres, whole forms, with captions in many phrasings (`pipelines/pretrain/music_words.py`). In {drummed} of them a human plays the drums: Groove MIDI Dataset, Gillick et al., "Learning to Groove with Inverse Sequence Transformations", ICML 2019, CC BY 4.0 |
| network | T5 encoder of 2 layers (width 128), decoder of 4 layers (width 256), vocabulary 128, delay pattern of MusicGen |
| run | {steps} steps in {minutes:.0f} minutes, seed {seed}, on {machine} |
| command | `python -m pipelines.pretrain.music --minutes {minutes:.0f} --pieces {n_pieces} --seed {seed} --drummers DIR --out weights/music --work DIR` |
| storage | float16 safetensors in shards; load with `dtype="float32"` |

Losses in nats a token on {held_out} pieces that it was not trained on (header: {header:.2f}):

| stream | token frequencies alone | this model |
|---|---|---|
{rows}

## How well it follows

{begin}
Not measured yet: `python -m evaluation.music --card`.
{end}

## Limits

Ten genres, as a rule-writer understands them. Words outside its vocabulary are ignored or lead anywhere. No note in it
was taken from anyone's recordings or compositions, only drum patterns; no voices, no lyrics, no sound effects.
"""  # noqa: E501
