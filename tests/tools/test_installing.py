"""tools/installing: whose settings count, what is said of progress and failures, torch's builds."""

import contextlib
import functools
import http.server
import json
import os
import shlex
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.course_copy import PYTHON, Copy
from tools.installing import packages, pytorch, running, settings
from tools.installing.advice import advice

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="paths as on POSIX")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there builds differ")


@POSIX
def test_where_packages_come_from_is_kept(tmp_path, monkeypatch) -> None:
    """Of files and variables: the index, certificates, proxy and cache; the rest is dropped."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "all"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "mine"))
    monkeypatch.setattr(settings.sys, "platform", "linux")
    files = {
        "all/pip/pip.conf": "[global]\nindex-url = all\nproxy = all\nno-binary = :all:\n",
        ".pip/pip.conf": "[install]\nindex_url = old\nuser = true\n",
        "mine/pip/pip.conf": "[global]\nindex-url = mine\ndefault-timeout = 9\n[list]\ncert = x\n",
        "env/pip.conf": "[global]\nextra-index-url =\n    one\n    two\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("PIP_CERT", "mine.pem")
    monkeypatch.setenv("PIP_TIMEOUT", "")
    monkeypatch.setenv("PIP_DRY_RUN", "1")
    found = settings.pip_variables(tmp_path / "env")
    assert found == {
        "PIP_INDEX_URL": "old",  # a section for `install` wins, as it does for pip
        "PIP_PROXY": "all",
        "PIP_TIMEOUT": "9",
        "PIP_EXTRA_INDEX_URL": "\none\ntwo",
        "PIP_CERT": "mine.pem",
    }
    assert not {"PIP_DRY_RUN", "PIP_CERT"} & settings.clean_variables().keys()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert settings.pip_variables(tmp_path / "env") == {"PIP_CERT": "mine.pem"}


SAID = {
    "OSError: [Errno 28] No space left on device": "disk is full",
    "OSError: [Errno 122] Disk quota exceeded": "disk is full",
    "[Errno 36] File name too long: 'x'": "too long",
    "/usr/bin/python: No module named pip": "has no pip",
    "because the ssl module is not available.": "without SSL",
    "error: option --timeout: invalid float value: 'abc'": "one of your settings",
    "option retries: invalid integer value: 'x'": "one of your settings",
    "HTTPSConnectionPool(host='x'): (Caused by SSLError(CERTIFICATE_VERIFY_FAILED))": "certificate",
    "invalid path to a TLS CA certificate bundle": "certificate",
    "ERROR: HTTP error 401 while getting x": "login",
    "WARNING: Retrying after connection broken by 'NewConnectionError('": "network",
    "ERROR: No matching distribution found for torch==2.15.0": "No version of this package",
    "error: [Errno 13] Permission denied: 'x'": "Nothing can be written",
    "OSError: [Errno 30] Read-only file system: 'x'": "Nothing can be written",
    "ended by signal 9": "memory",
    "Failed to write `x`: No space left on device (os error 28)": "disk is full",
    "error: failed to remove file `x`: The process cannot access the file because it is being used "
    "by another process. (os error 32)": "Close JupyterLab",
    "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'x.pyd'": (
        "Close JupyterLab"
    ),
    "ERROR: [WinError 32] The process cannot access the file": "Close JupyterLab",
    "cause: invalid peer certificate: UnknownIssuer": "certificate",
    "cause: error sending request\ncause: invalid peer certificate: BadSignature": "certificate",
    "No solution found\nhint: An index URL (x) could not be queried due to a lack of valid "
    "authentication credentials (401 Unauthorized)": "login",
    "error: Request failed after 3 retries in 9.1s\n  cause: tcp connect error": "network",
    "  cause: dns error\n  cause: error resolving DNS": "network",
    "error: No solution found when resolving dependencies\n  cause: Because six was not found in "
    "the provided package locations": "No version of this package",
    "The interpreter at /usr is externally managed": "Nothing can be written",
    "error: something that nobody foresaw": "Run the same command again",
}


@pytest.mark.parametrize(("said", "words"), SAID.items())
def test_the_advice_fits_the_cause(said: str, words: str) -> None:
    """One cause each; the network is blamed for nothing else."""
    text = advice(said, ROOT / ".venv", {}, ROOT)
    assert words in text
    assert ("network" in text) == (words == "network")


def test_the_advice_names_the_settings_that_count() -> None:
    """Where packages come from is the user's choice, and may be the cause."""
    variables = {"PIP_INDEX_URL": "secret", "PIP_CONFIG_FILE": os.devnull, "PATH": ""}
    text = advice("No matching distribution", ROOT / ".venv", variables, ROOT)
    assert text.endswith("have a part in it: PIP_INDEX_URL.")
    elsewhere = advice("Permission denied", Path("/opt/conda"), {}, ROOT)
    assert "environment of your own" in elsewhere


def test_uv_is_told_pips_settings(monkeypatch) -> None:
    """Where packages come from, certificates, proxy, cache: each in uv's own words."""
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    pip = {
        "PIP_INDEX_URL": "https://me:secret@index/simple",
        "PIP_EXTRA_INDEX_URL": "\none\ntwo",
        "PIP_FIND_LINKS": "file:///a,b /wheels",
        "PIP_NO_INDEX": "yes",
        "PIP_TRUSTED_HOST": "a\nb",
        "PIP_CERT": str(Path(__file__)),
        "PIP_CLIENT_CERT": "mine.pem",
        "PIP_PROXY": "proxy:3128",
        "PIP_TIMEOUT": "9",
        "PIP_RETRIES": "2",
        "PIP_CACHE_DIR": "/scratch",
    }
    assert (
        settings.uv_variables(pip).items()
        >= {
            "UV_DEFAULT_INDEX": "https://me:secret@index/simple",
            "UV_INDEX": "one two",
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            "UV_FIND_LINKS": "file:///a%2Cb,/wheels",
            "UV_INSECURE_HOST": "a b",
            "SSL_CERT_FILE": str(Path(__file__)),
            "SSL_CLIENT_CERT": "mine.pem",
            "HTTPS_PROXY": "http://proxy:3128",
            "UV_HTTP_TIMEOUT": "9",
            "UV_HTTP_RETRIES": "2",
            "UV_CACHE_DIR": str(Path("/scratch", "uv")),
            "UV_NO_CONFIG": "1",
        }.items()
    )
    plain = settings.uv_variables({"PIP_NO_INDEX": "0", "PIP_NO_CACHE_DIR": "1"})
    assert settings.uv_flags(pip) == ["--no-index"]
    assert settings.uv_flags({"PIP_NO_INDEX": "0"}) == []
    assert plain["UV_NO_CACHE"] == "1"
    assert plain["UV_SYSTEM_CERTS"] == "1"  # as pip has it
    assert settings.uv_variables({"PIP_CERT": str(ROOT)})["SSL_CERT_DIR"] == str(ROOT)


def test_what_uv_cannot_follow_is_left_to_pip() -> None:
    """A keyring that pip imports, and a SOCKS proxy."""
    assert settings.unknown_to_uv({"PIP_KEYRING_PROVIDER": "import"}) == "keyring-provider"
    assert settings.unknown_to_uv({"PIP_PROXY": "socks5://x"}) == "proxy"
    assert settings.unknown_to_uv({"PIP_KEYRING_PROVIDER": "subprocess"}) == ""
    variables = {"PIP_KEYRING_PROVIDER": "auto"}
    assert settings.unknown_to_uv(variables) == ""
    assert "UV_KEYRING_PROVIDER" not in settings.uv_variables(variables)


def test_the_users_own_settings_of_uv_are_left_out(monkeypatch) -> None:
    """Apart from where its cache lies and how it downloads."""
    monkeypatch.setenv("UV_CONSTRAINT", "missing.txt")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "elsewhere")
    monkeypatch.setenv("UV_CACHE_DIR", "/scratch/uv")
    found = settings.clean_variables()
    assert not {"UV_CONSTRAINT", "UV_DEFAULT_INDEX"} & found.keys()
    assert found["UV_CACHE_DIR"] == "/scratch/uv"


def test_a_cache_that_cannot_serve_is_passed_over(tmp_path) -> None:
    """One that cannot be written: a temporary one beside the packages, gone at the end."""
    (tmp_path / "file").touch()
    spoilt = {"UV_CACHE_DIR": str(tmp_path / "file" / "cache")}
    with packages.cache_for(tmp_path, spoilt) as variables:
        assert variables["UV_NO_CACHE"] == "1"
        assert Path(variables["TMPDIR"]).parent == tmp_path
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    good = {"UV_CACHE_DIR": str(tmp_path / "cache")}
    with packages.cache_for(tmp_path, good) as variables:
        assert variables == good


UV_SAYS = """\
Resolved 148 packages in 615ms
Downloading torch (514.2MiB)
Downloading sympy (6.0MiB)
   Building visdom==0.2.4
 Downloaded sympy
 Downloaded torch
Prepared 148 packages in 20.1s
 + torch==2.15.0
"""
PIP_SAYS = """\
Collecting torch==2.15.0 (from -r requirements.txt (line 130))
  Downloading torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (30 kB)
Downloading torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl (539.3 MB)
Downloading sympy-1.14.0-py3-none-any.whl (6.3 MB)
Installing collected packages: sympy, torch
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (UV_SAYS, ["545 MB of 545 MB", "Building visdom", "Putting the packages in place"]),
        (PIP_SAYS, ["Downloading sympy: 539 MB so far", "Putting the packages in place"]),
    ],
    ids=["uv", "pip"],
)
def test_progress_is_a_few_words(said: str, words: list, capsys) -> None:
    """Away from a terminal, at most a line a step or a quarter; each says what happens."""
    progress = running.Progress()
    for line in said.splitlines():
        progress.read(line)
    progress.end()
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []
    assert shown.count("\n") <= 6


def test_progress_on_a_terminal_is_one_line(capsys, monkeypatch) -> None:
    """It is written over, never wider than the window, and nothing of it is left."""
    monkeypatch.setattr(running.sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    progress = running.Progress()
    for line in UV_SAYS.splitlines():
        progress.read(line)
    progress.end()
    shown = capsys.readouterr().out
    assert "\n" not in shown
    drawn = shown.split("\r")
    assert max(map(len, drawn)) < 40
    assert any(line.startswith("  Downloading torch and others") for line in drawn)
    assert drawn[-2:] == [" " * 39, ""]


FAILURES = {
    "error: No solution found\n  cause: Because six\n\nhint: try `--find-links`\n": (
        "error: No solution found\n  cause: Because six"
    ),
    "Collecting x\nERROR: no room\nTraceback\n  File\nOSError: x\n": "ERROR: no room",
    "something\nlast words\n": "last words",
}


@pytest.mark.parametrize(("said", "shown"), FAILURES.items())
def test_the_reason_is_what_tells_an_error(said: str, shown: str) -> None:
    """Uv's last block without its flags, pip's last error, or the last line; no traceback."""
    assert running.reason(said) == shown


class Refusing(http.server.BaseHTTPRequestHandler):
    """An index that wants a login."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(handler: object) -> Iterator[str]:
    """A server on this machine; gives its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Copy:
    """A copy of the course with its environment, by uv."""
    copy = Copy(tmp_path_factory.mktemp("ready"))
    done = copy.run("course")
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def refused(copy: Copy, **variables: str) -> str:
    """What an installation ends with that asks for a package more, which is nowhere."""
    own = {**settings.clean_variables(), "UV_CACHE_DIR": copy.environment["UV_CACHE_DIR"]}
    for name in [name for name in own if name.lower().endswith("_proxy")]:
        del own[name]
    installer = packages.Installer(copy.root, copy.venv, {**own, **variables})
    installer.uv = [str(copy.venv / PYTHON), "-I", "-m", "uv"]
    with pytest.raises(SystemExit) as ending:
        installer._install(["course-tiny==1.0"], installer.variables)
    return str(ending.value)


def test_a_package_that_is_nowhere(ready: Copy, capfd) -> None:
    """First uv's words, then pip's, then what to do."""
    wheels = ready.environment["PIP_FIND_LINKS"]
    said = refused(ready, PIP_NO_INDEX="1", PIP_FIND_LINKS=wheels)
    out = capfd.readouterr().out
    assert "error: No solution found" in out
    assert "course-tiny==1.0" in out
    assert "pip installs the packages" in out
    assert "No version of this package fits" in said


def test_a_login_that_is_refused(ready: Copy) -> None:
    """Pip, which is tried as well, says less of it than uv."""
    with serving(Refusing) as address:
        said = refused(ready, PIP_INDEX_URL=f"{address}/simple", PIP_RETRIES="0")
    assert "refused the login" in said
    assert "PIP_INDEX_URL" in said


def test_without_a_network_it_says_so(ready: Copy, capfd) -> None:
    """Uv tries a few times; pip would fare no better, and is not tried."""
    said = refused(ready, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert "Check the network" in said
    assert "pip installs" not in capfd.readouterr().out


def test_a_setting_that_uv_cannot_follow_means_pip(ready: Copy) -> None:
    """So does COURSE_INSTALLER=pip; the result is the same."""
    stamp = ready.stamp()
    for variables in ({"PIP_KEYRING_PROVIDER": "import"}, {"COURSE_INSTALLER": "pip"}):
        (ready.venv / "pytorch-course.json").unlink()
        (ready.venv / "pytorch-course.json").write_text(json.dumps({**stamp, "fingerprint": "old"}))
        before, ready.environment = ready.environment, {**ready.environment, **variables}
        done, ready.environment = ready.run("course"), before
        assert done.returncode == 0, done.stdout + done.stderr
        assert "pip installs the packages" in done.stdout
        assert ready.stamp() == stamp


def write_wheel(folder: Path, name: str, version: str, needs: str = "") -> None:
    """Write a wheel of one module that knows its version."""
    stem = f"{name.replace('-', '_')}-{version}"
    notes = f"{stem}.dist-info"
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    files = {
        f"{name.replace('-', '_')}.py": f"version = {version!r}\n",
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}",
        f"{notes}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{notes}/RECORD"] = "".join(f"{file},,\n" for file in files) + f"{notes}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)


def installed(copy: Copy) -> dict:
    """Packages of the copy's environment, with their versions."""
    command = [copy.venv / PYTHON, "-I", "-c", packages.LIST]
    return json.loads(subprocess.check_output(command, text=True))


@pytest.fixture
def builds(tmp_path) -> Copy:
    """A copy whose package index has torch with CUDA, and beside it PyTorch's, without."""
    copy = Copy(tmp_path)
    wheels, cpu = tmp_path / "wheels", tmp_path / "cpu"
    write_wheel(wheels, "torch", "2.0", "nvidia-tiny==1.0")  # were an index asked, it has 2.0.0
    write_wheel(wheels, "torchvision", "1.0", "torch==2.0")
    write_wheel(wheels, "nvidia-tiny", "1.0")
    for name, version, needs in (("torch", "2.0", ""), ("torchvision", "1.0", "torch==2.0+cpu")):
        (cpu / name).mkdir(parents=True)
        write_wheel(cpu / name, name, version + "+cpu", needs)
        write_wheel(cpu / name, name, version + "+cu132", needs)  # a mirror may hold all
    pins = copy.root / "requirements.txt"
    pins.write_text(pins.read_text() + "torch==2.0\ntorchvision==1.0\nnvidia-tiny==1.0\n")
    return copy


def run(copy: Copy, *words: str, **variables: str) -> str:
    """What the command says, which succeeds."""
    before, copy.environment = copy.environment, {**copy.environment, **variables}
    done, copy.environment = copy.run("course", *words), before
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@LINUX
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_torch_without_cuda_comes_from_pytorchs_own_index(builds: Copy, installer: str) -> None:
    """Both packages, and nothing of NVIDIA's; kept by a plain run, until the other is asked for."""
    folder = builds.root.parent / "cpu"
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    last = shlex.split(container["postCreateCommand"].split("&&")[-1])
    assert last[:3] == ["python", "tools/environment.py", "course"]
    answer = functools.partial(Simple, directory=str(folder))
    with serving(answer) as address:
        variables = {"COURSE_TORCH_INDEX": address, "COURSE_INSTALLER": installer}
        said = run(builds, *last[3:], **variables)
    assert "No NVIDIA GPU" not in said
    found = installed(builds)
    assert (found["torch"], found["torchvision"]) == ("2.0+cpu", "1.0+cpu")
    assert "nvidia-tiny" not in found
    assert run(builds) == ""
    run(builds, "--torch", "default", COURSE_INSTALLER=installer)
    found = installed(builds)
    assert (found["torch"], found["torchvision"]) == ("2.0", "1.0")
    assert "nvidia-tiny" in found
    variables = {"COURSE_TORCH_INDEX": str(flat(folder)), "COURSE_INSTALLER": installer}
    said = run(builds, "--torch", "cpu", **variables)
    assert "Removing the other build of torch" in said
    found = installed(builds)
    assert (found["torch"], found["torchvision"]) == ("2.0+cpu", "1.0+cpu")
    assert "nvidia-tiny" not in found


class Simple(http.server.SimpleHTTPRequestHandler):
    """A package index as PyTorch's is: a page of links for each package."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def flat(folder: Path) -> Path:
    """All wheels below `folder` in one: what a class without a network has on a stick."""
    stick = folder.parent / "stick"
    stick.mkdir()
    for wheel in folder.rglob("*.whl"):
        os.link(wheel, stick / wheel.name)
    return stick


@LINUX
def test_where_no_gpu_is_found_the_smaller_build_is_named(monkeypatch, capsys) -> None:
    """Before anything is downloaded; not where the choice was made, nor where there is one."""
    monkeypatch.setattr(pytorch, "has_nvidia_gpu", lambda: False)
    pytorch.note_missing_gpu("default", here=False)
    assert "`make lab TORCH=cpu` downloads 0.3 GB in place of 3" in capsys.readouterr().out
    pytorch.note_missing_gpu("cpu", here=False)
    monkeypatch.setattr(pytorch, "has_nvidia_gpu", lambda: True)
    pytorch.note_missing_gpu("default", here=False)
    assert capsys.readouterr().out == ""


def test_a_gpu_is_known_by_its_driver(monkeypatch, tmp_path) -> None:
    """Its files, or its program on the path."""
    monkeypatch.setattr(pytorch, "NVIDIA", (str(tmp_path / "nvidiactl"),))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not pytorch.has_nvidia_gpu()
    (tmp_path / "nvidiactl").touch()
    assert pytorch.has_nvidia_gpu()


def test_the_choice_of_torch_counts_on_linux_only(monkeypatch) -> None:
    """Elsewhere the package index has no other build; a later run keeps the choice."""
    monkeypatch.setattr(pytorch.sys, "platform", "linux")
    assert pytorch.wanted("", "") == "default"
    assert pytorch.wanted("cpu", "") == pytorch.wanted("", "cpu") == "cpu"
    assert pytorch.wanted("default", "cpu") == "default"
    monkeypatch.setattr(pytorch.sys, "platform", "darwin")
    assert pytorch.wanted("cpu", "cpu") == "default"


def test_the_pins_for_the_cpu_hold_nothing_of_nvidias() -> None:
    """Of the course's own lists; all else stays."""
    pins = packages.read_pins(ROOT / "requirements.txt")
    kept = pytorch.without_cuda(pins)
    assert [pin for pin in kept if pin.startswith(("nvidia", "cuda", "triton"))] == []
    assert [pin.endswith("+cpu") for pin in kept[:3]] == [True, True, False]
    assert len(pins) - len(kept) == sum(map(bool, map(pytorch.CUDA_ONLY.match, pins))) > 10


def test_the_course_is_found_wherever_it_lies(tmp_path) -> None:
    """Also below a folder whose name no old encoding can write."""
    root = tmp_path / "学习 é"
    (root / "helpers").mkdir(parents=True)
    (root / "helpers" / "__init__.py").touch()
    own = tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    packages.Installer(root, own, settings.clean_variables()).link()
    for variables in ({"PYTHONUTF8": "1"}, {"LC_ALL": "C"}):
        command = [own / PYTHON, "-c", "import helpers; print(ascii(helpers.__file__))"]
        out = subprocess.check_output(
            command, cwd=tmp_path, text=True, env={**os.environ, **variables}
        )
        assert ascii(str(root / "helpers"))[1:-1] in out
