"""Open the course that lies on another computer: python tools/remote.py you@server.

On your own computer. It finds the course's server over there by ssh, or starts one that outlives
the connection, opens a tunnel to it and the page in your browser. After a break it connects again,
to the same kernels. Ctrl+C closes the tunnel and leaves the server running; `--stop` ends it.

Needs ssh and the standard library only, on Linux, macOS and Windows; this one file is enough.
The token that opens the page comes back over ssh, and is on no command line.
"""

import argparse
import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import IO, Any

FOLDER = "pytorch-course"
MARK = "pytorch-course: "
LOGIN_LIMIT = 180.0  # seconds until a tunnel is open: time to type a password
PROBE_LIMIT = 20.0  # seconds for an answer through the tunnel
WATCHED_EVERY = 5.0  # seconds
LONGEST_PAUSE = 30.0  # seconds between two attempts
PORTS = 50  # tried one after another, so that the address stays the same from day to day
# Ends within a minute where the network is gone, and at once where the local port is taken.
TUNNEL = ["-N", "-o", "ExitOnForwardFailure=yes", "-o", "ControlPath=none"]
TUNNEL += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]

# Runs over there, on any Python 3.6 or newer, from standard input: no shell reads it.
OVER_THERE = r"""
import json, os, shutil, subprocess, sys
folder, action, mark = json.loads(@@SETTINGS@@)
folder = os.path.join(os.path.expanduser("~"), os.path.expanduser(folder))
own = os.path.join(folder, ".venv", "bin", "python")

def answer(**found):
    print("\n" + mark + json.dumps(found))
    sys.exit()

def call(action):
    done = subprocess.run([own, "-m", "tools.server", action], cwd=folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.stderr.write(done.stderr.decode(errors="replace"))
        answer(problem="server")
    return done.stdout.decode()

def is_new_enough(python):
    test = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.call([python, "-c", test], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False

def new_enough():
    home = os.path.expanduser("~")
    more = ["/usr/local/bin", "/opt/conda/bin", "/opt/homebrew/bin"] + [
        os.path.join(home, each) for each in (".local/bin", ".pyenv/shims", "miniconda3/bin",
            "miniforge3/bin", "anaconda3/bin")]
    path = os.pathsep.join([os.environ.get("PATH", "")] + more)
    names = ["python3"] + ["python3.%d" % minor for minor in range(15, 10, -1)]
    found = [shutil.which(name, path=path) for name in names]
    found += [shutil.which("python3", path=each) for each in more] + [sys.executable]
    return next((each for each in found if each and is_new_enough(each)), None)

def server(action):
    return json.loads(call(action).strip().split("\n")[-1])

if os.name != "posix":
    answer(problem="system", system=sys.platform)
if not os.path.isfile(os.path.join(folder, "tools", "server.py")):
    answer(problem="course", folder=folder, there=os.path.isdir(folder))
found = server("status") if os.path.isfile(own) else {"state": "none"}
if action == "stop" and found["state"] == "running":
    call("stop")
    found = server("status")
if action == "start" and found["state"] != "running":
    python = new_enough()
    if python is None:
        answer(problem="python", version="%d.%d" % sys.version_info[:2])
    done = subprocess.run([python, "tools/environment.py", "course"], cwd=folder,
        stdin=subprocess.DEVNULL, stdout=2)
    if done.returncode:
        answer(problem="environment", folder=folder)
    found = server("start")
answer(**found)
"""

NO_SSH = (
    "ssh was not found. Linux: install openssh-client. Windows: Settings, Optional features, "
    "OpenSSH Client. Then run the same command again."
)
# What ssh says, and what to do; the first that is found counts.
REFUSALS = [
    (
        "could not resolve hostname",
        "The name {host} is not known. Check its spelling, or write the address in its place.",
    ),
    (
        "remote host identification has changed",
        "{host} has another key than before. Ask who runs it whether that is right, then remove "
        "the old key with: ssh-keygen -R {name}",
    ),
    (
        "host key verification failed",
        "The key of {host} was not accepted. Run ssh {host} once, compare the key, say yes.",
    ),
    (
        "permission denied",
        "{host} refused the login. Try ssh {host} alone; when that works, run this again.",
    ),
    (
        "connection refused",
        "{host} is there, and no ssh server answers. Is it another port? Write: -- -p 2222",
    ),
    (
        ("timed out", "no route to host", "network is unreachable", "closed by remote host"),
        "{host} cannot be reached. Check your network, a VPN, and whether the computer is on.",
    ),
    (
        ("python3: command not found", "python3: not found", "unknown command: python3"),
        "{host} has no python3. The course needs Python 3.11 or newer there.",
    ),
]
TAKEN = ("address already in use", "cannot listen to port", "could not request local forwarding")
FINAL = ("permission denied", "host key verification", "could not resolve", "identification has")
PROBLEMS = {
    "system": "{host} runs {system}; the course's server in the background is for Linux and macOS.",
    "python": (
        "{host} has Python {version}, and the course needs 3.11 or newer. Install one there (conda "
        "or uv do it without an administrator), then run this again."
    ),
    "environment": (
        "The course's environment over there could not be made; the reason is above. "
        "Put it right, then run this again."
    ),
    "server": "The server over there did not answer as expected; the reason is above.",
}
NO_COURSE = (
    "There is no course in {folder} on {host}. Bring it there (git clone, or scp -r "
    "{course} {host}:), or name the folder that holds it there, with --folder (make: FOLDER=)."
)
OLD_COURSE = "{folder} on {host} is not this course, or an older one: update it, or name another."
TOLD = """\
The course runs on {host}. If no page opens, copy this address into your browser:

  {address}

Leave this window open. Ctrl+C closes the tunnel; the server goes on, with all that runs there.
The tunnel alone, by hand:  {by_hand}
"""
LEFT = """
The tunnel is closed. The server on {host} goes on, with all that runs there.
  open it again:  {again}
  stop it:        {stop}"""
GONE = "The server on {host} does not run any more. The same command starts it again: {again}"


class RemoteError(Exception):
    """What keeps the course from being opened, in one sentence that says what to do."""


class Ssh:
    """ssh to one host, with the options that were given.

    Attributes:
        host: As ssh takes it: a name of `~/.ssh/config`, or `user@server`.
    """

    def __init__(self, host: str, options: list[str]) -> None:
        """Raises RemoteError where there is no ssh, or `host` is none."""
        program = shutil.which("ssh")
        if program is None:
            raise RemoteError(NO_SSH)
        if host.startswith("-") or not host.strip() or any(each.isspace() for each in host):
            raise RemoteError(f"{host!r} is no host; write for example you@server.")
        self.host = host
        self.options = options
        self._program = program

    def ask(self, program: str) -> dict[str, Any]:
        """Run a Python program over there; returns what it answered. Raises RemoteError."""
        words = [self._program, "-T", *self.options, self.host, "python3", "-"]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            said = Said(process.stderr)
            with contextlib.suppress(BrokenPipeError):  # it has ended already, and said why
                process.stdin.write(program.encode())  # type: ignore[union-attr]
                process.stdin.close()  # type: ignore[union-attr]
            answer = process.stdout.read()  # type: ignore[union-attr]
            said.end()
        lines = answer.decode(errors="replace").splitlines()
        marked = [line for line in lines if line.startswith(MARK)]
        if not marked:
            raise RemoteError(self.refusal(said.text, process.returncode))
        return json.loads(marked[-1].removeprefix(MARK))

    def tunnel(self, local: int, far: int) -> tuple[subprocess.Popen, "Said"]:
        """Start the tunnel from a port here to one at 127.0.0.1 over there."""
        forward = ["-L", f"127.0.0.1:{local}:127.0.0.1:{far}"]
        words = [self._program, *TUNNEL, *forward, *self.options, self.host]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return process, Said(process.stderr)

    def refusal(self, said: str, status: int) -> str:
        """The sentence for what ssh said."""
        for words, sentence in REFUSALS:
            if any(each in said.lower() for each in ([words] if type(words) is str else words)):
                return sentence.format(host=self.host, name=self.host.rpartition("@")[2])
        return f"ssh {self.host} ended with status {status}; the reason is above."

    def by_hand(self, local: int, far: int) -> str:
        """The tunnel as a command that every shell takes, PowerShell too."""
        words = ["ssh", "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{local}:127.0.0.1:{far}"]
        return " ".join([*words, *self.options, self.host])


class Said:
    """What a process writes to standard error: shown as it comes, and kept."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        """Read the stream in a thread of its own, to its end."""
        self.text = ""
        self.is_shown = True
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._stream or ():
            text = line.decode(errors="replace")
            self.text = (self.text + text)[-20_000:]
            if self.is_shown:
                print(text.rstrip("\r\n"), file=sys.stderr, flush=True)

    def end(self) -> None:
        """Wait until all has been read."""
        self._thread.join(5)


def free_port(first: int) -> int:
    """A port of this computer that nobody has: `first` if that can be, so that pages stay valid."""
    for port in (*range(first, min(first + PORTS, 65536)), 0):
        with socket.socket() as probe:
            if os.name == "posix":  # as ssh does; on Windows it would share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                probe.listen()
                return probe.getsockname()[1]
    raise RemoteError("no port of this computer is free.")


def answers(port: int, base: str) -> bool | None:
    """Whether the server answers through the tunnel; None where nothing is known in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_LIMIT)
    try:
        connection.request("GET", f"{base}api")
        connection.getresponse().read()
        return True
    except TimeoutError:
        return None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ends_soon(process: subprocess.Popen) -> bool:
    """Whether a process that broke off a connection did so because it ends itself."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(3)
    return process.poll() is not None


def say(sentence: str) -> None:
    """Print one line with the time of day."""
    print(time.strftime("%H:%M:%S"), sentence, flush=True)


class Course:
    """The course over there, and the way to it.

    Attributes:
        ssh: The way in.
        folder: Where the course lies over there.
        again: The command that was typed, for the learner to type again.
    """

    def __init__(self, ssh: Ssh, folder: str, again: str) -> None:
        """Know where it is; nothing is asked yet."""
        self.ssh = ssh
        self.folder = folder
        self.again = again

    def ask(self, action: str) -> dict[str, Any]:
        """Do "start", "status" or "stop" over there; returns the server's state.

        Raises RemoteError with what to do.
        """
        settings = json.dumps([self.folder, action, MARK])
        found = self.ssh.ask(OVER_THERE.replace("@@SETTINGS@@", repr(settings)))
        if "problem" not in found:
            return found
        known = {**found, "host": self.ssh.host, "course": FOLDER}
        if found["problem"] == "course":
            text = OLD_COURSE if found["there"] else NO_COURSE
            raise RemoteError(text.format(**known))
        raise RemoteError(PROBLEMS[found["problem"]].format(**known))

    def stop(self) -> None:
        """Stop the server over there, after saying which notebooks are busy."""
        found = self.ask("status")
        if found["state"] != "running":
            print(f"No server of this course runs on {self.ssh.host}.")
            return
        busy = [kernel["name"] for kernel in found["kernels"] if kernel["busy"]]
        if busy:
            print(f"A cell is running in {', '.join(busy)}.")
        question = "Stop the server all the same? [y/N] "
        if busy and sys.stdin.isatty() and input(question).strip().lower() not in ("y", "yes"):
            return
        if self.ask("stop")["state"] == "running":
            raise RemoteError(f"the server on {self.ssh.host} did not stop.")
        print(f"The server on {self.ssh.host} has ended.")

    def open(self, port: int, shows_page: bool) -> None:
        """Open the tunnel and the page, and stay until Ctrl+C. Raises RemoteError."""
        print(f"Asking {self.ssh.host} for the course's server …", flush=True)
        found = self.ask("start")
        local = free_port(port or found["port"])
        address = f"{found['scheme']}://127.0.0.1:{local}{found['opens']}"
        pause = 1.0
        is_first = True
        while True:
            with self._connected(local, found) as process:
                if process is not None:
                    if is_first:
                        self._tell(address, local, found)
                        if shows_page:
                            show(address)
                    else:
                        say("Connected again. The page goes on by itself, with the same kernels.")
                    is_first, pause = False, 1.0
                    self._watch(process, local, found)
            say(f"The connection is broken. Trying again in {pause:.0f} s (Ctrl+C ends this).")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    @contextlib.contextmanager
    def _connected(self, local: int, found: dict[str, Any]) -> Iterator[subprocess.Popen | None]:
        """Give the tunnel's process once the server answers through it; None where it broke."""
        process, said = self.ssh.tunnel(local, found["port"])
        try:
            limit = time.monotonic() + LOGIN_LIMIT
            reached: bool | None = None
            while process.poll() is None and time.monotonic() < limit:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", local), 1).close()
                    reached = answers(local, found["base_url"])
                    break
                time.sleep(0.1)
            if process.poll() is not None:
                said.end()
                self._refuse(said.text, process.returncode, local)
            elif reached is False and not ends_soon(process):
                raise RemoteError(GONE.format(host=self.ssh.host, again=self.again))
            said.is_shown = False  # from now on the lines of this program say enough
            yield process if reached and process.poll() is None else None
        finally:
            process.terminate()
            process.wait()

    def _refuse(self, said: str, status: int, local: int) -> None:
        """RemoteError where another attempt would end the same."""
        if any(words in said.lower() for words in TAKEN):
            raise RemoteError(f"port {local} of this computer was taken meanwhile; try again.")
        if any(words in said.lower() for words in FINAL):
            raise RemoteError(self.ssh.refusal(said, status))

    def _watch(self, process: subprocess.Popen, local: int, found: dict[str, Any]) -> None:
        """Return when the tunnel has ended; RemoteError when the server behind it has."""
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(WATCHED_EVERY)
                return
            if answers(local, found["base_url"]) is False and not ends_soon(process):
                raise RemoteError(GONE.format(host=self.ssh.host, again=self.again))

    def _tell(self, address: str, local: int, found: dict[str, Any]) -> None:
        by_hand = self.ssh.by_hand(local, found["port"])
        print(TOLD.format(host=self.ssh.host, address=address, by_hand=by_hand), flush=True)
        if found["password"]:
            print("The page asks for the password that was set over there.", flush=True)


def show(address: str) -> None:
    """Open a browser at `address`, which holds a token and is on no command line.

    The browser is sent to a page of this program, at a path that works once; that leads on.
    """
    once = f"/{secrets.token_urlsafe(24)}"

    class Way(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_right = self.path == once
            self.send_response(303 if is_right else 404)
            if is_right:
                self.send_header("Location", address)
                self.server.found = True  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Way)
    server.timeout = 1

    def lead() -> None:
        limit = time.monotonic() + LOGIN_LIMIT
        while not getattr(server, "found", False) and time.monotonic() < limit:
            server.handle_request()
        server.server_close()

    threading.Thread(target=lead, daemon=True).start()
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(f"http://127.0.0.1:{server.server_port}{once}")


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before the first "--", and those after it, which are for ssh."""
    place = words.index("--") if "--" in words else len(words)
    return words[:place], words[place + 1 :]


def command(arguments: argparse.Namespace, options: list[str], *more: str) -> str:
    """What to type for the same once more; right in PowerShell too where no path has quotes."""
    words = ["py" if os.name == "nt" else "python3", sys.argv[0], arguments.host]
    if arguments.folder != FOLDER:
        words += ["--folder", arguments.folder]
    words += [*more, *(["--", *options] if options else [])]
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description="Open the course that lies on another computer.",
        usage="%(prog)s [options] you@server [-- options for ssh]",
        epilog="Options for ssh come last, after two hyphens: you@server -- -p 2222",
    )
    parser.add_argument("host", help="as ssh takes it: you@server, or a name of ~/.ssh/config")
    parser.add_argument("--folder", default=FOLDER, help=f"of the course over there ({FOLDER})")
    parser.add_argument("--port", type=int, default=0, help="of this computer, if it is free")
    parser.add_argument("--no-browser", action="store_true", help="print the address, no more")
    parser.add_argument("--stop", action="store_true", help="stop the server over there")
    own, options = split(sys.argv[1:])
    arguments = parser.parse_args(own)
    course = None
    for kind in ("SIGTERM", "SIGHUP"):  # ssh is ended with this program
        if hasattr(signal, kind):
            signal.signal(getattr(signal, kind), lambda *_: sys.exit(1))
    try:
        ssh = Ssh(arguments.host, options)
        course = Course(ssh, arguments.folder, command(arguments, options))
        stop = command(arguments, options, "--stop")
        if arguments.stop:
            course.stop()
        else:
            course.open(arguments.port, not arguments.no_browser)
    except RemoteError as error:
        sys.exit(f"tools/remote.py: {error}")
    except KeyboardInterrupt:
        print(LEFT.format(host=arguments.host, again=course.again, stop=stop) if course else "")


if __name__ == "__main__":
    main()
