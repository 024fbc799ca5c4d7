"""What the regression suite costs: its time against the same notebooks executed bare.

`python -m benchmarks.suite` prints one table of ratios. "Bare" is nbclient in this process,
one notebook after the other, with nothing compared.
"""

import subprocess
import sys
from collections.abc import Callable

from benchmarks._clock import median_seconds
from tools import notebooks, refresh

REPEATS = 3


def bare() -> None:
    """Execute each notebook once with nbclient."""
    for path in notebooks.paths():
        refresh.execute(notebooks.read(path), path.parent)


def suite(*options: str) -> Callable[[], None]:
    """An action that runs nbval on the notebooks alone, as `make test` does."""
    command = [sys.executable, "-m", "pytest", "-q", *options, str(notebooks.FOLDER)]

    def action() -> None:
        subprocess.run(command, cwd=notebooks.ROOT, check=True, stdout=subprocess.DEVNULL)

    return action


def nothing() -> None:
    """What it costs to start pytest with its plugins and to find no cell."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "--collect-only",
        "--version",
    ]
    subprocess.run(command, cwd=notebooks.ROOT, check=True, capture_output=True)


def main() -> None:
    """Time each way to run the notebooks; print seconds, and the ratio to bare."""
    ways: dict[str, Callable[[], object]] = {
        "bare nbclient, one after the other": bare,
        "suite, one after the other (-n 0)": suite("-n", "0"),
        "suite, in parallel (-n auto)": suite(),
        "pytest's start alone": nothing,
    }
    measured = {name: median_seconds(action, REPEATS) for name, action in ways.items()}
    base = next(iter(measured.values()))
    cells = sum(notebooks.count(notebooks.read(path))["cells"] for path in notebooks.paths())
    print(f"{len(notebooks.paths())} notebooks, {cells} code cells, median of {REPEATS}")
    print(f"{'way':36} {'seconds':>8} {'ratio':>6}")
    for name, taken in measured.items():
        print(f"{name:36} {taken:8.1f} {taken / base:6.2f}")


if __name__ == "__main__":
    main()
