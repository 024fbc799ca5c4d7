"""The set-up cell: run twice, after a restart, from other folders and in odd checkouts."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from tools import kernels, notebooks

CHAPTER = "01"
LIMIT = 300  # seconds for what takes three; a loaded machine is slow
# Forget the course between two folders, so that one import of torch serves all of them.
IN_FOLDERS = """
import json, os, sys
clean = list(sys.path)
found = []
for folder in json.loads(sys.argv[1]):
    os.chdir(folder)
    sys.path[:] = clean
    for name in [n for n in sys.modules if n.split(".")[0] in ("exercises", "helpers")]:
        del sys.modules[name]
    for _ in range(2):
        namespace = {}
        exec(compile(sys.argv[2], "cell", "exec"), namespace)
    import exercises, helpers
    files = [exercises.__file__, helpers.__file__]
    found.append([files, len(sys.path) - len(clean), namespace["ex"].number])
print(json.dumps(found))
"""
WHERE = """
import helpers, sys
print(exercises.__file__, helpers.__file__, sys.path.count(str(course)), ex.number, sep="|")
"""


@pytest.fixture(scope="module")
def odd_checkout() -> Iterator[Path]:
    """A copy of what a learner needs, in a folder with a space and a non-ASCII letter."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder).resolve() / "a ü b"
        for name in ("exercises", "helpers", "data"):
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(notebooks.ROOT / name, copy / name, ignore=skipped)
        (copy / "notebooks" / "scripts").mkdir(parents=True)
        yield copy


def _environment() -> dict[str, str]:
    """This process's, without the paths that would find the course from anywhere."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_from_each_folder_of_each_checkout(odd_checkout: Path, tmp_path: Path) -> None:
    places = {
        folder: checkout
        for checkout in (notebooks.ROOT, odd_checkout)
        for folder in (
            checkout / "notebooks",
            checkout,
            checkout / "exercises" / "chapter_01",
        )
    }
    scripts = odd_checkout / "notebooks" / "scripts"
    places[scripts] = odd_checkout
    folders = json.dumps([str(folder) for folder in places])
    command = [
        sys.executable,
        "-P",
        "-c",
        IN_FOLDERS,
        folders,
        notebooks.setup_cell(CHAPTER),
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    for (folder, checkout), (found, added, number) in zip(
        places.items(), json.loads(done.stdout), strict=True
    ):
        parts = [Path(file).resolve().relative_to(checkout).as_posix() for file in found]
        assert parts == ["exercises/__init__.py", "helpers/__init__.py"], folder
        assert added <= 1, f"run twice in {folder}, the cell adds to sys.path twice"
        assert number == CHAPTER


@pytest.fixture
def kernel(
    odd_checkout: Path, tmp_path: Path
) -> Iterator[tuple[kernels.LocalKernelManager, BlockingKernelClient]]:
    """A kernel started where JupyterLab starts it: in the notebook's folder."""
    manager = kernels.LocalKernelManager(
        kernel_name=CURRENT_ENV_KERNEL_NAME,
        kernel_spec_manager=NbvalKernelspecManager(),
    )
    manager.start_kernel(
        cwd=str(odd_checkout / "notebooks"),
        env={**_environment(), **kernels.environment(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _run(client: BlockingKernelClient, code: str) -> str:
    """What a cell prints; fails with the kernel's message when it raises."""
    printed: list[str] = []

    def keep(message: dict) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, timeout=LIMIT, output_hook=keep, allow_stdin=False)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed).strip()


def test_twice_and_after_a_restart_in_a_kernel(
    kernel: tuple[kernels.LocalKernelManager, BlockingKernelClient], odd_checkout: Path
) -> None:
    manager, client = kernel
    cell = notebooks.setup_cell(CHAPTER)
    files = [str(odd_checkout / name / "__init__.py") for name in ("exercises", "helpers")]
    expected = "|".join([*files, "1", CHAPTER])
    assert [_run(client, cell), _run(client, cell)] == ["", ""]
    assert _run(client, WHERE) == expected
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=LIMIT)
    assert _run(client, cell) == ""
    assert _run(client, WHERE) == expected
