"""Two users of one computer, one course: neither reaches what is the other's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end import users
from tests.end_to_end.far import copy_course
from tests.end_to_end.required import IN_CI, go_without
from tests.end_to_end.users import User
from tests.end_to_end.visitor import Visitor

ANSWER = "what ada has answered"
# Runs as one of the users, who looks for the secrets of another wherever that may be.
PROBE = """
import json, os, socket, stat, sys, urllib.error, urllib.request
secrets, folder, owner = json.loads(sys.stdin.read())
found = {"files": [], "processes": [], "sockets": [], "pages": []}

def is_hers(path):
    try:
        return os.lstat(path).st_uid == owner
    except OSError:
        return False

def look(path):
    try:
        with open(path, "rb") as file:
            content = file.read(1_000_000)
    except OSError:
        return False
    return any(secret.encode() in content for secret in secrets)

for top in (folder, "/tmp", "/run", "/dev/shm"):
    for here, below, names in os.walk(top):
        if top != folder:  # others have a lot there
            below[:] = [name for name in below if is_hers(os.path.join(here, name))]
        for name in names:
            path = os.path.join(here, name)
            try:
                kind = os.lstat(path)
            except OSError:
                continue
            if kind.st_uid != owner:
                continue
            if stat.S_ISREG(kind.st_mode) and look(path):
                found["files"].append(path)
            if stat.S_ISSOCK(kind.st_mode):
                with socket.socket(socket.AF_UNIX) as way:
                    try:
                        way.connect(path)
                        found["sockets"].append(path)
                    except OSError:
                        pass
for number in filter(str.isdigit, os.listdir("/proc")):
    try:
        if os.stat("/proc/" + number).st_uid != owner:
            continue
    except OSError:
        continue
    for name in ("cmdline", "environ"):
        if look(f"/proc/{number}/{name}"):
            found["processes"].append(name)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for line in open("/proc/net/tcp").read().splitlines()[1:]:
    fields = line.split()
    if fields[3] != "0A" or int(fields[7]) != owner:
        continue
    port = int(fields[1].rpartition(":")[2], 16)
    with socket.create_connection(("127.0.0.1", port), 20) as way:
        way.settimeout(2)
        try:
            greeting = way.recv(1)
        except OSError:
            greeting = b""
    if greeting == bytes([255]):
        found["pages"].append([port, "", "takes what forked processes print"])
        continue
    for path in ("/", "/api/contents", "/api/kernels", "/env/main", "/lab"):
        try:
            page = opener.open(f"http://127.0.0.1:{port}{path}", timeout=60)
            status, address, text = page.status, page.url, page.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            status, address, text = error.code, error.url, ""
        except (OSError, urllib.error.URLError) as error:
            status, address, text = type(error).__name__, "", ""
        is_login = "/login" in address
        found["pages"].append([port, path, "login" if is_login else status])
        if any(secret in text for secret in secrets):
            found["files"].append(address)
print(json.dumps(found))
"""


class Scene(NamedTuple):
    """Two users and the course that both use."""

    ada: User
    bob: User
    course: Path
    server: dict[str, Any]
    secrets: list[str]


def serve(user: User, course: Path, action: str, **extra: str) -> subprocess.CompletedProcess:
    """Run tools.server as a user."""
    extra.setdefault("COURSE_WORKBOOK", str(user.home / "workbook"))
    return user.run(sys.executable, "-m", "tools.server", action, cwd=course, **extra)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Ada's server runs, with a kernel and visdom, and her workbook holds an answer."""
    reason = users.missing()
    if reason:
        go_without(reason, required=IN_CI and reason != "only root can make users, and on Linux")
    with users.two() as (ada, bob, base):
        course = copy_course(base / "cours é")
        subprocess.run(["chmod", "-R", "a+rX,go-w", str(course)], check=True)
        # What IPython has noted before the course came.
        noted = "import pathlib; here = pathlib.Path('.ipython/profile_default')\n"
        noted += "here.mkdir(parents=True); (here / 'history.sqlite').touch()"
        assert ada.run(sys.executable, "-c", noted).returncode == 0
        done = serve(ada, course, "start")
        assert done.returncode == 0, done.stderr
        server = json.loads(done.stdout)
        token = {"Authorization": f"token {server['token']}"}
        learner = Visitor(f"http://127.0.0.1:{server['port']}", "/", token)
        run = learner.start_kernel()
        code = f"open({str(ada.home / 'workbook' / 'mine.txt')!r}, 'w').write({ANSWER!r})\n"
        code += "from helpers import board; server = board.start()\n"
        code += "import json; from ipykernel import get_connection_file\n"
        code += "print(json.load(open(get_connection_file()))['key'])"
        (printed,) = run(code)
        assert "text" in printed, printed
        yield Scene(ada, bob, course, server, [server["token"], ANSWER, printed["text"].strip()])
        assert serve(ada, course, "stop").returncode == 0


def probe(scene: Scene, user: User) -> dict[str, list]:
    """What a user finds of Ada's."""
    known = json.dumps([scene.secrets, str(scene.ada.home), scene.ada.number])
    done = user.run(sys.executable, "-c", PROBE, said=known)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_another_user_reads_nothing(scene: Scene) -> None:
    """No token, no key of a kernel, no answer: in no file, process, socket or page."""
    found = probe(scene, scene.bob)
    assert found["files"] == []
    assert found["processes"] == []
    assert found["sockets"] == []
    assert found["pages"], "Ada's server was not looked at"
    allowed = {403, 404, "login", "takes what forked processes print"}
    assert {status for _, path, status in found["pages"] if path != "/"} <= allowed, found


def test_its_owner_finds_all_of_it(scene: Scene) -> None:
    """So the search would have found it."""
    found = probe(scene, scene.ada)
    names = " ".join(found["files"])
    assert "server.json" in names and "jpserver" in names and "kernel-" in names
    assert str(scene.ada.home / "workbook" / "mine.txt") in found["files"]
    assert "history.sqlite" in names
    assert found["sockets"]


def test_another_user_neither_finds_nor_stops_the_server(scene: Scene) -> None:
    """Not even with the other's folder named."""
    assert json.loads(serve(scene.bob, scene.course, "status").stdout) == {"state": "none"}
    assert serve(scene.bob, scene.course, "stop").returncode == 0
    hers = str(scene.ada.home / ".local" / "share" / "pytorch-course")
    done = serve(scene.bob, scene.course, "stop", COURSE_HOME=hers)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    now = json.loads(serve(scene.ada, scene.course, "status").stdout)
    assert now["pid"] == scene.server["pid"]


def test_another_user_gets_a_server_of_their_own(scene: Scene) -> None:
    """From the same course, which neither of them may write to."""
    done = serve(scene.bob, scene.course, "start")
    assert done.returncode == 0, done.stderr
    his = json.loads(done.stdout)
    assert his["port"] != scene.server["port"]
    assert his["token"] != scene.server["token"]
    wrong = {"Authorization": f"token {his['token']}"}
    visitor = Visitor(f"http://127.0.0.1:{scene.server['port']}", "/", wrong)
    assert visitor.ask("/api/contents")[0] == 403
    assert serve(scene.bob, scene.course, "stop").returncode == 0
