"""A cycle of another length than the run is said before the first step."""

import warnings

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler as schedules

from helpers import train

BATCHES = [(torch.randn(5, 8), torch.tensor([0, 1, 2, 0, 1]))] * 4
EPOCHS = 5  # 20 steps


def run(make, when: str, **options: object) -> tuple[list[str], int]:
    """Return what was said, and how many steps were made."""
    model = nn.Linear(8, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = make(optimizer)
    made = [0]
    model.register_forward_pre_hook(lambda *_: made.__setitem__(0, made[0] + 1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            train.fit(
                model,
                BATCHES,
                nn.CrossEntropyLoss(),
                optimizer,
                epochs=EPOCHS,
                scheduler=scheduler,
                scheduler_step=when,
                progress=False,
                **options,
            )
        except ValueError as error:
            return [str(error)], made[0]
    return [str(each.message) for each in caught if each.category is UserWarning], made[0]


def warm_up(after, milestone: int, warm: int | None = None):
    """A linear warm-up before another scheduler."""
    return lambda optimizer: schedules.SequentialLR(
        optimizer,
        [schedules.LinearLR(optimizer, 0.1, total_iters=warm or milestone), after(optimizer)],
        [milestone],
    )


def cosine(length: int):
    return lambda optimizer: schedules.CosineAnnealingLR(optimizer, length)


def one_cycle(length: int):
    return lambda optimizer: schedules.OneCycleLR(optimizer, 0.1, total_steps=length)


REFUSED = [
    (one_cycle(20), "epoch", "OneCycleLR was made for 20 steps.* 5 are to come.*'step'"),
    (cosine(20), "epoch", "CosineAnnealingLR was made for 20 .*give scheduler_step='step'"),
    (one_cycle(5), "step", "OneCycleLR was made for 5 steps, 0 of them done, and 20 are to come"),
    (warm_up(one_cycle(10), 5), "step", "OneCycleLR was made for 10 steps.* 15 are to come"),
    (
        lambda optimizer: schedules.ChainedScheduler([one_cycle(5)(optimizer)], optimizer),
        "step",
        "OneCycleLR was made for 5 steps",
    ),
]
WARNED = [
    (one_cycle(30), "step", "30 steps, 0 of them done, and 20 are to come, one a step.*=20"),
    (cosine(30), "step", "CosineAnnealingLR was made for 30 steps.*T_max=20"),
    (cosine(5), "step", "does not end where its cycle does; .*T_max=20, or give .*'epoch'"),
    (
        lambda optimizer: schedules.CyclicLR(optimizer, 0.01, 0.1, step_size_up=8),
        "epoch",
        "CyclicLR was made for 16 steps.*smaller step_size_up.*'step'",
    ),
    (
        lambda optimizer: schedules.CosineAnnealingWarmRestarts(optimizer, 9),
        "epoch",
        "CosineAnnealingWarmRestarts was made for 9 steps.*T_0=5",
    ),
    (
        lambda optimizer: schedules.LinearLR(optimizer, 0.1, total_iters=10),
        "epoch",
        "LinearLR was made for 10 steps.*total_iters=5",
    ),
    (
        lambda optimizer: schedules.PolynomialLR(optimizer, total_iters=6),
        "step",
        "PolynomialLR was made for 6 steps.*total_iters=20",
    ),
    (warm_up(cosine(40), 5), "step", "CosineAnnealingLR was made for 40 .* 15 are to come"),
    (warm_up(cosine(15), 5, warm=9), "step", "LinearLR was made for 9 steps"),
    (warm_up(cosine(15), 8), "epoch", "SequentialLR changes the scheduler at its step 8, and 5"),
    (
        lambda optimizer: schedules.ChainedScheduler([cosine(30)(optimizer)], optimizer),
        "step",
        "CosineAnnealingLR was made for 30 steps",
    ),
]
FITTING = [
    (one_cycle(20), "step"),
    (one_cycle(5), "epoch"),
    (cosine(20), "step"),
    (cosine(5), "epoch"),
    (warm_up(cosine(15), 5), "step"),
    (warm_up(one_cycle(15), 5), "step"),
    (warm_up(lambda optimizer: schedules.StepLR(optimizer, 1), 2), "epoch"),
    (lambda optimizer: schedules.CyclicLR(optimizer, 0.01, 0.1, step_size_up=3), "step"),
    (lambda optimizer: schedules.CosineAnnealingWarmRestarts(optimizer, 2, 2), "epoch"),
    (lambda optimizer: schedules.LinearLR(optimizer, 0.1, total_iters=3), "step"),
    (lambda optimizer: schedules.StepLR(optimizer, 3), "epoch"),
    (lambda optimizer: schedules.LambdaLR(optimizer, lambda step: 0.9**step), "step"),
]


@pytest.mark.parametrize(("make", "when", "words"), REFUSED)
def test_a_cycle_that_cannot_be_meant_is_refused(make, when: str, words: str) -> None:
    import re

    said, steps = run(make, when)
    assert steps == 0
    assert len(said) == 1 and re.search(words, said[0]), said


@pytest.mark.parametrize(("make", "when", "words"), WARNED)
def test_a_cycle_of_another_length_is_said(make, when: str, words: str) -> None:
    import re

    said, steps = run(make, when)
    assert steps == 20
    assert any(re.search(words, each) for each in said), said


@pytest.mark.parametrize(("make", "when"), FITTING)
def test_nothing_is_said_of_a_cycle_that_fits(make, when: str) -> None:
    said, steps = run(make, when)
    assert steps == 20
    assert [each for each in said if "were made" in each or "was made" in each] == []


def test_a_checkpoint_lets_a_cycle_end_in_a_later_call(tmp_path) -> None:
    assert run(one_cycle(80), "step", checkpoint=tmp_path / "run.pt")[0] == []
