"""What is trained in `benchmarks.training`, and the loops that are written by hand.

A contender is a function `prepare(task)`. It makes the model, the optimiser and the loader,
and returns `train()`: the part that is timed. `train()` returns the model and the mean
loss of each epoch, where one was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import data, train

BATCH_SIZE = 64
RATE, MOMENTUM = 0.05, 0.9
SEED = 0

Trained = tuple[nn.Module, list[float]]


@dataclass(frozen=True)
class Task:
    """A model to be trained on digits: images float32 in 0 … 1, labels int64 (samples).

    `has_targets`: whether the contenders' targets are meant for this model.
    """

    name: str
    images: Tensor
    labels: Tensor
    network: Callable[[], nn.Module]
    epochs: int
    has_targets: bool = False

    @property
    def steps(self) -> int:
        """Optimiser steps in the whole run: the last batch of an epoch is smaller."""
        return self.epochs * -(-len(self.images) // BATCH_SIZE)

    def model(self) -> nn.Module:
        """Return a new model, with the same first weights each time."""
        torch.manual_seed(SEED)
        return self.network()

    def tensors(self) -> data.TensorLoader:
        """Return the course's loader."""
        return data.TensorLoader(
            self.images, self.labels, batch_size=BATCH_SIZE, shuffle=True, seed=SEED
        )

    def samples(self, dataset: type[Dataset] = TensorDataset) -> DataLoader:
        """Return PyTorch's loader; its order is the same for everyone who takes it."""
        return DataLoader(
            dataset(self.images, self.labels),
            batch_size=BATCH_SIZE,
            shuffle=True,
            generator=torch.Generator().manual_seed(SEED),
        )


def sgd(model: nn.Module) -> torch.optim.SGD:
    """Return the optimiser that all contenders use."""
    return torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)


def by_hand(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
    epochs: int,
    backward: Callable[[Tensor], None] = Tensor.backward,
) -> Trained:
    """Train, and record the loss of each step, the loss and accuracy of each epoch.

    Nothing is fetched from a tensor before an epoch's end, as a careful learner writes it.
    """
    loss_function = nn.CrossEntropyLoss()
    history: dict[str, list[float]] = {"loss": [], "accuracy": [], "step": []}
    model.train()
    for _ in range(epochs):
        losses, hits, sizes = [], [], []
        for images, labels in loader:
            optimizer.zero_grad()
            scores = model(images)
            loss = loss_function(scores, labels)
            backward(loss)
            optimizer.step()
            losses.append(loss.detach())
            hits.append((scores.detach().argmax(1) == labels).sum())
            sizes.append(len(labels))
        step_losses = torch.stack(losses)
        samples = sum(sizes)
        history["step"] += step_losses.tolist()
        history["loss"].append(float(step_losses @ torch.tensor(sizes).float()) / samples)
        history["accuracy"].append(float(torch.stack(hits).sum()) / samples)
    return model, history["loss"]


def bare(task: Task) -> Callable[[], Trained]:
    """Return the loop by hand, fed by the course's loader."""
    model = task.model()
    optimizer, loader = sgd(model), task.tensors()
    return lambda: by_hand(model, loader, optimizer, task.epochs)


def fit(task: Task) -> Callable[[], Trained]:
    """Return `helpers.train.fit`, fed by the course's loader."""
    model = task.model()
    optimizer, loader = sgd(model), task.tensors()

    def run() -> Trained:
        history = train.fit(
            model,
            loader,
            nn.CrossEntropyLoss(),
            optimizer,
            epochs=task.epochs,
            progress=False,
        )
        return model, history["train loss"]

    return run


def over_tensor_dataset(task: Task) -> Callable[[], Trained]:
    """Return the loop by hand over `DataLoader(TensorDataset(...))`."""
    model = task.model()
    optimizer, loader = sgd(model), task.samples()
    return lambda: by_hand(model, loader, optimizer, task.epochs)


def over_tensor_rows(task: Task) -> Callable[[], Trained]:
    """Return the loop by hand over `DataLoader(TensorRows(...))`: batched `__getitems__`."""
    model = task.model()
    optimizer, loader = sgd(model), task.samples(data.TensorRows)
    return lambda: by_hand(model, loader, optimizer, task.epochs)
