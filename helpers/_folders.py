"""Where the course keeps what belongs to the learner, and errors of files in one sentence."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

NAME = "pytorch-course"

NO_HOME = (
    "No home folder was found for this user, so there is nowhere to keep files; set the "
    "environment variable COURSE_HOME to a folder that you may write to."
)
FULL = (errno.ENOSPC, errno.EDQUOT)
NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS)
NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP)


def user_folder() -> Path:
    """Return $COURSE_HOME, else the course's folder in the user's data folder.

    Raises RuntimeError when there is no home folder to find it in.
    """
    chosen = os.environ.get("COURSE_HOME")
    if chosen:
        try:
            return Path(chosen).expanduser()
        except RuntimeError as error:
            raise RuntimeError(f"COURSE_HOME={chosen}: {NO_HOME}") from error
    import platformdirs

    return _in_home(platformdirs.user_data_path(NAME, appauthor=False))


def cache_folder() -> Path:
    """Return the course's folder in the user's cache: nothing there is the only copy.

    Raises RuntimeError when there is no home folder to find it in.
    """
    import platformdirs

    return _in_home(platformdirs.user_cache_path(NAME, appauthor=False))


def make_folder(folder: Path) -> None:
    """Make `folder`, and those above it, unless it exists.

    Raises FileExistsError when it is a file, or lies under one, OSError when it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next((each for each in (folder, *folder.parents) if each.exists()), folder)
        raise FileExistsError(f"{file} is a file; give the name of a new folder.") from None
    except OSError as error:
        raise explained(error, folder) from error


def mode(path: Path) -> int:
    """Return what kind of thing is at `path`, for the functions of `stat`; 0 where nothing is.

    From Python 3.14 on, `Path.exists` and its like say "no" of what may not be looked at.

    Raises OSError when that is so, or the name is one that no disk takes.
    """
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno in NOTHING_THERE:
            return 0
        raise


@contextlib.contextmanager
def explaining(path: Path, state: str = "") -> Iterator[None]:
    """Let an OSError of the block say in one sentence what failed for `path`, and what to do.

    Args:
        path: the file or folder that the block writes.
        state: what holds of it after the failure, as ", and the old file is kept".
    """
    try:
        yield
    except OSError as error:
        raise explained(error, path, state) from error


def explained(error: OSError, path: Path, state: str = "") -> OSError:
    """Return the error that says so: of the same class and number as `error`."""
    reason = error.strerror or str(error)
    sentence = f"{path} cannot be written ({reason}){state}; {_advice(error.errno)}"
    return OSError(sentence) if error.errno is None else OSError(error.errno, sentence)


def _in_home(folder: Path) -> Path:
    """Return a folder of the user; without a home folder its path still begins with `~`."""
    if not folder.is_absolute():
        raise RuntimeError(NO_HOME)
    return folder


def _advice(number: int | None) -> str:
    if number in FULL:
        return "free some space on this disk, or give a folder on another one."
    if number in NOT_OURS:
        return "give a folder that you may write to."
    return "look at the path, or give another one."
