"""`TensorRows` and `loader` give the same batches, seeded, however workers are started."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    SequentialSampler,
    Subset,
    TensorDataset,
)

from helpers import data
from helpers.data._dataloader import Rows

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 600  # seconds for what takes ten; a loaded machine is slow


def tensors(size: int = 50) -> tuple[torch.Tensor, torch.Tensor]:
    """Return float32 (size, 2, 3) and int64 (size,)."""
    return torch.arange(6.0 * size).reshape(size, 2, 3), torch.arange(size)


def assert_same_batches(one, other) -> None:
    """Assert that two loaders give equal batches."""
    one, other = list(one), list(other)
    assert len(one) == len(other) > 0
    for left, right in zip(one, other):
        assert len(left) == len(right)
        assert all(torch.equal(a, b) and a.dtype == b.dtype for a, b in zip(left, right))


# TensorRows


def test_rows_are_what_a_tensor_dataset_has():
    rows, expected = data.TensorRows(*tensors()), TensorDataset(*tensors())
    assert len(rows) == len(expected) == 50
    for index in (0, 17, 49, -1):
        assert all(torch.equal(a, b) for a, b in zip(rows[index], expected[index], strict=True))
    assert isinstance(rows[0], tuple)


@pytest.mark.parametrize("index", [50, -51])
def test_no_such_row_is_an_index_error(index: int):
    with pytest.raises(IndexError, match=rf"There is no sample {index}: there are 50"):
        data.TensorRows(*tensors())[index]


def test_indices_of_a_batch_may_count_from_the_end():
    ours = Subset(data.TensorRows(*tensors()), [-1, 1, -50])
    theirs = Subset(TensorDataset(*tensors()), [-1, 1, -50])
    assert_same_batches(DataLoader(ours, batch_size=3), DataLoader(theirs, batch_size=3))
    assert len(data.TensorRows(*tensors()).__getitems__([])) == 0


@pytest.mark.parametrize(
    ("indices", "error", "said"),
    [
        ([1, 50], IndexError, "There is no sample 50: there are 50, from 0."),
        ([1, -51], IndexError, "There is no sample -51: there are 50, from 0."),
        ([1, 1.5], TypeError, "index must be an integer, not 1.5."),
    ],
)
def test_no_such_rows_are_refused_as_one_is(indices, error: type, said: str):
    with pytest.raises(error, match=said):
        data.TensorRows(*tensors()).__getitems__(indices)


def test_rows_are_the_callers_to_change():
    images, labels = tensors()
    rows = data.TensorRows(images, labels)
    for got in (rows[3], rows.__getitems__([3, 4]).columns):
        got[0].zero_(), got[1].zero_()
    assert torch.equal(images, tensors()[0]) and torch.equal(labels, tensors()[1])


def test_several_rows_at_once_are_a_sequence_of_samples():
    several = data.TensorRows(*tensors()).__getitems__([4, 2, 4])
    assert isinstance(several, Rows) and len(several) == 3
    assert [sample[1].item() for sample in several] == [4, 2, 4]
    assert several[-1][1] == 4 and several[1:].columns[1].tolist() == [2, 4]
    assert several.columns[0].shape == (3, 2, 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda rows: rows,
        lambda rows: Subset(rows, [5, 3, 8, 1, 0]),
        lambda rows: ConcatDataset([rows, rows]),
    ],
)
def test_a_plain_dataloader_needs_no_collate_fn(make):
    ours = make(data.TensorRows(*tensors()))
    theirs = make(TensorDataset(*tensors()))
    assert_same_batches(DataLoader(ours, batch_size=4), DataLoader(theirs, batch_size=4))


def test_a_collate_fn_of_ones_own_gets_samples():
    def second_only(samples) -> list[int]:
        return [int(sample[1]) for sample in samples]

    loaded = DataLoader(data.TensorRows(*tensors(5)), batch_size=2, collate_fn=second_only)
    assert list(loaded) == [[0, 1], [2, 3], [4]]


def test_nothing_is_stacked_for_a_batch(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_, **__):
        raise AssertionError("samples were stacked")

    monkeypatch.setattr(torch, "stack", refuse)
    assert len(list(DataLoader(data.TensorRows(*tensors()), batch_size=8))) == 7
    with pytest.raises(AssertionError, match="stacked"):
        list(DataLoader(TensorDataset(*tensors()), batch_size=8))


def test_rows_can_be_pickled_and_tell_what_they_are():
    rows = pickle.loads(pickle.dumps(data.TensorRows(*tensors())))
    assert_same_batches(DataLoader(rows), DataLoader(TensorDataset(*tensors())))
    assert repr(rows) == "TensorRows(50 samples: float32 (50, 2, 3), int64 (50,))"


def test_rows_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match=r"TensorRows needs tensors of one length.* 3 and 4"):
        data.TensorRows(torch.zeros(3), torch.zeros(4))


# loader, without workers


def test_loader_is_a_standard_one_with_an_order_that_follows_from_the_seed():
    first = data.loader(data.TensorRows(*tensors()), 8, shuffle=True, seed=3)
    assert type(first) is DataLoader and len(first) == 7
    again = data.loader(TensorDataset(*tensors()), 8, shuffle=True, seed=3)
    other = data.loader(TensorDataset(*tensors()), 8, shuffle=True, seed=4)
    epochs = [[batch[1].tolist() for batch in first] for _ in range(2)]
    assert epochs == [[batch[1].tolist() for batch in again] for _ in range(2)]
    assert epochs[0] != epochs[1]
    assert epochs[0] != [batch[1].tolist() for batch in other]


def test_the_global_random_states_are_left_alone():
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    list(data.loader(data.TensorRows(*tensors()), shuffle=True))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before[1:]


class Whole(Dataset):
    """Its `__getitems__` returns a batch, not a list of samples."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> int:
        raise AssertionError("asked for one sample")

    def __getitems__(self, indices: list[int]) -> dict[str, torch.Tensor]:
        return {"squares": torch.tensor(indices) ** 2}


class Listed(Whole):
    """Its `__getitems__` returns a list of samples, as PyTorch's protocol has it."""

    def __getitems__(self, indices: list[int]) -> list[int]:
        return [index**2 for index in indices]


def test_a_batch_of_getitems_is_taken_as_it_stands():
    assert [batch["squares"].tolist() for batch in data.loader(Whole(), 4)] == [
        [0, 1, 4, 9],
        [16, 25, 36, 49],
        [64, 81],
    ]


def test_a_list_of_getitems_is_collated():
    first = next(iter(data.loader(Listed(), 4)))
    assert torch.equal(first, torch.tensor([0, 1, 4, 9]))


class Counting(IterableDataset):
    """0 … 9, one after another."""

    def __iter__(self):
        return iter(range(10))


def test_other_ways_to_make_batches_work_too():
    assert [batch.tolist() for batch in data.loader(Counting(), 6)] == [
        [0, 1, 2, 3, 4, 5],
        [6, 7, 8, 9],
    ]
    rows = data.TensorRows(*tensors(5))
    single = list(data.loader(rows, batch_size=None))
    assert [int(sample[1]) for sample in single] == [0, 1, 2, 3, 4]
    sampler = BatchSampler(SequentialSampler(rows), batch_size=3, drop_last=True)
    assert [batch[1].tolist() for batch in data.loader(rows, batch_sampler=sampler)] == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"num_workers": 2}, TypeError, "no option num_workers; its own is workers="),
        ({"generator": None}, TypeError, "no option generator; its own is seed="),
        ({"multiprocessing_context": "fork"}, TypeError, "its own is start_method="),
        ({"workers": -1}, ValueError, "workers=-1 is too small"),
        ({"workers": 2, "start_method": "spoon"}, ValueError, "start_method='spoon' is not known"),
        ({"start_method": "thread"}, ValueError, "start_method='thread' is not known"),
        ({"seed": 2**64}, ValueError, r"seed=18,4.*,616 is too large; it must be below 2\*\*64"),
        ({"shuffle": "no"}, TypeError, "shuffle must be True or False, not 'no'"),
        (
            {"batch_size": 7, "batch_sampler": [[0, 1]]},
            ValueError,
            "batch_size=7 has no effect beside a batch_sampler",
        ),
    ],
)
def test_an_option_that_does_not_fit_is_refused(options: dict, error: type, said: str):
    with pytest.raises(error, match=said):
        data.loader(data.TensorRows(*tensors()), **options)


@pytest.mark.parametrize("dataset", [None, 5, iter([1, 2])])
def test_what_gives_no_samples_is_refused(dataset):
    with pytest.raises(TypeError, match="which gives no samples; it needs __len__ and __getitem__"):
        data.loader(dataset)


def test_no_batch_sampler_is_as_none_given():
    loaded = data.loader(data.TensorRows(*tensors(5)), 3, batch_sampler=None)
    assert [batch[1].tolist() for batch in loaded] == [[0, 1, 2], [3, 4]]


# loader, with workers that a test really starts

SCRIPT = """
import json, multiprocessing, random, sys, time
import numpy as np
import torch
from torch.utils.data import Dataset
from helpers import data


class Drawn(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.tensor([torch.rand(()).item(), random.random(), np.random.rand()])


def batches(dataset, **options):
    made = data.loader(dataset, 4, workers=2, start_method=sys.argv[1], **options)
    return [torch.cat([part.flatten().double() for part in batch]).tolist()
            if isinstance(batch, tuple) else batch.flatten().tolist() for batch in made]


if __name__ == "__main__":
    rows = data.TensorRows(torch.arange(30.0).reshape(10, 3), torch.arange(10))
    found = {"rows": batches(rows, shuffle=True, seed=5), "drawn": batches(Drawn(), seed=7)}
    end = time.monotonic() + 60  # PyTorch waits five seconds for a worker to end
    while multiprocessing.active_children() and time.monotonic() < end:
        time.sleep(0.1)
    print(json.dumps({**found, "left": len(multiprocessing.active_children())}))
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_workers_give_the_same_however_they_start(method: str, tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), method],
        env=with_path(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    rows = TensorDataset(torch.arange(30.0).reshape(10, 3), torch.arange(10))
    expected = [
        torch.cat([part.flatten().double() for part in batch]).tolist()
        for batch in data.loader(rows, 4, shuffle=True, seed=5)
    ]
    assert got["rows"] == expected
    for worker, batch in enumerate(got["drawn"]):
        seed = seed_of_worker(7, worker)
        assert batch[0] == torch.rand((), generator=torch.Generator().manual_seed(seed)).item()
        assert batch[1] == pytest.approx(random.Random(seed).random())
    assert not set(got["drawn"][0]) & set(got["drawn"][1]), "two workers drew the same numbers"
    assert got["left"] == 0


def seed_of_worker(seed: int, worker: int) -> int:
    """Return what PyTorch seeds a worker with: the generator's next number, plus its own."""
    generator = torch.Generator().manual_seed(seed)
    return torch.empty((), dtype=torch.int64).random_(generator=generator).item() + worker


def with_path() -> dict[str, str]:
    """Return this environment, with the course on Python's path."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


NOTEBOOK = """
import torch
from torch.utils.data import Dataset, Subset
from helpers import data

class Squares(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, index):
        return index ** 2

def refused(dataset, **options):
    try:
        data.loader(dataset, 2, workers=1, start_method="spawn", **options)
    except TypeError as error:
        print(error)
    else:
        print("taken")

def joined(batch):
    return batch

refused(Squares())
refused(Subset(Squares(), [1, 2]))
refused(data.TensorRows(torch.arange(4)), collate_fn=joined)
refused(data.TensorRows(torch.arange(4)), worker_init_fn=lambda worker: None)
refused(data.TensorRows(torch.arange(4)))
print(len(data.loader(Squares(), 2, workers=0, start_method="spawn")))
"""

LOST = (
    "The {role} needs {what}, and workers started with 'spawn' import what they need from "
    "files: put it into a module (a .py file; %%writefile makes one) and import it from there, "
    "or use workers=0."
)
SAID = [
    LOST.format(role="dataset", what="the class Squares, which is defined in the notebook"),
    LOST.format(role="dataset", what="the class Squares, which is defined in the notebook"),
    LOST.format(role="collate_fn", what="the function joined, which is defined in the notebook"),
    LOST.format(role="worker_init_fn", what="a lambda, which has no name"),
    "taken",
    "2",
]


def test_at_a_prompt_spawn_is_refused_in_one_sentence():
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        env=with_path(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.stdout.splitlines() == SAID, done.stderr
    assert done.stderr == ""


def test_in_a_notebook_spawn_is_refused_and_fork_works(monkeypatch: pytest.MonkeyPatch):
    import nbformat
    from nbclient import NotebookClient

    from tools import kernels

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    fork = (
        'made = data.loader(Squares(), 2, workers=1, start_method="fork")\n'
        "print([batch.tolist() for batch in made])"
    )
    sources = [NOTEBOOK, *([fork] if "fork" in multiprocessing.get_all_start_methods() else [])]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in sources])
    limits = {"timeout": LIMIT, "startup_timeout": LIMIT, "iopub_timeout": LIMIT}
    manager = kernels.CurrentKernelManager
    name = kernels.CURRENT_ENV_KERNEL_NAME
    client = NotebookClient(notebook, kernel_manager_class=manager, kernel_name=name, **limits)
    client.execute()
    printed = "".join(
        output.text for cell in notebook.cells for output in cell.outputs if output.name == "stdout"
    ).splitlines()
    assert printed == SAID + ["[[0, 1], [4, 9]]"] * (len(sources) - 1)


def test_a_class_inside_a_function_is_refused_and_asking_fixes_nothing():
    class Hidden(Dataset):
        def __len__(self) -> int:
            return 1

    fixed = multiprocessing.get_start_method(allow_none=True)
    with pytest.raises(TypeError, match="the class Hidden, which is defined inside a function"):
        data.loader(Hidden(), workers=1, start_method="spawn")
    data.loader(data.TensorRows(torch.arange(3)), workers=1)
    assert multiprocessing.get_start_method(allow_none=True) == fixed


def test_large_data_is_not_pickled_to_be_looked_at(monkeypatch: pytest.MonkeyPatch):
    pickled = []
    monkeypatch.setattr(torch.Tensor, "__reduce_ex__", lambda *_: pickled.append(1) or (int, ()))
    made = data.loader(data.TensorRows(torch.arange(3)), workers=1, start_method="spawn")
    assert len(made) == 1 and not pickled


def test_a_new_python_reads_what_stands_in_a_module_and_says_what_it_lacks(tmp_path, monkeypatch):
    (tmp_path / "squares_elsewhere.py").write_text("class Squares(list):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    from squares_elsewhere import Squares

    assert data.in_a_new_python(Squares([1, 4, 9])) == "read, of length 3"
    monkeypatch.setattr(Squares, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "Squares", Squares, raising=False)
    told = data.in_a_new_python(Squares())
    assert told == "AttributeError: Can't get attribute 'Squares'"


def test_a_module_that_fails_for_want_of_a_name_is_told_in_its_own_words(tmp_path, monkeypatch):
    """Only what pickle itself says of a class is put into one wording."""
    file = tmp_path / "failing_elsewhere.py"
    file.write_text("class Squares(list):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    from failing_elsewhere import Squares

    file.write_text("import json\njson.no_such_name\n")
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    told = data.in_a_new_python(Squares())
    assert told == "AttributeError: module 'json' has no attribute 'no_such_name'"


def test_a_new_python_that_prints_or_dies_is_told_from_one_that_reads(tmp_path, monkeypatch):
    (tmp_path / "loud_elsewhere.py").write_text(
        "import os\n"
        "print('a greeting')\n"
        "class Loud(list):\n"
        "    pass\n"
        "class Deadly(list):\n"
        "    def __setstate__(self, state):\n"
        "        os._exit(7)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from loud_elsewhere import Deadly, Loud

    assert data.in_a_new_python(Loud([1, 2])) == "read, of length 2"
    deadly = Deadly()
    deadly.mark = 1  # a state, for __setstate__
    told = data.in_a_new_python(deadly)
    assert told == "ended with exit code 7, and said nothing of the dataset"
    (tmp_path / "loud_elsewhere.py").unlink()
    told = data.in_a_new_python(Loud())
    assert told == "ModuleNotFoundError: No module named 'loud_elsewhere'"
