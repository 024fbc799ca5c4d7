"""How the course starts JupyterLab: python -m jupyterlab --config=jupyter_config.py

By default it answers on this computer only, and asks for the token it prints. With a
password (`jupyter server password`, or its hash in COURSE_PASSWORD_HASH) it asks for
that instead. Without a password it refuses to be reached from other computers,
whatever the command line says.
"""

import ipaddress
import json
import os
import stat
import sys
import warnings
from pathlib import Path

from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.utils import JupyterServerAuthWarning

ROOT = Path(__file__).resolve().parent
FIRST_PAGE = "/lab/tree/notebooks/00_start_here.ipynb"
# A Unix socket's path must be shorter than this; macOS allows the fewest bytes.
LONGEST_SOCKET = 104
SOCKET_NAME = "/kernel-00000000-0000-0000-0000-000000000000-ipc-0"


class GuardedIdentityProvider(PasswordIdentityProvider):
    """Login by password or token; the checks run after all flags were merged."""

    def validate_security(self, app, ssl_options: dict | None = None) -> None:
        """Stop the server unless a stranger has to log in."""
        if not app.sock and not is_local(app.ip) and not self.hashed_password:
            address = app.ip or "every address"
            stop(
                f"refusing to listen on {address} without a password. "
                "Set one with `jupyter server password`, or leave --ip out."
            )
        if not self.auth_enabled:
            stop(
                "refusing to start without a login. Leave --IdentityProvider.token "
                "and JUPYTER_TOKEN unset, and a token is made."
            )
        super().validate_security(app, ssl_options)


def stop(message: str) -> None:
    """End the process; after an ordinary exception Jupyter would use its defaults."""
    sys.exit(f"jupyter_config.py: {message}")


def is_local(ip: str) -> bool:
    """Whether only this computer can reach `ip`; a name not known here is public."""
    try:
        return ip == "localhost" or ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def password_hash() -> str:
    """The argon2 hash to log in with, or an empty string where none was set."""
    found = os.environ.get("COURSE_PASSWORD_HASH", "").strip() or stored_hash()
    if found and not found.startswith("argon2:"):
        stop("the stored password is not an argon2 hash; run `jupyter server password`.")
    return found


def stored_hash() -> str:
    """The hash that `jupyter server password` keeps in the user's own folder."""
    path = Path(jupyter_config_dir(), "jupyter_server_config.json")
    if not path.is_file():
        return ""
    stored = json.loads(path.read_text(encoding="utf-8"))
    # The first is what `jupyter server password` writes; Jupyter reads the second too.
    names = ("IdentityProvider", "PasswordIdentityProvider")
    hashes = (stored.get(name, {}).get("hashed_password", "") for name in names)
    found = next(filter(None, hashes), "")
    if found and os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        stop(f"others can read {path}; run: chmod 600 {path}")
    return found


def has_browser() -> bool:
    """Whether opening a browser here would show it to the person who asked."""
    if "SSH_CONNECTION" in os.environ:
        return False
    if sys.platform != "linux":
        return True
    return any(os.environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def sockets_fit() -> bool:
    """Whether kernels can use Unix sockets, which no one else on this computer reads."""
    path = os.fsencode(jupyter_runtime_dir() + SOCKET_NAME)
    return os.name == "posix" and len(path) < LONGEST_SOCKET


def protect(c) -> None:
    """Set who may reach the server, and how they log in."""
    if any("identity_provider_class" in argument for argument in sys.argv):
        stop("the login cannot be replaced by a flag; leave identity_provider_class out.")
    c.ServerApp.identity_provider_class = GuardedIdentityProvider
    c.PasswordIdentityProvider.allow_password_change = False
    c.ServerApp.ip = "127.0.0.1"
    c.ServerApp.allow_unauthenticated_access = False
    password = password_hash()
    if password:
        c.PasswordIdentityProvider.hashed_password = password
        c.IdentityProvider.token = ""  # one way in, and nothing secret in the log
    else:
        c.Application.log_level = "WARN"  # prints the address with its token, no more


def arrange(c) -> None:
    """Set what the learner sees, and how kernels start."""
    c.ServerApp.root_dir = str(ROOT)
    c.LabApp.default_url = FIRST_PAGE
    c.ServerApp.port_retries = 50
    c.ServerApp.open_browser = has_browser()
    warnings.filterwarnings("ignore", category=JupyterServerAuthWarning)
    c.ServerApp.allow_root = True  # changes nothing for an ordinary user
    # The course works without internet: no news, no question about news, no update check.
    c.LabApp.app_settings_dir = str(ROOT / "tools" / "jupyterlab")
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    if sockets_fit():
        c.KernelManager.transport = "ipc"
    # `!python` in a cell is the course's Python, and so is the kernel.
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", "")])
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    # Visdom in the launcher; its pages come through Jupyter's own port, behind its login.
    sys.path.append(str(ROOT))
    from helpers.board import launcher

    c.ServerProxy.servers = {"visdom": launcher.entry(ROOT)}


try:
    protect(get_config())  # noqa: F821 (Jupyter provides it)
    arrange(get_config())  # noqa: F821
except Exception as error:
    stop(f"{type(error).__name__}: {error}")
