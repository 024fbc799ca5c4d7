"""What a kernel of the comparison starts with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import kernels


def test_a_program_that_a_cell_starts_prints_without_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 colours a traceback where FORCE_COLOR is set, as every kernel sets it."""
    monkeypatch.setenv("PYTHON_COLORS", "1")
    added = {"FORCE_COLOR": "1", "CLICOLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-color"}
    inherited = kernels.environment(tmp_path) | added
    for flags in ([], ["-I"]):
        command = [sys.executable, *flags, "-c", "raise ValueError(1)"]
        done = subprocess.run(command, env=inherited, capture_output=True, text=True)
        assert done.stderr.splitlines()[-1] == "ValueError: 1"
