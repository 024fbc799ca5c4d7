"""The libraries that `benchmarks.training` compares with, each as its documentation shows it.

Bars, logs to files, checkpoints, summaries and validation are off. All read the same
`DataLoader(TensorDataset(...))`, in the same order. A library is imported where it is used:
one that is not installed is a row that says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import torch
from torch import nn
from torch.utils.data import TensorDataset

from benchmarks._loops import BATCH_SIZE, MOMENTUM, RATE, SEED, Task, Trained, by_hand, sgd


def with_lightning(
    task: Task, logged: bool = False, barebones: bool = False
) -> Callable[[], Trained]:
    """Return Lightning's trainer; `logged` keeps loss and accuracy with `self.log_dict`.

    `barebones` is Lightning's own mode for measuring its overhead: it can keep nothing.
    """
    import lightning

    class Digits(lightning.LightningModule):
        """The model with its loss and optimiser."""

        def __init__(self) -> None:
            super().__init__()
            self.model = task.model()
            self.losses: list[float] = []

        def training_step(self, batch, _):
            images, labels = batch
            scores = self.model(images)
            loss = nn.functional.cross_entropy(scores, labels)
            if logged:
                accuracy = (scores.argmax(1) == labels).float().mean()
                values = {"loss": loss, "accuracy": accuracy}
                self.log_dict(values, on_step=False, on_epoch=True, batch_size=len(labels))
            return loss

        def on_train_epoch_end(self) -> None:
            if logged:
                self.losses.append(float(self.trainer.callback_metrics["loss"]))

        def configure_optimizers(self):
            return sgd(self)

    quiet = dict.fromkeys(
        ("logger", "enable_progress_bar", "enable_checkpointing", "enable_model_summary"), False
    )
    options = {"barebones": True} if barebones else quiet
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    trainer = lightning.Trainer(max_epochs=task.epochs, accelerator="cpu", devices=1, **options)
    module, loader = Digits(), task.samples()

    def run() -> Trained:
        trainer.fit(module, loader)
        return module.model, module.losses

    return run


def with_accelerate(task: Task) -> Callable[[], Trained]:
    """Return the loop by hand with what accelerate prepares."""
    import accelerate

    model = task.model()
    accelerator = accelerate.Accelerator(cpu=True)
    prepared = accelerator.prepare(model, task.samples(), sgd(model))
    model, loader, optimizer = prepared
    return lambda: by_hand(model, loader, optimizer, task.epochs, accelerator.backward)


def with_skorch(task: Task) -> Callable[[], Trained]:
    """Return skorch's classifier."""
    import skorch

    net = skorch.NeuralNetClassifier(
        task.model(),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        optimizer__momentum=MOMENTUM,
        lr=RATE,
        max_epochs=task.epochs,
        batch_size=BATCH_SIZE,
        iterator_train__shuffle=True,
        iterator_train__generator=torch.Generator().manual_seed(SEED),
        train_split=None,
        callbacks__print_log=None,
    )
    dataset = TensorDataset(task.images, task.labels)

    def run() -> Trained:
        net.fit(dataset, y=None)
        return net.module_, net.history[:, "train_loss"]

    return run


def with_fastai(task: Task) -> Callable[[], Trained]:
    """Return fastai's learner; its own loss of an epoch is a moving average."""
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.optimizer import OptimWrapper

    optimiser = partial(OptimWrapper, opt=torch.optim.SGD, momentum=MOMENTUM)
    learner = Learner(
        DataLoaders(task.samples(), []),
        task.model(),
        loss_func=nn.CrossEntropyLoss(),
        opt_func=optimiser,
        lr=RATE,
    )

    def run() -> Trained:
        with learner.no_logging():
            learner.fit(task.epochs)
        return learner.model, []

    return run
