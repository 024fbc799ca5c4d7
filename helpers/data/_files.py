"""The course's own data as tensors: digits, wine, a photograph, sunspots.

The files lie in `data/` beside the package `helpers`, or within it where it was installed from a
wheel, so nothing is downloaded. Each load checks the SHA-256 of what it read and gives fresh
tensors, which are yours to change.
Origin and licence of each file: `data/README.md`.
"""

import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from helpers import _folders, _validation

INSTALLED = Path(__file__).resolve().parent / "files"  # where pyproject.toml puts them in a wheel
DATA_FOLDER = INSTALLED if INSTALLED.is_dir() else Path(__file__).resolve().parents[2] / "data"
SUMS_NAME = "SHA256SUMS"

FOLDER_MARK = ".digits-of-the-course"
FOLDER_COMPLETE = ".digits-of-the-course-complete"


class DataFileError(RuntimeError):
    """A data file is missing or damaged; the message says how to get it back."""


class Digits(NamedTuple):
    """Handwritten digits.

    `images`: uint8 (1797, 8, 8) in 0..16; `labels`: int64 (1797,) in 0..9.
    """

    images: Tensor
    labels: Tensor


class Wine(NamedTuple):
    """A chemical analysis of 178 wines.

    `table`: float32 (178, 13), a row for each wine; `cultivars`: int64 (178,) in 0..2;
    `columns`: the 13 names with their units.
    """

    table: Tensor
    cultivars: Tensor
    columns: tuple[str, ...]


class Sunspots(NamedTuple):
    """Yearly mean sunspot numbers: `years` int64 (309,), `counts` float32 (309,)."""

    years: Tensor
    counts: Tensor


def digits() -> Digits:
    """Return the 1,797 handwritten digits, 8 by 8 pixels each.

    `images`: uint8 (1797, 8, 8), 0 (paper) to 16 (ink);
    `labels`: int64 (1797,), 0 to 9.
    Raises DataFileError when a file is missing or damaged.
    """
    images = torch.from_numpy(_array("digits-images.npy"))
    labels = torch.from_numpy(_array("digits-labels.npy"))
    return Digits(images, labels.to(torch.int64))


def wine() -> Wine:
    """Return 13 measurements of each of 178 wines from three cultivars of grape.

    `table`: float32 (178, 13), units in `columns`; `cultivars`: int64 (178,), 0 to 2.
    Raises DataFileError when the file is missing or damaged.
    """
    header, numbers = _table("wine.csv")
    table = torch.from_numpy(numbers[:, 1:].astype(np.float32))
    cultivars = torch.from_numpy(numbers[:, 0].astype(np.int64))
    return Wine(table, cultivars, tuple(header[1:]))


def photograph() -> Tensor:
    """Return a colour photograph of a palace by a lake: uint8 (3, 427, 640), 0 to 255.

    The order is channel (red, green, blue), row, column. Two versions of the JPEG
    library may differ by one step in a pixel.
    Raises DataFileError when the file is missing or damaged.
    """
    from PIL import Image

    with Image.open(io.BytesIO(_verified_bytes("photograph.jpg"))) as image:
        pixels = np.array(image.convert("RGB"))  # (row, column, channel)
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def sunspots() -> Sunspots:
    """Return the yearly mean sunspot numbers from 1700 to 2008.

    `years`: int64 (309,), consecutive; `counts`: float32 (309,), 0 to 190.2, no unit.
    Raises DataFileError when the file is missing or damaged.
    """
    _, numbers = _table("sunspots.csv")
    years = torch.from_numpy(numbers[:, 0].astype(np.int64))
    counts = torch.from_numpy(numbers[:, 1].astype(np.float32))
    return Sunspots(years, counts)


def write_image_folder(folder: str | Path) -> Path:
    """Write the digits as PNG files 0/0000.png … 9/1796.png, and return the folder.

    Each image is 8 by 8, 8-bit grey; a pixel is `value * 255 // 16`, 0 (paper) to 255.
    The file's number is the image's index in `digits()`. A second call is quick and
    writes only what is missing; a folder that an interrupted call left half-written is
    finished.

    Args:
        folder: a new or empty folder, or one that an earlier call wrote.

    Raises:
        FileExistsError: `folder` is a file, lies under one, or holds files of another origin:
            nothing in it is touched then.
        OSError: the files cannot be written, as on a full disk.
        DataFileError: as `digits()` does.
    """
    folder = _validation.path(folder, "folder")
    images, labels = digits()
    _claim_folder(folder)
    with _folders.explaining(folder, ", and is not finished"):
        _write_images(folder, images, labels)
    return folder


def _write_images(folder: Path, images: Tensor, labels: Tensor) -> None:
    """Write what is missing of the digits, and the mark that nothing is."""
    # An interrupted call may have cut a file short: without the final mark, write all.
    keep_existing = (folder / FOLDER_COMPLETE).exists()
    for digit in range(10):
        (folder / str(digit)).mkdir(exist_ok=True)
    grey = (images.to(torch.int64) * 255 // 16).to(torch.uint8).numpy()
    for index, digit in enumerate(labels.tolist()):
        path = folder / str(digit) / f"{index:04d}.png"
        if not (keep_existing and path.exists()):
            _write_png(path, grey[index])
    (folder / FOLDER_COMPLETE).touch()


def _claim_folder(folder: Path) -> None:
    """Make `folder` and mark it as ours; refuse one with files of another origin."""
    mark = folder / FOLDER_MARK
    _folders.make_folder(folder)
    with _folders.explaining(folder):
        is_foreign = any(folder.iterdir()) and not mark.exists()
    if is_foreign:
        raise FileExistsError(
            f"{folder} holds files that are not the course's digits, and nothing in it "
            "was changed; give the name of a new or empty folder."
        )
    with _folders.explaining(folder):
        mark.write_text("Written by helpers.data.write_image_folder.\n", encoding="utf-8")


def _write_png(path: Path, pixels: np.ndarray) -> None:
    """Write uint8 (height, width) as a grey PNG file."""
    from PIL import Image

    Image.fromarray(pixels).save(path, format="PNG")


def _array(name: str) -> np.ndarray:
    """Return the array in a verified .npy file."""
    return np.load(io.BytesIO(_verified_bytes(name)), allow_pickle=False)


def _table(name: str) -> tuple[list[str], np.ndarray]:
    """Return header and numbers, float64 (rows, columns), of a verified .csv file."""
    header, *lines = _verified_bytes(name).decode("utf-8").splitlines()
    return header.split(","), np.loadtxt(lines, delimiter=",")


def _verified_bytes(name: str) -> bytes:
    """Return the bytes of a data file, once their SHA-256 is the expected one."""
    expected = _expected_sums().get(name)
    if expected is None:
        raise _error(SUMS_NAME, f"is damaged: it has no line for {name}")
    content = _read(name)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise _error(
            name,
            f"is damaged: its SHA-256 begins with {found[:8]} and should begin with "
            f"{expected[:8]} ({len(content):,} bytes read)",
        )
    return content


def _expected_sums() -> dict[str, str]:
    """Return file name to SHA-256, as `data/SHA256SUMS` has them."""
    text = _read(SUMS_NAME).decode("ascii", errors="replace")
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if " " in line.strip())
    return {name.strip().lstrip("*"): digest for digest, name in pairs}


def _read(name: str) -> bytes:
    """Return the bytes of a file in the data folder."""
    try:
        return (DATA_FOLDER / name).read_bytes()
    except FileNotFoundError:
        raise _error(name, "is missing") from None
    except OSError as error:
        raise _error(name, f"cannot be read ({error.strerror})") from error


def _error(name: str, what: str) -> DataFileError:
    """Return the error for a file: which, what is wrong, how to get it back."""
    return DataFileError(
        f"data/{name} {what}. In the course's folder, get it back with "
        f"`git checkout -- data/{name}`, or write it again with `make data`."
    )
