"""jupyter_config.py, tried on real servers: who gets in, and what is refused."""

import http.cookiejar
import json
import os
import socket
import stat
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_server.auth.security import passwd, set_password

from tests.end_to_end.server import START_LIMIT, running, start
from tests.end_to_end.visitor import Visitor
from tools import jupyter_settings, password

LIMIT = 120  # seconds for what takes one; a loaded machine is slow
PASSWORD = "right horse"
STORED = Path("config", "jupyter_server_config.json")
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such permissions")

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
        told = (home / "server.log").read_text("utf-8")
        assert "note:" not in told, "what `make password` writes is no mistake"
        assert len(told.splitlines()) == 3, "the workbook, the address, and how to end it"
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
    assert status(f"{address}/lab/tree/00_start_here.ipynb?token={token}") == 200
    assert status(f"{address}/api/contents/00_start_here.ipynb?token={token}") == 200


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


def test_a_home_too_deep_for_sockets_means_encryption(tmp_path) -> None:
    """Kernels then use ports, which every user of the computer can reach."""
    deep = tmp_path / ("deep" * 20)
    deep.mkdir()
    with running(deep, "--port=0", program="jupyter_server") as (address, token):
        visitor = Visitor(address, "/", {"Authorization": f"token {token}"})
        (printed,) = visitor.start_kernel()("print(6 * 7)")
        assert printed["text"] == "42\n"
        (file,) = (deep / "runtime").glob("kernel-*.json")
        connection = json.loads(file.read_text())
        assert connection["transport"] == "tcp" and connection["curve_secretkey"]


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
    "a password of an old kind": ["--PasswordIdentityProvider.hashed_password=sha1:a:b"],
    "half a password": ["--PasswordIdentityProvider.hashed_password=argon2:=19"],
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
    "a file of another form": ("[1]", 0o600, "jupyter_server_config.json"),
    "a setting of another form": ('{"IdentityProvider": "x"}', 0o600, "IdentityProvider must"),
    "a password of another form": (
        '{"IdentityProvider": {"hashed_password": 5}}',
        0o600,
        "hashed_password",
    ),
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


MISTAKES = {
    "a syntax error": ("jupyter_lab_config.py", "c.ServerApp.port = ((", "line 1: "),
    "a missing module": ("jupyter_lab_config.py", "\nimport nothing_such", "line 2: Module"),
    "damaged JSON": ("jupyter_lab_config.json", "{", "JSONDecodeError"),
    "JSON without braces": ("jupyter_server_config.d/mine.json", "[1]", "in braces"),
    "extensions in a list": (
        "jupyter_server_config.json",
        '{"ServerApp": {"jpserver_extensions": [1]}}',
        "in braces",
    ),
    "a value of a wrong type": (
        "jupyter_lab_config.py",
        "c.ServerApp.port = 'abc'",
        "'port' trait",
    ),
    "no token": ("jupyter_config.py", "c.IdentityProvider.token = ''", "empty token"),
    "an old password": (
        "jupyter_config.json",
        '{"PasswordIdentityProvider": {"hashed_password": "sha1:a:b"}}',
        "not an argon2 hash",
    ),
}


@pytest.mark.parametrize(("name", "text", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_in_the_readers_own_settings_are_named(name, text, words, tmp_path) -> None:
    """With the file, in one sentence; Jupyter alone shows a traceback and goes on."""
    path = tmp_path / "config" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o600)
    process, log = start(tmp_path, program="jupyter_server")
    assert process.wait(START_LIMIT) == 1
    said = log.read_text("utf-8")
    assert said.splitlines()[-1].startswith("jupyter_config.py: ")
    assert str(path) in said.splitlines()[-1]
    assert words in said.splitlines()[-1]
    assert "Traceback" not in said


def test_old_and_unknown_names_are_notes(tmp_path) -> None:
    """The server starts, and says in which file they stand and what to write."""
    (tmp_path / "config").mkdir()
    lab = "c.NotebookApp.port_retries = 5\nc.ServerApp.nothing_such = 1\n"
    (tmp_path / "config" / "jupyter_lab_config.py").write_text(lab)
    (tmp_path / "config" / "jupyter_server_config.py").write_text("c.ServerApp.ip = ((")
    with running(tmp_path, "--port=0") as (address, token):
        assert status(f"{address}/api/status?token={token}") == 200
    said = (tmp_path / "server.log").read_text("utf-8")
    notes = [line for line in said.splitlines() if line.startswith("jupyter_config.py: note: ")]
    assert "jupyter_server_config.py has a mistake (line 1: " in notes[0]
    today = "NotebookApp.port_retries (today: ServerApp.port_retries)"
    assert "jupyter_lab_config.py uses old names" in notes[1] and today in notes[1]
    assert "ServerApp.nothing_such" in notes[2]
    assert len(notes) == 3
    assert "Traceback" not in said


OLD = {
    "a notebook's password": (
        "jupyter_notebook_config.py",
        "c.NotebookApp.password = 'sha1:67c9e60bb8b6:9ffede0825894254b2e042ea597d771089e11aed'\n",
        ["is not read any more", "NotebookApp.password (today: make password)"],
    ),
    "the old function": (
        "jupyter_notebook_config.py",
        "from notebook.auth import passwd\nc.NotebookApp.ip = '*'\n# c.NotebookApp.port = 9999\n",
        ["NotebookApp.ip (today: ServerApp.ip)", "notebook.auth.passwd is gone: run make password"],
    ),
    "JSON of the notebook": (
        "jupyter_notebook_config.json",
        '{"NotebookApp": {"token": "", "notebook_dir": "/srv"}}',
        ["(today: IdentityProvider.token)", "(today: ServerApp.root_dir)"],
    ),
}


@pytest.mark.parametrize(("name", "text", "words"), OLD.values(), ids=OLD.keys())
def test_what_old_notes_say_is_explained(name, text, words, tmp_path, monkeypatch, capsys) -> None:
    """In a note that names the file and what to write today; a comment is no setting."""
    (tmp_path / name).write_text(text)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "")
    jupyter_settings.read_all()
    said = capsys.readouterr().err
    assert str(tmp_path / name) in said
    assert all(word in said for word in words), said
    assert "port" not in said


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("sha1:67c9e60bb8b6:9ffede0825894254b2e042ea597d771089e11aed", "is a sha1 hash of older"),
        ("pbkdf2:sha256:150000$x$y", "is a pbkdf2 hash of older notes"),
        ("argon2:$argon2id$v=19", "is not an argon2 hash"),
        ("", "is not an argon2 hash"),
        (7, "is not an argon2 hash"),
    ],
)
def test_what_is_wrong_with_a_hash_is_said(found, words) -> None:
    """An old kind by its name; a whole one has no fault."""
    assert words in password.fault(found)
    assert password.fault(passwd(PASSWORD)) == ""


@POSIX
def test_others_cannot_read_the_token(tmp_path) -> None:
    """A runtime folder that was there, open to all, is closed before the server starts."""
    (tmp_path / "runtime").mkdir(mode=0o755)
    (tmp_path / "runtime").chmod(0o755)
    with running(tmp_path, "--port=0", program="jupyter_server"):
        assert list((tmp_path / "runtime").glob("jpserver-*-open.html"))
        assert stat.S_IMODE((tmp_path / "runtime").stat().st_mode) == 0o700


@POSIX
def test_a_folder_of_somebody_else_is_refused(tmp_path) -> None:
    """Their owner could read the token, whatever its mode."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    (tmp_path / "runtime").mkdir(mode=0o700)
    os.chown(tmp_path / "runtime", 65534, 65534)
    process, log = start(tmp_path, program="jupyter_server")
    assert process.wait(START_LIMIT) == 1
    assert f"others can read {tmp_path / 'runtime'}" in log.read_text("utf-8")


@POSIX
@pytest.mark.parametrize("variable", ["JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"])
def test_a_folder_that_cannot_be_written_is_named(variable, tmp_path) -> None:
    """As in a read-only home: with the variable that leads elsewhere."""
    process, log = start(tmp_path, program="jupyter_server", **{variable: "/dev/null/home"})
    assert process.wait(START_LIMIT) == 1
    said = log.read_text("utf-8")
    assert said.splitlines()[-1].endswith(f"Set {variable} to another folder.")
    assert "Traceback" not in said


@pytest.mark.parametrize("text", [None, " "], ids=["missing", "empty"])
def test_a_file_without_a_token_is_named(text, tmp_path) -> None:
    """JUPYTER_TOKEN_FILE may lead nowhere, or to a file that holds none."""
    if text is not None:
        (tmp_path / "token").write_text(text)
    extra = {"JUPYTER_TOKEN_FILE": str(tmp_path / "token")}
    process, log = start(tmp_path, program="jupyter_server", **extra)
    assert process.wait(START_LIMIT) == 1
    last = log.read_text("utf-8").splitlines()[-1]
    assert last.startswith("jupyter_config.py: ")
    assert "JUPYTER_TOKEN_FILE" in last
