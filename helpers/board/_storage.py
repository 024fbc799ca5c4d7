"""The folder of a server: who may read it, who holds it, and what is saved there.

Environments are visdom's own JSON files, each written whole or not at all: visdom writes over
the old file, and a full disk or a kill in the middle loses both. Beside them lie the address of
the server that runs, with its secret, and a lock that it holds until it has ended.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from helpers import _atomic

ADDRESS = "server.json"
LOCK = "writer.lock"
EMPTY: dict[str, dict] = {"jsons": {}, "reload": {}}
UNREADABLE = (OSError, ValueError, TypeError, KeyError, RecursionError)


@dataclass(frozen=True)
class Address:
    """Where a server is: its process, its port, and its base URL with the secret."""

    pid: int
    port: int
    base: str

    @classmethod
    def of(cls, found: object) -> Address:
        """Return an address from JSON. Raises ValueError for anything of another form."""
        if isinstance(found, dict) and found.keys() >= {"pid", "port", "base"}:
            pid, port, base = found["pid"], found["port"], found["base"]
            whole = type(pid) is int and type(port) is int
            if whole and pid > 0 and 0 < port < 65_536 and str(base).startswith("/"):
                return cls(pid, port, str(base))
        raise ValueError("this is not the address of a server: it has no pid, port and base")


def make_private(folder: Path) -> None:
    """Make `folder` where it is missing, and close it to all other users.

    Raises OSError where it cannot be made, belongs to another user, or stays open.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "posix":
        return
    status = folder.stat()
    if status.st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user, who could read its secrets")
    if stat.S_IMODE(status.st_mode) & 0o077:
        folder.chmod(0o700)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            raise PermissionError(f"other users can read {folder}, and this disk keeps no modes")


def open_private(path: Path) -> int:
    """Return a descriptor to append to a file that this user alone can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    if os.name == "posix":
        os.fchmod(descriptor, 0o600)  # it may be there already, from an earlier time
    return descriptor


def is_held(folder: Path) -> bool:
    """Whether a server's process holds `folder`; the system opens the lock of one that ended."""
    lock = folder / LOCK
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except (OSError, NotImplementedError):  # held, or not to be locked: the server will say
        return True


def announce(folder: Path, address: Address) -> None:
    """Write the address for those who look for it by name."""
    _atomic.write_bytes(folder / ADDRESS, json.dumps(asdict(address)).encode())


def find_address(folder: Path) -> Address | None:
    """Return the address of the server that holds `folder`; None where there is none."""
    try:
        found = Address.of(json.loads((folder / ADDRESS).read_text("utf-8")))
    except UNREADABLE:
        return None
    # What a killed server left may name a port that another program has now.
    return found if is_held(folder) else None


def clear_address(folder: Path) -> str | None:
    """Make room for a new address where no server runs.

    Returns the new name of what lay there, if it was not an address.
    """
    path = folder / ADDRESS
    try:
        Address.of(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except UNREADABLE:
        return set_aside(path)
    path.unlink(missing_ok=True)
    return None


def set_aside(path: Path) -> str:
    """Rename what cannot be read; return its new name, which no longer ends in .json."""
    number, target = 1, path.with_suffix(".damaged")
    while target.exists():
        number += 1
        target = path.with_suffix(f".damaged-{number}")
    path.replace(target)
    return target.name.encode(errors="backslashreplace").decode()  # it may not be text


def load(folder: Path) -> tuple[dict[str, dict], list[str]]:
    """Return every environment in `folder`, and the new names of what cannot be read.

    Such a file, or folder, is set aside, not lost; the others are loaded.
    """
    for left in folder.glob("*.part"):  # half-written by a server that was killed
        with contextlib.suppress(OSError):
            left.unlink()
    state: dict[str, dict] = {}
    damaged = []
    for path in sorted(folder.glob("*.json")):
        try:
            path.stem.encode()  # no page can show another name
            stored = json.loads(path.read_text("utf-8"))
            state[path.stem] = {key: dict(stored[key]) for key in EMPTY}
        except UNREADABLE:
            logging.warning("set aside, as it is damaged: %a", str(path))
            damaged.append(set_aside(path))
    state.setdefault("main", {key: {} for key in EMPTY})
    return state, damaged


def save(state: dict[str, dict], names: Iterable[str], env_path: str | Path) -> list[str]:
    """Write the named environments that `state` has; return their names.

    The signature is that of visdom's `serialize_env`, which this takes the place of. Raises
    OSError if one cannot be written, or ValueError if its name is no file's or its content no
    JSON, after all others have been.
    """
    known = [name for name in names if name in state]
    failure: Exception | None = None
    for name in known:
        try:
            path = Path(env_path, f"{name}.json")
            _atomic.write_bytes(path, json.dumps(state[name]).encode())
        except (OSError, ValueError) as error:
            failure = failure or error
        except (TypeError, RecursionError) as error:
            failure = failure or ValueError(f"environment {name!r} is no JSON: {error}")
    if failure is not None:
        raise failure
    return known
