"""Checkpoints: written whole or not at all, read without running code, damage noticed."""

import os
import pickle
import random
import signal
import stat
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from helpers import checkpoint
from helpers.checkpoint import CheckpointError

ROOT = Path(__file__).resolve().parents[2]


def test_objects_are_stored_by_their_state_and_plain_data_as_it_is(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters(), lr=np.float64(0.01))
    plain = {"epoch": 3, "names": ["a", ("b", None)], "shape": torch.Size([2, 3]), "set": {1, 2}}
    checkpoint.save(tmp_path / "new" / "run.pt", model=model, optimizer=optimizer, **plain)
    found = checkpoint.load(tmp_path / "new" / "run.pt")
    assert list(found) == ["model", "optimizer", *plain]
    assert {name: found[name] for name in plain} == plain
    assert type(found["optimizer"]["param_groups"][0]["lr"]) is float
    assert isinstance(found["model"], OrderedDict) and found["model"]._metadata
    for name, value in model.state_dict().items():
        assert torch.equal(found["model"][name], value)


def test_saving_changes_nothing_and_leaves_one_file(tmp_path: Path) -> None:
    state = {"rate": np.float64(0.5), "list": [1, 2]}
    checkpoint.save(tmp_path / "run.pt", state=state)
    assert type(state["rate"]) is np.float64
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_every_scheduler_can_be_stored(tmp_path: Path) -> None:
    schedulers = torch.optim.lr_scheduler
    parameter = nn.Parameter(torch.zeros(1))

    def sgd() -> torch.optim.SGD:
        return torch.optim.SGD([parameter], lr=0.1, momentum=0.9)

    optimizer = sgd()
    warm = schedulers.ConstantLR(optimizer)
    made = [
        schedulers.StepLR(sgd(), 2),
        schedulers.MultiStepLR(sgd(), [1, 3]),
        schedulers.OneCycleLR(sgd(), 0.1, 10),
        schedulers.ReduceLROnPlateau(sgd()),
        schedulers.CosineAnnealingLR(sgd(), 5),
        schedulers.LambdaLR(sgd(), lambda epoch: 0.5),
        schedulers.CyclicLR(sgd(), 0.01, 0.1),
        schedulers.SequentialLR(optimizer, [warm, schedulers.StepLR(optimizer, 2)], [2]),
    ]
    for scheduler in made:
        checkpoint.save(tmp_path / "run.pt", scheduler=scheduler)
        assert checkpoint.load(tmp_path / "run.pt")["scheduler"] == scheduler.state_dict()


def test_what_could_not_be_loaded_is_refused_by_name_before_writing(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "run.pt", epoch=1)
    with pytest.raises(TypeError, match=r"^setup\['paths'\]\[1\] is of type PosixPath|WindowsPath"):
        checkpoint.save(tmp_path / "run.pt", setup={"paths": ["a", Path("b")]})
    assert checkpoint.load(tmp_path / "run.pt") == {"epoch": 1}


def test_keys_are_plain_too(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "run.pt", counts={np.int64(3): 1, (1, "a"): 2})
    assert checkpoint.load(tmp_path / "run.pt") == {"counts": {3: 1, (1, "a"): 2}}
    with pytest.raises(TypeError, match=r"the key .* of counts is of type"):
        checkpoint.save(tmp_path / "run.pt", counts={Path("a"): 1})


class Marked(torch.Tensor):
    """As torchvision's images are: a class of its own, with what it adds to the numbers."""


def test_tensors_of_a_class_of_their_own_are_stored_as_plain_ones(tmp_path: Path) -> None:
    path, noted = tmp_path / "run.pt", torch.ones(2)
    noted.origin = path
    parameter = nn.Parameter(torch.ones(2))
    marked = torch.ones(2).as_subclass(Marked)
    checkpoint.save(path, marked=marked, noted=noted, parameter=parameter)
    found = checkpoint.load(path)
    assert [type(each) for each in found.values()] == [torch.Tensor, torch.Tensor, nn.Parameter]
    assert all(torch.equal(each, torch.ones(2)) for each in found.values())
    assert type(marked) is Marked and noted.origin == path


def test_a_layer_without_numbers_is_refused_before_writing(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^model\['weight'\] has no numbers yet"):
        checkpoint.save(tmp_path / "run.pt", model=nn.LazyLinear(2))
    assert not list(tmp_path.iterdir())


def test_any_name_may_be_given(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "run.pt", path="data/images", state=1)
    assert checkpoint.load(tmp_path / "run.pt") == {"path": "data/images", "state": 1}


def test_a_device_that_is_not_there_is_not_the_files_fault(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "run.pt", weights=torch.ones(2))
    with pytest.raises(ValueError, match="map_location='gpu' is not there") as caught:
        checkpoint.load(tmp_path / "run.pt", "gpu")
    assert not isinstance(caught.value, CheckpointError)
    with pytest.raises(TypeError, match="map_location is of type dict; give one device"):
        checkpoint.load(tmp_path / "run.pt", {"cuda:0": "cpu"})


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch) -> None:
    checkpoint.save(tmp_path / "run.pt", epoch=1)

    def full_disk(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space left"):
        checkpoint.save(tmp_path / "run.pt", epoch=2)
    assert checkpoint.load(tmp_path / "run.pt") == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot make a folder's entry last")
def test_the_whole_file_and_then_its_name_are_made_to_last(tmp_path: Path, monkeypatch) -> None:
    asked: list[tuple[bool, int]] = []

    def note(descriptor: int) -> None:
        found = os.fstat(descriptor)
        asked.append((stat.S_ISDIR(found.st_mode), found.st_size))

    monkeypatch.setattr(os, "fsync", note)
    checkpoint.save(tmp_path / "run.pt", weights=torch.zeros(10))
    assert asked[0] == (False, (tmp_path / "run.pt").stat().st_size)
    assert [is_folder for is_folder, _ in asked] == [False, True]


def test_a_killed_write_keeps_the_old_file(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "run.pt", epoch=1)
    code = (
        "import os, signal, sys, torch\n"
        "from helpers import checkpoint\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "checkpoint.save(sys.argv[1], epoch=2, weights=torch.zeros(1000))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "run.pt"], cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    assert checkpoint.load(tmp_path / "run.pt") == {"epoch": 1}


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.pt", tmp_path):
        with pytest.raises(FileNotFoundError, match="is not there or not a file"):
            checkpoint.load(path)


def test_one_wrong_byte_anywhere_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    checkpoint.save(path, weights=torch.arange(4000.0))
    whole = path.read_bytes()
    middle = whole.index(torch.arange(2000.0, 2004.0).numpy().tobytes())
    for place in (middle, len(whole) // 3, len(whole) - 30):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0xFF
        path.write_bytes(spoilt)
        with pytest.raises(CheckpointError, match=r"cannot be read: .*take an older checkpoint"):
            checkpoint.load(path)


@pytest.mark.parametrize("length", [0, 10, 1000, -1])
def test_a_cut_file_is_noticed(tmp_path: Path, length: int) -> None:
    path = tmp_path / "run.pt"
    checkpoint.save(path, weights=torch.arange(4000.0))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.load(path)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    path.write_text("not a checkpoint")
    with pytest.raises(CheckpointError, match="not whole, or no checkpoint"):
        checkpoint.load(path)
    torch.save(nn.Linear(1, 1).state_dict(), path)
    with pytest.raises(CheckpointError, match="was not written by"):
        checkpoint.load(path)


@pytest.mark.parametrize("version", [0, 2])
def test_another_version_is_said(tmp_path: Path, version: int) -> None:
    torch.save({checkpoint.MARK: version}, tmp_path / "run.pt")
    with pytest.raises(CheckpointError, match="by another version of this course; take the newest"):
        checkpoint.load(tmp_path / "run.pt")


def test_hidden_code_is_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return Path.touch, (tmp_path / "sprung",)

    path = tmp_path / "run.pt"
    torch.save({checkpoint.MARK: 1, "trap": Trap()}, path, pickle_module=pickle)
    with pytest.raises(CheckpointError, match="could run foreign code"):
        checkpoint.load(path)
    assert not (tmp_path / "sprung").exists()


def test_random_numbers_go_on_where_they_were(tmp_path: Path) -> None:
    random.gauss(0, 1)  # the second of the pair is kept by the generators
    np.random.standard_normal()
    checkpoint.save(tmp_path / "run.pt", random=checkpoint.random_state())

    def draw() -> list[float]:
        numpy_numbers = [*np.random.standard_normal(3), *np.random.rand(700)]
        return [random.gauss(0, 1), random.random(), *torch.rand(3).tolist(), *numpy_numbers]

    first = draw()
    assert draw() != first
    checkpoint.restore_random_state(checkpoint.load(tmp_path / "run.pt")["random"])
    assert draw() == first
