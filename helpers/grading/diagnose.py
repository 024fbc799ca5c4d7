"""Say in words what is wrong with an answer: type, shape, dtype, values, in this order."""

from itertools import takewhile

from helpers.grading.compare import (
    Frozen,
    describe,
    differing,
    index_of,
    is_plain,
    nested,
    same,
    with_article,
)

Findings = tuple[tuple[str, str], ...]
_SHORT = 8  # so many plain elements of a part are shown whole


def explain(got: Frozen, expected: Frozen, tolerance: float) -> Findings:
    """List what was got, what was expected, and what the difference looks like.

    Args:
        got: The learner's value, known to differ from `expected`.
        expected: The right value.
        tolerance: As in `compare.same`.
    """
    findings = [("Got", describe(got)), ("Expected", describe(expected))]
    remark = _remark(got, expected, tolerance)
    return (*findings, ("Difference", remark)) if remark else tuple(findings)


def _remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
    """Name the first thing that differs."""
    if got.kind == "plain" and got.values == (None,):
        return "this is None, which is what a function without `return` gives"
    if got.kind != expected.kind:
        return _kind_remark(got, expected)
    if got.kind == "plain":
        return _plain_remark(got, expected)
    if got.kind in ("sequence", "mapping"):
        return _sequence_remark(got, expected, tolerance)
    if got.shape != expected.shape:
        return _shape_remark(got, expected, tolerance)
    if got.dtype != expected.dtype:
        return _dtype_remark(got, expected, tolerance)
    return _value_remark(got, expected, tolerance)


def _kind_remark(got: Frozen, expected: Frozen) -> str:
    """Say which kind of value was asked for."""
    if expected.kind == "plain" and got.kind == "tensor" and len(got.values) == 1:
        return "a tensor with one element was returned; `.item()` makes it a number"
    if expected.kind == "tensor" and got.kind == "array":
        return "a NumPy array was returned; `torch.from_numpy` makes it a tensor"
    if got.kind == "function":
        return "this is a function and not its result: are the brackets () missing?"
    if got.kind == "object" and got.values:
        return f"several results in one; choose with {_alternatives(got.values)}"
    if expected.kind == "tensor" and got.kind == "object":
        return "a plain torch.Tensor was asked for"
    wanted = expected.type_name.replace("Parameter", "Tensor")
    return f"the type is {got.type_name}; {wanted} was asked for"


def _alternatives(names: tuple[str, ...]) -> str:
    """Write names as they are used: .values or .indices."""
    return " or ".join(f".{name}" for name in names)


def _plain_remark(got: Frozen, expected: Frozen) -> str:
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


def _sequence_remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
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


def _mapping_remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
    """Find the first pair that differs, and call it by its key."""
    for left, right in zip(got.values, expected.values):
        if same(left, right, tolerance):
            continue
        (key, value), (wanted_key, wanted) = left.values, right.values
        if not same(key, wanted_key):
            return f"{describe(key)} stands where {describe(wanted_key)} was expected"
        return f"{describe(key)}: {_inner_remark(value, wanted, tolerance)}"
    return _length_remark(got, expected)


def _length_remark(got: Frozen, expected: Frozen) -> str:
    """Compare how many elements there are."""
    count = got.shape[0]
    return f"{count} element{'s' * (count != 1)} instead of {expected.shape[0]}"


def _inner_remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
    """Say how a part differs; the whole was shown already, so the part is not."""
    nothing = got.kind == "plain" and got.values == (None,)
    remark = "" if nothing else _remark(got, expected, tolerance)
    if remark and not (got.kind == expected.kind and _is_short(got) and _is_short(expected)):
        return remark
    if got.kind == "sequence" and got.type_name == expected.type_name:
        remark = ""  # both are short, so the eye finds the place
    pair = (_short(got, expected), _short(expected, got))
    if pair[0] == pair[1] and got.type_name == expected.type_name == "float":  # rounded
        pair = (f"{got.values[0]:.7g}", f"{expected.values[0]:.7g}")
    exchanged = " instead of ".join(pair)
    return f"{exchanged}; {remark}" if remark else exchanged


def _is_short(value: Frozen) -> bool:
    """Whether a value is plain, or a few plain ones."""
    return is_plain(value) and (value.kind == "plain" or len(value.values) <= _SHORT)


def _short(value: Frozen, other: Frozen) -> str:
    """A value in a few words; the type of a number only where the other's is another."""
    if value.kind == "plain" and value.type_name == other.type_name:
        return describe(value).removesuffix(f" ({with_article(value.type_name)})")
    return describe(value)


def _shape_remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
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


def _dtype_remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
    """Compare the dtypes, and say so when the values themselves are right."""
    text = f"dtype {got.dtype} instead of {expected.dtype}"
    equal = all(
        left == right or abs(left - right) <= tolerance * max(abs(left), abs(right))
        for left, right in zip(got.values, expected.values)
    )
    return f"{text}: the values are right, the dtype is not" if equal else text


def _value_remark(got: Frozen, expected: Frozen, tolerance: float) -> str:
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


def _elements(got: Frozen, expected: Frozen, position: int) -> tuple[str, str]:
    """Two elements, rounded for reading; with more digits where they would read alike."""
    pair = (got.values[position], expected.values[position])
    left, right = (nested(Frozen("tensor", "Tensor", (), "", (value,))) for value in pair)
    return (left, right) if left != right else (f"{pair[0]:.7g}", f"{pair[1]:.7g}")


def _pattern(got: Frozen, expected: Frozen, tolerance: float) -> str:
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


def _scale(got: Frozen, expected: Frozen, tolerance: float) -> str:
    """Recognise a constant factor or a constant offset."""
    pairs = list(zip(got.values, expected.values))
    if len(pairs) < 2:
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


def _with(value: Frozen, values: tuple) -> Frozen:
    """The same description with other elements."""
    return Frozen(value.kind, value.type_name, value.shape, value.dtype, values)
