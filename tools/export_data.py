"""Write the course's data files from the libraries that ship them.

    python -m tools.export_data            writes data/ again
    python -m tools.export_data --check    compares data/ with the libraries

The bytes are the same for everyone: text has fixed line endings, arrays a fixed
format version, and the photograph is copied as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
from pathlib import Path

import numpy

from helpers import _atomic

DATA_FOLDER = Path(__file__).resolve().parent.parent / "data"
SUMS_NAME = "SHA256SUMS"

WINE_UNITS = {
    "alcohol": "alcohol (% vol)",
    "malic_acid": "malic acid (g/L)",
    "ash": "ash (g/L)",
    "alcalinity_of_ash": "alcalinity of ash (meq/L)",
    "magnesium": "magnesium (mg/L)",
    "total_phenols": "total phenols (g/L)",
    "flavanoids": "flavanoids (g/L)",
    "nonflavanoid_phenols": "nonflavanoid phenols (g/L)",
    "proanthocyanins": "proanthocyanins (g/L)",
    "color_intensity": "colour intensity (absorbance)",
    "hue": "hue (ratio)",
    "od280/od315_of_diluted_wines": "OD280/OD315 of diluted wine (ratio)",
    "proline": "proline (mg/L)",
}
"""scikit-learn's column names, and the names with units that the course prints."""


def array_bytes(array: numpy.ndarray) -> bytes:
    """Return `array` as a .npy file, format 1.0, in C order."""
    buffer = io.BytesIO()
    contiguous = numpy.ascontiguousarray(array)
    numpy.lib.format.write_array(buffer, contiguous, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def table_bytes(header: list[str], rows: list[list[float]]) -> bytes:
    """Return a comma-separated table in UTF-8 with line endings as on Linux.

    Ten significant digits give back every number as the library printed it.
    """
    lines = [",".join(header)]
    lines += [",".join(f"{value:.10g}" for value in row) for row in rows]
    return ("\n".join(lines) + "\n").encode("utf-8")


def digits_files() -> dict[str, bytes]:
    """Return the 1,797 digits.

    Images: uint8 (1797, 8, 8) in 0..16; labels: uint8 (1797,) in 0..9.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    return {
        "digits-images.npy": array_bytes(digits.images.astype("uint8")),
        "digits-labels.npy": array_bytes(digits.target.astype("uint8")),
    }


def wine_file() -> bytes:
    """Return the wine table: the cultivar, then 13 measurements, 178 rows."""
    from sklearn.datasets import load_wine

    wine = load_wine()
    header = ["cultivar", *(WINE_UNITS[name] for name in wine.feature_names)]
    rows = [
        [cultivar, *measurements]
        for cultivar, measurements in zip(wine.target.tolist(), wine.data.tolist(), strict=True)
    ]
    return table_bytes(header, rows)


def photograph_file() -> bytes:
    """Return scikit-learn's china.jpg, byte for byte."""
    import sklearn.datasets

    folder = Path(sklearn.datasets.__file__).parent / "images"
    return (folder / "china.jpg").read_bytes()


def sunspots_file() -> bytes:
    """Return the yearly mean sunspot numbers, 1700 to 2008."""
    from statsmodels.datasets import sunspots

    table = sunspots.load_pandas().data
    rows = table[["YEAR", "SUNACTIVITY"]].to_numpy().tolist()
    return table_bytes(["year", "sunspot number (yearly mean)"], rows)


def all_files() -> dict[str, bytes]:
    """Return every data file, name to bytes, with SHA256SUMS over the others."""
    files = digits_files()
    files["photograph.jpg"] = photograph_file()
    files["sunspots.csv"] = sunspots_file()
    files["wine.csv"] = wine_file()
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files[SUMS_NAME] = "".join(sums).encode("ascii")
    return files


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write `files` into `folder`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _atomic.write_bytes(folder / name, content)


def differences(files: dict[str, bytes], folder: Path) -> list[str]:
    """Return one sentence for each file in `folder` that is missing or not the same."""
    found = []
    for name, content in files.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing from the data folder.")
        elif path.read_bytes() != content:
            found.append(f"{name} differs from what the library ships.")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write or compare the data files; return 0 when all is well, else 1."""
    parser = argparse.ArgumentParser(description="Export the course's data files.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--folder", type=Path, default=DATA_FOLDER, help="default: data/")
    options = parser.parse_args(arguments)
    try:
        files = all_files()
    except ImportError as error:
        print(
            f"{error.name} is not installed; install the test requirements, which ship the data.",
            file=sys.stderr,
        )
        return 1
    if options.check:
        for sentence in (found := differences(files, options.folder)):
            print(sentence)
        print("The data files differ." if found else f"{len(files)} files are the same.")
        return 1 if found else 0
    write_files(files, options.folder)
    print(f"{len(files)} files written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
