"""The explorer for strides: a shape, an operation, an index, and where the element lies."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.plot._storage import draw_storage

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

    The address of an element is offset + the sum of stride · index over the dimensions,
    as the PyTorch documentation of `Tensor.as_strided` has it.
    """
    shape, operation = SHAPES[1], "t.transpose(0, -1)"
    explorer = Explorer("Explorer: strides", picture(element(shape, operation, (1, 2))))
    if widgets_are_installed():
        _attach(explorer, shape, operation, (1, 2))
    return explorer


@dataclass(frozen=True)
class Element:
    """One element of a view of `base`, and where in the storage it lies."""

    base: torch.Tensor
    operation: str
    view: torch.Tensor
    index: tuple[int, ...]

    @property
    def shares(self) -> bool:
        """Whether the operation made a view; otherwise it made a copy."""
        return self.view.untyped_storage().data_ptr() == self.base.untyped_storage().data_ptr()

    @property
    def address(self) -> int:
        """The storage index of the element: offset + Σ stride · index."""
        pairs = zip(self.view.stride(), self.index, strict=True)
        return int(self.view.storage_offset()) + sum(step * at for step, at in pairs)

    def sentences(self) -> tuple[str, ...]:
        """Return the code that makes the view, the sum that leads to the element, the element."""
        name = "view" if self.shares else "copy"
        remark = "" if self.shares else "   # a copy: this storage is its own"
        sizes = ", ".join(str(size) for size in self.base.shape)
        terms = [str(self.view.storage_offset())]
        terms += [f"{step}·{at}" for step, at in zip(self.view.stride(), self.index, strict=True)]
        total = f" = {self.address}" if self.index else ""
        where = f"[{', '.join(str(at) for at in self.index)}]" if self.index else ".item()"
        return (
            f"t = torch.arange({self.base.numel()}).reshape({sizes}) * 10",
            f"{name} = {self.operation}{remark}",
            f"address = offset + Σ stride·index = {' + '.join(terms)}{total}",
            f"{name}{where} = storage[{self.address}] = {self.view[self.index].item()}",
        )


def element(shape: tuple[int, ...], operation: str, index: tuple[int, ...]) -> Element:
    """Return an element of a view of `torch.arange(...) * 10` in `shape`.

    `operation` is a key of OPERATIONS; `index` is cut or clamped to the shape of the
    view.
    """
    base = torch.arange(torch.Size(shape).numel()).reshape(shape) * 10
    view = OPERATIONS[operation](base)
    filled = (*index, *(0 for size in view.shape))
    fitting = (max(0, min(at, size - 1)) for at, size in zip(filled, view.shape, strict=False))
    return Element(base, operation, view, tuple(fitting))


def picture(chosen: Element) -> Picture:
    """Draw the storage, what the view reads of it, and a frame around the element."""
    if chosen.shares:
        base, drawn = chosen.base, {"t": chosen.base, "view": chosen.view}
    else:
        base, drawn = chosen.view, {"copy": chosen.view}
    return Picture(draw_storage(base, drawn, chosen.address), chosen.sentences())


def _attach(
    explorer: Explorer, shape: tuple[int, ...], operation: str, index: tuple[int, ...]
) -> None:
    """Make the controls and connect them: any change draws the picture anew."""
    import ipywidgets

    shapes = ipywidgets.Dropdown(
        options=[(str(choice), choice) for choice in SHAPES],
        value=shape,
        description="shape of t",
    )
    operations = ipywidgets.Dropdown(
        options=list(OPERATIONS), value=operation, description="operation"
    )
    index_sliders = [
        ipywidgets.IntSlider(min=0, max=0, description=f"index in dim {dim}")
        for dim in range(MOST_DIMS)
    ]

    def update(change: object = None) -> None:
        view = OPERATIONS[operations.value](torch.empty(shapes.value))
        _limit(index_sliders, tuple(view.shape))
        chosen = tuple(slider.value for slider in index_sliders)
        explorer.draw(picture(element(shapes.value, operations.value, chosen)))

    _limit(index_sliders, tuple(OPERATIONS[operation](torch.empty(shape)).shape))
    for slider, value in zip(index_sliders, index, strict=False):
        slider.value = value
    sliders = {f"index {dim}": slider for dim, slider in enumerate(index_sliders)}
    explorer.attach({"shape": shapes, "operation": operations, **sliders})
    for control in explorer.controls.values():
        control.observe(update, names="value")


def _limit(index_sliders: list, shape: tuple[int, ...]) -> None:
    """Give each slider the size of its dimension, and hide those that have none."""
    for dim, slider in enumerate(index_sliders):
        has_dim = dim < len(shape)
        slider.layout.display = None if has_dim else "none"
        slider.max = shape[dim] - 1 if has_dim else 0
