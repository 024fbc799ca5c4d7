"""Grids of images: of any kind that holds pixels, with titles of any kind."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from helpers import plot

GREY = torch.arange(2 * 4 * 5).reshape(2, 4, 5) / 39
COLOUR = torch.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5) / 119


def drawn(figure: Figure) -> list[np.ndarray]:
    """Return the pixels of each image of a grid."""
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]


def titles_of(figure: Figure) -> list[str]:
    return [axes.get_title() for axes in figure.axes]


def test_image_grid_takes_grey_and_colour_alike() -> None:
    grey = plot.describe(plot.image_grid(torch.ones(2, 1, 5, 4), titles=[7, 8]))
    assert grey.splitlines()[0] == "2 grey images of 5 × 4 pixels, 2 in a row, values 1 to 1."
    assert grey.splitlines()[1] == "Mean of each: 7: 1, 8: 1."
    colour = torch.full((1, 3, 5, 4), 255, dtype=torch.uint8)
    assert plot.describe(plot.image_grid(colour)).startswith("1 colour image of 5 × 4 pixels")


@pytest.mark.parametrize(
    "images",
    [
        GREY[:, None],
        GREY[..., None],
        GREY.numpy(),
        GREY.tolist(),
        list(GREY),
        tuple(GREY.numpy()),
        list(GREY[:, None]),
        list(GREY[..., None]),
        GREY.clone().requires_grad_(),
        GREY.to_sparse(),
        torch.nn.Parameter(GREY),
    ],
)
def test_every_form_of_grey_images_is_drawn_alike(images: object) -> None:
    expected = plot.image_grid(GREY)
    made = plot.image_grid(images)
    assert plot.describe(made) == plot.describe(expected)
    assert plot.png(made) == plot.png(expected)


@pytest.mark.parametrize(
    "images",
    [
        COLOUR.movedim(1, -1),
        COLOUR.numpy(),
        COLOUR.movedim(1, -1).numpy(),
        list(COLOUR),
        [image.movedim(0, -1).numpy() for image in COLOUR],
    ],
)
def test_every_form_of_colour_images_is_drawn_alike(images: object) -> None:
    expected = plot.image_grid(COLOUR)
    made = plot.image_grid(images)
    assert plot.describe(made) == plot.describe(expected)
    assert plot.png(made) == plot.png(expected)
    assert drawn(made)[0].shape == (4, 5, 3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64, torch.uint8])
@pytest.mark.parametrize("images", [GREY, COLOUR])
def test_every_dtype_of_pixels_is_drawn(images: torch.Tensor, dtype: torch.dtype) -> None:
    values = (images * 255).to(dtype) if dtype == torch.uint8 else images.to(dtype)
    made = plot.image_grid(values)
    for position, pixels in enumerate(drawn(made)):
        expected = values[position].double()
        expected = expected.movedim(0, -1) if expected.dim() == 3 else expected
        assert np.array_equal(pixels, expected.numpy())
    assert plot.png(made).startswith(b"\x89PNG")


def test_masks_and_wide_integers_are_drawn() -> None:
    for dtype in (torch.bool, torch.int64, torch.uint16, torch.float8_e4m3fn):
        for shape in ((2, 4, 4), (2, 3, 4, 4)):
            figure = plot.image_grid(torch.ones(shape).to(dtype))
            assert plot.png(figure).startswith(b"\x89PNG")
            assert "values 1 to 1." in plot.describe(figure)


def test_images_of_different_sizes_are_drawn_side_by_side() -> None:
    images = [torch.zeros(4, 5), np.ones((3, 2, 2)), Image.new("L", (7, 6), 255)]
    figure = plot.image_grid(images, ["a", "b", "c"])
    assert [pixels.shape for pixels in drawn(figure)] == [(4, 5), (2, 2, 3), (6, 7)]
    assert plot.describe(figure).splitlines() == [
        "3 grey and colour images of 4 × 5, 2 × 2 and 6 × 7 pixels, 3 in a row, values 0 to 255.",
        "Mean of each: a: 0, b: 1, c: 255.",
    ]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "YCbCr"])
def test_pil_images_of_every_mode_are_drawn(mode: str) -> None:
    picture = Image.new(mode, (5, 4))
    grey = mode in ("1", "L", "LA", "I", "F")
    for images in (picture, [picture, picture]):
        pixels = drawn(plot.image_grid(images))[0]
        assert pixels.shape == ((4, 5) if grey else (4, 5, 3))


def test_grey_images_share_one_scale() -> None:
    figure = plot.image_grid([torch.zeros(2, 2), torch.full((2, 2), 0.5), torch.ones(2, 2)])
    assert {image.get_clim() for axes in figure.axes for image in axes.images} == {(0.0, 1.0)}


@pytest.mark.parametrize(
    ("titles", "written"),
    [
        (torch.tensor([3, 5]), ["3", "5"]),
        (torch.tensor([[3], [5]]), ["3", "5"]),
        (torch.tensor([0.25, 190.2]), ["0.25", "190"]),
        (torch.tensor([True, False]), ["True", "False"]),
        (np.array([3, 5]), ["3", "5"]),
        (np.array(["tea", "milk"]), ["tea", "milk"]),
        ([torch.tensor(3), np.float32(0.5)], ["3", "0.5"]),
        ([0.1, None], ["0.1", ""]),
        (("a", 7), ["a", "7"]),
        (range(2), ["0", "1"]),
        ({"a": 1, "b": 2}, ["a", "b"]),
        ((letter for letter in "ab"), ["a", "b"]),
        (["$x^2$", r"$\frac{1$"], ["$x^2$", r"\$\frac{1\$"]),
        (["a\0b", "x" * 400], ["a\N{REPLACEMENT CHARACTER}b", "x" * 299 + "…"]),
    ],
)
def test_titles_of_any_kind_are_written(titles: object, written: list[str]) -> None:
    figure = plot.image_grid(GREY, titles)
    assert titles_of(figure) == written
    figure.draw_without_rendering()
    each = zip(written, ("0.244", "0.756"), strict=True)
    assert plot.describe(figure).endswith(
        f"Mean of each: {', '.join(f'{title}: {mean}' for title, mean in each)}."
    )


def test_one_image_takes_its_title_alone() -> None:
    assert titles_of(plot.image_grid(GREY[:1], "tea")) == ["tea"]
    assert titles_of(plot.image_grid(GREY[:1], torch.tensor(3))) == ["3"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot.image_grid(GREY, []), ValueError, "0 titles for 2 images"),
        (lambda: plot.image_grid(GREY, torch.arange(3)), ValueError, "3 titles for 2 images"),
        (lambda: plot.image_grid(GREY, iter(int, 1)), ValueError, "640 titles for 2 images"),
        (lambda: plot.image_grid(GREY, 5), TypeError, "titles is 5; give a list with one title"),
        (lambda: plot.image_grid(GREY, columns=0), ValueError, "columns=0 is too small"),
        (lambda: plot.image_grid(GREY, columns="8"), TypeError, "columns must be an integer"),
        (lambda: plot.image_grid(None), TypeError, "images is None; give a tensor, a NumPy array"),
        (lambda: plot.image_grid("cat.png"), TypeError, "images is 'cat.png'; give a tensor"),
        (lambda: plot.image_grid([GREY[0], None]), TypeError, r"images\[1\] is None"),
        (lambda: plot.image_grid([COLOUR]), ValueError, r"images\[0\] has shape \(2, 3, 4, 5\)"),
        (lambda: plot.image_grid([]), ValueError, "0 images cannot be drawn"),
        (lambda: plot.image_grid(list(torch.ones(65, 2, 2))), ValueError, "65 images cannot be"),
        (lambda: plot.image_grid(torch.ones(2, 4, 5, 5)), ValueError, r"images have shape \(2, 4"),
        (lambda: plot.image_grid(torch.ones(2, 0, 5)), ValueError, "0 × 5 pixels cannot be drawn"),
        (lambda: plot.image_grid(torch.ones(2, 4, 4) * 1j), ValueError, "complex images"),
        (lambda: plot.image_grid(GREY.to("meta")), ValueError, "images is on the meta device"),
        (lambda: plot.image_grid(COLOUR * torch.nan), ValueError, "0 and 1 and not be nan"),
        (lambda: plot.image_grid((COLOUR * 999).int()), ValueError, "integers must lie in 0 to"),
        (lambda: plot.image_grid(torch.zeros(()).expand(2, 9**5, 9**5)), ValueError, "59049 × "),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


def test_values_that_are_not_finite_are_counted_and_left_out_of_the_scale() -> None:
    images = GREY.clone()
    images[0, 0, 0], images[1, 0, 0] = torch.nan, torch.inf
    figure = plot.image_grid(images)
    assert "values 0.0256 to 1, 2 of them not finite." in plot.describe(figure)
    assert figure.axes[0].images[0].get_clim()[1] == 1
    nothing = plot.describe(plot.image_grid(torch.full((1, 2, 2), torch.nan)))
    assert "values none finite, 4 of them not finite." in nothing and nothing.endswith(": none.")


@pytest.mark.parametrize(
    ("count", "columns", "shape"),
    [(1, 8, (1, 1)), (8, 8, (1, 8)), (9, 8, (2, 8)), (5, 2, (3, 2)), (3, 10**30, (1, 3))],
)
def test_images_are_drawn_in_rows(count: int, columns: int, shape: tuple[int, int]) -> None:
    figure = plot.image_grid(torch.rand(count, 2, 2), columns=columns)
    assert figure.axes[0].get_gridspec().get_geometry() == shape
    assert f", {shape[1]} in a row, " in plot.describe(figure)


def test_the_images_of_the_caller_stay_as_they_are() -> None:
    images, before = COLOUR.clone().requires_grad_(), COLOUR.clone()
    plot.image_grid(images)
    assert torch.equal(images, before) and images.requires_grad
