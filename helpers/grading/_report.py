"""What a learner is told: values and their differences in words, and the report of them.

Differences are named in this order: type, shape, dtype, values.
"""

import html
import math
import re
from dataclasses import dataclass, replace
from enum import Enum
from itertools import takewhile
from typing import Any

from helpers._palette import OKABE_ITO
from helpers.grading._outcome import Snapshot, differing, same

Findings = tuple[tuple[str, str], ...]
_SHOWN_ELEMENTS = 16
_SHORT = 8  # so many plain elements of a part are shown whole
_LONGEST = 1200  # characters of a description
_DEEPEST = 4  # so many levels of lists in lists are described
_MOST_BITS = 256  # an int with more is not written out


class State(Enum):
    """How an answer stands; the value is what a reader sees."""

    NOT_TRIED = "Not tried yet"
    NOT_CHECKED = "Not checked"
    WRONG = "Wrong"
    RIGHT = "Right"
    HINT = "Hint"
    SOLUTION = "Solution"


# A hue for those who see it; the word says the same. They hold on light and dark pages.
_GREY = "#999999"
_COLOURS = {
    State.NOT_TRIED: _GREY,
    State.NOT_CHECKED: _GREY,
    State.WRONG: OKABE_ITO["vermilion"],
    State.RIGHT: OKABE_ITO["bluish green"],
    State.HINT: OKABE_ITO["sky blue"],
    State.SOLUTION: OKABE_ITO["reddish purple"],
}

# Findings under these labels are sentences; the others are values and code.
_PROSE = {"", "Difference", "Likely slip", "Note", "Problem", "Why"}


@dataclass(frozen=True)
class Report:
    """One answer to the learner: rich in a notebook, plain text elsewhere.

    Attributes:
        state: What kind of answer it is.
        title: One short sentence.
        findings: Pairs of a label ("Got") and what belongs to it; an empty label
            makes a paragraph.

    Raises:
        TypeError: When an attribute is not of its type.
    """

    state: State
    title: str
    findings: Findings = ()

    def __post_init__(self) -> None:
        if not isinstance(self.state, State) or not isinstance(self.title, str):
            given = f"{type(self.state).__name__}, {type(self.title).__name__}"
            raise TypeError(f"a report has a State and a title (str), not {given}")
        if not isinstance(self.findings, tuple) or not all(map(_is_finding, self.findings)):
            raise TypeError("the findings of a report are a tuple of pairs of str")
        findings = tuple((label, _printable(text)) for label, text in self.findings)
        object.__setattr__(self, "findings", findings)
        object.__setattr__(self, "title", _printable(self.title))

    def __str__(self) -> str:
        lines = [f"{self.state.value}: {self.title}"]
        for label, text in self.findings:
            indented = text.replace("\n", "\n    ")
            lines.append(f"  {label}: {indented}" if label else f"  {indented}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(_row(label, text) for label, text in self.findings)
        colour = _COLOURS[self.state]
        return (
            f'<div role="status" style="border-left: 5px solid {colour}; '
            'padding: 0.3em 0.9em; margin: 0.3em 0; line-height: 1.5; overflow-wrap: anywhere">'
            f"<strong>{self.state.value}</strong>: {_prose(self.title)}{rows}</div>"
        )


def _printable(text: str) -> str:
    """The text, with codes in place of lone surrogates, which no page or file takes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_finding(pair: object) -> bool:
    """Whether this is a label with what belongs to it."""
    return isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(x, str) for x in pair)


def _row(label: str, text: str) -> str:
    """One finding as HTML; what has several lines keeps them, as code does."""
    if label in _PROSE:
        body = f'<span style="white-space: pre-wrap">{_prose(text)}</span>'
    else:
        style = "white-space: pre-wrap; font-family: monospace"
        body = f'<span style="{style}">{html.escape(text)}</span>'
    named = f"<strong>{html.escape(label)}</strong>: " if label else ""
    return f'<div style="margin-top: 0.3em">{named}{body}</div>'


def _prose(text: str) -> str:
    """A sentence as HTML, with what stands between backticks as code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", html.escape(text))


def describe(value: Snapshot) -> str:
    """Name a value in a few words, with its elements where they are few."""
    text = _describe(value, 0)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"


def _describe(value: Snapshot, depth: int) -> str:
    """Name a value, at whatever length, with its parts down to a depth."""
    if value.kind in ("tensor", "array"):
        return _describe_elements(value)
    if value.kind == "plain":
        return _describe_plain(value)
    if value.kind in ("sequence", "mapping"):
        return _describe_parts(value, depth)
    if value.kind == "function":
        return f"the {value.type_name}"
    return with_article(value.type_name)


def _describe_parts(value: Snapshot, depth: int) -> str:
    """Write a list, tuple or dict; of one that holds tensors, the first parts in words."""
    if value.special:
        return f"a {value.type_name} of {value.shape[0]:,} ({value.special} to be looked into)"
    if is_plain(value):
        return repr(_python(value))
    if depth == _DEEPEST:
        return f"a {value.type_name} of {len(value.values)}"
    if value.kind == "sequence":
        inside = "; ".join(_describe(element, depth + 1) for element in value.values[:4])
        more = "; …" if len(value.values) > 4 else ""
        return f"a {value.type_name} of {len(value.values)} ({inside}{more})"
    pairs = [pair.values for pair in value.values[:_SHOWN_ELEMENTS]]
    inside = ", ".join(f"{_describe(key, 0)}: {_describe(part, depth + 1)}" for key, part in pairs)
    more = ", …" if len(value.values) > len(pairs) else ""
    return "{" + inside + more + "}"


def _describe_elements(value: Snapshot) -> str:
    """Name a tensor or array, and what sets it apart."""
    noun = f"{value.dtype} {'tensor' if value.kind == 'tensor' else 'NumPy array'}"
    if value.special == "nested":
        return f"a nested {noun}"
    text = f"{with_article(_sizes(value.shape))} {noun}"
    if value.special:
        text += f" ({value.special})"
    if 0 < len(value.values) <= _SHOWN_ELEMENTS:
        text += f": {nested(value)}"
    return text


def _describe_plain(value: Snapshot) -> str:
    """Write None, a text or a number, with the type of a number."""
    shown = _rounded(value.values[0])
    if shown is None or value.type_name == "str":
        return repr(shown)
    if _is_huge(shown):
        digits = math.ceil(shown.bit_length() * math.log10(2))
        return f"a number of about {digits:,} digits (an int)"
    return f"{shown!r} ({with_article(value.type_name)})"


def nested(value: Snapshot) -> str:
    """Write the elements of a tensor or array as nested brackets."""
    elements = [_rounded(element) for element in value.values]
    for size in reversed(value.shape[1:]):
        count = len(elements) // size
        elements = [elements[i * size : (i + 1) * size] for i in range(count)]
    return str(elements if value.shape else elements[0])


def is_plain(value: Snapshot) -> bool:
    """Whether a value is plain, or a sequence of what is plain."""
    if value.kind == "sequence":
        return not value.special and all(map(is_plain, value.values))
    return value.kind == "plain" and not _is_huge(value.values[0])


def _is_huge(element: Any) -> bool:
    """Whether this is an int with more digits than anybody reads."""
    return type(element) is int and element.bit_length() > _MOST_BITS


def _python(value: Snapshot) -> Any:
    """A plain value, or a sequence of what is plain, as Python wrote it."""
    if value.kind == "plain":
        return _rounded(value.values[0])
    elements = [_python(element) for element in value.values]
    return elements if value.type_name == "list" else tuple(elements)


def explain(got: Snapshot, expected: Snapshot, tolerance: float) -> Findings:
    """List what was got, what was expected, and what the difference looks like.

    Args:
        got: The learner's value, known to differ from `expected`.
        expected: The right value.
        tolerance: As in `compare.same`.
    """
    findings = [("Got", describe(got)), ("Expected", describe(expected))]
    remark = _remark(got, expected, tolerance)
    return (*findings, ("Difference", remark)) if remark else tuple(findings)


def _remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Name the first thing that differs."""
    if got.is_none:
        return "this is None, which is what a function without `return` gives"
    if got.kind != expected.kind:
        return _kind_remark(got, expected)
    if got.kind == "plain":
        return _plain_remark(got, expected)
    if got.special != expected.special:
        return _special_remark(got, expected)
    if got.kind in ("sequence", "mapping"):
        return _sequence_remark(got, expected, tolerance)
    if got.shape != expected.shape:
        return _shape_remark(got, expected, tolerance)
    if got.dtype != expected.dtype:
        return _dtype_remark(got, expected, tolerance)
    return _value_remark(got, expected, tolerance)


def _kind_remark(got: Snapshot, expected: Snapshot) -> str:
    """Say which kind of value was asked for."""
    if expected.kind == "plain" and got.kind == "tensor" and len(got.values) == 1:
        return "a tensor with one element was returned; `.item()` makes it a number"
    if expected.kind == "tensor" and got.kind == "array":
        return "a NumPy array was returned; `torch.from_numpy` makes it a tensor"
    if got.kind == "function":
        return "this is a function and not its result: are the brackets () missing?"
    if got.kind == "object" and got.values:
        return f"several results in one; choose with {_alternatives(got.values)}"
    wanted = expected.type_name.replace("Parameter", "Tensor")
    text = f"the type is {got.type_name}; {wanted} was asked for"
    if got.type_name == "generator":
        return f"{text}. `yield` makes a generator; collect what it gives, and `return` that"
    if got.type_name == "coroutine":
        return "`async def` makes a coroutine and runs nothing; write `def`"
    if expected.kind == "tensor" and got.kind == "object":
        return "a plain torch.Tensor was asked for"
    return text


def _alternatives(names: tuple[str, ...]) -> str:
    """Write names as they are used: .values or .indices."""
    return " or ".join(f".{name}" for name in names)


def _special_remark(got: Snapshot, expected: Snapshot) -> str:
    """Say what sets a tensor or sequence apart, and how to make it an ordinary one."""
    if got.special == "sparse":
        return "this tensor is sparse; `.to_dense()` makes it an ordinary one"
    if got.special == "quantised":
        return "this tensor is quantised; `.dequantize()` makes it an ordinary one"
    if got.special == "nested":
        return "this tensor is nested; a tensor with one shape was asked for"
    if got.special.startswith("on the device meta"):
        return "this tensor is on the device meta, so it has a shape but no values"
    if got.special.startswith("on the device"):
        return f"this tensor is {got.special}; `.cpu()` copies it to the CPU"
    if got.special == "too large":
        return (
            f"it holds {math.prod(got.shape):,} elements instead of {math.prod(expected.shape):,}"
        )
    if got.special == "too deep":
        return "it holds itself, or too many levels of lists in lists"
    if got.special:
        return "its elements cannot be read"
    return f"{with_article(expected.special)} tensor was asked for"


def _plain_remark(got: Snapshot, expected: Snapshot) -> str:
    """Compare the types of two plain values, and point into a text that differs."""
    if got.type_name != expected.type_name:
        return f"the type is {got.type_name}; {expected.type_name} was asked for"
    if got.type_name != "str":
        return ""
    left, right = got.values[0], expected.values[0]
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(left, right))
    common = sum(1 for _ in equal)
    if not common:
        return "they differ from the first character on"
    if common == len(left):
        return f"it ends after {left!r}; {right[common:]!r} is missing"
    return f"the same up to {right[:common]!r}, then {left[common:]!r} differs"


def _sequence_remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Say where in a sequence or mapping the first difference is, and how it looks."""
    if got.type_name != expected.type_name:
        return f"a {expected.type_name} was asked for"
    if got.kind == "mapping":
        return _mapping_remark(got, expected, tolerance)
    if got.shape != expected.shape:
        return _length_remark(got, expected)
    first = next(differing(got, expected, tolerance))
    inner = _inner_remark(got.values[first], expected.values[first], tolerance)
    return f"element {first}: {inner}"


def _mapping_remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Find the first pair that differs, and call it by its key."""
    for left, right in zip(got.values, expected.values):
        if same(left, right, tolerance):
            continue
        (key, value), (wanted_key, wanted) = left.values, right.values
        if not same(key, wanted_key):
            return f"{describe(key)} stands where {describe(wanted_key)} was expected"
        return f"{describe(key)}: {_inner_remark(value, wanted, tolerance)}"
    return _length_remark(got, expected)


def _length_remark(got: Snapshot, expected: Snapshot) -> str:
    """Compare how many elements there are."""
    count = got.shape[0]
    return f"{count} element{'s' * (count != 1)} instead of {expected.shape[0]}"


def _inner_remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Say how a part differs; the whole was shown already, so the part is not."""
    remark = "" if got.is_none else _remark(got, expected, tolerance)
    if remark and not (got.kind == expected.kind and _is_short(got) and _is_short(expected)):
        return remark
    if got.kind == "sequence" and got.type_name == expected.type_name:
        remark = ""  # both are short, so the eye finds the place
    pair = (_short(got, expected), _short(expected, got))
    if pair[0] == pair[1] and got.type_name == expected.type_name == "float":  # rounded
        pair = (f"{got.values[0]:.7g}", f"{expected.values[0]:.7g}")
    exchanged = " instead of ".join(pair)
    return f"{exchanged}; {remark}" if remark else exchanged


def _is_short(value: Snapshot) -> bool:
    """Whether a value is plain, or a few plain ones."""
    return is_plain(value) and (value.kind == "plain" or len(value.values) <= _SHORT)


def _short(value: Snapshot, other: Snapshot) -> str:
    """A value in a few words; the type of a number only where the other's is another."""
    if value.kind == "plain" and value.type_name == other.type_name:
        return describe(value).removesuffix(f" ({with_article(value.type_name)})")
    return describe(value)


def _shape_remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Compare the shapes, and say so when the elements themselves are right."""
    text = f"shape {got.shape} instead of {expected.shape}"
    if sorted(got.shape) == sorted(expected.shape) and got.shape[::-1] == expected.shape:
        return f"{text}: the dimensions are in the opposite order"
    if len(got.values) != len(expected.values):
        return text
    if any(True for _ in differing(got, expected, tolerance)):
        return text
    if [s for s in got.shape if s > 1] == [s for s in expected.shape if s > 1]:
        return f"{text}: the values are right, a dimension of size 1 is the difference"
    return f"{text}: the values are right and in the right order, the shape is not"


def _dtype_remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Compare the dtypes, and say so when the values themselves are right."""
    text = f"dtype {got.dtype} instead of {expected.dtype}"
    pairs = list(zip(got.values, expected.values))
    equal = got.is_read and all(
        left == right or _nearly(left, right, tolerance) for left, right in pairs
    )
    return f"{text}: the values are right, the dtype is not" if equal else text


def _nearly(left: Any, right: Any, tolerance: float) -> bool:
    """Whether two numbers of any type agree within a tolerance; texts never do."""
    if not (isinstance(left, int | float | complex) and isinstance(right, int | float | complex)):
        return False
    return abs(left - right) <= tolerance * max(abs(left), abs(right))


def _value_remark(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Point at the first element that differs, and at a pattern in the difference."""
    wrong = list(differing(got, expected, tolerance))
    first, count = wrong[0], len(got.values)
    left, right = _elements(got, expected, first)
    if count == 1:
        return _pattern(got, expected, tolerance)
    where = index_of(first, got.shape)
    text = f"{len(wrong)} of {count} values; at index {where}: {left} instead of {right}"
    pattern = _pattern(got, expected, tolerance)
    return f"{text}; {pattern}" if pattern else text


def _elements(got: Snapshot, expected: Snapshot, position: int) -> tuple[str, str]:
    """Two elements, rounded for reading; with more digits where they would read alike."""
    pair = (got.values[position], expected.values[position])
    left, right = (nested(Snapshot("tensor", "Tensor", (), "", (value,))) for value in pair)
    return (left, right) if left != right else (f"{pair[0]:.7g}", f"{pair[1]:.7g}")


def _pattern(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Recognise transposed, negated, scaled and shifted values."""
    if len(got.shape) == 2 and got.shape[0] == got.shape[1]:
        size = got.shape[0]
        order = [row + column * size for row in range(size) for column in range(size)]
        turned = tuple(got.values[position] for position in order)
        if same(_with(got, turned), expected, tolerance):
            return "rows and columns are exchanged"
    if not all(type(v) in (int, float) for v in got.values + expected.values):
        return ""
    if same(_with(got, tuple(-v for v in got.values)), expected, tolerance):
        return "every sign is the opposite one"
    return _scale(got, expected, tolerance)


def _scale(got: Snapshot, expected: Snapshot, tolerance: float) -> str:
    """Recognise a constant factor or a constant offset."""
    pairs = list(zip(got.values, expected.values))
    if len(pairs) < 2:
        return ""
    if not all(math.isfinite(left) and math.isfinite(right) for left, right in pairs):
        return ""
    shifts = {round(left - right, 4) for left, right in pairs}
    if len(shifts) == 1 and shifts != {0}:
        shift = shifts.pop()
        return f"every value is {abs(shift):.4g} too {'large' if shift > 0 else 'small'}"
    if any(right == 0 for _, right in pairs):
        return ""
    factors = {float(f"{left / right:.3g}") for left, right in pairs}
    factor = factors.pop()
    if factors or factor <= 0 or factor == 1:
        return ""
    return f"every value is {factor:g} times the right one"


def _with(value: Snapshot, values: tuple) -> Snapshot:
    """The same description with other elements."""
    return replace(value, values=values)


def index_of(position: int, shape: tuple[int, ...]) -> list[int]:
    """Turn a row-major position into one index for each dimension."""
    index: list[int] = []
    for size in reversed(shape):
        index.insert(0, position % size)
        position //= size
    return index


def _sizes(shape: tuple[int, ...]) -> str:
    """Write (3, 4) as 3×4, (3,) as 3-element and () as 0-d."""
    if not shape:
        return "0-d"
    return f"{shape[0]}-element" if len(shape) == 1 else "×".join(map(str, shape))


def _rounded(element: Any) -> Any:
    """Round a float to 4 significant digits for reading; leave the rest alone."""
    return float(f"{element:.4g}") if isinstance(element, float) else element


def with_article(noun: str) -> str:
    """Put 'a' or 'an' before a noun, which may begin with a number: an 8×8."""
    vowel = noun[0].lower() in "aeiou8" or re.match(r"1[18]\b", noun)
    return f"{'an' if vowel else 'a'} {noun}"
