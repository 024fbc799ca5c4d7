"""How long the course's data takes to load, against the library it came from.

    python -m benchmarks.data

Times are medians of `REPEATS` calls in one process; the first call is shown too,
because that is what a learner waits for. Ratios travel from one computer to another,
milliseconds do not.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks._clock import median_seconds, seconds
from helpers import data

REPEATS = 15


def library_loaders() -> dict[str, Callable[[], object]]:
    """Return what each library offers for the same data."""
    from sklearn.datasets import load_digits, load_sample_image, load_wine
    from statsmodels.datasets import sunspots

    return {
        "digits": load_digits,
        "wine": load_wine,
        "photograph": lambda: load_sample_image("china.jpg"),
        "sunspots": sunspots.load_pandas,
    }


def main() -> None:
    """Print one table: first call, median, the library's median, and their ratio."""
    # As the set-up cell of every chapter does: it brings Pillow.
    import matplotlib.pyplot  # noqa: F401

    ours = {name: getattr(data, name) for name in ("digits", "wine", "photograph", "sunspots")}
    first = {name: 1e3 * seconds(load) for name, load in ours.items()}
    theirs = library_loaders()
    print("Load with its hash checked   first call   median   library   library / ours")
    for name, load in ours.items():
        theirs[name]()
        own = 1e3 * median_seconds(load, REPEATS)
        library = 1e3 * median_seconds(theirs[name], REPEATS)
        print(
            f"{name:<27}{first[name]:>9.1f} ms{own:>6.1f} ms{library:>7.1f} ms"
            f"{library / own:>17.1f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits"
        new, again = (1e3 * seconds(lambda: data.write_image_folder(path)) for _ in range(2))
    print(f"{'image folder, new and again':<27}{new:>9.1f} ms{again:>6.1f} ms")


if __name__ == "__main__":
    main()
