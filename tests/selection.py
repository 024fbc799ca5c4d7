"""pytest plugin: which tests are run (`-p tests.selection`), and how long each may take.

- `--chapter 04` (`make test CHAPTER=04`): the chapter's notebook, its exercises' proofs, and what
  tests/notebooks says of it.
- `-m "not slow"` (`make test FAST=1`): what needs no server, kernel, browser or process of its own.
"""

import signal
from pathlib import Path

import pytest

from tools import notebooks

TESTS = Path(__file__).resolve().parent
# Folders and modules below tests/ whose tests start servers, kernels, browsers or workers, import
# the course anew in a fresh process, or draw hundreds of figures.
SLOW = (
    "benchmarks",
    "board",
    "data/test_download.py",
    "data/test_dataloader.py",
    "end_to_end",
    "explore",
    "helpers/test_child.py",
    "helpers/test_tensorboard.py",
    "notebooks/test_setup_cell.py",
    "notebooks/test_solutions.py",
    "notebooks/test_suite_fails.py",
    "tools/test_colab.py",
    "tools/test_colab_return.py",
    "tools/test_drift.py",
    "tools/test_environment.py",
    "tools/test_installing.py",
    "tools/test_package.py",
    "tools/test_password.py",
    "tools/test_newest.py",
    "tools/test_pins.py",
    "tools/test_refresh.py",
    "tools/test_sections.py",
    "tools/workbook/test_killed.py",
)
FUZZ = "test_fuzz.py"  # here and in several folders: many odd arguments for each public name
# Tests in other modules that start and kill processes, or import the course anew in one.
SLOW_TESTS = {
    "test_a_chapter_that_does_not_exist_is_refused",
    "test_a_killed_write_keeps_the_old_file",
    "test_at_a_prompt_spawn_is_refused_in_one_sentence",
    "test_ctrl_c_from_outside",
    "test_data_needs_none_of_the_libraries_it_came_from",
    "test_export_gives_the_same_bytes",
    "test_image_folder_killed_midway_is_finished",
    "test_importing_plot_does_not_import_torchvision_or_widgets",
    "test_kill_while_writing_loses_no_acknowledged_line",
    "test_killed_and_resumed",
    "test_killed_while_taking_nothing_is_lost_or_twice",
    "test_one_chapter_is_its_cells_its_exercises_and_its_rules",
    "test_show_prints_the_words_outside_ipython",
    "test_two_kernels_at_once_lose_nothing",
}
PATIENT_SECONDS = 3600  # for tests that run all chapters, or wait for a browser that does


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--chapter`."""
    parser.addoption("--chapter", metavar="NN", help="run only the tests of one chapter")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse a chapter that does not exist."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what runs in the background so, and some tests send Ctrl+C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "slow: starts a server, kernel, browser or process")
    chapter = config.getoption("chapter")
    known = [notebooks.chapter_of(path) for path in notebooks.paths()]
    if chapter is not None and chapter not in known:
        raise pytest.UsageError(f"there is no chapter {chapter!r}; there are: {', '.join(known)}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark slow tests, before `-m` selects; keep those of one chapter where one is named."""
    has_limit = config.pluginmanager.hasplugin("timeout")  # Colab's environment has none
    for item in items:
        if is_slow(item):
            item.add_marker(pytest.mark.slow)
        if has_limit and is_patient(item) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(PATIENT_SECONDS))
    chapter = config.getoption("chapter")
    if chapter is not None:
        others = [item for item in items if chapter not in chapters_of(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if chapter in chapters_of(item)]


def is_slow(item: pytest.Item) -> bool:
    """Whether a test is a notebook's cell, or is listed as slow."""
    if not item.path.is_relative_to(TESTS):
        return True
    path = item.path.relative_to(TESTS).as_posix()
    listed = any(path == name or path.startswith(f"{name}/") for name in SLOW)
    return (
        listed or item.path.name == FUZZ or getattr(item, "originalname", item.name) in SLOW_TESTS
    )


def is_patient(item: pytest.Item) -> bool:
    """Whether a test may take longer than others: it runs chapters, or a browser does."""
    if not item.path.is_relative_to(TESTS):
        return True  # a cell of a notebook, which has a limit of its own
    return any(item.path.is_relative_to(TESTS / name) for name in ("end_to_end", "notebooks"))


def chapters_of(item: pytest.Item) -> set[str]:
    """The chapters that a test is about; none where it is about the course.

    A notebook's cell is about its notebook. Other tests name chapters by their parameters: a
    notebook's path, a chapter's number, an exercise, a prediction, or a tuple that begins so.
    """
    if item.path.suffix == ".ipynb":
        return {notebooks.chapter_of(item.path)}
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    parts = (part for value in values for part in (value if type(value) is tuple else (value,)))
    return {number for part in parts if (number := _number_of(part))}


def _number_of(value: object) -> str:
    """The number of the chapter that a parameter names or belongs to; "" for none."""
    if isinstance(value, Path):
        return notebooks.chapter_of(value)
    try:
        number = getattr(value, "chapter", getattr(value, "number", value))
    except Exception:  # a parameter may be made to refuse every question
        return ""
    return number if isinstance(number, str) else ""
