"""Means over batches are those over all samples together, by what the loss divides by."""

import copy
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers import data, train

GENERATOR = torch.Generator().manual_seed(0)
INPUTS = torch.randn(50, 8, generator=GENERATOR)
CLASSES = torch.randint(0, 3, (50,), generator=GENERATOR)
WEIGHT = torch.tensor([1.0, 5.0, 20.0])
SOME_IGNORED = CLASSES.clone().index_fill(0, torch.arange(0, 50, 3), -100)
LOSSES = {
    "weight": (nn.CrossEntropyLoss(weight=WEIGHT), CLASSES),
    "ignored": (nn.CrossEntropyLoss(), SOME_IGNORED),
    "both": (nn.CrossEntropyLoss(WEIGHT, ignore_index=1), CLASSES),
    "smoothed": (nn.CrossEntropyLoss(WEIGHT, label_smoothing=0.2), SOME_IGNORED),
    "function": (functional.cross_entropy, SOME_IGNORED),
    "partial": (partial(functional.cross_entropy, weight=WEIGHT, ignore_index=2), CLASSES),
    "soft": (nn.CrossEntropyLoss(WEIGHT), functional.one_hot(CLASSES, 3).float()),
    "plain": (nn.CrossEntropyLoss(), CLASSES),
    "multi label": (
        nn.BCEWithLogitsLoss(weight=WEIGHT, pos_weight=WEIGHT),
        functional.one_hot(CLASSES, 3).float(),
    ),
}


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Linear(8, 3).double()


def cut(targets: Tensor, size: int) -> list[tuple[Tensor, Tensor]]:
    return list(zip(INPUTS.double().split(size), targets.split(size)))


def prepared(name: str) -> tuple[object, Tensor]:
    """The loss and its targets, in float64."""
    loss, targets = copy.deepcopy(LOSSES[name])
    targets = targets.double() if targets.is_floating_point() else targets
    if isinstance(loss, nn.Module):
        loss = loss.double()
    if isinstance(loss, partial):
        loss.keywords["weight"] = loss.keywords["weight"].double()
    return loss, targets


@pytest.mark.parametrize("size", [1, 2, 16, 50])
@pytest.mark.parametrize("name", LOSSES)
def test_evaluate_gives_the_loss_over_all_samples(name: str, size: int) -> None:
    loss, targets = prepared(name)
    model = network()
    metrics = {} if targets.dim() > 1 else {"accuracy": train.accuracy}
    found = train.evaluate(model, cut(targets, size), loss, metrics)
    assert found["loss"] == pytest.approx(loss(model(INPUTS.double()), targets).item(), rel=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_accumulated_batches_are_one_large_batch(name: str) -> None:
    """And the numbers of the step and the epoch are those of the large batch."""
    loss, targets = prepared(name)
    found = []
    for batches, count in ((cut(targets, 16), 4), (cut(targets, 50), 1)):
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        history = train.fit(
            model, batches, loss, optimizer, epochs=2, accumulate=count, metrics={}, progress=False
        )
        found.append((nn.utils.parameters_to_vector(model.parameters()), history))
    assert torch.allclose(found[0][0], found[1][0], rtol=1e-12, atol=1e-14)
    assert found[0][1].steps["loss"] == pytest.approx(found[1][1].steps["loss"], rel=1e-9)
    assert found[0][1]["train loss"] == pytest.approx(found[1][1]["train loss"], rel=1e-9)


def test_the_epochs_accuracy_is_counted_over_many_batches() -> None:
    """Counted together, 32 batches at a time; the last is smaller."""
    model = network()
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    batches = cut(SOME_IGNORED, 3) * 5
    history = train.fit(model, batches, nn.CrossEntropyLoss(), still, epochs=2, progress=False)
    right = train.accuracy(model(INPUTS.double()), SOME_IGNORED).item()
    assert history["train accuracy"] == pytest.approx([right] * 2, rel=1e-6)


def test_a_loader_may_fill_the_same_tensors_again() -> None:
    class Refilling:
        def __init__(self) -> None:
            self.inputs = torch.empty(10, 8, dtype=torch.float64)
            self.targets = torch.empty(10, dtype=torch.long)

        def __iter__(self):
            for inputs, targets in cut(CLASSES, 10):
                self.inputs.copy_(inputs), self.targets.copy_(targets)
                yield self.inputs, self.targets

    model = network()
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    right = train.accuracy(model(INPUTS.double()), CLASSES).item()
    loss = nn.CrossEntropyLoss()
    history = train.fit(model, Refilling(), loss, still, epochs=1, progress=False)
    assert history["train accuracy"][0] == pytest.approx(right)
    assert train.evaluate(model, Refilling(), loss)["accuracy"] == pytest.approx(right)
    scores = model(INPUTS.double()).detach()
    again = Refilling()
    again.inputs = torch.empty(10, 3, dtype=torch.float64)
    again.__class__.__iter__ = lambda self: (
        (self.inputs.copy_(part), self.targets.copy_(some))
        for part, some in zip(scores.split(10), CLASSES.split(10))
    )
    assert train.evaluate(nn.Identity(), again, loss)["accuracy"] == pytest.approx(right)


def test_a_batch_of_ignored_targets_alone() -> None:
    batches = [(INPUTS[:4].double(), CLASSES[:4]), (INPUTS[4:6].double(), torch.tensor([-100] * 2))]
    model, loss = network(), nn.CrossEntropyLoss()
    right = loss(model(batches[0][0]), batches[0][1]).item()
    assert train.evaluate(model, batches, loss)["loss"] == pytest.approx(right)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(
        train.NonFiniteLossError, match=r"batch 2 of 2 .*None of its targets counts"
    ):
        train.fit(model, batches, loss, optimizer, epochs=1, progress=False)


def test_a_step_may_hold_a_batch_of_ignored_targets() -> None:
    """Class weights of 0, whose gradient would be 0 / 0, and targets that are ignored."""
    loss = nn.CrossEntropyLoss(torch.tensor([1.0, 0, 1], dtype=torch.float64))
    inputs, ignored = INPUTS[:6].double(), torch.tensor([-100, -100])
    targets = torch.tensor([0, 2, 1, 1])
    batches = list(zip(inputs.split(2), (*targets.split(2), ignored)))
    found = []
    for loader, count in ((batches, 3), ([(inputs, torch.cat([targets, ignored]))], 1)):
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        history = train.fit(
            model, loader, loss, optimizer, epochs=1, accumulate=count, progress=False
        )
        found.append((nn.utils.parameters_to_vector(model.parameters()), history.steps["loss"]))
    assert torch.allclose(found[0][0], found[1][0], rtol=1e-12)
    assert found[0][1] == pytest.approx(found[1][1])


def test_a_function_of_ones_own_is_a_mean_over_the_samples() -> None:
    model = network()
    loss = lambda scores, targets: functional.cross_entropy(scores, targets)  # noqa: E731
    found = train.evaluate(model, cut(CLASSES, 16), loss)
    right = functional.cross_entropy(model(INPUTS.double()), CLASSES).item()
    assert found["loss"] == pytest.approx(right, rel=1e-9)
    assert "function of your own" in train.fit.__doc__


@pytest.mark.parametrize(
    "loss", [nn.MSELoss(reduction="sum"), partial(functional.cross_entropy, reduction="sum")]
)
def test_sums_are_refused_whichever_way_they_are_given(loss) -> None:
    with pytest.raises(ValueError, match="reduction='sum', so that"):
        train.evaluate(network(), cut(CLASSES, 16), loss)


def test_loggers_meet_the_model_in_evaluation_mode() -> None:
    model = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3))
    modes: set[tuple[str, bool]] = set()

    class Looking:
        def add_scalar(self, tag: str, value: float, step: int) -> None:
            modes.update((tag, each.training) for each in model.modules())

        def flush(self) -> None:
            modes.update(("flush", each.training) for each in model.modules())

    during = []
    model[2].register_forward_pre_hook(lambda module, _: during.append(module.training))
    loader = data.TensorLoader(INPUTS, CLASSES, batch_size=10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    train.fit(
        model,
        loader,
        nn.CrossEntropyLoss(),
        optimizer,
        epochs=2,
        validation=loader,
        loggers=[Looking()],
        progress=False,
    )
    assert {training for _, training in modes} == {False}
    assert {"flush", "loss/train", "loss/validation"} <= {tag for tag, _ in modes}
    assert during == ([True] * 5 + [False] * 5) * 2
    assert model.training
