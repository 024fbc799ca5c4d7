"""Which files of the course a chapter needs, and the archive of them that its notebook carries."""

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

import exercises
from tools import notebooks

NAMES = "exercises/names.json"  # of all chapters: progress is shown for each, carried or not
CONSTRAINTS = "tools/build-constraints.txt"
ALWAYS = ("LICENSE", "LICENSE-TEXT", "data/README.md", "data/SHA256SUMS", CONSTRAINTS)
LARGE = 100_000  # bytes of a data file; such a file goes only where a chapter reads it
# What Colab does not have and a chapter may import, as it is installed: versions are the pins'.
LACKING = ("torchinfo", "visdom")
DATE = (1980, 1, 1, 0, 0, 0)  # the same files give the same archive


def files(chapter: str, notebook: NotebookNode) -> dict[str, bytes]:
    """What the chapter needs, by its path in the course's folder.

    Of `helpers` every part that the chapter, its exercises or another part imports; of
    `exercises` the chapter's own and what all share; data, scripts and licences.
    """
    code = _cells(notebook)
    found = [Path(name) for name in ALWAYS]
    found += _exercises(chapter)
    code += [_text(path) for path in found if path.suffix == ".py"]
    found += _helpers(code)
    texts = code + [_text(path) for path in found if path.suffix == ".py"]
    found += [*_data(texts), *_scripts(code)]
    read = {path.as_posix(): (notebooks.ROOT / path).read_bytes() for path in sorted(set(found))}
    return {**read, NAMES: _names()}


def packages(notebook: NotebookNode) -> dict[str, str]:
    """What the chapter imports and Colab lacks: the module, and the pinned requirement."""
    lists = [notebooks.ROOT / "requirements.txt", *(notebooks.ROOT / "requirements").glob("*.txt")]
    pins = dict(re.findall(r"(?m)^([\w.-]+)(==\S+)", "\n".join(map(_text, lists))))
    imported = {name.partition(".")[0] for code in _cells(notebook) for name in _imports(code)}
    return {name: f"{name}{pins[name]}" for name in LACKING if name in imported}


def pack(found: dict[str, bytes]) -> bytes:
    """The files as a zip archive: the same files, the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(found.items()):
            info = zipfile.ZipInfo(name, DATE)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def _cells(notebook: NotebookNode) -> list[str]:
    """The code cells as Python, their magic commands made calls."""
    manager = TransformerManager()
    return [manager.transform_cell(cell.source) for cell in notebooks.code_cells(notebook)]


def _text(path: Path) -> str:
    return (notebooks.ROOT / path).read_text(encoding="utf-8")


def _below(folder: str) -> Iterator[Path]:
    """All files below a folder of the course, without what Python and editors leave there."""
    for path in (notebooks.ROOT / folder).rglob("*"):
        parts = path.relative_to(notebooks.ROOT).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not hidden:
            yield Path(*parts)


def _exercises(chapter: str) -> list[Path]:
    """The chapter's exercises, and the modules beside the chapters' folders."""
    shared = (notebooks.ROOT / "exercises").glob("*.py")
    own = _below(f"exercises/chapter_{chapter}")
    return [*(path.relative_to(notebooks.ROOT) for path in shared), *own]


def _names() -> bytes:
    chapters = [exercises.chapter(number) for number in exercises.numbers()]
    return json.dumps({c.number: [e.name for e in c.exercises] for c in chapters}).encode("ascii")


def _helpers(code: Iterable[str]) -> list[Path]:
    """The parts of `helpers` that the code imports, and those that these import in turn.

    A part is a module or a package beside `helpers/__init__.py`, and is taken whole: what a
    package imports of itself, it may import by name.
    """
    found = {Path("helpers/__init__.py")}
    waiting = list(code)
    while waiting:
        for part in _parts(waiting.pop()):
            is_package = (notebooks.ROOT / "helpers" / part).is_dir()
            paths = _below(f"helpers/{part}") if is_package else [Path(f"helpers/{part}.py")]
            new = set(paths) - found
            found |= new
            waiting += [_text(path) for path in new if path.suffix == ".py"]
    return sorted(found)


def _parts(code: str) -> set[str]:
    """The parts of `helpers` that are imported anywhere in the code."""
    names = [name.split(".") for name in _imports(code)]
    children = {name[1] for name in names if name[0] == "helpers" and len(name) > 1}
    folder = notebooks.ROOT / "helpers"
    return {
        child
        for child in children
        if (folder / child / "__init__.py").exists() or (folder / f"{child}.py").exists()
    }


def _imports(code: str) -> list[str]:
    """Full names of what is imported; a name taken from a module counts as one in it."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a cell that shows one
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def _data(code: list[str]) -> list[Path]:
    """The data files: each that is small, and of the others those that the code loads."""
    called = "\n".join(code)

    def is_loaded(path: Path) -> bool:
        stem = path.name.partition("-")[0].partition(".")[0]  # digits-images.npy: data.digits()
        return re.search(rf"\bdata\.{stem}\(", called) is not None

    return [
        path
        for path in _below("data")
        if (notebooks.ROOT / path).stat().st_size < LARGE or is_loaded(path)
    ]


def _scripts(code: list[str]) -> list[Path]:
    """The programs in notebooks/scripts that the chapter names."""
    named = "\n".join(code)
    scripts = notebooks.ROOT / "notebooks" / "scripts"
    return [
        path
        for path in _below("notebooks/scripts")
        if path.relative_to(scripts.relative_to(notebooks.ROOT)).parts[0] in named
    ]
