"""A learner's own settings of Jupyter: read before Jupyter reads them, and mistakes named.

jupyter_config.py uses this. Jupyter alone shows a traceback and starts with its defaults, or says
nothing. Here a broken file stops the server, and old names are explained, each in one sentence.
"""

import json
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

# What Jupyter reads beside ours, in each folder of `jupyter --paths`; the last two not here.
READ = [
    *("jupyter_config.py", "jupyter_lab_config.py", "jupyter_config.json"),
    *("jupyter_lab_config.json", "jupyter_server_config.json", "jupyter_notebook_config.json"),
    *("jupyter_config.d/*.json", "jupyter_server_config.d/*.json"),
    "jupyter_notebook_config.d/*.json",
]
NOT_READ = ["jupyter_server_config.py", "jupyter_notebook_config.py"]
# What a setting of NotebookApp is today, where it is not ServerApp and the same name.
TODAY = {
    "allow_password_change": "PasswordIdentityProvider.allow_password_change",
    "nbserver_extensions": "ServerApp.jpserver_extensions",
    "notebook_dir": "ServerApp.root_dir",
    "password": "make password",
    "password_required": "PasswordIdentityProvider.password_required",
    "token": "IdentityProvider.token",
}
OLD_FUNCTION = re.compile(r"\bnotebook\.auth\b|\bIPython\.lib\b.*\bpasswd\b")
OLD_NAME = re.compile(r"^[^#\n]*?\bNotebookApp\.(\w+)", re.MULTILINE)
PASSWD_IS_GONE = "notebook.auth.passwd is gone: run make password, and take that line out"


def stop(message: str) -> None:
    """End the process; after an ordinary exception Jupyter would use its defaults."""
    sys.exit(f"jupyter_config.py: {message}")


def note(message: str) -> None:
    """Say what does not stop the server."""
    print(f"jupyter_config.py: note: {message}", file=sys.stderr, flush=True)


def read_all() -> list[tuple[Path, Config]]:
    """Each file of settings that Jupyter reads; a broken one or a wrong value stops the server."""
    found = list(_files())
    for path, settings in found:
        if not path.parent.name.endswith(".d"):  # there lie the packages' own
            check_values(path, settings)
    return found


def _files() -> Iterator[tuple[Path, Config]]:
    for folder in map(Path, jupyter_config_path()):
        for path in (path for name in READ for path in sorted(folder.glob(name))):
            try:
                yield path, load(path)
            except (Exception, SystemExit) as error:
                hint = f"; {PASSWD_IS_GONE}" if mentions_old_function(path) else ""
                stop(
                    f"your own settings in {path} cannot be read ({reason(error, path)}){hint}. "
                    "Correct that file or move it away."
                )
        for path in (folder / name for name in NOT_READ if (folder / name).is_file()):
            look_over(path)


def look_over(path: Path) -> None:
    """Say what is wrong or old in a file that the course's server does not read."""
    try:
        text = path.read_bytes()
        compile(text, str(path), "exec")
    except (OSError, SyntaxError, ValueError) as error:
        note(f"{path} has a mistake ({reason(error, path)}); the course does without it.")
        return
    names = dict.fromkeys(OLD_NAME.findall(text.decode(errors="replace")))
    if names:
        note(f"{path} is not read any more, and {old_names(names)}.")
    if mentions_old_function(path):
        note(f"in {path}, {PASSWD_IS_GONE}.")


def mentions_old_function(path: Path) -> bool:
    """Whether a program of settings makes its password as notes of 2018 do."""
    return path.suffix == ".py" and bool(OLD_FUNCTION.search(path.read_text(errors="replace")))


def old_names(names: Iterable[str]) -> str:
    """What settings of NotebookApp are called today."""
    today = (
        f"NotebookApp.{name} (today: {TODAY.get(name, f'ServerApp.{name}')})" for name in names
    )
    return f"uses old names, which the server does not know: {', '.join(today)}"


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
        note(f"{path} {old_names(settings['NotebookApp'])}.")
    if settings.get("ServerApp", {}).get("password"):
        note(
            f"{path} sets ServerApp.password, an old name of IdentityProvider.hashed_password. "
            "Run make password, and take that line out."
        )
    for section, values in settings.items():
        if section not in known or not hasattr(known[section], "class_traits"):
            continue  # of a program that does not run here
        # A section counts for the classes below it: IdentityProvider for the one with passwords.
        heirs = [each for each in programs if issubclass(each, known[section])]
        traits = {
            name: trait
            for each in (known[section], *heirs)
            for name, trait in each.class_traits(config=True).items()
        }
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


def names_of(files: list[tuple[Path, Config]], value: Any, *names: str) -> list[str]:
    """The files that give one of these names, in any section, this value."""
    return [
        str(path)
        for path, settings in files
        for values in settings.values()
        if isinstance(values, dict) and value in map(values.get, names)
    ]
