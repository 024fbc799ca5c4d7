"""A process that hears its settings, answers once, and ends with the one that started it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from helpers import _child
from tests.waiting import LIMIT, has_ended, until

ECHO = "import json, sys; print(json.dumps([*json.loads(sys.stdin.readline()), 'heard']))"
READS = "sys.stdout.flush(); sys.stdin.read()"


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable]:
    """`_child.start`, with everything killed afterwards."""
    kept: list[subprocess.Popen] = []

    def start(code: str, patience: float = LIMIT) -> tuple[subprocess.Popen, object]:
        with (tmp_path / "errors").open("ab") as errors:
            process, answer = _child.start(["-c", code], ["ü"], patience, errors)
        kept.append(process)
        return process, answer

    yield start
    for process in kept:
        process.kill()
        process.wait()


def test_it_hears_and_answers(begun: Callable) -> None:
    """A line of JSON each way."""
    process, answer = begun(f"{ECHO}; {READS}")
    assert answer == ["ü", "heard"]
    assert process.poll() is None


def test_it_ends_with_its_standard_input(begun: Callable) -> None:
    """Asked twice, too."""
    process, _ = begun(f"{ECHO}; {READS}")
    for _ in range(2):
        _child.end(process, LIMIT)
        assert process.returncode == 0


def test_one_that_is_needed_says_so_and_stays(begun: Callable) -> None:
    """Nobody waits for its end."""
    process, _ = begun(
        f"{ECHO}; {READS}; print('in use', flush=True); import time; time.sleep(600)"
    )
    _child.end(process, LIMIT)
    assert process.poll() is None


def test_one_that_does_not_end_is_killed(begun: Callable) -> None:
    """Whoever waits for it may go on."""
    process, _ = begun(f"{ECHO}; sys.stdout.flush(); import time; time.sleep(600)")
    _child.end(process, 0.2)
    assert has_ended(process.pid)


@pytest.mark.parametrize("code", ["import time; time.sleep(600)", "print('no JSON')", "1 / 0"])
def test_one_that_does_not_answer_is_gone(begun: Callable, code: str) -> None:
    """After the time that it has, or as soon as it is clear."""
    before = set(psutil.Process().children())
    with pytest.raises(_child.ChildError, match="did not answer"):
        begun(code, 0.5 if "sleep" in code else LIMIT)
    until(lambda: all(has_ended(new.pid) for new in set(psutil.Process().children()) - before))


@pytest.mark.skipif(os.name == "nt", reason="Windows has groups of another kind")
def test_an_interrupt_of_this_process_is_not_for_it(begun: Callable) -> None:
    """What a terminal interrupts is a group of processes."""
    process, _ = begun(f"{ECHO}; {READS}")
    assert os.getpgid(process.pid) != os.getpgid(0)
