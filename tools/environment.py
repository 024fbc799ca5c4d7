"""Make the course's own Python environment, or bring it up to date.

    python tools/environment.py course|test|colab|bench [--here]

`course` is what a learner needs, `test` adds what the tests need; both live in
`.venv`. `colab` has Colab's versions and lives in `.venv-colab`; `bench` is `test` and
the libraries that the course is measured against, in `.venv-bench`. With `--here` the
packages go into the environment that is active (conda, or one you made yourself).
Needs only the standard library. Started again when all is in place, it ends at once.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
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
ENSUREPIP_MISSING = """\
This Python cannot make virtual environments: its module ensurepip is missing.
On Debian or Ubuntu run: sudo apt install python3-venv
Then run the same command again."""
NOT_ACTIVE = """\
--here installs into the active environment, and none is active.
Activate your conda or virtual environment first, or leave --here out."""
FOREIGN = """\
The folder {folder} was not made by this course, so it is left alone.
Move it away, or activate it and add --here to the command."""
BUSY = """\
Another command is preparing {folder}. Wait until it has finished,
then run this one again."""
READ_ONLY = """\
Nothing can be installed into {folder} ({error}).
Copy the course to a folder of your own and run the command there."""
IN_USE = """\
The folder {folder} cannot be removed: {error}.
Close what runs from it (JupyterLab, an activated shell), then run this again."""
INSTALL_FAILED = """\
Installing stopped (the reason is above). Check the network, and that {size} of
disk are free, then run the same command again: it repairs what is half done."""


def main() -> None:
    """Read the command line and make the environment it asks for."""
    check_python_version()
    sys.stdout.reconfigure(errors="replace")  # a folder's name need not fit the console
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--here", action="store_true", help="install into the active environment")
    arguments = parser.parse_args()
    kind, here = arguments.kind, arguments.here
    folder = active_environment() if here else ROOT / KINDS[kind][0]
    if not is_ready(folder, kind):
        with only_one(ROOT / (KINDS[kind][0] + ".lock"), folder):
            if not here:
                make_empty_environment(folder)
            install(folder, kind)
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
        sys.exit(NOT_ACTIVE)
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
    digest = hashlib.sha256(str(ROOT).encode("utf-8", "surrogateescape"))
    for name in (*KINDS[kind][1:], CONSTRAINTS, "pyproject.toml"):
        # Git on Windows may write other line ends; the pins are the same.
        digest.update((ROOT / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_stamp(folder: Path) -> dict:
    """What the last run wrote: state, kind, python, fingerprint; empty if nothing."""
    with contextlib.suppress(OSError, ValueError):
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        return stamp if isinstance(stamp, dict) else {}
    return {}


def write_stamp(folder: Path, **values: str) -> None:
    """Write the stamp whole or not at all."""
    draft = folder / (STAMP + ".new")
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
def only_one(lock: Path, folder: Path):
    """Hold `lock` while inside; the system lets go of it however this process ends."""
    try:
        file = lock.open("a")
    except OSError as error:
        sys.exit(READ_ONLY.format(folder=ROOT, error=error.strerror))
    with file:
        try:
            take_lock(file.fileno())
        except OSError:
            sys.exit(BUSY.format(folder=folder))
        yield


def take_lock(file: int) -> None:
    """Lock an open file; raises OSError where another process holds it."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def make_empty_environment(folder: Path) -> None:
    """Make a virtual environment in `folder`; one that works is kept as it is."""
    stamp = read_stamp(folder)
    if stamp.get("state") == "ready" and stamp.get("python") == python_version(folder):
        return
    if folder.exists() and not stamp and any(folder.iterdir()):
        sys.exit(FOREIGN.format(folder=folder))
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        sys.exit(ENSUREPIP_MISSING)
    if folder.exists():
        print("Removing an unfinished or outdated", folder, flush=True)
        remove(folder)
    print("Making", folder, flush=True)
    folder.mkdir()
    write_stamp(folder, state="unfinished")
    # From within an environment, `venv` must be run by the Python that it came from.
    python = getattr(sys, "_base_executable", None) or sys.executable
    subprocess.run([python, "-m", "venv", str(folder)], check=True)


def remove(folder: Path) -> None:
    """Delete an environment; SystemExit where something still uses it (Windows)."""
    try:
        shutil.rmtree(folder)
    except OSError as error:
        sys.exit(IN_USE.format(folder=folder, error=error))


def pinned_pip() -> str:
    """The requirement for pip, as the course pins it: `pip==26.3`."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("pip=="))


def run_pip(folder: Path, arguments: list, shown: bool) -> bool:
    """Whether `pip install` went well; what it says is shown, or kept for a failure."""
    command = [str(interpreter(folder)), "-m", "pip", "install", *arguments]
    kept = {} if shown else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=str(ROOT), check=False, **kept)
    if done.returncode and done.stdout:
        print(done.stdout.decode(errors="replace"), flush=True)
    return done.returncode == 0


def install(folder: Path, kind: str) -> None:
    """Install the pins and `helpers`, then write the stamp; SystemExit on failure."""
    requirements = KINDS[kind][1:]
    size = "8 GB" if sys.platform == "linux" else "3 GB"
    print("Installing", *requirements, "(the first time takes minutes)", flush=True)
    write_stamp(folder, state="unfinished")
    steps = [
        # Only a new pip knows --build-constraint, without which visdom is not built.
        [pinned_pip()],
        ["--build-constraint", CONSTRAINTS, *(f"--requirement={name}" for name in requirements)],
        ["--no-build-isolation", "--no-deps", "--editable", "."],
    ]
    for step in steps:
        if not run_pip(folder, step, shown="--build-constraint" in step):
            sys.exit(INSTALL_FAILED.format(size=size))
    write_stamp(
        folder,
        state="ready",
        kind=kind,
        python=python_version(folder),
        fingerprint=fingerprint(kind),
    )
    print("Ready:", folder, flush=True)


def bring_web_assets(folder: Path, kind: str) -> None:
    """Bring or repair the files of visdom's page; what fails is said, and stops nothing."""
    pins = (ROOT / KINDS[kind][1]).read_text(encoding="utf-8")
    if "visdom==" in pins and kind != "colab":  # there chapter 06 runs without its page
        command = [str(interpreter(folder)), "-m", "helpers.board", "install"]
        subprocess.run(command, cwd=str(ROOT), check=False)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again: it repairs what is half done.")
