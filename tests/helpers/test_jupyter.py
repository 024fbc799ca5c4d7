"""What a kernel asks the Jupyter server that it belongs to."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from helpers import _jupyter

TOKEN = "a secret of Jupyter's"


class Answers(http.server.BaseHTTPRequestHandler):
    """Says 404 below /nowhere, and notes who asked with which token."""

    def do_GET(self) -> None:
        """Answer."""
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(404 if self.path.startswith("/nowhere") else 200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    """A server on 127.0.0.1 that stands for Jupyter."""
    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as answering:
        answering.asked = []
        thread = threading.Thread(target=answering.serve_forever)
        thread.start()
        yield answering
        answering.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "example.invalid", "192.0.2.1"])
@pytest.mark.parametrize(("path", "passed"), [("/proxy/1/", True), ("/nowhere", False)])
def test_its_token_goes_to_this_machine_alone(
    server, monkeypatch, host: str, path: str, passed: bool
) -> None:
    """Whatever it calls itself."""
    port = server.server_address[1]
    noted = {"base_url": "/", "url": f"http://{host}:{port}/", "port": port, "token": TOKEN}
    monkeypatch.setattr(_jupyter, "running", lambda: noted)
    assert _jupyter.proxy_available(path) is passed
    assert server.asked == [(path, f"token {TOKEN}")]


def test_outside_jupyter_nothing_is_passed_on(monkeypatch) -> None:
    """There is nobody to ask."""
    monkeypatch.setattr(_jupyter, "running", lambda: None)
    assert not _jupyter.proxy_available("/proxy/1/")
    assert (_jupyter.base(), _jupyter.proxied_path(1, "/a/")) == ("", "/a/")
