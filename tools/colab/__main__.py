"""`python -m tools.colab`: write the chapters for Colab and Kaggle into dist/colab."""

import argparse
import sys
from pathlib import Path

from tools import colab, notebooks


def main(arguments: list[str] | None = None) -> int:
    """Write the notebooks and say where they are; 1 when one cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m tools.colab", description=colab.__doc__)
    parser.add_argument("--chapter", metavar="NN", help="only this chapter, for example 03")
    parser.add_argument("--folder", type=Path, default=colab.FOLDER, help="where to write them")
    options = parser.parse_args(arguments)
    chapter = options.chapter
    if not notebooks.paths(chapter):
        known = ", ".join(notebooks.chapter_of(path) for path in notebooks.paths())
        print(f"There is no chapter {chapter}; there are: {known}.")
        return 1
    try:
        written = colab.write(chapter, options.folder)
    except (OSError, ValueError) as error:
        print(error)
        return 1
    for path in written:
        print(f"{path.stat().st_size / 1000:6.0f} kB  {path}")
    print("Upload one of them to Colab or Kaggle: docs/colab.md says how.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
