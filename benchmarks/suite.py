"""What the regression suite costs: its time against the same notebooks executed bare.

    python -m benchmarks.suite [--chapter NN ...] [--repeats N]

"Bare" is nbclient in this process, one notebook after the other, with nothing compared. All
chapters would take many minutes, so by default two short ones are measured, once.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks._clock import median_seconds
from tools import notebooks, refresh

CHAPTERS = ("00", "01")
SMOKE_CHAPTERS = ("00",)


def bare(paths: list[Path]) -> None:
    """Execute each notebook once with nbclient."""
    for path in paths:
        refresh.execute(notebooks.read(path), path.parent)


def pytest(*arguments: str) -> None:
    """Run pytest as `make test` does; what it says is shown when it fails."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    done = subprocess.run(
        command, cwd=notebooks.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(command[1:])} failed:\n{done.stdout}")


def ways(paths: list[Path]) -> dict[str, Callable[[], None]]:
    """Return each way to run the notebooks; the first is what others are held to."""
    files = [str(path) for path in paths]
    found: dict[str, Callable[[], None]] = {
        "bare nbclient, one after the other": lambda: bare(paths),
        "suite, one after the other (-n 0)": lambda: pytest("-n", "0", *files),
    }
    if len(files) > 1:  # a notebook is run by one worker
        found["suite, in parallel (-n auto)"] = lambda: pytest(*files)
    found["pytest's start alone"] = lambda: pytest("-n", "0", "--collect-only", "--version")
    return found


def main() -> None:
    """Time each way to run the notebooks; print seconds, and the ratio to bare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite")
    parser.add_argument("--smoke", action="store_true", help="chapter 00 alone")
    parser.add_argument("--chapter", action="append", help="measure this one, for example 01")
    parser.add_argument("--repeats", type=int, default=1, help="take the median of so many")
    options = parser.parse_args()
    chapters = options.chapter or (SMOKE_CHAPTERS if options.smoke else CHAPTERS)
    paths = [path for chapter in chapters for path in notebooks.paths(chapter)]
    cells = sum(notebooks.count(notebooks.read(path))["cells"] for path in paths)
    print(f"chapters {', '.join(chapters)}: {cells} code cells, median of {options.repeats}")
    print(f"{'way':36} {'seconds':>8} {'ratio':>6}")
    base = 0.0
    for name, action in ways(paths).items():
        taken = median_seconds(action, options.repeats)
        base = base or taken
        print(f"{name:36} {taken:8.1f} {taken / base:6.2f}", flush=True)


if __name__ == "__main__":
    main()
