"""The MNIST family, for those who are online: resumed, verified, never half there.

Addresses and checksums are torchvision's own lists. They are MD5, which finds damage, not
malice. The course itself needs none of it.
"""

import gzip
import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Literal, get_args
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from helpers.data.checks import make_folder
from helpers._folders import cache_folder

Name = Literal["MNIST", "FashionMNIST", "KMNIST"]

SILENCE = 20.0
"""Seconds without a byte after which a connection counts as broken."""

CHUNK = 2**16
NOT_SATISFIABLE = 416  # HTTP: nothing lies beyond the bytes that are there


class DownloadError(RuntimeError):
    """A data set could not be downloaded; the message says why, and what remains."""


class _Broken(Exception):
    """A connection that cannot be made, or ends too early; the message says which."""


def mnist(name: Name = "FashionMNIST", folder: str | Path | None = None) -> Path:
    """Download a data set of the MNIST family if it is not there, and return its folder.

    `name`: "MNIST", "FashionMNIST" or "KMNIST"; each has 70,000 grey images, 28 by 28, of
    10 kinds, and takes about 90 MB. `folder`: by default one in the user's cache. Read it with
    torchvision, `FashionMNIST(folder, train=True)`: nothing is downloaded then.

    A download that broke off goes on where it was, also in a later call. A file appears under
    its name only when its checksum is right; one damaged since is fetched again.
    Raises ValueError for another name, FileExistsError when `folder` is a file or lies under one,
    and DownloadError when no address gives the right bytes.
    """
    import torchvision
    from filelock import FileLock

    if name not in get_args(Name):
        raise ValueError(f"name={name!r} is not known; it is {_either(get_args(Name))}.")
    dataset = getattr(torchvision.datasets, name)
    folder = cache_folder() if folder is None else Path(folder)
    raw = folder / name / "raw"  # where torchvision looks
    make_folder(raw)
    with FileLock(raw / ".lock"):  # two notebooks may ask at once
        for file_name, checksum in dataset.resources:
            _bring(name, raw / file_name, checksum, dataset.mirrors)
    return folder


def _bring(name: str, archive: Path, checksum: str, mirrors: Sequence[str]) -> None:
    """Have the archive, with the right checksum, and the file in it."""
    if _md5(archive) != checksum:
        _fetch(name, archive, checksum, mirrors)
    target = archive.with_suffix("")
    if not _is_content(target, archive):
        unpacked = target.with_name(target.name + ".part")
        with gzip.open(archive) as source, unpacked.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        unpacked.replace(target)


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
    while True:
        before = _size(part)
        try:
            _append(address, part)
            return ""
        except HTTPError as error:
            error.close()
            # Nothing beyond what is kept: the checksum tells whether that is the whole.
            return "" if error.code == NOT_SATISFIABLE and before else f"answered {error.code}"
        except _Broken as broken:
            if _size(part) <= before:
                return str(broken)


def _append(address: str, part: Path) -> None:
    """Read an address from where `part` ends; from the beginning where it cannot.

    Raises HTTPError for an answer without content, _Broken for a connection that fails.
    """
    kept = _size(part)
    with _opened(address, kept) as response:
        start = _start(response)
        if start not in (0, kept):
            part.unlink()
            raise _Broken("sent another part than asked for")
        missing = int(response.headers.get("Content-Length") or 0)
        with part.open("ab" if start else "wb") as file, _bar(start, missing, part) as bar:
            for chunk in _chunks(response):
                file.write(chunk)
                missing -= len(chunk)
                bar.update(len(chunk))
    if missing > 0:
        raise _Broken("broke off")


def _opened(address: str, kept: int) -> HTTPResponse:
    """Return the answer of an address, asked for the bytes from `kept` on."""
    headers = {"User-Agent": "pytorch-course", "Accept-Encoding": "identity"}
    if kept:
        headers["Range"] = f"bytes={kept}-"
    try:
        return urlopen(Request(address, headers=headers), timeout=SILENCE)
    except HTTPError:
        raise
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise _Broken(
            f"cannot be reached ({getattr(reason, 'strerror', None) or reason})"
        ) from None


def _start(response: HTTPResponse) -> int:
    """Return which byte of the file an answer begins with: 0 unless it says otherwise."""
    if response.status != 206:
        return 0
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else -1


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


def _bar(start: int, missing: int, part: Path):
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
