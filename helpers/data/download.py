"""The MNIST family, for those who are online: resumed, verified, never half there.

Addresses and checksums are torchvision's own lists. They are MD5, which finds damage, not
malice. The course itself needs none of it.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal, get_args
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from helpers import _folders, _validation

if TYPE_CHECKING:
    from tqdm import tqdm

Name = Literal["MNIST", "FashionMNIST", "KMNIST"]

SILENCE = 20.0
"""Seconds without a byte after which a connection counts as broken."""

ANSWER = 60.0
"""Seconds in which a server must have sent all of its answer but the content."""

GRACE, SLOWEST = 60.0, 2_000
"""A server that has sent fewer bytes a second than this, once the seconds of grace are over, is
given up."""

LARGEST = 100 * 2**20
"""Bytes that no file of these data sets has: the largest has about 26 million."""

CHUNK = 2**16
NOT_SATISFIABLE = 416  # HTTP: nothing lies beyond the bytes that are there


class DownloadError(RuntimeError):
    """A data set could not be downloaded; the message says why, and what remains."""


class _Broken(Exception):
    """A connection that cannot be made, or ends too early; the message says which."""


class _GivenUp(_Broken):
    """A connection that is left, and not tried again, though something came."""


def mnist(name: Name = "FashionMNIST", folder: str | Path | None = None) -> Path:
    """Download a data set of the MNIST family if it is not there, and return its folder.

    A download that broke off goes on where it was, also in a later call. A file appears under
    its name only when its checksum is right; one damaged since is fetched again. Read it with
    torchvision, `FashionMNIST(folder, train=True)`: nothing is downloaded then.

    Args:
        name: "MNIST", "FashionMNIST" or "KMNIST"; each has 70,000 grey images, 28 by 28, of
            10 kinds, and takes about 90 MB.
        folder: where to put it, by default in the user's cache.

    Raises:
        ValueError: another name.
        FileExistsError: `folder` is a file or lies under one.
        DownloadError: no address gives the right bytes, in the right size and in time.
        OSError: the files cannot be written, as on a full disk; what came is kept.
    """
    import torchvision

    if not isinstance(name, str) or name not in get_args(Name):
        raise ValueError(
            f"name={_validation.shown(name)} is not known; it is {_either(get_args(Name))}."
        )
    dataset = getattr(torchvision.datasets, name)
    folder = _folders.cache_folder() if folder is None else _validation.path(folder, "folder")
    raw = folder / name / "raw"  # where torchvision looks
    _folders.make_folder(raw)
    with _folders.explaining(raw, ", and what was downloaded is kept"), _locked(raw):
        for file_name, checksum in dataset.resources:
            _bring(name, raw / file_name, checksum, dataset.mirrors)
    return folder


@contextlib.contextmanager
def _locked(raw: Path) -> Iterator[None]:
    """Let one call at a time write to a folder: two notebooks may ask at once."""
    from filelock import FileLock

    lock = FileLock(raw / ".lock")
    try:
        lock.acquire()
    except NotImplementedError:  # a disk without locks: the checksums find what two calls mix up
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _bring(name: str, archive: Path, checksum: str, mirrors: Sequence[str]) -> None:
    """Have the archive, with the right checksum, and the file in it."""
    if _md5(archive) != checksum:
        _fetch(name, archive, checksum, mirrors)
    target = archive.with_suffix("")
    if not _is_content(target, archive):
        unpacked = target.with_name(target.name + ".part")
        try:
            with gzip.open(archive) as source, unpacked.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            unpacked.replace(target)
        finally:
            unpacked.unlink(missing_ok=True)


def _fetch(name: str, archive: Path, checksum: str, mirrors: Sequence[str]) -> None:
    """Download the archive from the first mirror that gives the right bytes."""
    part = archive.with_name(archive.name + ".part")
    problems = []
    for mirror in mirrors:
        problem = _from_mirror(mirror + archive.name, part, checksum)
        if not problem:
            part.replace(archive)
            return
        problems.append(f"{urlsplit(mirror).netloc} {problem}")
    kept = _size(part)
    later = (
        f"{kept:,} bytes of {archive.name} are kept: call again to go on"
        if kept
        else ("call again when you are online")
    )
    raise DownloadError(
        f"{name} cannot be downloaded: {'; '.join(problems)}. {later[0].upper()}{later[1:]}; "
        "the course's own data, as data.digits(), needs no connection."
    )


def _from_mirror(address: str, part: Path, checksum: str) -> str:
    """Complete `part` from an address; return what went wrong, "" when nothing did."""
    resumed = _size(part) > 0
    problem = _complete(address, part)
    if problem:
        return problem
    if _md5(part) == checksum:
        return ""
    part.unlink(missing_ok=True)
    # What was kept may have been the wrong half: once more from the beginning.
    return _from_mirror(address, part, checksum) if resumed else "sent other bytes than expected"


def _complete(address: str, part: Path) -> str:
    """Ask for the rest of `part` as long as more comes; return what went wrong, or ""."""
    pace = _Pace()
    while True:
        before = _size(part)
        try:
            _append(address, part, pace)
            return ""
        except HTTPError as error:
            error.close()
            # Nothing beyond what is kept: the checksum tells whether that is the whole.
            return "" if error.code == NOT_SATISFIABLE and before else f"answered {error.code}"
        except _GivenUp as given_up:
            return str(given_up)
        except _Broken as broken:
            if _size(part) <= before:
                return str(broken)


class _Pace:
    """How many bytes an address has sent in how many seconds, over all its connections."""

    def __init__(self) -> None:
        self.begun, self.received = time.monotonic(), 0

    def add(self, received: int) -> None:
        """Count bytes; raises _GivenUp once they come too slowly."""
        self.received += received
        taken = time.monotonic() - self.begun
        if taken > GRACE and self.received < SLOWEST * taken:
            raise _GivenUp(f"sent only {self.received:,} bytes in {taken:.0f} s")


def _append(address: str, part: Path, pace: _Pace) -> None:
    """Read an address from where `part` ends; from the beginning where it cannot.

    Raises HTTPError for an answer without content, _Broken for a connection that fails, _GivenUp
    for one that sends too much or too slowly.
    """
    kept = _size(part)
    with _opened(address, kept) as response:
        start = _start(response)
        if start not in (0, kept):
            part.unlink()
            raise _Broken("sent another part than asked for")
        missing = _length(response)
        if start + missing > LARGEST:
            raise _GivenUp(f"offers {start + missing:,} bytes, more than any file of the data set")
        size = start
        with part.open("ab" if start else "wb") as file, _bar(start, missing, part) as bar:
            for chunk in _chunks(response):
                file.write(chunk)
                size += len(chunk)
                bar.update(len(chunk))
                pace.add(len(chunk))
                if size > LARGEST:
                    break
    if size > LARGEST:
        part.unlink()
        raise _GivenUp(f"sent over {LARGEST:,} bytes, more than any file of the data set has")
    if size < start + missing:
        raise _Broken("broke off")


def _opened(address: str, kept: int) -> HTTPResponse:
    """Return the answer of an address, asked for the bytes from `kept` on."""
    headers = {"User-Agent": "pytorch-course", "Accept-Encoding": "identity"}
    if kept:
        headers["Range"] = f"bytes={kept}-"
    try:
        response = _in_time(Request(address, headers=headers))
    except HTTPError:
        raise
    except (OSError, HTTPException, ValueError) as error:  # a ValueError: an address of no form
        reason = getattr(error, "reason", error)
        raise _Broken(
            f"cannot be reached ({getattr(reason, 'strerror', None) or reason})"
        ) from None
    if not isinstance(response, HTTPResponse):
        response.close()
        raise _Broken("leads to an address that is not of the web")
    return response


def _in_time(request: Request) -> HTTPResponse:
    """Return the answer to a request; raises _Broken when it has not come within ANSWER seconds.

    The limit of a socket is for each of its bytes, and a server may send them one by one.
    """
    answers: SimpleQueue[HTTPResponse | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urlopen(request, timeout=SILENCE))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, name="download", daemon=True).start()
    try:
        answer = answers.get(timeout=ANSWER)
    except Empty:
        raise _Broken(f"did not answer within {ANSWER:.0f} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _length(response: HTTPResponse) -> int:
    """Return how many bytes an answer says that it holds, 0 when it says nothing of use."""
    said = (response.headers.get("Content-Length") or "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _start(response: HTTPResponse) -> int:
    """Return which byte of the file an answer begins with: 0 unless it says otherwise."""
    if response.status != 206:
        return 0
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isascii() and first.isdigit() and len(first) < 20 else -1


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    """Give what an answer holds, piece by piece. Raises _Broken when it stops too early."""
    while True:
        try:
            chunk = response.read1(CHUNK)  # what has come, not only when all of it has
        except (OSError, HTTPException):
            raise _Broken("broke off") from None
        if not chunk:
            return
        yield chunk


def _bar(start: int, missing: int, part: Path) -> tqdm:
    """Return a progress bar in bytes, which leaves nothing behind."""
    from tqdm.auto import tqdm

    return tqdm(
        total=start + missing or None,
        initial=start,
        desc=part.name.removesuffix(".part"),
        unit="B",
        unit_scale=True,
        leave=False,
    )


def _is_content(target: Path, archive: Path) -> bool:
    """Whether a file is what its gzip archive holds, by the length and CRC at its end."""
    if not target.is_file():
        return False
    with archive.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        checksum, length = (int.from_bytes(file.read(4), "little") for _ in range(2))
    return _size(target) == length and zlib.crc32(target.read_bytes()) == checksum


def _size(path: Path) -> int:
    """Return the length of a file in bytes, 0 when there is none."""
    return path.stat().st_size if path.is_file() else 0


def _md5(path: Path) -> str:
    """Return the MD5 of a file in hexadecimal digits, "" when there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _either(names: Sequence[str]) -> str:
    """Return "a, b or c"."""
    return f"{', '.join(names[:-1])} or {names[-1]}"
