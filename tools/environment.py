"""Make the course's own Python environment, or bring it up to date.

    python tools/environment.py course|test|colab|bench [--here]

`course` is what a learner needs, `test` adds what the tests need; both live in
`.venv`. `colab` has Colab's versions and lives in `.venv-colab`; `bench` is `test` and
the libraries that the course is measured against, in `.venv-bench`. With `--here` the
packages go into the environment that is active (conda, or one you made yourself).
Needs only the standard library. Started again when all is in place, it ends at once.
pip runs without your settings, apart from those that say where packages come from (KEPT).
"""

import argparse
import configparser
import contextlib
import errno
import hashlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
CONSTRAINTS = "tools/build-constraints.txt"
# Folder, and the lists of pins that go into it.
KINDS = {
    "course": (".venv", "requirements.txt"),
    "test": (".venv", "requirements/test.txt"),
    "colab": (".venv-colab", "requirements/colab.txt"),
    "bench": (".venv-bench", "requirements/test.txt", "requirements/bench.txt"),
}
# A test environment holds all of a course environment, so it serves as one.
SERVED_BY = {
    "course": ("course", "test"),
    "test": ("test",),
    "colab": ("colab",),
    "bench": ("bench",),
}
STAMP = "pytorch-course.json"
DRAFT = STAMP + ".new"
# The only settings of pip that count: how packages and certificates are reached, and the cache.
KEPT = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "keyring-provider"),
    *("cert", "client-cert", "proxy", "timeout", "retries", "cache-dir", "no-cache-dir"),
}
OTHER_NAMES = {"default-timeout": "timeout", "pypi-url": "index-url"}
# Of an environment's Python as the learner starts it: what lies before its own packages.
FIND_HIDDEN = """
import importlib.metadata, sys
first, own = {}, set()
for found in importlib.metadata.distributions():
    name, folder = found.metadata["Name"].lower(), str(found.locate_file(""))
    first.setdefault(name, folder)
    if folder.startswith(sys.prefix):
        own.add(name)
for name in sorted(own):
    if not first[name].startswith(sys.prefix):
        print(name, first[name], sep="\t")
"""

ENSUREPIP_MISSING = """\
This Python cannot make virtual environments: its module ensurepip is missing.
On Debian or Ubuntu run: sudo apt install python3-venv
Then run the same command again."""
NOT_ACTIVE = """\
--here installs into the active environment, and {python} belongs to none.
Activate your conda or virtual environment first, or leave --here out."""
OTHER_ACTIVE = """\
The active environment is {active}, but {python} runs this command.
Start the command with that environment's own Python."""
FOREIGN = """\
The folder {folder} was not made by this course, so it is left alone.
Move it away, or activate it and add --here to the command."""
NO_FOLDER = """\
{folder} is a file, and the course needs a folder there. Move the file away,
then run the same command again."""
DANGLING = """\
{folder} is a link to {target}, which is not there. Remove the link or make that
folder, then run the same command again."""
SEPARATOR = """\
Python makes no environment in {folder}: the path contains "{separator}".
Rename that folder, then run the same command again."""
BUSY = """\
Another command is preparing {folder}. Wait until it has finished,
then run this one again."""
NO_LOCKS = "Note: this file system has no locks. Do not run the same command twice at once."
IN_USE = """\
The folder {folder} cannot be removed: {error}.
Close what runs from it (JupyterLab, an activated shell), then run this again."""
PIP_FILE = "Note: pip's settings in {path} are left out, because the file cannot be read: {error}"
SPOILING = "Note: {name} is set, and with it JupyterLab does not start. Unset it."
HIDDEN = (
    "Note: packages in {folders} hide those of the course ({names}). Before you start it, {cure}."
)
FAILED = "Installing stopped (the reason is above). "
STOPPED = "\nStopped. Run the same command again: it repairs what is half done."
NETWORK = """\
The download failed. Check the network, then run the same command again:
it repairs what is half done."""
CERTIFICATE = """\
A certificate was not accepted. Where a proxy has one of its own, set PIP_CERT to the
file that holds it, then run the same command again."""
LOGIN = """\
The package index or the proxy refused the login. Check the name and password in its
address, then run the same command again."""
NO_MATCH = """\
No version of this package fits this computer and Python {version}, or the package index
lacks it or cannot be reached. The course is tested on Python 3.11 to 3.13."""
BAD_SETTING = """\
pip does not accept one of your settings. Correct it, then run the same command again."""
READ_ONLY = """\
Nothing can be written to {folder} ({found}).
Copy the course to a folder of your own and run the command there."""
NOT_YOURS = """\
Nothing can be installed into {folder} ({found}).
Activate an environment of your own, or leave --here out."""
UNKNOWN = "Run the same command again: it repairs what is half done."
# What pip or the system says of a failure, and what to do; the first that is found counts.
CAUSES = [
    (
        r"(?i)no space left|quota exceeded|not enough space|WinError 112\b",
        "The disk is full. Free {size} for {folder}, and where temporary files go,\n"
        "then run the same command again.",
    ),
    (
        r"(?i)file name too long|WinError 206\b|long path support",
        "A path below {folder} is too long for this system.\n"
        "Move the course to a shorter path, then run the same command again.",
    ),
    (
        r"No module named '?pip\b",
        "{folder} has no pip. Run {python} -m ensurepip\n"
        "or conda install pip, then run the same command again.",
    ),
    (
        r"(?i)ssl module is not available",
        "This Python was built without SSL and cannot download anything.\n"
        "Use another one, for example: make lab PYTHON=python3.13",
    ),
    (
        r"ended by signal",
        "Something else ended pip; often the memory is too small. Close other programs,\n"
        "then run the same command again.",
    ),
    (r"(?i)\boption -*[\w-]+: invalid|not a valid value for|invalid proxy", BAD_SETTING),
    (r"SSLError|SSLCert|CERTIFICATE_VERIFY_FAILED|TLS (CA )?certificate", CERTIFICATE),
    (r"\b(401|403|407) (Client )?Error|HTTP error (401|403|407)|connection failed: 407", LOGIN),
    (
        r"(?i)connectionpool|connection ?(error|broken|refused|reset|aborted)|timed out"
        r"|failed to connect|name resolution|unreachable|incomplete ?read|proxy ?error",
        NETWORK,
    ),
    (r"No matching distribution|not a supported wheel|requires a different Python", NO_MATCH),
    (r"(?i)permission denied|read-only file system|not permitted|WinError 5\b", READ_ONLY),
]


def main() -> None:
    """Read the command line and make the environment it asks for."""
    check_python_version()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a folder's name need not fit the console
    parser = argparse.ArgumentParser(description="Make the course's own Python environment.")
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--here", action="store_true", help="install into the active environment")
    arguments = parser.parse_args()
    try:
        prepare(arguments.kind, arguments.here)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except OSError as error:
        stop_with(error)


def prepare(kind: str, here: bool) -> None:
    """Make the environment, or bring it up to date; at once where all is in place."""
    folder = active_environment() if here else ROOT / KINDS[kind][0]
    if not is_ready(folder, kind):
        with only_one(ROOT / (KINDS[kind][0] + ".lock"), folder):
            variables = {**clean_variables(), **pip_variables(folder)}
            if not here:
                make_empty_environment(folder, variables)
            install(folder, kind, variables)
        note_hidden_packages(folder)
    note_variables(here)
    bring_web_assets(folder, kind)


def check_python_version() -> None:
    """Stop on a Python that is too old; say so on one that is newer than tested."""
    found = "{}.{}".format(*sys.version_info)
    if sys.version_info < OLDEST:
        sys.exit(
            f"The course needs Python 3.11 or newer, and this is Python {found}.\n"
            "Install a newer one and start it by name, for example: "
            "make lab PYTHON=python3.13"
        )
    if sys.version_info[:2] > NEWEST:
        print("Note: the course is tested on Python 3.11 to 3.13; this is", found)


def active_environment() -> Path:
    """Folder of the conda or virtual environment that runs this program."""
    prefix = Path(sys.prefix)
    if sys.prefix == sys.base_prefix and not (prefix / "conda-meta").is_dir():
        active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
        message = OTHER_ACTIVE if active else NOT_ACTIVE
        sys.exit(message.format(active=active, python=sys.executable))
    return prefix


def interpreter(folder: Path) -> Path:
    """The Python of the environment in `folder`."""
    if folder == Path(sys.prefix):
        return Path(sys.executable)
    windows = os.name == "nt"
    return folder / ("Scripts/python.exe" if windows else "bin/python")


def python_version(folder: Path) -> str:
    """Version that the environment's own Python reports; empty if it does not run."""
    show = "import sys; print('{}.{}'.format(*sys.version_info))"
    command = [str(interpreter(folder)), "-I", "-c", show]
    with contextlib.suppress(OSError):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
        return done.stdout.decode().strip()
    return ""


def fingerprint(kind: str) -> str:
    """SHA-256 of all that decides what is installed, and of where the course lies."""
    # The 2 has environments looked through once more: pip ran in the user's settings before.
    digest = hashlib.sha256(b"2" + str(ROOT).encode("utf-8", "surrogateescape"))
    for name in (*KINDS[kind][1:], CONSTRAINTS, "pyproject.toml"):
        # Git on Windows may write other line ends; the pins are the same.
        digest.update((ROOT / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_stamp(folder: Path) -> dict:
    """What the last run wrote: state, kind, python, fingerprint; empty if nothing."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        return stamp if isinstance(stamp, dict) else {}
    return {}


def write_stamp(folder: Path, **values: str) -> None:
    """Write the stamp whole or not at all."""
    draft = folder / DRAFT
    draft.write_text(json.dumps(values), encoding="utf-8")
    draft.replace(folder / STAMP)


def is_ready(folder: Path, kind: str) -> bool:
    """Whether a finished environment of this kind, or a larger one, is there."""
    stamp = read_stamp(folder)
    return (
        stamp.get("state") == "ready"
        and stamp.get("kind") in SERVED_BY[kind]
        and stamp.get("fingerprint") == fingerprint(stamp["kind"])
        and stamp.get("python") == python_version(folder)
    )


@contextlib.contextmanager
def only_one(lock: Path, folder: Path) -> Iterator[None]:
    """Hold `lock` while inside; the system lets go of it however this process ends."""
    with lock.open("a") as file:
        if not take_lock(file.fileno()):
            sys.exit(BUSY.format(folder=folder))
        yield


def take_lock(file: int) -> bool:
    """Lock an open file; False where another process holds it.

    A file system that cannot lock (some network disks) is no reason to stop.
    """
    if sys.platform == "win32":
        import msvcrt

        ways = [lambda: msvcrt.locking(file, msvcrt.LK_NBLCK, 1)]
    else:
        import fcntl

        os.set_inheritable(file, True)  # held until a pip that outlives this process has ended
        whole = fcntl.LOCK_EX | fcntl.LOCK_NB
        ways = [lambda: fcntl.flock(file, whole), lambda: fcntl.lockf(file, whole)]
    for way in ways:
        try:
            way()
            return True
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLOCK):
                return False
    print(NO_LOCKS, flush=True)
    return True


def make_empty_environment(folder: Path, variables: dict) -> None:
    """Make a virtual environment in `folder`; one that works is kept as it is."""
    stamp = read_stamp(folder)
    if stamp.get("state") == "ready" and stamp.get("python") == python_version(folder):
        return
    refuse_unusable(folder)
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        sys.exit(ENSUREPIP_MISSING)
    remove_contents(folder)
    print("Making", folder, flush=True)
    folder.mkdir(exist_ok=True)
    write_stamp(folder, state="unfinished")
    # From within an environment, `venv` must be run by the Python that it came from.
    python = getattr(sys, "_base_executable", None) or sys.executable
    # ensurepip on its own says why it fails; called by venv, it does not.
    # venv takes no link, and a link may lead to a disk with more room.
    for command in (
        [python, "-I", "-m", "venv", "--without-pip", os.path.realpath(str(folder))],
        [str(interpreter(folder)), "-I", "-m", "ensurepip", "--upgrade", "--default-pip"],
    ):
        status, said = run(command, variables)
        if status:
            sys.exit(advice(said, folder, variables))


def refuse_unusable(folder: Path) -> None:
    """SystemExit where no environment can be made, or something else lies there."""
    if os.pathsep in str(folder):
        sys.exit(SEPARATOR.format(folder=folder.parent, separator=os.pathsep))
    if folder.is_symlink() and not folder.exists():
        sys.exit(DANGLING.format(folder=folder, target=os.path.realpath(str(folder))))
    if folder.exists() and not folder.is_dir():
        sys.exit(NO_FOLDER.format(folder=folder))
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if names and STAMP not in names and names != {DRAFT}:
        sys.exit(FOREIGN.format(folder=folder))


def remove_contents(folder: Path) -> None:
    """Empty an environment, its stamp apart; `folder` itself may be a link to another disk."""
    if folder.exists() and any(folder.iterdir()):
        print("Removing an unfinished or outdated", folder, flush=True)
        try:
            for path in folder.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                elif path.name != STAMP:
                    path.unlink()
        except OSError as error:
            sys.exit(IN_USE.format(folder=folder, error=error))


def pip_files(prefix: Path) -> list:
    """The files in which pip looks for settings; later ones win."""
    own = os.environ.get("PIP_CONFIG_FILE", "")
    if own == os.devnull:
        return []
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home raises where there is none)
    if os.name == "nt":
        shared: list = [os.environ.get("PROGRAMDATA", "C:\\ProgramData") + "\\pip"]
        user = [home / "pip", Path(os.environ.get("APPDATA", home), "pip")]
    else:
        xdg = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        shared = [*(Path(path, "pip") for path in xdg.split(":")), "/etc"]
        user = [home / ".pip", Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config", "pip")]
    if sys.platform == "darwin":
        library = "Library/Application Support/pip"
        shared = ["/" + library]
        user += [home / library]
    folders = [*shared, *([] if own and Path(own).exists() else user), prefix]
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    return [Path(folder, name) for folder in folders] + ([Path(own)] if own else [])


def pip_variables(prefix: Path) -> dict:
    """Variables that give pip the user's settings which are KEPT, and no others."""
    sections: dict = {"global": {}, "install": {}}  # settings for `install` win over those for all
    for path in pip_files(prefix):
        parser = configparser.RawConfigParser()
        try:
            parser.read(str(path))
            for section, values in sections.items():
                values.update(parser.items(section) if parser.has_section(section) else [])
        except OSError:
            pass  # pip passes over it too
        except (configparser.Error, ValueError) as error:
            print(PIP_FILE.format(path=path, error=" ".join(str(error).split())), flush=True)
    own = [(name, value) for name, value in os.environ.items() if name.startswith("PIP_")]
    found = {}
    for name, value in [*sections["global"].items(), *sections["install"].items(), *own]:
        if value and setting(name) in KEPT:
            found["PIP_" + setting(name).upper().replace("-", "_")] = value
    return found


def setting(name: str) -> str:
    """The name of pip's setting behind a variable or a line of its file."""
    name = name[4:] if name.startswith("PIP_") else name
    name = name.lower().replace("_", "-").lstrip("-")
    return OTHER_NAMES.get(name, name)


def clean_variables() -> dict:
    """The environment variables without the user's settings of pip and Python."""
    own = ("PIP_", "PYTHON", "DIST_EXTRA_CONFIG", "__PYVENV")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    variables.update(
        PIP_CONFIG_FILE=os.devnull,
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_NO_INPUT="1",  # a question would not be seen
        PIP_ROOT_USER_ACTION="ignore",
        PYTHONNOUSERSITE="1",
    )
    return variables


def run(command: list, variables: dict, shown: bool = False) -> tuple:
    """Exit status of a command and what it said; all of it is shown, or the reason of a failure."""
    said = []
    with subprocess.Popen(
        command,
        cwd=str(ROOT),
        env=variables,
        close_fds=False,  # the lock, see there
        stdout=None if shown else subprocess.PIPE,
        stderr=subprocess.PIPE if shown else subprocess.STDOUT,
    ) as process:
        try:
            for line in process.stderr or process.stdout or []:
                said.append(line.decode(errors="replace"))
                if shown and not in_traceback(said):
                    print(said[-1], end="", file=sys.stderr, flush=True)
        except BaseException:
            process.kill()
            raise
    if process.returncode < 0:
        said.append(f"ended by signal {-process.returncode}\n")
    if process.returncode and not shown:
        print(reason(said), flush=True)
    return process.returncode, "".join(said)


def reason(said: list) -> str:
    """The last line of what a command said that tells an error, or else the last line."""
    lines = [line.strip() for line in said if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)error\b", line)]
    return "".join((errors or lines)[-1:])


def in_traceback(said: list) -> bool:
    """Whether the last line belongs to a traceback, which helps no learner."""
    starts = (line for line in reversed(said) if not line.startswith(" "))
    return said[-1].startswith(("Traceback", " ")) and next(starts, "").startswith("Traceback")


def advice(said: str, folder: Path, variables: dict) -> str:
    """What to do about a failure, from what pip or the system said of it."""
    causes = ((re.search(pattern, said), text) for pattern, text in CAUSES)
    found, text = next((cause for cause in causes if cause[0]), (None, UNKNOWN))
    inside = ROOT in (folder, *folder.parents)
    given = sorted(name for name in variables if name[:4] == "PIP_" and setting(name) in KEPT)
    if text in (NETWORK, CERTIFICATE, LOGIN, NO_MATCH, BAD_SETTING) and given:
        text += "\nYour settings of pip have a part in it: {}.".format(", ".join(given))
    return (NOT_YOURS if text is READ_ONLY and not inside else text).format(
        folder=os.path.realpath(str(folder)),
        found=found[0] if found else None,
        python=interpreter(folder),
        size="8 GB" if sys.platform == "linux" else "3 GB",
        version="{}.{}".format(*sys.version_info),
    )


def stop_with(error: OSError) -> None:
    """End with what to do about an error of the system."""
    if isinstance(error, FileNotFoundError):
        sys.exit(f"The course's file {error.filename} is missing. Download the course again.")
    text = advice(str(error), Path(str(error.filename or ROOT)), {})
    sys.exit(f"{error}\n{text}" if text == UNKNOWN else text)


def pinned_pip() -> str:
    """The requirement for pip, as the course pins it: `pip==26.3`."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("pip=="))


def install(folder: Path, kind: str, variables: dict) -> None:
    """Install the pins and `helpers`, then write the stamp; SystemExit on failure."""
    requirements = KINDS[kind][1:]
    print("Installing", *requirements, "(the first time takes minutes)", flush=True)
    write_stamp(folder, state="unfinished")
    steps = [
        # Only a new pip knows --build-constraint, without which visdom is not built.
        [pinned_pip()],
        ["--build-constraint", CONSTRAINTS, *(f"--requirement={name}" for name in requirements)],
        ["--no-build-isolation", "--no-deps", "--editable", "."],
    ]
    for step in steps:
        # -I: no packages but the environment's own; pip would remove those that lie elsewhere.
        command = [str(interpreter(folder)), "-I", "-m", "pip", "install", *step]
        status, said = run(command, variables, shown="--build-constraint" in step)
        if status:
            sys.exit(FAILED + advice(said, folder, variables))
    write_stamp(
        folder,
        state="ready",
        kind=kind,
        python=python_version(folder),
        fingerprint=fingerprint(kind),
    )
    print("Ready:", folder, flush=True)


def note_hidden_packages(folder: Path) -> None:
    """Say which packages on PYTHONPATH or in the user's folder come before the environment's."""
    command = [str(interpreter(folder)), "-c", FIND_HIDDEN]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=str(folder), check=False
    )
    lines = [line.partition("\t") for line in done.stdout.decode(errors="replace").splitlines()]
    names = [name for name, _, _ in lines]
    if names:
        by_path = os.environ.get("PYTHONPATH")
        print(
            HIDDEN.format(
                folders=", ".join(sorted({place for _, _, place in lines})),
                names=", ".join([*names[:5], *(["…"] if names[5:] else [])]),
                cure="unset PYTHONPATH" if by_path else "set PYTHONNOUSERSITE=1",
            ),
            flush=True,
        )


def note_variables(here: bool) -> None:
    """Say which variables keep the environment's Python, or JupyterLab, from starting."""
    if os.environ.get("PYTHONHOME") and not here:
        print(SPOILING.format(name="PYTHONHOME"), flush=True)
    if os.environ.get("PYTHONOPTIMIZE", "") not in ("", "0", "1"):  # needs its docstrings
        print(SPOILING.format(name="PYTHONOPTIMIZE"), flush=True)


def bring_web_assets(folder: Path, kind: str) -> None:
    """Bring or repair the files of visdom's page; what fails is said, and stops nothing."""
    pins = (ROOT / KINDS[kind][1]).read_text(encoding="utf-8")
    if "visdom==" in pins and kind != "colab":  # there chapter 06 runs without its page
        command = [str(interpreter(folder)), "-I", "-m", "helpers.board", "install"]
        subprocess.run(command, cwd=str(ROOT), env=clean_variables(), check=False)


if __name__ == "__main__":
    main()
