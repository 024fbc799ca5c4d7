"""A server's folder: written whole, damaged files set aside, closed to other users."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from helpers.board import _storage as storage
from tests.board.looking import POSIX, ROOT
from tests.waiting import until

SAVING = """
import sys
from pathlib import Path
from helpers.board import _storage
folder, size = Path(sys.argv[1]), 20_000_000
print("ready", flush=True)
for letter in "bcdefghijklmnopqrstuvwxyz" * 100:
    state = {"main": {"jsons": {"note": letter * size}, "reload": {}}}
    _storage.save(state, ["main"], folder)
"""


def test_a_kill_while_saving_leaves_a_whole_file(tmp_path) -> None:
    """The old one or the new one."""
    old = {"main": {"jsons": {"note": "a"}, "reload": {}}}
    storage.save(old, ["main"], tmp_path)
    for _ in range(3):
        variables = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SAVING, str(tmp_path)]
        saving = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE)
        until(lambda: list(tmp_path.glob("main.json.*.part")))
        saving.kill()
        saving.communicate()
        content = storage.load(tmp_path)[0]["main"]
        assert len(set(content["jsons"]["note"])) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["main.json"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    """What could not be written whole is not put in its place."""
    storage.save({"main": {"jsons": {}, "reload": {}}}, ["main"], tmp_path)
    before = (tmp_path / "main.json").read_text()

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        storage.save({"main": {"jsons": {"a": {}}, "reload": {}}}, ["main"], tmp_path)
    assert (tmp_path / "main.json").read_text() == before


def test_one_that_cannot_be_saved_stops_none_of_the_others(tmp_path) -> None:
    """The first error is raised at the end."""
    state = {name: {"jsons": {}, "reload": {}} for name in ("a", "x" * 300, "nul\0", "z")}
    with pytest.raises(OSError):
        storage.save(state, list(state), tmp_path)
    assert {path.name for path in tmp_path.glob("*.json")} == {"a.json", "z.json"}


@pytest.mark.parametrize("text", ['{"jsons": {"a"', "null", "[]", '{"jsons": {}}'])
def test_a_damaged_environment_is_set_aside(text: str, tmp_path) -> None:
    """The others are loaded, and the damaged one is still there to look at."""
    (tmp_path / "bad.json").write_text(text)
    (tmp_path / "good.json").write_text('{"jsons": {"a": {}}, "reload": {}}')
    assert storage.load(tmp_path)[0].keys() == {"good", "main"}
    assert (tmp_path / "bad.damaged").read_text() == text


DEEP = "[" * 100_000 + "]" * 100_000


def test_whatever_lies_among_the_environments_the_others_are_loaded(tmp_path: Path) -> None:
    """A folder, very deep JSON, bytes that are no text: set aside under a name that is free."""
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "deep.json").write_text(DEEP)
    (tmp_path / "bytes.json").write_bytes(b"\xff\x00")
    (tmp_path / "bytes.damaged").write_text("from an earlier time")
    (tmp_path / "half.json.1-2.part").mkdir()
    (tmp_path / ".hidden.json").write_text('{"jsons": {"a": {}}, "reload": {}}')
    state, damaged = storage.load(tmp_path)
    assert state.keys() == {".hidden", "main"}
    assert damaged == ["bytes.damaged-2", "deep.damaged", "folder.damaged"]
    assert (tmp_path / "bytes.damaged").read_text() == "from an earlier time"
    assert (tmp_path / "folder.damaged").is_dir()
    assert storage.load(tmp_path)[1] == []


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes are Linux's")
def test_a_file_whose_name_no_page_can_show_is_set_aside(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"\xff.json")  # noqa: PTH118 (of bytes)
    with open(path, "w") as file:  # noqa: PTH123
        file.write('{"jsons": {}, "reload": {}}')
    assert storage.load(tmp_path)[0].keys() == {"main"}


def test_content_that_is_no_json_stops_none_of_the_others(tmp_path: Path) -> None:
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    state = {"a": {"jsons": {"x": deep}}, "b": {"jsons": {"x": {1, 2}}}, "c": {"jsons": {}}}
    with pytest.raises(ValueError, match="environment 'a' is no JSON"):
        storage.save(state, list(state), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]
    for _ in range(100_000):  # else the interpreter's stack ends while it is taken apart
        deep = deep[0]


@POSIX
def test_a_folder_that_others_read_is_closed(tmp_path: Path) -> None:
    """Also where it was there before, whatever its mode."""
    for mode in (0o755, 0o777, 0o711, 0o700):
        folder = tmp_path / f"{mode:o}"
        folder.mkdir()
        folder.chmod(mode)
        storage.make_private(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
    storage.make_private(tmp_path / "new" / "below")
    assert (tmp_path / "new" / "below").stat().st_mode & 0o777 == 0o700


@POSIX
def test_a_folder_that_stays_open_or_belongs_to_others_is_refused(tmp_path, monkeypatch) -> None:
    tmp_path.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", lambda *_: None)  # as on a disk that keeps no modes
        with pytest.raises(PermissionError, match="other users can read"):
            storage.make_private(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        storage.make_private(tmp_path)


@POSIX
def test_a_log_is_for_this_user_alone(tmp_path: Path) -> None:
    """Also one of an earlier time; it goes on where it ended."""
    log = tmp_path / "server.log"
    log.write_text("before ")
    log.chmod(0o644)
    os.close(storage.open_private(log))
    with os.fdopen(storage.open_private(log), "ab") as file:
        file.write(b"after")
    assert log.read_text() == "before after"
    assert log.stat().st_mode & 0o777 == 0o600


ADDRESS = {"pid": 1, "port": 80, "base": "/secret"}
ODD_ADDRESSES = [
    "",
    "null",
    "[]",
    "{}",
    DEEP,
    json.dumps({**ADDRESS, "port": "80"}),
    json.dumps({**ADDRESS, "port": 0}),
    json.dumps({**ADDRESS, "port": 65_536}),
    json.dumps({**ADDRESS, "pid": True}),
    json.dumps({**ADDRESS, "pid": -1}),
    json.dumps({**ADDRESS, "base": "secret"}),
]


def test_an_address_counts_as_long_as_its_server_holds_the_folder(tmp_path: Path) -> None:
    """What a killed server has left is none: its port may be another program's."""
    assert storage.find_address(tmp_path) is None
    address = storage.Address(**ADDRESS)
    storage.announce(tmp_path, address)
    assert storage.find_address(tmp_path) is None
    with FileLock(tmp_path / storage.LOCK):
        assert storage.find_address(tmp_path) == address
    assert storage.find_address(tmp_path) is None
    assert storage.clear_address(tmp_path) is None
    assert not (tmp_path / storage.ADDRESS).exists()


@pytest.mark.parametrize("text", ODD_ADDRESSES, ids=range(len(ODD_ADDRESSES)))
def test_what_is_no_address_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / storage.ADDRESS).write_text(text)
    with FileLock(tmp_path / storage.LOCK):
        assert storage.find_address(tmp_path) is None
    assert storage.clear_address(tmp_path) == "server.damaged"
    assert (tmp_path / "server.damaged").read_text() == text
    assert storage.clear_address(tmp_path) is None


def test_a_folder_in_an_addresss_place_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / storage.ADDRESS).mkdir()
    assert storage.find_address(tmp_path) is None
    assert storage.clear_address(tmp_path) == "server.damaged"
