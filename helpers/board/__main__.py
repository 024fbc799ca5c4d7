"""python -m helpers.board install: bring the files that visdom's page needs, once."""

import argparse
import sys

from helpers.board import _assets


def main() -> None:
    """Read the command line; end with one sentence where the files cannot be brought."""
    parser = argparse.ArgumentParser(prog="python -m helpers.board", description=__doc__)
    parser.add_argument("command", choices=["install"])
    parser.parse_args()
    try:
        _assets.install(lambda line: print(line, flush=True))
    except _assets.AssetsMissingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
