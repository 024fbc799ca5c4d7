"""An SSH server on this machine, a tunnel through it, and a wire to it that can be cut."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PROGRAMS = SSHD and shutil.which("ssh") and shutil.which("ssh-keygen")
START_LIMIT = 60  # seconds; a start takes less than one on an idle machine


@dataclass(frozen=True)
class Login:
    """How to get into an SSH server of the tests.

    Attributes:
        target: `user@host`, as ssh takes it.
        port: Where it listens.
        options: For ssh, the port apart.
    """

    target: str
    port: int
    options: list[str]

    def through(self, port: int) -> list[str]:
        """The options for an ssh that reaches the server at another port."""
        return [*self.options, "-p", str(port)]


@contextmanager
def daemon(folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[Login]:
    """An SSH server that lets in whoever runs the tests, by a key.

    Args:
        folder: Takes keys and settings; empty, and nobody else may write there.
        variables: Environment variables of those who log in.
    """
    if os.geteuid() == 0:  # sshd started by root wants this, which its service makes at boot
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for key in ("host", "user"):
        quiet = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(quiet, check=True)
    port = free_port()
    public = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"pytorch-course {public}")
    given = " ".join(f'"{name}={value}"' for name, value in (variables or {}).items())
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\n"
        f"AuthorizedKeysFile {folder}/user.pub\nPidFile none\nStrictModes no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n"
        + (f"SetEnv {given}\n" if given else "")
    )
    options = ["-F", "none", "-i", f"{folder}/user", "-o", "IdentitiesOnly=yes"]
    options += ["-o", f"UserKnownHostsFile={folder}/known_hosts", "-o", "BatchMode=yes"]
    options += ["-o", "HostKeyAlias=pytorch-course"]
    with ended([SSHD, "-D", "-e", "-f", f"{folder}/sshd_config"], port):
        yield Login(f"{getpass.getuser()}@127.0.0.1", port, options)


@contextmanager
def tunnel(folder: Path, port: int) -> Iterator[int]:
    """The local port of `ssh -N -L` to `port`, through an SSH server of its own.

    Args:
        folder: As for `daemon`.
        port: Where the program behind the tunnel listens on 127.0.0.1.
    """
    local = free_port()
    forward = ["-N", "-L", f"{local}:127.0.0.1:{port}", "-o", "ExitOnForwardFailure=yes"]
    with (
        daemon(folder) as login,
        ended(["ssh", *login.through(login.port), *forward, login.target], local),
    ):
        yield local


@dataclass
class Wire:
    """Carries bytes between a port of its own and another, until it is cut.

    Attributes:
        far: The port that it leads to.
        near: Its own.
    """

    far: int
    near: int = 0
    _ends: list[socket.socket] = field(default_factory=list)
    _whole: threading.Event = field(default_factory=threading.Event)
    _moving: threading.Event = field(default_factory=threading.Event)

    def cut(self) -> None:
        """End all connections, and refuse new ones until `mend`."""
        self._whole.clear()
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Carry nothing more on the connections there are, and tell neither end, for ever."""
        self._moving.clear()
        self._moving = threading.Event()  # of the next connections
        self._moving.set()

    def mend(self) -> None:
        """Let new connections through."""
        self._whole.set()

    def accept(self, listener: socket.socket) -> None:
        """Take each connection, until the listener is closed."""
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            if not self._whole.is_set():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.far))
            self._ends += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(
                    target=self._carry, args=(*pair, self._moving), daemon=True
                ).start()

    def _carry(self, source: socket.socket, target: socket.socket, moving: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                if not moving.is_set():
                    continue  # lost on the way, as where there is no network
                target.sendall(content)
        for end in (source, target):
            with contextlib.suppress(OSError):
                if moving.is_set():
                    end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(far: int) -> Iterator[Wire]:
    """A wire to a port, whole and moving."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        carrier = Wire(far, listener.getsockname()[1])
        carrier._whole.set()
        carrier._moving.set()
        threading.Thread(target=carrier.accept, args=(listener,), daemon=True).start()
        try:
            yield carrier
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            carrier.cut()


@contextmanager
def ended(command: list[str], port: int) -> Iterator[None]:
    """Run a command, go on once it listens on `port`, and end it afterwards."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=sys.stderr) as process:
        try:
            limit = time.monotonic() + START_LIMIT
            while not listens(port):
                assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
                assert time.monotonic() < limit, f"{command[0]} does not listen on {port}"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def listens(port: int) -> bool:
    """Whether something on this machine answers at the port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nobody holds; the system gives it to no one else for a while."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
