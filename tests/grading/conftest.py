"""What the tests of the engine share."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _progress_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a test records apart from the other tests."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
