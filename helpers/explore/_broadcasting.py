"""The explorer for broadcasting: two shapes, and what PyTorch makes of them."""

import torch

from helpers import plot
from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.plot._broadcasting import mismatch

EXAMPLES = (
    ("3, 1", "4"),
    ("2, 3", "3"),
    ("2, 3", "2"),
    ("4", ""),
    ("2, 1, 4", "3, 1"),
    ("8, 3, 32, 32", "3, 1, 1"),
)
MOST_DIMS = 5
LARGEST_SIZE = 1000
LONGEST_SHOWN = 40


def broadcasting() -> Explorer:
    """Return an explorer of broadcasting: type or pick two shapes, and see how they align.

    It shows which sizes are stretched and the result, or PyTorch's own error message.
    """
    explorer = Explorer("Explorer: broadcasting", picture(*EXAMPLES[0]))
    if widgets_are_installed():
        _attach(explorer)
    return explorer


def parse_shape(text: str) -> tuple[int, ...]:
    """Return the shape a reader typed: integers with commas between, nothing for a number.

    Raises:
        ValueError: It is anything else, has over 5 dimensions or sizes outside 0 to 1000.
    """
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    words = [word.strip() for word in text.strip().strip("()[]").split(",")]
    words = words[:-1] if words[-1] == "" else words
    if not all(word.isdecimal() for word in words):
        raise ValueError(f'"{shown}" is not a shape; write integers with commas between: 3, 1')
    if (
        len(words) > MOST_DIMS
        or any(len(word) > LONGEST_SHOWN for word in words)  # too long for int() to read
        or any(int(word) > LARGEST_SIZE for word in words)
    ):
        raise ValueError(
            f'"{shown}" is too large to draw; use at most {MOST_DIMS} sizes '
            f"from 0 to {LARGEST_SIZE}."
        )
    return tuple(int(word) for word in words)


def picture(first: str, second: str) -> Picture:
    """Draw how two typed shapes broadcast, with PyTorch's answer in words.

    Raises:
        ValueError: A text is not a shape that can be drawn.
    """
    a, b = parse_shape(first), parse_shape(second)
    given = f"a has shape {a}, b has shape {b}"
    # Tensors that repeat one number take no memory, whatever their shape.
    empty = [torch.zeros(()).expand(shape) for shape in (a, b)]
    try:
        result = torch.broadcast_tensors(*empty)[0]
    except RuntimeError:
        return Picture(mismatch(a, b), (given, f"a + b raises RuntimeError: {_message(*empty)}"))
    figure = plot.broadcasting(_numbers(a, step=10), _numbers(b, start=1))
    return Picture(figure, (given, f"(a + b).shape is {tuple(result.shape)}"))


def _numbers(shape: tuple[int, ...], start: int = 0, step: int = 1) -> torch.Tensor:
    """Return numbers to look at in a small matrix, and zeros without memory in a larger tensor."""
    count = torch.Size(shape).numel()
    if len(shape) > 2 or count > 100:
        return torch.zeros((), dtype=torch.int64).expand(shape)
    return (start + step * torch.arange(count)).reshape(shape)


def _message(a: torch.Tensor, b: torch.Tensor) -> str:
    """Return what PyTorch says when two tensors that do not fit are added."""
    try:
        a + b
    except RuntimeError as problem:
        return str(problem)
    return "no error"


def _attach(explorer: Explorer) -> None:
    """Make the controls and connect them; an example fills in both shapes."""
    import ipywidgets

    first, second = (
        ipywidgets.Text(value=text, description=f"shape of {name}", continuous_update=False)
        for name, text in zip("ab", EXAMPLES[0], strict=True)
    )
    names = [(f"({one})  and  ({other})", (one, other)) for one, other in EXAMPLES]
    examples = ipywidgets.Dropdown(options=names, value=EXAMPLES[0], description="examples")

    def update(change: object = None) -> None:
        try:
            explorer.draw(picture(first.value, second.value))
        except ValueError as problem:
            explorer.say((str(problem), "The figure still shows the shapes from before."))

    def fill_in(change: object = None) -> None:
        first.value, second.value = examples.value

    explorer.attach({"examples": examples, "a": first, "b": second})
    first.observe(update, names="value")
    second.observe(update, names="value")
    examples.observe(fill_in, names="value")
