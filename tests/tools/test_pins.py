"""The one list of dependencies and the pins made from it."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COURSE = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]
LISTS = {
    "requirements.txt": COURSE,
    "requirements/test.txt": COURSE + GROUPS["test"],
    "requirements/colab.txt": GROUPS["colab"],
    "requirements/bench.txt": GROUPS["bench"],
}
PIN = re.compile(r"[a-z0-9-]+==[a-z0-9.+!]+( ; .+)?")
# What Colab's published list of August 2026 says.
COLAB = {
    "torch": "2.11.0",
    "torchvision": "0.26.0",
    "numpy": "2.1.3",
    "matplotlib": "3.10.0",
    "ipython": "7.34.0",
    "ipykernel": "6.17.1",
    "ipywidgets": "7.7.1",
}
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "Linux, ARM": {
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_machine": "aarch64",
    },
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
}
MACHINES = {
    f"{name}, Python {python}": {
        **system,
        "platform_system": {"darwin": "Darwin", "win32": "Windows"}.get(
            system["sys_platform"], "Linux"
        ),
        "python_version": python,
        "python_full_version": f"{python}.7",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for name, system in SYSTEMS.items()
    for python in ("3.11", "3.12", "3.13", "3.14", "3.15")
}


def lines(name: str) -> list[str]:
    """The pins in a requirements file, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(name: str, machine: dict[str, str] | None = None) -> dict[str, str]:
    """Package to version, as pip would choose them on `machine` (here, by default)."""
    found: dict[str, str] = {}
    for pin in map(Requirement, lines(name)):
        if pin.marker is None or pin.marker.evaluate(machine):
            package = canonicalize_name(pin.name)
            assert package not in found, f"{name} pins {package} twice"
            found[package] = next(iter(pin.specifier)).version
    return found


@pytest.mark.parametrize("name", LISTS)
def test_pins_are_exact_and_name_no_place(name: str) -> None:
    """Each line is `package==version`, perhaps with a marker: no address, no hash."""
    bad = [line for line in lines(name) if not PIN.fullmatch(line)]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not bad
    assert not re.search(r"://|--|sha256|@", text)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
@pytest.mark.parametrize("name", LISTS)
def test_what_is_asked_for_is_pinned(name: str, machine: dict[str, str]) -> None:
    """Every direct dependency has a pin within its range, on every machine."""
    found = pins(name, machine)
    for wanted in map(Requirement, LISTS[name]):
        version = found.get(canonicalize_name(wanted.name))
        assert version is not None, f"{name} lacks {wanted.name}; run make lock"
        assert wanted.specifier.contains(version), f"{name}: {wanted} is pinned {version}"


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_the_tests_run_on_what_the_learner_has(machine: dict[str, str]) -> None:
    """Every pin of the course is a pin of the tests, on every machine."""
    learner = pins("requirements.txt", machine).items()
    assert learner <= pins("requirements/test.txt", machine).items()


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_the_benchmarks_run_on_what_the_learner_has(machine: dict[str, str]) -> None:
    """What `make bench` adds changes no version: both lists can be installed together."""
    tested, added = pins("requirements/test.txt", machine), pins("requirements/bench.txt", machine)
    other = {name for name in tested.keys() & added.keys() if tested[name] != added[name]}
    assert not other, f"pinned twice: {sorted(other)}; run make lock"


def test_only_the_benchmarks_install_what_they_compare_with() -> None:
    """`make lab` and `make test` leave the other training libraries out."""
    peers = {canonicalize_name(Requirement(wanted).name) for wanted in GROUPS["bench"]}
    assert peers <= pins("requirements/bench.txt").keys()
    for name in ("requirements.txt", "requirements/test.txt", "requirements/colab.txt"):
        assert not peers & pins(name).keys(), name


def needs(package: str, extras: frozenset[str]) -> list[Requirement]:
    """What the installed `package` with these extras asks for on this machine."""
    wanted = map(Requirement, metadata.requires(package) or [])
    here = default_environment()
    return [
        requirement
        for requirement in wanted
        if requirement.marker is None
        or any(requirement.marker.evaluate({**here, "extra": e}) for e in {"", *extras})
    ]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements/test.txt"])
def test_the_pins_are_complete_here(name: str) -> None:
    """All that the pinned packages ask for, directly or not, is pinned and fits."""
    found = pins(name)
    waiting = list(map(Requirement, LISTS[name]))
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        package, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        assert package in found, f"{name} lacks {package}; run make lock"
        assert wanted.specifier.contains(found[package], prereleases=True), str(wanted)
        if (package, extras) not in seen:
            seen.add((package, extras))
            waiting += needs(package, extras)
    superfluous = found.keys() - {package for package, _ in seen}
    assert not superfluous, f"{name} pins what nothing asks for; run make lock UPGRADE=1"


def test_the_pins_are_what_is_installed() -> None:
    """The environment that runs the tests is the one that the pins describe."""
    found = pins("requirements/test.txt")
    installed = {package: metadata.version(package) for package in found}
    assert installed == found, "run make test, or python tools/environment.py test"


def test_the_course_is_pinned_to_the_versions_it_names() -> None:
    """torch and torchvision belong together, and their pins are what was promised."""
    found = pins("requirements.txt")
    assert (found["torch"], found["torchvision"]) == ("2.15.0", "0.29.2")


def test_the_drift_environment_has_colabs_versions() -> None:
    """requirements/colab.txt differs from Colab in nothing that a notebook sees."""
    assert COLAB.items() <= pins("requirements/colab.txt").items()


def test_conda_brings_python_and_pip_only() -> None:
    """environment.yml is no second list: it says which Python, and the pins do the rest."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies:\n((?:  - .+\n)+)", text, re.MULTILINE)
    assert listed is not None
    packages = [line.removeprefix("  - ") for line in listed[1].splitlines()]
    assert packages == ["python >=3.11,<3.14", "pip"]
    assert PROJECT["project"]["requires-python"] == ">=3.11"


def test_helpers_are_found_from_any_folder(tmp_path) -> None:
    """A kernel that starts elsewhere imports the helpers of this checkout."""
    show = "import helpers; print(ascii(helpers.__file__))"
    done = subprocess.run(
        [sys.executable, "-E", "-c", show],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(ast.literal_eval(done.stdout)).is_relative_to(ROOT)
