"""How the course starts JupyterLab with python -m jupyterlab --config=jupyter_config.py.

By default it answers on this computer only, and asks for the token it prints. With a
password (`make password`, or its hash in COURSE_PASSWORD_HASH) it asks for
that instead. Without a password it refuses to be reached from other computers,
whatever the command line says. Mistakes in your own settings of Jupyter are named as
such, with the file, before they can weaken the login or end in a traceback.
"""

import contextlib
import ipaddress
import os
import stat
import sys
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))
try:
    import zmq
    from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
    from jupyter_server.auth.identity import PasswordIdentityProvider
    from jupyter_server.utils import JupyterServerAuthWarning

    from tools import jupyter_settings, password
    from tools.jupyter_settings import stop
except ImportError as error:
    # After an ordinary exception Jupyter would go on with its defaults.
    sys.exit(
        f"jupyter_config.py: this Python's packages are not those of the course ({error}). "
        "Run make lab, or python tools/environment.py course."
    )

# A Unix socket's path must be shorter than this; macOS allows the fewest bytes.
LONGEST_SOCKET = 104
SOCKET_NAME = "/kernel-00000000-0000-0000-0000-000000000000-ipc-0"
# Settings of Python that would change what a cell prints, or skip its `assert`.
NOT_FOR_KERNELS = ["PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONINSPECT"]
SET_ONE = "`make password` (without make: the environment's python -m tools.password)"
REFUSED = (
    "refusing to listen on {address} without a password. Set one with {how}, or leave --ip out."
)
NO_LOGIN = (
    "refusing to start without a login: {source} sets an empty token. "
    "Leave that setting out, and a token is made."
)


class GuardedIdentityProvider(PasswordIdentityProvider):
    """Login by password or token; the checks run after all flags were merged."""

    def validate_security(self, app: Any, ssl_options: dict | None = None) -> None:
        """Stop the server unless a stranger has to log in."""
        if not app.sock and not is_local(app.ip) and not self.hashed_password:
            stop(REFUSED.format(address=app.ip or "every address", how=SET_ONE))
        if not self.auth_enabled:
            stop(NO_LOGIN.format(source=source("token", "")))
        if self.hashed_password:
            check_hash(
                self.hashed_password, source("hashed_password", self.hashed_password, "password")
            )
        super().validate_security(app, ssl_options)


def source(name: str, value: str, *other_names: str) -> str:
    """What set `name` to `value`: a file, an environment variable or a flag."""
    files = jupyter_settings.names_of(USERS, value, name, *other_names)
    if not files and name == "token" and os.environ.get("JUPYTER_TOKEN_FILE"):
        return "JUPYTER_TOKEN_FILE"
    return files[0] if files else f"a flag such as --IdentityProvider.{name}"


def is_local(ip: str) -> bool:
    """Whether only this computer can reach `ip`; a name not known here is public."""
    try:
        return ip == "localhost" or ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def password_hash() -> str:
    """The argon2 hash to log in with, or an empty string where none was set."""
    path = password.path()
    found = os.environ.get("COURSE_PASSWORD_HASH", "").strip()
    origin = "COURSE_PASSWORD_HASH" if found else str(path)
    settings: dict[str, Any] = dict(USERS).get(path, {})
    for section in password.SECTIONS:
        found = found or settings.get(section, {}).get(password.NAME, "")
    if found and origin == str(path):
        check_unread(path)
    if found:
        check_hash(found, origin)
    return found


def check_hash(found: str, origin: str) -> None:
    """Stop unless `found` is a whole argon2 hash; a shell may have eaten half of it."""
    fault = password.fault(found)
    if fault:
        quotes = "; in a shell put it in single quotes" if origin.isupper() else ""
        stop(f"the password in {origin} {fault}{quotes}. Make a new one with {SET_ONE}.")


def check_unread(path: Path) -> None:
    """Stop where other users of this computer can read a file with a secret."""
    if not password.is_private(path):
        stop(f"others can read {path}; run: chmod 600 {path}")


def check_token_file() -> None:
    """Stop where JUPYTER_TOKEN_FILE names a file that holds no secret."""
    path = Path(os.environ["JUPYTER_TOKEN_FILE"])
    try:
        empty = not path.read_text().strip()
    except (OSError, ValueError) as error:
        stop(f"JUPYTER_TOKEN_FILE cannot be read ({error}). Correct or unset it.")
    if empty:
        stop(f"the file of JUPYTER_TOKEN_FILE, {path}, is empty. Write a token there, or unset it.")
    check_unread(path)


def check_usable(path: Path, variable: str) -> None:
    """Stop where Jupyter cannot write to a folder that it needs, as in a read-only home."""
    reason = "it cannot be written to"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(path, os.W_OK | os.X_OK)
    except OSError as error:
        usable, reason = False, error.strerror or reason
    if not usable:
        stop(f"Jupyter cannot use {path} ({reason}). Set {variable} to another folder.")


def make_private(path: Path, variable: str) -> None:
    """See that nobody else reads a folder: Jupyter leaves the token in a page there."""
    if os.name != "posix":
        return
    owner = path.stat().st_uid == os.geteuid()
    if owner and stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o700)
    if not owner or stat.S_IMODE(path.stat().st_mode) & 0o077:
        stop(f"others can read {path}. Set {variable} to a folder that only you can read.")


def keep_private() -> None:
    """See that what cells write, and IPython's history of what was typed, is the learner's alone.

    Homes are often open to all users of a computer.
    """
    if os.name != "posix":
        return
    os.umask(0o077)
    own = Path(os.environ.get("IPYTHONDIR") or Path("~/.ipython").expanduser())
    history = own / "profile_default" / "history.sqlite"
    with contextlib.suppress(OSError):
        if history.stat().st_uid == os.geteuid():
            history.chmod(0o600)


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


def say_how_to_stay() -> None:
    """Say, where somebody has come by ssh, that this server ends with their terminal."""
    if "SSH_CONNECTION" in os.environ:
        print(
            "This server ends when the terminal is closed, and its kernels with it. For one that "
            "goes on, run on your own computer: make remote HOST=you@this-server "
            "(docs/server.md).",
            file=sys.stderr,
        )


def protect(c: Any) -> None:
    """Set who may reach the server, and how they log in."""
    if any("identity_provider_class" in argument for argument in sys.argv):
        stop("the login cannot be replaced by a flag; leave identity_provider_class out.")
    check_usable(Path(jupyter_data_dir()), "JUPYTER_DATA_DIR")
    check_usable(Path(jupyter_runtime_dir()), "JUPYTER_RUNTIME_DIR")
    make_private(Path(jupyter_runtime_dir()), "JUPYTER_RUNTIME_DIR")
    keep_private()
    if os.environ.get("JUPYTER_TOKEN_FILE") and not os.environ.get("JUPYTER_TOKEN"):
        check_token_file()
    c.ServerApp.identity_provider_class = GuardedIdentityProvider
    c.PasswordIdentityProvider.allow_password_change = False
    c.ServerApp.ip = "127.0.0.1"
    c.ServerApp.allow_unauthenticated_access = False
    # What a cell printed while the connection was broken, unnoticed, is sent again.
    c.ServerApp.kernel_websocket_connection_class = "tools.kernel_connection.Connection"
    # tools/server.py gives a token of its own, which no log shows; it alone asks with it.
    token = os.environ.pop("COURSE_SERVER_TOKEN", "")
    if not token:
        say_how_to_stay()
    hashed = password_hash()
    if hashed:
        c.PasswordIdentityProvider.hashed_password = hashed
        c.IdentityProvider.token = token  # else one way in, and nothing secret in the log
    else:
        c.Application.log_level = "WARN"  # prints the address with its token, no more
        if token:
            c.IdentityProvider.token = token


def arrange(c: Any) -> None:
    """Set what the learner sees, and how kernels start."""
    c.ServerApp.port_retries = 50
    c.ServerApp.open_browser = has_browser()
    warnings.filterwarnings("ignore", category=JupyterServerAuthWarning)
    c.ServerApp.allow_root = True  # changes nothing for an ordinary user
    # The course works without internet: no news, no question about news, no update check.
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    if sockets_fit():
        c.KernelManager.transport = "ipc"
    elif zmq.has("curve"):  # else whoever is on this computer can listen to what cells print
        c.KernelManager.transport_encryption = "auto"
    # `!python` in a cell is the course's Python, and so is the kernel.
    programs = str(Path(sys.executable).parent)
    if programs != os.environ.get("PATH", "").split(os.pathsep)[0]:
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", "")])
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    for name in NOT_FOR_KERNELS:
        os.environ.pop(name, None)
    # Visdom in the launcher; its pages come through Jupyter's own port, behind its login.
    from helpers.board import launcher
    from tools import lab, workbook

    c.ServerProxy.servers = {"visdom": launcher.entry(ROOT)}
    try:
        lab.arrange(c)
    except workbook.WorkbookError as error:
        stop(str(error))


try:
    USERS = jupyter_settings.read_all()
    protect(get_config())  # type: ignore[name-defined]  # noqa: F821 (Jupyter provides it)
    arrange(get_config())  # type: ignore[name-defined]  # noqa: F821
except Exception as error:
    stop(f"{type(error).__name__}: {error}")
