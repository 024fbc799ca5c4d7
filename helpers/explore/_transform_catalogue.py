"""The transforms that the explorer offers, each with its own parameters and their values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torchvision.transforms import v2

SIZES = (1, *range(50, 801, 50))
SHARES = tuple(round(0.1 * tenth, 1) for tenth in range(11))
TENTHS_OF_TWO = tuple(round(0.1 * tenth, 1) for tenth in range(21))
KEEP_THE_SHAPE = "follows"
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One control: how it is called, the values it offers, and the one it starts with."""

    name: str
    values: tuple
    start: object


@dataclass(frozen=True)
class Transformation:
    """A class of `torchvision.transforms.v2`, as the explorer offers it.

    `arguments` makes the keyword arguments from the values of the controls, in their
    order; `random` says whether two calls may differ.
    """

    parameters: tuple[Parameter, ...]
    arguments: Callable[..., Arguments]
    random: bool = True

    def start(self) -> Arguments:
        """Return the value each control starts with, by its name."""
        return {parameter.name: parameter.start for parameter in self.parameters}


def code(name: str, values: Arguments) -> str:
    """Return the line that makes the transform: `v2.CenterCrop(size=(200, 300))`."""
    arguments = TRANSFORMS[name].arguments(*values.values())
    written = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return f"v2.{name}({written})"


def make(name: str, values: Arguments) -> "v2.Transform":
    """Return the transform itself. Raises what torchvision raises for values it refuses."""
    from torchvision.transforms import v2

    return getattr(v2, name)(**TRANSFORMS[name].arguments(*values.values()))


def _size(height: int, width: int) -> tuple[Parameter, Parameter]:
    return (Parameter("height", SIZES, height), Parameter("width", SIZES, width))


def _resized(height: int, width: int | str) -> Arguments:
    return {"size": height if width == KEEP_THE_SHAPE else (height, width)}


def _crop(height: int, width: int, padding: int, pad_if_needed: bool) -> Arguments:
    given: Arguments = {"size": (height, width)}
    given |= {"padding": padding} if padding else {}
    return given | ({"pad_if_needed": True} if pad_if_needed else {})


def _resized_crop(height: int, width: int, least: float, most: float, ratio: str) -> Arguments:
    given: Arguments = {"size": (height, width), "scale": (least, most)}
    return given if ratio == "3:4 to 4:3" else given | {"ratio": RATIOS[ratio]}


def _rotation(degrees: int, expand: bool, fill: int) -> Arguments:
    given: Arguments = {"degrees": degrees}
    given |= {"expand": True} if expand else {}
    return given | ({"fill": fill} if fill else {})


def _affine(degrees: int, shift: float, least: float, most: float, shear: int) -> Arguments:
    given: Arguments = {"degrees": degrees, "translate": (shift, shift), "scale": (least, most)}
    return given | ({"shear": shear} if shear else {})


def _pad(padding: int, padding_mode: str, fill: int) -> Arguments:
    if padding_mode == "constant":
        return {"padding": padding, "fill": fill}
    return {"padding": padding, "padding_mode": padding_mode}


def _named(*names: str) -> Callable[..., Arguments]:
    return lambda *values: dict(zip(names, values, strict=True))


RATIOS = {"3:4 to 4:3": (3 / 4, 4 / 3), "1:1": (1.0, 1.0), "1:3 to 3:1": (0.33, 3.0)}
P = Parameter("p", SHARES, 1.0)
FILL = Parameter("fill", (0, 64, 128, 192, 255), 0)
ANGLE = Parameter("degrees", tuple(range(0, 181, 5)), 30)

TRANSFORMS: dict[str, Transformation] = {
    "Resize": Transformation(
        (Parameter("height", SIZES, 200), Parameter("width", (KEEP_THE_SHAPE, *SIZES), 200)),
        _resized,
        random=False,
    ),
    "CenterCrop": Transformation(
        _size(300, 300), lambda height, width: {"size": (height, width)}, random=False
    ),
    "RandomCrop": Transformation(
        (
            *_size(200, 300),
            Parameter("padding", (0, 25, 50, 100, 200), 0),
            Parameter("pad_if_needed", (False, True), False),
        ),
        _crop,
    ),
    "RandomResizedCrop": Transformation(
        (
            *_size(250, 250),
            Parameter("smallest scale", (0.08, *SHARES[1:]), 0.3),
            Parameter("largest scale", (0.08, *SHARES[1:]), 1.0),
            Parameter("ratio", tuple(RATIOS), "3:4 to 4:3"),
        ),
        _resized_crop,
    ),
    "RandomHorizontalFlip": Transformation((P,), _named("p")),
    "RandomVerticalFlip": Transformation((P,), _named("p")),
    "RandomRotation": Transformation(
        (ANGLE, Parameter("expand", (False, True), False), FILL), _rotation
    ),
    "RandomAffine": Transformation(
        (
            ANGLE,
            Parameter("translate", SHARES[:6], 0.1),
            Parameter("smallest scale", TENTHS_OF_TWO[1:], 0.7),
            Parameter("largest scale", TENTHS_OF_TWO[1:], 1.0),
            Parameter("shear", tuple(range(0, 61, 5)), 20),
        ),
        _affine,
    ),
    "RandomPerspective": Transformation(
        (Parameter("distortion_scale", SHARES, 0.5), P), _named("distortion_scale", "p")
    ),
    "RandomZoomOut": Transformation(
        (Parameter("largest side", (1.0, 1.5, 2.0, 3.0), 2.0), P),
        lambda side, p: {"side_range": (1.0, side), "p": p},
    ),
    "ElasticTransform": Transformation(
        (Parameter("alpha", tuple(range(0, 501, 50)), 200), Parameter("sigma", (3, 5, 8, 12), 8)),
        lambda alpha, sigma: {"alpha": float(alpha), "sigma": float(sigma)},
    ),
    "Pad": Transformation(
        (
            Parameter("padding", (0, 10, 25, 50, 100, 200), 50),
            Parameter("padding_mode", ("constant", "edge", "reflect", "symmetric"), "constant"),
            FILL,
        ),
        _pad,
        random=False,
    ),
    "ColorJitter": Transformation(
        (
            Parameter("brightness", TENTHS_OF_TWO, 0.3),
            Parameter("contrast", TENTHS_OF_TWO, 0.3),
            Parameter("saturation", TENTHS_OF_TWO, 0.8),
            Parameter("hue", SHARES[:6], 0.3),
        ),
        _named("brightness", "contrast", "saturation", "hue"),
    ),
    "Grayscale": Transformation(
        (Parameter("num_output_channels", (1, 3), 1),), _named("num_output_channels"), random=False
    ),
    "GaussianBlur": Transformation(
        (
            # Even sizes are offered too: what torchvision says to them is worth reading once.
            Parameter("kernel_size", (1, 3, 5, 8, 9, 15, 21, 31), 15),
            Parameter("smallest sigma", (0.1, 0.5, 1.0, 2.0, 5.0, 10.0), 1.0),
            Parameter("largest sigma", (0.1, 0.5, 1.0, 2.0, 5.0, 10.0), 5.0),
        ),
        lambda size, least, most: {"kernel_size": size, "sigma": (least, most)},
    ),
    "RandomErasing": Transformation(
        (
            P,
            Parameter("smallest scale", (0.02, *SHARES[1:]), 0.1),
            Parameter("largest scale", (0.02, *SHARES[1:]), 0.3),
            Parameter("value", (0, 128, 255, "random"), 0),
        ),
        lambda p, least, most, value: {"p": p, "scale": (least, most), "value": value},
    ),
    "RandomInvert": Transformation((P,), _named("p")),
    "RandomPosterize": Transformation(
        (Parameter("bits", tuple(range(1, 9)), 2), P), _named("bits", "p")
    ),
    "RandomSolarize": Transformation(
        (Parameter("threshold", tuple(range(0, 257, 32)), 128), P), _named("threshold", "p")
    ),
    "RandomEqualize": Transformation((P,), _named("p")),
}
