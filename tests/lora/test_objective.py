"""The loss: right targets and weights for each prediction type, draws that are a function of the step alone."""

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, FlowMatchEulerDiscreteScheduler, LCMScheduler, PNDMScheduler

from core.errors import UserError
from lora import objective
from lora.adapter import Recipe
from lora.encoded import Encoded
from lora.objective import rows_at, target_and_weight, training_schedule

RECIPE = Recipe("a", "b", "c", batch=8)


def encoded(count: int = 10) -> Encoded:
    ids = torch.arange(count * 3).reshape(count, 3)
    return Encoded(torch.randn(count, 4, 2, 2), torch.randn(count, 3, 5), torch.zeros(1, 3, 5), ids, torch.zeros(1, 3))


def test_a_perfect_guess_of_each_prediction_type_costs_nothing_and_weights_agree():
    clean, noise, times = torch.randn(6, 4, 8, 8), torch.randn(6, 4, 8, 8), torch.tensor([0, 50, 200, 500, 800, 999])
    costs = {}
    for prediction in ("v_prediction", "epsilon", "sample"):
        schedule = DDPMScheduler(beta_schedule="scaled_linear", prediction_type=prediction)
        target, weight = target_and_weight(schedule, clean, noise, times, 5.0)
        signal = schedule.alphas_cumprod[times].sqrt()[:, None, None, None]
        spread = (1 - schedule.alphas_cumprod[times]).sqrt()[:, None, None, None]
        noisy = schedule.add_noise(clean, noise, times)
        # The picture each target implies is the clean one; an error of 0.1 in it must cost the same in all three
        implied, scale = {
            "v_prediction": (signal * noisy - spread * target, 1 / spread),
            "epsilon": ((noisy - spread * target) / signal, signal / spread),
            "sample": (target, torch.ones_like(signal)),
        }[prediction]
        torch.testing.assert_close(implied, clean, atol=2e-3, rtol=1e-3)
        costs[prediction] = weight * ((0.1 * scale) ** 2).flatten()
    torch.testing.assert_close(costs["epsilon"], costs["sample"])
    torch.testing.assert_close(costs["v_prediction"] - costs["sample"], torch.full((6,), 0.01))  # the added one


def test_pure_noise_counts_where_a_schedule_ends_in_it():
    schedule = DDPMScheduler(beta_schedule="scaled_linear", prediction_type="v_prediction", rescale_betas_zero_snr=True)
    x = torch.zeros(1, 4, 8, 8)
    _, weight = target_and_weight(schedule, x, x, torch.tensor([999]), 5.0)
    assert weight.item() == pytest.approx(1.0)


@pytest.mark.parametrize("kind", [DDIMScheduler, LCMScheduler, PNDMScheduler])
def test_training_takes_the_bases_betas_and_nothing_of_its_sampler(kind):
    settings = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    if kind is not PNDMScheduler:
        settings["rescale_betas_zero_snr"] = True
    schedule = training_schedule(kind(**settings, prediction_type="v_prediction"))
    wanted = DDPMScheduler(**settings, prediction_type="v_prediction")
    assert torch.equal(schedule.alphas_cumprod, wanted.alphas_cumprod)
    assert schedule.config.prediction_type == "v_prediction"


def test_what_cannot_be_trained_is_a_sentence():
    with pytest.raises(UserError, match="FlowMatch"):
        training_schedule(FlowMatchEulerDiscreteScheduler())
    odd = DDPMScheduler()
    odd.register_to_config(prediction_type="flow_prediction")
    with pytest.raises(UserError, match="flow_prediction"):
        training_schedule(odd)


def test_every_epoch_shows_each_example_once_in_another_order():
    batches = [rows_at(step, batch=4, count=10) for step in range(15)]
    rows = torch.cat(batches).reshape(6, 10)
    assert all(sorted(epoch.tolist()) == list(range(10)) for epoch in rows)
    assert len({tuple(epoch.tolist()) for epoch in rows}) == 6
    assert torch.equal(rows_at(7, batch=4, count=10), batches[7])
    assert sorted(rows_at(0, batch=6, count=2).tolist()) == [0, 0, 0, 1, 1, 1]


def test_parts_of_a_draw_are_the_draw():
    schedule = DDPMScheduler()
    drawn, again = (
        objective.draw(encoded(), schedule, RECIPE, step=3, generator=torch.Generator().manual_seed(1)) for _ in "ab"
    )
    for name in ("rows", "times", "noise", "dropped"):
        parts = [getattr(drawn.part(index, 3), name) for index in range(3)]
        assert torch.equal(torch.cat(parts), getattr(again, name))
        assert [len(part) for part in parts] == [3, 3, 2]
