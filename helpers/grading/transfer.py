"""Progress taken along: from a session that ends, such as Colab's, into a journal that stays.

What is taken along is a file of the journal's own lines, or a notebook in which `download` was
run: its output holds them. Each event has an id, so a file that is taken in twice, or whose taking
in was interrupted, is added once and whole.
"""

import base64
import errno
import hashlib
import html
import json
import re
import sys
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

from helpers import _atomic
from helpers._folders import explaining
from helpers.grading import progress
from helpers.grading.progress import Journal, LearnerProgress

DOWNLOAD = "pytorch-course-progress.jsonl"
KAGGLE = Path("/kaggle/working")
"""What is written there, Kaggle keeps with a saved version of the notebook."""
MARK = "pytorch-course-progress:"
MOST_BYTES = 2**26
"""More than a learner's events ever take, unpacked."""
CARRIED = re.compile(rf"{MARK}([A-Za-z0-9+/=]+)")


class TransferError(ValueError):
    """A file holds no progress; one sentence says so, and which do."""


class Carrier:
    """What a cell shows after a download: a sentence, and in the notebook's file the events."""

    def __init__(self, sentence: str, entries: list[dict]) -> None:
        self.sentence = sentence
        packed = zlib.compress(_lines(entries).encode("ascii"), 9)
        self.carried = MARK + base64.b64encode(packed).decode("ascii")

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the sentence; in its HTML the events are where nobody sees them."""
        markup = f'<div data-progress="{self.carried}">{html.escape(self.sentence)}</div>'
        return {"text/plain": self.sentence, "text/html": markup}


def download(learner: LearnerProgress, folder: Path | None = None) -> Carrier:
    """Write the progress into a file that can be taken in elsewhere, and download it in Colab.

    Args:
        learner: Whose progress.
        folder: Where to; None is Kaggle's folder of results there, elsewhere the working folder.

    Raises:
        OSError: When the file cannot be written.
    """
    entries = with_ids(learner._journal().read().entries)
    chosen = folder or (KAGGLE if KAGGLE.is_dir() else Path.cwd())
    path = chosen / DOWNLOAD
    _atomic.write_bytes(path, _lines(entries).encode("ascii"))
    colab = sys.modules.get("google.colab")
    if colab is not None:
        import_module("google.colab.files").download(str(path))
        where = f"{DOWNLOAD} is in your browser's downloads"
    else:
        where = f"Your progress is in {path}"
    events = f"{len(entries)} event{'' if len(entries) == 1 else 's'}"
    return Carrier(
        f"{where} ({events}); this cell holds it too, once the notebook is saved.", entries
    )


def take(file: str | Path, learner: LearnerProgress) -> str:
    """Add the progress in `file` to the learner's own, and return a sentence on what was added.

    Args:
        file: What `download` wrote, a `progress.jsonl`, or a notebook that holds it.
        learner: Whose progress grows.

    Raises:
        OSError: When the file cannot be read, or the progress cannot be written.
        TransferError: When the file holds no progress.
        TypeError: When `file` is not a path.
    """
    file = progress._path(file, "file")
    found = read(file)
    added = _add_missing(learner._journal(), found)
    had = len({entry["id"] for entry in found}) - added
    events = f"{added} event{'' if added == 1 else 's'}"
    return f"Progress: {events} taken from {file.name}, {had} were here already."


def read(file: Path) -> list[dict]:
    """The events in a file, each with its id.

    Raises:
        OSError: When the file cannot be read.
        TransferError: When it holds none.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(
            error.errno or errno.EIO,
            f"{file} cannot be read ({reason}); give the file that "
            "exercises.download_progress() wrote, or the notebook in which it ran.",
        ) from error
    if file.suffix == ".ipynb":
        return with_ids(_in_notebook(file, content))
    entries = [entry for line in content.splitlines() if (entry := _event(line)) is not None]
    if not entries and content.strip():
        raise TransferError(
            f"{file} holds no progress; exercises.download_progress() writes {DOWNLOAD}."
        )
    return with_ids(entries)


def _in_notebook(file: Path, content: bytes) -> list[dict]:
    """The events of the fullest download that a notebook's outputs hold."""
    found = CARRIED.findall(content.decode("utf-8", errors="replace"))
    carried = [entries for each in found if (entries := _unpacked(each)) is not None]
    if not carried:
        raise TransferError(
            f"{file.name} holds no progress; run exercises.download_progress() in it, save, and "
            "download it again, or take the file that this writes."
        )
    return max(carried, key=len)


def _unpacked(letters: str) -> list[dict] | None:
    unpacker = zlib.decompressobj()
    try:
        lines = unpacker.decompress(base64.b64decode(letters), MOST_BYTES).splitlines()
    except (ValueError, zlib.error):  # cut off
        return None
    if not unpacker.eof:  # cut off, or made to fill the memory
        return None
    return [entry for line in lines if (entry := _event(line)) is not None]


def _event(line: bytes) -> dict | None:
    """An event in a line of a file, be it a newer version's; None for any other line."""
    entry = progress._entry(line)
    return entry if entry and "version" in entry else None


def with_ids(entries: list[dict]) -> list[dict]:
    """The events of a journal, each with an id.

    Older versions of the course wrote none. The id of such an event comes from it and from all
    before it: a copy of a journal that went on elsewhere gives the same ids as the original.
    """
    before = b""
    found = []
    for entry in entries:
        bare = {key: value for key, value in entry.items() if key != "id"}
        before = hashlib.sha256(before + json.dumps(bare, sort_keys=True).encode()).digest()
        own = entry.get("id")
        found.append({**bare, "id": own if isinstance(own, str) else before.hex()[:16]})
    return found


def _add_missing(journal: Journal, found: list[dict]) -> int:
    """Append in one write the events whose ids the journal lacks; return how many these are."""
    path = journal.path
    if path is None:
        raise OSError("There is no folder to keep progress in; set COURSE_HOME to one.")
    with explaining(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with progress._turn(path) as alone:
            own = progress._read_file(path, alone)[0] if path.exists() else []
            known = {entry["id"] for entry in with_ids([*own, *journal.unwritten])}
            missing = {entry["id"]: entry for entry in found if entry["id"] not in known}
            if missing:
                text = _lines(list(missing.values()))
                progress._append_bytes(path, text.encode("ascii"), alone)
    return len(missing)


def _lines(entries: list[dict]) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)
