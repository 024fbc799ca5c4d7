"""Odd arguments get an answer, or an exception that the course raised or added a sentence to."""

import contextlib
import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from helpers import train
from tests.odd_arguments import is_ours

X, Y = torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])

ODD: list[object] = [
    *(None, True, False, 0, -1, 1, 3, 10**30, -(10**30), 0.0, 0.5, -2.5, 1e308, 1j),
    *(float("nan"), float("inf"), -float("inf"), "", "loss", "no", "a\0b", "x" * 5000, "\ud800"),
    *(b"", b"bytes", [], [1, "a"], [[]], (), (1, 2), (X, Y), [(X, Y)], {}, {"loss": 1.0}, {1: 2}),
    *(
        set(),
        {1},
        range(3),
        iter([(X, Y)]),
        object(),
        type,
        int,
        len,
        print,
        Path("a\0b"),
        Ellipsis,
    ),
    *(lambda *given: None, lambda *given: 1.0, lambda scores, targets: scores, NotImplemented),
    *(np.zeros(3), np.zeros(()), np.zeros((2, 0)), np.float32(2), np.int64(3), np.array(["a"])),
    *(torch.tensor(1.0), torch.tensor(0), torch.zeros(0), torch.zeros(0, 3), torch.zeros(6)),
    *(X, Y, Y.int(), Y.float(), Y.bool(), X.bool(), X * 1j, X.bfloat16(), X.half(), X > 9),
    *(X.to_sparse(), X.to("meta"), Y.to("meta"), torch.zeros(6, 3), torch.zeros(6, 3).int()),
    *(torch.full((6,), -100), torch.full((6, 3), torch.nan), torch.zeros(2, 3, 4, 4), X.double()),
    *(torch.zeros(6, 3).to(torch.float8_e5m2), torch.quantize_per_tensor(X, 0.1, 0, torch.qint8)),
    *(torch.float16, torch.bfloat16, torch.float32, torch.device("cpu"), torch.Size([2])),
    *(nn.Linear(4, 3), nn.Linear, nn.Identity(), nn.CrossEntropyLoss(), nn.CrossEntropyLoss),
    *(nn.MSELoss(), nn.NLLLoss(), nn.BCELoss(), nn.KLDivLoss(), nn.CTCLoss(), nn.Embedding(9, 3)),
    *(nn.Linear(4, 3).to("meta"), nn.LazyLinear(3), nn.LSTM(4, 3), train.EarlyStopping(1)),
    *(train.History(), train.accuracy, train.correct, train.EarlyStopping, ValueError("x")),
]
ENDLESS = ODD.index(10**30)
"""As a number of epochs it is right, and takes too long."""

odd = st.sampled_from(range(len(ODD)))
QUICK = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def answers_or_explains(function, *arguments: object, **named: object) -> None:
    """Call it; AssertionError when an exception has no sentence of the course."""
    out = io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(out):
            warnings.simplefilter("ignore")
            function(*arguments, **named)
    except Exception as error:
        shown = {**named, **dict(enumerate(arguments))}
        assert is_ours(error), f"{type(error).__name__}: {error}, for {shown!r:.500}"
        assert str(error).strip(), f"{type(error).__name__} without a word, for {shown!r:.500}"


def new_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 3)


OPTIONS = (
    *("validation", "metrics", "scheduler", "scheduler_step", "clip_norm", "accumulate", "amp"),
    *("early_stopping", "loggers", "checkpoint", "resume", "epochs"),
)


def fresh(index: int) -> object:
    """An odd value; an iterator of it only once would be empty the second time."""
    value = ODD[index]
    return iter([(X, Y)]) if type(value) is type(iter([])) else value


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", [*OPTIONS, "model", "loader", "loss_function", "optimizer"])
def test_each_argument_of_fit_alone(name: str) -> None:
    for index in range(len(ODD)):
        if (name, index) != ("epochs", ENDLESS):
            fit_with({name: fresh(index)})


@QUICK
@given(st.dictionaries(st.sampled_from(OPTIONS), odd, min_size=1, max_size=3))
def test_options_of_fit(options: dict[str, int]) -> None:
    chosen = {name: fresh(index) for name, index in options.items()}
    if options.get("epochs") != ENDLESS:
        fit_with(chosen)


def fit_with(options: dict[str, object]) -> None:
    """Call `fit` with these in place of good ones, in a folder of its own."""
    model = options.pop("model") if "model" in options else new_model()
    parameters = model.parameters() if isinstance(model, nn.Module) else [torch.ones(1)]
    loader = options.pop("loader") if "loader" in options else [(X, Y)]
    loss = options.pop("loss_function") if "loss_function" in options else nn.CrossEntropyLoss()
    if "optimizer" in options:
        optimizer = options.pop("optimizer")
    else:
        parameters = [each for each in parameters if not nn.parameter.is_lazy(each)]
        optimizer = torch.optim.SGD(parameters or [torch.ones(1)], lr=0.01)
    options = {"epochs": 1, "progress": False, **options}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        answers_or_explains(train.fit, model, loader, loss, optimizer, **options)


@QUICK
@given(odd, odd)
def test_batches_of_fit_and_evaluate(inputs: int, targets: int) -> None:
    loader = [(ODD[inputs], ODD[targets])]
    fit_with({"loader": loader})
    answers_or_explains(train.evaluate, new_model(), loader, nn.CrossEntropyLoss())


@pytest.mark.parametrize("position", range(5))
def test_each_argument_of_evaluate_alone(position: int) -> None:
    for index in range(len(ODD)):
        arguments = [new_model(), [(X, Y)], nn.CrossEntropyLoss(), {"accuracy": train.accuracy}]
        if position < 4:
            arguments[position] = fresh(index)
            answers_or_explains(train.evaluate, *arguments)
        else:
            answers_or_explains(train.evaluate, *arguments, amp=fresh(index))


@QUICK
@given(odd, odd, odd)
def test_arguments_of_evaluate(model: int, loss_function: int, metrics: int) -> None:
    answers_or_explains(train.evaluate, ODD[model], [(X, Y)], ODD[loss_function])
    answers_or_explains(train.evaluate, new_model(), [(X, Y)], ODD[loss_function], ODD[metrics])


@pytest.mark.parametrize("metric", [train.accuracy, train.correct])
def test_accuracy_and_correct(metric) -> None:
    for one in ODD:
        answers_or_explains(metric, torch.zeros(6, 3), one)
        answers_or_explains(metric, one, Y)
        answers_or_explains(metric, one, one)
        answers_or_explains(metric, torch.zeros(6, 3), Y, one)


@QUICK
@given(odd, odd, odd, odd, odd)
def test_early_stopping(patience, monitor, highest, gain, restore) -> None:
    answers_or_explains(
        train.EarlyStopping,
        ODD[patience],
        ODD[monitor],
        highest=ODD[highest],
        minimum_gain=ODD[gain],
        restore_best=ODD[restore],
    )


def test_the_methods_of_early_stopping() -> None:
    for value in ODD:
        stopping = train.EarlyStopping(1, "loss")
        answers_or_explains(stopping.update, value, new_model())
        answers_or_explains(stopping.update, {"loss": value, "epoch": 1}, new_model())
        answers_or_explains(stopping.update, {"loss": 1.0}, value)
        answers_or_explains(stopping.restore, value)
        answers_or_explains(stopping.load_state_dict, value)
        answers_or_explains(
            stopping.load_state_dict, {**train.EarlyStopping().state_dict(), "best_value": value}
        )


def test_the_methods_of_a_history() -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    history = train.fit(model, [(X, Y)], nn.CrossEntropyLoss(), optimizer, epochs=1, progress=False)
    for value in ODD:
        answers_or_explains(history.__getitem__, value)
        answers_or_explains(history.best, value)
        answers_or_explains(history.best, "train loss", value)
        answers_or_explains(train.History().best, value)
        other = train.History()
        answers_or_explains(other.load_state_dict, value)
        answers_or_explains(other.load_state_dict, {"epochs": value, "steps": {}, "stopped": None})
        answers_or_explains(other.load_state_dict, {"epochs": [], "steps": value, "stopped": None})
    answers_or_explains(history.plot)
    answers_or_explains(train.History().plot)
