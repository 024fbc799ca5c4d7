"""Files written whole or not at all: after a crash there is the old one or the new one.

What is written goes to a *part* beside the file first, which then takes the file's name. A
process that is killed leaves its part behind; the next writer of the same file removes it.
"""

import contextlib
import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from helpers._folders import explaining

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

LONGEST_STEM = 200  # bytes; a name has at most 255, and a part's ends in process and thread
ABANDONED = 24 * 3600.0
"""Seconds after which an untouched part counts as left over where the disk has no locks."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write bytes to, which takes the place of `path` when the block ends.

    When the block raises, `path` is as it was, and nothing is left beside it. Programs and
    threads that write at once do not mix: the one that ends last counts. A link is followed, and
    the permissions of a file that is replaced are kept.
    Raises OSError, with a sentence, when the folder is missing, cannot be written, or is full.
    """
    with explaining(path):
        path = Path(os.path.realpath(path)) if path.is_symlink() else path
        state = ", and the old file is kept" if path.exists() else ""
    part = path.with_name(f"{_stem(path)}.{os.getpid()}-{threading.get_ident()}.part")
    with explaining(path, state):
        _sweep(path)
        try:
            with _opened(part) as file:
                _copy_permissions(path, file)
                yield file
                file.flush()
                os.fsync(file.fileno())  # else a power cut may leave the new name on an empty file
                if fcntl:  # while the lock is held: a part without one could be swept
                    part.replace(path)
            if not fcntl:  # Windows renames no open file
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` into `path`, whole or not at all. Raises OSError as `writing` does."""
    with writing(path) as file:
        file.write(content)


def _stem(path: Path) -> str:
    """Return what the names of all parts of a file begin with: its name, shortened if long."""
    name = os.fsencode(path.name)
    if len(name) <= LONGEST_STEM:
        return path.name
    digest = hashlib.sha256(name).hexdigest()[:16]
    return f"{os.fsdecode(name[: LONGEST_STEM - 17]).rstrip()}-{digest}"


@contextlib.contextmanager
def _opened(part: Path) -> Iterator[BinaryIO]:
    """Give a new, empty part, locked for as long as it is open."""
    while True:
        with part.open("ab") as file:  # not "wb", which would empty it before it is locked
            if _lock(file, wait=True) and not _is_still(part, file):
                continue  # swept by another process before it was locked
            file.truncate(0)
            yield file
            return


def _sweep(path: Path) -> None:
    """Remove the parts of `path` that no living process is writing."""
    pattern = re.compile(re.escape(_stem(path)) + r"\.\d+-\d+\.part")
    parts: list[Path] = []
    with contextlib.suppress(OSError):  # a folder may be written to and not be listed
        parts = [each for each in path.parent.iterdir() if pattern.fullmatch(each.name)]
    for part in parts:
        with contextlib.suppress(OSError):  # another process was quicker, or has it open
            _remove_abandoned(part)


def _remove_abandoned(part: Path) -> None:
    """Remove a part unless it is locked, or, where the disk has no locks, fresh."""
    if fcntl is None:
        part.unlink()
        return
    with part.open("rb+") as file:
        is_abandoned = _lock(file, wait=False)
        if is_abandoned is None:
            is_abandoned = time.time() - os.fstat(file.fileno()).st_mtime > ABANDONED
        if is_abandoned and _is_still(part, file):
            part.unlink()


def _lock(file: BinaryIO, wait: bool) -> bool | None:
    """Lock a file until it is closed; False when another has it, None without locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # some network disks have none
        return None
    return True


def _is_still(part: Path, file: BinaryIO) -> bool:
    """Whether the name `part` still leads to the open file."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(part.stat(), os.fstat(file.fileno()))
    return False


def _copy_permissions(path: Path, file: BinaryIO) -> None:
    """Give the new file the permissions of the one it replaces, if there is one."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last; Windows has no such call and needs none."""
    if os.name == "posix":
        with contextlib.suppress(OSError):  # some network disks cannot; the file is there
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
