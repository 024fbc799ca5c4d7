"""One JupyterLab in one browser window for a module, as `make lab` opens it, without a network."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.end_to_end.checkout import commit, copy_course
from tests.end_to_end.chromium import browsing
from tests.end_to_end.lab import PATIENCE, Lab
from tests.end_to_end.offline import loopback_only
from tests.end_to_end.required import IN_CI, NO_BROWSER, go_without
from tests.end_to_end.server import running

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def prefix() -> Iterator[list[str]]:
    """Words before a command that cut its network; none where that is not possible."""
    with loopback_only() as words:
        yield words


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the course, as somebody has cloned it."""
    copy = copy_course(tmp_path_factory.mktemp("browser") / "mon cours é")
    commit(copy)
    return copy


@pytest.fixture(scope="module")
def workbook(checkout: Path) -> Path:
    """Where the learner's own notebooks are."""
    return checkout / "workbook"


@pytest.fixture(scope="module")
def lab(prefix: list[str], checkout: Path, tmp_path_factory) -> Iterator[Lab]:
    """The window that `make lab` opens, on a server and a home of its own."""
    home = tmp_path_factory.mktemp("home")
    with browsing(prefix, home) as browser:
        if browser is None:
            go_without(NO_BROWSER, required=IN_CI)
        folders = {name: str(home) for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME")}
        flags = ("--port=0", "--LabApp.expose_app_in_browser=True")
        settings = {"root": checkout, "prefix": prefix, "COURSE_HOME": str(home / "course")}
        with running(home, *flags, **settings, **folders) as (address, token):
            yield Lab(browser, address, token)


@pytest.fixture(autouse=True)
def keep_a_picture(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep what the window shows at the end of each test, whether it passed or not."""
    yield
    if "lab" in request.fixturenames:
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        request.getfixturevalue("lab").picture(name)
