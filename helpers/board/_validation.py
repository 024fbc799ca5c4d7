"""What a board refuses at the call: nobody looks for it an hour later in another thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from numbers import Real

from helpers.board import link

LONGEST = 200  # bytes of an environment's name, which becomes a file's


def check_server(server: object) -> None:
    """Raise ValueError for an odd address, TypeError for what is no server."""
    if isinstance(server, str):
        link.split(server)
    elif not hasattr(server, "url"):
        raise TypeError(
            f"{server!r} is no server: give what helpers.board.start() returns, or an address "
            "such as 'http://127.0.0.1:8097'"
        )


def check_environment(name: object) -> None:
    """Raise ValueError for what cannot name a file."""
    plain = isinstance(name, str) and name.isprintable()
    if not plain or not 0 < len(name.encode()) <= LONGEST:
        raise ValueError(
            f"environment is {name!r}; give a name such as 'main', on one line and of at most "
            f"{LONGEST} bytes"
        )


def seconds(value: object, name: str) -> float:
    """Return `value` as a float, which a lock takes. Raises ValueError for no time to wait."""
    if not isinstance(value, Real) or not 0 < value <= threading.TIMEOUT_MAX:
        raise ValueError(f"{name} is {value!r}; give a number of seconds, above 0")
    return float(value)


def check_tag(tag: object) -> None:
    """Raise TypeError for what is no string."""
    if not isinstance(tag, str):
        raise TypeError(f"a tag is a string such as 'loss/train', not {tag!r}")


def check_images(shape: Sequence[int]) -> None:
    """Raise ValueError for what is no batch of images."""
    if len(shape) != 4 or shape[1] not in (1, 3, 4) or 0 in shape:
        raise ValueError(
            f"shape {(*shape,)} is no batch of images (N, C, H, W) with 1, 3 or 4 channels: "
            "permute the axes"
        )


def check_square(shape: Sequence[int]) -> None:
    """Raise ValueError for what has not as many rows as columns."""
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"a confusion matrix is square, but this has shape {(*shape,)}")


def check_figure(figure: object) -> None:
    """Raise TypeError for what Matplotlib cannot save."""
    if not hasattr(figure, "savefig"):
        raise TypeError(
            f"{type(figure).__name__} is no Matplotlib figure: give one, such as axes.figure"
        )
