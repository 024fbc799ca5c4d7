"""Every public name with odd arguments, and that none is forgotten.

Here each function and class is called by its signature, with what it is for partly replaced. What
needs more than a call (a server, a run, a file, a method) is in the test_fuzz.py of its folder.
"""

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import exercises
from helpers import board, checkpoint, data, explore, plot, tensorboard, train
from tests.odd_arguments import SEEDED, check, odd, odd_call

MODULES = {
    "board": board,
    "checkpoint": checkpoint,
    "data": data,
    "exercises": exercises,
    "explore": explore,
    "plot": plot,
    "train": train,
}
ELSEWHERE = {
    "board.Board": "tests/board/test_fuzz.py",
    "board.NoServer": "tests/board/test_fuzz.py",
    "board.Server": "tests/board/test_fuzz.py",
    "board.find": "tests/board/test_fuzz.py",
    "board.install": "tests/board/test_fuzz.py",
    "board.start": "tests/board/test_fuzz.py",
    "board.try_start": "tests/board/test_fuzz.py",
    "data.in_a_new_python": "tests/data/test_fuzz.py",
    "tensorboard.start": "tests/board/test_fuzz.py",
    **{f"explore.{name}": "tests/explore/test_fuzz.py" for name in explore.__all__},
}
ANSWERS = {"Digits", "Sunspots", "Wine"}  # named tuples that the functions of `data` return


def public() -> dict[str, Callable[..., object]]:
    """Public functions and classes by name; answers, errors and protocols aside."""
    found = {"tensorboard.start": tensorboard.start, "data.download.mnist": data.download.mnist}
    for short, module in MODULES.items():
        for name in module.__all__:
            value = getattr(module, name)
            is_error = isinstance(value, type) and issubclass(value, Exception)
            if callable(value) and not is_error and not getattr(value, "_is_protocol", False):
                found[f"{short}.{name}"] = value
    return {name: value for name, value in found.items() if name.rpartition(".")[2] not in ANSWERS}


PUBLIC = public()
HERE = sorted(set(PUBLIC) - set(ELSEWHERE))


def rows() -> data.TensorRows:
    return data.TensorRows(torch.ones(6, 3), torch.zeros(6, dtype=torch.int64))


def training() -> list[object]:
    """What `evaluate` takes."""
    loader = data.TensorLoader(torch.ones(6, 3), torch.zeros(6, dtype=torch.int64), batch_size=2)
    return [torch.nn.Linear(3, 2), loader, torch.nn.CrossEntropyLoss()]


def fitting() -> list[object]:
    """What `fit` takes."""
    model, loader, loss = training()
    return [model, loader, loss, torch.optim.SGD(model.parameters(), lr=0.1)]


# What a function is for, made afresh; each argument may be exchanged for an odd one.
MEANT: dict[str, Callable[[], list]] = {
    "checkpoint.load": lambda: ["kept.pt"],
    "checkpoint.save": lambda: ["kept.pt"],
    "checkpoint.differences": lambda: [{}, torch.nn.Linear(3, 2)],
    "checkpoint.renamed": lambda: [{}, torch.nn.Linear(3, 2)],
    "data.TensorLoader": lambda: [torch.ones(6, 3), torch.ones(6)],
    "data.TensorRows": lambda: [torch.ones(6, 3), torch.ones(6)],
    "data.loader": lambda: [rows()],
    "data.script": lambda: ["count_ink.py"],
    "plot.along_dim": lambda: [torch.ones(2, 3), 1],
    "plot.broadcasting": lambda: [(2, 1), (3,)],
    "plot.gather": lambda: [torch.ones(2, 3), 1, torch.zeros(2, 1, dtype=torch.int64)],
    "plot.graph": lambda: [torch.ones(2, requires_grad=True).sum()],
    "plot.image_grid": lambda: [torch.rand(2, 8, 8), ["one", "two"]],
    "plot.matrix": lambda: [torch.eye(3)],
    "plot.scatter": lambda: [torch.zeros(2, 2, dtype=torch.int64), 1.0, 0, 3],
    "plot.storage": lambda: [torch.ones(2, 3).t()],
    "train.accuracy": lambda: [torch.randn(4, 3), torch.tensor([0, 1, 2, 0])],
    "train.correct": lambda: [torch.randn(4, 3), torch.tensor([0, 1, 2, 0])],
    "train.evaluate": training,
    "train.fit": fitting,
}
ALWAYS: dict[str, dict[str, object]] = {"train.fit": {"epochs": 1, "progress": False}}


@st.composite
def meant_or_odd(draw: st.DrawFn, name: str) -> tuple[list, dict]:
    """Arguments as meant with one or two of them odd, or all of them odd."""
    positional, named = draw(odd_call(PUBLIC[name]))
    if name in MEANT and draw(st.integers(0, 3)):
        meant = MEANT[name]()
        replaced = draw(st.sets(st.integers(0, len(meant) - 1), max_size=2))
        meant = [draw(odd()) if i in replaced else one for i, one in enumerate(meant)]
        positional = meant + positional[len(meant) :] * draw(st.integers(0, 1))
    return positional, named | ALWAYS.get(name, {})


def test_no_public_name_is_forgotten() -> None:
    """A name is called here, or a fuzz of its own folder names it; none that is gone is listed."""
    assert set(ELSEWHERE) <= set(PUBLIC) and set(MEANT) <= set(HERE)
    root = Path(__file__).parents[1]
    for name, path in ELSEWHERE.items():
        last = name.rpartition(".")[2]
        assert name.startswith("explore.") or last in (root / path).read_text("utf-8"), name


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore")  # of PyTorch, about its own odd kinds of tensors
@pytest.mark.parametrize("name", HERE)
def test_odd_arguments_give_an_answer_or_a_sentence(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torchvision.datasets.FashionMNIST.mirrors", [])
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", [])

    @settings(SEEDED, max_examples=30)
    @given(meant_or_odd(name))
    def call(drawn: tuple[list, dict]) -> None:
        check(PUBLIC[name], *drawn[0], **drawn[1])
        plt.close("all")

    call()
