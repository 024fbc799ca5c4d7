"""What the notebooks import; docs/architecture.md says what each part is for.

Importing this package costs nothing; each module imports what it needs.
"""

_MOVED = {
    "exercises": "exercises is now a package of its own: write `import exercises` "
    "instead of `from helpers import exercises`.",
    "visdom": "helpers.visdom is now helpers.board: write `from helpers import board` "
    "instead of `from helpers import visdom`.",
}


def __getattr__(name: str) -> object:
    """Answer a name that older notebooks import from here with where it is now.

    Raises:
        ImportError: For a name that has moved.
        AttributeError: For any other name.
    """
    if name in _MOVED:
        raise ImportError(_MOVED[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
