"""Find and start a browser of the Chromium family, without its window."""

import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (  # where macOS and Windows keep Chrome
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
QUIET = (  # the browser's own services stay silent, and /dev/shm may be small
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
)

START_LIMIT = 180_000  # milliseconds; the first start on a loaded machine is slow


def find(playwright: Playwright) -> str | None:
    """Path of a browser on this machine, Playwright's own included; None without one."""
    found = filter(None, map(shutil.which, NAMES))
    candidates = [*found, *PLACES, playwright.chromium.executable_path]
    return next((path for path in candidates if Path(path).is_file()), None)


@contextmanager
def browsing(prefix: Sequence[str], folder: Path) -> Iterator[Browser | None]:
    """A browser that the command `prefix` runs; None where there is none.

    Playwright starts a program without words before it, so these go into a script, which
    is written into `folder`.
    """
    with sync_playwright() as playwright:
        program = find(playwright)
        if program is None:
            yield None
            return
        if prefix:
            script = folder / "browser"
            script.write_text(f'#!/bin/sh\nexec {shlex.join([*prefix, program])} "$@"\n')
            script.chmod(0o700)
            program = str(script)
        browser = playwright.chromium.launch(
            executable_path=program, args=list(QUIET), timeout=START_LIMIT
        )
        try:
            yield browser
        finally:
            browser.close()
