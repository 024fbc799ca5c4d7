"""Checkpoints: written whole or not at all, read without running code, damage noticed."""

import contextlib
import errno
import os
import pickle
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from helpers import _atomic, _folders, checkpoint
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


# A full disk, and paths that cannot be written


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
@pytest.mark.parametrize("size", [1, 3_000, 1_000_000])
def test_a_full_disk_is_an_os_error_with_a_sentence(size: int, tmp_path: Path, monkeypatch) -> None:
    @contextlib.contextmanager
    def full_disk(path: Path) -> Iterator[object]:
        with _folders.explaining(path), Path("/dev/full").open("wb") as file:
            yield file

    monkeypatch.setattr(_atomic, "writing", full_disk)
    with pytest.raises(
        OSError, match=r"run.pt cannot be written \(No space left on device\)"
    ) as caught:
        checkpoint.save(tmp_path / "run.pt", weights=torch.zeros(size))
    assert caught.value.errno == errno.ENOSPC
    assert str(caught.value).endswith(
        "free some space on this disk, or give a folder on another one."
    )


@pytest.mark.skipif(os.name != "posix", reason="Windows limits no sizes")
@pytest.mark.parametrize("size", [50_000, 5_000_000])
def test_a_write_that_stops_midway_keeps_the_old_file(size: int, tmp_path: Path) -> None:
    """A limit on the size of files stops the real write, as a quota does."""
    checkpoint.save(tmp_path / "run.pt", epoch=1)
    code = (
        "import resource, signal, sys, torch\n"
        "from helpers import checkpoint\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "try:\n"
        "    checkpoint.save(sys.argv[1], weights=torch.zeros(int(sys.argv[2])))\n"
        "except OSError as error:\n"
        "    print(error.errno, error)\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "run.pt", str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.startswith(f"{errno.EFBIG} "), done.stderr
    assert "run.pt cannot be written (File too large), and the old file is kept;" in done.stdout
    assert checkpoint.load(tmp_path / "run.pt") == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


LONG = "a" * 252


def test_a_name_of_the_longest_length_can_be_saved(tmp_path: Path) -> None:
    path = tmp_path / (LONG + ".pt")
    assert checkpoint.check_path(path) == path
    checkpoint.save(path, epoch=1)
    assert checkpoint.load(path) == {"epoch": 1}
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        (LONG + "x.pt", ValueError, r"cannot be the name of a file here \(File name too long\)"),
        ("a\0b.pt", ValueError, "holds a NUL character"),
        ("\ud800.pt", ValueError, "half a surrogate pair"),
        ("", ValueError, "path='' is empty; give the path of a file"),
        (".", ValueError, "path is the folder"),
        ("new/", ValueError, "path is the folder new; give a file in it, such as"),
        ("file/run.pt", ValueError, "lies under .*file, a file; give another folder"),
        ("pipe", ValueError, "a device or a pipe; give the path of a file"),
        (b"run.pt", TypeError, "path must be a path, such as 'run.pt', not b'run.pt'"),
        (None, TypeError, "path must be a path, such as 'run.pt', not None"),
    ],
)
def test_a_path_that_can_be_no_file_is_refused_before(
    path: object, error: type, said: str, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    os.mkfifo("pipe")
    for refuse in (checkpoint.check_path, lambda given: checkpoint.save(given, epoch=1)):
        if refuse is not checkpoint.check_path and str(path).startswith("file"):
            error, said = FileExistsError, "file is a file; give the name of a new folder"
        with pytest.raises(error, match=said):
            refuse(path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "pipe"]


def test_the_check_of_a_path_makes_nothing(tmp_path: Path) -> None:
    assert checkpoint.check_path(str(tmp_path / "new" / "run.pt")) == tmp_path / "new" / "run.pt"
    assert not list(tmp_path.iterdir())
    with pytest.raises(TypeError, match=r"^checkpoint must be a path"):
        checkpoint.check_path(3, "checkpoint")


def test_a_folder_that_is_not_ours_is_refused_by_the_check(tmp_path: Path, monkeypatch) -> None:
    def read_only(**_: object) -> object:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", read_only)
    with pytest.raises(
        OSError, match=r"\(Read-only file system\); give a folder that you may"
    ) as caught:
        checkpoint.check_path(tmp_path / "run.pt")
    assert caught.value.errno == errno.EROFS


NOBODY = """
import os, sys
from helpers import checkpoint
os.seteuid(65534)
calls = {
    "save": lambda path: checkpoint.save(path, epoch=2),
    "load": checkpoint.load,
    "check": checkpoint.check_path,
}
for name, call in calls.items():
    try:
        print(name, call(sys.argv[1]))
    except OSError as error:
        print(name, error.errno, error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_folder_of_another_user_is_refused_in_a_sentence(mode: int, tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())  # that anybody may reach, unlike pytest's own
    (folder / "theirs").mkdir(mode)
    path = folder / "theirs" / "run.pt"
    checkpoint.save(path, epoch=1)
    command = [sys.executable, "-c", NOBODY, path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    shutil.rmtree(folder)
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    refused = f"[Errno 13] {path} cannot be written (Permission denied)"
    assert said["check"].startswith(f"13 {refused}; give a folder that you may write to."), done
    assert said["save"].startswith(f"13 {refused}")
    if mode == 0o700:
        assert said["load"] == f"13 [Errno 13] {path} cannot be read (Permission denied)."


def test_a_link_to_a_folder_that_is_missing_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.pt").symlink_to(tmp_path / "disk" / "run.pt")
    checkpoint.save(checkpoint.check_path(tmp_path / "link.pt"), epoch=1)
    assert checkpoint.load(tmp_path / "disk" / "run.pt") == {"epoch": 1}


def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path: Path, monkeypatch) -> None:
    checkpoint.save(tmp_path / "run.pt", epoch=1)

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match=r"run.pt cannot be read \(Permission denied\)\."):
        checkpoint.load(tmp_path / "run.pt")


# Damage anywhere


def sample() -> dict[str, object]:
    """Return a state with all that a run's has."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    return {"model": model, "optimizer": optimizer, "names": ["a", ("b", None)], "rate": 0.5}


def equal(one: object, other: object) -> bool:
    """Whether two loaded states are the same."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


@pytest.mark.timeout(300)
def test_damage_anywhere_gives_the_right_content_or_a_checkpoint_error(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    checkpoint.save(path, **sample())
    whole, good = path.read_bytes(), checkpoint.load(path)
    directory = whole.index(b"PK\x01\x02")
    drawn = random.Random(0)
    noticed = 0
    for turn in range(1_200):
        spoilt = bytearray(whole)
        first = directory if turn % 2 else 0
        if turn % 6 == 0:
            del spoilt[drawn.randrange(len(spoilt)) :]
        else:
            for _ in range(drawn.choice([1, 1, 3])):
                spoilt[drawn.randrange(first, len(spoilt))] ^= drawn.randrange(1, 256)
        path.write_bytes(spoilt)
        try:
            assert equal(good, checkpoint.load(path)), [
                (index, was, now)
                for index, (was, now) in enumerate(zip(whole, spoilt))
                if was != now
            ]
        except CheckpointError as error:
            noticed += 1
            assert str(error).endswith(".") and "delete" not in str(error)
    assert noticed > 800


def test_every_byte_of_a_directory_entry_may_be_damaged(tmp_path: Path) -> None:
    """PyTorch returns unset memory for a part that is marked as a folder."""
    path = tmp_path / "run.pt"
    checkpoint.save(path, weights=torch.arange(100.0))
    whole = path.read_bytes()
    entry = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"/data/0"))
    for index in range(entry, entry + 46):
        for bit in range(8):
            spoilt = bytearray(whole)
            spoilt[index] ^= 1 << bit
            path.write_bytes(spoilt)
            with contextlib.suppress(CheckpointError):
                assert torch.equal(checkpoint.load(path)["weights"], torch.arange(100.0)), index


@pytest.mark.parametrize(
    "content",
    [
        {checkpoint.MARK: "1"},
        {checkpoint.MARK: True},
        {checkpoint.MARK: torch.ones(2)},
        {checkpoint.MARK: [1]},
        {checkpoint.MARK: 1, 5: "a name that is not text"},
        {checkpoint.MARK: 1, None: 0},
        [checkpoint.MARK, 1],
        checkpoint.MARK,
        None,
        7,
        torch.ones(3),
        {},
        {(1, 2): 3},
    ],
)
def test_a_crafted_file_with_parts_of_a_wrong_type_is_refused(content, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "run.pt")
    with pytest.raises(CheckpointError):
        checkpoint.load(tmp_path / "run.pt")


@pytest.mark.parametrize(
    "pickled",
    [b"", b".", b"\x80\x02.", b"\x80\x02}q\x00.", b"\x80\x05N.", b"garbage", b"\x80\x02(((."],
)
def test_a_crafted_pickle_is_refused(pickled: bytes, tmp_path: Path) -> None:
    torch.save({checkpoint.MARK: 1}, tmp_path / "good.pt")
    with (
        zipfile.ZipFile(tmp_path / "good.pt") as good,
        zipfile.ZipFile(tmp_path / "bad.pt", "w") as bad,
    ):
        for part in good.namelist():
            info = zipfile.ZipInfo(part)
            info.external_attr = 0
            bad.writestr(info, pickled if part.endswith("data.pkl") else good.read(part))
    with pytest.raises(CheckpointError):
        checkpoint.load(tmp_path / "bad.pt")


def test_what_marks_a_file_is_no_name_for_a_part(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'helpers\.checkpoint' marks the file itself"):
        checkpoint.save(tmp_path / "run.pt", **{checkpoint.MARK: 2})


def test_too_little_memory_is_not_called_damage(tmp_path: Path, monkeypatch) -> None:
    checkpoint.save(tmp_path / "run.pt", epoch=1)

    def too_large(*_: object, **__: object) -> object:
        raise RuntimeError(
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        )

    monkeypatch.setattr(torch, "load", too_large)
    with pytest.raises(MemoryError, match=r"run\.pt needs more memory than is free on 'cpu'"):
        checkpoint.load(tmp_path / "run.pt")


def test_warnings_as_errors_change_nothing(tmp_path: Path) -> None:
    """PyTorch warns of its own parts when it reads sparse and quantised tensors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = (
            torch.eye(3).to_sparse(),
            torch.quantize_per_tensor(torch.ones(2), 1, 0, torch.quint8),
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checkpoint.save(tmp_path / "run.pt", parts=parts)
        found = checkpoint.load(tmp_path / "run.pt")["parts"]
    assert torch.equal(found[0].to_dense(), torch.eye(3)) and found[1].is_quantized
