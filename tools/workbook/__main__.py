"""The learner's workbook from the command line: `python -m tools.workbook update`."""

import argparse
import sys
from pathlib import Path

from tools import workbook


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 where it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m tools.workbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("update", help="make the workbook, or bring it up to date")
    fresh = commands.add_parser("fresh", help="begin a chapter anew, and keep the old one aside")
    fresh.add_argument("chapter", help="its number, such as 03")
    take = commands.add_parser("take", help="bring in answers from elsewhere, such as Colab")
    take.add_argument("file", type=Path, help="the notebook")
    options = parser.parse_args(arguments)
    try:
        if options.command == "update":
            said = workbook.prepare() or [f"{workbook.folder()} is up to date."]
        elif options.command == "fresh":
            said = workbook.fresh(options.chapter)
        else:
            said = workbook.take(options.file)
    except workbook.WorkbookError as error:
        print(error, file=sys.stderr)
        return 1
    print(*said, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
