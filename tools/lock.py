"""Write the exact pins of requirements*.txt from the ranges in pyproject.toml.

Run `make lock`. Pins that still fit are kept; `make lock UPGRADE=1` takes the newest.
"""

import argparse
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
HEADER = "# Made by `make lock` from pyproject.toml. Do not edit.\n"
UV = (
    f"pip compile --quiet --universal --python-version {OLDEST_PYTHON} --no-header"
    " --no-annotate --build-constraints tools/build-constraints.txt"
)
# The tests run on what the learner runs on: the test pins are held to the course's.
# "-" stands for what `EXTRA` asks for, alone: uv knows extras only with the whole project.
LISTS = {
    "requirements.txt": ["pyproject.toml"],
    "requirements/visdom.txt": ["-", "--constraints", "requirements.txt"],
    "requirements/install.txt": ["--group", "install"],
    "requirements/test.txt": [
        "pyproject.toml",
        "--extra",
        "visdom",
        "--group",
        "test",
        "--constraints",
        "requirements.txt",
        "--constraints",
        "requirements/visdom.txt",
    ],
    "requirements/bench.txt": ["--group", "bench", "--constraints", "requirements/test.txt"],
    "requirements/colab.txt": ["--group", "colab"],
}
EXTRA = "visdom"


def compile_pins(name: str, inputs: list[str], upgrade: bool) -> None:
    """Write the file `name` in the root; raises SystemExit if there is no solution."""
    target = ROOT / name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra = "\n".join(project["project"]["optional-dependencies"][EXTRA])
    flags = ["--upgrade"] if upgrade else []
    command = [sys.executable, "-m", "uv", *UV.split(), *inputs, *flags, "--output-file", name]
    done = subprocess.run(command, cwd=ROOT, input=extra, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} was not written: uv found no set of versions.")
    pins = target.read_text(encoding="utf-8").removeprefix(HEADER)
    target.write_text(HEADER + pins, encoding="utf-8", newline="\n")


def main() -> None:
    """Write every list, the course's first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest")
    upgrade = parser.parse_args().upgrade
    if importlib.util.find_spec("uv") is None:
        raise SystemExit("uv is not installed here. Run: python -m pip install --group install")
    for name, inputs in LISTS.items():
        compile_pins(name, inputs, upgrade)
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
