"""A server's folder: written whole, damaged files set aside, closed to other users."""

import os
import subprocess
import sys

import pytest

from helpers.board import _storage as storage
from tests.board.looking import ROOT
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
