"""Bring an executed notebook to the one form that is stored: same run, same bytes."""

import base64
import re
import struct
from functools import cache
from typing import Any

from nbformat import NotebookNode, from_dict
from nbval.plugin import get_sanitize_patterns

from helpers._notebook import WIDGET_VIEW
from tools import notebooks

ANSI = re.compile(r"\x1b\[[0-9;]*m")
NUMBERS = re.compile(r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?(?:\s?(?:ns|us|µs|μs|ms|s|min)\b)?")
# Chunks that hold words or a date, not the picture: https://www.w3.org/TR/png-3/#11Ancillary-chunks
PNG_WORDS = {b"tEXt", b"zTXt", b"iTXt", b"tIME"}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Fix metadata, ids and outputs in place; returns the same notebook.

    Raises:
        ValueError: For an output that is nothing but a widget.
    """
    notebook.metadata = from_dict(notebooks.KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = from_dict(cell_metadata(cell))
        if cell.cell_type == "code":
            cell.pop("attachments", None)
        for output in cell.get("outputs", []):
            _normalise_output(output)
    notebooks.give_ids(notebook)
    return notebook


def cell_metadata(cell: NotebookNode) -> dict[str, Any]:
    """The metadata that a cell keeps; what a prediction hides is hidden until it is run."""
    kept = {key: cell.metadata[key] for key in notebooks.CELL_KEYS if key in cell.metadata}
    kept.pop("jupyter", None)
    if not kept.get("tags", True):
        del kept["tags"]
    if cell.cell_type == "code" and "reveal" in kept.get("tags", []):
        kept["jupyter"] = {"outputs_hidden": True}
    return kept


def _normalise_output(output: NotebookNode) -> None:
    if output.output_type == "stream":
        output.text = sanitise(output.text)
    elif output.output_type == "error":
        output.evalue = sanitise(output.evalue)
        output.traceback = [sanitise(frame) for frame in output.traceback if is_ours(frame)]
    else:
        output.data = from_dict(_normalise_data(output.data))


def _normalise_data(data: dict[str, Any]) -> dict[str, Any]:
    """The data of one output without its widget, which no stored notebook can hold.

    Beside a picture the HTML goes too: it is the same picture again, for a live page.
    """
    kept = {key: value for key, value in data.items() if key != WIDGET_VIEW}
    if "image/png" in kept:
        kept.pop("text/html", None)
    if not kept:
        raise ValueError("an output is a widget without a static form beside it")
    for key, value in kept.items():
        if key == "image/png":
            kept[key] = bare_png(value)
        elif isinstance(value, str):
            kept[key] = sanitise(value)
    return kept


@cache
def _rules() -> list[tuple[str, str]]:
    return get_sanitize_patterns(notebooks.SANITISER.read_text(encoding="utf-8"))


def sanitise(text: str) -> str:
    """The text as nbval compares it: each rule of the sanitiser applied."""
    for pattern, replacement in _rules():
        text = re.sub(pattern, replacement, text)
    return text


def is_ours(frame: str) -> bool:
    """Whether a traceback's part is a cell, a head or the message, and no library's file.

    A library's frames name where it is installed, and a reader of the stored notebook has
    nothing of them.
    """
    plain = ANSI.sub("", frame).lstrip()
    return not re.match(r"(?:File )?(?:~|/|[A-Za-z]:\\|<frozen)\S*", plain)


def bare_png(encoded: str) -> str:
    """A base64 PNG without the chunks that name the program and the time that made it."""
    content = base64.b64decode(encoded)
    if not content.startswith(PNG_SIGNATURE):
        raise ValueError("an output called image/png is no PNG")
    kept, place = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        end = place + length + 12  # length, type and checksum are four bytes each
        if content[place + 4 : place + 8] not in PNG_WORDS:
            kept.append(content[place:end])
        place = end
    return base64.b64encode(b"".join(kept)).decode("ascii")


def says_the_same(stored: list[NotebookNode], fresh: list[NotebookNode]) -> bool:
    """Whether two lists of outputs differ in nothing but numbers, their units and blanks."""
    return [_shape(output) for output in stored] == [_shape(output) for output in fresh]


def _shape(output: NotebookNode) -> Any:
    if output.output_type == "stream":
        return output.name, _masked(output.text)
    if output.output_type == "error":
        return output.ename, _masked(output.evalue)
    texts = {key: value for key, value in output.data.items() if not key.startswith("image/")}
    beside = sorted(output.get("metadata", {}))  # such as the size at which a picture is shown
    return sorted(output.data), beside, {key: _masked(str(v)) for key, v in texts.items()}


def _masked(text: str) -> str:
    return re.sub(r"\s+", " ", NUMBERS.sub("#", text))


def keep_what_is_not_compared(old: NotebookNode, new: NotebookNode) -> None:
    """Where a cell that is not compared says the same but for numbers, keep what was stored.

    Otherwise each refresh would store other times, and no two would be equal.
    """
    before = {cell.get("id"): cell for cell in notebooks.code_cells(old)}
    for cell in notebooks.code_cells(new):
        stored = before.get(cell.get("id"))
        if stored is None or stored.source != cell.source:
            continue
        if notebooks.classify(cell).kind != "not compared":
            continue
        if says_the_same(stored.outputs, cell.outputs):
            cell.outputs = stored.outputs
