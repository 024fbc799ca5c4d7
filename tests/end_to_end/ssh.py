"""An SSH server on this machine, and a tunnel through it, as a learner opens one from afar."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PROGRAMS = SSHD and shutil.which("ssh") and shutil.which("ssh-keygen")
START_LIMIT = 60  # seconds; a start takes less than one on an idle machine


@contextmanager
def tunnel(folder: Path, port: int) -> Iterator[int]:
    """The local port of `ssh -N -L` to `port`, through an SSH server of its own.

    Args:
        folder: Takes keys and settings; empty, and nobody else may write there.
        port: Where the program behind the tunnel listens on 127.0.0.1.
    """
    if os.geteuid() == 0:  # sshd started by root wants this, which its service makes at boot
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for key in ("host", "user"):
        quiet = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(quiet, check=True)
    outer, local = free_port(), free_port()
    public = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{outer} {public}")
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{outer}\nHostKey {folder}/host\n"
        f"AuthorizedKeysFile {folder}/user.pub\nPidFile none\nStrictModes no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n"
    )
    login = ["-F", "none", "-i", f"{folder}/user", "-p", str(outer), "-o", "IdentitiesOnly=yes"]
    login += ["-o", f"UserKnownHostsFile={folder}/known_hosts", "-o", "BatchMode=yes"]
    forward = ["-N", "-L", f"{local}:127.0.0.1:{port}", "-o", "ExitOnForwardFailure=yes"]
    target = f"{getpass.getuser()}@127.0.0.1"
    with (
        ended([SSHD, "-D", "-e", "-f", f"{folder}/sshd_config"], outer),
        ended(["ssh", *login, *forward, target], local),
    ):
        yield local


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
