"""Where the course keeps files, and what is said where it cannot."""

import errno
from pathlib import Path

import pytest

from helpers import _folders


def test_a_chosen_folder_counts(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    assert _folders.user_folder() == tmp_path


def test_a_home_of_nobody_is_said(monkeypatch) -> None:
    monkeypatch.setenv("COURSE_HOME", "~nosuchuser/z")
    with pytest.raises(RuntimeError, match=r"^COURSE_HOME=~nosuchuser/z: No home folder was found"):
        _folders.user_folder()


def test_no_home_is_said_and_no_folder_is_made_here(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("COURSE_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: Path("~/share"))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/cache"))
    for folder in (_folders.user_folder, _folders.cache_folder):
        with pytest.raises(RuntimeError, match="set the environment variable COURSE_HOME to a"):
            folder()


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    _folders.make_folder(tmp_path / "a" / "b")
    _folders.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match=r"file is a file; give the name of a new folder\."):
        _folders.make_folder(tmp_path / "file" / "below")

    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    said = r"b cannot be written \(Read-only file system\); give a folder that you may write to\."
    with pytest.raises(OSError, match=said) as caught:
        _folders.make_folder(tmp_path / "b")
    assert caught.value.errno == errno.EROFS
