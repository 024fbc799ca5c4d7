"""Early stopping: when it stops, whose weights it keeps, what states it takes."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from helpers import train

INPUTS, TARGETS = torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 2
LOADER = [(INPUTS[:4], TARGETS[:4]), (INPUTS[4:], TARGETS[4:])]


def fit(**options: object) -> tuple[nn.Module, train.History]:
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=options.pop("lr", 0.5))
    options = {"epochs": 3, "validation": LOADER, "progress": False, **options}
    return model, train.fit(model, LOADER, functional.cross_entropy, optimizer, **options)


def early(values: list[float], **options: object) -> tuple[train.EarlyStopping, list[bool]]:
    stopping = train.EarlyStopping(**options)
    model = nn.Linear(1, 1, bias=False)
    answers = []
    for epoch, value in enumerate(values, 1):
        with torch.no_grad():
            model.weight.fill_(epoch)
        row = {"epoch": epoch, stopping.monitor: value}
        answers.append(stopping.update(row, model))
    stopping.restore(model)
    assert model.weight.item() == (stopping.best_epoch if stopping.restore_best else len(values))
    return stopping, answers


@pytest.mark.parametrize(
    ("values", "options", "best", "answers"),
    [
        ([3, 2, 2, 2], {"patience": 2}, 2, [False, False, False, True]),
        ([3, 4, 2, 3, 3], {"patience": 2}, 3, [False, False, False, False, True]),
        ([0.1, 0.3, 0.2], {"patience": 1, "monitor": "accuracy"}, 2, [False, False, True]),
        ([0.1, 0.3], {"patience": 1, "monitor": "accuracy", "highest": False}, 1, [False, True]),
        ([1.0, 0.95, 0.9], {"patience": 2, "minimum_gain": 0.2}, 1, [False, False, True]),
        ([2.0, float("nan"), 1.0], {"patience": 2}, 3, [False, False, False]),
        ([2.0, 3.0], {"patience": 1, "restore_best": False}, 1, [False, True]),
    ],
)
def test_early_stopping_counts_epochs_without_gain(
    values: list[float], options: dict[str, object], best: int, answers: list[bool]
) -> None:
    stopping, given = early(values, **options)
    assert (stopping.best_epoch, given) == (best, answers)


def test_an_early_stopping_says_what_it_watches() -> None:
    said = "EarlyStopping(patience=3, monitor='validation loss')"
    assert repr(train.EarlyStopping(patience=3)) == said


def test_fit_stops_early_with_the_best_weights() -> None:
    flipped = [(INPUTS, 1 - TARGETS)]  # the better the training, the worse this
    stopping = train.EarlyStopping(patience=2)
    model, history = fit(epochs=50, validation=flipped, early_stopping=stopping)
    assert history.stopped == "early stopping"
    best = history.best()
    assert len(history) == best["epoch"] + 2
    now = train.evaluate(model, flipped, functional.cross_entropy)
    assert now["loss"] == best["validation loss"]


def test_an_early_stopping_can_be_used_twice() -> None:
    flipped = [(INPUTS, 1 - TARGETS)]
    stopping = train.EarlyStopping(patience=2)
    first, second = (
        fit(epochs=50, validation=flipped, early_stopping=stopping)[1] for _ in range(2)
    )
    assert first.epochs == second.epochs


@pytest.mark.parametrize(
    "change",
    [
        {"best_value": "0.5"},
        {"best_epoch": [1]},
        {"best_weights": 3},
        {"epochs_without_gain": None},
    ],
)
def test_a_state_of_other_kinds_is_refused_and_nothing_changed(change: dict[str, object]) -> None:
    stopping, _ = early([0.5, 0.6])
    before = stopping.state_dict()
    with pytest.raises(ValueError, match="not the state of an EarlyStopping"):
        stopping.load_state_dict({**before, **change})
    assert stopping.state_dict() == before
