"""The explorer for transforms: sizes, boxes and masks as torchvision gives them."""

import ast
import math

import matplotlib.pyplot as plt
import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from helpers import data, explore, plot
from helpers.explore import _transforms as transforms
from helpers.explore._explorer import Explorer
from helpers.explore._transform_catalogue import KEEP_THE_SHAPE, TRANSFORMS, code, make
from helpers.explore._transforms import Labelled, draw_change

BOX = (63, 29, 373, 393)


@pytest.fixture(scope="module")
def before() -> Labelled:
    return transforms.tower()


def test_box_and_mask_are_around_the_tower(before: Labelled) -> None:
    assert before.size == (427, 640) and before.box == BOX
    rows, columns = torch.nonzero(before.mask, as_tuple=True)
    edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert tuple(map(int, edges)) == BOX
    share = before.mask.double().mean().item()
    assert before.percent == round(100 * share) == 24


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_code_in_words_makes_the_same_transform(name: str, before: Labelled) -> None:
    line = code(name, TRANSFORMS[name].start())
    call = ast.parse(line, mode="eval").body
    assert all(keyword.arg for keyword in call.keywords)
    written = eval(line, {"v2": v2})
    image = torch.arange(3 * 40 * 60).reshape(3, 40, 60).to(torch.uint8)
    results = []
    for transform in (written, make(name, TRANSFORMS[name].start())):
        torch.manual_seed(5)
        try:
            results.append(transform(image))
        except ValueError as problem:
            results.append(str(problem))
    assert type(results[0]) is type(results[1])
    same = torch.equal if isinstance(results[0], torch.Tensor) else str.__eq__
    assert same(*results)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_keeps_image_box_and_mask_together(name: str, before: Labelled) -> None:
    after = transforms.apply(before, name, TRANSFORMS[name].start(), 3)
    assert after.mask.shape == after.image.shape[-2:]
    left, top, right, bottom = after.box
    assert 0 <= left <= right <= after.size[1] and 0 <= top <= bottom <= after.size[0]
    rows, columns = torch.nonzero(after.mask, as_tuple=True)
    # What is left of the tower lies in its box; an interpolation may move it by a few pixels.
    assert left - 8 <= columns.min() and columns.max() <= right + 8
    assert top - 8 <= rows.min() and rows.max() <= bottom + 8


def test_flips_mirror_the_box(before: Labelled) -> None:
    across = transforms.apply(before, "RandomHorizontalFlip", {"p": 1.0}, 0)
    assert across.box == (640 - 373, 29, 640 - 63, 393)
    assert torch.equal(across.image, before.image.flip(-1))
    assert torch.equal(across.mask, before.mask.flip(-1))
    never = transforms.picture(before, "RandomHorizontalFlip", {"p": 0.0}, 0)
    assert never.sentences[-1] == "this time the image is as it was"


@pytest.mark.parametrize(("padding", "fill"), [(0, 0), (25, 255), (200, 64)])
def test_padding_shifts_the_box(before: Labelled, padding: int, fill: int) -> None:
    values = {"padding": padding, "padding_mode": "constant", "fill": fill}
    after = transforms.apply(before, "Pad", values, 0)
    assert after.size == (427 + 2 * padding, 640 + 2 * padding)
    assert after.box == tuple(side + padding for side in BOX)
    assert padding == 0 or (after.image[:, 0, 0] == fill).all()
    border = after.mask.numel() - before.mask.numel()
    # A fill that is one number is given to the mask too, where all but 0 is True.
    covered = int(before.mask.sum()) + (border if fill else 0)
    assert int(after.mask.sum()) == covered
    said = [
        line for line in transforms.picture(before, "Pad", values, 0).sentences if "spare" in line
    ]
    assert len(said) == bool(fill)


def test_the_cure_for_the_mask_works(before: Labelled) -> None:
    mask = tv_tensors.Mask(before.mask)
    spared = v2.Pad(50, fill={tv_tensors.Image: 255, "others": 0})(mask)
    assert int(spared.sum()) == int(before.mask.sum())


def test_one_number_for_resize_keeps_the_shape(before: Labelled) -> None:
    values = {"height": 200, "width": KEEP_THE_SHAPE}
    made = transforms.picture(before, "Resize", values, 0)
    width = math.floor(640 * 200 / 427)
    assert "transform = v2.Resize(size=200)" in made.sentences
    assert f"image: (3, 427, 640) → (3, 200, {width})" in made.sentences
    assert not any("seed" in line for line in made.sentences)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("RandomCrop", {"height": 500, "width": 300, "padding": 0, "pad_if_needed": False}),
        ("GaussianBlur", {"kernel_size": 8, "smallest sigma": 1.0, "largest sigma": 5.0}),
        ("GaussianBlur", {"kernel_size": 9, "smallest sigma": 5.0, "largest sigma": 1.0}),
        ("Pad", {"padding": 50, "padding_mode": "reflect", "fill": 0}),
    ],
)
def test_what_torchvision_refuses_is_said_in_its_own_words(
    before: Labelled, name: str, values: dict[str, object]
) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        transforms.apply(before, name, values, 0)
    made = transforms.picture(before, name, values, 0)
    assert made.sentences[-1] == f"raises {caught.typename}: {caught.value}"
    assert made.figure.course_alternative.endswith("There is no picture after it.")


def test_a_box_that_is_cut_away_is_said(before: Labelled) -> None:
    corner = Labelled(before.image, (0, 0, 5, 5), before.mask)
    made = transforms.picture(corner, "CenterCrop", {"height": 50, "width": 50}, 0)
    assert "nothing is left in the box; v2.SanitizeBoundingBoxes() would drop it" in made.sentences
    assert "nothing is left of it" in made.figure.course_alternative


def test_an_empty_mask_and_a_grey_image_can_be_drawn() -> None:
    grey = torch.zeros(1, 30, 40, dtype=torch.uint8)
    nothing = Labelled(grey, (0, 0, 0, 0), torch.zeros(30, 40, dtype=torch.bool))
    figure = draw_change(nothing, nothing)
    assert "30 × 40 pixels in grey" in plot.describe(figure)
    assert "0 % of the pixels" in plot.describe(figure)
    assert plot.png(figure).startswith(b"\x89PNG")


def test_it_starts_with_a_random_crop() -> None:
    explorer = explore.transforms()
    assert explorer.sentences[0] == (
        "transform = v2.RandomResizedCrop(size=(250, 250), scale=(0.3, 1.0))"
    )
    assert explorer.sentences[1] == "torch.manual_seed(1)"
    torch.manual_seed(1)
    image = v2.RandomResizedCrop(size=(250, 250), scale=(0.3, 1.0))(data.photograph())
    assert f"image: (3, 427, 640) → {tuple(image.shape)}" in explorer.sentences


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """One explorer that goes from transform to transform, as a reader does."""
    return explore.transforms()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_controls_are_the_parameters_of_the_choice(name: str, explorer: Explorer) -> None:
    kept = explorer.controls["transform"], explorer.controls["seed"]
    explorer.controls["transform"].value = name
    own = [parameter.name for parameter in TRANSFORMS[name].parameters]
    assert list(explorer.controls) == ["transform", "seed", *own]
    assert (explorer.controls["transform"], explorer.controls["seed"]) == kept
    panel, *_ = explorer._widget.children
    assert panel.children == tuple(explorer.controls.values())
    hidden = explorer.controls["seed"].layout.display == "none"
    assert hidden == (not TRANSFORMS[name].random)
    assert f"v2.{name}(" in explorer.sentences[0]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_parameter_changes_the_code(name: str) -> None:
    start = TRANSFORMS[name].start()
    for parameter in TRANSFORMS[name].parameters:
        assert parameter.start in parameter.values
        lines = {code(name, start | {parameter.name: value}) for value in parameter.values}
        assert len(lines) == len(parameter.values), parameter.name


def test_another_seed_and_another_value_change_words_and_picture() -> None:
    explorer = explore.transforms()
    for name, value in (("seed", 2), ("height", 100), ("ratio", "1:1")):
        before = explorer.text, explorer.png
        explorer.controls[name].value = value
        assert explorer.text != before[0] and explorer.png != before[1]


def test_transforming_leaves_chance_image_and_figures_alone(before: Labelled) -> None:
    state, image, mask = torch.get_rng_state(), before.image.clone(), before.mask.clone()
    for name in ("RandomErasing", "ColorJitter", "RandomAffine"):
        transforms.picture(before, name, TRANSFORMS[name].start(), 4)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(before.image, image) and torch.equal(before.mask, mask)
    assert plt.get_fignums() == []
