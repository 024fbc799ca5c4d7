"""Stored against fresh output: what the course's regression suite calls equal.

nbval 0.11 compares values key by key and loses the order of unlike outputs, the difference
between a result and a display, and whether a picture is there at all. Here each output is
compared with the one in its place.
"""

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from helpers._notebook import WIDGET_VIEW

# The model behind a widget has a random name; its static fallback is compared.
IGNORED = WIDGET_VIEW
# A picture's bytes differ with the drawing library's version; its presence is compared,
# and so is the text beside it, which is computed from what is drawn.
PICTURES = ("image/png", "image/jpeg")

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?!\w|\.\d)")

Part = tuple[str, str]


def parts(output: Mapping[str, Any], clean: Callable[[Any], Any]) -> list[Part]:
    """One output as (what it is, its text) pairs; `clean` is applied to each text."""
    kind = output["output_type"]
    if kind == "stream":
        return [(output["name"], _text(clean(output["text"])))]
    if kind == "error":
        return [(f"error {key}", _text(clean(output[key]))) for key in ("ename", "evalue")]
    data = {key: value for key, value in output.get("data", {}).items() if key != IGNORED}
    if any(key in PICTURES for key in data):
        data.pop("text/html", None)  # the same picture for a live page
    shown = {key: "a picture" if key in PICTURES else clean(data[key]) for key in sorted(data)}
    return [(f"{kind} {key}", _text(value)) for key, value in shown.items()]


def in_order(outputs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The outputs with stderr at the end: only its place among the others is left to chance."""
    return sorted(outputs, key=lambda output: output.get("name") == "stderr")


def differences(
    stored: Sequence[Mapping[str, Any]],
    fresh: Sequence[Mapping[str, Any]],
    tolerance: float | None = None,
    clean: Callable[[Any], Any] = lambda text: text,
) -> list[str]:
    """What differs, in lines to be read; an empty list when nothing does.

    Without a tolerance texts must be equal. With one, so must everything but numbers that
    carry a decimal point or an exponent: these may differ by it, relatively or absolutely.
    """
    old = [part for output in in_order(stored) for part in parts(output, clean)]
    new = [part for output in in_order(fresh) for part in parts(output, clean)]
    if [kind for kind, _ in old] != [kind for kind, _ in new]:
        return [
            f"stored outputs: {_list(old)}",
            f"fresh outputs:  {_list(new)}",
            *_unlike(old, new),
        ]
    for (kind, before), (_, after) in zip(old, new, strict=True):
        if before != after and (tolerance is None or not close(before, after, tolerance)):
            return [f"{kind}: stored (-) and fresh (+) differ", *_diff(before, after)]
    return []


def close(stored: str, fresh: str, tolerance: float) -> bool:
    """Whether two texts differ in nothing but decimal numbers, and these within `tolerance`.

    The blanks before a number may differ, since a sign changes the width of a column.
    """
    if _skeleton(stored) != _skeleton(fresh):
        return False
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(fresh), strict=True)
    return all(_near(old, new, tolerance) for old, new in pairs)


def _near(stored: str, fresh: str, tolerance: float) -> bool:
    if stored == fresh:
        return True
    if not (_is_decimal(stored) and _is_decimal(fresh)):
        return False
    old, new = float(stored), float(fresh)
    return abs(old - new) <= tolerance + tolerance * abs(old)


def _is_decimal(number: str) -> bool:
    return any(sign in number for sign in ".eE")


def _skeleton(text: str) -> str:
    return re.sub(r" +(?=#)", " ", NUMBER.sub("#", text)).replace("[ #", "[#")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _list(found: list[Part]) -> str:
    return ", ".join(kind for kind, _ in found) or "none"


def _unlike(old: list[Part], new: list[Part]) -> list[str]:
    """The text of the first output that has no partner: often an error that says it all."""
    pairs = zip([*old, ("", "")], [*new, ("", "")], strict=False)
    before, after = next((pair for pair in pairs if pair[0][0] != pair[1][0]), (("", ""),) * 2)
    return _diff(before[1], after[1])


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    told = [line for line in list(lines)[2:] if not line.startswith("@@")]
    return told or [f"- {before!r}", f"+ {after!r}"]
