"""Everything that is checked by reading, without running a test: `python -m tools.check [NAME...]`.

Prints a line for each check, then what the failed ones found. Needs the test environment only.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools import notebooks, prose

Check = Callable[[], subprocess.CompletedProcess[str]]


def program(*arguments: str, folder: Path = notebooks.ROOT) -> subprocess.CompletedProcess[str]:
    """Run a module of this environment; what it prints and its exit status."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        check=False,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def spelling(root: Path = notebooks.ROOT) -> subprocess.CompletedProcess[str]:
    """Codespell on the prose below `root`, each cell of a notebook as a file of its own.

    A notebook as it lies on the disk holds pictures as letters, and codespell would read them.
    """
    with tempfile.TemporaryDirectory() as folder:
        for text in prose.texts(root):
            path = Path(folder, text.where.replace("#cell-id=", "/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.content, encoding="utf-8")
        settings = ["--toml", str(notebooks.ROOT / "pyproject.toml")]
        return program("codespell_lib", *settings, ".", folder=Path(folder))


CHECKS: dict[str, Check] = {
    "lint": lambda: program("ruff", "check", "--quiet", "."),
    "format": lambda: program("ruff", "format", "--check", "--quiet", "."),
    "types": lambda: program("mypy"),
    "spelling": spelling,
    "prose": lambda: program("tools.prose"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the named checks, or all; 1 when any found something."""
    parser = argparse.ArgumentParser(prog="python -m tools.check", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CHECKS))
    names = parser.parse_args(arguments).names
    if unknown := [name for name in names if name not in CHECKS]:
        parser.error(f"there is no check {unknown[0]!r}; there are: {', '.join(CHECKS)}")
    found: dict[str, str] = {}
    for name in names or CHECKS:
        start = time.monotonic()
        done = CHECKS[name]()
        verdict = "failed" if done.returncode else "ok"
        print(f"{name:10} {verdict:7} {time.monotonic() - start:5.1f} s", flush=True)
        if done.returncode:
            found[name] = done.stdout.rstrip()
    for name, output in found.items():
        print(f"\n{name}:\n{output}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
