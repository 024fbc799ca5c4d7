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
    solutions = commands.add_parser("solutions", help="write the solutions, for teachers")
    solutions.add_argument("--run", action="store_true", help="and run them, which takes minutes")
    options = parser.parse_args(arguments)
    try:
        if options.command == "update":
            said = workbook.prepare() or [f"{workbook.folder()} is up to date."]
        elif options.command == "fresh":
            said = workbook.fresh(options.chapter)
        elif options.command == "take":
            said = workbook.take(options.file)
        else:
            said = _solutions(options.run)
    except workbook.WorkbookError as error:
        print(error, file=sys.stderr)
        return 1
    print(*said, sep="\n")
    return 0


def _solutions(run: bool) -> list[str]:
    """Write the solutions; says where they are."""
    from tools.workbook import solutions  # brings torch

    written = solutions.write(run=run)
    return [f"The solutions of {len(written)} chapters are in {written[0].parent}."]


if __name__ == "__main__":
    sys.exit(main())
