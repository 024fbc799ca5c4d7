"""Files written whole or not at all: after a crash there is the old one or the new one."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write bytes to, which takes the place of `path` when the block ends.

    When the block raises, `path` is as it was, and nothing is left beside it. Programs and
    threads that write at once do not mix: the one that ends last counts.
    Raises OSError when the folder is not there, cannot be written, or is full.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name on an empty file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` into `path`, whole or not at all. Raises OSError as `writing` does."""
    with writing(path) as file:
        file.write(content)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last; Windows has no such call and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # some network disks cannot; the file is there
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
