"""One connection to a visdom server, which notices that the server went, and never hangs.

Visdom's own client opens a new connection without a word when the old one broke. Here
that is an error, because a server that was restarted has forgotten what it did not save.
The standard library's client follows no proxy of the environment.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import selectors
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit


class LinkError(ConnectionError):
    """The server did not answer."""


class RefusedError(LinkError):
    """The server answered with an error."""


class Link:
    """A connection for one thread."""

    def __init__(self, address: Callable[[], str], patience: float) -> None:
        """Connect later to what `address` returns then; wait `patience` seconds for an answer."""
        self._address = address
        self._patience = patience
        self._used = ""
        self._connection: http.client.HTTPConnection | None = None

    def post(self, endpoint: str, message: dict[str, object]) -> str:
        """Return the server's answer. Raises RefusedError and LinkError."""
        body = json.dumps(message, separators=(",", ":"))
        try:
            self._connect()
            path = f"{urlsplit(self._used).path}/{endpoint}"
            self._connection.request("POST", path, body)
            answer = self._connection.getresponse()
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

    def _connect(self) -> None:
        address = self._address()
        if self._connection is not None and address == self._used:
            return
        self.close()
        parts = split(address)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=self._patience)
        self._used = address


def split(address: str) -> SplitResult:
    """Return the parts of an address. Raises ValueError if it is none."""
    with contextlib.suppress(ValueError):  # of a port that is no number, or beyond 65535
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    raise ValueError(
        f"{address!r} is no address of a server: give one such as http://127.0.0.1:8097"
    )
