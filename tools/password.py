"""Set the password of the course's server: python -m tools.password [--remove].

It asks twice, or reads one line where standard input is no terminal, and keeps only a hash, from
which the password cannot be computed back. The hash goes where `jupyter server password` puts it,
so that every Jupyter server of this user asks for it; nobody else can read that file.
"""

import argparse
import getpass
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import argon2
from jupyter_core.paths import jupyter_config_dir
from jupyter_server.auth.security import passwd

NAME = "hashed_password"
SECTIONS = ("IdentityProvider", "PasswordIdentityProvider")  # Jupyter reads both
SHORTEST = 8  # characters; whoever guesses it can run programs
ATTEMPTS = 3


class PasswordError(Exception):
    """The password was not set; one sentence says why and what to do."""


def path() -> Path:
    """The file that holds the hash."""
    return Path(jupyter_config_dir(), "jupyter_server_config.json")


def fault(found: Any) -> str:
    """What is wrong with a hash, in words that follow its place; empty where it is whole."""
    if isinstance(found, str) and found.startswith("argon2:"):
        try:
            argon2.extract_parameters(found.removeprefix("argon2:"))
            return ""
        except argon2.exceptions.InvalidHash:
            pass
    kind = found.partition(":")[0] if isinstance(found, str) else ""
    if kind.startswith(("sha", "md5", "pbkdf2")) and found.count(":") >= 1:
        return f"is a {kind} hash of older notes and not an argon2 hash: it is too quickly guessed"
    return "is not an argon2 hash"


def is_private(file: Path) -> bool:
    """Whether nobody else on this computer reads a file; Windows keeps no such permissions."""
    return os.name != "posix" or not stat.S_IMODE(file.stat().st_mode) & 0o077


def read(file: Path) -> dict[str, Any]:
    """The settings in a file; empty where there is none. Raises PasswordError."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise PasswordError(
            f"{file} cannot be read ({error}). Correct it or move it away."
        ) from None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(section, {}), dict) for section in SECTIONS
    ):
        raise PasswordError(f"{file} does not hold settings, in braces. Move it away.")
    return found


def is_set() -> bool:
    """Whether the next server asks for a password; a damaged file stops it, and counts as none."""
    try:
        settings = read(path())
    except PasswordError:
        return False
    given = [settings.get(section, {}).get(NAME) for section in SECTIONS]
    return any([os.environ.get("COURSE_PASSWORD_HASH", "").strip(), *given])


def write(file: Path, settings: dict[str, Any]) -> None:
    """Write the file whole or not at all, for its owner alone; its other settings are kept."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as content:
        json.dump(settings, content, indent=2)
    draft.replace(file.resolve())


def set_hash(file: Path, password: str) -> None:
    """Put the hash of a password in place of the one that is there. Raises PasswordError."""
    settings = without(read(file))
    settings.setdefault(SECTIONS[0], {})[NAME] = passwd(password)
    write(file, settings)


def without(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings without a password, and without sections that are empty then."""
    kept = {
        section: {name: value for name, value in values.items() if name != NAME}
        if section in SECTIONS
        else values
        for section, values in settings.items()
    }
    return {section: values for section, values in kept.items() if values != {}}


def asked() -> str:
    """The password, typed twice, or a line of standard input. Raises PasswordError."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        if not line.strip():
            raise PasswordError("standard input held no password.")
        return checked(line.rstrip("\r\n"))
    for _ in range(ATTEMPTS):
        first = checked(getpass.getpass("New password: "))
        if getpass.getpass("The same again: ") == first:
            return first
        print("These two differ. Once more.", file=sys.stderr)
    raise PasswordError("no two were the same; nothing was changed.")


def checked(password: str) -> str:
    """The password itself. Raises PasswordError where it is too short."""
    if len(password) < SHORTEST:
        raise PasswordError(
            f"a password has at least {SHORTEST} characters: whoever guesses it can run programs "
            "as you. Nothing was changed."
        )
    return password


def main() -> None:
    """Set or remove the password."""
    parser = argparse.ArgumentParser(description="Set the password of the course's server.")
    parser.add_argument("--remove", action="store_true", help="log in by the token again")
    remove = parser.parse_args().remove
    file = path()
    try:
        if remove:
            settings = read(file)
            if without(settings) == settings:
                print(f"No password was set in {file}.")
                return
            write(file, without(settings))
            print("The password is removed. A server that runs keeps it until it is started again.")
        else:
            set_hash(file, asked())
            print(f"The password is set; {file} holds its hash.")
            print("It counts when the server is started the next time.")
    except PasswordError as error:
        sys.exit(f"tools.password: {error}")
    except OSError as error:
        sys.exit(f"tools.password: {file} cannot be written ({error.strerror}).")
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nNothing was changed.")


if __name__ == "__main__":
    main()
