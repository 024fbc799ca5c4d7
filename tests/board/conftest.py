"""What tests of several modules ask for."""

from collections.abc import Iterator

import pytest

from helpers.board._server import Server


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Server]:
    """A visdom server for the tests of one module that neither stop it nor look for others."""
    shared = Server("looked at", tmp_path_factory.mktemp("home") / "looked at", 10.0)
    shared.restart()
    yield shared
    shared.stop()
