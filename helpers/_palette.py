"""The colours of the course, and the hatches and line styles that go with them.

Okabe and Ito chose these eight colours so that people with any kind of colour vision
can tell them apart ("Color Universal Design", 2008). Even so no figure here relies on
colour alone: each colour has a hatch for boxes and a line style and a marker for lines.
"""

from typing import Any

from helpers._validation import integer

OKABE_ITO: dict[str, str] = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "bluish green": "#009E73",
    "vermilion": "#D55E00",
    "reddish purple": "#CC79A7",
    "blue": "#0072B2",
    "yellow": "#F0E442",
    "black": "#000000",
}

PAPER = "#FFFFFF"
INK = "#1A1A1A"
QUIET = "#6B6B6B"
LINE = "#B5B5B5"
HATCH = "#8F8F8F"

_ORDER = ("blue", "orange", "bluish green", "vermilion", "reddish purple", "sky blue")
_HATCHES = ("////", "....", "\\\\\\\\", "----", "xxxx", "||||")
_LINES = ("solid", "dashed", "dashdot", "dotted", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P")


def colour(position: int) -> str:
    """Return the hex code of the colour at `position`; after six they repeat."""
    return OKABE_ITO[_ORDER[position % len(_ORDER)]]


def hatch(position: int) -> str:
    """Return the matplotlib hatch that goes with the colour at `position`."""
    return _HATCHES[position % len(_HATCHES)]


def line_style(position: int) -> object:
    """Return the matplotlib line style that goes with the colour at `position`."""
    return _LINES[position % len(_LINES)]


def style(position: int) -> dict[str, Any]:
    """Return colour, line style and marker for the line at `position` of a plot.

    Use it as `axes.plot(x, y, **plot.style(0))`; after six the styles repeat.

    Raises:
        TypeError: `position` is not an integer.
    """
    position = integer(position, "position")
    marker = _MARKERS[position % len(_MARKERS)]
    return {
        "color": colour(position),
        "linestyle": line_style(position),
        "marker": marker,
    }


def tint(hex_code: str, share: float = 0.35) -> str:
    """Mix `share` (0 to 1) of a colour with white, so that black text on it stays readable."""
    parts = (int(hex_code[start : start + 2], 16) for start in (1, 3, 5))
    mixed = (round(255 + (part - 255) * share) for part in parts)
    return "#" + "".join(f"{part:02X}" for part in mixed)
