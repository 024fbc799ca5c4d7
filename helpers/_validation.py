"""What more than one part of the course asks of its arguments."""

import operator


def integer(value: int, name: str, least: int) -> int:
    """Return `value` as an int; numpy's whole numbers will do too.

    Raises TypeError when it is not whole, or True or False, ValueError when it is below `least`.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} is a whole number, not {value!r}.")
    if number < least:
        raise ValueError(f"{name}={number:,} is too small; it is at least {least}.")
    return number
