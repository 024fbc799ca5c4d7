"""Stopped and resumed is the same, to the last bit, as never stopped."""

import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from helpers import checkpoint, data, train
from helpers.checkpoint import CheckpointError

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = torch.Generator().manual_seed(0)
INPUTS = torch.randn(50, 6, generator=GENERATOR)
TARGETS = (INPUTS.sum(1) > 0).long()
BATCHES = 7  # of 8 samples, the last of 2


class Setting:
    """All that a script makes anew before it calls `fit`: dropout, Adam, a warm-up, a loader."""

    def __init__(self, loader: str = "tensors") -> None:
        torch.manual_seed(5)
        self.model = nn.Sequential(
            nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2)
        )
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.02)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, 0.05, total_steps=80)
        self.loader = {
            "tensors": lambda: data.TensorLoader(INPUTS, TARGETS, batch_size=8, shuffle=True),
            "seeded": lambda: data.loader(TensorDataset(INPUTS, TARGETS), 8, shuffle=True),
            "global": lambda: DataLoader(TensorDataset(INPUTS, TARGETS), 8, shuffle=True),
        }[loader]()
        self.stopping = train.EarlyStopping(patience=100)

    def fit(self, epochs: int = 5, **options: object) -> train.History:
        options = {
            "validation": DataLoader(TensorDataset(INPUTS, TARGETS), 16, shuffle=True),
            "scheduler": self.scheduler,
            "scheduler_step": "step",
            "early_stopping": self.stopping,
            "progress": False,
            **options,
        }
        return train.fit(
            self.model,
            self.loader,
            functional.cross_entropy,
            self.optimizer,
            epochs=epochs,
            **options,
        )

    def everything(self) -> list[object]:
        moments = [value for state in self.optimizer.state.values() for value in state.values()]
        tensors = [*self.model.state_dict().values(), *moments, torch.rand(3)]
        return [tensor.tolist() for tensor in tensors] + [self.scheduler.state_dict()]


def never_stopped(loader: str = "tensors", **options: object) -> tuple[object, list[object]]:
    """The history and all else at the end of five epochs in one go."""
    setting = Setting(loader)
    return setting.fit(**options).state_dict(), setting.everything()


def interrupt_after(batches: int, loss_function=functional.cross_entropy):
    """A loss function in which SIGINT arrives while the given batch is computed."""
    calls = 0

    def loss(scores: Tensor, targets: Tensor) -> Tensor:
        nonlocal calls
        calls += torch.is_grad_enabled()
        if calls == batches and torch.is_grad_enabled():
            signal.raise_signal(signal.SIGINT)
        return loss_function(scores, targets)

    return loss


def run_interrupted(setting: Setting, batches: int, **options: object) -> train.History:
    options = {"epochs": 5, "progress": False, **options}
    return train.fit(
        setting.model,
        setting.loader,
        interrupt_after(batches),
        setting.optimizer,
        scheduler=setting.scheduler,
        scheduler_step="step",
        early_stopping=setting.stopping,
        validation=DataLoader(TensorDataset(INPUTS, TARGETS), 16, shuffle=True),
        **options,
    )


@pytest.mark.parametrize("loader", ["tensors", "seeded", "global"])
def test_resumed_between_epochs(tmp_path: Path, loader: str, capsys) -> None:
    expected, everything = never_stopped(loader)
    path = tmp_path / "run.pt"
    Setting(loader).fit(epochs=2, checkpoint=path)
    assert capsys.readouterr().out == ""
    resumed = Setting(loader)
    torch.manual_seed(99)
    history = resumed.fit(checkpoint=path)
    assert capsys.readouterr().out == "Resuming from run.pt after epoch 2 of 5.\n"
    assert history.state_dict() == expected
    assert resumed.everything() == everything


@pytest.mark.parametrize("batches", [1, 6, 7, 8, 17, 34, 35])
@pytest.mark.parametrize("options", [{}, {"accumulate": 3}, {"amp": torch.float16}], ids=str)
def test_resumed_in_the_middle_of_an_epoch(
    tmp_path: Path, batches: int, options: dict[str, object], capsys
) -> None:
    expected, everything = never_stopped(**options)
    path = tmp_path / "run.pt"
    history = run_interrupted(Setting(), batches, checkpoint=path, **options)
    assert "not saved" not in capsys.readouterr().out
    is_over = len(history) == 5
    assert history.stopped == (None if is_over else "interrupted")
    resumed = Setting()
    torch.manual_seed(99)
    history = resumed.fit(checkpoint=path, **options)
    assert history.state_dict() == expected
    assert resumed.everything() == everything


def test_without_a_position_the_epoch_begins_again(tmp_path: Path, capsys) -> None:
    expected, everything = never_stopped("global")
    path = tmp_path / "run.pt"
    run_interrupted(Setting("global"), 3, checkpoint=path)
    assert capsys.readouterr().out == (
        "Interrupted after epoch 0 of 5, batch 3 of 7 of the next. The epoch begun is not saved, "
        "since a loader of type DataLoader cannot say where it is; nothing was written to run.pt.\n"
    )
    assert not path.exists()
    run_interrupted(Setting("global"), 17, checkpoint=path)
    assert capsys.readouterr().out == (
        "Interrupted after epoch 2 of 5, batch 3 of 7 of the next. The epoch begun is not saved, "
        "since a loader of type DataLoader cannot say where it is; run.pt holds epoch 2.\n"
    )
    resumed = Setting("global")
    assert resumed.fit(checkpoint=path).state_dict() == expected
    assert resumed.everything() == everything


SCRIPT = """
import os, signal, sys
sys.path[:0] = [{root!r}, {folder!r}]
from test_checkpointing import Setting, train
class Killer:
    def add_scalar(self, tag, value, step):
        if tag == "loss/validation" and step == 3 * 7:
            os.kill(os.getpid(), signal.SIGKILL)
    def flush(self): pass
Setting().fit(checkpoint=sys.argv[1], loggers=[Killer()])
"""


def test_killed_and_resumed(tmp_path: Path) -> None:
    expected, everything = never_stopped()
    path = tmp_path / "run.pt"
    code = SCRIPT.format(root=str(ROOT), folder=str(Path(__file__).parent))
    ended = subprocess.run([sys.executable, "-c", code, path], capture_output=True, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    resumed = Setting()
    history = resumed.fit(checkpoint=path)
    assert history.state_dict() == expected
    assert resumed.everything() == everything


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path, capsys) -> None:
    path = tmp_path / "run.pt"
    first = Setting()
    expected = first.fit(epochs=3, checkpoint=path)
    for epochs in (3, 2):
        again = Setting()
        history = again.fit(epochs=epochs, checkpoint=path)
        assert history.epochs == expected.epochs
        said = capsys.readouterr().out
        assert (
            said == f"Resuming from run.pt after epoch 3 of {epochs}; nothing is left to train.\n"
        )
        same = zip(first.model.state_dict().values(), again.model.state_dict().values())
        assert all(torch.equal(one, other) for one, other in same)


def test_resume_false_starts_anew(tmp_path: Path, capsys) -> None:
    path = tmp_path / "run.pt"
    expected = Setting().fit(epochs=2, checkpoint=path)
    again = Setting().fit(epochs=2, checkpoint=path, resume=False)
    assert again.state_dict() == expected.state_dict()
    assert len(again) == 2 and capsys.readouterr().out == ""


def test_an_early_stop_stays_a_stop(tmp_path: Path, capsys) -> None:
    path = tmp_path / "run.pt"
    flipped = [(INPUTS, 1 - TARGETS)]
    options = {"epochs": 11, "validation": flipped, "checkpoint": path}
    first, second = Setting(), Setting()
    first.stopping = second.stopping = train.EarlyStopping(patience=2)
    expected = first.fit(**options)
    assert expected.stopped == "early stopping"
    assert second.fit(**options).state_dict() == expected.state_dict()
    assert "it was stopped early" in capsys.readouterr().out
    assert second.everything()[:3] == first.everything()[:3]


def test_nan_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    Setting().fit(epochs=2, checkpoint=path)
    before = path.read_bytes()
    spoilt = Setting()
    spoilt.loader = data.TensorLoader(INPUTS * torch.nan, TARGETS, batch_size=8, shuffle=True)
    with pytest.raises(train.NonFiniteLossError, match="epoch 3, batch 1 of 7"):
        spoilt.fit(checkpoint=path)
    assert path.read_bytes() == before


def test_nan_in_a_weight_is_not_saved(tmp_path: Path) -> None:
    class Root(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, inputs: Tensor) -> Tensor:
            return (self.weight * inputs).abs().sqrt()  # the root of 0: gradient 0 · inf

    model = Root()
    with pytest.raises(train.NonFiniteLossError, match="the parameter 'weight' became nan"):
        train.fit(
            model,
            [(torch.ones(2, 1), torch.ones(2, 1))],
            functional.mse_loss,
            torch.optim.SGD(model.parameters(), lr=0.1),
            epochs=1,
            metrics={},
            checkpoint=tmp_path / "run.pt",
            progress=False,
        )
    assert not (tmp_path / "run.pt").exists()


def other_optimizer(setting: Setting) -> None:
    setting.optimizer = torch.optim.SGD(setting.model.parameters(), lr=0.1)
    setting.scheduler = None


def other_width(setting: Setting) -> None:
    setting.model[0] = nn.Linear(6, 9)
    setting.optimizer = torch.optim.AdamW(setting.model.parameters())
    setting.scheduler = torch.optim.lr_scheduler.OneCycleLR(setting.optimizer, 0.05, total_steps=80)


def other_layers(setting: Setting) -> None:
    setting.model.append(nn.Linear(2, 2))


def other_groups(setting: Setting) -> None:
    groups = [{"params": layer.parameters()} for layer in (setting.model[0], setting.model[4])]
    setting.optimizer = torch.optim.AdamW(groups)
    setting.scheduler = torch.optim.lr_scheduler.OneCycleLR(setting.optimizer, 0.05, total_steps=80)


def other_batches(setting: Setting) -> None:
    setting.loader = data.TensorLoader(INPUTS, TARGETS, batch_size=10, shuffle=True)


def other_loader(setting: Setting) -> None:
    setting.loader = DataLoader(TensorDataset(INPUTS, TARGETS), 8, shuffle=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_width, r"'0.weight' has shape \(8, 6\) there and \(9, 6\) here"),
        (other_layers, "'5.weight' is only in the model"),
        (other_optimizer, "was saved with optimizer=AdamW, and here it is SGD"),
        (other_groups, "an optimiser of other parameter groups"),
        (other_batches, "run.pt does not fit loader=: .*batch_size=8"),
        (other_loader, "a loader of another kind than the DataLoader here"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused_and_nothing_changed(
    tmp_path: Path, change, words: str
) -> None:
    path = tmp_path / "run.pt"
    Setting().fit(epochs=1, checkpoint=path)
    setting = Setting()
    change(setting)
    before = [value.clone() for value in setting.model.state_dict().values()]
    with pytest.raises(ValueError, match=words):
        setting.fit(checkpoint=path)
    after = setting.model.state_dict().values()
    assert all(torch.equal(one, other) for one, other in zip(before, after))


@pytest.mark.parametrize("options", [{"metrics": {}}, {"validation": None, "early_stopping": None}])
def test_rows_of_other_names_are_refused(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "run.pt"
    Setting().fit(epochs=1, checkpoint=path, early_stopping=None)
    with pytest.raises(CheckpointError, match=r"run.pt has recorded train loss, .* here it would"):
        Setting().fit(checkpoint=path, **{"early_stopping": None, **options})


def test_metrics_in_another_order_keep_their_values(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    metrics = {"one": lambda scores, targets: 1.0, "two": lambda scores, targets: 2.0}
    run_interrupted(Setting(), 3, checkpoint=path, metrics=metrics)
    turned = dict(reversed(metrics.items()))
    history = Setting().fit(epochs=1, checkpoint=path, metrics=turned)
    assert (history["train one"], history["train two"]) == ([1.0], [2.0])


def test_settings_of_the_file_count_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    Setting().fit(epochs=1, checkpoint=path)
    longer = Setting()
    longer.scheduler = torch.optim.lr_scheduler.OneCycleLR(longer.optimizer, 0.1, total_steps=90)
    with pytest.warns(UserWarning, match="run.pt goes on with") as caught:
        longer.fit(epochs=2, checkpoint=path)
    words = " ".join(str(warning.message) for warning in caught)
    there, _, here = words.partition(", as it was saved, and not with ")
    assert "lr=0.002, max_lr=0.05" in there and "OneCycleLR.total_steps=80" in there
    assert "lr=0.004, max_lr=0.1" in here and "OneCycleLR.total_steps=90" in here
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]


SGD, ADAM = torch.optim.SGD, torch.optim.Adam
SCHEDULES = torch.optim.lr_scheduler


def plain_fit(path: Path, make, schedule=None, loader: object = None, **options: object) -> list:
    """Two epochs without frills, the second perhaps with other settings."""
    torch.manual_seed(5)
    model = nn.Linear(6, 2)
    optimizer = make(model.parameters())
    options |= {"scheduler": schedule(optimizer)} if schedule else {}
    loader = loader or [(INPUTS[:25], TARGETS[:25]), (INPUTS[25:], TARGETS[25:])]
    options = {"epochs": 1, "checkpoint": path, "progress": False, **options}
    train.fit(model, loader, functional.cross_entropy, optimizer, **options)
    return optimizer.param_groups


@pytest.mark.parametrize(
    ("make", "other", "schedules", "there", "here"),
    [
        (
            lambda each: SGD(each, lr=0.1),
            lambda each: SGD(each, lr=0.1, momentum=0.9, weight_decay=0.3),
            (None, None),
            "momentum=0, weight_decay=0",
            "momentum=0.9, weight_decay=0.3",
        ),
        (
            ADAM,
            lambda each: ADAM(each, betas=(0.5, 0.9)),
            (lambda optimizer: SCHEDULES.StepLR(optimizer, 1),) * 2,
            "betas=(0.9, 0.999)",
            "betas=(0.5, 0.9)",
        ),
        (
            lambda each: SGD([{"params": [one], "lr": 0.1} for one in each]),
            lambda each: SGD([{"params": [one], "lr": 0.2} for one in each]),
            (None, None),
            "lr=[0.1, 0.1]",
            "lr=[0.2, 0.2]",
        ),
        (
            ADAM,
            ADAM,
            [lambda optimizer, m=m: SCHEDULES.MultiStepLR(optimizer, [m]) for m in (3, 4)],
            "MultiStepLR.milestones=Counter({3: 1})",
            "MultiStepLR.milestones=Counter({4: 1})",
        ),
        (
            ADAM,
            ADAM,
            [
                lambda optimizer, step=step: SCHEDULES.ChainedScheduler(
                    [SCHEDULES.StepLR(optimizer, step)], optimizer
                )
                for step in (3, 4)
            ],
            "StepLR.step_size=3",
            "StepLR.step_size=4",
        ),
    ],
)
def test_any_setting_of_the_optimiser_and_the_scheduler_counts(
    tmp_path: Path, make, other, schedules, there: str, here: str
) -> None:
    path = tmp_path / "run.pt"
    plain_fit(path, make, schedules[0])
    with pytest.warns(UserWarning) as caught:
        plain_fit(path, other, schedules[1], epochs=2)
    assert [str(warning.message) for warning in caught] == [
        f"run.pt goes on with {there}, as it was saved, and not with {here}; to use yours, give "
        "another path for checkpoint=, or resume=False to overwrite it."
    ]


@pytest.mark.parametrize(
    "schedule",
    [
        lambda optimizer: SCHEDULES.CyclicLR(optimizer, 0.01, 0.1, step_size_up=3),
        lambda optimizer: SCHEDULES.OneCycleLR(optimizer, 0.1, total_steps=20),
        lambda optimizer: SCHEDULES.CosineAnnealingWarmRestarts(optimizer, 1),
        lambda optimizer: SCHEDULES.LambdaLR(optimizer, lambda epoch: 0.5),
        lambda optimizer: torch.optim.swa_utils.SWALR(optimizer, 0.05),
    ],
)
def test_what_a_scheduler_changes_is_no_other_setting(tmp_path: Path, schedule, recwarn) -> None:
    for epochs in (1, 3, 4):
        plain_fit(tmp_path / "run.pt", partial(SGD, lr=0.1, momentum=0.9), schedule, epochs=epochs)
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize(
    ("options", "there", "here"),
    [
        ({"loader": [(INPUTS, TARGETS)]}, "batches=2", "batches=1"),
        (
            {"accumulate": 2, "clip_norm": 1.0, "amp": torch.bfloat16},
            "accumulate=1, clip_norm=None, amp=None",
            "accumulate=2, clip_norm=1.0, amp=torch.bfloat16",
        ),
    ],
)
def test_other_data_and_settings_of_fit_are_said(
    tmp_path: Path, options: dict[str, object], there: str, here: str
) -> None:
    path = tmp_path / "run.pt"
    plain_fit(path, ADAM)
    with pytest.warns(UserWarning) as caught:
        plain_fit(path, ADAM, epochs=2, **options)
    assert [str(warning.message) for warning in caught] == [
        f"run.pt was saved with {there} and goes on with {here}, so that the result is not that "
        "of one run; give the same, another path for checkpoint=, or resume=False to overwrite it."
    ]


def test_a_cycle_cannot_be_made_longer(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    Setting().fit(epochs=1, checkpoint=path)
    longer = Setting()
    longer.scheduler = torch.optim.lr_scheduler.OneCycleLR(longer.optimizer, 0.1, total_steps=105)
    before = longer.everything()
    said = "OneCycleLR for 80 steps, 7 of them done, and 98 are to come; give fewer epochs, another"
    with pytest.raises(CheckpointError, match=said):
        longer.fit(epochs=15, checkpoint=path)
    assert longer.everything()[:-2] == before[:-2]  # all but random numbers and the scheduler
    assert longer.scheduler.total_steps == 105
    assert len(Setting().fit(epochs=11, checkpoint=path)) == 11


def test_resuming_with_the_same_settings_does_not_warn(tmp_path: Path, recwarn) -> None:
    path, setting = tmp_path / "run.pt", Setting()
    setting.fit(epochs=1, checkpoint=path)
    setting.fit(epochs=2, checkpoint=path)
    Setting().fit(epochs=3, checkpoint=path)
    # The garbage collector may warn at any time, of what earlier tests left open.
    told = [each for each in recwarn if each.category is not ResourceWarning]
    assert [str(warning.message) for warning in told] == []


def test_a_worker_ended_by_the_same_ctrl_c_is_an_interrupt(tmp_path: Path) -> None:
    path, setting, batches = tmp_path / "run.pt", Setting("global"), []

    class Ended(list):
        def __iter__(self):
            for batch in list.__iter__(self):
                batches.append(batch)
                if len(batches) == 3:
                    signal.raise_signal(signal.SIGINT)
                    raise RuntimeError("DataLoader worker (pid(s) 7) exited unexpectedly")
                yield batch

    setting.loader = Ended([(INPUTS[:25], TARGETS[:25]), (INPUTS[25:], TARGETS[25:])])
    history = setting.fit(checkpoint=path)
    assert (history.stopped, len(history), len(history.steps["loss"])) == ("interrupted", 1, 2)
    setting.loader = list(setting.loader)
    assert len(setting.fit(epochs=2, checkpoint=path)) == 2


def test_a_worker_that_ends_by_itself_is_an_error() -> None:
    class Ended(list):
        def __iter__(self):
            raise RuntimeError("DataLoader worker (pid(s) 7) exited unexpectedly")

    setting = Setting()
    setting.loader = Ended([1])
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        setting.fit()


def test_a_checkpoint_of_no_run_is_refused(tmp_path: Path) -> None:
    from helpers import checkpoint

    for state in ({"model": Setting().model}, {"kinds": {}, "epoch_begun": None}):
        checkpoint.save(tmp_path / "run.pt", **state)
        with pytest.raises(CheckpointError, match="holds no run of fit"):
            Setting().fit(checkpoint=tmp_path / "run.pt")


ODD_PARTS: list[tuple[str, ...]] = [
    *((name,) for name in ("model", "kinds", "optimizer", "scheduler", "early_stopping")),
    *((name,) for name in ("history", "epoch_begun", "loader", "validation", "random", "settings")),
    *(("optimizer", name) for name in ("param_groups", "state")),
    *(("scheduler", name) for name in ("last_epoch", "step", "optimizer")),
    *(("early_stopping", name) for name in ("best_value", "best_weights", "epochs_without_gain")),
    *(("history", name) for name in ("epochs", "steps", "skipped", "stopped")),
    *(("epoch_begun", name) for name in ("batch", "samples", "totals", "weights")),
    *(("loader", "state"), ("random", "torch"), ("random", "numpy")),
]


@pytest.fixture(scope="module")
def of_an_epoch_begun(tmp_path_factory) -> Path:
    """A file saved in the middle of the second epoch."""
    path = tmp_path_factory.mktemp("begun") / "run.pt"
    run_interrupted(Setting(), 10, checkpoint=path)
    return path


@pytest.mark.parametrize("where", ODD_PARTS, ids="-".join)
def test_a_part_of_another_kind_is_refused_and_nothing_changed(
    of_an_epoch_begun: Path, tmp_path: Path, where: tuple[str, ...]
) -> None:
    path = tmp_path / "run.pt"
    for value in ("odd", [None]):
        state = inner = checkpoint.load(of_an_epoch_begun)
        for name in where[:-1]:
            inner = inner[name]
        inner[where[-1]] = value
        checkpoint.save(path, **state)
        setting = Setting()
        before = [each.clone() for each in setting.model.state_dict().values()]
        with pytest.raises(CheckpointError, match=r"run\.pt"):
            setting.fit(checkpoint=path)
        assert all(map(torch.equal, before, setting.model.state_dict().values()))


def test_an_interrupt_finishes_the_step_and_keeps_model_and_history(capsys) -> None:
    setting = Setting()
    handler = signal.getsignal(signal.SIGINT)
    history = run_interrupted(setting, 10)
    assert history.stopped == "interrupted"
    assert (len(history), len(history.steps["loss"])) == (1, 10)
    assert signal.getsignal(signal.SIGINT) is handler
    assert "Interrupted after epoch 1 of 5, batch 3 of 7 of the next." in capsys.readouterr().out
    assert setting.everything()[:3] != Setting().everything()[:3]


def test_the_second_interrupt_comes_through_at_once() -> None:
    setting = Setting()
    handler = signal.getsignal(signal.SIGINT)
    stubborn = interrupt_after(10, interrupt_after(10))
    with pytest.raises(KeyboardInterrupt) as caught:
        train.fit(
            setting.model, setting.loader, stubborn, setting.optimizer, epochs=5, progress=False
        )
    assert signal.getsignal(signal.SIGINT) is handler
    assert len(caught.value.history.steps["loss"]) == 9
    assert len(caught.value.history) == 1
    assert setting.model.training


def test_an_interrupt_during_validation_finishes_the_epoch(capsys) -> None:
    setting = Setting()

    class Interrupting(list):
        def __iter__(self):
            signal.raise_signal(signal.SIGINT)
            return super().__iter__()

    history = setting.fit(validation=Interrupting([(INPUTS, TARGETS)]))
    assert capsys.readouterr().out == "Interrupted after epoch 1 of 5.\n"
    assert history.stopped == "interrupted"
    assert len(history) == 1 and "validation loss" in history.epochs[0]


@pytest.mark.parametrize("when", ["printing", "flushing", "flushing at the end"])
def test_a_second_interrupt_at_the_end_keeps_the_history(monkeypatch, when: str) -> None:
    """While "Interrupted ..." is printed, and while the loggers are flushed."""
    setting = Setting()
    flushes = 0

    class Flushing:
        def add_scalar(self, tag: str, value: float, step: int) -> None:
            pass

        def flush(self) -> None:
            nonlocal flushes
            flushes += 1
            if flushes == {"flushing": 1, "flushing at the end": 2}.get(when):
                signal.raise_signal(signal.SIGINT)

    def interrupted_print(words: str) -> None:
        assert words.startswith("Interrupted")
        if when == "printing":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("builtins.print", interrupted_print)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as caught:
        run_interrupted(setting, 7 if when == "flushing" else 10, loggers=[Flushing()])
    assert len(caught.value.history.steps["loss"]) == (7 if when == "flushing" else 10)
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("order", ["compiled first", "plain first", "inside", "both"])
def test_a_compiled_model_and_a_plain_one_resume_each_other(tmp_path: Path, order: str) -> None:
    """With early stopping, whose weights have names too."""

    def run(epochs: int, is_compiled: bool, path: Path | None = None) -> tuple[nn.Module, object]:
        setting = Setting()
        if is_compiled and order == "inside":
            setting.model[0] = torch.compile(setting.model[0], backend="eager")
        elif is_compiled:
            setting.model = torch.compile(setting.model, backend="eager")
        return setting.model, setting.fit(epochs, checkpoint=path).state_dict()

    path = tmp_path / "run.pt"
    whole, expected = run(4, is_compiled=False)
    first, second = {"plain first": (False, True), "both": (True, True)}.get(order, (True, False))
    run(2, first, path)
    model, found = run(4, second, path)
    assert found == expected
    assert all(map(torch.equal, whole.parameters(), model.parameters()))


def test_a_file_with_the_names_of_torch_compile_is_resumed(tmp_path: Path) -> None:
    from helpers import checkpoint

    path = tmp_path / "run.pt"
    Setting().fit(2, checkpoint=path)
    state = checkpoint.load(path)
    for weights in (state, state["early_stopping"]):
        name = "model" if "model" in weights else "best_weights"
        weights[name] = {f"_orig_mod.{key}": value for key, value in weights[name].items()}
    checkpoint.save(path, **state)
    assert len(Setting().fit(3, checkpoint=path)) == 3


def test_a_file_of_the_version_before_is_resumed(tmp_path: Path) -> None:
    """It had no skipped steps, and one number of samples for all means."""
    from helpers import checkpoint

    expected, everything = never_stopped()
    path = tmp_path / "run.pt"
    run_interrupted(Setting(), 10, checkpoint=path)
    state = checkpoint.load(path)
    del state["history"]["skipped"]
    del state["epoch_begun"]["weights"], state["epoch_begun"]["has_changed_weights"]
    checkpoint.save(path, **state)
    resumed = Setting()
    assert resumed.fit(checkpoint=path).state_dict() == expected
    assert resumed.everything() == everything


def test_a_cycle_inside_another_scheduler_cannot_be_made_longer(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"

    def fit(epochs: int) -> train.History:
        setting = Setting()
        optimizer = setting.optimizer
        setting.scheduler = SCHEDULES.SequentialLR(
            optimizer,
            [
                SCHEDULES.LinearLR(optimizer, 0.1, total_iters=7),
                SCHEDULES.OneCycleLR(optimizer, 0.1, total_steps=14),
            ],
            [7],
        )
        return setting.fit(epochs, checkpoint=path)

    fit(2)
    with pytest.raises(CheckpointError, match="OneCycleLR for 14 steps, 7 of them done, and 21"):
        fit(5)
    assert len(fit(3)) == 3


def test_outside_the_main_thread_nothing_is_asked_of_signals() -> None:
    histories = []
    thread = threading.Thread(target=lambda: histories.append(Setting().fit(epochs=1)))
    thread.start()
    thread.join()
    assert len(histories[0]) == 1


INTERRUPTED = """
import sys, threading, os, signal, time
sys.path[:0] = [{root!r}, {folder!r}]
from test_checkpointing import Setting
class Tell:
    def add_scalar(self, tag, value, step):
        if step == 10 and tag == "loss/train": print("running", flush=True)
    def flush(self): pass
setting = Setting()
history = setting.fit(epochs=10**6, scheduler=None, loggers=[Tell()])
print(history.stopped, len(history.steps["loss"]) >= 10)
"""


def test_ctrl_c_from_outside(tmp_path: Path) -> None:
    code = INTERRUPTED.format(root=str(ROOT), folder=str(Path(__file__).parent))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, **pipes) as process:
        try:
            assert process.stdout.readline() == "running\n"
            os.kill(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=180)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert out.endswith("interrupted True\n")
