"""tools.password, as `make password` runs it: from a line, at a terminal, and back again."""

import json
import os
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest
from jupyter_server.auth.security import passwd_check

from tools import password

ROOT = Path(__file__).resolve().parents[2]
SECRET = "right horse é"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Jupyter's settings, in a folder that is not there yet."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    return tmp_path / "jupyter"


def run(*words: str, said: str = "") -> subprocess.CompletedProcess:
    """Run it without a terminal."""
    command = [sys.executable, "-m", "tools.password", *words]
    return subprocess.run(command, cwd=ROOT, input=said, capture_output=True, text=True)


def stored(folder: Path) -> dict:
    """The settings that Jupyter reads."""
    return json.loads((folder / "jupyter_server_config.json").read_text())


def test_a_line_of_input_is_enough_and_only_its_hash_is_kept(folder: Path) -> None:
    """In a file for its owner alone, in the form that Jupyter writes."""
    done = run(said=f"{SECRET}\n")
    assert done.returncode == 0, done.stderr
    found = stored(folder)["IdentityProvider"]["hashed_password"]
    assert passwd_check(found, SECRET) and not passwd_check(found, "wrong horse")
    assert SECRET not in done.stdout + done.stderr + json.dumps(stored(folder))
    if os.name == "posix":
        assert stat.S_IMODE((folder / "jupyter_server_config.json").stat().st_mode) == 0o600


def test_other_settings_are_kept_and_the_password_is_removed(folder: Path) -> None:
    """Also the one under the name that Jupyter reads as well."""
    folder.mkdir()
    other = {"ServerApp": {"port": 9999}, "PasswordIdentityProvider": {"hashed_password": "old"}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(other))
    assert run(said=f"{SECRET}\n").returncode == 0
    assert stored(folder)["ServerApp"] == {"port": 9999}
    assert "PasswordIdentityProvider" not in stored(folder)
    assert "is removed" in run("--remove").stdout
    assert stored(folder) == {"ServerApp": {"port": 9999}}
    assert "No password was set" in run("--remove").stdout


@pytest.mark.parametrize(
    ("said", "content", "words"),
    [
        ("", None, "standard input held no password"),
        ("short\n", None, "at least 8 characters"),
        (f"{SECRET}\n", "{", "cannot be read"),
        (f"{SECRET}\n", "[1]", "does not hold settings"),
        (f"{SECRET}\n", '{"IdentityProvider": 1}', "does not hold settings"),
    ],
)
def test_a_mistake_changes_nothing(said, content, words, folder: Path) -> None:
    """One sentence says what was wrong."""
    file = folder / "jupyter_server_config.json"
    if content is not None:
        folder.mkdir()
        file.write_text(content)
    done = run(said=said)
    assert done.returncode == 1
    assert words in done.stderr and len(done.stderr.splitlines()) == 1
    assert (file.read_text() if file.exists() else None) == content


@pytest.mark.parametrize(
    ("typed", "is_set"),
    [
        ([SECRET, SECRET], True),
        ([SECRET, "another horse", SECRET, SECRET], True),
        ([SECRET, "another horse"] * password.ATTEMPTS, False),
    ],
    ids=["twice the same", "once different", "never the same"],
)
def test_at_a_terminal_it_asks_twice(typed, is_set, folder: Path, monkeypatch) -> None:
    """And once more where the two differ."""
    answers = iter(typed)
    monkeypatch.setattr("sys.stdin", types.SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("sys.argv", ["password"])
    if is_set:
        password.main()
        assert passwd_check(stored(folder)["IdentityProvider"]["hashed_password"], SECRET)
    else:
        with pytest.raises(SystemExit, match="nothing was changed"):
            password.main()
        assert not folder.exists()
    assert next(answers, None) is None
