"""Do the stored outputs hold elsewhere? `python -m tools.drift` finds out.

The notebooks run on other instruction sets and with two threads, and the files for Colab with
Colab's versions, in an empty folder (tools/colab/trial.py); the table says which cell differs
first. Then each section runs alone (tools/sections.py): the table says which raises. The exit
status is 1 when any does.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from tools import notebooks, sections
from tools.colab import trial

COLAB = notebooks.ROOT / ".venv-colab"
ON_COLAB = "Colab, one file"
SHOWN_LINES = 6
ALONE = "each section alone"
PROBE = """
import torch
found = torch.backends.cpu.get_cpu_capability(), torch.get_num_threads()
print(torch.__version__.partition("+")[0], *found, sep=", ")
"""


@dataclass(frozen=True)
class Variant:
    """One way to run the notebooks: environment variables, and the interpreter."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable


@dataclass(frozen=True)
class Outcome:
    """What a variant's run showed; `first` is where it first differed, and how."""

    found: str  # torch's version, instruction set and threads, as torch itself says
    cells: int
    differing: int
    first: str


def variants(has_been_tested: bool = False) -> list[Variant]:
    """The variants that the course promises to print the same on, beside Colab.

    Where the tests have just run, they have compared the first.
    """
    return [
        *([] if has_been_tested else [Variant("as stored")]),
        Variant("no vector instructions", {"ATEN_CPU_CAPABILITY": "default"}),
        Variant("AVX2", {"ATEN_CPU_CAPABILITY": "avx2"}),
        Variant("2 threads", {"COURSE_THREADS": "2"}),
    ]


def colab_python(given: str | None) -> str:
    """The interpreter with Colab's versions, made by tools/environment.py when missing.

    Raises:
        subprocess.CalledProcessError: When it cannot be made.
    """
    if given:
        return given
    script = str(notebooks.ROOT / "tools" / "environment.py")
    subprocess.run([sys.executable, script, "colab"], check=True)
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(COLAB / folder / name)


def run(variant: Variant, files: list[Path]) -> Outcome:
    """Run the notebooks with nbval under one variant.

    Raises:
        RuntimeError: When pytest itself failed and compared nothing.
    """
    with tempfile.TemporaryDirectory(prefix="course-drift-") as folder:
        report = Path(folder) / "report.xml"
        command = _command(variant, report, files)
        done = subprocess.run(
            command,
            cwd=notebooks.ROOT,
            env={**os.environ, **variant.settings},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        if not report.exists() or done.returncode not in (0, 1):
            told = (done.stdout + done.stderr).strip()[-2000:]
            raise RuntimeError(f"The notebooks did not run under {variant.name!r}:\n{told}")
        return read_report(report, probe(variant))


def on_colab(python: str, files: list[Path]) -> Outcome:
    """Run the chapters as they are uploaded to Colab, with nothing of the course beside them."""
    with tempfile.TemporaryDirectory(prefix="course-colab-", ignore_cleanup_errors=True) as made:
        folder = Path(made).resolve()
        variant = Variant(ON_COLAB, {}, trial.interpreter(python, folder / "python"))
        return run(variant, trial.write(files, folder / "content"))


def alone(files: list[Path], found: str) -> Outcome:
    """Run each section alone: nothing is compared, and each section that raises counts."""
    cells = sum(len(section.steps) for path in files for section in sections.read(path))
    told = sections.problems(files)
    return Outcome(found, cells, len(told), "\n".join(told))


def probe(variant: Variant) -> str:
    """What torch says it runs on under a variant: without it, equal output proves little."""
    threads = variant.settings.get("COURSE_THREADS", "1")
    settings = {**variant.settings, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    command = [variant.python, "-c", PROBE]
    environment = {**os.environ, **settings}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _command(variant: Variant, report: Path, files: list[Path]) -> list[str]:
    """Run pytest on the notebooks alone, with the project's settings wherever they lie.

    Two notebooks with two threads each on two cores wait for each other, some cells for minutes.
    """
    root = str(files[0].parent.parent)
    project = ["-c", "pyproject.toml", "--rootdir", root, "-p", "no:cacheprovider"]
    shown = ["-q", "--color=no", f"--junitxml={report}"]
    cores = (os.cpu_count() or 1) // int(variant.settings.get("COURSE_THREADS", "1"))
    together = min(len(files), cores)
    project += ["-n", str(together) if together > 1 else "0"]  # no worker to start for one
    return [variant.python, "-m", "pytest", *project, *shown, *(str(path) for path in files)]


def read_report(report: Path, found: str) -> Outcome:
    """Counts, and the first failure, from pytest's JUnit report."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [(case, problem) for case in cases if (problem := _problem(case)) is not None]
    failed.sort(key=lambda pair: _place(pair[0]))
    first = _told(*failed[0]) if failed else ""
    return Outcome(found, len(cases), len(failed), first)


def _problem(case: ElementTree.Element) -> ElementTree.Element | None:
    return next((child for child in case if child.tag in ("failure", "error")), None)


def _place(case: ElementTree.Element) -> tuple[str, int]:
    number = case.get("name", "").split()[-1]
    notebook = case.get("classname", "").removesuffix(".ipynb").rpartition(".")[2]
    return notebook, int(number) if number.isdigit() else -1


def _told(case: ElementTree.Element, problem: ElementTree.Element) -> str:
    """The notebook, its cell counted from 1, and the first lines that say how it differs."""
    name, number = _place(case)
    text = problem.text or problem.get("message") or ""
    difference = text.partition("Traceback:")[2] or text
    lines = [line.rstrip() for line in difference.splitlines() if line.strip()][:SHOWN_LINES]
    return "\n".join([f"{name}, code cell {number + 1}", *(f"    {line}" for line in lines)])


def table(outcomes: dict[str, Outcome]) -> list[str]:
    """The lines to print: a row for each variant, then how each first differs."""
    width = max(len(name) for name in outcomes)
    lines = [f"{'variant':{width}}  {'torch, instructions, threads':28}  cells  differing  first"]
    for name, outcome in outcomes.items():
        where = outcome.first.partition("\n")[0] or "none"
        row = f"{name:{width}}  {outcome.found:28}  {outcome.cells:>5}"
        lines.append(f"{row}  {outcome.differing:>9}  {where}")
    for name, outcome in outcomes.items():
        if outcome.first:
            lines += ["", f"{name}: {outcome.first}"]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Run every variant and print the table; 1 when any cell differs."""
    parser = argparse.ArgumentParser(prog="python -m tools.drift", description=__doc__)
    parser.add_argument("--chapter", help="only this chapter, for example 01")
    parser.add_argument("--colab-python", help="an interpreter that has Colab's versions")
    parser.add_argument(
        "--tested", action="store_true", help="`make test` has just run: leave out what it compared"
    )
    options = parser.parse_args(arguments)
    files = notebooks.paths(options.chapter)
    if not files:
        print(f"No notebook of chapter {options.chapter or 'any'} in notebooks/.")
        return 1
    outcomes = {}
    for variant in variants(options.tested):
        print(f"running: {variant.name}", file=sys.stderr, flush=True)
        outcomes[variant.name] = run(variant, files)
    print(f"running: {ON_COLAB}", file=sys.stderr, flush=True)
    outcomes[ON_COLAB] = on_colab(colab_python(options.colab_python), files)
    print(f"running: {ALONE}", file=sys.stderr, flush=True)
    outcomes[ALONE] = alone(files, probe(Variant(ALONE)))
    print("\n".join(table(outcomes)))
    return 1 if any(outcome.differing for outcome in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
