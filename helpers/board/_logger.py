"""A board in the browser that a training run writes to, and never waits for."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.board import _panes, _validation
from helpers.board._sender import Link, Sender
from helpers.board._store import Compose, Store, escape, text_message

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from matplotlib.figure import Figure
    from torch import Tensor

    from helpers.board._fallback import NoServer
    from helpers.board._server import Server

FULL = 65_536  # scalars in the buffer; who brings more has to help
LINES = 1_000  # texts that a pane keeps
ENDING = 5.0  # seconds for a board that nobody closed
LARGEST = _validation.LARGEST_INTEGER  # of a step


class Board:
    """Curves, images, texts and tables in one environment of a visdom server.

    It is a logger for `helpers.train.fit`. A curve's tag is "pane/curve": "loss/train" and
    "loss/validation" are two curves of the pane "loss". Curves are thinned beyond `points`
    points; first, last and extreme points stay. A closed board raises RuntimeError; a
    server that does not answer costs one warning, and gets everything when it is back. A pane
    that cannot be sent costs one warning with its name, and is left out. One board writes to a
    pane: of two boards, the last that sends is seen. What nobody closes is sent when the board
    is deleted or Python ends.

    Each method that takes a tag raises TypeError for a tag that is not a string, and ValueError
    for one that is empty, cannot be printed or has over 1,000 characters.

    Attributes:
        environment: The environment's name, as the page has it.
    """

    def __init__(
        self,
        server: Server | NoServer | str,
        environment: str = "main",
        *,
        every: float = 1.0,
        points: int = 1_000,
        patience: float = 5.0,
    ) -> None:
        """Start the thread that sends.

        Args:
            server: What `start` or `try_start` returns, or an address such as
                http://127.0.0.1:8097.
            environment: At most 200 bytes on one line. A slash becomes an underscore, as in all
                that visdom does.
            every: Seconds between two sendings of what changed.
            points: Points that a curve keeps, 20 to 100,000.
            patience: Seconds that an answer is waited for, in the background.

        Raises:
            TypeError: The server is none; `points` is not an integer.
            ValueError: An odd address, environment, number of seconds or of points.
        """
        _validation.server(server)
        self.environment = _validation.environment(environment)
        every = _validation.seconds(every, "every")
        link = Link(functools.partial(_address, server), _validation.seconds(patience, "patience"))
        self._tags: set[str] = set()  # those that have been checked
        self._texts: dict[str, list[str]] = {}
        self._sender = Sender(link, Store(points), self.environment, every)
        weakref.finalize(self, self._sender.close_unattended, ENDING)

    def __repr__(self) -> str:
        """The same every time."""
        return f"<board on environment {self.environment!r}>"

    def __enter__(self) -> Board:
        """Return itself; it is closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it, after an error too."""
        self.close()

    def scalar(self, tag: str, value: float | Tensor, step: float | Tensor | None = None) -> None:
        """Append one value to a curve. It takes about a microsecond.

        Args:
            tag: "pane/curve", or the name of a pane with one curve.
            value: A number, or a tensor with one element, of any dtype and device. nan and inf
                are gaps. A value on a GPU is copied there and read later, so that nothing waits.
            step: Its position on the axis; without one, one step after the last.

        Raises:
            TypeError: The value or step is not a number.
            ValueError: It is complex, without data, or has more or fewer elements than one.
            RuntimeError: The board is closed.
        """
        sender = self._sender
        if sender.notice is not None:
            sender.raise_pending()
        if type(value) is not float:
            value = _validation.number(value)
        if step is not None and (type(step) is not int or not -LARGEST < step < LARGEST):
            step = _validation.number(step, "a step")
        if type(tag) is not str or tag not in self._tags:
            tag = self._checked(tag)
        buffer = sender.buffer
        buffer.append((tag, value, step))
        if len(buffer) >= FULL:
            sender.collect()

    add_scalar = scalar

    @property
    def gaps(self) -> dict[str, int]:
        """How many values of each tag were nan or infinite, where there were some."""
        self._sender.collect()
        return self._sender.store.gaps()

    def text(self, tag: str, text: object, *, append: bool = False, html: bool = False) -> None:
        """Show a text.

        Args:
            tag: The pane.
            text: A text, or any object with one; it is escaped.
            append: Whether it comes below those that the pane shows (the last 1,000 are kept).
            html: Whether the browser takes it as it is, scripts included: only for what you
                wrote yourself.

        Raises:
            TypeError: The object has no text; `append` or `html` is not a bool.
            ValueError: The text has more than a million characters.
        """
        tag = self._checked(tag)
        html = _validation.flag(html, "html")
        content = _validation.text(text, "a text") if html else escape(text)
        before = self._texts.get(tag, []) if _validation.flag(append, "append") else []
        shown = [*before, content][-LINES:]
        while sum(map(len, shown)) > 2 * _validation.LONGEST_TEXT and len(shown) > 1:
            del shown[0]
        self._texts[tag] = shown
        self._show(tag, functools.partial(text_message, tag, "<br>".join(shown)))

    def image(self, tag: str, image: Tensor | np.ndarray, *, caption: str | None = None) -> None:
        """Show an image.

        nan is black. Values out of range are named in the pane, and stop nothing.

        Args:
            tag: The pane.
            image: Shape (C, H, W) or (H, W): floats in 0 to 1, integers in 0 to 255.
            caption: Text below it.

        Raises:
            ValueError: Another shape, complex numbers, or too many pixels for a page (2**24).
        """
        copy = _validation.snapshot(image)
        if copy.ndim == 2:
            copy = copy[None]
        self._show_images(tag, copy[None], 1, caption)

    def images(
        self,
        tag: str,
        images: Tensor | np.ndarray | Sequence[Tensor],
        *,
        columns: int = 8,
        caption: str | None = None,
    ) -> None:
        """Show images of one size in a grid.

        Args:
            tag: The pane.
            images: Shape (N, C, H, W) or (N, H, W): see `image`.
            columns: Images in a row.
            caption: Text below them.

        Raises:
            TypeError: `columns` is not an integer.
            ValueError: As for `image`, and for `columns` below 1.
        """
        copy = _validation.snapshot(images)
        if copy.ndim == 3:
            copy = copy[:, None]
        self._show_images(tag, copy, columns, caption)

    def histogram(
        self,
        tag: str,
        numbers: Tensor | np.ndarray,
        step: float | Tensor | None = None,
        *,
        bins: int = 50,
    ) -> None:
        """Show how numbers are distributed; nan and inf are counted aside.

        Args:
            tag: The pane.
            numbers: Real numbers, of any shape.
            step: Where training is; named under the axis.
            bins: Number of bars, 1 to 10,000.

        Raises:
            TypeError: `bins` is not an integer, `step` not a number.
            ValueError: Complex numbers; `bins` out of range.
        """
        bins = _validation.integer(bins, "bins", 1, _validation.MOST_BINS)
        step = None if step is None else _validation.number(step, "a step")
        copy = _validation.snapshot(numbers)
        self._show(tag, functools.partial(_panes.histogram, tag, copy, bins, step))

    def confusion_matrix(
        self, tag: str, counts: Tensor | np.ndarray, labels: Sequence[object] | None = None
    ) -> None:
        """Show counts, or shares: a row a true class, a column a predicted one.

        Args:
            tag: The pane.
            counts: Shape (classes, classes). A cell that is nan or infinite stays empty.
            labels: One for each class, no two alike; by default 0, 1, 2 …

        Raises:
            TypeError: `labels` is not a list.
            ValueError: Another shape, over 1,000 classes, or another number of labels.
        """
        copy = _validation.snapshot(counts)
        _validation.square_shape(copy.shape)
        names = _validation.class_labels(labels, len(copy))
        self._show(tag, functools.partial(_panes.confusion, tag, copy, names))

    def figure(self, tag: str, figure: Figure) -> None:
        """Show a Matplotlib figure, drawn here and now; it is left open.

        Raises TypeError for anything else, ValueError for one that cannot be drawn.
        """
        _validation.figure(figure)
        message = _panes.figure(self._checked(tag), figure)
        self._show(tag, lambda: message)

    def flush(self, limit: float = 0.0) -> bool:
        """Return whether the server has everything, after at most `limit` seconds.

        With 0 nothing is waited for: what is new goes within a second in any case. Raises
        ValueError for a limit that is not a number of seconds.
        """
        return self._sender.flush(_validation.seconds(limit, "limit", least=0))

    def close(self, limit: float = 10.0) -> bool:
        """Send all, let the server save it; return whether it did within `limit` seconds.

        Raises ValueError for a limit that is not a number of seconds.
        """
        return self._sender.close(_validation.seconds(limit, "limit", least=0))

    def _show_images(
        self, tag: str, batch: Tensor | np.ndarray, columns: int, caption: object
    ) -> None:
        _validation.image_shape(batch.shape)
        columns = _validation.integer(columns, "columns", 1, _validation.MOST_PIXELS)
        caption = _validation.caption(caption)
        self._show(tag, functools.partial(_panes.images, tag, batch, columns, caption))

    def _show(self, tag: str, compose: Compose) -> None:
        tag = self._checked(tag)
        if self._sender.notice is not None:
            self._sender.raise_pending()
        self._sender.store.show(tag, compose)

    def _checked(self, tag: object) -> str:
        """A tag as a plain str. Raises TypeError or ValueError for what names no pane."""
        name = _validation.tag(tag)
        self._tags.add(name)
        return name


def _address(server: Server | NoServer | str) -> str:
    """Where the server is now: one that was restarted may be elsewhere."""
    return (server if isinstance(server, str) else server.url).rstrip("/")
