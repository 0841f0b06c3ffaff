"""The choice of one column: what is allowed, guidance, the cuts, and rows that know nothing of each other."""

import numpy as np
import torch

from pipelines.engines.steering import Row, Sampling, Steering


def rolled(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_only_what_is_allowed_at_its_frame_is_chosen() -> None:
    mask = torch.ones(2, 8, dtype=torch.bool)
    mask[1] = torch.isin(torch.arange(8), torch.tensor([3, 5]))
    steering = Steering(range(2), Sampling(), [Row(rolled(0), lambda frame: mask if frame == 4 else None)])
    logits = torch.zeros(1, 2, 8)
    logits[0, 1, 0] = 50.0
    seen = {int(steering.choose(logits, column=6)[0, 1]) for _ in range(30)}  # column 6: frame 4 of stream 1
    assert seen == {3, 5}
    assert steering.choose(logits, column=7)[0, 1] == 0
    assert steering.choose(logits, column=5)[0, 1] == 0  # frame 4 of stream 0 alone
    assert steering.choose(logits, column=1)[0, 1] == 0  # before the first frame


def test_a_row_obeys_its_own_rules() -> None:
    even, odd = torch.arange(6) % 2 == 0, torch.arange(6) % 2 == 1
    rows = [Row(rolled(1), lambda frame: even[None]), Row(rolled(1), lambda frame: odd[None]), Row(rolled(1))]
    steering = Steering([0], Sampling(), rows)
    for column in range(1, 40):
        steering.choose(torch.zeros(3, 1, 6), column=column)
    frames = steering.frames()
    assert frames.shape == (3, 1, 39)
    assert set(frames[0, 0].tolist()) == {0, 2, 4}
    assert set(frames[1, 0].tolist()) == {1, 3, 5}
    assert set(frames[2, 0].tolist()) == set(range(6))


def test_a_row_does_in_company_what_it_does_alone() -> None:
    logits = torch.randn(3, 4, 32, generator=rolled(9))
    sampling = Sampling(temperature=0.9, top_k=20, min_p=0.02)
    together = Steering(range(4), sampling, [Row(rolled(seed)) for seed in (7, 8, 9)])
    alone = Steering(range(4), sampling, [Row(rolled(8))])
    for column in range(1, 20):
        together.choose(logits, column=column)
        alone.choose(logits[1:2], column=column)
    assert torch.equal(together.frames()[1], alone.frames()[0])
    assert not torch.equal(together.frames()[1], together.frames()[2])


def test_guidance_moves_away_from_what_is_said_without_words() -> None:
    informed, blind = torch.tensor([[[1.0, 1.2, 0.0]]]), torch.tensor([[[0.0, 1.2, 0.0]]])

    def share(guidance: float) -> float:
        steering = Steering([0], Sampling(guidance), [Row(rolled(0))])
        for column in range(1, 401):
            steering.choose(torch.cat([informed, blind]), column=column)
        return float((steering.frames() == 0).float().mean())

    assert share(6.0) > share(1.5) + 0.2


def test_sampling_follows_the_distribution_and_its_cuts() -> None:
    logits = torch.log(torch.tensor([[[0.6, 0.3, 0.07, 0.03]]]))

    def counts(sampling: Sampling) -> np.ndarray:
        steering = Steering([0], sampling, [Row(rolled(0))])
        for column in range(1, 3001):
            steering.choose(logits, column=column)
        return np.bincount(steering.frames().flatten(), minlength=4) / 3000

    assert np.allclose(counts(Sampling()), [0.6, 0.3, 0.07, 0.03], atol=0.04)
    assert np.allclose(counts(Sampling(top_k=2)), [2 / 3, 1 / 3, 0, 0], atol=0.04)
    assert np.allclose(counts(Sampling(min_p=0.1)), np.array([0.6, 0.3, 0.07, 0]) / 0.97, atol=0.04)
    assert counts(Sampling(temperature=0.2))[0] > 0.95


def test_complete_frames_undo_the_delay_and_steps_are_counted() -> None:
    steps: list[int] = []
    steering = Steering([0, 0, 1, 1], Sampling(), [Row(rolled(0)), Row(rolled(1))], on_step=steps.append)
    for column in range(1, 6):
        steering.choose(torch.zeros(2, 4, 16), column=column)
    columns = torch.stack(steering.columns, 2)
    assert steps == [1, 2, 3, 4, 5]
    assert torch.equal(steering.frames()[:, :2], columns[:, :2, :4])
    assert torch.equal(steering.frames()[:, 2:], columns[:, 2:, 1:])
