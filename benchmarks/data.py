"""How long the course's data takes to load, against the library it came from.

    python -m benchmarks.data            some seconds
    python -m benchmarks.data --smoke    fewer: whether it runs, and no figures to rely on

Times are medians of some calls in one process; the first call is shown too,
because that is what a learner waits for. Ratios travel from one computer to another,
milliseconds do not.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks._clock import median_seconds, seconds
from helpers import data

REPEATS, SMOKE_REPEATS = 15, 1


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table: first call, median, the library's median, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="only see whether it runs")
    repeats = SMOKE_REPEATS if parser.parse_args(arguments).smoke else REPEATS
    # As the set-up cell of every chapter does: it brings Pillow.
    import matplotlib.pyplot  # noqa: F401

    ours = {name: getattr(data, name) for name in ("digits", "wine", "photograph", "sunspots")}
    first = {name: 1e3 * seconds(load) for name, load in ours.items()}
    theirs = library_loaders()
    print("Load with its hash checked   first call   median   library   library / ours")
    for name, load in ours.items():
        theirs[name]()
        own = 1e3 * median_seconds(load, repeats)
        library = 1e3 * median_seconds(theirs[name], repeats)
        print(
            f"{name:<27}{first[name]:>9.1f} ms{own:>6.1f} ms{library:>7.1f} ms"
            f"{library / own:>17.1f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits"
        new, again = (1e3 * seconds(lambda: data.write_image_folder(path)) for _ in range(2))
    print(f"{'image folder, new and again':<27}{new:>9.1f} ms{again:>6.1f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
