"""The explorer for convolutions: sizes as PyTorch gives them, and controls really moved."""

from itertools import combinations, product

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from torch import nn

from helpers import data, explore, plot
from helpers.explore import _convolution as convolution
from helpers.explore._explorer import Explorer

TOWER, ROOF = convolution.IMAGES
PLAIN = {"stride": 1, "padding": 0, "dilation": 1}


def explorer_on(image: str, **values: object) -> Explorer:
    explorer = explore.convolution()
    explorer.controls["image"].value = image
    for name, value in values.items():
        explorer.controls[name].value = value
    return explorer


@pytest.mark.parametrize(
    ("stride", "padding", "dilation"), list(product((1, 2, 3), (0, 1, 4), (1, 2, 5)))
)
@pytest.mark.parametrize("kernel", ["sharpen", "blur 5 × 5"])
def test_the_formula_is_the_size_that_pytorch_gives(
    kernel: str, stride: int, padding: int, dilation: int
) -> None:
    image = torch.zeros(31, 44)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    state, answer = convolution.convolve(image, kernel, **options)
    size = len(convolution.KERNELS[kernel])
    module = nn.Conv2d(1, 1, size, **options)
    expected = tuple(module(image[None, None]).shape[2:])
    assert tuple(state.output.shape) == expected
    assert answer == f"conv2d gives {expected[0]} × {expected[1]}"
    for length, result in zip(image.shape, expected, strict=True):
        assert convolution.output_size(length, size, **options) == result


def test_the_formula_is_shown_with_its_numbers() -> None:
    explorer = explorer_on(TOWER, stride=2, padding=3, dilation=4)
    assert "rows:    floor((80 + 2·3 - 4·(3 - 1) - 1) / 2) + 1 = 39" in explorer.sentences
    assert "columns: floor((90 + 2·3 - 4·(3 - 1) - 1) / 2) + 1 = 44" in explorer.sentences
    assert "conv2d gives 39 × 44" in explorer.sentences
    assert "Output: 39 × 44, " in explorer.text


@pytest.mark.parametrize(
    "values",
    [
        {"stride": 0},
        {"padding": -1},
        {"dilation": 0},
        {"dilation": 4},
        {"kernel": "blur 5 × 5", "dilation": 2},
    ],
)
def test_what_pytorch_refuses_is_said_in_its_own_words(values: dict[str, object]) -> None:
    chosen = {"kernel": "vertical edges"} | PLAIN | values
    made = convolution.picture(*convolution.convolve(convolution.photographs()[ROOF], **chosen), 0)
    options = {name: value for name, value in chosen.items() if name != "kernel"}
    size = len(convolution.KERNELS[chosen["kernel"]])
    with pytest.raises(RuntimeError) as caught:
        nn.functional.conv2d(torch.zeros(1, 1, 6, 7), torch.zeros(1, 1, size, size), **options)
    assert f"conv2d raises RuntimeError: {caught.value}" in made.sentences
    assert made.figure.course_alternative.endswith("There is no output.")
    made.figure.draw_without_rendering()


def test_after_a_refusal_there_is_an_output_again() -> None:
    explorer = explorer_on(TOWER, stride=0)
    assert explorer.text.endswith("There is no output.")
    for name, value in (PLAIN | {"kernel": "sharpen"}).items():
        explorer.controls[name].value = value
    assert "conv2d gives 78 × 88" in explorer.sentences


@pytest.mark.parametrize("name", ["image", "kernel", "stride", "padding", "dilation", "pixel"])
def test_every_control_changes_words_and_picture(name: str) -> None:
    explorer = explorer_on(TOWER)
    before = explorer.text, explorer.png
    control = explorer.controls[name]
    others = {"image": ROOF, "kernel": "blur"}
    control.value = others[name] if name in others else control.value + 1
    assert explorer.text != before[0] and explorer.png != before[1]


def test_the_framed_pixel_is_computed_in_words() -> None:
    explorer = explorer_on(ROOF, kernel="sharpen", padding=1, stride=2, dilation=2)
    explorer.controls["pixel"].value = 0
    image = convolution.photographs()[ROOF]
    padded = nn.functional.pad(image, (1, 1, 1, 1))
    centre, right, below = (int(padded[place]) for place in ((2, 2), (2, 4), (4, 2)))
    total = 5 * centre - right - below
    assert (
        f"output[0, 0] = (-1)·0 + (-1)·0 + 5·{centre} + (-1)·{right} + (-1)·{below} = {total}"
        in explorer.sentences
    )
    assert "Framed: output pixel [0, 0]" in explorer.text


@pytest.mark.parametrize("kernel", convolution.KERNELS)
@pytest.mark.parametrize("options", [PLAIN, {"stride": 2, "padding": 3, "dilation": 2}])
def test_the_window_makes_the_output_pixel(kernel: str, options: dict[str, int]) -> None:
    state, _ = convolution.convolve(convolution.photographs()[TOWER], kernel, **options)
    for row, column in product((0, 3, state.output.shape[0] - 1), (0, state.output.shape[1] - 1)):
        at = convolution.replace(state, position=(row, column))
        total = (convolution.window(at) * at.kernel).sum()
        assert torch.isclose(total, at.output[row, column], atol=1e-2)


def test_the_pixel_slider_fits_the_output_and_starts_in_the_middle() -> None:
    explorer = explorer_on(ROOF, padding=0)
    assert explorer.controls["pixel"].max == 4 * 5 - 1
    assert "Framed: output pixel [2, 2]" in explorer.text
    explorer.controls["pixel"].value = 19
    assert "Framed: output pixel [3, 4]" in explorer.text
    explorer.controls["stride"].value = 0
    assert explorer.controls["pixel"].max == 0


def test_kernels_do_what_their_names_say() -> None:
    image = convolution.photographs()[TOWER]
    outputs = {
        name: convolution.convolve(image, name, **PLAIN)[0].output for name in convolution.KERNELS
    }
    assert torch.equal(outputs["identity"], image[1:-1, 1:-1])
    assert (
        outputs["blur 5 × 5"].std() < outputs["blur"].std() < image.std() < outputs["sharpen"].std()
    )
    stripes = torch.tensor([0.0, 0.0, 255.0, 255.0]).repeat(6, 2)  # vertical
    across, _ = convolution.convolve(stripes, "vertical edges", **PLAIN)
    along, _ = convolution.convolve(stripes, "horizontal edges", **PLAIN)
    assert across.output.abs().max() == 4 * 255 and along.output.abs().max() == 0


def test_the_photographs_are_whole_grey_levels_of_the_photograph() -> None:
    images = convolution.photographs()
    assert [tuple(image.shape) for image in images.values()] == [(80, 90), (6, 7)]
    for image in images.values():
        assert torch.equal(image, image.round()) and image.min() >= 0 and image.max() <= 255
    top = data.photograph()[:, 10:14, 50:54].double().mean((1, 2))
    luma = float((top * torch.tensor(convolution.GREY).double()).sum())
    assert abs(images[TOWER][0, 0].item() - luma) <= 0.51


def test_drawing_leaves_the_image_as_it_was() -> None:
    image = convolution.photographs()[ROOF]
    before = image.clone()
    state, answer = convolution.convolve(image, "emboss", **PLAIN)
    convolution.picture(state, answer, 0)
    assert torch.equal(image, before)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("image", convolution.IMAGES)
@pytest.mark.parametrize("kernel", ["emboss", "blur 5 × 5"])
@pytest.mark.parametrize("options", [PLAIN, {"stride": 3, "padding": 8, "dilation": 2}])
def test_texts_are_readable_and_apart_and_the_picture_is_small(
    image: str, kernel: str, options: dict[str, int]
) -> None:
    state, answer = convolution.convolve(convolution.photographs()[image], kernel, **options)
    figure = convolution.picture(state, answer, 0).figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [(text, text.get_window_extent(renderer)) for text in figure.axes[0].texts]
    for text, place in texts:
        assert text.get_fontsize() >= 9
        assert place.x0 >= -1 and place.x1 <= figure.bbox.x1 + 1, text.get_text()
    for (text, place), (other_text, other) in combinations(texts, 2):
        overlap_x = min(place.x1, other.x1) - max(place.x0, other.x0)
        overlap_y = min(place.y1, other.y1) - max(place.y0, other.y0)
        assert min(overlap_x, overlap_y) < 1, (text.get_text(), other_text.get_text())
    assert len(plot.png(figure)) <= 100_000
