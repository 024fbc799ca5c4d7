"""The thread behind a board: it collects, thins and sends, and training never waits for it.

The training thread appends to a buffer. This thread empties it at most once in `every`
seconds, and sends each pane that changed as a whole, so that a message that is lost, or
comes twice, does no harm. What the panes show is kept, and goes again to a server that was
killed, stopped or restarted.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
import weakref
from collections import deque

from helpers.board import values
from helpers.board.link import Link, RefusedError
from helpers.board._store import Store

SHARE = 0.03  # of one core's time, at most, for this thread
HURRY = 0.1  # seconds between two tries when the board is being closed
GONE = "this board is closed: make another one"
FORKED = "a board belongs to the process that made it: make one in this process"


class Sender:
    """Sends to one environment of one server, from a thread of its own.

    Attributes:
        store: What is shown.
        buffer: Tag, value and step of each scalar; appending is all that a caller does.
        notice: None, or what the next caller has to be told: see `hear`.
    """

    def __init__(self, link: Link, store: Store, environment: str, every: float) -> None:
        """Start the thread, which alone uses `link`."""
        self.store = store
        self.buffer: deque[tuple] = deque()
        self.notice: str | None = None
        self._link = link
        self._environment = environment
        self._every = every
        self._failures = 0  # rounds in a row
        self._reason = "it did not answer in time"
        self._unsaved = ""
        self._warned = False
        self._busy = False
        self._closes = self._closed = self._sent = False
        self._renew()
        self._thread = threading.Thread(target=self._run, name="visdom board", daemon=True)
        _alive.add(self)
        self._thread.start()

    def hear(self) -> None:
        """Warn, or raise RuntimeError if nothing can be sent any more."""
        text = self.notice
        if self._closes:
            raise RuntimeError(text)
        self.notice = None
        if text is not None:
            warnings.warn(text, RuntimeWarning, stacklevel=3)

    def collect(self) -> None:
        """Put what is in the buffer into the store, and then what was shown meanwhile."""
        with self._order:
            shown = self.store.shown()
            taken = [self.buffer.popleft() for _ in range(len(self.buffer))]
            numbers = values.read([value for _, value, _ in taken])
            steps = values.read([step for _, _, step in taken])
            self.store.add(zip((tag for tag, _, _ in taken), numbers, steps))
            self.store.place(shown)

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
        text, self.notice = self.notice, GONE
        self._closes = True
        sent = self.flush(limit)
        self._sent = sent and not self._unsaved
        self._closed = True
        self._wake.set()
        self._thread.join(HURRY)
        if sent and self._unsaved:
            text = (
                f"visdom's server has what the board shows, but cannot save it ({self._unsaved})."
            )
        elif not sent and not self._warned:
            text = f"Not all that the board shows has reached visdom's server ({self._reason})."
        if text is not None:
            warnings.warn(text, RuntimeWarning, stacklevel=3)
        return self._sent

    def leave(self, limit: float) -> None:
        """Close, for a board that is gone; without a wait where everything was sent."""
        if threading.current_thread() is self._thread:  # which cannot wait for itself
            threading.Thread(target=self.close, args=(limit,)).start()
        elif self.flush(0.0):
            self._closes = self._closed = self._sent = True
            self._wake.set()
            self._thread.join(HURRY)
        else:
            self.close(limit)

    def forget(self) -> None:
        """Do nothing more: this is a copy in a process that was forked."""
        self._closes = self._closed = True
        self.notice = FORKED
        self.buffer.clear()
        self.store.renew()
        self._renew()
        self._link.close()

    def _renew(self) -> None:
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
        """Send what changed; who waits for it is told, at the latest in a later round."""
        self._busy = True
        with self._order:
            waiting, self._waiting = self._waiting, []
        try:
            self.collect()
            self._deliver()
        except Exception as error:  # training goes on whatever happens here
            self._fail(error)
            with self._order:
                self._waiting += waiting
        else:
            self._failures = 0
            for done in waiting:
                done.set()
        self._busy = False

    def _deliver(self) -> None:
        if self._link.is_broken():
            self.store.change()
        if self._failures:  # what was sent before it stopped is handled before this
            self._post("env_state", {})
        refused = {}
        while (taken := self.store.take()) is not None:
            pane, message = taken
            try:
                self._post("events", {"win": pane, **message})
            except RefusedError as error:
                refused[pane] = error
        if refused:
            self.store.change(refused)
            raise next(iter(refused.values()))
        if self._closes and not self._unsaved:
            try:
                self._post("save", {"data": [self._environment]})
            except RefusedError as error:
                self._unsaved = str(error)

    def _post(self, endpoint: str, message: dict) -> None:
        self._link.post(endpoint, {"eid": self._environment, **message})

    def _fail(self, error: Exception) -> None:
        """Note what happened; the second time in a row somebody has to know."""
        self._failures += 1
        self._reason = str(error)
        if not isinstance(error, RefusedError):
            self.store.change()
        if self._failures == 2 and not self._warned and not self._closes:
            self._warned = True
            self.notice = (
                f"visdom's server does not take what the board sends ({error}). Training goes "
                "on; the board keeps everything, and sends it when the server is back."
            )


_alive: weakref.WeakSet[Sender] = weakref.WeakSet()


def _after_fork() -> None:
    for sender in list(_alive):
        sender.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
