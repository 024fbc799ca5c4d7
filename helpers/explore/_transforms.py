"""The explorer for transforms: the photograph, a box and a mask before and after."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import AbstractPathEffect, withStroke
from PIL import Image, ImageDraw
from torch.nn import functional

from helpers import data
from helpers._palette import INK, LINE, OKABE_ITO, PAPER, QUIET
from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.explore._transform_catalogue import TRANSFORMS, Arguments, Parameter, code, make
from helpers.plot._boxes import SMALL, SMALLEST, TEXT, Look, finish

if TYPE_CHECKING:
    import ipywidgets

FIRST, FIRST_SEED = "RandomResizedCrop", 1
SEEDS = 20
# The tower's outline, as (column, row), read off the photograph by eye.
TOWER = (
    *((205, 29), (214, 35), (216, 60), (240, 85), (265, 98), (318, 122), (297, 136)),
    *((293, 160), (330, 176), (318, 190), (320, 230), (327, 236), (350, 256), (340, 272)),
    *((340, 310), (372, 337), (345, 365), (300, 378), (240, 392), (200, 365), (160, 345)),
    *((140, 335), (80, 338), (80, 280), (63, 270), (85, 250), (93, 245), (98, 230)),
    *((98, 190), (84, 182), (90, 165), (118, 158), (118, 140), (93, 128), (100, 110)),
    *((130, 100), (170, 80), (193, 62), (196, 35)),
)
WIDEST = 7.2
HIGHEST = 3.6
LARGEST_PIXEL = 3.4 / 640
LEFT, BETWEEN, RIGHT = 0.45, 0.6, 0.25
TOP, BOTTOM = 0.32, 0.62
REFUSED = 1.6
SMALLEST_SIDE, LABELLED = 0.02, 0.5
BOX: Look = {"color": OKABE_ITO["vermilion"], "linestyle": "solid", "linewidth": 2.0}
MASK: Look = {"color": OKABE_ITO["blue"], "linestyle": "dashed", "linewidth": 1.6}
HALO: list[AbstractPathEffect] = [withStroke(linewidth=4.0, foreground=PAPER)]


@dataclass(frozen=True)
class Labelled:
    """An image with what is known about it.

    `image` is uint8 (3 or 1, rows, columns); `box` the integers left, top, right,
    bottom; `mask` bool (rows, columns).
    """

    image: torch.Tensor
    box: tuple[int, int, int, int]
    mask: torch.Tensor

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.image.shape[-2:]
        return rows, columns

    @property
    def percent(self) -> int:
        """How many in a hundred pixels the mask covers, as an integer."""
        return round(100 * int(torch.count_nonzero(self.mask)) / max(1, self.mask.numel()))

    @property
    def box_is_empty(self) -> bool:
        """Whether no pixel is left in the box."""
        left, top, right, bottom = self.box
        return right <= left or bottom <= top


def transforms() -> Explorer:
    """Return an explorer of `torchvision.transforms.v2` on the photograph, a box and a mask.

    The controls are the parameters of the chosen transform. Where torchvision refuses,
    its own message is shown.
    """
    before = tower()
    start = TRANSFORMS[FIRST].start()
    explorer = Explorer("Explorer: transforms", picture(before, FIRST, start, FIRST_SEED))
    if widgets_are_installed():
        _attach(explorer, before)
    return explorer


def tower() -> Labelled:
    """Return the photograph, uint8 (3, 427, 640), with the box and the mask of its tower."""
    image = data.photograph()
    drawing = Image.new("L", (image.shape[2], image.shape[1]))
    ImageDraw.Draw(drawing).polygon(TOWER, fill=1)
    mask = torch.tensor(list(drawing.tobytes()), dtype=torch.bool).reshape(image.shape[1:])
    columns, rows = zip(*TOWER, strict=True)
    box = (min(columns), min(rows), max(columns) + 1, max(rows) + 1)
    return Labelled(image, box, mask)


def apply(before: Labelled, name: str, values: Arguments, seed: int) -> Labelled:
    """Return what the transform makes of image, box and mask; random state stays as it was.

    Raises what torchvision raises for values that it refuses.
    """
    from torchvision import tv_tensors

    boxes = tv_tensors.BoundingBoxes([before.box], format="XYXY", canvas_size=before.size)
    together = (tv_tensors.Image(before.image), boxes, tv_tensors.Mask(before.mask))
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # RandomErasing says that boxes pass; so do our words
        torch.default_generator.manual_seed(seed)
        image, boxes, mask = make(name, values)(*together)
    box = tuple(round(side) for side in boxes[0].tolist())
    return Labelled(image.as_subclass(torch.Tensor), box, mask.as_subclass(torch.Tensor))


def picture(before: Labelled, name: str, values: Arguments, seed: int) -> Picture:
    """Draw what the transform called `name` does with these values, and say it in words."""
    lines = [f"transform = {code(name, values)}"]
    if TRANSFORMS[name].random:
        lines.append(f"torch.manual_seed({seed})")
    lines.append("image, boxes, mask = transform(image, boxes, mask)")
    if values.get("fill") and "fill=" in lines[0]:
        spared = f'fill={{tv_tensors.Image: {values["fill"]}, "others": 0}} would spare it'
        lines.append(f"fill is given to the mask too; {spared}")
    try:
        after = apply(before, name, values, seed)
    except (ValueError, TypeError, RuntimeError) as problem:
        lines.append(f"raises {type(problem).__name__}: {problem}")
        return Picture(draw_change(before, None), tuple(lines))
    return Picture(draw_change(before, after), (*lines, *_results(before, after)))


def _results(before: Labelled, after: Labelled) -> list[str]:
    """Return sizes, box and mask as integers, the same with every JPEG decoder."""
    shapes = [str(tuple(item.image.shape)) for item in (before, after)]
    box = f"box, as left, top, right, bottom: {list(before.box)} → {list(after.box)}"
    lines = [
        f"image: {' → '.join(shapes)}",
        box + (" (unchanged)" if after.box == before.box else ""),
        f"mask: {before.percent} % of the pixels → {after.percent} %",
    ]
    if after.box_is_empty:
        lines.append("nothing is left in the box; v2.SanitizeBoundingBoxes() would drop it")
    if before.image.shape == after.image.shape and torch.equal(before.image, after.image):
        lines.append("this time the image is as it was")
    return lines


def draw_change(before: Labelled, after: Labelled | None) -> Figure:
    """Draw both images side by side, a pixel as large in one as in the other.

    `after` is None where torchvision refused.
    """
    shown = [before, *([after] if after else [])]
    rows = max(item.size[0] for item in shown)
    pixel = min(LARGEST_PIXEL, WIDEST / sum(item.size[1] for item in shown), HIGHEST / rows)
    lefts = [LEFT, LEFT + before.size[1] * pixel + BETWEEN]
    wide = lefts[1] + max(REFUSED, after.size[1] * pixel if after else 0) + RIGHT
    high = TOP + rows * pixel + BOTTOM
    figure = Figure(figsize=(wide, high), facecolor=PAPER)
    for item, name, left in zip(shown, ("before", "after"), lefts, strict=False):
        tall, broad = (max(size * pixel, SMALLEST_SIDE) for size in item.size)
        corner_and_size = (left / wide, 1 - (TOP + tall) / high, broad / wide, tall / high)
        _draw(figure.add_axes(corner_and_size), item, name, labelled=min(tall, broad) > LABELLED)
    if after is None:
        words = "after: none\n\ntorchvision refuses\n(see the message)"
        look: Look = {"ha": "left", "va": "top", "size": TEXT, "color": INK}
        figure.text(lefts[1] / wide, 1 - TOP / high, words, **look)
    handles = [Line2D([], [], label=name, **look) for name, look in (("box", BOX), ("mask", MASK))]
    figure.legend(handles=handles, loc="lower left", ncols=2, frameon=False, fontsize=SMALL)
    return finish(figure, sentences(before, after))


def _draw(axes: Axes, item: Labelled, name: str, labelled: bool) -> None:
    """Draw the image, its box as a solid line and the outline of its mask as a dashed one."""
    rows, columns = item.size
    extent = (0, columns, rows, 0)
    grey: Look = {"cmap": "gray", "vmin": 0, "vmax": 255}
    axes.imshow(item.image.movedim(0, -1).squeeze(-1).numpy(), extent=extent, aspect="auto", **grey)
    _outline(axes, item.mask)
    if not item.box_is_empty:
        left, top, right, bottom = item.box
        corners = ([left, right, right, left, left], [top, top, bottom, bottom, top])
        axes.plot(*corners, path_effects=HALO, solid_joinstyle="miter", clip_on=False, **BOX)
    axes.set_title(f"{name}: {rows} × {columns}", loc="left", fontsize=TEXT, color=INK, pad=4)
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.set(xticks=[0, columns] if labelled else [], yticks=[0, rows] if labelled else [])
    axes.tick_params(labelsize=SMALLEST, colors=QUIET)
    for side in axes.spines.values():
        side.set_color(LINE)


def _outline(axes: Axes, mask: torch.Tensor) -> None:
    """Draw where the mask ends; at the border of the image it ends too."""
    if not mask.any():
        return
    step = max(1, max(mask.shape) // 320)  # an outline finer than the screen only costs time
    thin = functional.pad(mask[::step, ::step].float(), (1, 1, 1, 1))
    rows, columns = ((torch.arange(size) - 0.5) * step for size in thin.shape)
    rows, columns = rows.clamp(0, mask.shape[0]), columns.clamp(0, mask.shape[1])
    look: Look = {"colors": [MASK["color"]], "linestyles": MASK["linestyle"]}
    lines = axes.contour(columns, rows, thin, levels=[0.5], linewidths=MASK["linewidth"], **look)
    lines.set_path_effects(HALO)


def sentences(before: Labelled, after: Labelled | None) -> list[str]:
    """Return what the picture shows."""
    lines = [f"Left, before: {_words(before)}"]
    if after is None:
        return [*lines, "There is no picture after it."]
    return [*lines, f"Right, after: {_words(after)}", "Both are drawn in one scale."]


def _words(item: Labelled) -> str:
    colours = "in colour" if len(item.image) == 3 else "in grey"
    left, top, right, bottom = item.box
    box = f"columns {left} to {right}, rows {top} to {bottom}"
    if item.box_is_empty:
        box = "nothing is left of it"
    return (
        f"{item.size[0]} × {item.size[1]} pixels {colours}. Box, a solid line: {box}. "
        f"Mask, a dashed outline: {item.percent} % of the pixels."
    )


def _attach(explorer: Explorer, before: Labelled) -> None:
    """Make the controls and connect them; each transform brings its own."""
    import ipywidgets

    names = ipywidgets.Dropdown(options=list(TRANSFORMS), value=FIRST, description="transform")
    seed = ipywidgets.IntSlider(min=0, max=SEEDS, value=FIRST_SEED, description="seed")
    own: dict[str, ipywidgets.ValueWidget] = {}

    def update(change: object = None) -> None:
        values = {name: control.value for name, control in own.items()}
        explorer.draw(picture(before, names.value, values, seed.value))

    def choose(change: object = None) -> None:
        nonlocal own
        own = {item.name: _control(item) for item in TRANSFORMS[names.value].parameters}
        for control in own.values():
            control.observe(update, names="value")
        seed.layout.display = None if TRANSFORMS[names.value].random else "none"
        explorer.attach({"transform": names, "seed": seed, **own})

    def choose_and_update(change: object) -> None:
        choose()
        update()

    choose()
    names.observe(choose_and_update, names="value")
    seed.observe(update, names="value")


def _control(parameter: Parameter) -> "ipywidgets.ValueWidget":
    """Return a slider for numbers, and a list to choose from for everything else."""
    import ipywidgets

    numbers = all(type(value) in (int, float) for value in parameter.values)
    kind = ipywidgets.SelectionSlider if numbers else ipywidgets.Dropdown
    options = [(str(value), value) for value in parameter.values]
    return kind(options=options, value=parameter.start, description=parameter.name)
