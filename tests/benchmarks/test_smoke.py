"""Each benchmark runs to its end and prints a table: `python -m benchmarks.NAME --smoke`.

What it measures means nothing here: other tests run beside it. Libraries that the course is
measured against are in another environment (`make bench`); where one is missing, its row is left
out.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in ROOT.glob("benchmarks/[a-z]*.py"))
LIMIT = 540  # seconds for what takes 20 on a quiet machine, and longer where workers are not forked


def smoke(name: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a benchmark as `make bench ONLY=NAME ARGS=--smoke` does, in one thread."""
    settings = {"OMP_NUM_THREADS": "1", "COURSE_HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--smoke"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT,
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_a_table(name: str, tmp_path: Path) -> None:
    source = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
    assert '"--smoke"' in source, "without this option the whole benchmark would be run here"
    done = smoke(name, tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if any(map(str.isdigit, line))]
    assert len(rows) >= 2, done.stdout
