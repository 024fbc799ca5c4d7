"""How the course starts JupyterLab with python -m jupyterlab --config=jupyter_config.py.

By default it answers on this computer only, and asks for the token it prints. With a
password (`jupyter server password`, or its hash in COURSE_PASSWORD_HASH) it asks for
that instead. Without a password it refuses to be reached from other computers,
whatever the command line says. Mistakes in your own settings of Jupyter are named as
such, with the file, before they can weaken the login or end in a traceback.
"""

import ipaddress
import json
import os
import stat
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    import argon2
    from jupyter_core.paths import (
        jupyter_config_dir,
        jupyter_config_path,
        jupyter_data_dir,
        jupyter_runtime_dir,
    )
    from jupyter_server.auth.identity import PasswordIdentityProvider
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.utils import JupyterServerAuthWarning
    from traitlets import TraitError
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader
except ImportError as error:
    # After an ordinary exception Jupyter would go on with its defaults.
    sys.exit(
        f"jupyter_config.py: this Python's packages are not those of the course ({error}). "
        "Run make lab, or python tools/environment.py course."
    )

ROOT = Path(__file__).resolve().parent
FIRST_PAGE = "/lab/tree/notebooks/00_start_here.ipynb"
# A Unix socket's path must be shorter than this; macOS allows the fewest bytes.
LONGEST_SOCKET = 104
SOCKET_NAME = "/kernel-00000000-0000-0000-0000-000000000000-ipc-0"
# What Jupyter reads beside this file, in each folder of `jupyter --paths`; the last two not here.
READ = [
    *("jupyter_config.py", "jupyter_lab_config.py", "jupyter_config.json"),
    *("jupyter_lab_config.json", "jupyter_server_config.json", "jupyter_notebook_config.json"),
    *("jupyter_config.d/*.json", "jupyter_server_config.d/*.json"),
    "jupyter_notebook_config.d/*.json",
]
NOT_READ = ["jupyter_server_config.py", "jupyter_notebook_config.py"]
# Settings of Python that would change what a cell prints, or skip its `assert`.
NOT_FOR_KERNELS = ["PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONINSPECT"]


class GuardedIdentityProvider(PasswordIdentityProvider):
    """Login by password or token; the checks run after all flags were merged."""

    def validate_security(self, app: Any, ssl_options: dict | None = None) -> None:
        """Stop the server unless a stranger has to log in."""
        if not app.sock and not is_local(app.ip) and not self.hashed_password:
            address = app.ip or "every address"
            stop(
                f"refusing to listen on {address} without a password. "
                "Set one with `jupyter server password`, or leave --ip out."
            )
        if not self.auth_enabled:
            stop(
                f"refusing to start without a login: {source('token', '')} sets an empty token. "
                "Leave that setting out, and a token is made."
            )
        if self.hashed_password:
            check_hash(
                self.hashed_password, source("hashed_password", self.hashed_password, "password")
            )
        super().validate_security(app, ssl_options)


def stop(message: str) -> None:
    """End the process; after an ordinary exception Jupyter would use its defaults."""
    sys.exit(f"jupyter_config.py: {message}")


def note(message: str) -> None:
    """Say what does not stop the server."""
    print(f"jupyter_config.py: note: {message}", file=sys.stderr, flush=True)


def other_settings() -> Iterator[tuple[Path, Config]]:
    """Each file of settings that Jupyter reads beside this one; a broken one stops the server."""
    for folder in map(Path, jupyter_config_path()):
        for path in (path for name in READ for path in sorted(folder.glob(name))):
            try:
                yield path, load(path)
            except (Exception, SystemExit) as error:
                stop(
                    f"your own settings in {path} cannot be read ({reason(error, path)}). "
                    "Correct that file or move it away."
                )
        for path in (folder / name for name in NOT_READ if (folder / name).is_file()):
            try:
                compile(path.read_bytes(), str(path), "exec")
            except (SyntaxError, ValueError) as error:
                note(f"{path} has a mistake ({reason(error, path)}); the course does without it.")


def load(path: Path) -> Config:
    """What a file of settings says; raises whatever is wrong with it."""
    if path.suffix == ".py":
        return PyFileConfigLoader(path.name, str(path.parent)).load_config()
    values = json.loads(path.read_text(encoding="utf-8"))
    classes = values.items() if isinstance(values, dict) else [("the file", values)]
    for name, value in classes:
        if not isinstance(value, dict) and name != "version":
            raise TypeError(f"{name} must hold an object, in braces, not {value!r:.50}")
    if not isinstance(values.get("ServerApp", {}).get("jpserver_extensions", {}), dict):
        raise TypeError("jpserver_extensions must be an object, in braces")
    return Config(values)


def reason(error: BaseException, path: Path) -> str:
    """The kind of an error, its words, and its line in `path` where that is known."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    line = f"line {lines[-1]}: " if lines else ""
    return f"{line}{type(error).__name__}: {error}"


def check_values(path: Path, settings: Config) -> None:
    """Stop on a value of a wrong type; say which settings have old names or none."""
    lab = getattr(sys.modules.get("jupyterlab.labapp"), "LabApp", None)
    programs = [ServerApp, *ServerApp.classes, PasswordIdentityProvider, *([lab] if lab else [])]
    known = {cls.__name__: cls for program in programs for cls in program.mro()}
    if settings.get("NotebookApp"):
        names = ", ".join(f"NotebookApp.{name}" for name in settings["NotebookApp"])
        note(f"{path} uses old names ({names}). Write ServerApp or IdentityProvider there.")
    for section, values in settings.items():
        if section not in known or not hasattr(known[section], "class_traits"):
            continue  # of a program that does not run here
        traits = known[section].class_traits(config=True)
        for name, value in values.items():
            if name not in traits:
                note(f"{path} sets {section}.{name}, which Jupyter does not know. Remove it.")
                continue
            try:
                traits[name].validate(None, value)
            except TraitError as error:
                stop(f"your own settings in {path} have a wrong value: {error} Correct it.")
            except Exception:
                continue  # can only be judged by the running server


def source(name: str, value: str, *other_names: str) -> str:
    """What set `name` to `value`: a file, an environment variable or a flag."""
    for path, settings in USERS:
        for values in settings.values():
            if isinstance(values, dict) and value in map(values.get, (name, *other_names)):
                return str(path)
    if name == "token" and os.environ.get("JUPYTER_TOKEN_FILE"):
        return "JUPYTER_TOKEN_FILE"
    return f"a flag such as --IdentityProvider.{name}"


def is_local(ip: str) -> bool:
    """Whether only this computer can reach `ip`; a name not known here is public."""
    try:
        return ip == "localhost" or ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def password_hash() -> str:
    """The argon2 hash to log in with, or an empty string where none was set."""
    path = Path(jupyter_config_dir(), "jupyter_server_config.json")
    found = os.environ.get("COURSE_PASSWORD_HASH", "").strip()
    origin = "COURSE_PASSWORD_HASH" if found else str(path)
    # The first is what `jupyter server password` writes; Jupyter reads the second too.
    for section in ("IdentityProvider", "PasswordIdentityProvider"):
        settings: dict[str, Any] = dict(USERS).get(path, {})
        found = found or settings.get(section, {}).get("hashed_password", "")
    if found and origin == str(path):
        check_unread(path)
    if found:
        check_hash(found, origin)
    return found


def check_hash(found: str, origin: str) -> None:
    """Stop unless `found` is a whole argon2 hash; a shell may have eaten half of it."""
    try:
        argon2.extract_parameters(found.removeprefix("argon2:"))
        whole = found.startswith("argon2:")
    except (AttributeError, argon2.exceptions.InvalidHash):
        whole = False
    if not whole:
        quotes = "; in a shell put it in single quotes" if origin.isupper() else ""
        stop(
            f"the password in {origin} is not an argon2 hash{quotes}. "
            "Make one with `jupyter server password`."
        )


def check_unread(path: Path) -> None:
    """Stop where other users of this computer can read a file with a secret."""
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
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


def protect(c: Any) -> None:
    """Set who may reach the server, and how they log in."""
    if any("identity_provider_class" in argument for argument in sys.argv):
        stop("the login cannot be replaced by a flag; leave identity_provider_class out.")
    check_usable(Path(jupyter_data_dir()), "JUPYTER_DATA_DIR")
    check_usable(Path(jupyter_runtime_dir()), "JUPYTER_RUNTIME_DIR")
    make_private(Path(jupyter_runtime_dir()), "JUPYTER_RUNTIME_DIR")
    if os.environ.get("JUPYTER_TOKEN_FILE") and not os.environ.get("JUPYTER_TOKEN"):
        check_token_file()
    c.ServerApp.identity_provider_class = GuardedIdentityProvider
    c.PasswordIdentityProvider.allow_password_change = False
    c.ServerApp.ip = "127.0.0.1"
    c.ServerApp.allow_unauthenticated_access = False
    # tools/server.py gives a token of its own, which no log shows; it alone asks with it.
    token = os.environ.pop("COURSE_SERVER_TOKEN", "")
    password = password_hash()
    if password:
        c.PasswordIdentityProvider.hashed_password = password
        c.IdentityProvider.token = token  # else one way in, and nothing secret in the log
    else:
        c.Application.log_level = "WARN"  # prints the address with its token, no more
        if token:
            c.IdentityProvider.token = token


def arrange(c: Any) -> None:
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
    if programs != os.environ.get("PATH", "").split(os.pathsep)[0]:
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", "")])
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    for name in NOT_FOR_KERNELS:
        os.environ.pop(name, None)
    # Visdom in the launcher; its pages come through Jupyter's own port, behind its login.
    sys.path.append(str(ROOT))
    from helpers.board import launcher

    c.ServerProxy.servers = {"visdom": launcher.entry(ROOT)}


try:
    USERS = list(other_settings())
    for path, settings in USERS:
        if not path.parent.name.endswith(".d"):  # there lie the packages' own
            check_values(path, settings)
    protect(get_config())  # type: ignore[name-defined]  # noqa: F821 (Jupyter provides it)
    arrange(get_config())  # type: ignore[name-defined]  # noqa: F821
except Exception as error:
    stop(f"{type(error).__name__}: {error}")
