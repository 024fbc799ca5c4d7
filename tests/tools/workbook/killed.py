"""Kill updates with SIGKILL, at each step that touches a file and at random moments.

    python -m tests.tools.workbook.killed FOLDER every|random update|fresh

Each update runs in a process of its own; what it leaves is looked at, then updated again.
Prints how many were killed; ends with an AssertionError where anything was lost.
"""

import itertools
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.tools.workbook.conftest import Publisher, starter
from tests.tools.workbook.edits import notebook, text
from tools import notebooks, workbook
from tools.workbook import cells

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.utime", "shutil.move", "os.link"}
WORDS = "grid = my_answer\nex.grid.check(grid)"
ROUNDS = 25


def scene(folder: Path) -> Publisher:
    """A workbook with answers, of which every part has something to be updated."""
    course = Publisher(folder)
    course.publish("03_renamed", course.reference())
    notebooks.FOLDER = course.folder
    course.prepare()
    course.answer(WORDS)
    course.answer(WORDS + "\n# in 03", "03_renamed")
    course.path("02_autograd").write_text("<<<<<<< my own words in 02")
    script = course.workbook / "scripts" / "project" / "train.py"
    script.write_text("print('mine')\n")
    course.reword()
    course.reword("02_autograd")
    (course.folder / "03_renamed.ipynb").rename(course.folder / "03_name.ipynb")
    course.reword("03_name")
    course.publish("04_new", notebook(text("Four", "four")))
    (course.folder / "scripts" / "project" / "train.py").write_text("print(2)\n")
    (course.folder / "scripts" / "new.py").write_text("new\n")
    return course


def deed(course: Publisher, name: str) -> None:
    """What is killed."""
    if name == "fresh":
        workbook.fresh("01", course.workbook)
    else:
        course.prepare()


def child(course: Publisher, name: str, steps: int | None) -> int:
    """Start a process that does it, and kills itself before a step; returns its number."""
    number = os.fork()
    if number:
        return number
    if steps is not None:
        left = itertools.count(steps, -1)

        def count(event: str, _: tuple) -> None:
            if event in STEPS and next(left) <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
    deed(course, name)
    os._exit(0)


def assert_nothing_lost(course: Publisher) -> None:
    """Everything that the learner wrote is in a file that can be read."""
    whole = [path.read_bytes() for path in course.workbook.rglob("*") if path.is_file()]
    for words in (b"grid = my_answer", b"# in 03", b"my own words in 02", b"print('mine')"):
        assert any(words in content for content in whole), words
    for name in ("01_tensors", "03_renamed", "03_name"):
        if course.path(name).exists():
            cells.read(course.path(name).read_bytes())


def assert_completed(course: Publisher, name: str, expected: dict[str, bytes]) -> None:
    """The next update goes on to what an undisturbed one makes, and the one after does nothing."""
    course.prepare()
    if name == "update":
        assert starter(course.mine()).source == WORDS
        # Killed between two files of a renamed chapter, the old one may stay beside the new one.
        made = {k: v for k, v in course.everything().items() if "03_renamed" not in k}
        assert {**made, **expected} == made
    before = course.everything()
    assert course.prepare() == []
    assert course.everything() == before


def main() -> None:
    """Kill until an update comes to its end, or so many times."""
    folder, how, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    course = scene(folder)
    kept = folder / "kept"
    shutil.copytree(course.workbook, kept)
    deed(course, name)
    expected = {k: v for k, v in course.everything().items() if not k.startswith("set-aside/")}
    rng = random.Random(0)
    killed = 0
    for step in itertools.count():
        shutil.rmtree(course.workbook)
        shutil.copytree(kept, course.workbook)
        number = child(course, name, step if how == "every" else None)
        if how == "random":
            time.sleep(rng.uniform(0, 0.2))
            os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
        died = os.WIFSIGNALED(status)
        assert died or os.waitstatus_to_exitcode(status) == 0
        killed += died
        assert_nothing_lost(course)
        assert_completed(course, name, expected)
        if (how == "every" and not died) or (how == "random" and step == ROUNDS):
            break
    print(killed)


if __name__ == "__main__":
    main()
