"""What the tests in a browser do where a browser or a right is missing."""

import os
import sys

import pytest

IN_CI = os.environ.get("CI") == "true" and sys.platform == "linux"
NO_BROWSER = "No Chromium or Chrome was found; install one to run the tests in a browser."
NO_CUT = "This system does not let the tests cut the network (unshare --net)."


def go_without(reason: str, required: bool) -> None:
    """Skip, or fail where nothing may be left out in silence."""
    (pytest.fail if required else pytest.skip)(reason)
