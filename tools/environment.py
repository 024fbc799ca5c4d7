"""Make the course's own Python environment, or bring it up to date.

    python tools/environment.py course|test|colab|bench [--here] [--torch cpu]

`course` is what a learner needs, `test` adds what the tests need; both live in
`.venv`. `colab` has Colab's versions and lives in `.venv-colab`; `bench` is `test` and
the libraries that the course is measured against, in `.venv-bench`. With `--here` the
packages go into the environment that is active (conda, or one you made yourself).
With `--torch cpu` a Linux computer without an NVIDIA GPU downloads 0.3 GB in place of 3; that
is kept for later runs, until `--torch default` goes back.
Needs only the standard library. Started again when all is in place, it ends at once.
Your settings of pip are left out, apart from those that say where packages come from.
"""

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # run as a file: Python then looks beside it, or, with -I, nowhere
    sys.path.insert(0, str(ROOT))

from tools.installing import pytorch  # noqa: E402
from tools.installing.advice import ANOTHER_PYTHON, UNKNOWN, advice  # noqa: E402
from tools.installing.packages import CONSTRAINTS, TOOLS, Installer  # noqa: E402
from tools.installing.running import interpreter, reason, run  # noqa: E402
from tools.installing.settings import clean_variables, pip_variables  # noqa: E402

OLDEST, NEWEST = (3, 11), (3, 15)
# Folder, and the lists of pins that go into it.
KINDS = {
    "course": (".venv", "requirements.txt", "requirements/visdom.txt"),
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
SPOILING = "Note: {name} is set, and with it JupyterLab does not start. Unset it."
HIDDEN = (
    "Note: packages in {folders} hide those of the course ({names}). Before you start it, {cure}."
)
STOPPED = "\nStopped. Run the same command again: it repairs what is half done."


def main() -> None:
    """Read the command line and make the environment it asks for."""
    check_python_version()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a folder's name need not fit the console
    parser = argparse.ArgumentParser(description="Make the course's own Python environment.")
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--here", action="store_true", help="install into the active environment")
    parser.add_argument(
        "--torch",
        choices=pytorch.BUILDS,
        default="",
        help="cpu: on Linux, torch without NVIDIA's libraries; default: as the package index has",
    )
    arguments = parser.parse_args()
    try:
        prepare(arguments.kind, arguments.here, arguments.torch)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except OSError as error:
        stop_with(error)


def prepare(kind: str, here: bool, torch: str = "") -> None:
    """Make the environment, or bring it up to date; at once where all is in place."""
    folder = active_environment() if here else ROOT / KINDS[kind][0]
    build = pytorch.wanted(torch, read_stamp(folder).get("torch", ""))
    if not is_ready(folder, kind, build):
        with only_one(ROOT / (KINDS[kind][0] + ".lock"), folder):
            variables = {**clean_variables(), **pip_variables(folder)}
            if not here:
                make_empty_environment(folder, build, variables)
            install(folder, kind, build, variables, here)
        note_hidden_packages(folder)
    note_variables(here)
    bring_web_assets(folder, kind)


def check_python_version() -> None:
    """Stop on a Python that is too old; say so on one that is newer than tested."""
    found = "{}.{}".format(*sys.version_info)
    if sys.version_info < OLDEST:
        sys.exit(
            f"The course needs Python 3.11 or newer, and this is Python {found}.\n"
            f"Install a newer one and start it by name, for example: {ANOTHER_PYTHON}"
        )
    if sys.version_info[:2] > NEWEST:
        print("Note: the course is tested on Python 3.11 to 3.15; this is", found)


def active_environment() -> Path:
    """Folder of the conda or virtual environment that runs this program."""
    prefix = Path(sys.prefix)
    if sys.prefix == sys.base_prefix and not (prefix / "conda-meta").is_dir():
        active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
        message = OTHER_ACTIVE if active else NOT_ACTIVE
        sys.exit(message.format(active=active, python=sys.executable))
    return prefix


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


def fingerprint(kind: str, build: str) -> str:
    """SHA-256 of all that decides what is installed, and of where the course lies."""
    # The 3 has environments looked through once more: visdom was not apart before.
    digest = hashlib.sha256(b"3" + str(ROOT).encode("utf-8", "surrogateescape"))
    digest.update(build.encode())
    for name in (*KINDS[kind][1:], CONSTRAINTS, TOOLS):
        # Git on Windows may write other line ends; the pins are the same.
        digest.update((ROOT / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_stamp(folder: Path) -> dict:
    """What the last run wrote: state, kind, torch, python, fingerprint; empty if nothing."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        return stamp if isinstance(stamp, dict) else {}
    return {}


def write_stamp(folder: Path, **values: str) -> None:
    """Write the stamp whole or not at all."""
    draft = folder / DRAFT
    draft.write_text(json.dumps(values), encoding="utf-8")
    draft.replace(folder / STAMP)


def is_ready(folder: Path, kind: str, build: str) -> bool:
    """Whether a finished environment of this kind, or a larger one, is there."""
    stamp = read_stamp(folder)
    return (
        stamp.get("state") == "ready"
        and stamp.get("kind") in SERVED_BY[kind]
        and stamp.get("fingerprint") == fingerprint(stamp["kind"], build)
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


def make_empty_environment(folder: Path, build: str, variables: dict) -> None:
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
    write_stamp(folder, state="unfinished", torch=build)
    # From within an environment, `venv` must be run by the Python that it came from.
    python = getattr(sys, "_base_executable", None) or sys.executable
    # ensurepip on its own says why it fails; called by venv, it does not.
    # venv takes no link, and a link may lead to a disk with more room.
    for command in (
        [python, "-I", "-m", "venv", "--without-pip", os.path.realpath(str(folder))],
        [str(interpreter(folder)), "-I", "-m", "ensurepip", "--upgrade", "--default-pip"],
    ):
        status, said = run(command, variables, ROOT)
        if status:
            print(reason(said), flush=True)
            sys.exit(advice(said, folder, variables, ROOT))


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


def stop_with(error: OSError) -> None:
    """End with what to do about an error of the system."""
    if isinstance(error, FileNotFoundError):
        sys.exit(f"The course's file {error.filename} is missing. Download the course again.")
    # Windows says "access is denied" of a file in use too, but then with another number.
    refused = isinstance(error, PermissionError) and getattr(error, "winerror", None) != 32
    said = "Permission denied" if refused else str(error)
    text = advice(said, Path(str(error.filename or ROOT)), {}, ROOT)
    sys.exit(f"{error}\n{text}" if text == UNKNOWN else text)


def install(folder: Path, kind: str, build: str, variables: dict, here: bool) -> None:
    """Install the pins and `helpers`, then write the stamp; SystemExit on failure."""
    lists = KINDS[kind][1:]
    if not read_stamp(folder).get("kind"):  # the first time
        pytorch.note_missing_gpu(build, here)
    print("Installing", *lists, "(the first time takes minutes)", flush=True)
    write_stamp(folder, state="unfinished", torch=build)
    installer = Installer(ROOT, folder, variables)
    installer.install(lists, build, own=not here)
    installer.link()
    write_stamp(
        folder,
        state="ready",
        kind=kind,
        torch=build,
        python=python_version(folder),
        fingerprint=fingerprint(kind, build),
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
    pins = "".join((ROOT / name).read_text(encoding="utf-8") for name in KINDS[kind][1:])
    if "visdom==" in pins and kind != "colab":  # there chapter 06 runs without its page
        command = [str(interpreter(folder)), "-I", "-m", "helpers.board", "install"]
        subprocess.run(command, cwd=str(ROOT), env=clean_variables(), check=False)


if __name__ == "__main__":
    main()
