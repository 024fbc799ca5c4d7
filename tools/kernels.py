"""Kernels that print the same everywhere: one thread, no personal settings, no history."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager
from traitlets import default

# The history of a check is not the reader's: it stays in memory.
ARGUMENTS = ["--HistoryManager.hist_file=:memory:"]
# A Unix socket's path must be shorter than 104 bytes on macOS, which allows the fewest.
LONGEST_PATH = 100
# Inherited from a terminal or a shell's start-up file, these change what is printed or drawn.
PERSONAL = ("MPLBACKEND", "MATPLOTLIBRC", "FORCE_COLOR", "PYTHON_COLORS", "PYTHONSTARTUP")


def environment(home: Path) -> dict[str, str]:
    """The environment that a kernel starts with; its progress and settings go to `home`.

    Hashes stay random: a cell that prints a set of words would fool CI alone.
    """
    threads = os.environ.get("COURSE_THREADS", "1")
    fixed = {
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "COLUMNS": "80",  # else the width of the terminal that the suite was started in
        "LINES": "24",
        # A kernel asks the programs that it starts for colour (FORCE_COLOR), and from 3.13 on
        # Python's own traceback is one that can. This asks for none, and counts for more.
        "NO_COLOR": "1",
        # A progress bar shows times and rates, and a widget's state: never twice the same.
        "TQDM_DISABLE": "1",
        "KINETO_LOG_LEVEL": "99",  # the profiler writes lines with times to stderr
        "COURSE_HOME": str(home),
        "COURSE_STORED": "1",  # nothing is displayed that holds a port: visdom's frame
        "IPYTHONDIR": str(home / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name not in PERSONAL}
    return {**kept, **fixed}


class LocalKernelManager(KernelManager):
    """Speaks to its kernel through files in a folder of their own, where the system can.

    Five ports that are free now may be another kernel's by when this one takes them.
    """

    @default("connection_file")
    def _in_a_folder(self) -> str:
        folder = tempfile.mkdtemp(prefix="kernel-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return str(Path(folder, "kernel.json"))

    @default("transport")
    def _files_where_they_fit(self) -> str:
        fits = len(os.fsencode(self.connection_file)) < LONGEST_PATH
        return "ipc" if fits and os.name == "posix" else "tcp"


class CurrentKernelManager(LocalKernelManager, AsyncKernelManager):
    """Starts the interpreter that runs this code, whatever kernels the machine knows."""

    @default("kernel_name")
    def _current(self) -> str:
        return CURRENT_ENV_KERNEL_NAME

    @default("kernel_spec_manager")
    def _specs(self) -> NbvalKernelspecManager:
        return NbvalKernelspecManager()
