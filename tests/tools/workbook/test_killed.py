"""An update that is killed in the middle loses nothing, and the next one completes it."""

import os
import subprocess
import sys

import pytest

from tools import notebooks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL and no fork")


def killed(folder, how: str, deed: str) -> int:
    """How many updates were killed, none of which lost anything."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.workbook.killed", folder, how, deed],
        cwd=notebooks.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("deed", ["update", "fresh"])
def test_killed_before_each_step_that_touches_a_file(tmp_path, deed):
    assert killed(tmp_path, "every", deed) > 10


def test_killed_at_random_moments(tmp_path):
    assert killed(tmp_path, "random", "update") > 0


def test_two_at_once_make_one_workbook(tmp_path):
    command = [sys.executable, "-m", "tools.workbook", "update"]
    environment = {**os.environ, "COURSE_WORKBOOK": str(tmp_path / "workbook")}
    started = [
        subprocess.Popen(
            command,
            cwd=notebooks.ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in started:
        out, err = process.communicate()
        assert (process.returncode, err) == (0, "")
        assert out == f"{tmp_path / 'workbook'} is up to date.\n"
    made = {path.name for path in (tmp_path / "workbook").glob("*.ipynb")}
    assert made == {path.name for path in notebooks.paths()}
    assert not list((tmp_path / "workbook").rglob("*.next"))
    assert not (tmp_path / "workbook" / "set-aside").exists()
