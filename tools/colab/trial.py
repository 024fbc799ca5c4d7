"""The chapters for Colab as Colab runs them: its versions, an empty folder, no course anywhere.

`tools.drift` compares what they print with what is stored in the reference notebooks.
"""

import subprocess
from pathlib import Path

from nbformat import NotebookNode

from tools import colab, notebooks

# What a kernel in Colab has, as far as the cells look: a module, and files for the browser.
STUB = {
    "google/colab/__init__.py": "from google.colab import files, output\n",
    "google/colab/files.py": "def download(name):\n    print('Colab downloads', name)\n",
    "google/colab/output.py": (
        "def serve_kernel_port_as_iframe(port, path='/', width='100%', height='400'):\n"
        "    print('a frame of Colab')\n"
    ),
}
SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"
# Folders of packages: a checkout that `pip install --editable` has put on the path is none.
PACKAGES = "import sys; print(*(p for p in sys.path if p.endswith('-packages')), sep='\\n')"


def interpreter(python: str, folder: Path) -> str:
    """An environment in `folder` with all packages of `python`, and none of the course.

    What a chapter installs goes there, as it would in Colab, and leaves `python` as it is.

    Raises:
        subprocess.CalledProcessError: When it cannot be made.
    """
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    own = folder / "bin" / "python"
    site = Path(_output(str(own), SITE))
    (site / "packages.pth").write_text(f"{_output(python, PACKAGES)}\n", encoding="utf-8")
    for name, text in STUB.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    (site / "stub.pth").write_text("import google.colab\n", encoding="utf-8")
    return str(own)


def _output(python: str, code: str) -> str:
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(files: list[Path], folder: Path) -> list[Path]:
    """Write these chapters for Colab, each into an empty folder, with the stored outputs."""
    written = []
    for source in files:
        path = folder / source.stem / source.name
        path.parent.mkdir(parents=True)
        notebooks.write(_with_outputs(colab.notebook(source), notebooks.read(source)), path)
        written.append(path)
    return written


def _with_outputs(made: NotebookNode, reference: NotebookNode) -> NotebookNode:
    """The chapter with what the reference printed, to be compared cell by cell."""
    stored = {cell["id"]: cell for cell in notebooks.code_cells(reference)}
    for cell in notebooks.code_cells(made):
        if cell.metadata.get(colab.MARK):
            cell.metadata["tags"] = ["nbval-ignore-output"]
            cell.execution_count = 1
        else:
            before = stored[cell["id"]]
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return made
