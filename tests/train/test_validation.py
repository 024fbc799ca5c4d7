"""What cannot be trained is said in one clear sentence, and what was recorded is not lost."""

import errno
import traceback
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from torch.utils.tensorboard import SummaryWriter

from helpers import train

BATCH = (torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2]))


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 3)


def fit(model: nn.Module | None = None, loader: object = None, **options: object) -> object:
    model = network() if model is None else model
    loss_function = options.pop("loss_function", functional.cross_entropy)
    optimizer = options.pop("optimizer", None) or torch.optim.SGD(model.parameters(), lr=0.1)
    options = {"epochs": 1, "progress": False, **options}
    return train.fit(
        model, [BATCH] if loader is None else loader, loss_function, optimizer, **options
    )


def plateau() -> lr_scheduler.ReduceLROnPlateau:
    return lr_scheduler.ReduceLROnPlateau(torch.optim.SGD(network().parameters(), lr=0.1))


def foreign_scheduler() -> lr_scheduler.StepLR:
    return lr_scheduler.StepLR(torch.optim.SGD(network().parameters(), lr=0.1), 1)


class Dry(IterableDataset):
    """A stream without a sample: it has no length to be seen before."""

    def __iter__(self):
        return iter(())


def stale() -> dict[str, object]:
    """A model whose last layer was replaced after its optimiser was made."""
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[1] = nn.Linear(4, 3)
    return {"model": model, "optimizer": optimizer}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (stale(), "not this model's '1.weight', which would not learn"),
        ({"scheduler": foreign_scheduler()}, "the scheduler was made with another optimiser"),
        ({"model": network().to("meta")}, "lies on the device 'meta'"),
        ({"loss_function": nn.CrossEntropyLoss(reduction="sum")}, "reduction='sum', so that"),
        ({"loader": [BATCH, (BATCH[0][:0], BATCH[1][:0])]}, "a batch without a sample"),
        ({"metrics": {"none": lambda scores, targets: None}}, "'none' gave NoneType"),
        ({"metrics": {"text": lambda scores, targets: "3"}}, "'text' gave str; .* real number"),
        ({"metrics": {"wave": lambda scores, targets: torch.tensor(1j)}}, "'wave' gave complex"),
        ({"metrics": {"wave": lambda scores, targets: np.complex64(1)}}, "'wave' gave complex"),
        ({"metrics": {"row": lambda scores, targets: np.ones(3)}}, "'row' gave ndarray"),
        ({"clip_norm": "1"}, "clip_norm is '1'"),
        ({"checkpoint": Path(__file__).parent}, "checkpoint is the folder"),
        ({"checkpoint": Path(__file__) / "run.pt"}, "lies under .*, a file"),
        ({"epochs": 0}, "epochs=0 is too small; it must be at least 1"),
        ({"accumulate": 0}, "accumulate=0 is too small"),
        ({"clip_norm": -1.0}, "clip_norm is -1.0"),
        ({"amp": torch.float32}, "amp is torch.float32; give torch.bfloat16"),
        ({"scheduler_step": "batch"}, "scheduler_step is 'batch'; give 'step' or 'epoch'"),
        ({"scheduler": plateau()}, "no validation data"),
        (
            {"scheduler": plateau(), "scheduler_step": "step", "validation": [BATCH]},
            "known once an epoch",
        ),
        ({"early_stopping": train.EarlyStopping()}, "watches 'validation loss', but there is no"),
        (
            {"early_stopping": train.EarlyStopping(monitor="accuracy"), "validation": [BATCH]},
            "choose one of train loss, train accuracy, validation loss, validation accuracy",
        ),
        ({"metrics": {"loss": train.accuracy}}, "a metric is named 'loss', which is taken"),
        ({"metrics": {"raw": lambda scores, targets: scores}}, r"'raw' gave a tensor \(6, 3\)"),
        ({"loader": []}, "^loader gave no batches"),
        (
            {"loader": iter([BATCH]), "epochs": 2},
            "loader is of type list_iterator, .* and not 2 times",
        ),
        ({"validation": iter([BATCH]), "epochs": 2}, "validation is .*, which is read only once"),
        ({"validation": []}, "^validation gave no batches"),
        ({"validation": DataLoader(Dry(), batch_size=None)}, "^validation gave no batches"),
        ({"loader": DataLoader(Dry(), batch_size=None)}, "^loader gave no batches"),
        ({"clip_norm": True}, "clip_norm is True"),
        (
            {"loss_function": lambda s, t: functional.cross_entropy(s, t) * 1j},
            "gave a complex number",
        ),
        ({"loader": [(torch.tensor(1.0), torch.tensor(0))]}, "samples cannot be counted"),
        ({"loss_function": nn.CrossEntropyLoss(reduction="none")}, r"gave a tensor \(6,\); it"),
        (
            {"loss_function": lambda s, t: functional.cross_entropy(s, t).detach()},
            "does not depend on any parameter that requires gradients",
        ),
        ({"model": nn.ReLU(), "optimizer": torch.optim.SGD([torch.ones(1)])}, "no parameters"),
        ({"optimizer": torch.optim.SGD(network().parameters())}, "none of this model's parameters"),
    ],
)
def test_the_value_is_wrong(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        fit(**options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 2.5}, "epochs must be an integer, not 2.5"),
        ({"accumulate": True}, "accumulate must be an integer, not True"),
        ({"loader": [BATCH[0]]}, r"gave one Tensor \(6, 4\); each batch is a pair"),
        ({"loader": [torch.zeros(2, 4)]}, r"gave one Tensor \(2, 4\)"),
        ({"loader": [(*BATCH, 1)]}, r"a tuple of 3 \(Tensor \(6, 4\), Tensor \(6\,\), int\)"),
        ({"loss_function": lambda scores, targets: 1.0}, "gave float; it must give a tensor"),
        ({"loggers": [print]}, "a logger is of type .*; give an object with the methods"),
        ({"loggers": [SummaryWriter]}, "a logger is the class SummaryWriter; give an object"),
        ({"loggers": SummaryWriter}, "loggers is the class SummaryWriter; give a list"),
        ({"loggers": None}, "loggers is None; give a list"),
        ({"checkpoint": 5}, "checkpoint must be a path, such as 'run.pt', not 5"),
        ({"loader": TensorDataset(*BATCH)}, "loader is of type TensorDataset, which gives samples"),
        ({"validation": TensorDataset(*BATCH)}, "validation is of type TensorDataset"),
        ({"loader": 3}, "loader is of type int; give an iterable of pairs"),
        ({"loss_function": nn.CrossEntropyLoss}, "the class CrossEntropyLoss; .* its brackets"),
        ({"loss_function": torch.optim.SGD([torch.ones(1)])}, "loss_function is of type SGD"),
        ({"optimizer": functional.cross_entropy}, "optimizer is of type function; .* the order is"),
        ({"scheduler": lr_scheduler.StepLR}, "scheduler is the class StepLR"),
        ({"early_stopping": 3}, r"early_stopping is of type int; give EarlyStopping\(patience=5\)"),
        ({"metrics": [train.accuracy]}, "metrics is of type list; give names with functions"),
        ({"metrics": {"share": 0.5}}, "the metric 'share' is 0.5"),
        (
            {
                "loss_function": lambda scores, targets: functional.cross_entropy(*scores, targets),
                "model": type(
                    "Tuple", (nn.Linear,), {"forward": lambda self, x: (x @ self.weight.T,)}
                )(4, 3),
            },
            "accuracy got scores of type tuple; it expects tensors",
        ),
    ],
)
def test_the_type_is_wrong(options: dict[str, object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        fit(**options)


def test_evaluate_refuses_a_class_and_a_dataset_too() -> None:
    with pytest.raises(TypeError, match="the class CrossEntropyLoss"):
        train.evaluate(network(), [BATCH], nn.CrossEntropyLoss)
    with pytest.raises(TypeError, match="gives samples one by one"):
        train.evaluate(network(), TensorDataset(*BATCH), functional.cross_entropy)


@pytest.mark.parametrize(
    ("loader", "loss_function", "words"),
    [
        ([BATCH], "mean", r"the order is \(model, loader, loss_function, \.\.\.\)"),
        ([], functional.cross_entropy, "^loader gave no batches"),
        (iter(()), functional.cross_entropy, "^loader gave no batches"),
        ([BATCH], lambda scores, targets: scores.sum() * 1j, "gave a complex number"),
    ],
)
def test_evaluate_speaks_of_its_own_arguments(loader, loss_function, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        train.evaluate(network(), loader, loss_function)


def test_what_cannot_be_read_again_is_refused_before_the_first_step() -> None:
    for options in ({"validation": []}, {"loader": iter([BATCH])}, {"validation": iter([BATCH])}):
        model = network()
        with pytest.raises(ValueError, match=r"gave no batches|read only once"):
            fit(model, **{"epochs": 2, **options})
        assert all(map(torch.equal, model.parameters(), network().parameters()))


def test_lbfgs_is_refused_before_anything_is_changed() -> None:
    model = network()
    with pytest.raises(ValueError, match="LBFGS computes the loss several times"):
        fit(model, optimizer=torch.optim.LBFGS(model.parameters()))


def test_frozen_everywhere_is_said() -> None:
    model = network().requires_grad_(False)
    with pytest.raises(ValueError, match="requires_grad=False"):
        fit(model)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"patience": 0}, ValueError, "patience=0 is too small; it must be at least 1"),
        ({"patience": float("nan")}, TypeError, "patience must be an integer, not nan"),
        ({"patience": "5"}, TypeError, "patience must be an integer, not '5'"),
        ({"monitor": 5}, TypeError, "monitor is 5; give a name"),
        ({"highest": "no"}, TypeError, "highest is 'no'; give True, False, or None"),
        ({"minimum_gain": "x"}, ValueError, "minimum_gain is 'x'; give a number, 0 or more"),
        ({"minimum_gain": float("nan")}, ValueError, "minimum_gain is nan"),
        ({"minimum_gain": float("inf")}, ValueError, "minimum_gain is inf"),
        ({"minimum_gain": -0.1}, ValueError, "minimum_gain is -0.1"),
    ],
)
def test_an_early_stopping_that_never_or_always_stops_is_refused(
    options: dict[str, object], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        train.EarlyStopping(**options)


def test_an_error_in_the_model_shows_its_own_line_and_keeps_the_history() -> None:
    class Fragile(nn.Linear):
        calls = 0

        def forward(self, inputs: Tensor) -> Tensor:
            self.calls += 1
            if self.calls == 3:
                raise ZeroDivisionError("the third batch breaks")
            return super().forward(inputs)

    model = Fragile(4, 3)
    with pytest.raises(ZeroDivisionError, match="the third batch breaks") as caught:
        fit(model, [BATCH] * 4)
    lines = [frame.line for frame in traceback.extract_tb(caught.tb)]
    assert lines[-1] == 'raise ZeroDivisionError("the third batch breaks")'
    assert len(caught.value.history.steps["loss"]) == 2
    assert "error.history" in caught.value.__notes__[0]
    assert "Stopped after epoch 0 of 1, batch 2 of 4 of the next." in caught.value.__notes__[0]
    assert model.training


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_bad_batch_is_named(bad: float) -> None:
    spoilt = (torch.full((6, 4), bad), BATCH[1])
    loader = [BATCH] * 40

    class Planted:
        epochs = 0

        def __len__(self) -> int:
            return 40

        def __iter__(self):
            self.epochs += 1
            yield from loader if self.epochs < 2 else [*loader[:12], spoilt, *loader[13:]]

    with pytest.raises(train.NonFiniteLossError) as caught:
        fit(loader=Planted(), epochs=3)
    error = caught.value
    assert "the loss became nan in epoch 2, batch 13 of 40 (step 53)" in str(error)
    assert (error.epoch, error.batch, error.step) == (2, 13, 53)
    assert len(error.history) == 1
    assert len(error.history.steps["loss"]) == 52


def test_the_bad_batch_is_named_when_batches_are_accumulated() -> None:
    spoilt = (torch.full((6, 4), float("nan")), BATCH[1])
    with pytest.raises(train.NonFiniteLossError, match=r"batch 6 of 7 \(step 2\)") as caught:
        fit(loader=[BATCH] * 5 + [spoilt, BATCH], accumulate=4)
    assert caught.value.batch == 6


def test_a_cycle_shorter_than_the_run_is_refused_before_the_first_step() -> None:
    model = network()
    weights = [each.clone() for each in model.parameters()]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=5)
    options = {"optimizer": optimizer, "scheduler": scheduler, "scheduler_step": "step"}
    with pytest.raises(ValueError, match=r"made for 5 steps.* 6 are to come.*total_steps=6"):
        fit(model, [BATCH] * 2, epochs=3, **options)
    assert all(map(torch.equal, model.parameters(), weights))
    assert len(fit(model, [BATCH] * 2, epochs=3, accumulate=2, **options)) == 3


@pytest.mark.parametrize("name", ["resume", "progress"])
@pytest.mark.parametrize("value", ["no", 0, None, torch.tensor(True)])
def test_a_switch_is_true_or_false(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"{name} is .*; give True or False"):
        fit(**{name: value})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("run\0.pt", "cannot be|NUL|character"),
        ("\ud800.pt", "cannot be|character"),
        ("r" * 253 + ".pt", "(?i)cannot be the name of a file here .*too long"),
        ("é" * 127 + ".pt", "(?i)cannot be the name of a file here .*too long"),
        ("f" * 300 + "/run.pt", "(?i)cannot be the name of a file here .*too long"),
        ("d/" * 2100 + "run.pt", "(?i)cannot be the name of a file here .*too long"),
    ],
)
def test_a_checkpoint_that_cannot_be_saved_is_refused_before_the_first_step(
    tmp_path: Path, name: str, words: str
) -> None:
    model = network()
    before = [each.clone() for each in model.parameters()]
    with pytest.raises(ValueError, match=words) as caught:
        fit(model, checkpoint=str(tmp_path / name))
    assert "\n" not in str(caught.value)
    assert all(map(torch.equal, before, model.parameters()))


def test_a_folder_that_is_missing_is_made_and_a_locked_one_refused(tmp_path: Path, monkeypatch):
    assert len(fit(checkpoint=tmp_path / "new" / "folder" / "run.pt")) == 1
    for name in ("r" * 200, "r" * 243, "é" * 120):
        assert len(fit(checkpoint=tmp_path / f"{name}.pt")) == 1
    model = network()
    before = [each.clone() for each in model.parameters()]

    def locked(**options: object) -> None:  # a root user may write anywhere
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", locked)
    with pytest.raises(PermissionError, match=r"locked\.pt cannot be written"):
        fit(model, checkpoint=tmp_path / "locked.pt")
    assert all(map(torch.equal, before, model.parameters()))
