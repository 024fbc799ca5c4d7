"""The data files are what the libraries ship, and `helpers.data` reads them safely."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import data

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
LOADERS = {
    "digits-images.npy": data.digits,
    "digits-labels.npy": data.digits,
    "photograph.jpg": data.photograph,
    "sunspots.csv": data.sunspots,
    "wine.csv": data.wine,
}


@pytest.fixture
def copied_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of data/ that a test may damage, and let the loaders read it."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    monkeypatch.setattr(data._files, "DATA_FOLDER", folder)
    return folder


# What the files hold


def test_digits_shapes_types_and_ranges():
    images, labels = data.digits()
    assert (images.shape, images.dtype) == ((1797, 8, 8), torch.uint8)
    assert (labels.shape, labels.dtype) == ((1797,), torch.int64)
    assert (images.min(), images.max()) == (0, 16)
    assert labels.bincount().tolist() == [
        178,
        182,
        177,
        183,
        181,
        182,
        181,
        179,
        174,
        180,
    ]


def test_wine_shapes_types_and_units():
    wine = data.wine()
    assert (wine.table.shape, wine.table.dtype) == ((178, 13), torch.float32)
    assert wine.cultivars.dtype == torch.int64
    assert wine.cultivars.bincount().tolist() == [59, 71, 48]
    assert len(wine.columns) == 13
    assert all(re.fullmatch(r".+ \(.+\)", column) for column in wine.columns)
    assert wine.table[0, 0].item() == pytest.approx(14.23)
    assert wine.table[:, 12].max() == 1680


def test_photograph_is_channels_first_and_contiguous():
    picture = data.photograph()
    assert (picture.shape, picture.dtype) == ((3, 427, 640), torch.uint8)
    assert picture.is_contiguous()
    sky = picture[:, :50].double().mean(dim=(1, 2))
    assert sky[2] > sky[0], "the sky is bluer than red: the channels are in order"


def test_sunspots_years_are_consecutive():
    years, counts = data.sunspots()
    assert torch.equal(years, torch.arange(1700, 2009))
    assert (counts.shape, counts.dtype) == ((309,), torch.float32)
    assert counts[years == 1957].item() == pytest.approx(190.2)


@pytest.mark.parametrize("load", [data.digits, data.wine, data.photograph, data.sunspots])
def test_each_load_gives_fresh_tensors(load):
    first, again = load(), load()
    first = first if isinstance(first, torch.Tensor) else first[0]
    again = again if isinstance(again, torch.Tensor) else again[0]
    expected = again.clone()
    first.zero_()
    assert torch.equal(again, expected)


def test_data_needs_none_of_the_libraries_it_came_from():
    code = (
        "import sys\n"
        "from helpers import data\n"
        "data.digits(), data.wine(), data.sunspots()\n"
        "heavy = {'sklearn', 'statsmodels', 'pandas', 'scipy', 'torchvision', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


# The export


def test_export_gives_the_same_bytes(tmp_path: Path):
    from tools import export_data

    assert export_data.main(["--folder", str(tmp_path)]) == 0
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted([*LOADERS, "SHA256SUMS"])
    for name in written:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_export_check_sees_one_changed_digit(tmp_path: Path, capsys):
    from tools import export_data

    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    assert export_data.main(["--check", "--folder", str(folder)]) == 0
    text = (folder / "wine.csv").read_text(encoding="utf-8")
    (folder / "wine.csv").write_text(text.replace("14.23", "14.24", 1), encoding="utf-8")
    (folder / "sunspots.csv").unlink()
    capsys.readouterr()
    assert export_data.main(["--check", "--folder", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "wine.csv differs" in said and "sunspots.csv is missing" in said
    assert not (folder / "sunspots.csv").exists(), "--check wrote a file"


def test_sums_and_readme_name_every_file_with_its_hash():
    sums = (DATA / "SHA256SUMS").read_text(encoding="ascii")
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\S+)` \| [\d,]+ \| `([0-9a-f]{64})` \|$", readme, re.M))
    sizes = dict(re.findall(r"^\| `(\S+)` \| ([\d,]+) \|", readme, re.M))
    assert set(listed) == set(LOADERS)
    for name, digest in listed.items():
        content = (DATA / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert f"{digest}  {name}\n" in sums
        assert sizes[name] == f"{len(content):,}"
    assert len(sums.splitlines()) == len(listed)


# A file that is missing or damaged


@pytest.mark.parametrize("name", LOADERS)
def test_missing_file_is_named_with_the_cure(copied_data: Path, name: str):
    (copied_data / name).unlink()
    with pytest.raises(data.DataFileError) as raised:
        LOADERS[name]()
    message = str(raised.value)
    assert f"data/{name} is missing" in message
    assert f"git checkout -- data/{name}" in message and "make data" in message


@pytest.mark.parametrize("name", LOADERS)
def test_one_changed_byte_is_noticed(copied_data: Path, name: str):
    content = bytearray((copied_data / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied_data / name).write_bytes(content)
    with pytest.raises(data.DataFileError, match=rf"data/{name} is damaged: its SHA-256"):
        LOADERS[name]()


def test_truncated_file_is_noticed(copied_data: Path):
    (copied_data / "digits-images.npy").write_bytes(b"")
    with pytest.raises(data.DataFileError, match=r"is damaged.*\(0 bytes read\)"):
        data.digits()


def test_missing_or_damaged_sums_are_named(copied_data: Path):
    (copied_data / "SHA256SUMS").write_bytes(b"\xff\n\n")
    with pytest.raises(data.DataFileError, match=r"data/SHA256SUMS is damaged: it has no line"):
        data.wine()
    (copied_data / "SHA256SUMS").unlink()
    with pytest.raises(data.DataFileError, match=r"data/SHA256SUMS is missing"):
        data.wine()


def test_unreadable_file_is_named(copied_data: Path):
    (copied_data / "wine.csv").unlink()
    (copied_data / "wine.csv").mkdir()
    with pytest.raises(data.DataFileError, match=r"data/wine.csv cannot be read \("):
        data.wine()


# The digits as an image folder


# The grey value of a pixel with 0, 1 … 16 points of ink: paper black, ink white.
GREY = torch.tensor(
    [0, 15, 31, 47, 63, 79, 95, 111, 127, 143, 159, 175, 191, 207, 223, 239, 255],
    dtype=torch.uint8,
)


def _read_png(path: Path) -> torch.Tensor:
    """Return the pixels of a PNG file, uint8 (height, width)."""
    from PIL import Image

    with Image.open(path) as image:
        assert image.mode == "L"
        return torch.from_numpy(np.array(image))


def _assert_whole(folder: Path) -> None:
    """Assert that `folder` holds every digit with the right pixels."""
    images, labels = data.digits()
    assert len(list(folder.glob("[0-9]/*.png"))) == 1797
    for index, digit in enumerate(labels.tolist()):
        grey = _read_png(folder / str(digit) / f"{index:04d}.png")
        assert torch.equal(grey, GREY[images[index].long()])


def test_image_folder_holds_the_digits(tmp_path: Path):
    folder = data.write_image_folder(tmp_path / "new" / "digits")
    assert folder == tmp_path / "new" / "digits"
    _assert_whole(folder)


def test_image_folder_is_what_torchvision_reads(tmp_path: Path):
    from torchvision.datasets import ImageFolder

    dataset = ImageFolder(data.write_image_folder(str(tmp_path / "digits")))
    assert dataset.classes == [str(digit) for digit in range(10)]
    assert len(dataset) == 1797
    assert sorted(dataset.targets) == sorted(data.digits().labels.tolist())


def test_image_folder_twice_keeps_what_the_learner_added(tmp_path: Path):
    folder = data.write_image_folder(tmp_path)
    (folder / "3" / "mine.txt").write_text("mine")
    removed = next((folder / "7").glob("*.png"))
    removed.unlink()
    changed = next((folder / "5").glob("*.png"))
    changed.write_bytes(b"a learner's own drawing")
    data.write_image_folder(folder)
    assert (folder / "3" / "mine.txt").read_text() == "mine"
    assert changed.read_bytes() == b"a learner's own drawing"
    assert removed.exists()


def test_image_folder_refuses_a_folder_that_is_not_its_own(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="nothing in it was changed"):
        data.write_image_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    for folder in ("thesis.txt", "thesis.txt/digits/here"):
        with pytest.raises(FileExistsError, match=r"thesis.txt is a file; give the name of a new"):
            data.write_image_folder(tmp_path / folder)


# It waits where it is to be killed: the machine may be too slow to catch it on the way.
HALF = """
import sys
from helpers.data import _files as files

def write(path, pixels, left=iter(range(20)), whole=files._write_png):
    if next(left, None) is None:
        print("20 are written", flush=True)
        sys.stdin.read()
    whole(path, pixels)

files._write_png = write
files.write_image_folder(sys.argv[1])
"""


def test_image_folder_killed_midway_is_finished(tmp_path: Path):
    folder = tmp_path / "digits"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HALF, str(folder)], cwd=ROOT, **pipes) as child:
        try:
            assert child.stdout.readline() == "20 are written\n"
        finally:
            child.kill()
    written = list(folder.glob("[0-9]/*.png"))
    assert len(written) == 20
    written[0].write_bytes(b"")  # what a power cut may leave of the last file
    data.write_image_folder(folder)
    _assert_whole(folder)
