"""The course's server in the background, for whoever opens it from another computer.

    python -m tools.server start|status|stop

`start` starts JupyterLab as `make lab` does, apart from the terminal: it goes on when the
connection or the terminal ends. Started again, the same server is found. `status` prints one
line of JSON, with the token: tools/remote.py reads it over ssh. `stop` ends the server that
belongs to this user, this computer and this checkout, and no other.

The server holds a lock for as long as it lives, however it ends: no number of a process is
ever mistaken for it. All files about it are its user's alone.
"""

import argparse
import contextlib
import hashlib
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "COURSE_SERVER_TOKEN"  # jupyter_config.py reads it, and kernels do not get it
STARTING_LIMIT = 180.0  # seconds; a start takes two or three on an idle machine
ENDING_LIMIT = 60.0  # seconds for kernels to be ended
ANSWER_LIMIT = 20.0  # seconds
DIRECT = ProxyHandler({})  # a proxy is not for this machine

NO_POSIX = (
    "the server in the background is for Linux and macOS; on Windows leave a window open in "
    "which make lab, or python -m jupyterlab --config=jupyter_config.py, runs."
)
NO_LOCKS = (
    "{path} cannot be locked ({reason}). Set COURSE_HOME to a folder on a disk of this "
    "computer, then run the same command again."
)


class ServerError(RuntimeError):
    """The server did not start or end; one sentence says why and what to do."""


def folder() -> Path:
    """Where this user, on this computer, keeps what belongs to the server of this checkout.

    The computer's name is part of it: several may share one home folder.
    """
    from helpers import _folders

    course = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]
    found = _folders.user_folder() / "server" / f"{socket.gethostname()}-{course}"
    _folders.make_folder(found)
    if found.stat().st_uid != os.geteuid():
        raise ServerError(
            f"{found} belongs to somebody else. Set COURSE_HOME to a folder of yours."
        )
    found.chmod(0o700)
    return found


@contextlib.contextmanager
def locked(place: Path) -> Iterator[int | None]:
    """Give the locked file of the server, or None where a server holds it."""
    path = place / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    except BlockingIOError:
        yield None
    except OSError as error:
        raise ServerError(NO_LOCKS.format(path=path, reason=error.strerror)) from error
    finally:
        os.close(descriptor)  # a server that was started meanwhile goes on holding the lock


def is_running(place: Path) -> bool:
    """Whether a server of this checkout lives."""
    with locked(place) as lock:
        return lock is None


def read(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where it is missing, unfinished or something else."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def details(place: Path) -> dict[str, Any]:
    """Process, port, token and address of the server; empty until it listens.

    The token is what this module gave it. Where it logs in with a password, no page is opened
    by the token: `opens` is the path for a browser.
    """
    noted = read(place / "server.json")
    if not noted:
        return {}
    own = read(Path(noted["runtime"]) / f"jpserver-{noted['pid']}.json")
    if not {"port", "base_url", "url"} <= own.keys():
        return {}
    found = {
        "pid": noted["pid"],
        "token": noted["token"],
        "port": own["port"],
        "base_url": own["base_url"],
        "scheme": urlsplit(own["url"]).scheme,
        "password": bool(noted.get("password")),
        "log": str(place / "server.log"),
    }
    query = "" if found["password"] else f"?token={found['token']}"
    return {**found, "opens": own["base_url"] + query}


def ask(server: dict[str, Any], path: str) -> Any:
    """What the server answers for a path of its interface. Raises OSError where it does not."""
    address = f"{server['scheme']}://127.0.0.1:{server['port']}{server['base_url']}{path}"
    request = Request(address, headers={"Authorization": f"token {server['token']}"})
    # Its own certificate, on this machine.
    trusting = HTTPSHandler(context=ssl._create_unverified_context())
    with build_opener(DIRECT, trusting).open(request, timeout=ANSWER_LIMIT) as answer:
        return json.loads(answer.read())


def kernels(server: dict[str, Any]) -> list[dict[str, Any]]:
    """Name of the notebook, and whether a cell of it runs, for each kernel."""
    names = {each["kernel"]["id"]: each["path"] for each in ask(server, "api/sessions")}
    return [
        {
            "name": names.get(kernel["id"], kernel["name"]),
            "busy": kernel["execution_state"] == "busy",
        }
        for kernel in ask(server, "api/kernels")
    ]


def status(place: Path) -> dict[str, Any]:
    """What is known of the server: "state" is "running" or "none".

    Raises ServerError where it runs and does not answer.
    """
    if not is_running(place):
        return {"state": "none"}
    found = awaited(place)
    if not found:
        return {"state": "none"}
    return {"state": "running", **found, "kernels": kernels(found)}


def start(place: Path) -> dict[str, Any]:
    """Start the server unless it runs; what `status` says of it then. Raises ServerError."""
    limit = time.monotonic() + STARTING_LIMIT
    while True:
        with locked(place) as lock:
            if lock is not None:
                launch(place, lock)
        found = status(place)
        if found["state"] == "running":
            return found
        # Else it may be that another command only looked whether the lock is free.
        if lock is not None or time.monotonic() > limit:
            raise ServerError(f"JupyterLab did not start. {last_words(place / 'server.log')}")


def launch(place: Path, lock: int) -> None:
    """Start JupyterLab apart from this terminal; it inherits the lock."""
    (place / "server.json").unlink(missing_ok=True)  # of one that has ended
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # ignored from birth, as with nohup
    try:
        with private(place / "server.log") as log:
            subprocess.Popen(
                [sys.executable, "-m", "tools.server", "become", str(place)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock],
            )
    finally:
        signal.signal(signal.SIGHUP, before)


def become(place: Path) -> None:
    """Turn this process into JupyterLab, after it has noted itself: nothing can come between."""
    from jupyter_core.paths import jupyter_runtime_dir

    from tools import password

    for kind in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):  # a shell's `&` ignores some
        signal.signal(kind, signal.SIG_DFL)
    os.environ[TOKEN] = secrets.token_hex(24)
    noted: dict[str, Any] = {
        "pid": os.getpid(),
        "token": os.environ[TOKEN],
        "runtime": jupyter_runtime_dir(),
    }
    noted["password"] = password.is_set()  # the server's own note is false where it is not old
    draft = place / "server.json.new"
    with private(draft) as file:
        file.write(json.dumps(noted).encode())
    draft.replace(place / "server.json")
    command = [sys.executable, "-m", "jupyterlab", f"--config={ROOT / 'jupyter_config.py'}"]
    os.execv(sys.executable, [*command, "--no-browser", "--ip=127.0.0.1"])


def private(path: Path) -> Any:
    """A new, empty file that only its owner reads."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def awaited(place: Path) -> dict[str, Any]:
    """The server's details once it answers; empty where it ends. Raises ServerError."""
    limit = time.monotonic() + STARTING_LIMIT
    while is_running(place):
        found = details(place)
        with contextlib.suppress(OSError, ValueError):
            if found and ask(found, "api/status"):
                return found
        if time.monotonic() > limit:
            raise ServerError(
                "the server runs and does not answer; look into "
                f"{place / 'server.log'}, or stop it and start it again."
            )
        time.sleep(0.1)
    return {}


def stop(place: Path) -> None:
    """End the server, and wait until it has ended. Raises ServerError."""
    pid = read(place / "server.json").get("pid")
    if not is_running(place):
        return
    if type(pid) is not int:
        raise ServerError(f"{place / 'server.json'} is damaged; end the server by hand.")
    for kind, limit in ((signal.SIGTERM, ENDING_LIMIT), (signal.SIGKILL, ENDING_LIMIT)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, kind)
        end = time.monotonic() + limit
        while is_running(place) and time.monotonic() < end:
            time.sleep(0.05)
        if not is_running(place):
            (place / "server.json").unlink(missing_ok=True)
            return
    raise ServerError(f"process {pid} does not end; end it by hand.")


def last_words(log: Path) -> str:
    """The last line of a log."""
    with contextlib.suppress(OSError):
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing."
    return "it said nothing."


def sentence(found: dict[str, Any]) -> str:
    """What runs, in words."""
    if found["state"] == "none":
        return f"No server of this course runs in the background on {socket.gethostname()}."
    busy = [kernel["name"] for kernel in found["kernels"] if kernel["busy"]]
    number = len(found["kernels"])
    text = (
        f"The course's server runs on {socket.gethostname()} at port {found['port']}, with "
        f"{number or 'no'} open kernel{'' if number == 1 else 's'}."
    )
    return f"{text} A cell is running in: {', '.join(busy)}." if busy else text


def agreed(found: dict[str, Any]) -> bool:
    """Whether to stop a server although cells run; asked only where somebody can answer."""
    busy = any(kernel["busy"] for kernel in found.get("kernels", ()))
    if not busy or not sys.stdin.isatty():
        return True
    answer = input("Stop it all the same? What these cells have computed is lost. [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def main() -> None:
    """Do what the command line says; JSON goes to standard output, sentences beside it."""
    parser = argparse.ArgumentParser(description="The course's server in the background.")
    parser.add_argument("do", choices=("start", "status", "stop"))
    if sys.argv[1:2] == ["become"]:
        become(Path(sys.argv[2]))
    wanted = parser.parse_args().do
    if fcntl is None:
        sys.exit(NO_POSIX)
    try:
        place = folder()
        found = start(place) if wanted == "start" else status(place)
        print(sentence(found), file=sys.stderr, flush=True)
        if wanted != "stop":
            print(json.dumps(found))
        elif found["state"] == "running" and agreed(found):
            stop(place)
            print("It has ended.", file=sys.stderr)
    except (ServerError, OSError, RuntimeError) as error:
        sys.exit(f"tools.server: {error}")


if __name__ == "__main__":
    main()
