"""Training: it lowers the loss and leaves the base alone, by whichever way it is computed; runs are not mixed up."""

from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.fit import FitConfig
from core.together import accelerator
from lora import estimate, memory
from lora.adapter import Recipe
from lora.encoded import digest, encode, load_base, text_states
from lora.estimate import Estimate
from lora.examples import styled_examples
from lora.objective import diffusion_loss, draw
from lora.training import claim, prepared, train

RECIPE = Recipe("wash", "tiny", "A test.", trigger="watercolour", rank=4, alpha=2, batch=4)


@pytest.fixture(scope="module")
def examples():
    return styled_examples("watercolour", 5, size_px=64)


def gradients(pipeline, examples, recipe, *, pieces=1, checkpointing=False):
    """Those of step 3, in one row, and the losses."""
    run = prepared(
        pipeline, encode(pipeline, examples), recipe, work=None, crew=accelerator(), seed=1, pieces=pieces
    )  # fmt: skip
    if checkpointing:
        run.checkpoint_gradients()
    for parameter in run.steps.parameters():
        parameter.data.add_(0.01)  # an untrained adapter's down matrices have no slope
    losses = run.steps(3, torch.Generator().manual_seed(3))
    return torch.cat([p.grad.flatten() for p in run.steps.parameters()]), losses


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon", "sample"])
def test_training_lowers_the_loss_and_leaves_the_base_frozen(tiny, examples, prediction, tmp_path):
    pipeline = tiny(prediction=prediction)
    frozen = {key: value.clone() for key, value in pipeline.unet.state_dict().items()}
    encoded, crew = encode(pipeline, examples), accelerator()
    run = prepared(pipeline, encoded, RECIPE, work=tmp_path, crew=crew)

    @torch.no_grad()
    def loss() -> float:
        made = [
            draw(encoded, run.steps.schedule, RECIPE, step=s, generator=torch.Generator().manual_seed(s))
            for s in range(6)
        ]
        return sum(
            float(diffusion_loss(pipeline.unet, run.steps.schedule, encoded, d, snr_gamma=5)["loss"]) for d in made
        )

    before = loss()
    run.train(FitConfig(steps=24, learning_rate=2e-2, warmup_steps=4, ema=0.0))
    assert loss() < 0.9 * before
    after = {key.replace(".base_layer.", "."): value for key, value in pipeline.unet.state_dict().items()}
    assert all(torch.equal(after[key], value) for key, value in frozen.items())


def test_pieces_and_gradient_checkpointing_give_the_same_gradients(tiny, examples, monkeypatch):
    monkeypatch.setattr("lora.objective.precision", lambda device: torch.autocast(device.type, enabled=False))
    recipe = replace(RECIPE, text_encoder=True)
    whole, losses = gradients(tiny(), examples, recipe)
    assert whole.abs().max() > 0
    for settings in ({"pieces": 3}, {"checkpointing": True}):
        made, told = gradients(tiny(), examples, recipe, **settings)
        torch.testing.assert_close(made, whole, rtol=1e-3, atol=1e-6)
        torch.testing.assert_close(told, losses)


def test_a_batch_that_cannot_be_cut_is_a_sentence(tiny, examples):
    with pytest.raises(UserError, match="batch of 4 cannot be cut into 5"):
        gradients(tiny(), examples, RECIPE, pieces=5)


def test_the_text_encoder_learns_where_it_is_asked_to(tiny, examples, tmp_path):
    pipeline = tiny()
    encoded = encode(pipeline, examples)
    torch.testing.assert_close(text_states(pipeline.text_encoder, encoded.ids), encoded.texts)
    torch.testing.assert_close(encoded.texts[:1], pipeline.encode_prompt(examples.captions[0], "cpu", 1, False)[0])
    recipe = replace(RECIPE, text_encoder=True)
    train(pipeline, examples, recipe, fitting=FitConfig(steps=3, learning_rate=2e-2, warmup_steps=1), work=tmp_path)
    assert (text_states(pipeline.text_encoder, encoded.ids) - encoded.texts).abs().max() > 1e-4


def test_every_second_caption_begins_with_the_trigger(tiny, examples):
    pipeline = tiny()
    plain, marked = encode(pipeline, examples).ids, encode(pipeline, examples, trigger="wash").ids
    assert [bool((a == b).all()) for a, b in zip(plain, marked, strict=True)] == [True, False, True, False, True]


def test_stable_diffusions_classes_are_trained(sd15, tmp_path):
    pipeline = load_base(str(sd15))
    examples = styled_examples("woodcut", 4, size_px=64)
    latents = encode(pipeline, examples).latents
    assert latents.shape == (4, 4, 16, 16)
    row = train(pipeline, examples, RECIPE, fitting=FitConfig(steps=10), work=tmp_path)
    assert 0 < row["mse"] < 10


def test_a_base_stored_in_half_precision_is_trained_in_full(tiny, tmp_path):
    tiny().to(torch.float16).save_pretrained(tmp_path)
    pipeline = load_base(str(tmp_path))
    assert {part.dtype for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder)} == {torch.float32}
    assert not any(p.requires_grad for part in (pipeline.unet, pipeline.text_encoder) for p in part.parameters())


def test_what_is_no_base_is_a_sentence(tmp_path):
    for where in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UserError, match="could not be loaded"):
            load_base(str(where))


def test_a_checkpoint_of_another_run_is_not_gone_on_with(tiny, examples, tmp_path):
    pipeline = tiny()
    known = digest(pipeline, encode(pipeline, examples))
    claim(tmp_path, RECIPE, digest=known, seed=0)
    claim(tmp_path, replace(RECIPE, rank=2), digest=known, seed=0)  # nothing is lost yet
    claim(tmp_path, RECIPE, digest=known, seed=0)
    train(pipeline, examples, RECIPE, fitting=FitConfig(steps=1), work=tmp_path)
    claim(tmp_path, replace(RECIPE, licence="CC0-1.0"), digest=known, seed=0)
    for recipe, named, seed in ((replace(RECIPE, rank=2), known, 0), (RECIPE, "other", 0), (RECIPE, known, 1)):
        with pytest.raises(UserError, match=r"other settings: (rank|examples or base|seed)"):
            claim(tmp_path, recipe, digest=named, seed=seed)


def test_the_digest_names_base_and_examples(tiny, examples):
    pipeline, other = tiny(), tiny()
    known = digest(pipeline, encode(pipeline, examples))
    assert digest(other, encode(other, examples)) == known
    other.unet.conv_in.bias.data += 1e-3
    assert digest(other, encode(other, examples)) != known
    said = replace(examples, captions=("another", *examples.captions[1:]))
    assert digest(pipeline, encode(pipeline, said)) != known


def test_the_estimate_measures_without_learning(tiny, examples):
    pipeline = tiny()
    run = prepared(pipeline, encode(pipeline, examples), RECIPE, work=None, crew=accelerator())
    before = [p.detach().clone() for p in run.steps.parameters()]
    assert estimate.seconds_a_step(run.steps) > 0
    needed, room = estimate.needed_mb(run.steps), memory.room_mb(torch.device("cpu"))
    assert all(torch.equal(a, b) for a, b in zip(before, run.steps.parameters(), strict=True))
    assert all(p.grad is None for p in run.steps.parameters())
    if needed is None or room is None:
        pytest.skip("this system does not tell how much memory a process uses")
    assert 50 < needed < room


def test_the_peak_of_memory_is_seen_and_forgotten():
    cpu = torch.device("cpu")
    memory.forget_peak(cpu)
    before = memory.peak_mb(cpu)
    if before is None:
        pytest.skip("this system does not tell how much memory a process uses")
    torch.ones(30_000_000)  # 120 MB, gone at once
    assert memory.peak_mb(cpu) > before + 100
    memory.forget_peak(cpu)
    assert memory.peak_mb(cpu) < before + 60


def test_a_larger_batch_is_estimated_before_it_is_tried(tiny, examples, monkeypatch):
    pipeline = tiny()
    encoded = encode(pipeline, examples)
    recipe = replace(RECIPE, batch=300)
    run = prepared(pipeline, encoded, recipe, work=None, crew=accelerator(), pieces=3)
    seen = []
    monkeypatch.setattr(estimate, "_peak_mb", lambda steps, pictures: seen.append(pictures) or 1000 + 10.0 * pictures)
    needed = estimate.needed_mb(run.steps)
    assert seen == [1, 3]
    assert needed == pytest.approx(1000 + 10 * 100, rel=0.01)
    with pytest.raises(UserError, match=r"about 2,0.. MB of memory and there are 1,500") as caught:
        estimate.refuse_if_short(needed, 1500)
    assert "--gradient-checkpointing" in caught.value.hint
    estimate.refuse_if_short(needed, 2500)
    estimate.refuse_if_short(None, 10)


def test_the_estimate_in_words():
    made = Estimate(0.5, 6.0, 600, 25, 10, 1234.5, None)
    assert made.minutes == pytest.approx(6)
    assert made.sentence() == (
        "600 steps (24.0 epochs) in about 6.0 minutes: 0.50 s a step, 10 sample sheets of 6.0 s. "
        "Memory: 1,234 MB at the highest."
    )
    assert estimate.steps_of_budget(FitConfig(steps=7), step_s=1, sheet_s=1, sheet_every=1) == 7
    assert estimate.steps_of_budget(FitConfig(minutes=1), step_s=1, sheet_s=10, sheet_every=10) == 30
    assert [estimate.epoch_steps(n, 16) for n in (1, 16, 17)] == [1, 1, 2]
