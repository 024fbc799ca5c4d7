"""The programs that chapters run: the learner's own copies, else the course's."""

from pathlib import Path

from helpers.data import _files

FOLDER = "scripts"


def script(name: str) -> Path:
    """Return the path of a program that a chapter runs, or of a folder of them.

    A workbook has copies of its own in `scripts/`. What you change there is what runs; where you
    have no copy, it is the course's.

    Args:
        name: Its name in `scripts/`, such as "count_ink.py" or "digit_project".

    Raises:
        FileNotFoundError: There is none of that name; the message says which there are.
        TypeError: `name` is not a str.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str such as 'count_ink.py', not {type(name).__name__}")
    folders = (Path.cwd() / FOLDER, _files.DATA_FOLDER.parent / "notebooks" / FOLDER)
    there = {path.name: path for folder in reversed(folders) for path in _listed(folder)}
    if name in there:
        return there[name]
    if not there:
        raise FileNotFoundError(
            "the programs that chapters run come with the course's folder and are not in this "
            "installation; open the course with make lab."
        )
    raise FileNotFoundError(f"there is no script called {name!r}, only {', '.join(sorted(there))}.")


def _listed(folder: Path) -> list[Path]:
    """What can be run or read in a folder; nothing where there is none."""
    try:
        found = list(folder.iterdir())
    except OSError:
        return []
    kept = [path for path in found if not path.name.startswith((".", "_"))]
    return [path for path in kept if path.suffix == ".py" or path.is_dir()]
