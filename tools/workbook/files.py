"""Where a workbook is and how its files are replaced: nothing of a learner's is ever the only copy.

A file is replaced in this order: a copy is set aside, the new edition is laid ready, the file
is replaced, the new edition becomes the base. Killed in between, the next update goes on.
"""

import contextlib
import datetime
import glob
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from helpers import _atomic
from helpers._folders import explained, explaining, make_folder
from tools import notebooks

HIDDEN = ".course"
SET_ASIDE = "set-aside"
LOCK_SECONDS = 120.0
"""How long to wait for another update of the same workbook, which takes a few seconds."""
PARTS_OF_THE_COURSE = (
    *("benchmarks", "data", "docs", "exercises", "helpers", "notebooks", "requirements"),
    *("tests", "tools"),
)


class WorkbookError(Exception):
    """Why a workbook cannot be made or brought up to date, in one sentence."""


def folder() -> Path:
    """The learner's workbook: $COURSE_WORKBOOK, else `workbook` in the course.

    Raises:
        WorkbookError: When COURSE_WORKBOOK names no folder that can be a workbook.
    """
    chosen = os.environ.get("COURSE_WORKBOOK", "")
    if not chosen.strip():
        return notebooks.ROOT / "workbook"
    try:
        found = Path(chosen).expanduser().absolute()
    except RuntimeError as error:
        raise WorkbookError(
            f"COURSE_WORKBOOK={chosen} names the home folder of a user who is not known here; "
            "write the whole path of a folder."
        ) from error
    _refuse_the_course(found, chosen)
    return found


def _refuse_the_course(found: Path, chosen: str) -> None:
    """Refuse the course's own folders, whose files the learner must not write into."""
    course, place = notebooks.ROOT.resolve(), found.resolve()
    inside = place.relative_to(course).parts if place.is_relative_to(course) else None
    if inside == () or (inside and inside[0] in PARTS_OF_THE_COURSE):
        raise WorkbookError(
            f"COURSE_WORKBOOK={chosen} is a folder of the course itself; name one of your own, "
            "such as ~/pytorch-workbook."
        )


def make(path: Path) -> None:
    """Make the workbook's folder, which only its owner can read, unless it exists.

    Raises:
        WorkbookError: When it cannot be made, or is a file.
    """
    if path.is_symlink() and not path.exists():
        raise WorkbookError(
            f"{path} is a link to {path.readlink()}, which is not there; make that folder, or "
            "remove the link."
        )
    with sentences():
        if not path.is_dir():
            make_folder(path.parent)
            with contextlib.suppress(FileExistsError), explaining(path):
                path.mkdir(mode=0o700)
        make_folder(path)


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Let an OSError of the block be a WorkbookError, which says what failed in one sentence."""
    try:
        yield
    except OSError as error:
        told = error.strerror or str(error)
        if error.filename:
            told = str(explained(error, Path(os.fsdecode(error.filename))).strerror)
        raise WorkbookError(f"The workbook is not up to date: {told}") from error


@contextlib.contextmanager
def turn(workbook: Path) -> Iterator[None]:
    """Hold the workbook's lock; where a disk has no locks, or cannot be written, do without.

    Raises:
        WorkbookError: When another update does not come to its end.
    """
    from filelock import FileLock, Timeout

    with contextlib.suppress(OSError):  # read-only: a workbook that is up to date can be opened
        (workbook / HIDDEN).mkdir(exist_ok=True)
    lock = FileLock(workbook / HIDDEN / "lock", timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise WorkbookError(
            f"Another program has been updating {workbook} for {LOCK_SECONDS:.0f} seconds; "
            "wait for it or end it, then try again."
        ) from error
    except (OSError, NotImplementedError):
        pass
    try:
        yield
    finally:
        lock.release()


def set_aside(path: Path, workbook: Path) -> Path:
    """Keep a copy of a learner's file in `set-aside/`, under its name with the date.

    Returns:
        The copy; one with the same content, made today, serves again.
    """
    content = path.read_bytes()
    today = datetime.date.today().isoformat()
    target = workbook / SET_ASIDE
    target.mkdir(exist_ok=True)
    number = 1
    while True:
        ending = f"-{number}" if number > 1 else ""
        aside = target / f"{path.stem}-{today}{ending}{path.suffix}"
        if not os.path.lexists(aside):
            _atomic.write_bytes(aside, content)
            keep_times(path, aside)
            return aside
        if aside.is_file() and aside.read_bytes() == content:
            return aside
        number += 1


def replace(path: Path, content: bytes, base: Path, edition: bytes) -> None:
    """Put `content` into a learner's file, and `edition` into its base; both or neither.

    A file that was there keeps its time of change: an update is no work of the learner's.
    """
    base.parent.mkdir(parents=True, exist_ok=True)
    ready = base.with_name(f"{base.name}.{_digest(content)}.next")
    _atomic.write_bytes(ready, edition)
    times = path.stat() if path.is_file() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    _atomic.write_bytes(path, content)
    if times is not None:
        with contextlib.suppress(OSError):
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    ready.replace(base)


def finish(path: Path, base: Path) -> None:
    """Complete what a killed `replace` left: the base of a file that was replaced."""
    for ready in base.parent.glob(f"{glob.escape(base.name)}.*.next"):
        wanted = ready.name.removesuffix(".next").rpartition(".")[2]
        if path.is_file() and _digest(path.read_bytes()) == wanted:
            ready.replace(base)
        else:
            ready.unlink()


def move_aside(path: Path, workbook: Path) -> Path:
    """Move what has the name of a file of the course and is none, such as a folder."""
    target = workbook / SET_ASIDE
    target.mkdir(exist_ok=True)
    number = 1
    while os.path.lexists(aside := target / f"{path.name}-{number}"):
        number += 1
    shutil.move(path, aside)
    return aside


def keep_times(path: Path, other: Path) -> None:
    """Give another file the time of change of `path`, where the disk allows that."""
    times = path.stat()
    with contextlib.suppress(OSError):
        os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
