"""Cut the network: processes that reach each other over loopback, and nothing else (Linux)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# A new network's loopback is down. 0x8913 and 0x8914 read and write an interface's flags.
LOOPBACK_UP = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    found = fcntl.ioctl(probe, 0x8913, struct.pack("16sH14x", b"lo", 0))
    name, flags = struct.unpack("16sH14x", found)
    fcntl.ioctl(probe, 0x8914, struct.pack("16sH14x", name, flags | 1))
print("up", flush=True)
sys.stdin.read()
"""


@contextmanager
def loopback_only() -> Iterator[list[str]]:
    """Words to put before a command, so that it runs without a network.

    All commands started with the same words share one loopback. No words where the
    system does not allow it: not Linux, or a container without the right to.
    """
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        yield []
        return
    # An ordinary user may do this only as the root of a user namespace of their own.
    ordinary = os.geteuid() != 0
    made = ["--user", "--map-root-user"] if ordinary else []
    entered = ["--user", "--preserve-credentials"] if ordinary else []
    with subprocess.Popen(
        ["unshare", *made, "--net", sys.executable, "-I", "-c", LOOPBACK_UP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        up = holder.stdout.readline() == "up\n"
        yield ["nsenter", f"--target={holder.pid}", *entered, "--net", "--"] if up else []
        holder.stdin.close()
