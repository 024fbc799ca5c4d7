"""A saved notebook shows no widget whose model has gone: its static form stands there instead.

A live widget is drawn from a model in the kernel. The next day the kernel is gone, and where a file
still names the model, JupyterLab writes "Error displaying widget" over everything else that the
output holds. What is shown in the open page stays as it is.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from helpers._atomic import write_bytes
from helpers._notebook import WIDGET_VIEW

GONE = "A widget was here. Run the cell to see it again."
# "IntSlider(value=3)", "HBox(children=(FloatProgress(…": what a widget is called in plain text.
NAMED = re.compile(r"\s*(\w+\(.*(\)|…|\.\.\.)|A Jupyter Widget)\s*", re.DOTALL)
# "40%|████      | 4/10 [00:01<00:02, 3.2it/s]", "4it [00:01, 3.2it/s]": tqdm's bar in plain text.
PROGRESS_BAR = re.compile(r"\d\w*(/\d+\w*)? \[\d+:\d\d[<,]")
# A page of this machine in a frame, such as visdom's: the next day nobody answers there.
FRAME = re.compile(r'\s*<iframe src="[^"]*/proxy/')


class TidyFiles(AsyncLargeFileManager):
    """Jupyter's files, with notebooks tidied before they are written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Register the hook; one in the learner's own settings stays."""
        super().__init__(*args, **kwargs)
        self.register_pre_save_hook(before_saving)


def before_saving(model: dict[str, Any], **_: Any) -> None:
    """Tidy what Jupyter is about to write; never the reason why something is not saved."""
    try:
        if model["type"] == "notebook":
            tidy(model["content"])
    except (AttributeError, TypeError, KeyError):
        return  # not a notebook as nbformat has it: Jupyter says so itself


def tidy_folder(folder: Path) -> None:
    """Tidy each notebook that a program without the hook has saved, such as VS Code."""
    for path in sorted(folder.glob("*.ipynb")):
        try:
            text = path.read_text(encoding="utf-8")
            if WIDGET_VIEW not in text:
                continue
            notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
            if tidy(notebook):
                write_bytes(path, f"{nbformat.writes(notebook)}\n".encode())
        except Exception:  # the learner's file stays as it is, whatever is wrong with it
            continue


def tidy(notebook: dict[str, Any]) -> bool:
    """Leave of each widget its static form; returns whether anything was changed.

    An output that holds another form keeps that. One that is a widget alone becomes a sentence;
    a progress bar, whose work is done, goes.
    """
    changed = notebook["metadata"].pop("widgets", None) is not None
    for cell in notebook["cells"]:
        for output in list(cell.get("outputs", [])):
            data = output.get("data", {})
            if "text/plain" in data and FRAME.match(_text(data, "text/html")):
                changed = data.pop("text/html") is not None
            if data.pop(WIDGET_VIEW, None) is None:
                continue
            changed = True
            alone = set(data) <= {"text/plain"}
            if alone and PROGRESS_BAR.search(_plain(data)):
                cell["outputs"].remove(output)
            elif alone and (not data or NAMED.fullmatch(_plain(data))):
                data["text/plain"] = GONE
    return changed


def _plain(data: dict[str, Any]) -> str:
    return _text(data, "text/plain")


def _text(data: dict[str, Any], kind: str) -> str:
    """A text of an output; a file keeps it as one text or as a list of lines."""
    text = data.get(kind, "")
    return text if isinstance(text, str) else "".join(text)
