"""What a kernel of the comparison starts with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ipykernel.zmqshell import ZMQInteractiveShell

from tools import kernels


def test_a_program_that_a_cell_starts_prints_without_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 colours a traceback where FORCE_COLOR is set, as every kernel sets it."""
    monkeypatch.setenv("PYTHON_COLORS", "1")
    given = kernels.environment(tmp_path)
    monkeypatch.setattr(os, "environ", dict(given))
    ZMQInteractiveShell.init_environment(None)  # what a kernel adds
    assert os.environ["FORCE_COLOR"] == "1"
    code = "raise ValueError(1)"
    for flags in ([], ["-I"]):
        command = [sys.executable, *flags, "-c", code]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True)
        assert done.stderr.splitlines()[-1] == "ValueError: 1"
