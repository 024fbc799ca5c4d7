"""Make the site: `python -m tools.site [FOLDER]`."""

import argparse
import sys
import time
from pathlib import Path

from tools.site.build import SiteError, build
from tools.site.course import FOLDER


def main(arguments: list[str] | None = None) -> int:
    """Build into the folder, say what was made; 1 when a page or a link is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="default: dist/site")
    folder = parser.parse_args(arguments).folder.resolve()
    start = time.monotonic()
    try:
        pages = build(folder)
    except SiteError as error:
        print(f"The site was not made: {error}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - start
    print(f"{pages} pages in {seconds:.0f} s. Open {folder / 'index.html'} in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
