"""The explorer for transforms: the photograph, a box and a mask before and after."""

import warnings
from typing import TYPE_CHECKING

import torch
from PIL import Image, ImageDraw

from helpers import data
from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.explore._labelled import Labelled, draw_change
from helpers.explore._transform_catalogue import TRANSFORMS, Parameter, code, make

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


def apply(before: Labelled, name: str, values: dict[str, object], seed: int) -> Labelled:
    """Return what the transform makes of image, box and mask; the caller's chance is untouched.

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


def picture(before: Labelled, name: str, values: dict[str, object], seed: int) -> Picture:
    """Draw what the transform called `name` does with these values, and say it in words."""
    lines = [f"transform = {code(name, values)}"]
    if TRANSFORMS[name].chance:
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
    """Return sizes, box and mask as whole numbers, the same with every JPEG decoder."""
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
        seed.layout.display = None if TRANSFORMS[names.value].chance else "none"
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
