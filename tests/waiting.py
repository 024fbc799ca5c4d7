"""Wait for what another process does."""

import time
from collections.abc import Callable

import psutil

LIMIT = 180  # seconds for what takes one; a loaded machine is slow


def until(true: Callable[[], object]) -> None:
    """Wait until it is true; fails where it does not become so."""
    end = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whether the process is gone; a container may not collect one without a parent."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
