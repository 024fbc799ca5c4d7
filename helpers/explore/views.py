"""The explorer for strides: a shape, an operation, an index, and where the element lies."""

from collections.abc import Callable

import torch

from helpers.explore.explorer import Explorer, Picture, widgets_are_installed
from helpers.plot.memory import draw_storage

SHAPES = ((6,), (3, 4), (4, 5), (2, 3, 4))
MOST_DIMS = 4

OPERATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "t": lambda t: t,
    "t.transpose(0, -1)": lambda t: t.transpose(0, -1),
    "t[1:]": lambda t: t[1:],
    "t[::2]": lambda t: t[::2],
    "t[..., 1]": lambda t: t[..., 1],
    "t[..., ::2]": lambda t: t[..., ::2],
    "t.unsqueeze(0)": lambda t: t.unsqueeze(0),
    "t[:1].expand(3, ...)": lambda t: t[:1].expand(3, *t.shape[1:]),
    "t.unfold(-1, 2, 1)": lambda t: t.unfold(-1, 2, 1),
    "t.flatten()": lambda t: t.flatten(),
    "t.transpose(0, -1).flatten()": lambda t: t.transpose(0, -1).flatten(),
    "t.transpose(0, -1).contiguous()": lambda t: t.transpose(0, -1).contiguous(),
    "t.flip(0)": lambda t: t.flip(0),
}


def strides() -> Explorer:
    """Return an explorer of views: choose shape, operation and index, and see storage and address.

    The address of an element is offset + the sum of stride · index over the dimensions, as the
    PyTorch documentation of `Tensor.as_strided` has it.
    """
    shape, operation = SHAPES[1], "t.transpose(0, -1)"
    explorer = Explorer("Explorer: strides", picture(shape, operation, (1, 2)))
    if widgets_are_installed():
        _attach(explorer, shape, operation, (1, 2))
    return explorer


def picture(shape: tuple[int, ...], operation: str, index: tuple[int, ...]) -> Picture:
    """Draw one view of `torch.arange(...)` in `shape`, and compute the address of one element.

    `operation` is a key of OPERATIONS; `index` is cut or clamped to the view.
    """
    base = torch.arange(torch.Size(shape).numel()).reshape(shape) * 10
    view = OPERATIONS[operation](base)
    index = fitting(index, tuple(view.shape))
    address = view.storage_offset() + sum(
        step * place for step, place in zip(view.stride(), index, strict=True)
    )
    shares = view.untyped_storage().data_ptr() == base.untyped_storage().data_ptr()
    sentences = (
        f"t = torch.arange({base.numel()}).reshape{shape} * 10".replace(",)", ")"),
        f"view = {operation}" if shares else f"copy = {operation}   # a copy: this storage is its own",
        *_address(view, index, address, "view" if shares else "copy"),
    )
    drawn = {"t": base, "view": view} if shares else {"copy": view}
    return Picture(draw_storage(base if shares else view, drawn, chosen=address), sentences)


def fitting(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return an index for `shape`, as near to the given one as its sizes allow."""
    filled = tuple(index) + (0,) * len(shape)
    return tuple(max(0, min(place, size - 1)) for place, size in zip(filled, shape, strict=False))


def _address(view: torch.Tensor, index: tuple[int, ...], address: int, name: str) -> tuple[str, str]:
    """Return the sum that leads to the element, and the element."""
    pairs = zip(view.stride(), index, strict=True)
    terms = [str(view.storage_offset()), *(f"{step}·{place}" for step, place in pairs)]
    total = f" = {address}" if index else ""
    place = f"[{', '.join(str(place) for place in index)}]" if index else ".item()"
    return (
        f"address = offset + Σ stride·index = {' + '.join(terms)}{total}",
        f"{name}{place} = storage[{address}] = {view[index].item()}",
    )


def _attach(
    explorer: Explorer, shape: tuple[int, ...], operation: str, index: tuple[int, ...]
) -> None:
    """Make the controls and connect them: any change draws the picture anew."""
    import ipywidgets

    shapes = ipywidgets.Dropdown(
        options=[(str(choice), choice) for choice in SHAPES], value=shape, description="shape of t"
    )
    operations = ipywidgets.Dropdown(
        options=list(OPERATIONS), value=operation, description="operation"
    )
    places = [
        ipywidgets.IntSlider(min=0, max=0, description=f"index in dim {dim}")
        for dim in range(MOST_DIMS)
    ]

    def update(change: object = None) -> None:
        view = OPERATIONS[operations.value](torch.empty(shapes.value))
        _limit(places, tuple(view.shape))
        chosen = tuple(place.value for place in places)
        explorer.draw(picture(shapes.value, operations.value, chosen))

    _limit(places, tuple(OPERATIONS[operation](torch.empty(shape)).shape))
    for place, value in zip(places, index, strict=False):
        place.value = value
    sliders = {f"index {dim}": place for dim, place in enumerate(places)}
    explorer.attach({"shape": shapes, "operation": operations, **sliders})
    for control in explorer.controls.values():
        control.observe(update, names="value")


def _limit(places: list, shape: tuple[int, ...]) -> None:
    """Give each slider the size of its dimension, and hide those that have none."""
    for dim, place in enumerate(places):
        has_dim = dim < len(shape)
        place.layout.display = None if has_dim else "none"
        place.max = shape[dim] - 1 if has_dim else 0
