"""Someone who uses a Jupyter server as a browser does: pages, a login, a kernel."""

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import websocket

DIRECT = urllib.request.ProxyHandler({})
LIMIT = 180  # seconds for what takes one or two; a loaded machine is slow


@dataclass
class Visitor:
    """Someone with a browser: cookies, and what is sent along with each request."""

    origin: str
    prefix: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def ask(
        self, path: str, data: bytes | None = None, method: str | None = None, **headers: str
    ) -> tuple[int, str, str]:
        """Status, address and text of the answer, redirections followed."""
        handler = urllib.request.HTTPCookieProcessor(self.cookies)
        request = urllib.request.Request(
            urllib.parse.urljoin(self.origin, path),
            data,
            {**self.headers, **headers},
            method=method,
        )
        try:
            with urllib.request.build_opener(DIRECT, handler).open(request, timeout=LIMIT) as page:
                return page.status, page.url, page.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.url, ""

    def connect(self, path: str, origin: str | None = None) -> websocket.WebSocket:
        """An open websocket; raises where it is refused."""
        return websocket.create_connection(
            self.origin.replace("http", "ws", 1) + path,
            origin=origin or self.origin,
            header=self.headers,
            cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies),
            timeout=LIMIT,
        )

    def log_in(self, password: str) -> None:
        """As the form does; afterwards a cookie is enough."""
        page = f"{self.prefix}login"
        self.ask(page)
        secret = next(cookie.value for cookie in self.cookies if cookie.name == "_xsrf")
        form = urllib.parse.urlencode({"_xsrf": secret, "password": password})
        assert self.ask(page, form.encode())[0] == 200
        secret = next(cookie.value for cookie in self.cookies if cookie.name == "_xsrf")
        self.headers["X-XSRFToken"] = secret

    def start_kernel(self, notebook: str | None = None) -> Callable[[str], list[dict]]:
        """Start a kernel, as for a notebook; returns a function that runs code, for its outputs."""
        wanted = {} if notebook is None else {"path": notebook}
        status, _, text = self.ask(f"{self.prefix}api/kernels", json.dumps(wanted).encode())
        assert status == 201
        channels = self.connect(f"{self.prefix}api/kernels/{json.loads(text)['id']}/channels")
        return lambda code: list(outputs(channels, code))


def outputs(channels: websocket.WebSocket, code: str) -> Iterator[dict]:
    """Run `code`, and give the content of each of its outputs until it has ended."""
    mine = uuid.uuid4().hex
    header = {"msg_id": mine, "msg_type": "execute_request", "version": "5.3"}
    header |= {"session": "test", "username": "test"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell"}
    channels.send(json.dumps({**message, "content": {"code": code}, "buffers": []}))
    while True:
        answer = json.loads(channels.recv())
        if answer["parent_header"].get("msg_id") != mine:
            continue
        if answer["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            yield answer["content"]
        if answer["content"].get("execution_state") == "idle":
            return
