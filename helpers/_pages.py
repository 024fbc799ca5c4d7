"""Show a page of this machine where the notebook is read: a frame, or else its address."""

from __future__ import annotations

import html
import importlib
import os
from types import ModuleType

from helpers import _jupyter

STORED = "COURSE_STORED"
"""Set where outputs are stored and compared: no frame, as its address is another each time."""


class Page:
    """What a notebook displays: the same words each time, and beside them a frame or link."""

    def __init__(self, words: str, markup: str = "") -> None:
        """Take the words, and HTML for those who read it in a browser."""
        self.words = words
        self.markup = "" if os.environ.get(STORED) else markup

    def __repr__(self) -> str:
        """The words."""
        return self.words

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        words = {"text/plain": self.words}
        return {**words, "text/html": self.markup} if self.markup else words


def show_port(words: str, port: int, path: str, height: int, proxied: str) -> None:
    """Show a page of this machine: a frame where that works, else a link or an address.

    `proxied`: the page's path on the port of the Jupyter server, where it passes pages on.
    """
    colab = _colab()
    address = f"http://127.0.0.1:{port}{path}"
    if colab is not None:
        colab.serve_kernel_port_as_iframe(port, path=path, height=str(height))
    elif not _is_notebook():
        print(f"{words}, at {address}")
    elif not os.environ.get(STORED) and _jupyter.proxy_available(proxied):
        _display(Page(words, _frame(words, proxied, height)))
    else:
        _display(Page(words, _link(words, address)))


def say(words: str, message: str) -> None:
    """Show `message` in place of a page that is not there."""
    if _is_notebook():
        _display(Page(words, f"<p>{html.escape(message)}</p>"))
    else:
        print(message)


def _display(page: Page) -> None:
    from IPython.display import display

    display(page)


def _link(words: str, address: str) -> str:
    link = f'<a href="{html.escape(address)}" target="_blank">{html.escape(address)}</a>'
    return f"<p>{html.escape(words)}: open at {link}</p>"


def _frame(words: str, address: str, height: int) -> str:
    source, title = html.escape(address, quote=True), html.escape(words, quote=True)
    return (
        f'<iframe src="{source}" title="{title}" width="100%" height="{int(height)}" '
        # Beside its border, 100% would be two pixels too wide: a scrollbar under the frame.
        'style="display: block; box-sizing: border-box; border: 1px solid #999999"></iframe>'
    )


def _is_notebook() -> bool:
    """Whether what is displayed goes to a page, not to a terminal."""
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def _colab() -> ModuleType | None:
    try:
        return importlib.import_module("google.colab.output")
    except ImportError:
        return None
