"""Install the pins: with uv, which pip brings; with pip alone where uv cannot be had or fails.

uv links packages from its cache, so a second environment takes seconds and hardly any room.
COURSE_INSTALLER=pip does without it.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.installing import pytorch
from tools.installing.advice import NETWORK, SHARED, advice, cause
from tools.installing.running import interpreter, reason, run
from tools.installing.settings import kept, unknown_to_uv, uv_flags, uv_variables

CONSTRAINTS = "tools/build-constraints.txt"
TOOLS = "requirements/install.txt"  # the pins of pip and uv
LINK = "pytorch-course.pth"  # tells the environment's Python where the course lies
FAILED = "Installing stopped (the reason is above). "
WITHOUT_UV = "Note: {why}, so pip installs the packages; that takes longer."
# Of an environment's own packages: name and version.
LIST = """
import importlib.metadata, json, sys
found = importlib.metadata.distributions()
print(json.dumps({each.metadata["Name"].lower(): each.version for each in found}))
"""
PURELIB = "import json, sysconfig; print(json.dumps(sysconfig.get_path('purelib')))"


class Installer:
    """Brings packages into one environment.

    Attributes:
        root: The course's folder.
        folder: The environment's.
        variables: Those that pip runs with; uv's are made from them.
        uv: The command that starts uv; empty where pip does the work.
    """

    def __init__(self, root: Path, folder: Path, variables: dict) -> None:
        """Nothing is run yet."""
        self.root, self.folder, self.variables = root, folder, variables
        self.python = str(interpreter(folder))
        self.uv = []  # type: list

    def install(self, lists: tuple, build: str, own: bool) -> None:
        """Install these lists of pins; SystemExit on failure.

        `build` is torch's (pytorch.BUILDS). Where the environment is the course's `own`, the
        packages of torch's other build are removed.
        """
        self._bring_tools()
        self._change_build(build, own)
        pins = [pin for name in lists for pin in read_pins(self.root / name)]
        with tempfile.TemporaryDirectory(prefix="course-") as folder:
            paths = [str(self.root / name) for name in lists]
            if build == "cpu":
                self._install(
                    ["--no-deps", *pytorch.requirements(pins)], pytorch.source(self.variables)
                )
                paths = [str(Path(folder, "cpu.txt"))]
                text = "\n".join(pytorch.without_cuda(pins)) + "\n"
                Path(paths[0]).write_text(text, encoding="utf-8")
            if self.uv:
                paths.append(str(self.root / TOOLS))
            constraints = str(self.root / CONSTRAINTS)
            words = ["--build-constraint", constraints]
            self._install(words + [f"--requirement={path}" for path in paths], self.variables)

    def link(self) -> None:
        """Have the environment's Python find `helpers` and `exercises` from any folder."""
        status, said = run([self.python, "-I", "-c", PURELIB], self.variables, self.root)
        if status:
            self._stop(said)
        place = str(self.root)
        # Python before 3.13 reads the file in the system's encoding: é is spelled out.
        plain = all(ord(letter) < 128 for letter in place)
        line = place if plain else f"import sys; sys.path.append({place!a})"
        path = Path(json.loads(said), LINK)
        path.write_text(line + "\n", encoding="ascii")

    def _bring_tools(self) -> None:
        """Bring uv by pip, or else the pip that is pinned; pip itself where it is missing."""
        pip, uv = self._tool("pip"), self._tool("uv")
        if not self._has_pip():
            self.uv = [shutil.which("uv") or ""]
            if not self.uv[0]:
                self._stop("No module named pip")
            return
        why = self._why_not_uv()
        if not why:
            words = ["install", "--quiet", "--only-binary=uv", uv]
            status, said = run(self._pip(words), self.variables, self.root)
            if not status:
                self.uv = [self.python, "-I", "-m", "uv"]
                return
            if cause(said)[1] in SHARED:
                print(reason(said), flush=True)
                self._stop(said)
            why = "uv cannot be had here"
        print(WITHOUT_UV.format(why=why), flush=True)
        self._bring_pip(pip)

    def _bring_pip(self, pin: str) -> None:
        """Install the pinned pip: only a new one knows --build-constraint."""
        status, said = run(self._pip(["install", "--quiet", pin]), self.variables, self.root)
        if status:
            print(reason(said), flush=True)
            self._stop(said)

    def _tool(self, name: str) -> str:
        """The pin of pip or uv: `pip==26.3`."""
        return next(pin for pin in read_pins(self.root / TOOLS) if pin.startswith(name + "=="))

    def _has_pip(self) -> bool:
        """Whether the environment has pip, which ensurepip may bring into it."""
        for words in (["pip", "--version"], ["ensurepip", "--default-pip"], ["pip", "--version"]):
            command = [self.python, "-I", "-m", *words]
            status, _ = run(command, self.variables, self.root)
            if words[0] == "pip" and not status:
                return True
        return False

    def _why_not_uv(self) -> str:
        """Why pip does the work; empty if uv can."""
        if os.environ.get("COURSE_INSTALLER") == "pip":
            return "COURSE_INSTALLER is pip"
        unknown = unknown_to_uv(self.variables)
        return f"uv cannot follow your setting of {unknown}" if unknown else ""

    def _pip(self, words: list) -> list:
        """The command for pip. -I: no packages but the environment's; pip would remove others."""
        return [self.python, "-I", "-m", "pip", *words]

    def _install(self, words: list, variables: dict) -> None:
        """Install by uv; if that fails for a reason that is its own, by pip."""
        before = ""  # what uv said of a login or a certificate tells more than pip's "not found"
        if self.uv:
            flags = ["--python", self.python, *uv_flags(variables)]
            command = [*self.uv, "pip", "install", *flags, *words]
            with cache_for(self.folder, uv_variables(variables)) as uvs:
                status, before = run(command, uvs, self.root, progress=True)
            if not status:
                return
            print(reason(before), flush=True)
            if not pip_may_do_better(before, variables) or not self._has_pip():
                self._stop(before)
            print(WITHOUT_UV.format(why="uv did not succeed"), flush=True)
            self.uv = []
            self._bring_pip(self._tool("pip"))
        status, said = run(self._pip(["install", *words]), variables, self.root, progress=True)
        if status:
            print(reason(said), flush=True)
            self._stop(before + said)

    def _change_build(self, build: str, own: bool) -> None:
        """Remove torch where it is of the other build, and NVIDIA's packages from an own one."""
        status, said = run([self.python, "-I", "-c", LIST], self.variables, self.root)
        names = pytorch.superfluous(json.loads(said), build) if not status else []
        names = names if own else [name for name in names if name in pytorch.BOTH]
        if names:
            print("Removing the other build of torch", flush=True)
            command = self.uv and [*self.uv, "pip", "uninstall", "--python", self.python, *names]
            command = command or self._pip(["uninstall", "--yes", *names])
            variables = uv_variables(self.variables) if self.uv else self.variables
            status, said = run(command, variables, self.root)
            if status:
                print(reason(said), flush=True)
                self._stop(said)

    def _stop(self, said: str) -> None:
        """End with what to do about what was said."""
        sys.exit(FAILED + advice(said, self.folder, self.variables, self.root))


def pip_may_do_better(said: str, variables: dict) -> bool:
    """Whether pip may succeed where uv failed with these words."""
    text = cause(said)[1]
    by_proxy = "proxy" in kept(variables) or any(
        value and name.lower() in ("http_proxy", "https_proxy", "all_proxy")
        for name, value in variables.items()
    )
    return text not in SHARED or (text == NETWORK and by_proxy)


@contextlib.contextmanager
def cache_for(folder: Path, variables: dict) -> Iterator[dict]:
    """Variables for uv, with a cache from which it can link into `folder`.

    Where the user's cache cannot be written or lies on another disk, a temporary one beside the
    packages serves: nothing is then stored twice, nor in a home that is too small.
    """
    if "UV_NO_CACHE" not in variables and is_usable(cache_folder(variables), folder):
        yield variables
        return
    with tempfile.TemporaryDirectory(prefix=".uv-", dir=str(folder)) as place:
        yield {**variables, "UV_NO_CACHE": "1", "TMPDIR": place, "TMP": place, "TEMP": place}


def cache_folder(variables: dict) -> Path:
    """Where uv keeps what it downloads."""
    own = variables.get("UV_CACHE_DIR")
    if own:
        return Path(own)
    if os.name == "nt":
        return Path(variables.get("LOCALAPPDATA", ""), "uv", "cache")
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home raises where there is none)
    return Path(variables.get("XDG_CACHE_HOME") or home / ".cache", "uv")


def is_usable(cache: Path, folder: Path) -> bool:
    """Whether `cache` can be written, and lies on the same disk as `folder`."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return os.access(str(cache), os.W_OK) and cache.stat().st_dev == folder.stat().st_dev
    except OSError:
        return False


def read_pins(path: Path) -> list:
    """The pins in a list, without comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
