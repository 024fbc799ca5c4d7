"""What `jupyter_config.py` sets for a learner: their workbook, their last chapter, tidy saving."""

import contextlib
import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools import saved_widgets, workbook

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "tools" / "jupyterlab"
FIRST_CHAPTER = "00_start_here.ipynb"
# Which tabs are open is kept beside the workbook: another project's tabs do not open here.
WORKSPACES = Path(".course", "workspaces")
# Lines of the message in which Jupyter says where it is; another names a file.
ADDRESS = re.compile(r"^\s*(?:or )?(https?://\S+)\s*$", re.MULTILINE)


# Flags that ask for more than the address.
TALKATIVE = re.compile(r"--debug|--log-level\b|--[A-Za-z]*\.?log_level\b")


class Address(logging.Filter):
    """Write in two lines where JupyterLab is; warnings stay as they are.

    With a token Jupyter says it at the level CRITICAL. With a password it says it at the level
    INFO, each address by itself, among lines that help nobody who learns.
    """

    def __init__(self, is_quiet: bool = True) -> None:
        super().__init__()
        self._is_quiet = is_quiet
        self._has_told = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether Jupyter's own message is written."""
        if record.levelno not in (logging.INFO, logging.CRITICAL):
            return True
        addresses = dict.fromkeys(ADDRESS.findall(record.getMessage()))
        if addresses and not self._has_told:
            self._tell(list(addresses))
        return not (addresses or (record.levelno == logging.INFO and self._is_quiet))

    def _tell(self, addresses: list[str]) -> None:
        self._has_told = True
        for address in addresses:
            print(f"JupyterLab:    {address}", file=sys.stderr)
        print(
            "If no browser opens, open that address in one. Ctrl+C, twice, ends it.",
            file=sys.stderr,
        )


def arrange(c: Any) -> None:
    """Make the learner's workbook what JupyterLab shows, and open their last chapter.

    Raises:
        workbook.WorkbookError: When the workbook can be neither made nor brought up to date.
    """
    folder = workbook.folder()
    for sentence in [*workbook.prepare(folder), f"Your workbook: {folder}"]:
        print(sentence, flush=True)
    saved_widgets.tidy_folder(folder)
    c.ServerApp.root_dir = str(folder)
    c.LabApp.default_url = f"/lab/tree/{quote(last_notebook(folder))}"
    c.LabApp.workspaces_dir = str(folder / WORKSPACES)
    c.LabApp.app_settings_dir = str(SETTINGS)
    is_quiet = not any(map(TALKATIVE.match, sys.argv))
    c.Application.logging_config = {
        "filters": {"address": {"()": Address, "is_quiet": is_quiet}},
        "handlers": {"console": {"filters": ["address"]}},
    }
    c.ServerApp.contents_manager_class = saved_widgets.TidyFiles
    if not folder.is_relative_to(ROOT):
        # The set-up cell looks for the course in the folders above, and it is not there.
        found = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), *found]))


def last_notebook(folder: Path) -> str:
    """The notebook that was in front when JupyterLab was last used, from the workbook's folder."""
    found = list((folder / WORKSPACES).glob("*.jupyterlab-workspace"))
    for file in sorted(found, key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            names = list(_opened(_layout(file)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            with contextlib.suppress(OSError):
                file.unlink()  # killed while it was written: JupyterLab would complain
            continue
        for name in names:
            kind, _, path = name.partition(":")
            path = path.removeprefix("RTC:")  # with jupyter-collaboration
            if kind == "notebook" and (folder / path).is_file():
                return path
    return FIRST_CHAPTER


def _layout(file: Path) -> dict:
    """What a workspace says of the main area; raises where JupyterLab could not read it."""
    workspace = json.loads(file.read_text(encoding="utf-8"))
    workspace["metadata"].get("id")
    return workspace["data"].get("layout-restorer:data", {}).get("main") or {}


def _opened(main: dict) -> Iterator[str]:
    """What JupyterLab's main area shows: the tab in front, then the others."""
    if main.get("current"):
        yield main["current"]
    yield from _tabs(main.get("dock"))


def _tabs(area: dict | None) -> Iterator[str]:
    """The tabs in a part of the main area: it is divided, or holds tabs itself."""
    if not area:
        return
    for child in area.get("children", []):
        yield from _tabs(child)
    yield from area.get("widgets", [])
