"""The thread behind a board: it collects, thins and sends, and training never waits for it.

The training thread appends to a buffer. This thread empties it at most once in `every`
seconds, and sends each pane that changed as a whole, so that a message that is lost, or
comes twice, does no harm. What the panes show is kept, and goes again to a server that was
killed, stopped or restarted. A pane that cannot be sent is left out, and said; the others go on.

Visdom's own client opens a new connection without a word when the old one broke. For `Link`
that is an error, because a server that was restarted has forgotten what it did not save.
"""

from __future__ import annotations

import http.client
import json
import os
import selectors
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

from helpers.board import _validation
from helpers.board._store import Message, Store

SHARE = 0.03  # of one core's time, at most, for this thread
HURRY = 0.1  # seconds between two tries when the board is being closed
LARGEST_MESSAGE = 2**28  # bytes; the server ends the connection at four times as many
GONE = "this board is closed: make another one"
FORKED = "a board belongs to the process that made it: make one in this process"


class LinkError(ConnectionError):
    """The server did not answer."""


class RefusedError(LinkError):
    """The server answered with an error."""


class UnsendableError(ValueError):
    """A message that is not JSON, or too large for a server."""


class Link:
    """A connection for one thread, which notices that the server went, and never hangs."""

    def __init__(self, address: Callable[[], str], patience: float) -> None:
        """Connect later to what `address` returns then; wait `patience` seconds for an answer."""
        self._address = address
        self._patience = patience
        self._used = ""
        self._connection: http.client.HTTPConnection | None = None

    def post(self, endpoint: str, message: Message) -> str:
        """Return the server's answer.

        Raises:
            UnsendableError: The message cannot be encoded.
            RefusedError: The server answered with an error.
            LinkError: It did not answer.
        """
        body = _encoded(message)
        try:
            connection = self._connect()
            path = f"{urlsplit(self._used).path}/{endpoint}"
            connection.request("POST", path, body)
            answer = connection.getresponse()
            content = answer.read().decode(errors="replace")
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.close()
            raise LinkError(f"{type(error).__name__}: {error}") from error
        if answer.status != http.client.OK:
            raise RefusedError(f"it answered {answer.status} {answer.reason}")
        return content

    def is_broken(self) -> bool:
        """Whether the server closed the connection, or is to be found elsewhere now."""
        if self._connection is None or self._connection.sock is None:
            return False
        if self._used != self._address():
            return True
        # Between two answers the server says nothing, so what comes is the end.
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection.sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def close(self) -> None:
        """End the connection; the next message opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        address = self._address()
        if self._connection is None or address != self._used:
            self.close()
            parts = _validation.split_address(address)
            secure = parts.scheme == "https"
            # The standard library's client follows no proxy of the environment.
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._connection = kind(str(parts.hostname), parts.port, timeout=self._patience)
            self._used = address
        return self._connection


class Sender:
    """Sends to one environment of one server, from a thread of its own.

    Attributes:
        store: What is shown.
        buffer: Tag, value and step of each scalar; appending is all that a caller does.
        notice: None, or what the next caller must hear: see `raise_pending`.
    """

    def __init__(self, link: Link, store: Store, environment: str, every: float) -> None:
        """Start the thread, which alone uses `link`."""
        self.store = store
        self.buffer: deque[tuple] = deque()
        self.notice: str | None = None
        self._pending: deque[str] = deque()  # warnings that nobody has heard
        self._link = link
        self._environment = environment
        self._every = every
        self._failures = 0  # rounds in a row
        self._reason = "it did not answer in time"
        self._unsaved = ""
        self._suspect = ""  # the pane at which the server fell silent
        self._left_out: set[str] = set()  # panes of which it was said that they are left out
        self._warned = False
        self._busy = False
        self._closes = self._closed = self._sent = False
        self._renew_locks()
        self._thread = threading.Thread(target=self._run, name="visdom board", daemon=True)
        _alive.add(self)
        self._thread.start()

    def raise_pending(self) -> None:
        """Warn of what happened in the thread; raise RuntimeError if the board is closed."""
        if self._closes:
            raise RuntimeError(self.notice)
        self.notice = None
        self._warn_pending(stacklevel=4)

    def collect(self) -> None:
        """Put what is in the buffer into the store, and then what was shown meanwhile."""
        with self._order:
            shown = self.store.take_shown()
            taken = [self.buffer.popleft() for _ in range(len(self.buffer))]
            numbers = _validation.read([value for _, value, _ in taken])
            steps = _validation.read([step for _, _, step in taken])
            tags = (tag for tag, _, _ in taken)
            self.store.add(zip(tags, numbers, steps))  # type: ignore[arg-type]  # no value is None
            self.store.replace(shown)

    def flush(self, limit: float) -> bool:
        """Return whether the server has everything, after at most `limit` seconds."""
        if self._closed:
            return self._sent
        if limit <= 0:
            return not self.buffer and not self._busy and self.store.is_unchanged()
        done = threading.Event()
        with self._order:
            self._waiting.append(done)
        self._wake.set()
        return done.wait(limit)

    def close(self, limit: float) -> bool:
        """Send all, let the server save, end the thread; return whether it took `limit` seconds."""
        if self._closed:
            return self._sent
        self.notice = GONE
        self._closes = True
        sent = self.flush(limit)
        self._sent = sent and not self._unsaved
        self._closed = True
        self._wake.set()
        self._thread.join(HURRY)
        if sent and self._unsaved:
            self._pending.append(
                f"visdom's server has what the board shows, but cannot save it ({self._unsaved})."
            )
        elif not sent and not self._warned:
            self._pending.append(
                f"Not all that the board shows has reached visdom's server ({self._reason})."
            )
        self._warn_pending(stacklevel=4)
        return self._sent

    def close_unattended(self, limit: float) -> None:
        """Close, for a board that is gone; without a wait where everything was sent."""
        if threading.current_thread() is self._thread:  # which cannot wait for itself
            threading.Thread(target=self.close, args=(limit,)).start()
        elif self.flush(0.0):
            self._closes = self._closed = self._sent = True
            self._wake.set()
            self._thread.join(HURRY)
        else:
            self.close(limit)

    def abandon_after_fork(self) -> None:
        """Do nothing more: this is a copy in a process that was forked."""
        self._closes = self._closed = True
        self.notice = FORKED
        self.buffer.clear()
        self.store.renew_lock()
        self._renew_locks()
        self._link.close()

    def _renew_locks(self) -> None:
        self._wake = threading.Event()
        self._order = threading.Lock()  # one empties the buffer at a time
        self._waiting: list[threading.Event] = []

    def _run(self) -> None:
        pause = self._every
        while not self._closed:
            self._wake.wait(pause)
            self._wake.clear()
            start = time.thread_time()
            self._round()
            pause = max(self._every, (time.thread_time() - start) / SHARE)
            if self._closes:
                pause = HURRY
        self._link.close()

    def _round(self) -> None:
        """Send what changed; who waits for it is woken, at the latest in a later round."""
        self._busy = True
        with self._order:
            waiting, self._waiting = self._waiting, []
        try:
            self.collect()
            self._deliver()
        except Exception as error:  # training goes on whatever happens here
            self._note_failure(error)
            with self._order:
                self._waiting += waiting
        else:
            self._failures, self._suspect = 0, ""
            for done in waiting:
                done.set()
        self._busy = False

    def _deliver(self) -> None:
        """Send every pane that changed. Raises LinkError where the server is at fault."""
        if self._link.is_broken():
            self.store.mark_changed()
        if self._failures:  # what was sent before it stopped is handled before this
            self._post("env_state", {})
        bad: dict[str, Exception] = {}
        while (taken := self.store.take()) is not None:
            pane, message = taken
            try:
                self._post("events", {"win": pane, **message})
            except (UnsendableError, RefusedError) as error:
                bad[pane] = error
            except LinkError as error:
                if pane != self._suspect:
                    self._suspect = pane
                    raise
                bad[pane] = error  # again, though the server has just answered
        if bad:
            self._leave_out(bad)
        if self._closes and not self._unsaved:
            try:
                self._post("save", {"data": [self._environment]})
            except RefusedError as error:
                self._unsaved = str(error)

    def _leave_out(self, bad: dict[str, Exception]) -> None:
        """Say of each pane, once, that it is left out until it changes.

        Where the server refuses every request it is at fault, not the panes: that is raised.
        """
        try:
            self._post("env_state", {})
        except LinkError:
            self.store.mark_changed(bad)
            raise
        for pane, error in bad.items():
            if pane not in self._left_out:
                self._left_out.add(pane)
                self._notify(
                    f"The pane {_validation.short(pane)} is left out, as it cannot be sent to "
                    f"visdom's server ({error}). The others are shown."
                )

    def _post(self, endpoint: str, message: Message) -> None:
        self._link.post(endpoint, {"eid": self._environment, **message})

    def _note_failure(self, error: Exception) -> None:
        """Note what happened; the second time in a row somebody has to know."""
        self._failures += 1
        self._reason = str(error)
        if not isinstance(error, RefusedError):
            self.store.mark_changed()
        if self._failures == 2 and not self._warned and not self._closes:
            self._warned = True
            self._notify(
                f"visdom's server does not take what the board sends ({error}). Training goes "
                "on; the board keeps everything, and sends it when the server is back."
            )

    def _notify(self, text: str) -> None:
        """Keep a warning for the next call; Python's warnings belong to the caller's thread."""
        self._pending.append(text)
        if not self._closes:
            self.notice = text

    def _warn_pending(self, stacklevel: int) -> None:
        while self._pending:
            warnings.warn(self._pending.popleft(), RuntimeWarning, stacklevel=stacklevel)


def _encoded(message: Message) -> bytes:
    """A message as JSON that every browser reads. Raises UnsendableError."""
    try:
        body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        raise UnsendableError(f"{type(error).__name__}: {error}") from error
    if len(body) > LARGEST_MESSAGE:
        raise UnsendableError(f"{len(body):,} bytes; a server takes {LARGEST_MESSAGE:,}")
    return body


_alive: weakref.WeakSet[Sender] = weakref.WeakSet()


def _after_fork() -> None:
    for sender in list(_alive):
        sender.abandon_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
