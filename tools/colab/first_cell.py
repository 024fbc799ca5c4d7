"""What the first cell of a chapter for Colab does. Its text is copied into the notebook.

So it needs nothing but Python: the course is what it brings.
"""


def bring_course(chapter: str, digest: str, letters: str, packages: dict[str, str]) -> None:
    """Unpack the course's files beside the notebook, once, and make them importable.

    Args:
        chapter: Two digits.
        digest: The SHA-256 of the packed files.
        letters: The packed files, a zip archive in base 85.
        packages: Modules that the chapter needs, and what pip installs for each.
    """
    import base64
    import contextlib
    import hashlib
    import importlib
    import io
    import os
    import shutil
    import subprocess
    import sys
    import tempfile
    import time
    import zipfile
    from importlib.util import find_spec
    from pathlib import Path

    class DamagedCellError(Exception):
        """Shown in one line: where a notebook is damaged, no traceback helps."""

        def _render_traceback_(self) -> list[str]:
            return [str(self)]

    name = f"pytorch-course-{chapter}-{digest[:12]}"
    part = ".pytorch-course-part-"

    def unpacked() -> bytes:
        """The archive; what is not the archive that was packed is refused."""
        try:
            content = base64.b85decode("".join(letters.split()))
        except ValueError:
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise DamagedCellError(
                "This cell is damaged: its packed files are not those that were written. "
                f"Upload the file of chapter {chapter} again; your answers can be copied into it."
            )
        return content

    archive = zipfile.ZipFile(io.BytesIO(unpacked()))

    def is_whole(folder: Path) -> bool:
        with contextlib.suppress(OSError):
            return all(
                (folder / info.filename).read_bytes() == archive.read(info)
                for info in archive.infolist()
            )
        return False

    def remove(folder: Path) -> None:
        """Take a folder's name away first: half a folder never has it."""
        aside = Path(tempfile.mkdtemp(prefix=part, dir=folder.parent))
        with contextlib.suppress(OSError):
            folder.rename(aside / "old")
        shutil.rmtree(aside, ignore_errors=True)

    def unpack_into(parent: Path) -> Path:
        """Write the files aside, then give the folder its name in one step."""
        target = parent / name
        aside = Path(tempfile.mkdtemp(prefix=part, dir=parent))
        archive.extractall(aside / name)
        if target.exists() and not is_whole(target):
            remove(target)  # something in it was changed
        with contextlib.suppress(OSError):  # another notebook was quicker
            (aside / name).rename(target)
        shutil.rmtree(aside, ignore_errors=True)
        if not is_whole(target):
            raise OSError(f"{target} cannot be written")
        return target

    def tidy(parent: Path) -> None:
        """Remove the folders of older files, and what a kernel that was killed has left."""
        for old in parent.glob(f"pytorch-course-{chapter}-*"):
            if old.name != name:
                remove(old)
        for left in parent.glob(f"{part}*"):
            if time.time() - left.stat().st_mtime > 3600:
                shutil.rmtree(left, ignore_errors=True)

    known = [Path(place) for place in sys.path if Path(place).name == name]
    folder = next(filter(is_whole, [*known, Path.cwd() / name]), None)
    did = "are in"
    if folder is None:
        did = "were unpacked into"
        try:
            folder = unpack_into(Path.cwd())
        except OSError:  # a folder that only this user can write to, and is new
            did = f"were unpacked, as {Path.cwd()} cannot be written to, into"
            folder = unpack_into(Path(tempfile.mkdtemp(prefix="pytorch-course-")))
    with contextlib.suppress(OSError):
        tidy(folder.parent)

    # No other chapter's files, and no older ones, come before these or are mixed with them.
    sys.path[:] = [place for place in sys.path if not Path(place).name.startswith(name[:15])]
    sys.path.insert(0, str(folder))
    loaded = [each for each in sys.modules if each.split(".")[0] in ("exercises", "helpers")]
    origins = [getattr(sys.modules[each], "__file__", None) or "" for each in loaded]
    if not all(origin.startswith(str(folder)) for origin in origins):
        for each in loaded:
            del sys.modules[each]
    importlib.invalidate_caches()

    def run(*command: str) -> bool:
        """Run a module of Python's or of the course's; whether that went well."""
        constraints = "tools/build-constraints.txt"  # pip would split a path at its blanks
        settings = {"PIP_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints}
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**os.environ, **settings, "PYTHONPATH": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        importlib.invalidate_caches()
        return done.returncode == 0

    told = f"Chapter {chapter} is ready: its files {did} {folder}."
    pip = ("pip", "install", "--quiet", "--retries=1", "--timeout=15")
    for module, requirement in packages.items():
        if find_spec(module) is None:
            is_there = run(*pip, requirement)
            told += f" {module} was {'' if is_there else 'not '}installed"
            told += "." if is_there else " (is there no internet?): its cells say what to do."
    if "visdom" in packages and find_spec("visdom") and not run("helpers.board", "install"):
        told += " visdom's page is not shown, as npm is not here or nothing can be downloaded."
    print(told)
    if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        print(
            "When this session ends, every file here is deleted: run exercises.download_progress() "
            "and download the notebook before."
        )
    else:
        print("Answers stay in this notebook; exercises.download_progress() takes progress along.")

    # The chapter counts its cells from the set-up cell on, as %history does.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and len(shell.history_manager.input_hist_raw) == 2:  # "", this cell
        shell.history_manager.reset(new_session=True)
        shell.execution_count -= 1
