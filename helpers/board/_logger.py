"""A board in the browser that a training run writes to, and never waits for."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers._validation import whole_number
from helpers.board import _validation as checks, link, _panes as panes, values
from helpers.board._sender import Sender
from helpers.board._store import Store
from helpers.board.text import escape

if TYPE_CHECKING:
    from types import TracebackType

    from matplotlib.figure import Figure
    from torch import Tensor

    from helpers.board._server import Server

FULL = 65_536  # scalars in the buffer; who brings more has to help
LINES = 1_000  # texts that a pane keeps
ENDING = 5.0  # seconds for a board that nobody closed


class Board:
    """Curves, images, texts and tables in one environment of a visdom server.

    It is a logger for `helpers.train.fit`. A curve's tag is "pane/curve": "loss/train" and
    "loss/validation" are two curves of the pane "loss". Curves are thinned beyond `points`
    points; first, last and extreme points stay. A closed board raises RuntimeError; a
    server that does not answer costs one warning, and gets everything when it is back. One
    board writes to a pane: of two boards, the last that sends is seen. What nobody closes
    is sent when the board is deleted or Python ends. A tag that is no string raises TypeError.
    """

    def __init__(
        self,
        server: Server | str,
        environment: str = "main",
        *,
        every: float = 1.0,
        points: int = 1_000,
        patience: float = 5.0,
    ) -> None:
        """Write to `server`, or to the server at an address such as http://127.0.0.1:8097.

        Panes that changed are sent every `every` seconds; an answer is waited for
        `patience` seconds, in the background. Raises TypeError for what is no server and for
        `points` that are not whole, and ValueError for an odd address, environment or number.
        """
        checks.check_server(server)
        checks.check_environment(environment)
        every = checks.seconds(every, "every")
        patience = checks.seconds(patience, "patience")
        connection = link.Link(functools.partial(_address, server), patience)
        self.environment = environment
        self._texts: dict[str, list[str]] = {}
        self._sender = Sender(connection, Store(points), environment, every)
        weakref.finalize(self, self._sender.leave, ENDING)

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

    def scalar(self, tag: str, value: float | Tensor, step: float | None = None) -> None:
        """Append one value to a curve; without a step, one step after the last.

        Takes numbers and tensors with one element, of any dtype and device; nan and inf
        are gaps. A value on a GPU is copied there and read later, so that nothing waits.
        Raises TypeError or ValueError for anything else.
        """
        sender = self._sender
        if sender.notice is not None:
            sender.hear()
        if type(value) is not float:
            value = values.keep(value)
        if type(step) is not int and step is not None:
            step = values.keep(step)
        if type(tag) is not str:
            checks.check_tag(tag)
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
        """Show a text, or append it to those shown (the last 1,000 are kept).

        It is escaped. With `html=True` the browser takes it as it is, scripts included:
        only for what you wrote yourself.
        """
        checks.check_tag(tag)
        content = str(text) if html else escape(text)
        shown = [*self._texts.get(tag, []), content][-LINES:] if append else [content]
        self._texts[tag] = shown
        self._show(tag, functools.partial(panes.text, tag, "<br>".join(shown)))

    def image(self, tag: str, image: Tensor, *, caption: str | None = None) -> None:
        """Show an image, shape (C, H, W) or (H, W): floats in 0 to 1, integers in 0 to 255.

        nan is black. What is out of range is told in the pane, and stops nothing. Raises
        ValueError for another shape, and for complex numbers.
        """
        copy = values.snapshot(image)
        if copy.ndim == 2:
            copy = copy[None]
        self._show_images(tag, copy[None], 1, caption)

    def images(
        self, tag: str, images: Tensor, *, columns: int = 8, caption: str | None = None
    ) -> None:
        """Show images of one size in a grid, shape (N, C, H, W) or (N, H, W): see `image`.

        Raises also ValueError for `columns` below 1, and TypeError if they are not whole.
        """
        copy = values.snapshot(images)
        if copy.ndim == 3:
            copy = copy[:, None]
        self._show_images(tag, copy, columns, caption)

    def histogram(
        self, tag: str, numbers: Tensor, step: float | None = None, *, bins: int = 50
    ) -> None:
        """Show how numbers, of any shape, are distributed; nan and inf are counted aside.

        Raises ValueError for complex numbers and for `bins` below 1, and TypeError for `bins`
        that are not whole, and for a step that is no number.
        """
        whole_number(bins, "bins", least=1)
        step = None if step is None else values.keep(step)
        copy = values.snapshot(numbers)
        self._show(tag, functools.partial(panes.histogram, tag, copy, bins, step))

    def confusion_matrix(
        self, tag: str, counts: Tensor, labels: Sequence[object] | None = None
    ) -> None:
        """Show counts, shape (classes, classes): a row a true class, a column a predicted one.

        Raises ValueError for another shape or number of labels.
        """
        copy = values.snapshot(counts)
        checks.check_square(copy.shape)
        names = list(range(len(copy)) if labels is None else labels)
        if len(names) != len(copy):
            raise ValueError(f"{len(copy)} classes need {len(copy)} labels, not {len(names)}")
        self._show(tag, functools.partial(panes.confusion, tag, copy, names))

    def figure(self, tag: str, figure: Figure) -> None:
        """Show a Matplotlib figure, drawn here and now; it is left open.

        Raises TypeError for what is none.
        """
        checks.check_figure(figure)
        message = panes.figure(tag, figure)
        self._show(tag, lambda: message)

    def flush(self, limit: float = 0.0) -> bool:
        """Return whether the server has everything, after at most `limit` seconds.

        With 0 nothing is waited for: what is new goes within a second in any case.
        """
        return self._sender.flush(limit)

    def close(self, limit: float = 10.0) -> bool:
        """Send all, let the server save it; return whether it did within `limit` seconds."""
        return self._sender.close(limit)

    def _show_images(self, tag: str, batch: Tensor, columns: int, caption: str | None) -> None:
        checks.check_images(batch.shape)
        whole_number(columns, "columns", least=1)
        self._show(tag, functools.partial(panes.images, tag, batch, columns, caption))

    def _show(self, tag: str, compose: functools.partial | object) -> None:
        checks.check_tag(tag)
        if self._sender.notice is not None:
            self._sender.hear()
        self._sender.store.show(tag, compose)


def _address(server: Server | str) -> str:
    """Where the server is now: one that was restarted may be elsewhere."""
    return (server if isinstance(server, str) else server.url).rstrip("/")
