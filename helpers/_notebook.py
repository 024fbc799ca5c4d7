"""What is shown in a notebook, and what takes its place elsewhere."""

import sys
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""MIME type of the view of a widget: what Jupyter draws a live widget from."""


def show(output: object, **options: Any) -> Any | None:
    """Display `output` in IPython and Jupyter; print it elsewhere.

    Args:
        output: What is shown.
        options: For IPython's `display`, such as `display_id=True`.

    Returns:
        What `display` returns: with `display_id=True` a handle to update the output.
    """
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        _print(output)
        return None
    if get_ipython() is None:
        _print(output)
        return None
    return display(output, **options)


def _print(output: object) -> None:
    """Print `output`; where the terminal lacks a character, its code stands for it."""
    try:
        print(output)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(str(output).encode(encoding, "backslashreplace").decode(encoding))
