"""What a board shows, kept so that it can be sent whole, at any time and again.

`Store` holds the panes and which of them changed; a pane of curves holds a `Series` for each
curve. Messages for visdom's server are written here and in `_panes`, because visdom's own client
sends inf (a pane that never appears). Plotly reads names and labels as HTML of a kind, so they
are escaped; pane titles are plain text.
"""

from __future__ import annotations

import html
import math
import threading
from collections.abc import Callable, Iterable, Mapping

from helpers.board import _validation

Message = dict[str, object]
Compose = Callable[[], Message]
Point = tuple[float, float | None]  # step, value; None for a gap

# Okabe and Ito's colours, and a line style beside each.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MARKED = 50  # points up to which each is marked: one alone has no line
MARGIN = {"l": 60, "r": 20, "t": 20, "b": 50}
KEPT = 5  # of a bucket: its first, last, lowest and highest point, and one gap
SMALLEST = 4  # points of a bucket at the start: none is left out
OPEN = 64  # points that the newest bucket holds before it is reduced
FEWEST, MOST = 4 * KEPT, 100_000  # points that a curve may be limited to


def escape(text: object) -> str:
    """Return `str(text)` so that a pane shows its characters and runs none of them.

    Args:
        text: Text from outside, or any object with a text.

    Returns:
        HTML: `<`, `>`, `&` and quotes are written out, and a line end is `<br>`.

    Raises:
        TypeError: The object has no text.
        ValueError: The text has more than a million characters.
    """
    return html.escape(_validation.text(text, "a text")).replace("\n", "<br>")


def text_message(title: str, content: str) -> Message:
    """A pane of HTML, as it is: what comes from outside was escaped before."""
    return {"data": [{"type": "text", "content": content}], "opts": {"title": title}}


def plot_message(
    title: str,
    data: list[Message],
    across: Mapping[str, object],
    down: Mapping[str, object],
    **layout: object,
) -> Message:
    """A pane that Plotly draws: its traces, its two axes, and the rest of its layout."""
    layout |= {"xaxis": across, "yaxis": down, "margin": MARGIN}
    return {"data": data, "layout": layout, "opts": {"title": title}}


def curves_message(title: str, curves: Mapping[str, Series]) -> Message:
    """Curves over the step; nan and inf are gaps, and counted under the axis."""
    data = [_trace(index, name, curve) for index, (name, curve) in enumerate(curves.items())]
    gaps = sum(curve.gaps for curve in curves.values())
    legend = {"showlegend": set(curves) != {title}, "legend": {"orientation": "h", "y": 1.15}}
    return plot_message(title, data, {"title": f"step{left_out(gaps)}"}, {}, **legend)


def left_out(number: int) -> str:
    """Words for the label of an axis: how many values are not drawn, if any."""
    return f" (left out as nan or inf: {number})" if number else ""


def split(tag: str) -> tuple[str, str]:
    """Return pane and curve: "loss/train" is "train" in "loss", "rate" is alone in "rate"."""
    pane, _, name = tag.rpartition("/")
    return (pane, name) if pane and name else (tag, tag)


class Series:
    """A curve of any length in bounded memory, whose spikes and gaps stay visible.

    It keeps all points at first, then the most telling ones of equal buckets. Whenever the
    buckets become too many, neighbours are merged, and each holds twice as many points. A
    bucket keeps its first, last, lowest and highest point, which is what a line drawn through
    all points shows in one column of pixels (the M4 aggregation of Jugel, Jerzak, Hackenbroich
    and Markl, 2014). The cost of a point does not depend on how many came before.

    Attributes:
        gaps: How many of its values were nan or infinite.
    """

    def __init__(self, limit: int) -> None:
        """Keep at most `limit` points, an integer from 20 to 100,000.

        Raises TypeError or ValueError for anything else.
        """
        self.gaps = 0
        self._limit = _validation.integer(limit, "points", FEWEST, MOST) // KEPT
        self._stride = SMALLEST
        self._buckets: list[list[Point]] = []
        self._open: list[Point] = []
        self._count = 0  # points that came for the open bucket
        self._last: float = -1

    def add(self, step: float | None, value: float) -> None:
        """Append a value; without a finite step it is one step after the last."""
        if step is None or not math.isfinite(step):
            step = self._last + 1
        self._last = step
        if math.isfinite(value):
            self._open.append((self._last, value))
        else:
            self.gaps += 1
            self._open.append((self._last, None))
        self._count += 1
        if self._count == self._stride:
            self._close()
        elif len(self._open) == OPEN:
            self._open = reduce(self._open)

    def points(self) -> list[Point]:
        """What is kept, in the order in which it came."""
        kept = [point for bucket in self._buckets for point in bucket]
        return kept + reduce(self._open)

    def _close(self) -> None:
        self._buckets.append(reduce(self._open))
        self._open, self._count = [], 0
        if len(self._buckets) >= self._limit:
            pairs = zip(self._buckets[::2], self._buckets[1::2])
            merged = [reduce(left + right) for left, right in pairs]
            if len(self._buckets) % 2:
                self._open, self._count = self._buckets[-1], self._stride
            self._buckets = merged
            self._stride *= 2


def reduce(points: list[Point]) -> list[Point]:
    """Return the first, last, lowest and highest point and the first gap, in their order."""
    if len(points) < KEPT:
        return points
    kept = {0, len(points) - 1}
    finite = [(value, index) for index, (_, value) in enumerate(points) if value is not None]
    if finite:
        kept.add(min(finite)[1])
        kept.add(max(finite, key=lambda point: point[0])[1])  # the first of several
    if len(finite) < len(points):
        kept.add(next(index for index, (_, value) in enumerate(points) if value is None))
    return [points[index] for index in sorted(kept)]


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
        self._panes: dict[str, Curves | Compose | Message] = {}
        self._curves: dict[str, Series] = {}  # by tag
        self._shown: dict[str, Compose] = {}  # not among the panes yet
        self._changed: dict[str, None] = {}  # a set that keeps its order
        self.renew_lock()

    def renew_lock(self) -> None:
        """Make the lock anew: in a process that was forked nobody would open the old one."""
        self._lock = threading.Lock()

    def add(self, scalars: Iterable[tuple[str, float, float | None]]) -> None:
        """Append values to curves: tag, value, step."""
        with self._lock:
            for tag, value, step in scalars:
                curve = self._curves.get(tag)
                if curve is None:
                    curve = self._new_curve(tag)
                curve.add(step, value)
                self._changed[split(tag)[0]] = None

    def show(self, pane: str, compose: Compose) -> None:
        """Let a pane show what `compose` will return, from `replace` on."""
        with self._lock:
            self._shown[pane] = compose

    def take_shown(self) -> dict[str, Compose]:
        """Return what was shown and is not among the panes yet; the caller has to `replace`."""
        with self._lock:
            taken, self._shown = self._shown, {}
        return taken

    def replace(self, shown: dict[str, Compose]) -> None:
        """Put what was shown in place of what its panes showed; new panes come last.

        A pane's curves go with it: the next value under one of their tags begins a new one.
        """
        with self._lock:
            for pane in shown:
                if isinstance(self._panes.get(pane), Curves):
                    self._curves = {
                        tag: curve for tag, curve in self._curves.items() if split(tag)[0] != pane
                    }
            self._panes |= shown
            self._changed |= dict.fromkeys(shown)

    def take(self) -> tuple[str, Message] | None:
        """Return a changed pane and its message, or None; it counts as unchanged now."""
        with self._lock:
            if not self._changed:
                return None
            pane = next(iter(self._changed))
            del self._changed[pane]
            content = self._panes[pane]
            if isinstance(content, Curves):
                return pane, curves_message(pane, content)
        if callable(content):  # slow, and nobody has to wait for it
            return pane, self._composed(pane, content)
        return pane, content

    def mark_changed(self, panes: Iterable[str] | None = None) -> None:
        """Count these panes, or all of them in their order, as changed."""
        with self._lock:
            if panes is None:
                self._changed = dict.fromkeys(self._panes)
            else:
                self._changed |= dict.fromkeys(panes)

    def is_unchanged(self) -> bool:
        """Whether everything has been taken."""
        return not self._changed and not self._shown

    def gaps(self) -> dict[str, int]:
        """How many values of each tag were nan or infinite, where there were some."""
        with self._lock:
            return {tag: curve.gaps for tag, curve in self._curves.items() if curve.gaps}

    def _new_curve(self, tag: str) -> Series:
        """A curve without points, in a pane that shows curves from now on."""
        pane, name = split(tag)
        curves = self._panes.get(pane)
        if not isinstance(curves, Curves):
            curves = self._panes[pane] = Curves()
        self._curves[tag] = curves[name] = Series(self._points)
        return curves[name]

    def _composed(self, pane: str, compose: Compose) -> Message:
        """What `compose` returns, kept in its place; a sentence where it raises."""
        try:
            message = compose()
        except Exception as error:
            message = text_message(pane, escape(f"This cannot be shown: {error}"))
        with self._lock:
            if self._panes[pane] is compose:  # what it was made of can go
                self._panes[pane] = message
        return message


def _trace(index: int, name: str, curve: Series) -> Message:
    """One curve as a trace of Plotly's."""
    points = curve.points()
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(points) <= MARKED else "lines",
        "name": html.escape(name),
        "x": [step for step, _ in points],
        "y": [value for _, value in points],
        "line": {
            "color": COLOURS[index % len(COLOURS)],
            "dash": DASHES[index % len(DASHES)],
            "width": 1.5,
        },
    }
