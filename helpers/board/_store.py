"""What a board shows, kept so that it can be sent whole, at any time and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from helpers.board import _panes as panes
from helpers.board.series import Series
from helpers.board.text import escape

Compose = Callable[[], panes.Message]


class Curves(dict[str, Series]):
    """The curves of one pane, by name."""


class Store:
    """Panes, and which of them changed since they were taken. Safe in several threads.

    The page keeps the order in which panes first come. A curve waits in a buffer, so other
    panes wait as well, until all that was logged before them has been added.
    """

    def __init__(self, points: int) -> None:
        """Keep at most `points` points a curve. See `Series` for what it raises."""
        Series(points)
        self._points = points
        self._panes: dict[str, Curves | Compose | panes.Message] = {}
        self._curves: dict[str, Series] = {}  # by tag
        self._shown: dict[str, Compose] = {}  # not placed yet
        self._changed: dict[str, None] = {}  # a set that keeps its order
        self.renew()

    def renew(self) -> None:
        """Make the lock anew: in a process that was forked nobody would open the old one."""
        self._lock = threading.Lock()

    def add(self, scalars: Iterable[tuple[str, float, float | None]]) -> None:
        """Append values to curves: tag, value, step."""
        with self._lock:
            for tag, value, step in scalars:
                curve = self._curves.get(tag)
                if curve is None:
                    curve = self._new(tag)
                curve.add(step, value)
                self._changed[split(tag)[0]] = None

    def show(self, pane: str, compose: Compose) -> None:
        """Let a pane show what `compose` will return, once it is placed."""
        with self._lock:
            self._shown[pane] = compose

    def shown(self) -> dict[str, Compose]:
        """Return what was shown and is not placed yet; who takes it has to place it."""
        with self._lock:
            taken, self._shown = self._shown, {}
        return taken

    def place(self, shown: dict[str, Compose]) -> None:
        """Put what was shown in place of what its panes showed; new panes come last.

        A pane's curves go with it: the next value under one of their tags begins a new one.
        """
        with self._lock:
            for pane in shown:
                replaced = self._panes.get(pane)
                if isinstance(replaced, Curves):
                    self._curves = {
                        tag: curve for tag, curve in self._curves.items() if split(tag)[0] != pane
                    }
            self._panes |= shown
            self._changed |= dict.fromkeys(shown)

    def take(self) -> tuple[str, panes.Message] | None:
        """Return a changed pane and its message, or None; it counts as unchanged now."""
        with self._lock:
            if not self._changed:
                return None
            pane = next(iter(self._changed))
            del self._changed[pane]
            content = self._panes[pane]
            if isinstance(content, Curves):
                return pane, panes.lines(pane, content)
        if callable(content):  # slow, and nobody has to wait for it
            return pane, self._composed(pane, content)
        return pane, content

    def change(self, names: Iterable[str] | None = None) -> None:
        """Count these panes, or all of them in their order, as changed."""
        with self._lock:
            if names is None:
                self._changed = dict.fromkeys(self._panes)
            else:
                self._changed |= dict.fromkeys(names)

    def is_unchanged(self) -> bool:
        """Whether everything has been taken."""
        return not self._changed and not self._shown

    def gaps(self) -> dict[str, int]:
        """How many values of each tag were nan or infinite, where there were some."""
        with self._lock:
            return {tag: curve.gaps for tag, curve in self._curves.items() if curve.gaps}

    def _new(self, tag: str) -> Series:
        pane, name = split(tag)
        curves = self._panes.get(pane)
        if not isinstance(curves, Curves):
            curves = self._panes[pane] = Curves()
        self._curves[tag] = curves[name] = Series(self._points)
        return curves[name]

    def _composed(self, pane: str, compose: Compose) -> panes.Message:
        try:
            message = compose()
        except Exception as error:
            message = panes.text(pane, escape(f"This cannot be shown: {error}"))
        with self._lock:
            if self._panes[pane] is compose:  # what it was made of can go
                self._panes[pane] = message
        return message


def split(tag: str) -> tuple[str, str]:
    """Return pane and curve: "loss/train" is "train" in "loss", "rate" is alone in "rate"."""
    pane, _, name = tag.rpartition("/")
    return (pane, name) if pane and name else (tag, tag)
