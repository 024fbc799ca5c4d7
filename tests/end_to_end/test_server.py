"""jupyter_config.py, tried on real servers: who gets in, and what is refused."""

import http.cookiejar
import json
import os
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_server.auth.security import set_password

from tests.end_to_end.server import START_LIMIT, running, start

LIMIT = 120  # seconds for what takes one; a loaded machine is slow
PASSWORD = "right horse"
STORED = Path("config", "jupyter_server_config.json")

# These tests speak to loopback only, whatever proxy the machine uses.
DIRECT = urllib.request.ProxyHandler({})


def status(address: str, opener=None, **headers: str) -> int:
    """HTTP status of a GET, or of what a redirection leads to."""
    opener = opener or urllib.request.build_opener(DIRECT)
    request = urllib.request.Request(address, headers=headers)
    try:
        return opener.open(request, timeout=LIMIT).status
    except urllib.error.HTTPError as error:
        return error.code


def log_in(address: str, password: str) -> tuple[int, urllib.request.OpenerDirector]:
    """Status that the login form answers with, and the opener that holds the cookie."""
    cookies = http.cookiejar.CookieJar()
    handler = urllib.request.HTTPCookieProcessor(cookies)
    opener = urllib.request.build_opener(DIRECT, handler)
    opener.open(f"{address}/login", timeout=LIMIT).read()
    secret = next(cookie.value for cookie in cookies if cookie.name == "_xsrf")
    form = urllib.parse.urlencode({"_xsrf": secret, "password": password}).encode()
    try:
        page = f"{address}/login?next=/api/status"
        return opener.open(page, data=form, timeout=LIMIT).status, opener
    except urllib.error.HTTPError as error:
        return error.code, opener


@pytest.fixture(scope="module")
def default(tmp_path_factory) -> Iterator[tuple[str, str | None]]:
    """A server started as `make lab` starts it, but for the port: another may want that too."""
    with running(tmp_path_factory.mktemp("default"), "--port=0") as found:
        yield found


@pytest.fixture(scope="module")
def protected(tmp_path_factory) -> Iterator[str]:
    """A server with a password, stored as `jupyter server password` stores it."""
    home = tmp_path_factory.mktemp("protected")
    (home / "config").mkdir()
    set_password(PASSWORD, str(home / STORED))
    with running(home, "--port=0") as (address, token):
        assert token is None, "with a password, no token belongs into the log"
        yield address


def test_a_stranger_without_the_token_is_refused(default) -> None:
    """The interface says 403, the page sends to the login."""
    address, _ = default
    assert status(f"{address}/api/contents") == 403
    with urllib.request.build_opener(DIRECT).open(f"{address}/lab", timeout=LIMIT) as page:
        assert "/login" in page.url


def test_the_printed_address_opens_the_first_chapter(default) -> None:
    """With its token the address shows JupyterLab, and chapter 00 can be read."""
    address, token = default
    assert status(f"{address}/api/contents?token={token}") == 200
    assert status(f"{address}/lab/tree/notebooks/00_start_here.ipynb?token={token}") == 200


def test_a_page_from_elsewhere_is_refused(default) -> None:
    """A foreign host name that was made to point here does not get in."""
    address, token = default
    assert status(f"{address}/api/status?token={token}", Host="example.org") == 403


def test_a_kernel_starts(default) -> None:
    """Over Unix sockets where they work, over TCP elsewhere."""
    address, token = default
    request = urllib.request.Request(
        f"{address}/api/kernels", data=b"{}", headers={"Authorization": f"token {token}"}
    )
    with urllib.request.build_opener(DIRECT).open(request, timeout=LIMIT) as answer:
        assert answer.status == 201


def test_jupyterlab_asks_nothing_about_news(default) -> None:
    """Its question at the first start, and its fetching, are switched off."""
    address, token = default
    name = "@jupyterlab/apputils-extension:notification"
    opener = urllib.request.build_opener(DIRECT)
    page = f"{address}/lab/api/settings/{name}?token={token}"
    with opener.open(page, timeout=LIMIT) as answer:
        offered = json.load(answer)["schema"]["properties"]
    assert offered["fetchNews"]["default"] == "false"
    assert offered["checkForUpdates"]["default"] is False


def test_a_taken_port_means_the_next_one(tmp_path) -> None:
    """The second learner on one computer gets a port of their own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path, f"--port={port}") as (address, token):
            assert not address.endswith(f":{port}")
            assert status(f"{address}/api/status?token={token}") == 200


def test_a_wrong_password_is_refused(protected) -> None:
    """401, and the page behind stays closed."""
    code, opener = log_in(protected, "wrong horse")
    assert code == 401
    assert status(f"{protected}/api/contents", opener) == 403


def test_the_right_password_opens(protected) -> None:
    """After the login the interface answers."""
    code, opener = log_in(protected, PASSWORD)
    assert code == 200
    assert status(f"{protected}/api/contents", opener) == 200


REFUSED = {
    "every IPv4 address": ["--ip=0.0.0.0"],
    "an empty address": ["--ServerApp.ip="],
    "a public address with a chosen token": ["--ip=*", "--IdentityProvider.token=abc"],
    "no token": ["--IdentityProvider.token="],
    "another login": [
        "--ip=0.0.0.0",
        "--ServerApp.identity_provider_class=jupyter_server.auth.IdentityProvider",
    ],
}


@pytest.mark.parametrize("flags", REFUSED.values(), ids=REFUSED.keys())
def test_flags_cannot_open_the_server(flags: list[str], tmp_path) -> None:
    """The process ends with 1 and one sentence; it never listens."""
    # The guard is the server's, and the bare server starts faster than JupyterLab.
    process, log = start(tmp_path, *flags, program="jupyter_server")
    assert process.wait(START_LIMIT) == 1
    last = log.read_text("utf-8").strip().splitlines()[-1]
    assert last.startswith("jupyter_config.py: ")


BROKEN = {
    "an old hash": ('{"IdentityProvider": {"hashed_password": "sha1:a:b"}}', 0o600, "argon2"),
    "a damaged file": ("{", 0o600, "JSONDecodeError"),
    "a file for all": ('{"IdentityProvider": {"hashed_password": "argon2:a"}}', 0o644, "chmod"),
}


@pytest.mark.parametrize(("text", "mode", "word"), BROKEN.values(), ids=BROKEN.keys())
def test_a_bad_password_never_means_no_password(text, mode, word, tmp_path) -> None:
    """What cannot be trusted stops the server; Jupyter alone would go on without it."""
    if os.name != "posix" and word == "chmod":
        pytest.skip("Windows keeps no such permissions")
    (tmp_path / "config").mkdir()
    (tmp_path / STORED).write_text(text)
    (tmp_path / STORED).chmod(mode)
    process, log = start(tmp_path, program="jupyter_server")
    assert process.wait(START_LIMIT) == 1
    assert word in log.read_text("utf-8")


def test_the_hash_may_come_from_the_environment(tmp_path) -> None:
    """COURSE_PASSWORD_HASH goes through the same checks as the file."""
    process, log = start(tmp_path, program="jupyter_server", COURSE_PASSWORD_HASH="sha1:a:b")
    assert process.wait(START_LIMIT) == 1
    assert "argon2" in log.read_text("utf-8")
