"""What a page shows of a running cell survives a broken connection (jupyter_config.py asks for it).

Jupyter's server keeps what a kernel says while no page is connected. It loses what it had sent
when the connection was dead and nobody had noticed: a laptop that was closed, a network that went
away. That can be two minutes of output, or the end of a cell, which then seems to run for ever.

Here each message is kept until the page has confirmed it. A ping with a number follows it, and a
browser answers pings by itself, in order. What was not confirmed is sent again to the same page.
A message whose confirmation was lost on the way arrives twice: better than never.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

MOST = 50_000_000  # bytes that are kept unconfirmed; a server without a limit could be filled
MARK = b"course "


class Connection(ZMQChannelsWebsocketConnection):
    """A page's connection to a kernel; loses nothing when the page comes back."""

    def __init__(self, **settings: Any) -> None:
        """Take Jupyter's settings."""
        super().__init__(**settings)
        self._unconfirmed: deque[tuple[int, str, list[Any], int]] = deque()
        self._bytes = 0
        self._sent = 0  # messages, all told
        self._asked = 0  # the last message for which a confirmation was asked
        self._has_ended = False
        self._is_replaying = False

    async def _register_session(self) -> None:
        """Take the place of a connection of the same page that is dead and was not noticed."""
        stale = self._open_sessions.get(f"{self.kernel_id}:{self.session.session}")
        if stale is not None and getattr(stale, "connection", None) is not None:
            stale.connection.disconnect()  # now, so that this connection finds what it leaves
            stale.close()
        await super()._register_session()

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        """Connect, and send what was kept; no limit on the rate drops that."""
        self._is_replaying = True
        handler, pong = self.websocket_handler, self.websocket_handler.on_pong

        def confirm(data: bytes) -> None:
            pong(data)
            if data.startswith(MARK):
                self._confirm(int(data.removeprefix(MARK)))

        handler.on_pong = confirm  # type: ignore[method-assign]
        connected = super().connect()
        if connected is not None:  # the callbacks that send what was kept come before this one
            connected.add_done_callback(lambda _: setattr(self, "_is_replaying", False))
        return connected

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Send a message, and keep it until the page has it."""
        channel = stream if isinstance(stream, str) else stream.channel
        size = sum(map(len, outgoing_msg))
        self._sent += 1
        self._unconfirmed.append((self._sent, channel, outgoing_msg, size))
        self._bytes += size
        while self._bytes > MOST:
            self._bytes -= self._unconfirmed.popleft()[-1]
        super().handle_outgoing_message(stream, outgoing_msg)
        if self._asked < self._sent - 1 or self._asked == self._sent:
            return  # the ping that is due asks for this one too
        asyncio.get_running_loop().call_soon(self._ask)

    def disconnect(self) -> None:  # type: ignore[override]
        """End the connection once; what the page has not confirmed comes before what follows."""
        if self._has_ended:
            return
        self._has_ended = True
        super().disconnect()
        kept = self.multi_kernel_manager._kernel_buffers
        if self.kernel_id in kept and kept[self.kernel_id]["session_key"] == self.session_key:
            missed = [(channel, message) for _, channel, message, _ in self._unconfirmed]
            kept[self.kernel_id]["buffer"][:0] = missed

    def _limit_rate(self, channel: str, msg: Any, msg_list: Any) -> bool:
        return not self._is_replaying and super()._limit_rate(channel, msg, msg_list)

    def _ask(self) -> None:
        """Ask the page to confirm all that was sent so far."""
        self._asked = self._sent
        try:
            self.websocket_handler.ping(MARK + str(self._sent).encode())
        except (WebSocketClosedError, StreamClosedError):
            return  # its end is about to be noticed

    def _confirm(self, number: int) -> None:
        """Forget what the page has."""
        while self._unconfirmed and self._unconfirmed[0][0] <= number:
            self._bytes -= self._unconfirmed.popleft()[-1]
