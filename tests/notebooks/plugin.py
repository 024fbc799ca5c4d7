"""pytest plugin: nbval 0.11 as this course needs it (`-p tests.notebooks.plugin`).

- Kernels start in one thread, in a clean environment, each with a progress folder of its own
  and without ports.
- Cells run as in JupyterLab: `Out`, `_` and a trailing `;` mean the same.
- Outputs are compared in full (see `comparison`), a cell that was never run fails, and so
  does one that is expected to raise and does not.
- A dead kernel is noticed at once, and said.
"""

import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import pytest
from nbval import kernel as nbval_kernel
from nbval import plugin as nbval_plugin

from tests.notebooks import comparison
from tools import (
    kernels,
    notebooks,  # first: it spares every worker 1.2 s of nbformat's import
)

KERNEL_DIED = "The kernel died while this cell ran; run it in a terminal to see why."
KERNEL_GONE = "Not run: the kernel died in an earlier cell."
OUTPUT_SECONDS = 60  # for what a cell has shown to arrive after its end; nbval gives 5

_start_new_kernel = nbval_kernel.start_new_kernel
_file_setup = nbval_plugin.IPyNbFile.setup
_file_teardown = nbval_plugin.IPyNbFile.teardown
_runtest = nbval_plugin.IPyNbCell.runtest


class KernelDied(Exception):
    """The kernel's process ended while a reply was awaited."""


def pytest_configure(config: pytest.Config) -> None:
    """Set what this process and its workers pass on to torch and to progress."""
    threads = os.environ.get("COURSE_THREADS", "1")
    os.environ.update(OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads)
    home = tempfile.mkdtemp(prefix="course-home-")
    os.environ["COURSE_HOME"] = home
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    if not hasattr(config, "workerinput"):
        # Matplotlib lists the fonts of a new machine once; where that takes longer than five
        # seconds it says so, and in a kernel that would be a cell's output.
        import_module("matplotlib.font_manager")
    rules = getattr(config.option, "nbval_sanitize_with", None)
    if rules and not Path(rules).exists():  # pytest was started in another folder
        config.option.nbval_sanitize_with = str(config.rootpath / rules)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many cells of each chapter are compared, when chapters were run."""
    groups = {k: v for k, v in terminalreporter.stats.items() if k != "deselected"}
    reports = [report for group in groups.values() for report in group]
    ran = {getattr(report, "nodeid", "").split("::")[0] for report in reports}
    files = [path for path in notebooks.paths() if f"notebooks/{path.name}" in ran]
    if files:
        terminalreporter.section("cells compared")
        terminalreporter.write("\n".join([*notebooks.table(files), ""]))


def start_new_kernel(*args: Any, **kwargs: Any) -> Any:
    """nbval's, with the environment that every kernel of the course gets."""
    home = Path(os.environ["COURSE_HOME"])
    settings = {"env": kernels.environment(home), "extra_arguments": kernels.ARGUMENTS}
    return _start_new_kernel(*args, **settings, **kwargs)


def file_setup(self: nbval_plugin.IPyNbFile) -> None:
    """Start the notebook's kernel with a progress folder that no other notebook writes to."""
    before = os.environ["COURSE_HOME"]
    self.course_home = tempfile.mkdtemp(prefix="course-home-")
    os.environ["COURSE_HOME"] = self.course_home
    try:
        _file_setup(self)
    finally:
        os.environ["COURSE_HOME"] = before


def file_teardown(self: nbval_plugin.IPyNbFile) -> None:
    """Stop the kernel, then remove its progress folder."""
    try:
        _file_teardown(self)
    finally:
        shutil.rmtree(getattr(self, "course_home", ""), ignore_errors=True)


def execute_cell_input(
    self: nbval_kernel.RunningKernel, cell_input: str, allow_stdin: bool | None = None
) -> str:
    """Run a cell as JupyterLab does: kept in the history."""
    return self.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


def await_reply(
    self: nbval_kernel.RunningKernel, msg_id: str, timeout: float | None = None
) -> None:
    """Wait for the reply to a request; look each half second whether the kernel lives.

    Raises Empty after `timeout` seconds, and KernelDied.
    """
    end = monotonic() + (timeout if timeout is not None else float("inf"))
    while monotonic() < end:
        try:
            message = self.kc.get_shell_msg(timeout=min(0.5, max(0.01, end - monotonic())))
        except Empty:
            if not self.is_alive():
                raise KernelDied from None
            continue
        if message["parent_header"].get("msg_id") == msg_id:
            if message["content"]["status"] == "aborted":
                raise RuntimeError("The kernel refused to run the cell (aborted).")
            return
    raise Empty


def runtest(self: nbval_plugin.IPyNbCell) -> None:
    """Run one cell; refuse what nbval would let pass."""
    if self.options["skip"]:
        pytest.skip(notebooks.classify(self.cell).reason)
    if not self.parent.kernel.is_alive():
        self.raise_cell_error(KERNEL_GONE)
    if self.cell.execution_count is None:
        self.raise_cell_error("The stored cell was never run; run `make refresh`.")
    self.output_timeout = OUTPUT_SECONDS
    try:
        _runtest(self)
    except KernelDied:
        self.raise_cell_error(KERNEL_DIED)
    raised = any(output.output_type == "error" for output in self.test_outputs)
    if self.options["check_exception"] and not raised:
        self.raise_cell_error("The cell is tagged raises-exception and raised nothing.")


def compare_outputs(
    self: nbval_plugin.IPyNbCell,
    test: list[Any],
    ref: list[Any],
    skip_compare: Any = None,
) -> bool:
    """Whether fresh and stored output are equal; the differences go to the report."""
    tolerance = notebooks.tolerance(self.cell)
    found = comparison.differences(ref, test, tolerance, self.sanitize)
    self.comparison_traceback = found
    return not found


nbval_kernel.KernelManager = kernels.LocalKernelManager
nbval_kernel.start_new_kernel = start_new_kernel
nbval_kernel.RunningKernel.execute_cell_input = execute_cell_input
nbval_kernel.RunningKernel.await_reply = await_reply
nbval_plugin.IPyNbFile.setup = file_setup
nbval_plugin.IPyNbFile.teardown = file_teardown
nbval_plugin.IPyNbCell.runtest = runtest
nbval_plugin.IPyNbCell.compare_outputs = compare_outputs
