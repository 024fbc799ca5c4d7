"""A file is the old one or the new one, whatever happens while it is written."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from helpers import _atomic

ROOT = Path(__file__).resolve().parents[2]


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    _atomic.write_bytes(path, b"a longer old content")
    _atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_until_the_block_ends_the_old_file_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with _atomic.writing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_block_that_raises_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="full"), _atomic.writing(path) as file:
        file.write(b"ne")
        raise OSError("the disk is full")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_that_write_at_once_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([letter]) * 100_000 for letter in b"abcd"]
    meet = threading.Barrier(len(contents))

    def write(content: bytes) -> None:
        meet.wait(60)
        for _ in range(20):
            _atomic.write_bytes(path, content)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _atomic.write_bytes(tmp_path / "nowhere" / "file", b"")


@pytest.mark.skipif(os.name != "posix", reason="folders are synced on POSIX systems only")
def test_a_disk_that_cannot_sync_a_folder_has_the_file(tmp_path: Path, monkeypatch) -> None:
    real = os.fsync

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    _atomic.write_bytes(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


# Parts that a killed process leaves

WAITING = """
import pathlib, sys
from helpers import _atomic
with _atomic.writing(pathlib.Path(sys.argv[1])) as file:
    file.write(b"from the other process")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


def waiting(path: Path) -> subprocess.Popen:
    """Return a process that has begun to write `path`, and ends when its input does."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", WAITING, str(path)], cwd=ROOT, **pipes)
    assert process.stdout.readline() == "half\n"
    return process


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["file.pt", "a" * 250])
def test_the_next_writer_removes_what_killed_ones_left(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    others = [tmp_path / "other.pt.12-34.part", tmp_path / "mine.part", tmp_path / f"x{name[:9]}"]
    for other in others:
        other.touch()
    for _ in range(2):
        with waiting(path) as process:
            process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    assert len(list(tmp_path.glob("*-*.part"))) == 2  # one swept by the second process, one left
    _atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])


@pytest.mark.timeout(300)
def test_a_part_that_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.pt"
    with waiting(path) as process:
        for turn in range(3):
            _atomic.write_bytes(path, b"ours %d" % turn)
        assert len(list(tmp_path.glob("*.part"))) == 1 and path.read_bytes() == b"ours 2"
        process.communicate(timeout=60)
    assert process.returncode == 0 and path.read_bytes() == b"from the other process"
    assert list(tmp_path.iterdir()) == [path]


MANY = """
import pathlib, sys
from helpers import _atomic
path, content = pathlib.Path(sys.argv[1]), sys.argv[2].encode() * 50_000
for _ in range(100):
    _atomic.write_bytes(path, content)
"""


@pytest.mark.timeout(300)
def test_processes_that_write_at_once_do_not_eat_each_others_parts(tmp_path: Path) -> None:
    path = tmp_path / "file.pt"
    writers = [
        subprocess.Popen([sys.executable, "-c", MANY, path, letter], cwd=ROOT) for letter in "abc"
    ]
    assert [writer.wait(200) for writer in writers] == [0, 0, 0]
    assert path.read_bytes() in [letter * 50_000 for letter in (b"a", b"b", b"c")]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(_atomic.fcntl is None, reason="Windows removes no open file")
def test_without_locks_only_what_is_old_is_removed(tmp_path: Path, monkeypatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(_atomic.fcntl, "flock", no_locks)
    old, fresh = tmp_path / "file.1-2.part", tmp_path / "file.3-4.part"
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    _atomic.write_bytes(tmp_path / "file", b"new")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "file.3-4.part"]


# What is replaced


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_permissions_are_kept_and_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    _atomic.write_bytes(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["disk", "link", "target"]


def test_an_error_says_what_to_do_and_keeps_its_number(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = r"file cannot be written \(No space left on device\), and the old file is kept; free"
    with pytest.raises(OSError, match=said) as caught:
        _atomic.write_bytes(path, b"new")
    assert caught.value.errno == errno.ENOSPC and path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
