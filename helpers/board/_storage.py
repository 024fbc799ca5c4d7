"""Environments on disk: visdom's own JSON files, each written whole or not at all.

Visdom writes over the old file; a full disk or a kill in the middle loses both.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path

from helpers import _atomic

EMPTY = {"jsons": {}, "reload": {}}


def load(folder: Path) -> dict[str, dict]:
    """Return every environment in `folder`; a damaged file is set aside, not lost."""
    for left in folder.glob("*.part"):  # half-written by a server that was killed
        left.unlink()
    state = {}
    for path in sorted(folder.glob("*.json")):
        try:
            stored = json.loads(path.read_text("utf-8"))
            state[path.stem] = {key: dict(stored[key]) for key in EMPTY}
        except (ValueError, TypeError, KeyError):
            logging.warning("set aside, as it is damaged: %s", path)
            path.replace(path.with_suffix(".damaged"))
    state.setdefault("main", {key: {} for key in EMPTY})
    return state


def save(state: dict[str, dict], names: Iterable[str], env_path: str | Path) -> list[str]:
    """Write the named environments that `state` has; return their names.

    The signature is that of visdom's `serialize_env`, which this takes the place of. Raises
    OSError if one cannot be written, or ValueError if its name is no file's, after all others
    have been.
    """
    known = [name for name in names if name in state]
    failure = None
    for name in known:
        try:
            path = Path(env_path, f"{name}.json")
            _atomic.write_bytes(path, json.dumps(state[name]).encode())
        except (OSError, ValueError) as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return known
