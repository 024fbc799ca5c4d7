"""Visdom's web application, made safe to leave running beside a training run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import visdom.server.app as upstream
from tornado.httputil import HTTPServerRequest
from tornado.web import ErrorHandler, RequestHandler
from tornado.websocket import WebSocketHandler
from visdom.server.handlers import socket_handlers, web_handlers

from helpers.board import _storage as environments

PAGES = {"", "events", "update", "close", "save", "delete_env", "fork_env", "compare", "env"}
PAGES |= {"win_exists", "win_data", "win_hash", "env_state", "static", "user"}
PAGES |= {"socket", "socket_wrap", "vis_socket", "vis_socket_wrap"}
LEASE = "lease"
# A frame under a cell is narrow: there, without this, the bar lies over the panes. Visdom
# writes a picture's caption twice, above and below it.
STYLE = """
.navbar-form { display: flow-root; height: auto; }
.navbar-form .input-group { display: inline-table; width: auto; vertical-align: middle; }
.navbar-form .input-group .form-control { width: auto; }
.navbar-form .input-group-btn { width: auto; }
.content > .caption { display: none; }
.content .content-image { margin: 0 auto; }
"""


class Application(upstream.Application):
    """Answers under its secret base URL alone, and to no page from another origin.

    Attributes:
        users: Who needs the server; when the last one leaves, `unused` is set.
    """

    def __init__(self, settings: dict, port: int) -> None:
        """Load every environment of `settings`; the keys are those of `launch.Settings`."""
        for module in (upstream, socket_handlers, web_handlers):
            module.serialize_env = environments.save
        static = settings["static"]
        upstream.tornado_settings.update(
            static_path=static, template_path=static, autoreload=False, serve_traceback=False
        )
        self.any_origin = settings["any_origin"]
        self.users: set[object] = set()
        self.unused = asyncio.Event()
        self.changed = False
        base = settings["base"].format(port=port)
        super().__init__(port, base, settings["environments"], eager_data_loading=True)

    def load_state(self) -> dict[str, dict]:
        """Read all environments at once: a lazy one would be saved as nothing."""
        return environments.load(Path(self.env_path))

    def load_user_settings(self) -> dict[str, str]:
        """The user's own style follows the course's."""
        settings = super().load_user_settings()
        return {**settings, "user_css": STYLE + settings["user_css"]}

    def save(self) -> None:
        """Write all environments, if one may have changed since the last time."""
        if self.changed or self.subs:
            environments.save(self.state, list(self.state), self.env_path)
            self.changed = False  # not before: what a full disk refused is tried again

    def find_handler(self, request: HTTPServerRequest, **kwargs):
        """Refuse before any of visdom's own handlers sees the request."""
        status = self.refusal(request)
        if status:
            return self.get_handler_delegate(request, ErrorHandler, {"status_code": status})
        if request.path == f"{self.base_url}/{LEASE}":
            return self.get_handler_delegate(request, Lease, {"users": self})
        return super().find_handler(request, **kwargs)

    def log_request(self, handler: RequestHandler) -> None:
        """Note a change once its request has been handled.

        When the request begins to arrive is too early: what is saved before the rest has come
        lacks the change, and nothing would be left to save.
        """
        self.changed = self.changed or handler.request.method == "POST"
        super().log_request(handler)

    def refusal(self, request: HTTPServerRequest) -> int:
        """The HTTP status to refuse with, or 0."""
        origin = request.headers.get("Origin")
        if origin and not self.any_origin and urlsplit(origin).netloc != request.host:
            return 403
        base, _, rest = request.path.partition(self.base_url)
        page, _, after = rest.removeprefix("/").partition("/")
        inside = not base and (not rest or rest.startswith("/"))
        return 0 if inside and page in PAGES | {LEASE} and (page or not after) else 404

    def join(self, user: object) -> None:
        """Note that `user` needs the server."""
        self.users.add(user)

    def leave(self, user: object) -> None:
        """Note that `user` is gone."""
        self.users.discard(user)
        if not self.users:
            self.unused.set()


class Lease(WebSocketHandler):
    """A connection that is open for as long as another process needs the server."""

    def initialize(self, users: Application) -> None:
        """Take the application that counts its users."""
        self.users = users

    def open(self) -> None:
        """Count this user."""
        self.users.join(self)

    def on_message(self, message: str | bytes) -> None:
        """Nothing is said over a lease."""

    def on_close(self) -> None:
        """The process left, or died: the system closes its connections."""
        self.users.leave(self)
