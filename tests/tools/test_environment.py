"""tools/environment.py in somebody else's settings: what it keeps, leaves alone and says."""

import ast
import errno
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.course_copy import PYTHON, TOOLS, Copy, uv_program
from tools import environment

ROOT = Path(__file__).resolve().parents[2]
SITE = Path("lib", "python{}.{}".format(*sys.version_info), "site-packages")
POSIX = pytest.mark.skipif(os.name != "posix", reason="links and locks as on POSIX")
# Each of these alone made pip fail, or install elsewhere, where the user had set it.
SETTINGS = {
    "PIP_TARGET": "{folder}/target",
    "PIP_PREFIX": "{folder}/prefix",
    "PIP_ROOT": "{folder}/root",
    "PIP_USER": "1",
    "PIP_CONSTRAINT": "{folder}/missing.txt",
    "PIP_REQUIREMENT": "{folder}/missing.txt",
    "PIP_NO_BINARY": ":all:",
    "PIP_REQUIRE_HASHES": "1",
    "PIP_PYTHON": "{folder}/python",
    "PIP_DRY_RUN": "1",
    "PIP_QUIET": "3",
    "PIP_LOG": "{folder}/missing/log",
    "PIP_USE_FEATURE": "nothing-known",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONSAFEPATH": "1",
    "PYTHONSTARTUP": "{folder}/missing.py",
    "VIRTUAL_ENV": "{folder}/other",
    "SOURCE_DATE_EPOCH": "0",
    "UV_CONSTRAINT": "{folder}/missing.txt",
    "UV_OVERRIDE": "{folder}/missing.txt",
    "UV_NO_BINARY": "1",
    "UV_REQUIRE_HASHES": "1",
    "UV_TARGET": "{folder}/target",
    "UV_PREFIX": "{folder}/prefix",
    "UV_PYTHON": "{folder}/python",
    "UV_SYSTEM_PYTHON": "1",
    "UV_OFFLINE": "1",
    "UV_EXCLUDE_NEWER": "2001-01-01",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "UV_CONFIG_FILE": "{folder}/missing.toml",
    "UV_WORKING_DIR": "{folder}/missing",
    "UV_CACHE_DIR": "{folder}/pip.conf/no-folder",
}


def fake_package(folder: Path, name: str) -> Path:
    """Put a package of version 0.1, as pip would install it, into `folder`."""
    notes = folder / f"{name}-0.1.dist-info"
    notes.mkdir(parents=True)
    (folder / f"{name}.py").touch()
    (notes / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
    (notes / "INSTALLER").write_text("pip\n")
    files = [f"{name}.py", *(f"{notes.name}/{part}" for part in ("METADATA", "INSTALLER"))]
    (notes / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return notes


@pytest.fixture(scope="module")
def unsettled(tmp_path_factory) -> Copy:
    """A copy that was installed among all the SETTINGS, a broken file and a foreign package."""
    folder = tmp_path_factory.mktemp("unsettled")
    copy = Copy(folder)
    fake_package(folder / "ros", "setuptools")
    (folder / "pip.conf").write_text("[global]\ntarget = /nowhere\nnonsense\n")
    copy.environment.update({name: v.format(folder=folder) for name, v in SETTINGS.items()})
    copy.environment["PYTHONPATH"] = str(folder / "ros")
    copy.environment["PIP_CONFIG_FILE"] = str(folder / "pip.conf")
    copy.done = copy.run("course")
    return copy


def test_packages_come_without_the_users_settings(unsettled: Copy, tmp_path) -> None:
    """The environment is ready, has all its packages, and nothing lies elsewhere: by uv alone."""
    assert unsettled.done.returncode == 0, unsettled.done.stdout + unsettled.done.stderr
    assert "pip installs" not in unsettled.done.stdout
    show = "import helpers, setuptools; print(setuptools.__file__)"
    command = [str(unsettled.venv / PYTHON), "-I", "-c", show]
    found = subprocess.check_output(command, cwd=tmp_path, text=True)
    assert str(unsettled.venv) in found
    assert not {"target", "prefix", "root"} & {
        path.name for path in unsettled.root.parent.iterdir()
    }


def test_a_package_on_pythonpath_is_left_alone_and_named(unsettled: Copy) -> None:
    """Pip would remove it, or count it as installed; the learner hears that it comes first."""
    assert (unsettled.root.parent / "ros" / "setuptools-0.1.dist-info" / "RECORD").is_file()
    said = unsettled.done.stdout
    assert f"{unsettled.root.parent / 'ros'} hide those of the course (setuptools)" in said
    assert "unset PYTHONPATH" in said


def test_a_broken_file_of_settings_is_named(unsettled: Copy) -> None:
    """Once, with what is wrong in it; pip does without."""
    named = [line for line in unsettled.done.stdout.splitlines() if "pip.conf" in line]
    assert len(named) == 1
    assert "nonsense" in named[0]


def test_variables_that_spoil_the_start_are_named(unsettled: Copy) -> None:
    """JupyterLab does not start without docstrings, nor a Python in another's home."""
    assert "PYTHONOPTIMIZE is set" in unsettled.done.stdout
    unsettled.environment["PYTHONHOME"] = sys.base_prefix
    assert "PYTHONHOME is set" in unsettled.run("course").stdout
    del unsettled.environment["PYTHONHOME"]


@POSIX
def test_here_leaves_the_users_own_packages_alone(tmp_path) -> None:
    """Conda's Python sees packages in the user's folder; they are neither removed nor used."""
    copy, conda = Copy(tmp_path), tmp_path / "conda"
    library = Path(sys.base_prefix, SITE.parent)
    (conda / SITE).mkdir(parents=True)
    (conda / "conda-meta").mkdir()
    (conda / "bin").mkdir()
    for path in library.iterdir():
        if path.name != "site-packages":
            (conda / SITE.parent / path.name).symlink_to(path)
    python = conda / "bin" / "python3"
    python.write_bytes(Path(sys._base_executable).resolve().read_bytes())
    python.chmod(0o755)
    with zipfile.ZipFile(next((tmp_path / "wheels").glob("pip-*.whl"))) as wheel:
        wheel.extractall(conda / SITE)
    own = fake_package(tmp_path / "own" / SITE, "setuptools")
    command = copy.command("course", "--here")
    command["args"][0] = str(python)
    command["env"]["PYTHONUSERBASE"] = str(tmp_path / "own")
    done = subprocess.run(**command, capture_output=True, check=False)
    if "belongs to none" in done.stderr or "error while loading" in done.stderr:
        pytest.skip("this Python does not run from a copy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (own / "RECORD").is_file()
    assert list((conda / SITE).glob("setuptools-*.dist-info"))
    assert "set PYTHONNOUSERSITE=1" in done.stdout


def test_here_names_the_environment_that_is_active(monkeypatch) -> None:
    """Activated, but run by another Python: nothing is installed into that one."""
    monkeypatch.setattr(environment.sys, "prefix", sys.base_prefix)
    if Path(sys.base_prefix, "conda-meta").is_dir():
        pytest.skip("the tests run on conda's own Python")
    monkeypatch.setenv("VIRTUAL_ENV", "/their/own")
    with pytest.raises(SystemExit, match="active environment is /their/own"):
        environment.active_environment()
    monkeypatch.delenv("VIRTUAL_ENV")
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    with pytest.raises(SystemExit, match="belongs to none"):
        environment.active_environment()


@POSIX
@pytest.mark.parametrize("ensurepip", [True, False], ids=["ensurepip", "uv alone"])
def test_here_serves_an_environment_without_pip(ensurepip: bool, tmp_path) -> None:
    """Such as uv makes: ensurepip brings pip, or the uv on the path does all."""
    copy, own = Copy(tmp_path), tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    command = copy.command("course", "--here")
    command["args"][0] = str(own / PYTHON)
    if not ensurepip:
        (own / SITE / "hidden.pth").write_text("import sys; sys.modules['ensurepip'] = None\n")
        command["env"]["PATH"] = os.pathsep.join([str(uv_program().parent), os.environ["PATH"]])
    done = subprocess.run(**command, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for package in ("pip", "setuptools", "uv"):
        assert list((own / SITE).glob(f"{package}-*.dist-info")), package
    assert (own / "pytorch-course.json").is_file()


def course(folder: Path, monkeypatch) -> Path:
    """Have `environment` work on an empty course in `folder`; returns its `.venv`."""
    lists = environment.KINDS["course"][1:]
    for name in (*lists, environment.CONSTRAINTS, environment.TOOLS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("pip==26.3\nuv==0.13.8\n")
    monkeypatch.setattr(environment, "ROOT", folder)
    monkeypatch.setattr(sys, "argv", ["environment.py", "course"])
    return folder / ".venv"


def ended() -> str:
    """What `main` ends with."""
    with pytest.raises(SystemExit) as ending:
        environment.main()
    return str(ending.value)


@POSIX
def test_what_is_no_environment_is_named(tmp_path, monkeypatch) -> None:
    """A file, a link that leads nowhere or to itself, a folder of somebody else."""
    venv = course(tmp_path, monkeypatch)
    venv.write_text("mine")
    assert "is a file" in ended()
    venv.unlink()
    venv.symlink_to(tmp_path / "scratch")
    assert f"is a link to {tmp_path / 'scratch'}, which is not there" in ended()
    venv.unlink()
    venv.symlink_to(venv)
    assert "is a link to" in ended()
    venv.unlink()
    venv.mkdir()
    (venv / "precious.txt").touch()
    assert "not made by this course" in ended()


def test_a_path_with_a_separator_is_named(tmp_path, monkeypatch) -> None:
    """Python makes no environment on `lessons:2026`, and says so in a traceback."""
    monkeypatch.setattr(environment.os, "pathsep", "+")
    course(tmp_path / "lessons+2026", monkeypatch)
    assert 'contains "+"' in ended()


FAILURES = {
    errno.ENOSPC: "The disk is full",
    errno.EROFS: "Nothing can be written",
    errno.EACCES: "Nothing can be written",
    errno.ENAMETOOLONG: "too long",
    errno.EIO: "Input/output error",
    errno.ENOENT: "is missing",
}


@pytest.mark.parametrize(("number", "words"), FAILURES.items())
def test_errors_of_the_disk_end_in_a_sentence(number, words, tmp_path, monkeypatch) -> None:
    """Wherever they occur: here while the stamp is written."""
    course(tmp_path, monkeypatch)

    def fail(self: Path, *_, **__) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "write_text", fail)
    assert words in ended()


def test_a_draft_of_the_stamp_is_no_strangers_file(tmp_path, monkeypatch) -> None:
    """A full disk or a kill may leave nothing but that; the folder is the course's still."""
    venv = course(tmp_path, monkeypatch)
    venv.mkdir()
    (venv / environment.DRAFT).touch()
    monkeypatch.setattr(environment, "run", lambda *_: (1, "No space left on device"))
    assert "The disk is full" in ended()
    assert environment.read_stamp(venv) == {"state": "unfinished", "torch": "default"}


@POSIX
def test_an_environment_may_lie_on_another_disk(tmp_path, monkeypatch) -> None:
    """Where `.venv` is a link, the folder behind it is emptied and filled; the link stays."""
    venv, disk = course(tmp_path / "course", monkeypatch), tmp_path / "disk"
    disk.mkdir()
    venv.symlink_to(disk)
    environment.write_stamp(venv, state="unfinished")
    (disk / "bin").mkdir()
    (disk / "lib64").symlink_to("bin")
    ran = []
    monkeypatch.setattr(environment, "run", lambda command, *_: ran.append(command) or (0, ""))
    environment.make_empty_environment(venv, "default", {})
    assert venv.is_symlink()
    assert [path.name for path in disk.iterdir()] == [environment.STAMP]
    assert ran[0][-1] == str(disk)  # Python's venv takes no link


@POSIX
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_without_locks_is_not_busy(number, tmp_path, monkeypatch, capsys) -> None:
    """The work goes on, with the other kind of lock or without one."""
    import fcntl

    def fail(*_) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    with environment.only_one(tmp_path / "lock", tmp_path):
        assert capsys.readouterr().out == ""
    monkeypatch.setattr(fcntl, "lockf", fail)
    with environment.only_one(tmp_path / "lock", tmp_path):
        assert "has no locks" in capsys.readouterr().out


@POSIX
def test_the_lock_is_held_while_pip_runs_on(tmp_path) -> None:
    """A pip that outlives a killed command keeps the next command out."""
    with environment.only_one(tmp_path / "lock", tmp_path):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with pytest.raises(SystemExit, match="Another command is preparing"):
            environment.only_one(tmp_path / "lock", tmp_path).__enter__()
    finally:
        child.kill()
        child.wait()
    with environment.only_one(tmp_path / "lock", tmp_path):
        pass


def test_an_interrupt_ends_in_a_sentence(tmp_path, monkeypatch) -> None:
    """Ctrl-C at any moment."""
    course(tmp_path, monkeypatch)

    def interrupt(*_, **__) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment.subprocess, "Popen", interrupt)
    assert "Stopped." in ended()


def test_it_runs_without_docstrings() -> None:
    """`python -OO` keeps none, and argparse wants a description."""
    command = [sys.executable, "-OO", str(ROOT / "tools" / "environment.py"), "--help"]
    assert "--here" in subprocess.check_output(command, text=True)


PARTS = ["tools/__init__.py", "tools/environment.py", *(p for p in TOOLS if "/installing/" in p)]


@pytest.mark.parametrize("name", PARTS)
def test_an_old_python_can_read_what_tells_it_so(name: str) -> None:
    """Python 3.6 parses what is imported before its version is looked at."""
    source = (ROOT / name).read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 6)).body


def test_it_needs_the_standard_library_only() -> None:
    """Nothing else is there yet when it runs."""
    known = {*sys.stdlib_module_names, "tools"}
    for name in PARTS:
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {each.partition(".")[0] for each in names} <= known, name
