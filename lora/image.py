"""Train a LoRA adapter on a Stable Diffusion base: a few new matrices that give every picture another hand.

    python -m lora.image FOLDER --base weights/image --out runs/adapters/mine --epochs 20
    python -m lora.image --style watercolour --base weights/image --out weights/lora/watercolour --minutes 5
    accelerate launch -m lora.image FOLDER --base stable-diffusion-v1-5/stable-diffusion-v1-5 --out mine --steps 800
    torchrun --nproc_per_node 2 -m lora.image FOLDER --base weights/image --out mine --steps 800

The last line is for several processes on a CPU, of which `accelerate launch` starts one.

FOLDER holds pictures with captions, or with the clips they belong to (`lora.examples` says how). Before the first step
a few are measured, and the time and memory of the run are told. Checkpoints, the log and sample sheets go to the
folder of --work; the same command given again after a kill or Ctrl-C goes on where it was and ends with the same
adapter.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from accelerate import Accelerator

from core.errors import UserError
from core.fit import FitConfig, checkpoint_step
from core.models import BUNDLED
from core.together import accelerator
from corpus.manners import STYLES
from lora import memory
from lora.adapter import Recipe, save
from lora.encoded import digest, encode, load_base, native_size_px
from lora.estimate import Estimate, epoch_steps, needed_mb, refuse_if_short, seconds_a_step, steps_of_budget
from lora.examples import Examples, folder_examples, styled_examples
from lora.hearing import picture_words
from lora.sheets import Pictures, Sitting, without_adapter, write
from lora.stopping import Asked
from lora.training import Run, claim, prepared

STOPPED = 130
"""The exit status of a command that was asked to stop, as shells expect it."""

N_PROMPTS = 4


def main(argv: list[str] | None = None) -> int:
    """Train one adapter from the command line; returns the exit status."""
    options = _parser().parse_args(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
    crew = accelerator()
    try:
        return _train(options, crew)
    except UserError as error:
        crew.print(error, file=sys.stderr)
        return 2
    except torch.OutOfMemoryError:
        print("The memory of the GPU is full. Add --gradient-checkpointing or --pieces 4.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        crew.print("Stopped. The same command goes on from its last checkpoint.", file=sys.stderr)
        return STOPPED
    finally:
        crew.end_training()


def _train(options: argparse.Namespace, crew: Accelerator) -> int:
    pipeline = load_base(options.base, device=str(crew.device))
    size_px = options.size or native_size_px(pipeline)
    examples = _examples(options, size_px, crew)
    recipe = _recipe(options, examples)
    encoded = encode(pipeline, examples, trigger=recipe.trigger)
    work = options.work / recipe.name
    if crew.is_main_process and not options.dry_run:
        claim(work, recipe, digest=digest(pipeline, encoded), seed=options.seed)
    crew.wait_for_everyone()
    run = prepared(pipeline, encoded, recipe, work=work, crew=crew, seed=options.seed, pieces=options.pieces)
    if options.gradient_checkpointing:
        run.checkpoint_gradients()
    sitting = _sitting(options, pipeline, examples, recipe)
    fitting = _fitting(options, pipeline, len(examples))
    started = time.monotonic()
    before = without_adapter(pipeline, sitting) if crew.is_main_process else None
    estimate = _estimate(run, fitting, options, sheet_s=time.monotonic() - started)
    several = f", {crew.num_processes} processes" if crew.num_processes > 1 else ""
    crew.print(f"{len(examples)} pictures of {size_px} px{several}. {estimate.sentence()}", flush=True)
    if options.dry_run:
        return 0
    if not options.yes:
        refuse_if_short(estimate.peak_mb, estimate.room_mb)
    if crew.num_processes > 1:  # clocks differ from process to process, steps do not
        fitting = replace(fitting, steps=estimate.steps)
    return _finish(run, fitting, options, sitting, before)


def _finish(
    run: Run, fitting: FitConfig, options: argparse.Namespace, sitting: Sitting, before: Pictures | None
) -> int:
    """Train, and write the adapter; or say how to go on where the person stopped it."""

    def sheet(step: int) -> None:
        path = run.work / "samples" / f"step_{step:06d}.png"
        if before is not None and not path.exists():
            write(path, before, sitting.paint(run.pipeline), sitting.prompts)

    crew, behind = run.steps.crew, checkpoint_step(run.work)
    if behind:
        crew.print(f"Going on from step {behind}.", flush=True)
    with Asked() as asked:
        row = run.train(fitting, sample=sheet if options.sheet_every else None, stop=asked)
        stopped = run.steps.anyone(asked.obeyed)
    crew.wait_for_everyone()
    if stopped:
        step = checkpoint_step(run.work)
        crew.print(f"Stopped after step {step}; the same command goes on from there.", file=sys.stderr)
        return STOPPED
    if crew.is_main_process:
        path = save(run.pipeline, run.recipe, options.out)
        sheet(checkpoint_step(run.work))
        print(json.dumps({"adapter": str(path), "bytes": path.stat().st_size} | row))
    return 0


def _estimate(run: Run, fitting: FitConfig, options: argparse.Namespace, *, sheet_s: float) -> Estimate:
    """Measured in all processes, told by the first."""
    steps, device = run.steps, run.steps.encoded.latents.device
    room_mb, peak_mb = memory.room_mb(device), needed_mb(steps)
    if not options.yes and not options.dry_run:
        refuse_if_short(*steps.agreed((peak_mb, room_mb)))
    step_s = seconds_a_step(steps)
    each = epoch_steps(len(steps.encoded), run.recipe.batch)
    every = options.sheet_every * each
    n_steps = steps_of_budget(fitting, step_s=step_s, sheet_s=sheet_s, sheet_every=every)
    sheets = 1 + n_steps // every if every else 1
    made = Estimate(step_s, sheet_s, n_steps, each, sheets, peak_mb, room_mb)
    return steps.agreed(made)  # type: ignore[no-any-return]


def _examples(options: argparse.Namespace, size_px: int, crew: Accelerator) -> Examples:
    if options.style:
        return styled_examples(options.style, options.pictures, size_px=size_px, seed=options.seed)

    def hear(clip: Path) -> str:
        words = picture_words(clip)
        crew.print(f"{clip.name}: {words}", flush=True)
        return words

    return folder_examples(options.data, size_px=size_px, hear=hear)


def _recipe(options: argparse.Namespace, examples: Examples) -> Recipe:
    learned = f"Learned from {len(examples)} pictures"
    if options.style:
        learned = f"Pictures in the manner of a {options.style}, learned from {len(examples)} painted by rules"
    is_bundled = Path(options.base).resolve() == Path(BUNDLED["image"].where).resolve()
    return Recipe(
        options.out.name,
        options.base_name or (BUNDLED["image"].name if is_bundled else Path(options.base).name),
        options.description or f"{learned}.",
        trigger=options.trigger if options.trigger is not None else options.style or "",
        licence=options.licence or ("Apache-2.0" if options.style else "unknown"),
        rank=options.rank, alpha=options.alpha or options.rank, batch=options.batch,
        text_encoder=options.text_encoder,
    )  # fmt: skip


def _fitting(options: argparse.Namespace, pipeline: Any, examples: int) -> FitConfig:
    """The budget; the rate falls with the width of the base unless given."""
    each = epoch_steps(examples, options.batch)
    is_large = pipeline.unet.config.cross_attention_dim >= 768
    return FitConfig(
        minutes=options.minutes, steps=options.epochs * each if options.epochs else options.steps,
        learning_rate=options.learning_rate or (1e-4 if is_large else 2e-3), warmup_steps=30, weight_decay=0.0,
        ema=0.99, seed=options.seed, checkpoint_minutes=options.checkpoint_minutes,
        sample_every_steps=options.sheet_every * each or None,
    )  # fmt: skip


def _sitting(options: argparse.Namespace, pipeline: Any, examples: Examples, recipe: Recipe) -> Sitting:
    """The sheets' prompts and settings; unless given, some of the captions and what suits the base's scheduler."""
    few = "LCM" in type(pipeline.scheduler).__name__
    is_large = pipeline.unet.config.cross_attention_dim >= 768
    steps, guidance = (4, 1.0) if few else (25, 7.5) if is_large else (12, 2.5)
    spread = examples.captions[:: max(1, len(examples) // N_PROMPTS)][:N_PROMPTS]
    said = tuple(f"{recipe.trigger}, {caption}" if recipe.trigger else caption for caption in spread)
    return Sitting(
        tuple(options.prompt) or said, options.sample_steps or steps,
        guidance if options.sample_guidance is None else options.sample_guidance, examples.pixels.shape[1],
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lora.image", description=main.__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("data", type=Path, nargs="?", help="a folder of pictures with captions or clips")
    source.add_argument("--style", choices=sorted(STYLES), help="learn a manner of the painter instead")
    parser.add_argument("--base", required=True, help="a diffusers Stable Diffusion 1.x directory or Hub id")
    parser.add_argument("--out", type=Path, required=True, help="the adapter's folder, named as the adapter")
    parser.add_argument("--work", type=Path, default=Path("runs/lora"), help="checkpoints, log and sample sheets")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=_positive, default=5.0)
    budget.add_argument("--steps", type=_count, help="train exactly so many steps instead")
    budget.add_argument("--epochs", type=_count, help="see every picture so often instead")
    parser.add_argument("--dry-run", action="store_true", help="stop after the estimate")
    parser.add_argument("--yes", action="store_true", help="start even where memory seems short")
    learning = parser.add_argument_group("what is learned")
    learning.add_argument("--pictures", type=_count, default=400, help="how many to paint for --style")
    learning.add_argument("--size", type=_count, help="pixels a side (default: the base's own)")
    learning.add_argument("--rank", type=_count, default=8)
    learning.add_argument("--alpha", type=_count, help="default: the rank")
    learning.add_argument("--text-encoder", action="store_true", help="let the text encoder learn, too")
    learning.add_argument("--batch", type=_count, default=16, help="pictures a step, over all pieces and processes")
    learning.add_argument("--learning-rate", type=_positive, help="default: 2e-3, for Stable Diffusion's size 1e-4")
    learning.add_argument("--seed", type=int, default=0)
    machine = parser.add_argument_group("time and memory")
    machine.add_argument("--pieces", type=_count, default=1, help="compute a batch in so many pieces (accumulation)")
    machine.add_argument("--gradient-checkpointing", action="store_true", help="less memory, a third slower")
    machine.add_argument("--threads", type=_count, help="CPU threads of a process")
    machine.add_argument("--checkpoint-minutes", type=float, default=1.0)
    said = parser.add_argument_group("what the file says")
    said.add_argument("--base-name", default="", help="the base's name (default: its folder)")
    said.add_argument("--description", default="")
    said.add_argument("--trigger", help="words put before half the captions (default: the style)")
    said.add_argument("--licence", default="", help="of the pictures, hence of the adapter")
    samples = parser.add_argument_group("sample sheets")
    samples.add_argument("--sheet-every", type=int, default=1, help="epochs between sheets; 0: only the last")
    samples.add_argument("--prompt", action="append", default=[], help="again for each column (default: captions)")
    samples.add_argument("--sample-steps", type=_count, help="default: what suits the base's scheduler")
    samples.add_argument("--sample-guidance", type=float, help="default: what suits the base's scheduler")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be a number above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
