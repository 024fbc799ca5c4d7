"""Does each section stand alone? `python -m tools.sections [--chapter 05]` finds out.

Who looks something up runs the set-up cell and one `##` section. Here every section does so, its
cells twice, in a process of its own. What is raised is told; outputs are not compared.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import matplotlib
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from traitlets.config import Config

from tools import kernels, notebooks

SECONDS = 300  # for a section, twice
# What the set-up cell imports takes seconds. Where the system can, it is imported once, by a
# process that runs nothing: each section starts as a copy of it, and finds no other's traces.
IMPORTED = ["tools.sections", "torch", "helpers.data", "exercises", "helpers.explore"]
METHODS = multiprocessing.get_all_start_methods()
METHOD = "forkserver" if "forkserver" in METHODS else "spawn"
CONTEXT: Any = multiprocessing.get_context(METHOD)  # its type does not know Process


@dataclass(frozen=True)
class Step:
    """A cell to run: how a message names it, its code, and what it raises on purpose."""

    name: str
    source: str
    raises: str | None  # as stored: a NameError is none of the errors that a cell is to show


@dataclass(frozen=True)
class Section:
    """One section of a notebook, with the set-up cell that comes before it."""

    notebook: Path
    heading: str
    setup: list[Step]
    steps: list[Step]


def read(path: Path) -> list[Section]:
    """The sections of a notebook that have code, without the cells that cannot run everywhere."""
    notebook = notebooks.read(path)
    setup: list[Step] = []
    found = [Section(path, "before the first section", setup, [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = cell.source.splitlines()
            headings = [line[3:].strip() for line in lines if line.startswith("## ")]
            found += [Section(path, heading, setup, []) for heading in headings]
        elif cell.cell_type == "code" and "nbval-skip" not in notebooks.tags(cell):
            steps = setup if cell.metadata.get("setup") else found[-1].steps
            steps.append(Step(notebooks.name_of(notebook, cell), cell.source, _raises(cell)))
    return [section for section in found if section.steps]


def _raises(cell: NotebookNode) -> str | None:
    errors = [output.ename for output in cell.outputs if output.output_type == "error"]
    return errors[0] if errors and "raises-exception" in notebooks.tags(cell) else None


def problem(section: Section) -> str | None:
    """Run a section in a process of its own; the first cell that fails, or None."""
    CONTEXT.set_forkserver_preload(IMPORTED)
    receiver, sender = CONTEXT.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="course-home-", ignore_cleanup_errors=True) as home:
        process = CONTEXT.Process(target=_run, args=(section, home, sender))
        process.start()
        sender.close()
        try:
            done = receiver.poll(SECONDS)
            return receiver.recv() if done else f"takes more than {SECONDS} seconds"
        except EOFError:
            return "ends its process"
        finally:
            process.kill()
            process.join()
            receiver.close()


def _run(section: Section, home: str, sender: Connection) -> None:
    """In the new process: run the cells as a kernel of the course would."""
    os.environ.update(kernels.environment(Path(home)), TMPDIR=home)
    tempfile.tempdir = home
    os.chdir(section.notebook.parent)
    shell = Shell.instance(config=Config(HistoryManager={"hist_file": ":memory:"}))
    matplotlib.use("module://matplotlib_inline.backend_inline")
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
        os.dup2(nothing.fileno(), sys.stderr.fileno())
    sender.send(_first_problem(shell, section))


class Shell(InteractiveShell):
    """IPython without a kernel, that keeps the errors which a kernel would send.

    What a cell returns lacks some of them: those of a script that `%run` runs.
    """

    def _showtraceback(self, kind: type, error: BaseException, _: list[str]) -> None:
        self.errors.append((kind.__name__, error))

    def raised_by(self, source: str) -> tuple[str | None, object]:
        """Run a cell; the name of the first error that it shows, and the error."""
        self.errors: list[tuple[str, BaseException]] = []
        self.run_cell(source, store_history=True)
        return self.errors[0] if self.errors else (None, "")


def _first_problem(shell: Shell, section: Section) -> str | None:
    rounds = [("", section.setup), ("", section.steps), (", the second time,", section.steps)]
    for which, step in [(which, step) for which, steps in rounds for step in steps]:
        name, error = shell.raised_by(step.source)
        if name != step.raises:
            told = f"raises {name}: {error}" if name else "raises nothing"
            expected = f", not {step.raises}" if step.raises else ""
            return f"{step.name}{which} {told}{expected}"
    return None


def problems(files: list[Path]) -> list[str]:
    """What is wrong with the sections of these notebooks: a sentence for each that fails."""
    sections = [section for path in files for section in read(path)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for a process of its own
        found = pool.map(problem, sections)
        return [
            f"{section.notebook.stem}, section {section.heading!r}: {told}"
            for section, told in zip(sections, found)
            if told
        ]


def main(arguments: list[str] | None = None) -> int:
    """Run each section alone and print what fails; 1 when anything does."""
    parser = argparse.ArgumentParser(prog="python -m tools.sections", description=__doc__)
    parser.add_argument("--chapter", help="only this chapter, for example 05")
    files = notebooks.paths(parser.parse_args(arguments).chapter)
    told = problems(files)
    count = f"{len(files)} notebook{'' if len(files) == 1 else 's'}"
    print("\n".join(told or [f"Each section of {count} stands alone."]))
    return 1 if told or not files else 0


if __name__ == "__main__":
    sys.exit(main())
